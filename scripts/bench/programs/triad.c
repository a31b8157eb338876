// a = b + s · c on arrays beyond any cache: prints the gigabytes a second that a plain loop moves, the best of ten passes.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

// Huge pages where the system has them, so that the loop and not the paging is measured.
static float *array(long n) {
  float *a = aligned_alloc(1 << 21, n * 4);
#ifdef MADV_HUGEPAGE
  if (a) madvise(a, n * 4, MADV_HUGEPAGE);
#endif
  return a;
}

int main(void) {
  long n = 1 << 24;
  float *a = array(n), *b = array(n), *c = array(n);
  double best = 0;
  if (!a || !b || !c) return 1;
  for (long i = 0; i < n; i++) a[i] = 0, b[i] = 1, c[i] = (float)(i % 7);
  for (int pass = 0; pass < 10; pass++) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < n; i++) a[i] = b[i] + 3 * c[i];
    clock_gettime(CLOCK_MONOTONIC, &end);
    double rate = 12e-9 * n / ((end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) * 1e-9);
    if (rate > best) best = rate;
  }
  printf("%.2f %g\n", best, a[n / 2]);
}
