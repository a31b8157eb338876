#include "CKernels.h"
#include "vector.h"
#include <math.h>

// The first element of a window that lies within the input, and the first after it that does not.
INLINE void inside(int64_t start, int64_t size, int64_t kernel, int64_t dilation, int64_t *from, int64_t *to) {
  int64_t end = start < size ? (size - start + dilation - 1) / dilation : 0;
  *from = start < 0 ? (-start + dilation - 1) / dilation : 0;
  *to = end < kernel ? end : kernel;
}

#define POOLING(S, T) \
  CLONES void nns_max_pool_##S(T *out, int64_t *ids, const T *x, const nns_window *w, nns_part part) { \
    int64_t height = w->in[1], width = w->in[2]; \
    for (int64_t c = 0; c < w->channels; c++, x += height * width) \
      for (int64_t oh = part.from; oh < part.to; oh++) { \
        int64_t top = oh * w->stride[1] - w->padding[1], low, high; \
        inside(top, height, w->kernel[1], w->dilation[1], &low, &high); \
        int64_t row = (c * w->out[1] + oh) * w->out[2]; \
        for (int64_t ow = part.left; ow < part.right; ow++) { \
          int64_t left = ow * w->stride[2] - w->padding[2], first, end; \
          inside(left, width, w->kernel[2], w->dilation[2], &first, &end); \
          T best = -INFINITY; \
          int64_t at = -1; \
          for (int64_t kh = low; kh < high; kh++) \
            for (int64_t kw = first; kw < end; kw++) { \
              int64_t place = (top + kh * w->dilation[1]) * width + left + kw * w->dilation[2]; \
              T value = x[place]; \
              if (at < 0 || value > best || (value != value && best == best)) { \
                best = value; \
                at = place; \
              } \
            } \
          out[row + ow] = best; \
          ids[row + ow] = at < 0 ? 0 : at; \
        } \
      } \
  } \
  CLONES void nns_resample_##S(T *out, const T *x, int64_t outer, int64_t in, int64_t count, int64_t inner, \
                               const nns_weights *w, nns_part part) { \
    for (int64_t o = 0; o < outer; o++, x += in * inner) \
      for (int64_t i = part.from; i < part.to; i++) { \
        const T *from = x + w->starts[i] * inner; \
        T *to = out + (o * count + i) * inner; \
        if (inner == 1) { \
          T total = 0; \
          for (int64_t k = 0; k < w->counts[i]; k++) total += (T)w->weights[i * w->most + k] * from[k]; \
          *to = total; \
          continue; \
        } \
        for (int64_t j = part.left; j < part.right; j++) to[j] = 0; \
        for (int64_t k = 0; k < w->counts[i]; k++, from += inner) { \
          T weight = (T)w->weights[i * w->most + k]; \
          for (int64_t j = part.left; j < part.right; j++) to[j] += weight * from[j]; \
        } \
      } \
  } \
  CLONES void nns_resample_back_##S(T *x, const T *out, int64_t outer, int64_t in, int64_t count, int64_t inner, \
                                    const nns_weights *w, nns_part part) { \
    for (int64_t o = 0; o < outer; o++, x += in * inner) \
      for (int64_t i = part.from; i < part.to; i++) { \
        const T *from = out + (o * count + i) * inner; \
        T *to = x + w->starts[i] * inner; \
        for (int64_t k = 0; k < w->counts[i]; k++, to += inner) { \
          T weight = (T)w->weights[i * w->most + k]; \
          for (int64_t j = part.left; j < part.right; j++) to[j] += weight * from[j]; \
        } \
      } \
  }
POOLING(f32, float)
POOLING(f64, double)
