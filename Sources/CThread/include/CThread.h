#pragma once
#include <stddef.h>
#include <stdint.h>

#include "Sharing.h"

// What Swift cannot say: the address of the current frame, an object's count of references, variables of one thread, and
// a search that its modules do not import.

/// The address of the caller's stack frame, to be compared with the thread's limit before going deeper.
static inline __attribute__((always_inline)) uintptr_t nns_frame_address(void) {
  return (uintptr_t)__builtin_frame_address(0);
}

/// Bytes of address space for the stack of a thread that scripts run on. Memory is used only as deep as calls go.
size_t nns_stack_size(void);

/// The lowest address of the current thread's stack that may be used, with `reserve` bytes kept free; 0 if unknown.
uintptr_t nns_stack_limit(uintptr_t reserve);

/// How many strong references a Swift object has (the Swift runtime's own count).
static inline size_t nns_reference_count(const void *object) {
  extern size_t swift_retainCount(const void *);
  return swift_retainCount(object);
}

/// Where bytes first stand among others, or null; linear in the size of both.
const void *nns_find(const void *whole, size_t size, const void *part, size_t part_size);

/// Whether an open file belongs to no real file system but to a view of the kernel: `/proc`, `/sys` and their like.
int nns_is_kernel_view(int descriptor);

/// Counts nested releases of values on this thread, and gives the count before.
int nns_teardown_enter(void);
/// Ends one of them.
void nns_teardown_leave(void);
/// How many are under way on this thread.
int nns_teardown_depth(void);
/// What was put aside on this thread.
void *nns_teardown_pile(void);
/// Sets what was put aside on this thread.
void nns_teardown_set_pile(void *pile);
