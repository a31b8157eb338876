#define _GNU_SOURCE
#include "CBLAS.h"
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern int blas_thread_shutdown_(void) __attribute__((weak));

// The core type a processor can run, or null where OpenBLAS's own choice stands.
static const char *capable_core(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return 0;
}

// Older OpenBLAS releases take processors newer than themselves for an SSE3 one and are then five to ten times too slow.
// The environment variable that overrides this is only read at load time, so detection is run a second time.
void nns_blas_prepare(void) {
  const char *core = capable_core();
  if (core && !getenv("OPENBLAS_CORETYPE") && !strcmp(openblas_get_corename(), "Prescott") &&
      gotoblas_dynamic_quit && gotoblas_dynamic_init) {
    setenv("OPENBLAS_CORETYPE", core, 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv("OPENBLAS_CORETYPE");
  }
  // Its own threads, started at load time, would only spin: products run on the thread that asks for them.
  openblas_set_num_threads(1);
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}

const char *nns_blas_core(void) { return openblas_get_corename(); }

void nns_sgemm(bool ta, bool tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
               float beta, float *c, int ldc) {
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, 1, a, lda,
              b, ldb, beta, c, ldc);
}

void nns_dgemm(bool ta, bool tb, int m, int n, int k, const double *a, int lda, const double *b, int ldb,
               double beta, double *c, int ldc) {
  cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, 1, a, lda,
              b, ldb, beta, c, ldc);
}
