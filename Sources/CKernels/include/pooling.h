#pragma once
#include "convolution.h"
#include <stdint.h>

// The largest under each window, the first of equals; a NaN counts as the largest. `ids` gets its place within its channel.
// No window lies in the padding alone.
void nns_max_pool_f32(float *out, int64_t *ids, const float *x, const nns_window *w);
void nns_max_pool_f64(double *out, int64_t *ids, const double *x, const nns_window *w);

// Along the middle of [outer, in, inner]: out[i] = Σ over k < counts[i] of weights[i · most + k] · x[starts[i] + k].
void nns_resample_f32(float *out, const float *x, int64_t outer, int64_t in, int64_t count, int64_t inner,
                      const int64_t *starts, const int64_t *counts, const double *weights, int64_t most);
void nns_resample_f64(double *out, const double *x, int64_t outer, int64_t in, int64_t count, int64_t inner,
                      const int64_t *starts, const int64_t *counts, const double *weights, int64_t most);
// The same the other way round: x[starts[i] + k] += weights[i · most + k] · out[i].
void nns_resample_back_f32(float *x, const float *out, int64_t outer, int64_t in, int64_t count, int64_t inner,
                           const int64_t *starts, const int64_t *counts, const double *weights, int64_t most);
void nns_resample_back_f64(double *x, const double *out, int64_t outer, int64_t in, int64_t count, int64_t inner,
                           const int64_t *starts, const int64_t *counts, const double *weights, int64_t most);
