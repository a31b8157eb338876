// a = b + s · c on arrays beyond any cache, with results that pass the cache by: prints the gigabytes a second that so many
// threads move together, the median of fifteen passes.
//
//     triad [threads]
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#if defined(__SSE__)
#include <immintrin.h>
#endif

enum { count = 1 << 24, passes = 15, most = 64 };
static float *a, *b, *c;
static int threads;
static pthread_barrier_t begin, end;

// Huge pages where the system has them, so that the loop and not the paging is measured.
static float *array(void) {
  float *x = aligned_alloc(1 << 21, count * 4l);
#ifdef MADV_HUGEPAGE
  if (x) madvise(x, count * 4l, MADV_HUGEPAGE);
#endif
  return x;
}

static void *work(void *number) {
#ifdef __linux__
  // Each on a processor of its own, from the last on: this is what the machine gives, not where the system puts threads.
  cpu_set_t set;
  int left = (int)(long)number + 1, place = CPU_SETSIZE;
  if (!sched_getaffinity(0, sizeof set, &set)) {
    while (left && place-- > 0) left -= CPU_ISSET(place, &set) != 0;
    CPU_ZERO(&set);
    CPU_SET(place, &set);
    if (!left) pthread_setaffinity_np(pthread_self(), sizeof set, &set);
  }
#endif
  long from = count / threads * (long)number, to = from + count / threads;
  for (int pass = 0; pass < passes; pass++) {
    pthread_barrier_wait(&begin);
#if defined(__SSE__)
    __m128 s = _mm_set1_ps(3);
    for (long i = from; i < to; i += 4)
      _mm_stream_ps(a + i, _mm_add_ps(_mm_load_ps(b + i), _mm_mul_ps(s, _mm_load_ps(c + i))));
    _mm_sfence();
#else
    for (long i = from; i < to; i++) a[i] = b[i] + 3 * c[i];
#endif
    pthread_barrier_wait(&end);
  }
  return NULL;
}

static int order(const void *x, const void *y) { return *(double *)x > *(double *)y ? 1 : -1; }

int main(int arguments, char **words) {
  threads = arguments > 1 ? atoi(words[1]) : 1;
  a = array(), b = array(), c = array();
  if (threads < 1 || threads > most || !a || !b || !c) return 1;
  for (long i = 0; i < count; i++) a[i] = 0, b[i] = 1, c[i] = (float)(i % 7);
  pthread_barrier_init(&begin, NULL, (unsigned)threads + 1);
  pthread_barrier_init(&end, NULL, (unsigned)threads + 1);
  pthread_t all[most];
  for (long i = 0; i < threads; i++)
    if (pthread_create(all + i, NULL, work, (void *)i)) return 1;
  double rates[passes];
  for (int pass = 0; pass < passes; pass++) {
    struct timespec from, to;
    pthread_barrier_wait(&begin);
    clock_gettime(CLOCK_MONOTONIC, &from);
    pthread_barrier_wait(&end);
    clock_gettime(CLOCK_MONOTONIC, &to);
    rates[pass] = 12e-9 * count / ((to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) * 1e-9);
  }
  for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
  qsort(rates, passes, sizeof *rates, order);
  printf("%.2f %g\n", rates[passes / 2], a[count / 2]);
}
