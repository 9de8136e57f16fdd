// What goes back through a comparison: errors of embeddings in an update, adjoints of them. Arguments as in comparison.cuh.

namespace evometa {

// Writes what the adjoints z̄ of one example's net inputs, at `bar`, make of each key's to `g`: of keys of classes, that
// may be the same place, of examples that of their parts.
__device__ inline void to_keys(const Life& l, const Keys& keys, int k, int step, const float* bar, float* g) {
  const float *counts = l.rows(extra::COUNTS), *parts = l.rows(extra::PARTS) + k * WIDTH, *totals = l.rows(extra::TOTALS) + k * WIDTH;
  for (int j = 0; j < keys.count; j++) {
    if (by_class(l)) {
      g[j * step] = select(counts[j * WIDTH] > 0.0f, bar[j * step], 0.0f);
      continue;
    }
    const float* target = keys.target(l, j);
    bool member = false;
    for (int c = 0; c < l.answers; c++) member = member || target[c * WIDTH] > 0.0f;
    const float share = parts[j * step] / own_of(target, totals, step, l.answers);
    g[j * step] = select(member, own_of(target, bar, step, l.answers) * share, 0.0f);
  }
}

// The adjoints of N examples' dimension d, as they are compared: of their own places.
struct OwnBar {
  const Life& l;
  const float *u, *g;
  float* bar;
  const Keys& keys;
  int streams;

  template <int N>
  __device__ __forceinline__ void at(int d, int k) const {
    const float double_scale = scale_of(l) * -2.0f;
    const int own = (d * streams + k) * WIDTH;
    float total[N] = {};
    for (int j = 0; j < keys.count; j++) {
      const float key = keys.rows[(d * keys.room + j) * WIDTH], *a = g + (j * streams + k) * WIDTH;
      UNROLL for (int i = 0; i < N; i++) total[i] = fmaf(a[i * WIDTH] * double_scale, u[own + i * WIDTH] - key, total[i]);
    }
    UNROLL for (int i = 0; i < N; i++) bar[own + i * WIDTH] = total[i];
  }
};

// The adjoints of N keys' dimension d: what `count` examples add to them; `fresh`: they begin at 0.
struct KeyBar {
  const Life& l;
  const float *u, *g;
  const Keys& keys;
  int streams, count;
  bool fresh;

  template <int N>
  __device__ __forceinline__ void at(int d, int j) const {
    const float double_scale = scale_of(l) * -2.0f, *key = keys.rows + (d * keys.room + j) * WIDTH;
    float *bar = l.rows(extra::KEY_BAR) + (d * keys.count + j) * WIDTH, total[N];
    UNROLL for (int i = 0; i < N; i++) total[i] = fresh ? 0.0f : bar[i * WIDTH];
    for (int k = 0; k < count; k++) {
      const float own = u[(d * streams + k) * WIDTH];
      UNROLL for (int i = 0; i < N; i++) {
        total[i] = fmaf(-(g[((j + i) * streams + k) * WIDTH] * double_scale), own - key[i * WIDTH], total[i]);
      }
    }
    UNROLL for (int i = 0; i < N; i++) bar[i * WIDTH] = total[i];
  }
};

// Goes from the adjoints of keys' net inputs, at `g`, to those of what was compared, at `bar`, and adds to those of keys.
__device__ __noinline__ void spread(const Life& l, const Keys& keys, const float* u, const float* g, float* bar, int streams,
                                    int count, bool fresh) {
  if (solves(l)) {
    spread_products(l, g, bar, streams, count);
    spread_weights(l, u, g, streams, count, fresh);
    return;
  }
  by_rows(l, OwnBar{l, u, g, bar, keys, streams}, l.outputs, count);
  by_rows(l, KeyBar{l, u, g, keys, streams, count, fresh}, l.outputs, keys.count);
}

// What net inputs of `count` examples made of the scale, whose ḡ lie at `g`, added to what there is.
__device__ inline float scale_bar(const Life& l, const Keys& keys, const float* g, int streams, int count, float total) {
  for (int k = 0; k < count; k++) {
    for (int j = 0; j < keys.count; j++) {
      const int place = (j * streams + k) * WIDTH;
      const float near = l.rows(extra::NEAR)[place];
      total = fmaf(g[place], solves(l) ? near : -near, total);
    }
  }
  return total;
}

// Adds to adjoints of `count` examples, from number `begin` on of those known, what comes by way of keys; `fresh`: these
// adjoints begin at 0.
__device__ __noinline__ void through_keys(const Life& l, const Keys& keys, float* bar, int streams, int begin, int count, bool fresh) {
  const float *shares = l.rows(extra::COUNTS) + l.answers * WIDTH, *key_bar = l.rows(extra::KEY_BAR);
  for (int i = l.team; i < l.outputs * count; i += l.teams) {
    const int d = i / count, k = i % count;
    const float *key = key_bar + d * keys.count * WIDTH, *target = keys.target(l, begin + k);
    float* own = bar + (d * streams + k) * WIDTH;
    float total = fresh ? 0.0f : *own;
    if (solves(l)) {
      total = through_weights(l, d, begin + k, total);
    } else if (by_class(l)) {
      for (int c = 0; c < l.answers; c++) total = fmaf(target[c * WIDTH] * shares[c * WIDTH], key[c * WIDTH], total);
    } else {
      total = total + key[(begin + k) * WIDTH];
    }
    *own = total;
  }
}

// What the length of an embedding makes of it: n, log n, f, and f' (0 where exp_f is held).
struct Length {
  float n, log, f, slope;

  __device__ Length(const Life& l, const float* e, int step) {
    n = EPSILON;
    for (int d = 0; d < l.outputs; d++) n = fmaf(e[d * step], e[d * step], n);
    log = log_f(n);
    const float x = (norm_of(l) * -0.5f) * log;
    f = exp_f(x);
    slope = select(x < LOW, 0.0f, select(x > HIGH, 0.0f, f));
  }
};

// Turns the adjoints of one example as it was compared, at `from`, into those of its embedding e, at `to`. Returns what
// it adds to the adjoint of the norm.
__device__ inline float unit_back(const Life& l, const float* e, const float* from, float* to, int step) {
  if (is_plain(l)) {
    for (int d = 0; d < l.outputs && from != to; d++) to[d * step] = from[d * step];
    return 0.0f;
  }
  const Length length(l, e, step);
  float phi = 0.0f;
  for (int d = 0; d < l.outputs; d++) phi = fmaf(from[d * step], e[d * step], phi);
  const float kappa = (-norm_of(l) * phi * length.slope) / length.n;
  for (int d = 0; d < l.outputs; d++) to[d * step] = fmaf(kappa, e[d * step], length.f * from[d * step]);
  return phi * length.slope * (length.log * -0.5f);
}

// Writes the error rows of embeddings, whose update was compared with itself; errors of net inputs are in place.
__device__ __noinline__ void compare_error(const Life& l, const Trial& t, const int* chosen) {
  const int step = t.streams * WIDTH, outer = l.hidden_end * step;
  const Keys keys = keys_of(l, t, chosen);
  float *err = l.rows(extra::ERR) + outer, *bar = l.rows(extra::OUT_BAR), *g = by_class(l) ? bar : l.rows(extra::PARTS);
  for (int k = l.team; k < t.streams; k += l.teams) to_keys(l, keys, k, step, bar + k * WIDTH, g + k * WIDTH);
  __syncthreads();
  spread(l, keys, units_of(l, t), g, err, t.streams, t.streams, true);
  __syncthreads();
  if (solves(l)) {
    solve_back(l, keys);
    __syncthreads();
  }
  through_keys(l, keys, err, t.streams, 0, t.streams, false);
  __syncthreads();
  if (is_plain(l)) return;
  for (int k = l.team; k < t.streams; k += l.teams) {
    unit_back(l, t.now + outer + k * WIDTH, err + k * WIDTH, err + k * WIDTH, step);
  }
}

}  // namespace evometa
