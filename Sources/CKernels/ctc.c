#include "CKernels.h"
#include "maths.h"

// The labels with a blank before, between and after them make 2 · count + 1 places. In each step a path stands at one of them
// and goes on to the same, the next, or the one after that unless it is a blank or the same label again. All is in
// logarithms, which add up in double: over many steps they grow large; only their differences are taken in f32.

// Places that cannot be reached stand before each row, so that every place has two before it.
#define FRONT 2

// 0 at places that can be reached from the last but one, in order or from the last to the first.
static void bars(double *bars, const int64_t *labels, int64_t count, int reversed) {
  bars[0] = -INFINITY;
  for (int64_t i = 0; i < count; i++) {
    int64_t k = reversed ? count - 1 - i : i;
    int repeats = i > 0 && labels[k] == labels[reversed ? k + 1 : k - 1];
    bars[2 * i + 1] = repeats ? -INFINITY : 0;
    bars[2 * i + 2] = -INFINITY;
  }
}

// What all paths have before the first step.
static void start(double *row, int64_t places) {
  for (int64_t l = 0; l < places + FRONT; l++) row[l] = -INFINITY;
  row[FRONT] = 0;
}

#define CTC(S, T) \
  /* The log-probabilities of the places' classes. */ \
  INLINE void emissions_##S(double *e, const T *logs, const int64_t *labels, int64_t count, int64_t blank, int reversed) { \
    for (int64_t i = 0; i < count; i++) { \
      e[2 * i] = logs[blank]; \
      e[2 * i + 1] = logs[labels[reversed ? count - 1 - i : i]]; \
    } \
    e[2 * count] = logs[blank]; \
  } \
  /* One step from row a. */ \
  CLONES static void step_##S(double *out, const double *a, const double *e, const double *bars, int64_t n) { \
    out[0] = out[1] = -INFINITY; \
    out += FRONT; \
    a += FRONT; \
    EACH(l, n) { \
      double x = a[l], y = a[l - 1], z = a[l - 2] + bars[l]; \
      double m = max_f64(max_f64(x, y), z); \
      m = m > -INFINITY ? m : 0; \
      out[l] = m + e[l] + (double)log_##S(exp_##S((T)(x - m)) + exp_##S((T)(y - m)) + exp_##S((T)(z - m))); \
    } \
  } \
  /* How probable each place is, last one first, where paths a from the front and b from the end meet. */ \
  CLONES static void meet_##S(double *e, const double *a, const double *b, double loss, int64_t n) { \
    EACH(l, n) { \
      double from = a[FRONT + n - 1 - l]; \
      T p = exp_##S((T)(from + b[FRONT + l] - e[l] + loss)); \
      e[l] = from > -INFINITY ? (double)p : 0; \
    } \
  } \
  double nns_ctc_##S(const T *logs, int64_t from, int64_t to, int64_t classes, const int64_t *labels, int64_t count, \
                     int64_t blank, double *work, int keeps) { \
    int64_t places = 2 * count + 1, width = places + FRONT; \
    double *e = work, *closed = e + places, *rows = closed + places; \
    bars(closed, labels, count, 0); \
    if (from == 0) start(rows, places); \
    for (int64_t t = from; t < to; t++) { \
      emissions_##S(e, logs + t * classes, labels, count, blank, 0); \
      step_##S(rows + (keeps ? t + 1 : (t + 1) % 2) * width, rows + (keeps ? t : t % 2) * width, e, closed, places); \
    } \
    const double *end = rows + (keeps ? to : to % 2) * width + width; \
    double x = end[-1], y = count > 0 ? end[-2] : -INFINITY, m = max_f64(x, y); \
    return -(m > -INFINITY ? m + log(exp(x - m) + exp(y - m)) : m); \
  } \
  void nns_ctc_grad_##S(const T *logs, int64_t from, int64_t to, int64_t steps, int64_t classes, \
                        const int64_t *labels, int64_t count, int64_t blank, double *work, double loss, T *gradient, \
                        double weight) { \
    int64_t places = 2 * count + 1, width = places + FRONT; \
    double *e = work, *closed = e + places, *rows = closed + places, *back = rows + (steps + 1) * width; \
    bars(closed, labels, count, 1); \
    if (to == steps) start(back + steps % 2 * width, places); \
    for (int64_t t = to - 1; t >= from; t--) { \
      T *slopes = gradient + t * classes; \
      emissions_##S(e, logs + t * classes, labels, count, blank, 1); \
      step_##S(back + t % 2 * width, back + (t + 1) % 2 * width, e, closed, places); \
      meet_##S(e, rows + (t + 1) * width, back + t % 2 * width, loss, places); \
      double blanks = e[0]; \
      for (int64_t i = 0; i < count; i++) { \
        slopes[labels[count - 1 - i]] -= (T)(weight * e[2 * i + 1]); \
        blanks += e[2 * i + 2]; \
      } \
      slopes[blank] -= (T)(weight * blanks); \
    } \
  }
CTC(f32, float)
CTC(f64, double)
