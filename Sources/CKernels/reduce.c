#include "CKernels.h"
#include "maths.h"

// A row is summed in 64 lanes; every 4,096 elements they are added to lanes of doubles, so that error does not grow with length.
// Columns are summed 4,096 at a time in the same way, 64 rows to a fold: long pieces of each row, as memory likes them.
#define LANES 64
#define BLOCK 4096
#define COLUMNS 4096
#define FOLD 64

// The sum of a term of each element x; LAST is the same term for the few elements after the lanes.
#define ROW_SUM(NAME, T, TERM, LAST) \
  INLINE double NAME(const T *a, int64_t n, T mean) { \
    double totals[LANES] = {0}; \
    int64_t i = 0; \
    (void)mean; \
    while (i + LANES <= n) { \
      T lanes[LANES] = {0}; \
      int64_t end = i + BLOCK < n ? i + BLOCK : n; \
      for (; i + LANES <= end; i += LANES) \
        for (int j = 0; j < LANES; j++) { \
          T x = a[i + j]; \
          lanes[j] += TERM; \
        } \
      for (int j = 0; j < LANES; j++) totals[j] += lanes[j]; \
    } \
    for (int width = LANES / 2; width > 0; width /= 2) \
      for (int j = 0; j < width; j++) totals[j] += totals[j + width]; \
    for (; i < n; i++) { \
      T x = a[i]; \
      totals[0] += LAST; \
    } \
    return totals[0]; \
  }

#define SUMS(S, T) \
  ROW_SUM(row_sum_##S, T, x, x) \
  ROW_SUM(row_squares_##S, T, (x - mean) * (x - mean), (double)(x - mean) * (double)(x - mean)) \
  INLINE void column_sums_##S(T *out, const T *a, int64_t count, int64_t inner, int64_t from, double divisor) { \
    int width = (int)(inner - from < COLUMNS ? inner - from : COLUMNS); \
    double total[COLUMNS]; \
    T part[COLUMNS]; \
    EACH(j, width) total[j] = 0; \
    for (int64_t i = 0; i < count; i += FOLD) { \
      EACH(j, width) part[j] = 0; \
      int64_t end = i + FOLD < count ? i + FOLD : count; \
      for (int64_t k = i; k < end; k++) { \
        const T *row = a + k * inner + from; \
        EACH(j, width) part[j] += row[j]; \
      } \
      EACH(j, width) total[j] += part[j]; \
    } \
    EACH(j, width) out[from + j] = (T)(total[j] / divisor); \
  } \
  NARROW_CLONES static double long_sum_##S(const T *a, int64_t n) { return row_sum_##S(a, n, 0); } \
  CLONES nns_fault nns_sum_##S(void *out_, const void *a_, int64_t outer, int64_t count, int64_t inner, double divisor) { \
    T *out = out_; \
    const T *a = a_; \
    for (int64_t o = 0; o < outer; o++) { \
      const T *row = a + o * count; \
      if (inner == 1) out[o] = (T)((count < BLOCK ? row_sum_##S(row, count, 0) : long_sum_##S(row, count)) / divisor); \
      else \
        for (int64_t from = 0; from < inner; from += COLUMNS) \
          column_sums_##S(out + o * inner, a + o * count * inner, count, inner, from, divisor); \
    } \
    return NNS_OK; \
  }
SUMS(f32, float)
SUMS(f64, double)

CLONES nns_fault nns_sum_i64(void *out_, const void *a_, int64_t outer, int64_t count, int64_t inner, double divisor) {
  int64_t *out = out_;
  const int64_t *a = a_;
  int bad = 0;
  (void)divisor;
  for (int64_t i = 0; i < outer * inner; i++) out[i] = 0;
  for (int64_t o = 0; o < outer; o++)
    for (int64_t k = 0; k < count; k++)
      for (int64_t j = 0; j < inner; j++)
        bad |= __builtin_add_overflow(out[o * inner + j], a[(o * count + k) * inner + j], &out[o * inner + j]);
  return bad ? NNS_OVERFLOW : NNS_OK;
}

CLONES nns_fault nns_prod_i64(void *out_, const void *a_, int64_t outer, int64_t count, int64_t inner, double divisor) {
  int64_t *out = out_;
  const int64_t *a = a_;
  int bad = 0;
  (void)divisor;
  for (int64_t i = 0; i < outer * inner; i++) out[i] = 1;
  for (int64_t o = 0; o < outer; o++)
    for (int64_t k = 0; k < count; k++)
      for (int64_t j = 0; j < inner; j++)
        bad |= __builtin_mul_overflow(out[o * inner + j], a[(o * count + k) * inner + j], &out[o * inner + j]);
  return bad ? NNS_OVERFLOW : NNS_OK;
}

// Rows in 64 lanes, columns side by side; FIRST begins, and COMBINE of r and x does not care about order.
#define FOLDS(NAME, T, R, FIRST, COMBINE) \
  CLONES nns_fault NAME(void *out_, const void *a_, int64_t outer, int64_t count, int64_t inner, double divisor) { \
    T *out = out_; \
    const T *a = a_; \
    (void)divisor; \
    for (int64_t o = 0; o < outer; o++) { \
      const T *block = a + o * count * inner; \
      if (inner == 1) { \
        R lanes[LANES], r, x; \
        int64_t i = 0; \
        for (int j = 0; j < LANES; j++) lanes[j] = FIRST(0); \
        for (; i + LANES <= count; i += LANES) \
          for (int j = 0; j < LANES; j++) { \
            x = block[i + j]; \
            r = lanes[j]; \
            lanes[j] = COMBINE; \
          } \
        for (int width = LANES / 2; width > 0; width /= 2) \
          for (int j = 0; j < width; j++) { \
            x = lanes[j + width]; \
            r = lanes[j]; \
            lanes[j] = COMBINE; \
          } \
        r = lanes[0]; \
        for (; i < count; i++) { \
          x = block[i]; \
          r = COMBINE; \
        } \
        out[o] = (T)r; \
      } else { \
        for (int64_t from = 0; from < inner; from += COLUMNS) { \
          int width = (int)(inner - from < COLUMNS ? inner - from : COLUMNS); \
          R part[COLUMNS]; \
          for (int j = 0; j < width; j++) part[j] = FIRST(from + j); \
          for (int64_t k = 0; k < count; k++) { \
            const T *row = block + k * inner + from; \
            EACH(j, width) { \
              R x = row[j], r = part[j]; \
              part[j] = COMBINE; \
            } \
          } \
          EACH(j, width) out[o * inner + from + j] = (T)part[j]; \
        } \
      } \
    } \
    return NNS_OK; \
  }
#define ONE(at) 1
#define ELEMENT(at) block[at]
FOLDS(nns_prod_f32, float, double, ONE, r * x)
FOLDS(nns_prod_f64, double, double, ONE, r * x)
#define EXTREMES(S, T) \
  FOLDS(nns_reduce_max_##S, T, T, ELEMENT, x > r || x != x ? x : r) \
  FOLDS(nns_reduce_min_##S, T, T, ELEMENT, x < r || x != x ? x : r)
EXTREMES(f32, float)
EXTREMES(f64, double)
EXTREMES(i64, int64_t)
EXTREMES(i32, int32_t)
EXTREMES(u8, uint8_t)

nns_reduce nns_reduce_kernel(nns_reduce_op op, nns_dtype dtype) {
  static const nns_reduce table[NNS_REDUCE_COUNT][7] = {
    [NNS_SUM] = {nns_sum_f32, nns_sum_f64, 0, nns_sum_i64},
    [NNS_PROD] = {nns_prod_f32, nns_prod_f64, 0, nns_prod_i64},
    [NNS_REDUCE_MAX] = {nns_reduce_max_f32, nns_reduce_max_f64, 0, nns_reduce_max_i64, nns_reduce_max_i32,
                        nns_reduce_max_u8, nns_reduce_max_u8},
    [NNS_REDUCE_MIN] = {nns_reduce_min_f32, nns_reduce_min_f64, 0, nns_reduce_min_i64, nns_reduce_min_i32,
                        nns_reduce_min_u8, nns_reduce_min_u8}};
  return (unsigned)op < NNS_REDUCE_COUNT && (unsigned)dtype <= NNS_BOOL ? table[op][dtype] : 0;
}

// Positions of columns are counted in I, which is as wide as T, from the first row that is looked at.
#define ARG_COLUMNS(S, T, I, BETTER) \
  for (int64_t left = 0; left < width; left += COLUMNS) { \
    int64_t across = width - left < COLUMNS ? width - left : COLUMNS; \
    T best[COLUMNS]; \
    I place[COLUMNS]; \
    for (int64_t j = 0; j < across; j++) best[j] = a[(from ? out[left + j] * inner : 0) + left + j], place[j] = -1; \
    for (int64_t k = 0; k < to - from; k++) { \
      const T *row = a + (from + k) * inner + left; \
      EACH(j, across) { \
        T x = row[j], r = best[j]; \
        int better = (r == r) & ((x != x) | (BETTER)); \
        best[j] = better ? x : r; \
        place[j] = better ? (I)k : place[j]; \
      } \
    } \
    for (int64_t j = 0; j < across; j++) \
      if (place[j] >= 0 || from == 0) out[left + j] = place[j] < 0 ? 0 : from + place[j]; \
  }

// Goes on from the positions that `out` holds, unless it begins at 0.
#define ARG(S, T, I) \
  CLONES void nns_arg_##S( \
      int64_t *out, const void *a_, int64_t inner, int64_t width, int64_t from, int64_t to, int smallest) { \
    const T *a = a_; \
    if (inner > 1) { \
      if (smallest) ARG_COLUMNS(S, T, I, x < r) \
      else ARG_COLUMNS(S, T, I, x > r) \
      return; \
    } \
    T best, last = a[from ? out[0] : 0]; \
    if (smallest) nns_reduce_min_##S(&best, a + from, 1, to - from, 1, 1); \
    else nns_reduce_max_##S(&best, a + from, 1, to - from, 1, 1); \
    if (from && (last != last || (best == best && (smallest ? best >= last : best <= last)))) return; \
    int64_t i = from; \
    for (int found = 0; i + LANES <= to; i += LANES) { \
      for (int j = 0; j < LANES; j++) found |= (a[i + j] == best) | (a[i + j] != a[i + j]); \
      if (found) break; \
    } \
    while (i < to && a[i] != best && a[i] == a[i]) i++; \
    out[0] = i; \
  }
ARG(f32, float, int32_t)
ARG(f64, double, int64_t)
ARG(i64, int64_t, int64_t)
ARG(i32, int32_t, int32_t)
ARG(u8, uint8_t, int32_t)

nns_arg_reduce nns_arg_reduce_kernel(nns_dtype dtype) {
  static const nns_arg_reduce table[] = {nns_arg_f32, nns_arg_f64, 0, nns_arg_i64, nns_arg_i32, nns_arg_u8, nns_arg_u8};
  return (unsigned)dtype <= NNS_BOOL ? table[dtype] : 0;
}

// Two passes: the mean, then the squared distances from it.
#define VARIANCE(S, T) \
  CLONES void nns_variance_##S(T *out, const T *a, int64_t rows, int64_t count, double divisor) { \
    for (int64_t r = 0; r < rows; r++) { \
      const T *row = a + r * count; \
      T mean = (T)(row_sum_##S(row, count, 0) / (double)count); \
      out[r] = (T)(row_squares_##S(row, count, mean) / divisor); \
    } \
  }
VARIANCE(f32, float)
VARIANCE(f64, double)

#define CUMULATE(S, T, R, ADD, MULTIPLY) \
  CLONES nns_fault nns_cumulate_##S(void *out_, const void *a_, int64_t inner, int64_t from, int64_t to, int product) { \
    T *out = out_; \
    const T *a = a_; \
    int bad = 0; \
    for (int64_t j = 0; j < inner; j++) { \
      R r = from ? out[(from - 1) * inner + j] : product ? 1 : 0; \
      for (int64_t k = from; k < to; k++) { \
        R x = a[k * inner + j]; \
        if (product) MULTIPLY; \
        else ADD; \
        out[k * inner + j] = (T)r; \
      } \
    } \
    return bad ? NNS_OVERFLOW : NNS_OK; \
  }
CUMULATE(f32, float, double, r += x, r *= x)
CUMULATE(f64, double, double, r += x, r *= x)
CUMULATE(i64, int64_t, int64_t, bad |= __builtin_add_overflow(r, x, &r), bad |= __builtin_mul_overflow(r, x, &r))

nns_cumulate nns_cumulate_kernel(nns_dtype dtype) {
  return dtype == NNS_F32 ? nns_cumulate_f32 : dtype == NNS_F64 ? nns_cumulate_f64
         : dtype == NNS_I64 ? nns_cumulate_i64 : 0;
}
