#include "CKernels.h"
#include "vector.h"
#include <string.h>

// Elements of a block. Where the result is streamed and several operands are read they are shorter, so that reading what comes
// next and writing what went before overlap; with one operand long runs of either are a tenth faster.
#define BLOCK 1024
#define STREAMED 512

typedef char block[BLOCK * sizeof(double)] __attribute__((aligned(64)));
typedef float line __attribute__((vector_size(64)));

// Copies past the cache; whole lines, then the rest.
CLONES static void stream(char *out, const char *from, int64_t bytes) {
  int64_t i = 0;
  for (; i + 64 <= bytes; i += 64) __builtin_nontemporal_store(*(const line *)(from + i), (line *)(out + i));
  memcpy(out + i, from + i, (size_t)(bytes - i));
}

// a · b + c in one pass: where memory is what holds back, two passes that take turns come a quarter later. Rounded twice, as the
// two operations are.
#define PRODUCT_SUM(S, T) \
  CLONES static void product_sum_##S(T *out, const T *a, const T *b, const T *c, int64_t n) { \
    PRAGMA(clang fp contract(off)) \
    EACH(i, n) out[i] = a[i] * b[i] + c[i]; \
  }
PRODUCT_SUM(f32, float)
PRODUCT_SUM(f64, double)

static void product_sum(void *out, const nns_step *s, int64_t at, int64_t n, int64_t size) {
  if (size == sizeof(float))
    product_sum_f32(out, (const float *)s->a.base + at, (const float *)s->b.base + at, (const float *)s->added + at, n);
  else
    product_sum_f64(out, (const double *)s->a.base + at, (const double *)s->b.base + at, (const double *)s->added + at, n);
}

// One element, so many times.
CLONES static void repeat(char *out, const char *element, int64_t n, int64_t size) {
  if (size == sizeof(float)) {
    float value;
    memcpy(&value, element, sizeof value);
    for (int64_t i = 0; i < n; i++) ((float *)out)[i] = value;
  } else {
    double value;
    memcpy(&value, element, sizeof value);
    for (int64_t i = 0; i < n; i++) ((double *)out)[i] = value;
  }
}

// `n` elements of a broadcast operand from `at` on: where they lie if they are neighbours or all the same, otherwise in `room`.
static const char *spread(const nns_operand *operand, char *room, int64_t at, int64_t n, int64_t size, int64_t *step) {
  const char *base = operand->base;
  int64_t inner = operand->inner, count = operand->count;
  *step = 1;
  if (inner == 1) {
    int64_t phase = at % count;
    if (phase + n <= count) return base + phase * size;
    // One period, then what is there once more until it is full.
    int64_t tail = count - phase, there = count < n ? count : n;
    memcpy(room, base + phase * size, (size_t)(tail * size));
    memcpy(room + tail * size, base, (size_t)((there - tail) * size));
    while (there < n) {
      int64_t more = there < n - there ? there : n - there;
      memcpy(room + there * size, room, (size_t)(more * size));
      there += more;
    }
    return room;
  }
  int64_t element = at / inner % count, left = inner - at % inner;
  if (left >= n) {
    *step = 0;
    return base + element * size;
  }
  for (int64_t i = 0; i < n; left = inner) {
    int64_t run = left < n - i ? left : n - i;
    repeat(room + i * size, base + element * size, run, size);
    i += run;
    if (++element == count) element = 0;
  }
  return room;
}

INLINE const void *place(
    const nns_operand *operand, block *blocks, char *room, int64_t at, int64_t n, int64_t size, int64_t *step) {
  if (operand->base && operand->count) return spread(operand, room, at, n, size, step);
  *step = operand->base || operand->block >= 0;
  if (operand->base) return (const char *)operand->base + at * size;
  if (operand->block >= 0) return blocks[operand->block];
  return size == sizeof(float) ? (const void *)&operand->single : &operand->number;
}

// Whether all that the steps read from memory is one operand.
static int reads_one(const nns_step *steps, int64_t count) {
  int operands = 0;
  for (int64_t i = 0; i < count; i++) operands += !!steps[i].a.base + !!steps[i].b.base + !!steps[i].added;
  return operands == 1;
}

void nns_chain(
    void *out, const nns_step *steps, int64_t count, int64_t size, int64_t from, int64_t to, int streaming) {
  block blocks[NNS_CHAIN_BLOCKS], rooms[2];
  // One operation alone needs no blocks unless its result is streamed or an operand broadcast.
  int isWhole = count == 1 && !steps->a.count && !steps->b.count;
  int64_t most = streaming && !reads_one(steps, count) ? STREAMED : isWhole && !streaming ? to - from : BLOCK;
  for (int64_t at = from; at < to; at += most) {
    int64_t n = to - at < most ? to - at : most;
    char *target = (char *)out + at * size;
    for (int64_t i = 0; i < count; i++) {
      const nns_step *s = steps + i;
      char *result = i == count - 1 && !streaming ? target : blocks[s->block];
      if (s->added) {
        product_sum(result, s, at, n, size);
        continue;
      }
      int64_t sa, sb;
      const void *a = place(&s->a, blocks, rooms[0], at, n, size, &sa);
      if (s->unary) s->unary(result, a, sa, n, s->p, s->q);
      else s->binary(result, a, sa, place(&s->b, blocks, rooms[1], at, n, size, &sb), sb, n);
    }
    if (streaming) stream(target, blocks[steps[count - 1].block], n * size);
  }
#if defined(__x86_64__)
  // Other threads see what was streamed.
  if (streaming) __builtin_ia32_sfence();
#endif
}
