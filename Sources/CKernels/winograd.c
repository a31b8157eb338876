#include "CKernels.h"
#include "vector.h"
#include <string.h>

// Convolutions of 3x3 kernels by minimal filtering F(2x2, 3x3): Lavin and Gray, "Fast algorithms for convolutional neural
// networks" (2016). A tile of 4x4 elements, 2 apart from the next, becomes 16 numbers; for each of these a matrix product
// over channels; 16 numbers become 2x2 results. All matrices here are [16, channels, tiles], with the tiles of a row side by
// side, so that 16 of them are worked on at once.
#define LANES 16
typedef float lanes __attribute__((vector_size(LANES * 4), aligned(4)));

// Macros, for functions would hand vectors over that not every processor has.
#define LOAD(from) (*(const lanes *)(from))
#define STORE(to, all) (*(lanes *)(to) = (all))

// The even and the odd ones of 2 * LANES elements.
INLINE void part_pairs(const float *from, lanes *even, lanes *odd) {
  lanes a = LOAD(from), b = LOAD(from + LANES);
  *even = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  *odd = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

INLINE void join_pairs(float *to, const lanes *even, const lanes *odd) {
  STORE(to, __builtin_shufflevector(*even, *odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  STORE(to + LANES, __builtin_shufflevector(*even, *odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
}

// A row of a plane, or zeros where there is none.
INLINE const float *row_or(const float *zeros, const float *plane, int64_t row, nns_tiles t) {
  return row >= 0 && row < t.height ? plane + row * t.width : zeros;
}

// Four rows of a plane combined into one line each, from the element `from` up to `to`. Rows are often shorter than a vector: the
// end is masked rather than done one by one.
#define COMBINED(line, from, to) \
  PRAGMA(clang loop vectorize(assume_safety) vectorize_predicate(enable) interleave(disable)) \
  for (int i = (from); i < (to); i++) { \
    float first = a[i], second = b[i], third = d[i], fourth = e[i]; \
    (line)[i] = first - third; \
    (line)[size + i] = second + third; \
    (line)[2 * size + i] = third - second; \
    (line)[3 * size + i] = second - fourth; \
  }

CLONES void nns_winograd_tiles(
  float *v, int64_t lead, const float *x, nns_tiles t, int64_t planes, int64_t from, int64_t to, float *scratch
) {
  const int64_t size = nns_winograd_line(t), wide = 2 * t.columns, most = nns_winograd_rows(t);
  // The left halves of tiles, those of all rows side by side so that vectors are full however few a row has, and in the same
  // way the right halves: those are two elements further. What lies around the planes stays zero.
  float *const left = scratch, *const right = scratch + 4 * size, *const zeros = scratch + 8 * size;
  memset(scratch, 0, (size_t)(9 * size) * sizeof(float));
  const int64_t step = nns_winograd_step(planes, lead);
  const int width = (int)t.width, start = t.left < 2 ? (int)(2 - t.left) : 0;
  const int end = t.width < wide - t.left ? width : (int)(wide - t.left);
  for (int64_t c = 0; c < planes; c++) {
    for (int64_t first = from; first < to; first += most) {
      const int64_t last = to - first < most ? to : first + most;
      int64_t row = first % t.rows;
      const float *plane = x + (first / t.rows * planes + c) * t.height * t.width;
      for (int64_t r = first; r < last; r++) {
        const int64_t top = row * 2 - t.top, at = (r - first) * wide + t.left;
        const float *a = row_or(zeros, plane, top, t), *b = row_or(zeros, plane, top + 1, t);
        const float *d = row_or(zeros, plane, top + 2, t), *e = row_or(zeros, plane, top + 3, t);
        float *l = left + at, *m = right + at - 2;
        COMBINED(l, 0, end)
        COMBINED(m, start, width)
        if (++row < t.rows) continue;
        row = 0;
        plane += planes * t.height * t.width;
      }
      float *out = v + c * lead + (first - from) * t.columns;
      for (int64_t k = 0; k < (last - first) * t.columns; k += LANES) {
        for (int i = 0; i < 4; i++) {
          lanes first, second, third, fourth;
          part_pairs(left + i * size + 2 * k, &first, &second);
          part_pairs(right + i * size + 2 * k, &third, &fourth);
          float *at = out + i * 4 * step + k;
          STORE(at, first - third);
          STORE(at + step, second + third);
          STORE(at + 2 * step, third - second);
          STORE(at + 3 * step, second - fourth);
        }
      }
    }
  }
}

CLONES void nns_winograd_results(
  float *y, const float *m, int64_t lead, const float *bias, nns_tiles t, int64_t planes, int64_t from, int64_t to,
  float *scratch
) {
  const int64_t step = nns_winograd_step(planes, lead), size = nns_winograd_line(t);
  for (int64_t o = 0; o < planes; o++) {
    const float added = bias ? bias[o] : 0;
    for (int64_t r = from; r < to; r++) {
      const float *in = m + o * lead + (r - from) * t.columns;
      for (int64_t k = 0; k < t.columns; k += LANES) {
        lanes upper[4], lower[4];
        for (int j = 0; j < 4; j++) {
          const float *at = in + j * step + k;
          lanes a = LOAD(at), b = LOAD(at + 4 * step), d = LOAD(at + 8 * step), e = LOAD(at + 12 * step);
          upper[j] = a + b + d;
          lower[j] = b - d - e;
        }
        lanes even = upper[0] + upper[1] + upper[2] + added, odd = upper[1] - upper[2] - upper[3] + added;
        join_pairs(scratch + 2 * k, &even, &odd);
        even = lower[0] + lower[1] + lower[2] + added, odd = lower[1] - lower[2] - lower[3] + added;
        join_pairs(scratch + size + 2 * k, &even, &odd);
      }
      const int64_t row = r % t.rows * 2;
      float *plane = y + (r / t.rows * planes + o) * t.height * t.width;
      memcpy(plane + row * t.width, scratch, (size_t)t.width * sizeof(float));
      if (row + 1 < t.height) memcpy(plane + (row + 1) * t.width, scratch + size, (size_t)t.width * sizeof(float));
    }
  }
}

CLONES void nns_winograd_upstream(
  float *m, int64_t lead, const float *dy, nns_tiles t, int64_t planes, int64_t from, int64_t to, float *scratch
) {
  const int64_t step = nns_winograd_step(planes, lead), size = nns_winograd_line(t);
  float *line[2] = {scratch, scratch + size};
  memset(scratch, 0, (size_t)(2 * size) * sizeof(float));
  for (int64_t o = 0; o < planes; o++) {
    for (int64_t r = from; r < to; r++) {
      const int64_t row = r % t.rows * 2;
      const float *plane = dy + (r / t.rows * planes + o) * t.height * t.width;
      memcpy(line[0], plane + row * t.width, (size_t)t.width * sizeof(float));
      if (row + 1 < t.height) memcpy(line[1], plane + (row + 1) * t.width, (size_t)t.width * sizeof(float));
      else memset(line[1], 0, (size_t)t.width * sizeof(float));
      float *out = m + o * lead + (r - from) * t.columns;
      for (int64_t k = 0; k < t.columns; k += LANES) {
        lanes even[4], odd[4];
        part_pairs(line[0] + 2 * k, &even[0], &odd[0]);
        part_pairs(line[1] + 2 * k, &even[3], &odd[3]);
        even[1] = even[0] + even[3], odd[1] = odd[0] + odd[3];
        even[2] = even[0] - even[3], odd[2] = odd[0] - odd[3];
        even[3] = -even[3], odd[3] = -odd[3];
        for (int i = 0; i < 4; i++) {
          float *at = out + i * 4 * step + k;
          STORE(at, even[i]);
          STORE(at + step, even[i] + odd[i]);
          STORE(at + 2 * step, even[i] - odd[i]);
          STORE(at + 3 * step, -odd[i]);
        }
      }
    }
  }
}

CLONES void nns_winograd_weights(float *u, const float *w, int64_t count) {
  EACH(n, count) {
    const float *g = w + n * 9;
    float rows[4][3];
    for (int j = 0; j < 3; j++) {
      float sum = g[j] + g[6 + j];
      rows[0][j] = g[j];
      rows[1][j] = (sum + g[3 + j]) * 0.5f;
      rows[2][j] = (sum - g[3 + j]) * 0.5f;
      rows[3][j] = g[6 + j];
    }
    for (int i = 0; i < 4; i++) {
      float sum = rows[i][0] + rows[i][2];
      u[(i * 4 + 0) * count + n] = rows[i][0];
      u[(i * 4 + 1) * count + n] = (sum + rows[i][1]) * 0.5f;
      u[(i * 4 + 2) * count + n] = (sum - rows[i][1]) * 0.5f;
      u[(i * 4 + 3) * count + n] = rows[i][2];
    }
  }
}

CLONES void nns_winograd_weights_back(float *dw, const float *du, int64_t count) {
  EACH(n, count) {
    float rows[3][4];
    for (int j = 0; j < 4; j++) {
      float a = du[j * count + n], b = du[(4 + j) * count + n], c = du[(8 + j) * count + n], d = du[(12 + j) * count + n];
      rows[0][j] = a + (b + c) * 0.5f;
      rows[1][j] = (b - c) * 0.5f;
      rows[2][j] = d + (b + c) * 0.5f;
    }
    for (int i = 0; i < 3; i++) {
      float half = (rows[i][1] + rows[i][2]) * 0.5f;
      dw[n * 9 + i * 3] = rows[i][0] + half;
      dw[n * 9 + i * 3 + 1] = (rows[i][1] - rows[i][2]) * 0.5f;
      dw[n * 9 + i * 3 + 2] = rows[i][3] + half;
    }
  }
}
