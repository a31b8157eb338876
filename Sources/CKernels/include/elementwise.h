#pragma once
#include <stdint.h>

// Loops over one run of elements. Outputs are contiguous and either apart from the inputs or the very same memory; inputs
// advance by a stride in elements, 0 for one value throughout.

// Numbered as the Swift enumeration of dtypes.
typedef enum { NNS_F32, NNS_F64, NNS_BF16, NNS_I64, NNS_I32, NNS_U8, NNS_BOOL } nns_dtype;

// What can go wrong inside a loop.
typedef enum { NNS_OK, NNS_OVERFLOW, NNS_ZERO_DIVISION, NNS_NEGATIVE_POWER, NNS_NOT_AN_INT } nns_fault;

// First the light ones, which take less time than memory does.
typedef enum {
  NNS_NEGATE, NNS_ABS, NNS_SIGN, NNS_SQUARE, NNS_CLIP, NNS_RELU, NNS_NOT, NNS_RECIPROCAL, NNS_SQRT,
  NNS_FLOOR, NNS_CEIL, NNS_ROUND, NNS_LEAKY_RELU, NNS_LEAKY_RELU_SLOPE, NNS_HARD_SWISH, NNS_HARD_SWISH_SLOPE,
  NNS_ISNAN, NNS_ISINF, NNS_ISFINITE, NNS_LIGHT_UNARIES,
  NNS_EXP = NNS_LIGHT_UNARIES, NNS_EXPM1, NNS_LOG, NNS_LOG1P, NNS_LOG2, NNS_RSQRT, NNS_SAFE_LOG,
  NNS_SIN, NNS_COS, NNS_TAN, NNS_ASIN, NNS_ACOS, NNS_ATAN, NNS_SINH, NNS_COSH, NNS_TANH, NNS_ERF,
  NNS_SIGMOID, NNS_ELU, NNS_ELU_SLOPE, NNS_SELU, NNS_GELU, NNS_GELU_TANH, NNS_SILU, NNS_MISH, NNS_MISH_SLOPE,
  NNS_SOFTPLUS, NNS_UNARY_COUNT
} nns_unary_op;

typedef enum {
  NNS_ADD, NNS_SUB, NNS_MUL, NNS_DIV, NNS_MIN, NNS_MAX, NNS_AND, NNS_OR, NNS_XOR,
  NNS_EQ, NNS_NE, NNS_LT, NNS_LE, NNS_GT, NNS_GE, NNS_RELU_GRAD, NNS_TANH_GRAD, NNS_SIGMOID_GRAD, NNS_LIGHT_BINARIES,
  NNS_FLOOR_DIV = NNS_LIGHT_BINARIES, NNS_MOD, NNS_POW, NNS_ATAN2, NNS_BCE, NNS_GELU_GRAD, NNS_GELU_TANH_GRAD,
  NNS_SILU_GRAD, NNS_BINARY_COUNT
} nns_binary_op;

// `p` and `q` are the op's parameters: bounds of clip, slope of leaky_relu.
typedef nns_fault (*nns_unary)(void *out, const void *a, int64_t sa, int64_t n, double p, double q);
// BCE is the binary cross-entropy of a logit and its target. Comparisons and tests give bools, one byte each.
typedef nns_fault (*nns_binary)(void *out, const void *a, int64_t sa, const void *b, int64_t sb, int64_t n);
typedef nns_fault (*nns_convert)(void *out, const void *a, int64_t sa, int64_t n);

// The loop for a dtype, or null where there is none.
nns_unary nns_unary_kernel(nns_unary_op op, nns_dtype dtype);
nns_binary nns_binary_kernel(nns_binary_op op, nns_dtype dtype);
nns_convert nns_convert_kernel(nns_dtype to, nns_dtype from);

// out = condition ? a : b, for elements of `size` bytes.
void nns_select(void *out, const uint8_t *condition, int64_t sc, const void *a, int64_t sa, const void *b, int64_t sb,
                int64_t n, int size);

// out[i] = a[i], both with strides, for elements of `size` bytes.
void nns_move(void *out, int64_t so, const void *a, int64_t sa, int64_t n, int size);
// out[i] += a[i] with strides. Only for f32, f64 and i64; false for others.
int nns_move_add(void *out, int64_t so, const void *a, int64_t sa, int64_t n, nns_dtype dtype);
