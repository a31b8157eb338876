#pragma once
#include "attention.h"
#include "chain.h"
#include "convolution.h"
#include "ctc.h"
#include "depthwise.h"
#include "elementwise.h"
#include "fused.h"
#include "picking.h"
#include "pooling.h"
#include "random.h"
#include "recurrent.h"
#include "reduce.h"
#include "sorting.h"
#include "winograd.h"
#include <stddef.h>

// Between these the calling thread treats denormal numbers as zero; the second takes what the first gave. A few cycles.
static inline uint64_t nns_begin_flushing(void) {
#if defined(__x86_64__)
  unsigned mode = __builtin_ia32_stmxcsr();
  if ((mode & 0x8040) != 0x8040) __builtin_ia32_ldmxcsr(mode | 0x8040);
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  if (!(mode & 1u << 24)) __asm__ volatile("msr fpcr, %0" ::"r"(mode | 1u << 24));
  return mode;
#else
  return 0;
#endif
}
static inline void nns_end_flushing(uint64_t mode) {
#if defined(__x86_64__)
  if ((mode & 0x8040) != 0x8040) __builtin_ia32_ldmxcsr((unsigned)mode);
#elif defined(__aarch64__)
  if (!(mode & 1u << 24)) __asm__ volatile("msr fpcr, %0" ::"r"(mode));
#else
  (void)mode;
#endif
}
// Memory for large blocks, in huge pages where the system has them; null if there is none. Whole pages.
void *nns_map(size_t size);
void nns_unmap(void *block, size_t size);
// Memory for a block that grows: like realloc and free, but they are told the size that was asked for last, 0 if none.
void *nns_resize(void *block, size_t old_size, size_t size);
void nns_release(void *block, size_t size);
// Gives what malloc keeps for later back to the system.
void nns_trim_heap(void);
// The instruction set that loops are dispatched to.
const char *nns_instruction_set(void);
// Writes a number with so many decimals, or in scientific form, into a buffer; returns its length.
int nns_format_fixed(double value, int decimals, char *buffer, int capacity);
int nns_format_scientific(double value, int decimals, char *buffer, int capacity);
