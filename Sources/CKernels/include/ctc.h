#pragma once
#include <stdint.h>

// Connectionist temporal classification (Graves et al., 2006) of one sequence: `logs` are steps · classes log-probabilities,
// `labels` are `count` classes other than the blank. Gives -log of the probability of all ways to say the labels one after
// another, with or without blanks between them, each as long as wanted; infinity if there is none.
//
// Where a gradient is asked for, that of the loss times `weight` is added to its steps · classes elements; NaN where the
// loss is not finite. `work` has nns_ctc_work elements.
double nns_ctc_f32(const float *logs, int64_t steps, int64_t classes, const int64_t *labels, int64_t count, int64_t blank,
                   double *work, float *gradient, double weight);
double nns_ctc_f64(const double *logs, int64_t steps, int64_t classes, const int64_t *labels, int64_t count,
                   int64_t blank, double *work, double *gradient, double weight);

// The caller makes sure that this does not overflow.
static inline int64_t nns_ctc_work(int64_t steps, int64_t count, int gradient) {
  return ((gradient ? steps + 1 : 0) + 2) * (2 * count + 3) + 2 * (2 * count + 1);
}
