#include "CKernels.h"
#include <stdio.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

void nns_flush_denormals(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" ::"r"(mode | 1u << 24));
#endif
}

const char *nns_instruction_set(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  return "x86-64";
#else
  return "generic";
#endif
}

int nns_format_fixed(double value, int decimals, char *buffer, int capacity) {
  return snprintf(buffer, (size_t)capacity, "%.*f", decimals, value);
}

int nns_format_scientific(double value, int decimals, char *buffer, int capacity) {
  return snprintf(buffer, (size_t)capacity, "%.*e", decimals, value);
}
