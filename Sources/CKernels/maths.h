#pragma once
#include "vector.h"
#include <float.h>
#include <math.h>
#include <string.h>

// Functions of one number, in f32 by polynomials that vectorise (about 1e-7 relative), in f64 by the C library.

INLINE uint32_t bits_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

INLINE float float_f32(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// Coefficients of the Cephes library's expf. The power of two is applied in two halves, so that results reach infinity and
// zero as they should; adding and taking away 1.5 * 2^23 rounds to an integer that can be read from the bits.
INLINE float exp_f32(float x) {
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  float shifted = x * 1.44269504088896341f + 12582912.0f;
  float n = shifted - 12582912.0f;
  float f = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * f + 1.3981999507e-3f;
  p = p * f + 8.3334519073e-3f;
  p = p * f + 4.1665795894e-2f;
  p = p * f + 1.6666665459e-1f;
  p = p * f + 5.0000001201e-1f;
  p = p * f * f + f + 1.0f;
  int32_t k = (int32_t)(bits_f32(shifted) - 0x4B400000u);
  int32_t half = k >> 1;
  return p * float_f32((uint32_t)(half + 127) << 23) * float_f32((uint32_t)(k - half + 127) << 23);
}

// Cephes logf.
INLINE float log_f32(float x) {
  float scaled = x < FLT_MIN ? x * 8388608.0f : x;
  float e = x < FLT_MIN ? -23.0f : 0.0f;
  uint32_t bits = bits_f32(scaled);
  e += (float)((int32_t)(bits >> 23) - 126);
  float m = float_f32((bits & 0x007fffffu) | 0x3f000000u);
  int low = m < 0.707106781186547524f;
  e -= low ? 1.0f : 0.0f;
  m = low ? m + m - 1.0f : m - 1.0f;
  float z = m * m;
  float y = 7.0376836292e-2f;
  y = y * m - 1.1514610310e-1f;
  y = y * m + 1.1676998740e-1f;
  y = y * m - 1.2420140846e-1f;
  y = y * m + 1.4249322787e-1f;
  y = y * m - 1.6668057665e-1f;
  y = y * m + 2.0000714765e-1f;
  y = y * m - 2.4999993993e-1f;
  y = y * m + 3.3333331174e-1f;
  y = y * m * z - 2.12194440e-4f * e - 0.5f * z;
  float r = m + y + 0.693359375f * e;
  r = x == 0.0f ? -INFINITY : r;
  r = x < 0.0f ? NAN : r;
  return x < INFINITY ? r : x;
}

// The rational function of the Eigen library.
INLINE float tanh_f32(float all) {
  float x = all > 7.90531110763549805f ? 7.90531110763549805f : all;
  x = x < -7.90531110763549805f ? -7.90531110763549805f : x;
  float z = x * x;
  float p = -2.76076847742355e-16f;
  p = p * z + 2.00018790482477e-13f;
  p = p * z - 8.60467152213735e-11f;
  p = p * z + 5.12229709037114e-08f;
  p = p * z + 1.48572235717979e-05f;
  p = p * z + 6.37261928875436e-04f;
  p = p * z + 4.89352455891786e-03f;
  float q = 1.19825839466702e-06f;
  q = q * z + 1.18534705686654e-04f;
  q = q * z + 2.26843463243900e-03f;
  q = q * z + 4.89352518554385e-03f;
  float y = x * p / q;
  // Exactly 1 from there on: what is 1 - tanh(x) has to be 0.
  y = all > 7.90531110763549805f ? 1 : y;
  return all < -7.90531110763549805f ? -1 : y;
}

// A rational function in x squared, fitted so that its largest relative error up to 4, beyond which all is 1, is 3e-8; about
// 4e-7 after rounding.
INLINE float erf_f32(float x) {
  float z = x > 4.0f ? 4.0f : x;
  z = z < -4.0f ? -4.0f : z;
  float s = z * z;
  float p = 1.986753432e-6f;
  p = p * s + 2.845625859e-4f;
  p = p * s + 3.883312922e-3f;
  p = p * s + 5.310165137e-2f;
  p = p * s + 1.935447305e-1f;
  p = p * s + 1.128379107f;
  float q = 3.741969340e-5f;
  q = q * s + 1.185558503e-3f;
  q = q * s + 1.520719379e-2f;
  q = q * s + 1.153498143e-1f;
  q = q * s + 5.048571229e-1f;
  q = q * s + 1.0f;
  float r = z * p / q;
  r = r > 1.0f ? 1.0f : r;
  return r < -1.0f ? -1.0f : r;
}

#define LIBRARY(name) \
  INLINE float name##_f32(float x) { return name##f(x); } \
  INLINE double name##_f64(double x) { return name(x); }
LIBRARY(expm1)
LIBRARY(log1p)
LIBRARY(log2)
LIBRARY(sqrt)
LIBRARY(sin)
LIBRARY(cos)
LIBRARY(tan)
LIBRARY(asin)
LIBRARY(acos)
LIBRARY(atan)
LIBRARY(sinh)
LIBRARY(cosh)
LIBRARY(floor)
LIBRARY(ceil)
LIBRARY(rint)
LIBRARY(fabs)
#undef LIBRARY

INLINE double exp_f64(double x) { return exp(x); }
INLINE double log_f64(double x) { return log(x); }
INLINE double tanh_f64(double x) { return tanh(x); }
INLINE double erf_f64(double x) { return erf(x); }

// What is built from the above, the same in both precisions.
#define DERIVED(T, S) \
  INLINE T sigmoid_##S(T x) { return (T)1 / ((T)1 + exp_##S(-x)); } \
  INLINE T softplus_##S(T x) { \
    T m = x > 0 ? x : 0; \
    T e = exp_##S(-fabs_##S(x)); \
    T l = e < (T)1e-4 ? e - e * e / 2 : log_##S((T)1 + e); \
    return m + l; \
  } \
  INLINE T gelu_##S(T x) { return (T)0.5 * x * ((T)1 + erf_##S(x * (T)0.70710678118654752440)); } \
  INLINE T gelu_grad_##S(T x) { \
    return (T)0.5 * ((T)1 + erf_##S(x * (T)0.70710678118654752440)) + \
           x * (T)0.39894228040143267794 * exp_##S((T)-0.5 * x * x); \
  } \
  INLINE T gelu_tanh_##S(T x) { \
    return (T)0.5 * x * ((T)1 + tanh_##S((T)0.79788456080286535588 * (x + (T)0.044715 * x * x * x))); \
  } \
  INLINE T gelu_tanh_grad_##S(T x) { \
    T t = tanh_##S((T)0.79788456080286535588 * (x + (T)0.044715 * x * x * x)); \
    T slope = (T)0.79788456080286535588 * ((T)1 + (T)0.134145 * x * x); \
    return (T)0.5 * ((T)1 + t) + (T)0.5 * x * ((T)1 - t * t) * slope; \
  } \
  INLINE T mish_slope_##S(T x) { \
    T t = tanh_##S(softplus_##S(x)); \
    return t + x * ((T)1 - t * t) * sigmoid_##S(x); \
  } \
  INLINE T silu_grad_##S(T x) { \
    T s = sigmoid_##S(x); \
    return s * ((T)1 + x * ((T)1 - s)); \
  } \
  INLINE T clip_##S(T x, T low, T high) { \
    T raised = x < low ? low : x; \
    return raised > high ? high : raised; \
  } \
  INLINE T sign_##S(T x) { return x > 0 ? (T)1 : x < 0 ? (T)-1 : x; } \
  INLINE T min_##S(T x, T y) { return x < y || x != x ? x : y; } \
  INLINE T max_##S(T x, T y) { return x > y || x != x ? x : y; }
DERIVED(float, f32)
DERIVED(double, f64)
#undef DERIVED

INLINE float atan2_f32(float x, float y) { return atan2f(x, y); }
INLINE double atan2_f64(double x, double y) { return atan2(x, y); }

// Quotient rounded down and remainder with the divisor's sign, as in Python.
#define FLOORED(T, S, FMOD, FLOOR) \
  INLINE T mod_##S(T x, T y) { \
    T m = FMOD(x, y); \
    return m != 0 && (m < 0) != (y < 0) ? m + y : m == 0 ? copysign(0, y) : m; \
  } \
  INLINE T floor_div_##S(T x, T y) { \
    if (y == 0) return x / y; \
    T m = FMOD(x, y); \
    T d = (x - m) / y; \
    if (m != 0 && (m < 0) != (y < 0)) d -= 1; \
    T f = FLOOR(d); \
    return d - f > (T)0.5 ? f + 1 : f; \
  } \
  INLINE T pow_##S(T x, T y) { return (T)(sizeof(T) == 4 ? powf((float)x, (float)y) : pow(x, y)); }
FLOORED(float, f32, fmodf, floorf)
FLOORED(double, f64, fmod, floor)
#undef FLOORED

INLINE float float_bf16(uint16_t x) { return float_f32((uint32_t)x << 16); }

// To nearest, ties to even.
INLINE uint16_t bf16_float(float x) {
  uint32_t bits = bits_f32(x);
  uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  return x != x ? 0x7fc0 : (uint16_t)rounded;
}
