#pragma once
#include "elementwise.h"

// Elementwise operations on floats run together, a block at a time, so that what lies between them stays in the cache.

// What a step reads: memory, where `base` is not null; a block that an earlier step wrote, where `block` is not negative; else
// the number, which stands there in both widths. Memory of `count` elements that are broadcast gives `base[i / inner % count]`
// for element `i`; where `count` is 0 it has an element for each.
typedef struct {
  const void *base;
  int64_t inner, count;
  double number;
  float single;
  int32_t block;
} nns_operand;

// One operation into a block; the last step's result is the chain's. It is `unary` or `binary`, or a · b + `added` where that is
// not null: then all three lie in memory as they are.
typedef struct {
  nns_unary unary;
  nns_binary binary;
  nns_operand a, b;
  const void *added;
  double p, q;
  int32_t block;
} nns_step;

// Blocks that a chain may use.
#define NNS_CHAIN_BLOCKS 4

// Runs all steps on the elements `from` up to `to`, each of `size` bytes: 4 or 8. With `streaming` the result passes the cache
// by; `out` is then aligned to 64 bytes, and so is `from`.
void nns_chain(
    void *out, const nns_step *steps, int64_t count, int64_t size, int64_t from, int64_t to, int streaming);
