#pragma once
#include <stdint.h>

// Connectionist temporal classification (Graves et al., 2006) of one sequence: `logs` are steps · classes log-probabilities,
// `labels` are `count` classes other than the blank. `work` has nns_ctc_work elements.

// Takes the steps from `from` up to but not including `to`, which follow those taken before. Gives -log of the probability
// of all ways to say the labels one after another in the steps so far, with or without blanks between them, each as long as
// wanted; infinity if there is none. `keeps` what the gradient needs.
double nns_ctc_f32(const float *logs, int64_t from, int64_t to, int64_t classes, const int64_t *labels, int64_t count,
                   int64_t blank, double *work, int keeps);
double nns_ctc_f64(const double *logs, int64_t from, int64_t to, int64_t classes, const int64_t *labels, int64_t count,
                   int64_t blank, double *work, int keeps);
// Adds the gradient of the loss, which is finite, times `weight`. The last steps are taken first.
void nns_ctc_grad_f32(const float *logs, int64_t from, int64_t to, int64_t steps, int64_t classes, const int64_t *labels,
                      int64_t count, int64_t blank, double *work, double loss, float *gradient, double weight);
void nns_ctc_grad_f64(const double *logs, int64_t from, int64_t to, int64_t steps, int64_t classes,
                      const int64_t *labels, int64_t count, int64_t blank, double *work, double loss, double *gradient,
                      double weight);

// The caller makes sure that this does not overflow.
static inline int64_t nns_ctc_work(int64_t steps, int64_t count, int keeps) {
  return ((keeps ? steps + 1 : 0) + 2) * (2 * count + 3) + 2 * (2 * count + 1);
}
