#pragma once
#include <stdint.h>

// One step of recurrent cells on rows of `n` units (Hochreiter and Schmidhuber, 1997; Cho et al., 2014). Gates are as they
// come out of the linear maps, in PyTorch's order: input, forget, cell, output; reset, update, new.

void nns_lstm_f32(float *h, float *next, const float *gates, const float *c, int64_t rows, int64_t n);
void nns_lstm_f64(double *h, double *next, const double *gates, const double *c, int64_t rows, int64_t n);
// Gradients by gates and c from those by h and next.
void nns_lstm_grad_f32(float *dgates, float *dc, const float *gates, const float *c, const float *dh, const float *dnext,
                       int64_t rows, int64_t n);
void nns_lstm_grad_f64(double *dgates, double *dc, const double *gates, const double *c, const double *dh,
                       const double *dnext, int64_t rows, int64_t n);

void nns_gru_f32(float *next, const float *gi, const float *gh, const float *h, int64_t rows, int64_t n);
void nns_gru_f64(double *next, const double *gi, const double *gh, const double *h, int64_t rows, int64_t n);
// Gradients by gi, gh and h from that by next.
void nns_gru_grad_f32(float *dgi, float *dgh, float *dh, const float *gi, const float *gh, const float *h,
                      const float *dnext, int64_t rows, int64_t n);
void nns_gru_grad_f64(double *dgi, double *dgh, double *dh, const double *gi, const double *gh, const double *h,
                      const double *dnext, int64_t rows, int64_t n);
