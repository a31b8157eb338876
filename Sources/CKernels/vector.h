#pragma once
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

// To the end of the file that includes this one nothing is seen from outside the program or library that it ends up in.
// Otherwise the versions below would be chosen, in a shared library, before their addresses are known.
#pragma GCC visibility push(hidden)

// Loops are compiled several times and the fitting version is chosen when the program starts; under the thread sanitizer once,
// for that is before it is ready.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLONES
#endif
#endif
// Narrow ones have no registers of 64 bytes: loops that wait for memory anyway read it some 6 % faster in pieces of 32.
#if defined(CLONES)
#define NARROW_CLONES
#elif defined(__x86_64__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define NARROW_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CLONES
#define NARROW_CLONES
#endif

#define INLINE static inline __attribute__((always_inline))
#define STRINGIFY(x) #x
#define PRAGMA(x) _Pragma(STRINGIFY(x))

// A loop whose passes are independent: input and output are either the same memory or do not overlap.
#define EACH(i, n) PRAGMA(clang loop vectorize(assume_safety)) for (int64_t i = 0; i < (n); i++)

#pragma clang fp contract(fast)

// Loops that call the C library cannot be vectorised; nothing is wrong with that.
#pragma clang diagnostic ignored "-Wpass-failed"
