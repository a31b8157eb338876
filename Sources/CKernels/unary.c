#include "CKernels.h"
#include "maths.h"

// One function per op and dtype: out[i] = EXPR(x), first for neighbours in memory, then for any stride.
#define UNARY(NAME, OUT, T, EXPR) \
  CLONES nns_fault NAME(void *out_, const void *a_, int64_t sa, int64_t n, double p_, double q_) { \
    OUT *out = out_; \
    const T *a = a_; \
    T p = (T)p_, q = (T)q_; \
    (void)p, (void)q; \
    if (sa == 1) { \
      EACH(i, n) { \
        T x = a[i]; \
        out[i] = (OUT)(EXPR); \
      } \
    } else { \
      EACH(i, n) { \
        T x = a[i * sa]; \
        out[i] = (OUT)(EXPR); \
      } \
    } \
    return NNS_OK; \
  }

// name, index, expression in x, p, q; F(f) is f in this precision.
#define FLOAT_UNARIES(X) \
  X(negate, NNS_NEGATE, -x) \
  X(abs, NNS_ABS, F(fabs)(x)) \
  X(sign, NNS_SIGN, F(sign)(x)) \
  X(square, NNS_SQUARE, x * x) \
  X(clip, NNS_CLIP, F(clip)(x, p, q)) \
  X(relu, NNS_RELU, x < 0 ? 0 : x) \
  X(reciprocal, NNS_RECIPROCAL, 1 / x) \
  X(exp, NNS_EXP, F(exp)(x)) \
  X(expm1, NNS_EXPM1, F(expm1)(x)) \
  X(log, NNS_LOG, F(log)(x)) \
  X(safe_log, NNS_SAFE_LOG, x == 0 ? 0 : F(log)(x)) \
  X(log1p, NNS_LOG1P, F(log1p)(x)) \
  X(log2, NNS_LOG2, F(log2)(x)) \
  X(sqrt, NNS_SQRT, F(sqrt)(x)) \
  X(rsqrt, NNS_RSQRT, 1 / F(sqrt)(x)) \
  X(sin, NNS_SIN, F(sin)(x)) \
  X(cos, NNS_COS, F(cos)(x)) \
  X(tan, NNS_TAN, F(tan)(x)) \
  X(asin, NNS_ASIN, F(asin)(x)) \
  X(acos, NNS_ACOS, F(acos)(x)) \
  X(atan, NNS_ATAN, F(atan)(x)) \
  X(sinh, NNS_SINH, F(sinh)(x)) \
  X(cosh, NNS_COSH, F(cosh)(x)) \
  X(tanh, NNS_TANH, F(tanh)(x)) \
  X(erf, NNS_ERF, F(erf)(x)) \
  X(floor, NNS_FLOOR, F(floor)(x)) \
  X(ceil, NNS_CEIL, F(ceil)(x)) \
  X(round, NNS_ROUND, F(rint)(x)) \
  X(sigmoid, NNS_SIGMOID, F(sigmoid)(x)) \
  X(leaky_relu, NNS_LEAKY_RELU, x < 0 ? p * x : x) \
  X(elu, NNS_ELU, x < 0 ? p * F(expm1)(x) : x) \
  X(leaky_relu_slope, NNS_LEAKY_RELU_SLOPE, x <= 0 ? p : 1) \
  X(elu_slope, NNS_ELU_SLOPE, x <= 0 ? p * F(exp)(x) : 1) \
  X(hard_swish_slope, NNS_HARD_SWISH_SLOPE, x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6) \
  X(mish_slope, NNS_MISH_SLOPE, F(mish_slope)(x)) \
  X(selu, NNS_SELU, F(selu)(x)) \
  X(gelu, NNS_GELU, F(gelu)(x)) \
  X(gelu_tanh, NNS_GELU_TANH, F(gelu_tanh)(x)) \
  X(silu, NNS_SILU, x * F(sigmoid)(x)) \
  X(mish, NNS_MISH, x * F(tanh)(F(softplus)(x))) \
  X(softplus, NNS_SOFTPLUS, F(softplus)(x)) \
  X(hard_swish, NNS_HARD_SWISH, x < -3 ? 0 : x > 3 ? x : x * (x + 3) / 6)

// Klambauer et al., "Self-normalizing neural networks", 2017.
#define SELU_SCALE 1.0507009873554804934193349852946
#define SELU_ALPHA 1.6732632423543772848170429916717
INLINE float selu_f32(float x) {
  return (float)SELU_SCALE * (x < 0 ? (float)SELU_ALPHA * expm1f(x) : x);
}
INLINE double selu_f64(double x) { return SELU_SCALE * (x < 0 ? SELU_ALPHA * expm1(x) : x); }

#define F(f) f##_f32
#define X(name, index, expr) UNARY(nns_##name##_f32, float, float, expr)
FLOAT_UNARIES(X)
UNARY(nns_isnan_f32, uint8_t, float, x != x)
UNARY(nns_isinf_f32, uint8_t, float, x == INFINITY || x == -INFINITY)
UNARY(nns_isfinite_f32, uint8_t, float, x - x == 0)
#undef X
#undef F
#define F(f) f##_f64
#define X(name, index, expr) UNARY(nns_##name##_f64, double, double, expr)
FLOAT_UNARIES(X)
UNARY(nns_isnan_f64, uint8_t, double, x != x)
UNARY(nns_isinf_f64, uint8_t, double, x == INFINITY || x == -INFINITY)
UNARY(nns_isfinite_f64, uint8_t, double, x - x == 0)
#undef X
#undef F

// Whole numbers, with a look at whether the result fits.
#define CHECKED(NAME, T, OVERFLOWS, EXPR) \
  CLONES nns_fault NAME(void *out_, const void *a_, int64_t sa, int64_t n, double p, double q) { \
    T *out = out_; \
    const T *a = a_; \
    int bad = 0; \
    (void)p, (void)q; \
    for (int64_t i = 0; i < n; i++) { \
      T x = a[i * sa]; \
      bad |= OVERFLOWS; \
      out[i] = (T)(EXPR); \
    } \
    return bad ? NNS_OVERFLOW : NNS_OK; \
  }

#define INT_UNARIES(S, T, U, MIN, NEGATES, SQUARES) \
  CHECKED(nns_negate_##S, T, NEGATES, (U)0 - (U)x) \
  CHECKED(nns_abs_##S, T, x == MIN && MIN != 0, x < 0 ? (U)0 - (U)x : (U)x) \
  CHECKED(nns_sign_##S, T, 0, (x > 0) - (x < 0)) \
  CHECKED(nns_square_##S, T, SQUARES, (U)x * (U)x) \
  CHECKED(nns_relu_##S, T, 0, x < 0 ? 0 : x) \
  CHECKED(nns_not_##S, T, 0, ~x)
INT_UNARIES(i64, int64_t, uint64_t, INT64_MIN, x == INT64_MIN, x > 3037000499 || x < -3037000499)
INT_UNARIES(i32, int32_t, uint32_t, INT32_MIN, x == INT32_MIN, x > 46340 || x < -46340)
INT_UNARIES(u8, uint8_t, uint32_t, 0, x != 0, x > 15)
CHECKED(nns_not_bool, uint8_t, 0, !x)

nns_unary nns_unary_kernel(nns_unary_op op, nns_dtype dtype) {
#define X(name, index, expr) [index] = nns_##name##_f32,
  static const nns_unary f32[NNS_UNARY_COUNT] = {
    FLOAT_UNARIES(X)
    [NNS_ISNAN] = nns_isnan_f32, [NNS_ISINF] = nns_isinf_f32, [NNS_ISFINITE] = nns_isfinite_f32};
#undef X
#define X(name, index, expr) [index] = nns_##name##_f64,
  static const nns_unary f64[NNS_UNARY_COUNT] = {
    FLOAT_UNARIES(X)
    [NNS_ISNAN] = nns_isnan_f64, [NNS_ISINF] = nns_isinf_f64, [NNS_ISFINITE] = nns_isfinite_f64};
#undef X
#define TABLE(S) \
  static const nns_unary S[NNS_UNARY_COUNT] = { \
    [NNS_NEGATE] = nns_negate_##S, [NNS_ABS] = nns_abs_##S, [NNS_SIGN] = nns_sign_##S, \
    [NNS_SQUARE] = nns_square_##S, [NNS_RELU] = nns_relu_##S, [NNS_NOT] = nns_not_##S};
  TABLE(i64)
  TABLE(i32)
  TABLE(u8)
  static const nns_unary truth[NNS_UNARY_COUNT] = {[NNS_NOT] = nns_not_bool};
  static const nns_unary *const tables[] = {f32, f64, 0, i64, i32, u8, truth};
  if ((unsigned)dtype > NNS_BOOL || (unsigned)op >= NNS_UNARY_COUNT || !tables[dtype]) return 0;
  return tables[dtype][op];
}
