#include "CBLAS.h"
#include <stddef.h>

// LAPACK as OpenBLAS carries it: Fortran, so everything is passed by address, and after the arguments the lengths of strings.
#define DECLARE(P, T) \
  extern void P##getrf_(const int *, const int *, T *, const int *, int *, int *); \
  extern void P##getrs_(const char *, const int *, const int *, const T *, const int *, const int *, T *, const int *, \
                        int *, size_t); \
  extern void P##potrf_(const char *, const int *, T *, const int *, int *, size_t); \
  extern void P##geqrf_(const int *, const int *, T *, const int *, T *, T *, const int *, int *); \
  extern void P##orgqr_(const int *, const int *, const int *, T *, const int *, const T *, T *, const int *, int *); \
  extern void P##gesdd_(const char *, const int *, const int *, T *, const int *, T *, T *, const int *, T *, \
                        const int *, T *, const int *, int *, int *, size_t);
DECLARE(s, float)
DECLARE(d, double)

#define CALL(NAME, ...) \
  do { \
    if (wide) d##NAME(__VA_ARGS__); \
    else s##NAME(__VA_ARGS__); \
    return info; \
  } while (0)

int nns_lu(bool wide, int n, void *a, int *pivots) {
  int info = 0;
  CALL(getrf_, &n, &n, a, &n, pivots, &info);
}

int nns_lu_solve(bool wide, bool transposed, int n, int columns, const void *lu, const int *pivots, void *b) {
  int info = 0;
  CALL(getrs_, transposed ? "T" : "N", &n, &columns, lu, &n, pivots, b, &n, &info, 1);
}

int nns_cholesky(bool wide, int n, void *a) {
  int info = 0;
  CALL(potrf_, "U", &n, a, &n, &info, 1);
}

int nns_qr(bool wide, int m, int n, void *a, void *tau, void *work, int size) {
  int info = 0;
  CALL(geqrf_, &m, &n, a, &m, tau, work, &size, &info);
}

int nns_qr_basis(bool wide, int m, int n, int k, void *q, const void *tau, void *work, int size) {
  int info = 0;
  CALL(orgqr_, &m, &n, &k, q, &m, tau, work, &size, &info);
}

int nns_svd(bool wide, bool full, int m, int n, void *a, void *s, void *u, void *vh, void *work, int size, int *places) {
  int info = 0;
  int rank = m < n ? m : n;
  CALL(gesdd_, full ? "A" : "S", &m, &n, a, &m, s, u, &m, vh, full ? &n : &rank, work, &size, places, &info, 1);
}

double nns_svd_work(bool wide, bool full, int m, int n) {
  double size = 0;
  float single = 0;
  int places = 0;
  void *work = wide ? (void *)&size : (void *)&single;
  if (nns_svd(wide, full, m, n, work, work, work, work, work, -1, &places) != 0) return -1;
  return wide ? size : (double)single;
}
