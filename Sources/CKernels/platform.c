#define _GNU_SOURCE
#include "CKernels.h"
#include <stdio.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

void nns_trim_heap(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
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

#define HUGE_PAGE ((size_t)2 << 20)

void *nns_map(size_t size) {
#if defined(__linux__)
  // One huge page more than asked for, of which both ends beyond the aligned block go back.
  size_t whole = size + HUGE_PAGE;
  char *start = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return NULL;
  char *block = start + (HUGE_PAGE - (uintptr_t)start % HUGE_PAGE) % HUGE_PAGE;
  if (block > start) munmap(start, (size_t)(block - start));
  if (block + size < start + whole) munmap(block + size, (size_t)(start + whole - block) - size);
  madvise(block, size, MADV_HUGEPAGE);
  return block;
#else
  return aligned_alloc(64, size);
#endif
}

void nns_unmap(void *block, size_t size) {
#if defined(__linux__)
  munmap(block, size);
#else
  (void)size;
  free(block);
#endif
}

#if defined(__linux__)
// From here on a block that grows is a mapping of whole huge pages: to touch bytes for the first time takes longer in
// small ones than to fill them.
#define MAPPED ((size_t)4 << 20)

static size_t whole_pages(size_t size) { return (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1); }

void *nns_resize(void *block, size_t old_size, size_t size) {
  if (size < MAPPED) return old_size < MAPPED ? realloc(block, size) : NULL;
  if (size > SIZE_MAX / 2) return NULL;
  size_t whole = whole_pages(size), old_whole = whole_pages(old_size);
  if (old_size >= MAPPED && whole == old_whole) return block;
  char *larger = nns_map(whole);
  if (!larger) return NULL;
  if (old_size < MAPPED) {
    if (old_size) memcpy(larger, block, old_size);
    free(block);
    return larger;
  }
  // The pages move, not their bytes; the rest of the new mapping stays.
  if (mremap(block, old_whole, old_whole, MREMAP_MAYMOVE | MREMAP_FIXED, larger) == MAP_FAILED) {
    munmap(larger, whole);
    return NULL;
  }
  return larger;
}

void nns_release(void *block, size_t size) {
  if (size < MAPPED) free(block);
  else munmap(block, whole_pages(size));
}
#else
void *nns_resize(void *block, size_t old_size, size_t size) {
  (void)old_size;
  return realloc(block, size);
}

void nns_release(void *block, size_t size) {
  (void)size;
  free(block);
}
#endif

int nns_format_fixed(double value, int decimals, char *buffer, int capacity) {
  return snprintf(buffer, (size_t)capacity, "%.*f", decimals, value);
}

int nns_format_scientific(double value, int decimals, char *buffer, int capacity) {
  return snprintf(buffer, (size_t)capacity, "%.*e", decimals, value);
}
