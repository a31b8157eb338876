#include "CKernels.h"
#include "vector.h"
#include <string.h>

// Elements of a block. Where the result is streamed they are shorter, so that reading what comes next and writing what went
// before overlap.
#define BLOCK 1024
#define STREAMED 512

typedef float line __attribute__((vector_size(64)));

// Copies past the cache; whole lines, then the rest.
CLONES static void stream(float *out, const float *from, int64_t n) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) __builtin_nontemporal_store(*(const line *)(from + i), (line *)(out + i));
  memcpy(out + i, from + i, (size_t)(n - i) * sizeof(float));
}

INLINE const float *place(const nns_operand *operand, float (*blocks)[BLOCK], int64_t at, int64_t *step) {
  *step = operand->base || operand->block >= 0;
  return operand->base ? operand->base + at : operand->block >= 0 ? blocks[operand->block] : &operand->number;
}

void nns_chain(float *out, const nns_step *steps, int64_t count, int64_t from, int64_t to, int streaming) {
  float blocks[NNS_CHAIN_BLOCKS][BLOCK] __attribute__((aligned(64)));
  // One operation alone needs no blocks unless its result is streamed.
  int64_t size = streaming ? STREAMED : count == 1 ? to - from : BLOCK;
  for (int64_t at = from; at < to; at += size) {
    int64_t n = to - at < size ? to - at : size;
    for (int64_t i = 0; i < count; i++) {
      const nns_step *s = steps + i;
      float *result = i == count - 1 && !streaming ? out + at : blocks[s->block];
      int64_t sa, sb;
      const float *a = place(&s->a, blocks, at, &sa);
      if (s->unary) s->unary(result, a, sa, n, s->p, s->q);
      else s->binary(result, a, sa, place(&s->b, blocks, at, &sb), sb, n);
    }
    if (streaming) stream(out + at, blocks[steps[count - 1].block], n);
  }
#if defined(__x86_64__)
  // Other threads see what was streamed.
  if (streaming) __builtin_ia32_sfence();
#endif
}
