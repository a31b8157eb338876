#include "CKernels.h"
#include "vector.h"

#define GATHER(T) \
  { \
    T *to = out; \
    const T *from = a; \
    for (int64_t i = 0; i < n; i++) to[i] = from[i * step + ids[i] * stride]; \
    break; \
  }

void nns_gather(void *out, const void *a, int64_t step, const int64_t *ids, int64_t stride, int64_t n, int size) {
  switch (size) {
  case 8: GATHER(uint64_t)
  case 4: GATHER(uint32_t)
  case 2: GATHER(uint16_t)
  default: GATHER(uint8_t)
  }
}

#define PUT(T) \
  { \
    T *to = out; \
    const T *from = values; \
    for (int64_t i = 0; i < n; i++) to[ids[i]] = from[i]; \
    break; \
  }

void nns_scatter(void *out, const int64_t *ids, const void *values, int64_t n, int size) {
  switch (size) {
  case 8: PUT(uint64_t)
  case 4: PUT(uint32_t)
  case 2: PUT(uint16_t)
  default: PUT(uint8_t)
  }
}

CLONES int64_t nns_count(const uint8_t *flags, int64_t step, int64_t n) {
  int64_t count = 0;
  if (step == 1)
    for (int64_t i = 0; i < n; i++) count += flags[i] != 0;
  else
    for (int64_t i = 0; i < n; i++) count += flags[i * step] != 0;
  return count;
}

int64_t nns_places(int64_t *out, const uint8_t *flags, int64_t from, int64_t to) {
  int64_t count = 0;
  for (int64_t i = from; i < to; i++) {
    out[count] = i;
    count += flags[i] != 0;
  }
  return count;
}

#define SCATTER(T) \
  { \
    T *to = out; \
    const T *from = values; \
    for (int64_t i = 0; i < n; i++) to[i * step + ids[i] * stride] += from[i]; \
    return NNS_OK; \
  }

nns_fault nns_scatter_add(void *out, int64_t step, const int64_t *ids, int64_t stride, const void *values, int64_t n,
                          nns_dtype dtype) {
  if (dtype == NNS_F32) SCATTER(float)
  if (dtype == NNS_F64) SCATTER(double)
  int64_t *to = out;
  const int64_t *from = values;
  int bad = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t *place = to + i * step + ids[i] * stride;
    bad |= __builtin_add_overflow(*place, from[i], place);
  }
  return bad ? NNS_OVERFLOW : NNS_OK;
}

#define RECURRENCE(S, T) \
  CLONES void nns_recurrence_##S(T *h, const T *a, const T *b, int64_t inner, int64_t from, int64_t to) { \
    for (int64_t k = from; k < to; k++) { \
      int64_t at = k * inner; \
      EACH(j, inner) h[at + j] = b[at + j] + (k ? a[at + j] * h[at + j - inner] : 0); \
    } \
  }
RECURRENCE(f32, float)
RECURRENCE(f64, double)
