#include "CKernels.h"
#include "vector.h"

// The input is copied, a strip of rows at a time, into lines with zeros where padding lies, so that no window knows of edges;
// for a stride with every second or third element side by side, so that neighbouring outputs read neighbours.

// Bytes worked on at once, elements of a row and rows that are, and elements of a strip, which stays in the first cache.
#define WIDTH 64
#define ACROSS 512
#define ROWS 4
#define STRIP (1 << 13)
// The most that a kernel may have and a strip may take.
#define MOST_TAPS 1024
#define MOST_ROOM (1 << 20)

// Of a strip: elements from one line to the next, and from one phase of a line to the next; its rows of output.
typedef struct {
  int64_t lead, phase, rows;
} layout;

// Part of the output: rows of one depth from `height` on, of each so many elements from `left` on; and the lines under them.
typedef struct {
  int64_t depth, height, rows, left, width, lines;
} strip;

INLINE int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t rounded_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

// Lines under so many rows of output, for each depth of the kernel.
static int64_t lines(const nns_window *w, int64_t rows) {
  return (rows - 1) * w->stride[1] + (w->kernel[1] - 1) * w->dilation[1] + 1;
}

static layout lay_out(const nns_window *w, int64_t width) {
  int64_t unit = WIDTH / (int64_t)sizeof(float);
  layout l;
  l.phase = rounded_up(width, unit) + rounded_up((w->kernel[2] - 1) * w->dilation[2] / w->stride[2] + 1, unit);
  l.lead = l.phase * w->stride[2];
  int64_t rows = (STRIP / w->kernel[0] / l.lead - lines(w, 1)) / w->stride[1] + 1;
  l.rows = lesser(rows < ROWS ? ROWS : rows / ROWS * ROWS, w->out[1]);
  return l;
}

int64_t nns_depthwise_room(const nns_depthwise *d) {
  const nns_window *w = &d->window;
  int64_t taps = 1;
  for (int i = 0; i < 3; i++) {
    if (w->kernel[i] > MOST_TAPS || w->dilation[i] > MOST_ROOM || w->stride[i] > MOST_ROOM) return 0;
    taps *= w->kernel[i];
  }
  if (taps > MOST_TAPS) return 0;
  layout l = lay_out(w, lesser(w->out[2], ACROSS));
  int64_t room = l.lead > MOST_ROOM ? MOST_ROOM : l.lead * w->kernel[0] * lines(w, l.rows);
  // A narrower part has more rows, and what lies behind its lines takes no more than half of them do.
  return room < MOST_ROOM ? (room < STRIP ? STRIP : room) + STRIP / 2 : 0;
}

// Where in the input a place of the padded one lies, or -1.
INLINE int64_t within(int64_t place, int64_t in, int64_t spread) {
  if (spread > 1) {
    if (place % spread) return -1;
    place /= spread;
  }
  return place < 0 || place >= in ? -1 : place;
}

// The elements of a row that go into one phase of a line: how many, from where on, and to where.
typedef struct {
  int64_t count, from, to;
} run;

static run find_run(const nns_depthwise *d, layout l, strip s, int64_t phase) {
  int64_t step = d->window.stride[2], spread = d->spread[2], inner = d->window.in[2];
  // Where the first element of the phase lies in the row, which may be in the padding.
  int64_t start = phase + s.left * step - d->window.padding[2];
  run r;
  if (spread > 1) {
    r.from = start > 0 ? (start + spread - 1) / spread : 0;
    r.to = r.from * spread - start;
  } else {
    r.to = start < 0 ? (-start + step - 1) / step : 0;
    r.from = start + r.to * step;
  }
  int64_t there = inner > r.from ? (inner - r.from + step - 1) / step : 0;
  int64_t room = l.phase > r.to ? (l.phase - r.to + spread - 1) / spread : 0;
  r.count = lesser(there, room);
  r.to += phase * l.phase;
  return r;
}

// Where the element under each tap of the kernel lies for the first output of a strip.
static void find_taps(int64_t *taps, const nns_window *w, layout l, int64_t lines) {
  for (int64_t kd = 0; kd < w->kernel[0]; kd++)
    for (int64_t kh = 0; kh < w->kernel[1]; kh++)
      for (int64_t kw = 0; kw < w->kernel[2]; kw++) {
        int64_t across = kw * w->dilation[2];
        *taps++ = (kd * lines + kh * w->dilation[1]) * l.lead + across % w->stride[2] * l.phase + across / w->stride[2];
      }
}

// Goes through the strips of a part, and for each through the planes: `l` says how it is laid out, `s` which one it is, `first`
// is its first element in a plane of the output, and `room` has its lines, with zeros but for `x`.
#define EACH_STRIP(S, BODY) \
  const nns_window *w = &d->window; \
  int64_t taps = w->kernel[0] * w->kernel[1] * w->kernel[2], at[MOST_TAPS], across = w->out[2]; \
  int64_t inputs = w->in[0] * w->in[1] * w->in[2], outputs = w->out[0] * w->out[1] * across; \
  strip s; \
  for (s.left = part.left; s.left < part.right; s.left += s.width) { \
    s.width = lesser(part.right - s.left, ACROSS); \
    layout l = lay_out(w, s.width); \
    for (int64_t row = part.from; row < part.to; row += s.rows) { \
      s.depth = row / w->out[1], s.height = row % w->out[1]; \
      s.rows = lesser(l.rows, lesser(part.to - row, w->out[1] - s.height)); \
      s.lines = lines(w, s.rows); \
      find_taps(at, w, l, s.lines); \
      memset(room, 0, (size_t)(w->kernel[0] * s.lines * l.lead) * sizeof *room); \
      int64_t first = row * across + s.left, pitch = l.lead * w->stride[1]; \
      for (int64_t plane = planes.from; plane < planes.to; plane++) { \
        int64_t kernel = plane % planes.kernels; \
        fill_##S(room, x + plane * inputs, d, l, s); \
        BODY \
      } \
    } \
  }

#define DEPTHWISE(S, T, MASK) \
  typedef T lanes_##S __attribute__((vector_size(WIDTH), aligned(sizeof(T)), may_alias)); \
  typedef MASK mask_##S __attribute__((vector_size(WIDTH))); \
  enum { LANES_##S = WIDTH / sizeof(T) }; \
  \
  CLONES static void fill_##S(T *lines, const T *x, const nns_depthwise *d, layout l, strip s) { \
    const nns_window *w = &d->window; \
    int64_t step = w->stride[2], spread = d->spread[2]; \
    int64_t top = s.height * w->stride[1] - w->padding[1]; \
    for (int64_t phase = 0; phase < step; phase++) { \
      run r = find_run(d, l, s, phase); \
      T *line = lines + r.to; \
      int64_t depth = s.depth * w->stride[0] - w->padding[0]; \
      for (int64_t kd = 0; kd < w->kernel[0]; kd++, depth += w->dilation[0]) { \
        int64_t z = within(depth, w->in[0], d->spread[0]); \
        for (int64_t j = 0; j < s.lines; j++, line += l.lead) { \
          int64_t y = within(top + j, w->in[1], d->spread[1]); \
          if (z < 0 || y < 0) continue; \
          const T *from = x + (z * w->in[1] + y) * w->in[2] + r.from; \
          if (step == 1 && spread == 1) memcpy(line, from, (size_t)r.count * sizeof(T)); \
          else if (step == 2) for (int64_t i = 0; i < r.count; i++) line[i] = from[i * 2]; \
          else for (int64_t i = 0; i < r.count; i++) line[i * spread] = from[i * step]; \
        } \
      } \
    } \
  } \
  \
  /* Rows of output whose lines lie `pitch` apart; the kernel's elements are read `turn` apart, which is 1 or -1. With \
     `by_three` it is 3 x 3 at each depth, and its rows lie as those of the output do: what is read serves three of them. */ \
  INLINE void rows_##S( \
      T *out, int64_t across, const T *line, int64_t pitch, const T *kernel, int64_t turn, const int64_t *at, int64_t taps, \
      int by_three, T bias, int64_t width, int64_t rows) { \
    for (int64_t i = 0; i < width; i += LANES_##S) { \
      lanes_##S sums[ROWS]; \
      for (int64_t r = 0; r < rows; r++) sums[r] = bias + (lanes_##S){0}; \
      for (int64_t t = 0; t < taps && !by_three; t++) \
        for (int64_t r = 0; r < rows; r++) sums[r] += kernel[t * turn] * *(const lanes_##S *)(line + at[t] + r * pitch + i); \
      /* The taps of the first row at each depth: 0, 1, 2, 9… */ \
      for (int64_t t = 0; t < taps && by_three; t += t % 9 == 2 ? 7 : 1) \
        for (int64_t j = 0; j < rows + 2; j++) { \
          lanes_##S x = *(const lanes_##S *)(line + at[t] + j * pitch + i); \
          for (int64_t kh = 0; kh < 3; kh++) \
            if (j >= kh && j - kh < rows) sums[j - kh] += kernel[(t + kh * 3) * turn] * x; \
        } \
      for (int64_t r = 0; r < rows; r++) { \
        T *to = out + r * across + i; \
        if (i + LANES_##S <= width) *(lanes_##S *)to = sums[r]; \
        else memcpy(to, &sums[r], (size_t)(width - i) * sizeof(T)); \
      } \
    } \
  } \
  CLONES static void sums_##S( \
      T *out, const T *x, const T *kernels, const T *bias, const nns_depthwise *d, nns_planes planes, nns_part part, \
      T *room) { \
    int64_t turn = d->turned ? -1 : 1; \
    const int64_t *k = d->window.kernel; \
    int by_three = k[1] == 3 && k[2] == 3 && d->window.stride[1] == 1 && d->window.dilation[1] == 1; \
    EACH_STRIP(S, \
      const T *from = kernels + kernel * taps + (d->turned ? taps - 1 : 0); \
      T extra = bias ? bias[kernel] : 0; \
      for (int64_t r = 0; r < s.rows; r += ROWS) { \
        T *to = out + plane * outputs + first + r * across; \
        const T *line = room + r * pitch; \
        switch (lesser(s.rows - r, ROWS)) { \
          case 1: rows_##S(to, across, line, pitch, from, turn, at, taps, by_three, extra, s.width, 1); break; \
          case 2: rows_##S(to, across, line, pitch, from, turn, at, taps, by_three, extra, s.width, 2); break; \
          case 3: rows_##S(to, across, line, pitch, from, turn, at, taps, by_three, extra, s.width, 3); break; \
          default: rows_##S(to, across, line, pitch, from, turn, at, taps, by_three, extra, s.width, ROWS); \
        } \
      }) \
  } \
  \
  /* What a strip adds for some taps; `ends` are the last elements of each row of dy, too few to fill lanes, and zeros. */ \
  INLINE void taps_##S( \
      T *dw, const T *line, int64_t pitch, const T *dy, int64_t across, const T *ends, const int64_t *at, int64_t width, \
      int64_t rows, int64_t taps) { \
    int64_t whole = width / LANES_##S * LANES_##S; \
    lanes_##S sums[3] = {{0}}; \
    mask_##S mask = {0}; \
    for (int64_t i = 0; i < width - whole; i++) mask[i] = -1; \
    for (int64_t r = 0; r < rows; r++, line += pitch, dy += across, ends += LANES_##S) { \
      for (int64_t i = 0; i < whole; i += LANES_##S) \
        for (int64_t t = 0; t < taps; t++) \
          sums[t] += *(const lanes_##S *)(dy + i) * *(const lanes_##S *)(line + at[t] + i); \
      if (whole < width) \
        for (int64_t t = 0; t < taps; t++) { \
          lanes_##S x = *(const lanes_##S *)(line + at[t] + whole); \
          sums[t] += *(const lanes_##S *)ends * (lanes_##S)((mask_##S)x & mask); \
        } \
    } \
    for (int64_t t = 0; t < taps; t++) { \
      PRAGMA(clang fp reassociate(on)) \
      T total = 0; \
      for (int64_t i = 0; i < LANES_##S; i++) total += sums[t][i]; \
      dw[t] += total; \
    } \
  } \
  CLONES static void weight_##S( \
      T *dw, const T *x, const T *dy, const nns_depthwise *d, nns_planes planes, nns_part part, T *room) { \
    EACH_STRIP(S, \
      const T *upstream = dy + plane * outputs + first; \
      T *to = dw + kernel * taps; \
      T *ends = room + w->kernel[0] * s.lines * l.lead; \
      int64_t rest = s.width % LANES_##S; \
      memset(ends, 0, (size_t)(s.rows * LANES_##S) * sizeof(T)); \
      for (int64_t r = 0; r < s.rows; r++) \
        memcpy(ends + r * LANES_##S, upstream + r * across + s.width - rest, (size_t)rest * sizeof(T)); \
      int64_t t = 0; \
      for (; t + 3 <= taps; t += 3) taps_##S(to + t, room, pitch, upstream, across, ends, at + t, s.width, s.rows, 3); \
      for (; t < taps; t++) taps_##S(to + t, room, pitch, upstream, across, ends, at + t, s.width, s.rows, 1);) \
  }
DEPTHWISE(f32, float, int32_t)
DEPTHWISE(f64, double, int64_t)

void nns_depthwise_sums(
    int64_t size, void *out, const void *x, const void *kernels, const void *bias, const nns_depthwise *d, nns_planes planes,
    nns_part part, void *room) {
  if (size == sizeof(float)) sums_f32(out, x, kernels, bias, d, planes, part, room);
  else sums_f64(out, x, kernels, bias, d, planes, part, room);
}

void nns_depthwise_weight(
    int64_t size, void *dw, const void *x, const void *dy, const nns_depthwise *d, nns_planes planes, nns_part part,
    void *room) {
  if (size == sizeof(float)) weight_f32(dw, x, dy, d, planes, part, room);
  else weight_f64(dw, x, dy, d, planes, part, room);
}
