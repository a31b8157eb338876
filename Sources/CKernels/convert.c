#include "CKernels.h"
#include "maths.h"

// One function per pair of dtypes.
#define CONVERT(TO, FROM, OUT, IN, EXPR) \
  CLONES nns_fault nns_##TO##_from_##FROM(void *out_, const void *a_, int64_t sa, int64_t n) { \
    OUT *out = out_; \
    const IN *a = a_; \
    if (sa == 1) { \
      EACH(i, n) { \
        IN x = a[i]; \
        out[i] = EXPR; \
      } \
    } else { \
      EACH(i, n) { \
        IN x = a[i * sa]; \
        out[i] = EXPR; \
      } \
    } \
    return NNS_OK; \
  }

// Into ints: fractions are cut off, what does not fit is a fault.
#define NARROW(TO, FROM, OUT, IN, FITS, VALUE, FAULT) \
  CLONES nns_fault nns_##TO##_from_##FROM(void *out_, const void *a_, int64_t sa, int64_t n) { \
    OUT *out = out_; \
    const IN *a = a_; \
    int bad = 0; \
    for (int64_t i = 0; i < n; i++) { \
      IN x = a[i * sa]; \
      int fits = FITS; \
      bad |= !fits; \
      out[i] = fits ? (OUT)(VALUE) : 0; \
    } \
    return bad ? FAULT : NNS_OK; \
  }

#define WIDEN(TO, OUT, CAST) \
  CONVERT(TO, f32, OUT, float, CAST(x)) \
  CONVERT(TO, f64, OUT, double, CAST(x)) \
  CONVERT(TO, bf16, OUT, uint16_t, CAST(float_bf16(x))) \
  CONVERT(TO, i64, OUT, int64_t, CAST(x)) \
  CONVERT(TO, i32, OUT, int32_t, CAST(x)) \
  CONVERT(TO, u8, OUT, uint8_t, CAST(x))
#define SINGLE(x) (float)(x)
#define DOUBLE(x) (double)(x)
#define HALF(x) bf16_float((float)(x))
#define TRUTH(x) (x) != 0
WIDEN(f32, float, SINGLE)
WIDEN(f64, double, DOUBLE)
WIDEN(bf16, uint16_t, HALF)
WIDEN(bool, uint8_t, TRUTH)

// The bounds are exact in the float's precision: the least value that still truncates into range, the first that does not.
#define INTS(TO, OUT, LOW, HIGH) \
  NARROW(TO, f32, OUT, float, x > LOW##f && x < HIGH##f, x, NNS_NOT_AN_INT) \
  NARROW(TO, f64, OUT, double, x > LOW && x < HIGH, x, NNS_NOT_AN_INT) \
  NARROW(TO, bf16, OUT, uint16_t, float_bf16(x) > LOW##f && float_bf16(x) < HIGH##f, float_bf16(x), NNS_NOT_AN_INT)
NARROW(i64, f32, int64_t, float, x >= -0x1p63f && x < 0x1p63f, x, NNS_NOT_AN_INT)
NARROW(i64, f64, int64_t, double, x >= -0x1p63 && x < 0x1p63, x, NNS_NOT_AN_INT)
NARROW(i64, bf16, int64_t, uint16_t, float_bf16(x) >= -0x1p63f && float_bf16(x) < 0x1p63f, float_bf16(x), NNS_NOT_AN_INT)
NARROW(i32, f32, int32_t, float, x >= -0x1p31f && x < 0x1p31f, x, NNS_NOT_AN_INT)
NARROW(i32, f64, int32_t, double, x > -2147483649.0 && x < 0x1p31, x, NNS_NOT_AN_INT)
NARROW(i32, bf16, int32_t, uint16_t, float_bf16(x) >= -0x1p31f && float_bf16(x) < 0x1p31f, float_bf16(x), NNS_NOT_AN_INT)
INTS(u8, uint8_t, -1.0, 256.0)
CONVERT(i64, i64, int64_t, int64_t, x)
CONVERT(i64, i32, int64_t, int32_t, x)
CONVERT(i64, u8, int64_t, uint8_t, x)
NARROW(i32, i64, int32_t, int64_t, x >= INT32_MIN && x <= INT32_MAX, x, NNS_OVERFLOW)
CONVERT(i32, i32, int32_t, int32_t, x)
CONVERT(i32, u8, int32_t, uint8_t, x)
NARROW(u8, i64, uint8_t, int64_t, x >= 0 && x <= 255, x, NNS_OVERFLOW)
NARROW(u8, i32, uint8_t, int32_t, x >= 0 && x <= 255, x, NNS_OVERFLOW)
CONVERT(u8, u8, uint8_t, uint8_t, x)
CONVERT(bf16, bf16_copy, uint16_t, uint16_t, x)

nns_convert nns_convert_kernel(nns_dtype to, nns_dtype from) {
#define ROW(TO) \
  {nns_##TO##_from_f32, nns_##TO##_from_f64, nns_##TO##_from_bf16, nns_##TO##_from_i64, \
   nns_##TO##_from_i32, nns_##TO##_from_u8, nns_##TO##_from_u8}
  static const nns_convert table[7][7] = {ROW(f32), ROW(f64), ROW(bf16), ROW(i64), ROW(i32), ROW(u8), ROW(bool)};
  if ((unsigned)to > NNS_BOOL || (unsigned)from > NNS_BOOL) return 0;
  if (to == NNS_BF16 && from == NNS_BF16) return nns_bf16_from_bf16_copy;
  return table[to][from];
}

#define SELECT(T) \
  do { \
    T *out = out_; \
    const T *a = a_, *b = b_; \
    if (sc == 1 && sa == 1 && sb == 1) { \
      EACH(i, n) out[i] = c[i] ? a[i] : b[i]; \
    } else { \
      EACH(i, n) { \
        T x = a[i * sa], y = b[i * sb]; \
        out[i] = c[i * sc] ? x : y; \
      } \
    } \
  } while (0)

CLONES void nns_select(void *out_, const uint8_t *c, int64_t sc, const void *a_, int64_t sa, const void *b_, int64_t sb,
                       int64_t n, int size) {
  switch (size) {
  case 1: SELECT(uint8_t); break;
  case 2: SELECT(uint16_t); break;
  case 4: SELECT(uint32_t); break;
  case 8: SELECT(uint64_t); break;
  }
}

#define MOVE(T) \
  do { \
    T *out = out_; \
    const T *a = a_; \
    if (so == 1 && sa == 1) { \
      EACH(i, n) out[i] = a[i]; \
    } else { \
      for (int64_t i = 0; i < n; i++) out[i * so] = a[i * sa]; \
    } \
  } while (0)

CLONES void nns_move(void *out_, int64_t so, const void *a_, int64_t sa, int64_t n, int size) {
  switch (size) {
  case 1: MOVE(uint8_t); break;
  case 2: MOVE(uint16_t); break;
  case 4: MOVE(uint32_t); break;
  case 8: MOVE(uint64_t); break;
  }
}

#define MOVE_ADD(T) \
  do { \
    T *out = out_; \
    const T *a = a_; \
    if (so == 1 && sa == 1) { \
      EACH(i, n) out[i] += a[i]; \
    } else { \
      for (int64_t i = 0; i < n; i++) out[i * so] += a[i * sa]; \
    } \
  } while (0)

CLONES int nns_move_add(void *out_, int64_t so, const void *a_, int64_t sa, int64_t n, nns_dtype dtype) {
  switch (dtype) {
  case NNS_F32: MOVE_ADD(float); return 1;
  case NNS_F64: MOVE_ADD(double); return 1;
  case NNS_I64: MOVE_ADD(int64_t); return 1;
  default: return 0;
  }
}
