#pragma once
#include "elementwise.h"
#include <stdint.h>

// Sorting positions by keys: ints that stand in the order of the elements, NaN last and both zeros alike, or in the opposite
// order. Equal elements keep their order.

typedef struct {
  uint64_t key;
  int64_t place;
} nns_keyed;

// Rows up to this length are sorted by merging, in one call.
enum { NNS_SHORT_ROW = 4096, NNS_RADIX = 2048, NNS_DIGITS = 6 };

// Keys of the elements from ..< to, `step` apart.
void nns_keys(nns_keyed *keys, const void *x, int64_t step, nns_dtype dtype, int descending, int64_t from, int64_t to);
// Sorts up to NNS_SHORT_ROW keys; `spare` has room for as many. The result is in `keys`.
void nns_sort_short(nns_keyed *keys, nns_keyed *spare, int64_t n);
// out[i · step] = the place of key i.
void nns_sorted_places(int64_t *out, int64_t step, const nns_keyed *keys, int64_t from, int64_t to);

// Radix sort, in parts: counts of each digit first (NNS_DIGITS rows of NNS_RADIX, at first 0), then a pass for each digit, from
// the lowest, for which `begin` says whether it moves anything, and turns its counts into places.
void nns_radix_count(int64_t *counts, const nns_keyed *keys, int64_t from, int64_t to);
int nns_radix_begin(int64_t *counts, int64_t n);
void nns_radix_pass(nns_keyed *out, const nns_keyed *keys, int64_t *counts, int digit, int64_t from, int64_t to);

// The first k in order among the elements seen so far, of which there are `held`; returns how many are held now.
int64_t nns_first(nns_keyed *best, int64_t held, int64_t k, const void *x, int64_t step, nns_dtype dtype, int descending,
                  int64_t from, int64_t to);

// Goes through places in order, from ..< to, and leaves in their stead the first of each value; `counts` and `inverse`, which
// may be null, get how often it comes and, at each element, which it is. Returns how many values were found so far.
int64_t nns_group(int64_t *places, int64_t *counts, int64_t *inverse, const void *x, nns_dtype dtype, int64_t found,
                  int64_t from, int64_t to);
