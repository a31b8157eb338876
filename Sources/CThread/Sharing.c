#define _GNU_SOURCE
#include "Sharing.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Work that is being shared: lives on its caller's stack until no helper is inside.
typedef struct job {
  void (*body)(void *, int64_t);
  void *context;
  int64_t parts;
  _Atomic int64_t next;
  uint64_t mode;
  // Guarded by the lock: helpers that may still join, those inside, and what waits for the last of them to leave.
  int wanted, inside;
  pthread_cond_t left;
  struct job *following;
} job;

// A thread that helps. It lives as long as the process.
typedef struct helper {
  pthread_t thread;
  pthread_cond_t called;
  // Guarded by the lock: whether it is to look for jobs, and the next of those that sleep.
  int is_called;
  struct helper *following;
  // Guarded by the lock: the processor that it keeps off, or -1.
  int avoided;
} helper;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// Guarded by the lock: jobs that want helpers, oldest first; how many helpers there are, and those that sleep, the last to fall
// asleep first.
static job *jobs;
static int started;
static helper *asleep;

// How this thread's arithmetic rounds and treats denormal numbers.
static uint64_t mode(void) {
#if defined(__x86_64__)
  return _mm_getcsr();
#elif defined(__aarch64__)
  uint64_t bits;
  __asm__ volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
#else
  return 0;
#endif
}

static void set_mode(uint64_t bits) {
#if defined(__x86_64__)
  _mm_setcsr((unsigned)bits);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" ::"r"(bits));
#else
  (void)bits;
#endif
}

static void work(job *j) {
  for (int64_t part; (part = atomic_fetch_add(&j->next, 1)) < j->parts;) j->body(j->context, part);
}

static void withdraw(job *j) {
  for (job **at = &jobs; *at; at = &(*at)->following)
    if (*at == j) {
      *at = j->following;
      return;
    }
}

static void *help(void *itself) {
  helper *self = itself;
  pthread_mutex_lock(&lock);
  for (;;) {
    while (!jobs) {
      self->following = asleep;
      asleep = self;
      while (!self->is_called) pthread_cond_wait(&self->called, &lock);
      self->is_called = 0;
    }
    job *j = jobs;
    j->inside++;
    if (--j->wanted == 0) withdraw(j);
    pthread_mutex_unlock(&lock);
    set_mode(j->mode);
    work(j);
    pthread_mutex_lock(&lock);
    if (--j->inside == 0) pthread_cond_signal(&j->left);
  }
  return NULL;
}

// Keeps a sleeping helper off this thread's processor, where it would wait for this thread: on virtual machines processors that
// sleep do not look idle, so that the system wakes a thread where its caller runs.
static void keep_off(helper *h) {
#if defined(__linux__)
  int here = sched_getcpu();
  if (here < 0 || here == h->avoided) return;
  cpu_set_t set;
  if (pthread_getaffinity_np(pthread_self(), sizeof set, &set)) return;
  CPU_CLR((size_t)here, &set);
  // On one processor there is no other.
  if (CPU_COUNT(&set) > 0 && !pthread_setaffinity_np(h->thread, sizeof set, &set)) h->avoided = here;
#else
  (void)h;
#endif
}

// A helper takes no signals: those are for the threads of the program.
static int start(void) {
  sigset_t all, before;
  pthread_attr_t attributes;
  helper *h = calloc(1, sizeof *h);
  if (!h) return 0;
  h->avoided = -1;
  if (pthread_cond_init(&h->called, NULL) || pthread_attr_init(&attributes)) {
    free(h);
    return 0;
  }
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&h->thread, &attributes, help, h);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (failed) free(h);
  return !failed;
}

void nns_share(int64_t parts, int helpers, void (*body)(void *, int64_t), void *context) {
  job j = {.body = body, .context = context, .parts = parts, .mode = mode()};
  if (helpers >= parts) helpers = (int)parts - 1;
  if (helpers <= 0 || pthread_cond_init(&j.left, NULL)) return work(&j);
  pthread_mutex_lock(&lock);
  while (started < helpers && start()) started++;
  j.wanted = helpers < started ? helpers : started;
  if (j.wanted) {
    job **end = &jobs;
    while (*end) end = &(*end)->following;
    *end = &j;
  }
  for (int i = 0; i < j.wanted && asleep; i++) {
    helper *h = asleep;
    asleep = h->following;
    keep_off(h);
    h->is_called = 1;
    pthread_cond_signal(&h->called);
  }
  pthread_mutex_unlock(&lock);
  work(&j);
  pthread_mutex_lock(&lock);
  withdraw(&j);
  while (j.inside) pthread_cond_wait(&j.left, &lock);
  pthread_mutex_unlock(&lock);
  pthread_cond_destroy(&j.left);
}

int nns_processor_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (!sched_getaffinity(0, sizeof set, &set)) return CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}
