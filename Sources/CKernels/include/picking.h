#pragma once
#include "elementwise.h"
#include <stdint.h>

// Elements named by ids: element i lies `i * step + ids[i] * stride` elements on. Ids are known to be within range.

// out[i] = that element of a, for elements of `size` bytes.
void nns_gather(void *out, const void *a, int64_t step, const int64_t *ids, int64_t stride, int64_t n, int size);
// Adds values[i] to that element of out, in order. Only for f32, f64 and i64.
nns_fault nns_scatter_add(void *out, int64_t step, const int64_t *ids, int64_t stride, const void *values, int64_t n,
                          nns_dtype dtype);

// Along the middle of [outer, count, inner]: h[i] = a[i] * h[i - 1] + b[i], where h[-1] is 0.
void nns_recurrence_f32(float *h, const float *a, const float *b, int64_t outer, int64_t count, int64_t inner);
void nns_recurrence_f64(double *h, const double *a, const double *b, int64_t outer, int64_t count, int64_t inner);
