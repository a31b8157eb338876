#include "CKernels.h"
#include "maths.h"

#define CELLS(S, T) \
  CLONES void nns_lstm_##S(T *h, T *next, const T *gates, const T *c, int64_t rows, int64_t n) { \
    for (int64_t r = 0; r < rows; r++, h += n, next += n, gates += 4 * n, c += n) \
      EACH(j, n) { \
        T cell = sigmoid_##S(gates[n + j]) * c[j] + sigmoid_##S(gates[j]) * tanh_##S(gates[2 * n + j]); \
        next[j] = cell; \
        h[j] = sigmoid_##S(gates[3 * n + j]) * tanh_##S(cell); \
      } \
  } \
  CLONES void nns_lstm_grad_##S(T *dgates, T *dc, const T *gates, const T *c, const T *dh, const T *dnext, \
                                int64_t rows, int64_t n) { \
    for (int64_t r = 0; r < rows; r++, dgates += 4 * n, dc += n, gates += 4 * n, c += n, dh += n, dnext += n) \
      EACH(j, n) { \
        T i = sigmoid_##S(gates[j]), f = sigmoid_##S(gates[n + j]), o = sigmoid_##S(gates[3 * n + j]); \
        T z = tanh_##S(gates[2 * n + j]), t = tanh_##S(f * c[j] + i * z); \
        T cell = dnext[j] + dh[j] * o * (1 - t * t); \
        dgates[j] = cell * z * i * (1 - i); \
        dgates[n + j] = cell * c[j] * f * (1 - f); \
        dgates[2 * n + j] = cell * i * (1 - z * z); \
        dgates[3 * n + j] = dh[j] * t * o * (1 - o); \
        dc[j] = cell * f; \
      } \
  } \
  CLONES void nns_gru_##S(T *next, const T *gi, const T *gh, const T *h, int64_t rows, int64_t n) { \
    for (int64_t r = 0; r < rows; r++, next += n, gi += 3 * n, gh += 3 * n, h += n) \
      EACH(j, n) { \
        T reset = sigmoid_##S(gi[j] + gh[j]), update = sigmoid_##S(gi[n + j] + gh[n + j]); \
        T fresh = tanh_##S(gi[2 * n + j] + reset * gh[2 * n + j]); \
        next[j] = fresh + update * (h[j] - fresh); \
      } \
  } \
  CLONES void nns_gru_grad_##S(T *dgi, T *dgh, T *dh, const T *gi, const T *gh, const T *h, const T *dnext, \
                               int64_t rows, int64_t n) { \
    for (int64_t r = 0; r < rows; r++, dgi += 3 * n, dgh += 3 * n, dh += n, gi += 3 * n, gh += 3 * n, h += n, dnext += n) \
      EACH(j, n) { \
        T reset = sigmoid_##S(gi[j] + gh[j]), update = sigmoid_##S(gi[n + j] + gh[n + j]); \
        T fresh = tanh_##S(gi[2 * n + j] + reset * gh[2 * n + j]), d = dnext[j]; \
        T dfresh = d * (1 - update) * (1 - fresh * fresh); \
        T dupdate = d * (h[j] - fresh) * update * (1 - update); \
        T dreset = dfresh * gh[2 * n + j] * reset * (1 - reset); \
        dgi[j] = dgh[j] = dreset; \
        dgi[n + j] = dgh[n + j] = dupdate; \
        dgi[2 * n + j] = dfresh; \
        dgh[2 * n + j] = dfresh * reset; \
        dh[j] = d * update; \
      } \
  }
CELLS(f32, float)
CELLS(f64, double)
