#pragma once
#include <stdint.h>

// Several steps in one pass over the rows of contiguous [rows, count] arrays.

// Softmax or, with `logarithm`, its logarithm.
void nns_softmax_f32(float *out, const float *a, int64_t rows, int64_t count, int logarithm);
void nns_softmax_f64(double *out, const double *a, int64_t rows, int64_t count, int logarithm);
// Gradients: y * (dy - Σ dy·y), or dy - exp(y) · Σ dy with `logarithm`.
void nns_softmax_grad_f32(float *out, const float *dy, const float *y, int64_t rows, int64_t count, int logarithm);
void nns_softmax_grad_f64(double *out, const double *dy, const double *y, int64_t rows, int64_t count, int logarithm);

// Log-probabilities of each row and, for its label, (1 - smoothing) · -log p[label] + smoothing · mean(-log p). Rows whose
// label is `ignored` get a loss of 0. Labels are within range or ignored.
void nns_cross_entropy_f32(float *losses, float *logs, const float *a, const int64_t *labels, int64_t rows,
                           int64_t count, int64_t ignored, double smoothing);
void nns_cross_entropy_f64(double *losses, double *logs, const double *a, const int64_t *labels, int64_t rows,
                           int64_t count, int64_t ignored, double smoothing);
// Gradient by the logits: (exp(logs) - target) · weight of the row, 0 for ignored rows.
void nns_cross_entropy_grad_f32(float *out, const float *logs, const int64_t *labels, const float *weights,
                                int64_t rows, int64_t count, int64_t ignored, double smoothing);
void nns_cross_entropy_grad_f64(double *out, const double *logs, const int64_t *labels, const double *weights,
                                int64_t rows, int64_t count, int64_t ignored, double smoothing);

// Rows scaled to variance 1 after taking away their mean if `centred`, to mean square 1 otherwise; then times weight plus
// bias, either of which may be null.
void nns_normalise_f32(float *out, const float *a, const float *weight, const float *bias, int64_t rows, int64_t count,
                       double eps, int centred);
void nns_normalise_f64(double *out, const double *a, const double *weight, const double *bias, int64_t rows,
                       int64_t count, double eps, int centred);
// The gradient by the rows, without weight: (dy - mean of dy if `centred` - u · mean of dy·u) · scale, where u are the rows so
// scaled.
void nns_normalise_grad_f32(float *out, const float *dy, const float *a, int64_t rows, int64_t count, double eps,
                            int centred);
void nns_normalise_grad_f64(double *out, const double *dy, const double *a, int64_t rows, int64_t count, double eps,
                            int centred);

// One step of Adam (Kingma and Ba, 2015) on n elements in place; `step1` and `step2` are 1 - beta^t. Decay is added to the
// gradient, or with `decoupled` taken from the parameters directly (AdamW).
void nns_adam_f32(float *p, const float *g, float *m, float *v, int64_t n, double rate, double beta1, double beta2,
                  double eps, double decay, int decoupled, double step1, double step2);
void nns_adam_f64(double *p, const double *g, double *m, double *v, int64_t n, double rate, double beta1,
                  double beta2, double eps, double decay, int decoupled, double step1, double step2);
// One step of gradient descent with momentum on n elements in place, as PyTorch's SGD; `first` fills the momentum.
void nns_sgd_f32(float *p, const float *g, float *m, int64_t n, double rate, double momentum, double dampening,
                 double decay, int nesterov, int first);
void nns_sgd_f64(double *p, const double *g, double *m, int64_t n, double rate, double momentum, double dampening,
                 double decay, int nesterov, int first);

// Small matrix product c[m, n] = a[m, k] · b[k, n] with any strides, in elements; added to c with `accumulate`.
void nns_small_product_f32(float *c, const float *a, int64_t ar, int64_t ac, const float *b, int64_t br, int64_t bc,
                           int64_t m, int64_t n, int64_t k, int accumulate);
void nns_small_product_f64(double *c, const double *a, int64_t ar, int64_t ac, const double *b, int64_t br,
                           int64_t bc, int64_t m, int64_t n, int64_t k, int accumulate);
// The same for ints, with rows of c `lead` apart; 0 if a sum overflows.
int nns_product_i64(int64_t *c, int64_t lead, const int64_t *a, int64_t ar, int64_t ac, const int64_t *b, int64_t br,
                    int64_t bc, int64_t m, int64_t n, int64_t k, int accumulate);
