#pragma once
#include <stdint.h>

// How windows slide over an image of [channels, in...]: three axes, the first ones of size 1 where there are fewer.
typedef struct {
  int64_t channels;
  int64_t in[3], out[3], kernel[3], stride[3], padding[3], dilation[3];
} nns_window;

// The elements under each window as columns: [channels · kernel..., (to - from) · out[2]], for the rows `from` up to `to` of
// the output, counted over its first two axes together. Padding is 0.
void nns_windows_f32(float *columns, const float *x, const nns_window *w, int64_t from, int64_t to);
void nns_windows_f64(double *columns, const double *x, const nns_window *w, int64_t from, int64_t to);
// Adds such columns up where they came from.
void nns_windows_add_f32(float *x, const float *columns, const nns_window *w, int64_t from, int64_t to);
void nns_windows_add_f64(double *x, const double *columns, const nns_window *w, int64_t from, int64_t to);

// Convolution of each channel with a kernel of its own, added to out; and its gradients, added to dx and dw.
void nns_depthwise_f32(float *out, const float *x, const float *kernels, const nns_window *w);
void nns_depthwise_f64(double *out, const double *x, const double *kernels, const nns_window *w);
void nns_depthwise_input_f32(float *dx, const float *dy, const float *kernels, const nns_window *w);
void nns_depthwise_input_f64(double *dx, const double *dy, const double *kernels, const nns_window *w);
void nns_depthwise_weight_f32(float *dw, const float *x, const float *dy, const nns_window *w);
void nns_depthwise_weight_f64(double *dw, const double *x, const double *dy, const nns_window *w);
