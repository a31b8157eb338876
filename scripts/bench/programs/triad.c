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
#if defined(__AVX__)
#include <immintrin.h>
#endif

enum { count = 1 << 24, passes = 15, most = 64 };
static float *a, *b, *c;
static int threads;
static double starts[most], rates[passes];
static pthread_barrier_t begin, end;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

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
    starts[(long)number] = seconds();
#if defined(__AVX__)
    // Whole lines of the cache, as kernels write them: one thread alone comes further so, and a second one gains less.
    __m256 s = _mm256_set1_ps(3);
    for (long i = from; i < to; i += 16)
      for (long j = i; j < i + 16; j += 8)
        _mm256_stream_ps(a + j, _mm256_add_ps(_mm256_load_ps(b + j), _mm256_mul_ps(s, _mm256_load_ps(c + j))));
    _mm_sfence();
#else
    for (long i = from; i < to; i++) a[i] = b[i] + 3 * c[i];
#endif
    pthread_barrier_wait(&end);
    if (number) continue;
    // From the first that began: one that is woken late does its part while the other one waits.
    double last = seconds(), first = last;
    for (int i = 0; i < threads; i++) first = starts[i] < first ? starts[i] : first;
    rates[pass] = 12e-9 * count / (last - first);
  }
  return NULL;
}

static int order(const void *x, const void *y) { return *(double *)x > *(double *)y ? 1 : -1; }

int main(int arguments, char **words) {
  threads = arguments > 1 ? atoi(words[1]) : 1;
  a = array(), b = array(), c = array();
  if (threads < 1 || threads > most || !a || !b || !c) return 1;
  for (long i = 0; i < count; i++) a[i] = 0, b[i] = 1, c[i] = (float)(i % 7);
  pthread_barrier_init(&begin, NULL, (unsigned)threads);
  pthread_barrier_init(&end, NULL, (unsigned)threads);
  pthread_t all[most];
  for (long i = 0; i < threads; i++)
    if (pthread_create(all + i, NULL, work, (void *)i)) return 1;
  for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
  qsort(rates, passes, sizeof *rates, order);
  printf("%.2f %g\n", rates[passes / 2], a[count / 2]);
}
