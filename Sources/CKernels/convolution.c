#include "CKernels.h"
#include "vector.h"
#include <string.h>

// The first of the outputs left ..< right whose window's element lies within the input, and the first after it that does not.
INLINE void valid_range(int64_t in, nns_part part, int64_t stride, int64_t start, int64_t *from, int64_t *to) {
  int64_t first = start >= 0 ? 0 : (-start + stride - 1) / stride;
  int64_t end = in > start ? (in - start + stride - 1) / stride : 0;
  *to = end < part.left ? part.left : end < part.right ? end : part.right;
  *from = first < part.left ? part.left : first < *to ? first : *to;
}

// For i from `low` up to `high`, of arrays that do not overlap. Rows are short, so that the end is masked and not done one by one.
#define ALONG(i) \
  PRAGMA(clang loop vectorize(assume_safety) vectorize_predicate(enable) interleave(disable)) \
  for (int64_t i = low; i < high; i++)

// Goes through channels, kernel elements and the part's rows: `line` is the input's row or null where padding lies, `start`
// where it begins for output 0, `low` up to `high` are the outputs whose element lies within it.
#define EACH_ROW(T, BODY) \
  int64_t width = w->out[2], rows = w->out[0] * w->out[1], step = w->stride[2], inner = w->in[2]; \
  (void)width, (void)rows; \
  for (int64_t c = 0; c < w->channels; c++) \
    for (int64_t kd = 0; kd < w->kernel[0]; kd++) \
      for (int64_t kh = 0; kh < w->kernel[1]; kh++) \
        for (int64_t kw = 0; kw < w->kernel[2]; kw++) { \
          int64_t start = kw * w->dilation[2] - w->padding[2], low, high; \
          valid_range(inner, part, step, start, &low, &high); \
          int64_t depth = part.from / w->out[1], height = part.from % w->out[1]; \
          for (int64_t r = part.from; r < part.to; r++, height++) { \
            if (height == w->out[1]) height = 0, depth++; \
            int64_t d = depth * w->stride[0] - w->padding[0] + kd * w->dilation[0]; \
            int64_t h = height * w->stride[1] - w->padding[1] + kh * w->dilation[1]; \
            int inside = d >= 0 && d < w->in[0] && h >= 0 && h < w->in[1] && low < high; \
            T *line = inside ? x + ((c * w->in[0] + d) * w->in[1] + h) * inner : 0; \
            BODY \
          } \
        }

#define CONVOLUTION(S, T) \
  CLONES void nns_windows_##S(T *columns, const T *x, const nns_window *w, nns_part part) { \
    EACH_ROW(const T, \
      T *row = columns - part.left; \
      if (!line) { \
        memset(columns, 0, (size_t)(part.right - part.left) * sizeof(T)); \
      } else { \
        const T *base = line + start; \
        for (int64_t i = part.left; i < low; i++) row[i] = 0; \
        if (step == 1) memcpy(row + low, base + low, (size_t)(high - low) * sizeof(T)); \
        else if (step == 2) for (int64_t i = low; i < high; i++) row[i] = base[i * 2]; \
        else for (int64_t i = low; i < high; i++) row[i] = base[i * step]; \
        for (int64_t i = high; i < part.right; i++) row[i] = 0; \
      } \
      columns += part.right - part.left;) \
  } \
  CLONES void nns_windows_add_##S(T *x, const T *columns, const nns_window *w, nns_part part) { \
    EACH_ROW(T, \
      if (line) { \
        const T *row = columns - part.left; \
        T *base = line + start; \
        if (step == 1) ALONG(i) base[i] += row[i]; \
        else for (int64_t i = low; i < high; i++) base[i * step] += row[i]; \
      } \
      columns += part.right - part.left;) \
  }
CONVOLUTION(f32, float)
CONVOLUTION(f64, double)
