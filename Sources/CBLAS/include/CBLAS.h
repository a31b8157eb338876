#pragma once
#include <stdbool.h>
#include <stdint.h>

// OpenBLAS, products and decompositions. All run on the calling thread.

// Chooses the kernels for this processor. Call once, before any other function here and before threads start.
void nns_blas_prepare(void);
// The processor that the kernels are meant for, as OpenBLAS names it.
const char *nns_blas_core(void);

// Products. Matrices are row-major; `lda` and the like are distances between rows as stored.
// c[m, n] = op(a)[m, k] · op(b)[k, n] + beta · c, where op transposes what is stored.
void nns_sgemm(bool ta, bool tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
               float beta, float *c, int ldc);
void nns_dgemm(bool ta, bool tb, int m, int n, int k, const double *a, int lda, const double *b, int ldb,
               double beta, double *c, int ldc);

// Decompositions by LAPACK, in f64 (`wide`) or f32. Matrices are column-major without gaps and replaced by the result; sizes
// are at least 1. Each gives LAPACK's verdict: 0, -i for a bad argument i, or i > 0 as said.

// a[n, n] = P · L · U, packed, with the row exchanges; i: U is singular, its diagonal element i is 0.
int nns_lu(bool wide, int n, void *a, int *pivots);
// b[n, columns] becomes a⁻¹ · b, or a⁻ᵀ · b, from nns_lu's result.
int nns_lu_solve(bool wide, bool transposed, int n, int columns, const void *lu, const int *pivots, void *b);
// The upper triangle of a[n, n] becomes U where a = Uᵀ · U; i: the leading minor of order i is not positive.
int nns_cholesky(bool wide, int n, void *a);
// a[m, n] = Q · R: R above the diagonal, reflections below; tau has min(m, n) elements, work `size`, at least n.
int nns_qr(bool wide, int m, int n, void *a, void *tau, void *work, int size);
// The first k columns of q[m, n] are nns_qr's reflections; they become the first n columns of Q. work has `size`, at least n.
int nns_qr_basis(bool wide, int m, int n, int k, void *q, const void *tau, void *work, int size);
// a[m, n] = u · diag(s) · vh; u has min(m, n) columns and vh as many rows, or both are square (`full`). `places` has
// 8 · min(m, n) elements, work `size`, at least nns_svd_work; i > 0: it did not converge.
int nns_svd(bool wide, bool full, int m, int n, void *a, void *s, void *u, void *vh, void *work, int size, int *places);
// Elements of work with which nns_svd is fastest; -1 for sizes it does not take.
double nns_svd_work(bool wide, bool full, int m, int n);
