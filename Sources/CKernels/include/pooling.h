#pragma once
#include "convolution.h"
#include <stdint.h>

// The largest under each window of a part of the output, the first of equals; a NaN counts as the largest. `ids` gets its
// place within its channel. No window lies in the padding alone.
void nns_max_pool_f32(float *out, int64_t *ids, const float *x, const nns_window *w, nns_part part);
void nns_max_pool_f64(double *out, int64_t *ids, const double *x, const nns_window *w, nns_part part);

// Where each window begins along an axis, how many elements it has, and what they count for: `most` weights for each.
typedef struct {
  const int64_t *starts, *counts;
  const double *weights;
  int64_t most;
} nns_weights;

// Along the middle of [outer, in, inner]: out[i] = Σ over k < counts[i] of weights[i · most + k] · x[starts[i] + k], for the
// part of [count, inner].
void nns_resample_f32(float *out, const float *x, int64_t outer, int64_t in, int64_t count, int64_t inner,
                      const nns_weights *w, nns_part part);
void nns_resample_f64(double *out, const double *x, int64_t outer, int64_t in, int64_t count, int64_t inner,
                      const nns_weights *w, nns_part part);
// The same the other way round: x[starts[i] + k] += weights[i · most + k] · out[i].
void nns_resample_back_f32(float *x, const float *out, int64_t outer, int64_t in, int64_t count, int64_t inner,
                           const nns_weights *w, nns_part part);
void nns_resample_back_f64(double *x, const double *out, int64_t outer, int64_t in, int64_t count, int64_t inner,
                           const nns_weights *w, nns_part part);
