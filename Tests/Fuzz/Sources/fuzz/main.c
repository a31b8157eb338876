// What libFuzzer calls; the target is the one that the environment variable NNS_FUZZ names.
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>

void nns_fuzz(const uint8_t *bytes, size_t count);

// One thread with a stack as scripts get it does all the work: to start one for each script takes longer than most scripts.
#define STACK ((size_t)600 << 20)

static const uint8_t *given;
static size_t given_count;
static sem_t begin, done;

static void *work(void *unused) {
  (void)unused;
  for (;;) {
    sem_wait(&begin);
    nns_fuzz(given, given_count);
    sem_post(&done);
  }
  return NULL;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  pthread_attr_t attributes;
  pthread_t thread;
  sem_init(&begin, 0, 0);
  sem_init(&done, 0, 0);
  if (pthread_attr_init(&attributes) || pthread_attr_setstacksize(&attributes, STACK)) return 1;
  return pthread_create(&thread, &attributes, work, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  given = bytes;
  given_count = count;
  sem_post(&begin);
  sem_wait(&done);
  return 0;
}
