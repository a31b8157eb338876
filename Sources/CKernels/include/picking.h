#pragma once
#include "elementwise.h"
#include <stdint.h>

// Elements named by ids: element i lies `i * step + ids[i] * stride` elements on. Ids are known to be within range.

// out[i] = that element of a, for elements of `size` bytes.
void nns_gather(void *out, const void *a, int64_t step, const int64_t *ids, int64_t stride, int64_t n, int size);
// out[ids[i]] = values[i], in order, for elements of `size` bytes.
void nns_scatter(void *out, const int64_t *ids, const void *values, int64_t n, int size);
// How many flags are not 0.
int64_t nns_count(const uint8_t *flags, int64_t step, int64_t n);
// Writes the positions from ..< to at which flags are not 0, and gives their number. Writes one more where the last is 0.
int64_t nns_places(int64_t *out, const uint8_t *flags, int64_t from, int64_t to);
// Adds values[i] to that element of out, in order. Only for f32, f64 and i64.
nns_fault nns_scatter_add(void *out, int64_t step, const int64_t *ids, int64_t stride, const void *values, int64_t n,
                          nns_dtype dtype);

// Along the rows `from` up to `to` of [count, inner]: h[i] = a[i] * h[i - 1] + b[i], where h[-1] is 0, going on from those
// before.
void nns_recurrence_f32(float *h, const float *a, const float *b, int64_t inner, int64_t from, int64_t to);
void nns_recurrence_f64(double *h, const double *a, const double *b, int64_t inner, int64_t from, int64_t to);
