#pragma once
#include "elementwise.h"

// Elementwise f32 operations run together, a block at a time, so that what lies between them stays in the cache.

// What a step reads: memory, where `base` is not null; a block that an earlier step wrote, where `block` is not negative; else
// the number.
typedef struct {
  const float *base;
  float number;
  int32_t block;
} nns_operand;

// One operation, `unary` or `binary` and the other null, into a block; the last step's result is the chain's.
typedef struct {
  nns_unary unary;
  nns_binary binary;
  nns_operand a, b;
  double p, q;
  int32_t block;
} nns_step;

// Blocks that a chain may use.
#define NNS_CHAIN_BLOCKS 4

// Runs all steps on the elements `from` up to `to`. With `streaming` the result passes the cache by; `out` is then aligned to
// 64 bytes, and so is `from`.
void nns_chain(float *out, const nns_step *steps, int64_t count, int64_t from, int64_t to, int streaming);
