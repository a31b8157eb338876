#pragma once
#include <stdint.h>

// Scores to probabilities, in place: rows of softmax(scale · scores) over the places that take part. Row r of `rows` looks at
// the first `limit + r` places only, unless `limit` is negative; a mask has a byte for each row and place, at these strides,
// and may be null. A row in which no place takes part becomes zeros.
void nns_attention_f32(float *scores, int64_t rows, int64_t count, double scale, int64_t limit, const uint8_t *mask,
                       int64_t row_stride, int64_t stride);
void nns_attention_f64(double *scores, int64_t rows, int64_t count, double scale, int64_t limit, const uint8_t *mask,
                       int64_t row_stride, int64_t stride);

// Mean and variance of each channel of [images, channels, size], for the channels `from` up to `to`.
void nns_channel_moments_f32(double *mean, double *variance, const float *x, int64_t images, int64_t channels,
                             int64_t size, int64_t from, int64_t to);
void nns_channel_moments_f64(double *mean, double *variance, const double *x, int64_t images, int64_t channels,
                             int64_t size, int64_t from, int64_t to);
// (x - mean) · scale + shift of each channel's, for `images` images.
void nns_channel_scale_f32(float *out, const float *x, const double *mean, const double *scale, const double *shift,
                           int64_t images, int64_t channels, int64_t size);
void nns_channel_scale_f64(double *out, const double *x, const double *mean, const double *scale, const double *shift,
                           int64_t images, int64_t channels, int64_t size);
