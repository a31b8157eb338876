#include "CKernels.h"
#include "vector.h"
#include <math.h>

typedef struct {
  uint32_t w[4];
} Block;

INLINE Block philox(uint64_t key, uint64_t counter, uint64_t attempt) {
  uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
  uint32_t c2 = (uint32_t)attempt, c3 = (uint32_t)(attempt >> 32);
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)c0 * 0xD2511F53u, p1 = (uint64_t)c2 * 0xCD9E8D57u;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (Block){{c0, c1, c2, c3}};
}

void nns_philox(uint32_t *words, uint64_t key, uint64_t counter, uint64_t attempt) {
  Block b = philox(key, counter, attempt);
  for (int i = 0; i < 4; i++) words[i] = b.w[i];
}

INLINE float unit_f32(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

INLINE double unit_f64(uint32_t high, uint32_t low) {
  return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

INLINE uint64_t word64(Block block) { return (uint64_t)block.w[0] << 32 | block.w[1]; }

CLONES void nns_uniform_f32(float *out, int64_t count, uint64_t key, uint64_t counter) {
  int64_t whole = count / 4;
  for (int64_t i = 0; i < whole; i++) {
    Block b = philox(key, counter + (uint64_t)i, 0);
    for (int j = 0; j < 4; j++) out[i * 4 + j] = unit_f32(b.w[j]);
  }
  Block b = philox(key, counter + (uint64_t)whole, 0);
  for (int64_t i = whole * 4; i < count; i++) out[i] = unit_f32(b.w[i & 3]);
}

CLONES void nns_uniform_f64(double *out, int64_t count, uint64_t key, uint64_t counter) {
  for (int64_t i = 0; i < count; i += 2) {
    Block b = philox(key, counter + (uint64_t)(i / 2), 0);
    out[i] = unit_f64(b.w[0], b.w[1]);
    if (i + 1 < count) out[i + 1] = unit_f64(b.w[2], b.w[3]);
  }
}

// Two independent normals from two uniforms; 1 - u is in (0, 1], so that the logarithm is finite.
INLINE void box_muller(double u, double v, double *x, double *y) {
  double radius = sqrt(-2 * log(1 - u)), angle = 6.283185307179586 * v;
  *x = radius * cos(angle);
  *y = radius * sin(angle);
}

void nns_normal_f32(float *out, int64_t count, uint64_t key, uint64_t counter) {
  for (int64_t i = 0; i < count; i += 4) {
    Block b = philox(key, counter + (uint64_t)(i / 4), 0);
    double z[4];
    box_muller(b.w[0] * 0x1p-32, b.w[1] * 0x1p-32, &z[0], &z[1]);
    box_muller(b.w[2] * 0x1p-32, b.w[3] * 0x1p-32, &z[2], &z[3]);
    for (int j = 0; j < 4 && i + j < count; j++) out[i + j] = (float)z[j];
  }
}

void nns_normal_f64(double *out, int64_t count, uint64_t key, uint64_t counter) {
  for (int64_t i = 0; i < count; i += 2) {
    Block b = philox(key, counter + (uint64_t)(i / 2), 0);
    double x, y;
    box_muller(unit_f64(b.w[0], b.w[1]), unit_f64(b.w[2], b.w[3]), &x, &y);
    out[i] = x;
    if (i + 1 < count) out[i + 1] = y;
  }
}

// Lemire's multiplication method; a rejected block is drawn again with another attempt number (range 0 means 2^64).
static uint64_t below(uint64_t range, uint64_t key, uint64_t counter) {
  uint64_t word = word64(philox(key, counter, 0));
  if (range == 0) return word;
  uint64_t threshold = (0 - range) % range;
  for (uint64_t attempt = 1;; attempt++) {
    unsigned __int128 product = (unsigned __int128)word * range;
    if ((uint64_t)product >= threshold) return (uint64_t)(product >> 64);
    word = word64(philox(key, counter, attempt));
  }
}

void nns_integers(int64_t *out, int64_t count, int64_t low, uint64_t range, uint64_t key, uint64_t counter) {
  for (int64_t i = 0; i < count; i++)
    out[i] = (int64_t)((uint64_t)low + below(range, key, counter + (uint64_t)i));
}

void nns_permutation(int64_t *out, int64_t from, int64_t to, uint64_t key, uint64_t counter) {
  for (int64_t i = from; i < to; i++) {
    int64_t j = (int64_t)below((uint64_t)i + 1, key, counter + (uint64_t)i);
    out[i] = out[j];
    out[j] = i;
  }
}
