#pragma once
#include "convolution.h"

// Convolution of one channel with a kernel of its own.
typedef struct {
  nns_window window;
  // How many times as far apart the elements of the input stand, with zeros between them; then the stride is 1. With the
  // kernel turned around this is the gradient by the input of a convolution of that stride.
  int64_t spread[3];
  int turned;
} nns_depthwise;

// Planes from..<to among those of all images, of which every so manyth has the same kernel.
typedef struct {
  int64_t from, to, kernels;
} nns_planes;

// Elements that the functions below use as scratch; 0 where they would need too many for so large a kernel.
int64_t nns_depthwise_room(const nns_depthwise *d);

// Elements of `size` bytes: 4 or 8. Of the planes of out [out...] the part, from those of x [in...], with kernels [kernel...],
// and what is added for each kernel unless it is null.
void nns_depthwise_sums(
    int64_t size, void *out, const void *x, const void *kernels, const void *bias, const nns_depthwise *d, nns_planes planes,
    nns_part part, void *room);
// Adds to the kernels of dw what the part of the planes of dy [out...] has to do with x [in...]; for such as are not turned.
void nns_depthwise_weight(
    int64_t size, void *dw, const void *x, const void *dy, const nns_depthwise *d, nns_planes planes, nns_part part,
    void *room);
