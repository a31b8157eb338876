#include "CKernels.h"
#include "maths.h"

#define LANES 32

#define ATTENTION(S, T) \
  CLONES void nns_attention_##S(T *scores, int64_t rows, int64_t count, double scale, int64_t limit, \
                                const uint8_t *mask, int64_t row_stride, int64_t stride) { \
    for (int64_t r = 0; r < rows; r++, scores += count) { \
      int64_t n = limit >= 0 && limit + r < count ? limit + r : count; \
      if (mask) { \
        const uint8_t *flags = mask + r * row_stride; \
        for (int64_t i = 0; i < n; i++) scores[i] = flags[i * stride] ? scores[i] : (T)-INFINITY; \
      } \
      T lanes[LANES], most = (T)-INFINITY; \
      int64_t i = 0; \
      for (int j = 0; j < LANES; j++) lanes[j] = most; \
      for (; i + LANES <= n; i += LANES) \
        for (int j = 0; j < LANES; j++) lanes[j] = max_##S(lanes[j], scores[i + j]); \
      for (int j = 0; j < LANES; j++) most = max_##S(most, lanes[j]); \
      for (; i < n; i++) most = max_##S(most, scores[i]); \
      if (most == (T)-INFINITY) { \
        for (i = 0; i < count; i++) scores[i] = 0; \
        continue; \
      } \
      T total = 0, factor = (T)scale; \
      for (int j = 0; j < LANES; j++) lanes[j] = 0; \
      for (i = 0; i + LANES <= n; i += LANES) \
        for (int j = 0; j < LANES; j++) { \
          T e = exp_##S((scores[i + j] - most) * factor); \
          scores[i + j] = e; \
          lanes[j] += e; \
        } \
      for (int j = 0; j < LANES; j++) total += lanes[j]; \
      for (; i < n; i++) total += scores[i] = exp_##S((scores[i] - most) * factor); \
      T share = 1 / total; \
      EACH(k, n) scores[k] *= share; \
      for (i = n; i < count; i++) scores[i] = 0; \
    } \
  } \
  CLONES void nns_channel_moments_##S(double *mean, double *variance, const T *x, int64_t images, int64_t channels, \
                                      int64_t size, int64_t from, int64_t to) { \
    double number = (double)(images * size); \
    for (int64_t c = from; c < to; c++) { \
      double total = 0, squares = 0; \
      for (int64_t n = 0; n < images; n++) { \
        const T *row = x + (n * channels + c) * size; \
        double lanes[16] = {0}; \
        int64_t i = 0; \
        for (; i + 16 <= size; i += 16) \
          for (int j = 0; j < 16; j++) lanes[j] += row[i + j]; \
        for (int j = 0; j < 16; j++) total += lanes[j]; \
        for (; i < size; i++) total += row[i]; \
      } \
      double m = mean[c] = total / number; \
      for (int64_t n = 0; n < images; n++) { \
        const T *row = x + (n * channels + c) * size; \
        double lanes[16] = {0}; \
        int64_t i = 0; \
        for (; i + 16 <= size; i += 16) \
          for (int j = 0; j < 16; j++) lanes[j] += (row[i + j] - m) * (row[i + j] - m); \
        for (int j = 0; j < 16; j++) squares += lanes[j]; \
        for (; i < size; i++) squares += (row[i] - m) * (row[i] - m); \
      } \
      variance[c] = squares / number; \
    } \
  } \
  CLONES void nns_channel_scale_##S(T *out, const T *x, const double *mean, const double *scale, \
                                    const double *shift, int64_t images, int64_t channels, int64_t size) { \
    for (int64_t n = 0; n < images; n++) \
      for (int64_t c = 0; c < channels; c++, out += size, x += size) { \
        T m = (T)mean[c], s = (T)scale[c], b = (T)shift[c]; \
        EACH(i, size) out[i] = (x[i] - m) * s + b; \
      } \
  }
ATTENTION(f32, float)
ATTENTION(f64, double)
