#pragma once
#include <stdint.h>

// Convolutions of 3x3 kernels with stride 1 by minimal filtering, see winograd.c. Planes of height x width elements, covered
// by `rows` x `columns` tiles, the first of them `top` and `left` elements before the plane's first. For results top and
// left are 0. The rows of tiles are counted through all images.
typedef struct {
  int64_t height, width, rows, columns, top, left;
} nns_tiles;
// Rows of tiles that nns_winograd_tiles works on at once.
static inline int64_t nns_winograd_rows(nns_tiles t) { return t.columns < 128 ? 128 / t.columns : 1; }
// Elements of a line of scratch; the functions take nine lines.
static inline int64_t nns_winograd_line(nns_tiles t) { return nns_winograd_rows(t) * 2 * t.columns + t.width + t.left + 96; }
// From one of the 16 matrices [planes, lead] to the next: a line of the cache more than their size, or the same places of all
// would compete for one set of the cache.
static inline int64_t nns_winograd_step(int64_t planes, int64_t lead) { return planes * lead + 16; }
// v [16, planes, lead] from the rows from ..< to of tiles of x [images, planes, height, width]. `lead` is at least 16 more
// than there are tiles: what lies behind them is overwritten.
void nns_winograd_tiles(
  float *v, int64_t lead, const float *x, nns_tiles t, int64_t planes, int64_t from, int64_t to, float *scratch);
// The results y from m, plus a bias for each plane unless it is null.
void nns_winograd_results(
  float *y, const float *m, int64_t lead, const float *bias, nns_tiles t, int64_t planes, int64_t from, int64_t to,
  float *scratch);
// What nns_winograd_results does, the other way round: m from the gradients of results.
void nns_winograd_upstream(
  float *m, int64_t lead, const float *dy, nns_tiles t, int64_t planes, int64_t from, int64_t to, float *scratch);
// u [16, count] from kernels w [count, 3, 3], and the gradient of w from that of u.
void nns_winograd_weights(float *u, const float *w, int64_t count);
void nns_winograd_weights_back(float *dw, const float *du, int64_t count);
