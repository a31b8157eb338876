#include "CKernels.h"
#include "maths.h"

// One function per op and dtype: out[i] = EXPR(x, y). The four ways in which operands lie have loops of their own.
#define BINARY(NAME, OUT, T, EXPR) \
  CLONES nns_fault NAME(void *out_, const void *a_, int64_t sa, const void *b_, int64_t sb, int64_t n) { \
    OUT *out = out_; \
    const T *a = a_, *b = b_; \
    if (sa == 1 && sb == 1) { \
      EACH(i, n) { \
        T x = a[i], y = b[i]; \
        out[i] = (OUT)(EXPR); \
      } \
    } else if (sa == 1 && sb == 0 && n > 0) { \
      T y = b[0]; \
      EACH(i, n) { \
        T x = a[i]; \
        out[i] = (OUT)(EXPR); \
      } \
    } else if (sa == 0 && sb == 1 && n > 0) { \
      T x = a[0]; \
      EACH(i, n) { \
        T y = b[i]; \
        out[i] = (OUT)(EXPR); \
      } \
    } else { \
      EACH(i, n) { \
        T x = a[i * sa], y = b[i * sb]; \
        out[i] = (OUT)(EXPR); \
      } \
    } \
    return NNS_OK; \
  }

// In gradients x is the upstream gradient, y the function's result or, where it says so, its argument.
#define FLOAT_BINARIES(X) \
  X(add, NNS_ADD, x + y) \
  X(sub, NNS_SUB, x - y) \
  X(mul, NNS_MUL, x * y) \
  X(div, NNS_DIV, x / y) \
  X(floor_div, NNS_FLOOR_DIV, F(floor_div)(x, y)) \
  X(mod, NNS_MOD, F(mod)(x, y)) \
  X(min, NNS_MIN, F(min)(x, y)) \
  X(max, NNS_MAX, F(max)(x, y)) \
  X(atan2, NNS_ATAN2, F(atan2)(x, y)) \
  X(bce, NNS_BCE, (1 - y) * x + F(softplus)(-x)) \
  X(relu_grad, NNS_RELU_GRAD, y <= 0 ? 0 : x) \
  X(tanh_grad, NNS_TANH_GRAD, x * (1 - y * y)) \
  X(sigmoid_grad, NNS_SIGMOID_GRAD, x * y * (1 - y)) \
  X(gelu_grad, NNS_GELU_GRAD, x * F(gelu_grad)(y)) \
  X(gelu_tanh_grad, NNS_GELU_TANH_GRAD, x * F(gelu_tanh_grad)(y)) \
  X(silu_grad, NNS_SILU_GRAD, x * F(silu_grad)(y))

#define COMPARISONS(X) \
  X(eq, NNS_EQ, x == y) \
  X(ne, NNS_NE, x != y) \
  X(lt, NNS_LT, x < y) \
  X(le, NNS_LE, x <= y) \
  X(gt, NNS_GT, x > y) \
  X(ge, NNS_GE, x >= y)

#define F(f) f##_f32
#define X(name, index, expr) BINARY(nns_##name##_f32, float, float, expr)
FLOAT_BINARIES(X)
#undef X
#undef F
#define F(f) f##_f64
#define X(name, index, expr) BINARY(nns_##name##_f64, double, double, expr)
FLOAT_BINARIES(X)
#undef X
#undef F

// Powers that people write most have loops of their own; the rest is the C library's.
#define POWER(S, T, SQRT) \
  BINARY(nns_pow_any_##S, T, T, pow_##S(x, y)) \
  CLONES nns_fault nns_pow_##S(void *out_, const void *a_, int64_t sa, const void *b_, int64_t sb, int64_t n) { \
    T *out = out_; \
    const T *a = a_, *b = b_; \
    T y = sb == 0 && n > 0 ? b[0] : 0; \
    if (y == 2) { \
      EACH(i, n) out[i] = a[i * sa] * a[i * sa]; \
    } else if (y == 3) { \
      EACH(i, n) out[i] = a[i * sa] * a[i * sa] * a[i * sa]; \
    } else if (y == 1) { \
      EACH(i, n) out[i] = a[i * sa]; \
    } else if (y == -1) { \
      EACH(i, n) out[i] = 1 / a[i * sa]; \
    } else { \
      return nns_pow_any_##S(out_, a_, sa, b_, sb, n); \
    } \
    return NNS_OK; \
  }
POWER(f32, float, sqrtf)
POWER(f64, double, sqrt)

#define X(name, index, expr) \
  BINARY(nns_##name##_f32, uint8_t, float, expr) \
  BINARY(nns_##name##_f64, uint8_t, double, expr) \
  BINARY(nns_##name##_i64, uint8_t, int64_t, expr) \
  BINARY(nns_##name##_i32, uint8_t, int32_t, expr) \
  BINARY(nns_##name##_u8, uint8_t, uint8_t, expr)
COMPARISONS(X)
#undef X

#define INT_BINARIES(S, T) \
  BINARY(nns_min_##S, T, T, x < y ? x : y) \
  BINARY(nns_max_##S, T, T, x > y ? x : y) \
  BINARY(nns_and_##S, T, T, x & y) \
  BINARY(nns_or_##S, T, T, x | y) \
  BINARY(nns_xor_##S, T, T, x ^ y)
INT_BINARIES(i64, int64_t)
INT_BINARIES(i32, int32_t)
INT_BINARIES(u8, uint8_t)

// Whole numbers; FAULT says what is wrong with a pair, and the loop goes on with a harmless result.
#define CHECKED(NAME, T, BODY) \
  CLONES nns_fault NAME(void *out_, const void *a_, int64_t sa, const void *b_, int64_t sb, int64_t n) { \
    T *out = out_; \
    const T *a = a_, *b = b_; \
    int fault = NNS_OK; \
    for (int64_t i = 0; i < n; i++) { \
      T x = a[i * sa], y = b[i * sb], r; \
      BODY; \
      out[i] = r; \
    } \
    return (nns_fault)fault; \
  }
#define OVERFLOWING(BUILTIN) \
  if (BUILTIN(x, y, &r)) fault = NNS_OVERFLOW

// Quotient rounded down and remainder with the divisor's sign; the smallest int by -1 overflows.
#define DIVIDING(RESULT) \
  if (y == 0) { \
    fault = NNS_ZERO_DIVISION; \
    r = 0; \
  } else if (y - 1 == -2) { \
    if (__builtin_sub_overflow((T_)0, x, &r)) fault = NNS_OVERFLOW; \
    RESULT##_MINUS_ONE; \
  } else { \
    RESULT; \
  }
#define QUOTIENT \
  r = x / y; \
  if (x % y != 0 && (x < 0) != (y < 0)) r--
#define QUOTIENT_MINUS_ONE (void)0
#define REMAINDER \
  r = x % y; \
  if (r != 0 && (r < 0) != (y < 0)) r += y
#define REMAINDER_MINUS_ONE \
  r = 0; \
  fault = fault == NNS_OVERFLOW ? NNS_OK : fault

// By squaring; the base is squared no further than the exponent needs.
#define RAISING \
  r = 1; \
  if (y < 0) { \
    fault = NNS_NEGATIVE_POWER; \
  } else { \
    for (T_ base = x, left = y;;) { \
      if ((left & 1) && __builtin_mul_overflow(r, base, &r)) fault = NNS_OVERFLOW; \
      left >>= 1; \
      if (!left) break; \
      if (__builtin_mul_overflow(base, base, &base)) fault = NNS_OVERFLOW; \
    } \
  }

#define INT_ARITHMETIC(S, T) \
  CHECKED(nns_add_##S, T, OVERFLOWING(__builtin_add_overflow)) \
  CHECKED(nns_sub_##S, T, OVERFLOWING(__builtin_sub_overflow)) \
  CHECKED(nns_mul_##S, T, OVERFLOWING(__builtin_mul_overflow)) \
  CHECKED(nns_floor_div_##S, T, DIVIDING(QUOTIENT)) \
  CHECKED(nns_mod_##S, T, DIVIDING(REMAINDER)) \
  CHECKED(nns_pow_##S, T, RAISING)
#define T_ int64_t
INT_ARITHMETIC(i64, int64_t)
#undef T_
#define T_ int32_t
INT_ARITHMETIC(i32, int32_t)
#undef T_
#define T_ uint8_t
INT_ARITHMETIC(u8, uint8_t)
#undef T_

nns_binary nns_binary_kernel(nns_binary_op op, nns_dtype dtype) {
#define X(name, index, expr) [index] = nns_##name##_f32,
  static const nns_binary f32[NNS_BINARY_COUNT] = {FLOAT_BINARIES(X) COMPARISONS(X)[NNS_POW] = nns_pow_f32};
#undef X
#define X(name, index, expr) [index] = nns_##name##_f64,
  static const nns_binary f64[NNS_BINARY_COUNT] = {FLOAT_BINARIES(X) COMPARISONS(X)[NNS_POW] = nns_pow_f64};
#undef X
#define TABLE(S) \
  static const nns_binary S[NNS_BINARY_COUNT] = { \
    [NNS_ADD] = nns_add_##S, [NNS_SUB] = nns_sub_##S, [NNS_MUL] = nns_mul_##S, \
    [NNS_FLOOR_DIV] = nns_floor_div_##S, [NNS_MOD] = nns_mod_##S, [NNS_POW] = nns_pow_##S, \
    [NNS_MIN] = nns_min_##S, [NNS_MAX] = nns_max_##S, [NNS_AND] = nns_and_##S, [NNS_OR] = nns_or_##S, \
    [NNS_XOR] = nns_xor_##S, [NNS_EQ] = nns_eq_##S, [NNS_NE] = nns_ne_##S, [NNS_LT] = nns_lt_##S, \
    [NNS_LE] = nns_le_##S, [NNS_GT] = nns_gt_##S, [NNS_GE] = nns_ge_##S};
  TABLE(i64)
  TABLE(i32)
  TABLE(u8)
  static const nns_binary truth[NNS_BINARY_COUNT] = {
    [NNS_AND] = nns_and_u8, [NNS_OR] = nns_or_u8, [NNS_XOR] = nns_xor_u8, [NNS_EQ] = nns_eq_u8,
    [NNS_NE] = nns_ne_u8, [NNS_LT] = nns_lt_u8, [NNS_LE] = nns_le_u8, [NNS_GT] = nns_gt_u8, [NNS_GE] = nns_ge_u8,
    [NNS_MIN] = nns_min_u8, [NNS_MAX] = nns_max_u8};
  static const nns_binary *const tables[] = {f32, f64, 0, i64, i32, u8, truth};
  if ((unsigned)dtype > NNS_BOOL || (unsigned)op >= NNS_BINARY_COUNT || !tables[dtype]) return 0;
  return tables[dtype][op];
}
