#include "CKernels.h"
#include "vector.h"
#include <string.h>

INLINE uint64_t key_f64(const double *x) {
  uint64_t bits;
  memcpy(&bits, x, 8);
  if ((bits & INT64_MAX) > 0x7ff0000000000000u) return UINT64_MAX;
  if (bits << 1 == 0) bits = 0;
  return bits >> 63 ? ~bits : bits | 1ull << 63;
}

INLINE uint64_t key_of_single(uint32_t bits) {
  if ((bits & INT32_MAX) > 0x7f800000u) return UINT64_MAX;
  if (bits << 1 == 0) bits = 0;
  return bits >> 31 ? (uint32_t)~bits : bits | 1u << 31;
}

INLINE uint64_t key_f32(const float *x) {
  uint32_t bits;
  memcpy(&bits, x, 4);
  return key_of_single(bits);
}

INLINE uint64_t key_bf16(const uint16_t *x) { return key_of_single((uint32_t)*x << 16); }
INLINE uint64_t key_i64(const int64_t *x) { return (uint64_t)*x ^ 1ull << 63; }
INLINE uint64_t key_i32(const int32_t *x) { return (uint32_t)*x ^ 1u << 31; }
INLINE uint64_t key_u8(const uint8_t *x) { return *x; }

#define EACH_DTYPE(CASE) \
  switch (dtype) { \
  case NNS_F32: CASE(float, key_f32); break; \
  case NNS_F64: CASE(double, key_f64); break; \
  case NNS_BF16: CASE(uint16_t, key_bf16); break; \
  case NNS_I64: CASE(int64_t, key_i64); break; \
  case NNS_I32: CASE(int32_t, key_i32); break; \
  default: CASE(uint8_t, key_u8); break; \
  }

void nns_keys(nns_keyed *keys, const void *x, int64_t step, nns_dtype dtype, int descending, int64_t from, int64_t to) {
  uint64_t turn = descending ? UINT64_MAX : 0;
#define FILL(T, KEY) \
  for (int64_t i = from; i < to; i++) keys[i] = (nns_keyed){KEY((const T *)x + i * step) ^ turn, i}
  EACH_DTYPE(FILL)
#undef FILL
}

#define RUN 16

void nns_sort_short(nns_keyed *keys, nns_keyed *spare, int64_t n) {
  for (int64_t start = 0; start < n; start += RUN) {
    int64_t end = start + RUN < n ? start + RUN : n;
    for (int64_t i = start + 1; i < end; i++) {
      nns_keyed item = keys[i];
      int64_t j = i;
      for (; j > start && keys[j - 1].key > item.key; j--) keys[j] = keys[j - 1];
      keys[j] = item;
    }
  }
  nns_keyed *from = keys, *to = spare;
  for (int64_t width = RUN; width < n; width *= 2) {
    for (int64_t start = 0; start < n; start += 2 * width) {
      int64_t middle = start + width < n ? start + width : n, end = middle + width < n ? middle + width : n;
      int64_t a = start, b = middle;
      for (int64_t i = start; i < end; i++) {
        int left = a < middle && (b == end || from[a].key <= from[b].key);
        to[i] = from[left ? a : b];
        a += left;
        b += !left;
      }
    }
    nns_keyed *next = to;
    to = from;
    from = next;
  }
  if (from != keys) memcpy(keys, from, (size_t)n * sizeof(nns_keyed));
}

void nns_sorted_places(int64_t *out, int64_t step, const nns_keyed *keys, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++) out[i * step] = keys[i].place;
}

#define BITS 11

void nns_radix_count(int64_t *counts, const nns_keyed *keys, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++)
    for (int digit = 0; digit < NNS_DIGITS; digit++)
      counts[digit * NNS_RADIX + (keys[i].key >> (digit * BITS) & (NNS_RADIX - 1))]++;
}

int nns_radix_begin(int64_t *counts, int64_t n) {
  int64_t place = 0;
  int moves = 1;
  for (int i = 0; i < NNS_RADIX; i++) {
    int64_t count = counts[i];
    if (count == n) moves = 0;
    counts[i] = place;
    place += count;
  }
  return moves;
}

void nns_radix_pass(nns_keyed *out, const nns_keyed *keys, int64_t *counts, int digit, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; i++) out[counts[keys[i].key >> (digit * BITS) & (NNS_RADIX - 1)]++] = keys[i];
}

int64_t nns_first(nns_keyed *best, int64_t held, int64_t k, const void *x, int64_t step, nns_dtype dtype, int descending,
                  int64_t from, int64_t to) {
  uint64_t turn = descending ? UINT64_MAX : 0;
#define LOOK(T, KEY) \
  for (int64_t i = from; i < to; i++) { \
    uint64_t key = KEY((const T *)x + i * step) ^ turn; \
    if (held == k && key >= best[k - 1].key) continue; \
    int64_t j = held < k ? held++ : k - 1; \
    for (; j > 0 && best[j - 1].key > key; j--) best[j] = best[j - 1]; \
    best[j] = (nns_keyed){key, i}; \
  }
  if (k > 0) EACH_DTYPE(LOOK)
#undef LOOK
  return held;
}

int64_t nns_group(int64_t *places, int64_t *counts, int64_t *inverse, const void *x, nns_dtype dtype, int64_t found,
                  int64_t from, int64_t to) {
#define WALK(T, KEY) \
  for (int64_t i = from; i < to; i++) { \
    int64_t place = places[i]; \
    if (!found || KEY((const T *)x + place) != KEY((const T *)x + places[found - 1])) { \
      if (counts) counts[found] = 0; \
      places[found++] = place; \
    } \
    if (counts) counts[found - 1]++; \
    if (inverse) inverse[place] = found - 1; \
  }
  EACH_DTYPE(WALK)
#undef WALK
  return found;
}
