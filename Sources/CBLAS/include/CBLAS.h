#pragma once
#include <stdbool.h>
#include <stdint.h>

// OpenBLAS behind four functions. Matrices are row-major; `lda` and the like are distances between rows as stored.

// Chooses the kernels for this processor. Call once, before any other function here and before threads start.
void nns_blas_prepare(void);
// The processor that the kernels are meant for, as OpenBLAS names it.
const char *nns_blas_core(void);

// c[m, n] = op(a)[m, k] · op(b)[k, n] + beta · c, where op transposes what is stored.
void nns_sgemm(bool ta, bool tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
               float beta, float *c, int ldc);
void nns_dgemm(bool ta, bool tb, int m, int n, int k, const double *a, int lda, const double *b, int ldb,
               double beta, double *c, int ldc);
