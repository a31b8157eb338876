#pragma once
#include "convolution.h"
#include <stdint.h>

// Scores to probabilities, in place: rows of softmax(scale · scores) over the places that take part. Row r of `rows` looks at
// the first `limit + r` places only, unless `limit` is negative; a mask has a byte for each row and place, at these strides,
// and may be null. A row in which no place takes part becomes zeros.
void nns_attention_f32(float *scores, int64_t rows, int64_t count, double scale, int64_t limit, const uint8_t *mask,
                       int64_t row_stride, int64_t stride);
void nns_attention_f64(double *scores, int64_t rows, int64_t count, double scale, int64_t limit, const uint8_t *mask,
                       int64_t row_stride, int64_t stride);
// Gradients of probabilities to those of the scores, in place: scale · p · (d - Σ d · p), in rows of `count`.
void nns_attention_back_f32(float *d, const float *p, int64_t rows, int64_t count, double scale);
void nns_attention_back_f64(double *d, const double *p, int64_t rows, int64_t count, double scale);

// Sum of one channel of [images, channels, size], or of squared distances from its mean: over the images `from` up to `to` and
// the elements `left` up to `right` of each.
double nns_channel_sum_f32(const float *x, const double *mean, int64_t channel, int64_t channels, int64_t size,
                           nns_part part);
double nns_channel_sum_f64(const double *x, const double *mean, int64_t channel, int64_t channels, int64_t size,
                           nns_part part);
// (x - mean) · scale + shift of each channel's, for part of [images · channels, size].
void nns_channel_scale_f32(float *out, const float *x, const double *mean, const double *scale, const double *shift,
                           int64_t channels, int64_t size, nns_part part);
void nns_channel_scale_f64(double *out, const double *x, const double *mean, const double *scale, const double *shift,
                           int64_t channels, int64_t size, nns_part part);
