#pragma once
#include <stdint.h>

// How windows slide over an image of [channels, in...]: three axes, the first ones of size 1 where there are fewer.
typedef struct {
  int64_t channels;
  int64_t in[3], out[3], kernel[3], stride[3], padding[3], dilation[3];
} nns_window;

// Part of a plane: its rows `from` up to `to`, and of each the elements `left` up to `right`.
typedef struct {
  int64_t from, to, left, right;
} nns_part;

// The elements under each window as columns: [channels · kernel..., elements of the part of the output], whose rows are
// counted over its first two axes together. Padding is 0.
void nns_windows_f32(float *columns, const float *x, const nns_window *w, nns_part part);
void nns_windows_f64(double *columns, const double *x, const nns_window *w, nns_part part);
// Adds such columns up where they came from.
void nns_windows_add_f32(float *x, const float *columns, const nns_window *w, nns_part part);
void nns_windows_add_f64(double *x, const double *columns, const nns_window *w, nns_part part);
