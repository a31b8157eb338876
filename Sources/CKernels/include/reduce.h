#pragma once
#include "elementwise.h"
#include <stdint.h>

// Reductions of the middle of a contiguous [outer, count, inner] array to [outer, inner], in a fixed order of operations.

typedef enum { NNS_SUM, NNS_PROD, NNS_REDUCE_MAX, NNS_REDUCE_MIN, NNS_REDUCE_COUNT } nns_reduce_op;

// Sums are divided by `divisor`; sums and products of ints look out for overflow. `count` may be 0 for sums and products only.
typedef nns_fault (*nns_reduce)(void *out, const void *a, int64_t outer, int64_t count, int64_t inner, double divisor);
// Positions of the largest (or smallest) along the rows of [count, inner], of which `width` columns are looked at, the first of
// equals; a NaN counts as both. Looks at the rows `from` up to `to`, of which there is one and not 2³¹, and goes on from what
// `out` holds of those before.
typedef void (*nns_arg_reduce)(
    int64_t *out, const void *a, int64_t inner, int64_t width, int64_t from, int64_t to, int smallest);

// The loop for a dtype, or null where there is none.
nns_reduce nns_reduce_kernel(nns_reduce_op op, nns_dtype dtype);
nns_arg_reduce nns_arg_reduce_kernel(nns_dtype dtype);

// Variance of each row of [rows, count], its squared deviations divided by `divisor`.
void nns_variance_f32(float *out, const float *a, int64_t rows, int64_t count, double divisor);
void nns_variance_f64(double *out, const double *a, int64_t rows, int64_t count, double divisor);

// Running sums and products along the rows `from` up to `to` of [count, inner], going on from those before.
typedef nns_fault (*nns_cumulate)(void *out, const void *a, int64_t inner, int64_t from, int64_t to, int product);
nns_cumulate nns_cumulate_kernel(nns_dtype dtype);
