#pragma once
#include <stdint.h>

// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). Element i of a draw comes from
// block `counter + i / n`, where a block gives n elements, so a draw of any length is the same however it is cut up.

// One block: four words. The attempt is the upper half of the counter, for draws that must be repeated.
void nns_philox(uint32_t *words, uint64_t key, uint64_t counter, uint64_t attempt);
// Four 32-bit words per block, uniform in [0, 1) with 24 bits.
void nns_uniform_f32(float *out, int64_t count, uint64_t key, uint64_t counter);
// Two per block, uniform in [0, 1) with 53 bits.
void nns_uniform_f64(double *out, int64_t count, uint64_t key, uint64_t counter);
// Standard normal by Box and Muller; four per block.
void nns_normal_f32(float *out, int64_t count, uint64_t key, uint64_t counter);
// Standard normal by Box and Muller; two per block.
void nns_normal_f64(double *out, int64_t count, uint64_t key, uint64_t counter);
// Ints in low ..< low + range without bias; one per block.
void nns_integers(int64_t *out, int64_t count, int64_t low, uint64_t range, uint64_t key, uint64_t counter);
// 0 ..< to in random order, from 0 ..< from in random order (Fisher and Yates); one block per element.
void nns_permutation(int64_t *out, int64_t from, int64_t to, uint64_t key, uint64_t counter);
