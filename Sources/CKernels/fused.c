#include "CKernels.h"
#include "maths.h"

#define LANES 32

// Reductions of a row, with explicit lanes.
#define ROWS(S, T) \
  INLINE T row_max_##S(const T *x, int64_t n) { \
    T lanes[LANES], m = x[0]; \
    int64_t i = 0; \
    for (int j = 0; j < LANES; j++) lanes[j] = m; \
    for (; i + LANES <= n; i += LANES) \
      for (int j = 0; j < LANES; j++) lanes[j] = max_##S(lanes[j], x[i + j]); \
    for (int j = 0; j < LANES; j++) m = max_##S(m, lanes[j]); \
    for (; i < n; i++) m = max_##S(m, x[i]); \
    return m; \
  } \
  INLINE T row_dot_##S(const T *x, const T *y, int64_t n) { \
    T lanes[LANES] = {0}, total = 0; \
    int64_t i = 0; \
    for (; i + LANES <= n; i += LANES) \
      for (int j = 0; j < LANES; j++) lanes[j] += x[i + j] * y[i + j]; \
    for (int j = 0; j < LANES; j++) total += lanes[j]; \
    for (; i < n; i++) total += x[i] * y[i]; \
    return total; \
  } \
  INLINE T row_total_##S(const T *x, int64_t n) { \
    T lanes[LANES] = {0}, total = 0; \
    int64_t i = 0; \
    for (; i + LANES <= n; i += LANES) \
      for (int j = 0; j < LANES; j++) lanes[j] += x[i + j]; \
    for (int j = 0; j < LANES; j++) total += lanes[j]; \
    for (; i < n; i++) total += x[i]; \
    return total; \
  } \
  INLINE T row_softmax_##S(T *out, const T *x, int64_t n, int logarithm) { \
    T m = row_max_##S(x, n); \
    EACH(i, n) out[i] = exp_##S(x[i] - m); \
    T total = row_total_##S(out, n); \
    if (logarithm) { \
      T shift = m + log_##S(total); \
      EACH(i, n) out[i] = x[i] - shift; \
    } else { \
      T scale = 1 / total; \
      EACH(i, n) out[i] *= scale; \
    } \
    return total; \
  } \
  CLONES void nns_softmax_##S(T *out, const T *a, int64_t rows, int64_t count, int logarithm) { \
    for (int64_t r = 0; r < rows; r++) row_softmax_##S(out + r * count, a + r * count, count, logarithm); \
  } \
  CLONES void nns_softmax_grad_##S(T *out, const T *dy, const T *y, int64_t rows, int64_t n, int logarithm) { \
    for (int64_t r = 0; r < rows; r++, out += n, dy += n, y += n) { \
      if (logarithm) { \
        T total = row_total_##S(dy, n); \
        EACH(i, n) out[i] = dy[i] - exp_##S(y[i]) * total; \
      } else { \
        T total = row_dot_##S(dy, y, n); \
        EACH(i, n) out[i] = y[i] * (dy[i] - total); \
      } \
    } \
  } \
  CLONES void nns_cross_entropy_##S(T *losses, T *logs, const T *a, const int64_t *labels, int64_t rows, \
                                    int64_t count, int64_t ignored, double smoothing) { \
    for (int64_t r = 0; r < rows; r++) { \
      T *row = logs + r * count; \
      row_softmax_##S(row, a + r * count, count, 1); \
      if (labels[r] == ignored) { \
        losses[r] = 0; \
        continue; \
      } \
      T loss = -row[labels[r]]; \
      if (smoothing != 0) \
        loss = (T)((1 - smoothing) * loss - smoothing * row_total_##S(row, count) / (double)count); \
      losses[r] = loss; \
    } \
  } \
  CLONES void nns_cross_entropy_grad_##S(T *out, const T *logs, const int64_t *labels, const T *weights, \
                                         int64_t rows, int64_t count, int64_t ignored, double smoothing) { \
    T share = (T)(smoothing / (double)count), hit = (T)(1 - smoothing); \
    for (int64_t r = 0; r < rows; r++, out += count, logs += count) { \
      T weight = labels[r] == ignored ? 0 : weights[r]; \
      EACH(i, count) out[i] = (exp_##S(logs[i]) - share) * weight; \
      if (labels[r] != ignored) out[labels[r]] -= hit * weight; \
    } \
  }
ROWS(f32, float)
ROWS(f64, double)

#define NORMALISE(S, T) \
  CLONES void nns_normalise_##S(T *out, const T *a, const T *weight, const T *bias, int64_t rows, int64_t n, \
                                double eps, int centred) { \
    for (int64_t r = 0; r < rows; r++, out += n, a += n) { \
      T mean = centred ? row_total_##S(a, n) / (T)n : 0; \
      EACH(i, n) out[i] = a[i] - mean; \
      T scale = 1 / sqrt_##S(row_dot_##S(out, out, n) / (T)n + (T)eps); \
      if (weight && bias) { \
        EACH(i, n) out[i] = out[i] * scale * weight[i] + bias[i]; \
      } else if (weight) { \
        EACH(i, n) out[i] = out[i] * scale * weight[i]; \
      } else if (bias) { \
        EACH(i, n) out[i] = out[i] * scale + bias[i]; \
      } else { \
        EACH(i, n) out[i] *= scale; \
      } \
    } \
  } \
  CLONES void nns_normalise_grad_##S(T *out, const T *dy, const T *a, int64_t rows, int64_t n, double eps, \
                                     int centred) { \
    for (int64_t r = 0; r < rows; r++, out += n, dy += n, a += n) { \
      T mean = centred ? row_total_##S(a, n) / (T)n : 0; \
      T lift = centred ? row_total_##S(dy, n) / (T)n : 0; \
      EACH(i, n) out[i] = a[i] - mean; \
      T scale = 1 / sqrt_##S(row_dot_##S(out, out, n) / (T)n + (T)eps); \
      T slope = row_dot_##S(out, dy, n) / (T)n * scale * scale; \
      EACH(i, n) out[i] = (dy[i] - lift - out[i] * slope) * scale; \
    } \
  }
NORMALISE(f32, float)
NORMALISE(f64, double)

#define STEPS(S, T) \
  CLONES void nns_adam_##S(T *p, const T *g, T *m, T *v, int64_t n, double rate, double beta1, double beta2, \
                           double eps, double decay, int decoupled, double step1, double step2) { \
    T b1 = (T)beta1, b2 = (T)beta2, c1 = (T)(1 - beta1), c2 = (T)(1 - beta2); \
    T keep = (T)(decoupled ? 1 - rate * decay : 1), l2 = (T)(decoupled ? 0 : decay); \
    T scale = (T)(rate / step1), root = (T)(1 / sqrt(step2)), e = (T)eps; \
    EACH(i, n) { \
      T x = p[i], d = g[i] + l2 * x; \
      T mean = m[i] = b1 * m[i] + c1 * d; \
      T square = v[i] = b2 * v[i] + c2 * d * d; \
      p[i] = x * keep - scale * mean / (sqrt_##S(square) * root + e); \
    } \
  } \
  CLONES void nns_sgd_##S(T *p, const T *g, T *m, int64_t n, double rate, double momentum, double dampening, \
                          double decay, int nesterov, int first) { \
    T r = (T)rate, mu = (T)momentum, take = (T)(first ? 1 : 1 - dampening), l2 = (T)decay; \
    if (!m) { \
      EACH(i, n) p[i] -= r * (g[i] + l2 * p[i]); \
      return; \
    } \
    EACH(i, n) { \
      T d = g[i] + l2 * p[i]; \
      T speed = (first ? 0 : mu * m[i]) + take * d; \
      m[i] = speed; \
      p[i] -= r * (nesterov ? d + mu * speed : speed); \
    } \
  }
STEPS(f32, float)
STEPS(f64, double)

// Rows of the result, `COUNT` at a time and `WIDTH` places wide, each kept in registers while it is summed.
#define SMALL_BLOCK(T, COUNT, WIDTH) \
  for (; j + WIDTH <= n; j += WIDTH) { \
    T sums[COUNT][WIDTH]; \
    for (int r = 0; r < COUNT; r++) \
      for (int l = 0; l < WIDTH; l++) sums[r][l] = accumulate ? c[(i + r) * n + j + l] : 0; \
    for (int64_t q = 0; q < k; q++) \
      for (int r = 0; r < COUNT; r++) { \
        T x = a[(i + r) * ar + q * ac]; \
        for (int l = 0; l < WIDTH; l++) sums[r][l] += x * b[q * br + j + l]; \
      } \
    for (int r = 0; r < COUNT; r++) \
      for (int l = 0; l < WIDTH; l++) c[(i + r) * n + j + l] = sums[r][l]; \
  }

#define SMALL(S, T) \
  CLONES void nns_small_product_##S(T *c, const T *a, int64_t ar, int64_t ac, const T *b, int64_t br, int64_t bc, \
                                    int64_t m, int64_t n, int64_t k, int accumulate) { \
    T lines[SMALL_LINES]; \
    if (bc != 1 && n > 1 && m > 1 && n * k <= SMALL_LINES) { \
      for (int64_t j = 0; j < n; j++) \
        for (int64_t q = 0; q < k; q++) lines[q * n + j] = b[q * br + j * bc]; \
      b = lines, br = n, bc = 1; \
    } \
    int64_t i = 0; \
    while (i < m) { \
      int64_t j = 0, rows = 1; \
      if (bc == 1 || n == 1) { \
        if (m - i >= 4) { \
          SMALL_BLOCK(T, 4, 16) \
          SMALL_BLOCK(T, 4, 4) \
          SMALL_BLOCK(T, 4, 1) \
          rows = 4; \
        } else { \
          SMALL_BLOCK(T, 1, 16) \
          SMALL_BLOCK(T, 1, 4) \
        } \
      } \
      for (; j < n; j++) { \
        T sum = accumulate ? c[i * n + j] : 0; \
        for (int64_t q = 0; q < k; q++) sum += a[i * ar + q * ac] * b[q * br + j * bc]; \
        c[i * n + j] = sum; \
      } \
      i += rows; \
    } \
  }
#define SMALL_LINES 4096
SMALL(f32, float)
SMALL(f64, double)

int nns_product_i64(int64_t *c, int64_t lead, const int64_t *a, int64_t ar, int64_t ac, const int64_t *b, int64_t br,
                    int64_t bc, int64_t m, int64_t n, int64_t k, int accumulate) {
  int bad = 0;
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      int64_t total = accumulate ? c[i * lead + j] : 0, term;
      for (int64_t q = 0; q < k; q++)
        bad |= __builtin_mul_overflow(a[i * ar + q * ac], b[q * br + j * bc], &term) ||
               __builtin_add_overflow(total, term, &total);
      c[i * lead + j] = total;
    }
  return !bad;
}
