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
  CLONES void nns_attention_back_##S(T *d, const T *p, int64_t rows, int64_t count, double scale) { \
    for (int64_t r = 0; r < rows; r++, d += count, p += count) { \
      T lanes[LANES] = {0}, total = 0, factor = (T)scale; \
      int64_t i = 0; \
      for (; i + LANES <= count; i += LANES) \
        for (int j = 0; j < LANES; j++) lanes[j] += d[i + j] * p[i + j]; \
      for (int j = 0; j < LANES; j++) total += lanes[j]; \
      for (; i < count; i++) total += d[i] * p[i]; \
      EACH(k, count) d[k] = factor * p[k] * (d[k] - total); \
    } \
  } \
  CLONES double nns_channel_sum_##S(const T *x, const double *mean, int64_t channel, int64_t channels, int64_t size, \
                                    nns_part part) { \
    double total = 0; \
    for (int64_t n = part.from; n < part.to; n++) { \
      const T *row = x + (n * channels + channel) * size; \
      double lanes[16] = {0}; \
      int64_t i = part.left; \
      if (mean) { \
        double m = mean[channel]; \
        for (; i + 16 <= part.right; i += 16) \
          for (int j = 0; j < 16; j++) lanes[j] += (row[i + j] - m) * (row[i + j] - m); \
        for (; i < part.right; i++) total += (row[i] - m) * (row[i] - m); \
      } else { \
        for (; i + 16 <= part.right; i += 16) \
          for (int j = 0; j < 16; j++) lanes[j] += row[i + j]; \
        for (; i < part.right; i++) total += row[i]; \
      } \
      for (int j = 0; j < 16; j++) total += lanes[j]; \
    } \
    return total; \
  } \
  CLONES void nns_channel_scale_##S(T *out, const T *x, const double *mean, const double *scale, const double *shift, \
                                    int64_t channels, int64_t size, nns_part part) { \
    for (int64_t r = part.from; r < part.to; r++) { \
      T m = (T)mean[r % channels], s = (T)scale[r % channels], b = (T)shift[r % channels]; \
      const T *from = x + r * size + part.left; \
      T *to = out + r * size + part.left; \
      EACH(i, part.right - part.left) to[i] = (from[i] - m) * s + b; \
    } \
  }
ATTENTION(f32, float)
ATTENTION(f64, double)
