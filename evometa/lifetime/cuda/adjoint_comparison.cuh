// What goes back through the comparison of an update with itself: from errors, and from net inputs.
//
// Arguments as in comparison.cuh; formulas: evometa/lifetime/comparison.py. A way is a direction: WAY has the derivative of
// what was compared along the adjoints of errors, KEY_WAY that of keys, NEAR_WAY half that of squared distances, Z_WAY that
// of net inputs. G_BAR has ḡ of each key and example, BENT what the errors' own z̄ bends. An example is its team's.

namespace evometa {

// Compares the update at hand once more, and answers: what that leaves is not on the tape.
__device__ __noinline__ void know_again(const Life& l, const Trial& t, const int* chosen) {
  compare(l, t, chosen, t.streams);
  for (int k = l.team; k < t.streams; k += l.teams) answer((int)l.b.head, t.out + k * WIDTH, l.answers, t.streams * WIDTH);
  __syncthreads();
}

// Where the way of keys lies: that of means, or of the examples themselves.
__device__ inline float* key_way(const Life& l) { return l.rows(by_class(l) ? extra::KEY_WAY : extra::WAY); }

// Half the derivative of N examples' squared distances from a key.
struct NearWay {
  const Life& l;
  const float* u;
  const Keys& keys;
  int streams;

  template <int N>
  __device__ __forceinline__ void at(int j, int k) const {
    const float *own = u + k * WIDTH, *way = l.rows(extra::WAY) + k * WIDTH, *key = keys.rows + j * WIDTH, *past = key_way(l) + j * WIDTH;
    float total[N] = {};
    for (int d = 0; d < l.outputs; d++) {
      const float y = key[d * keys.room * WIDTH], y_way = past[d * keys.room * WIDTH];
      UNROLL for (int i = 0; i < N; i++) {
        const int place = (d * streams + i) * WIDTH;
        total[i] = fmaf(own[place] - y, way[place] - y_way, total[i]);
      }
    }
    UNROLL for (int i = 0; i < N; i++) l.rows(extra::NEAR_WAY)[(j * streams + k + i) * WIDTH] = total[i];
  }
};

// Writes the derivative of one example's net inputs to `z_way`, and, where keys are examples, to Z_WAY.
__device__ inline void put_z_way(const Life& l, const Keys& keys, int k, int step, float* z_way) {
  const float *near = l.rows(extra::NEAR_WAY) + k * WIDTH, *counts = l.rows(extra::COUNTS), factor = slope_of(l);
  if (by_class(l)) {
    for (int c = 0; c < l.answers; c++) {
      z_way[c * step] = select(counts[c * WIDTH] > 0.0f, near[c * step] * factor, 0.0f);
    }
    return;
  }
  const float *parts = l.rows(extra::PARTS) + k * WIDTH, *totals = l.rows(extra::TOTALS) + k * WIDTH;
  for (int c = 0; c < l.answers; c++) z_way[c * step] = 0.0f;
  for (int j = 0; j < keys.count; j++) {
    const float* target = keys.target(l, j);
    const float share = parts[j * step] / own_of(target, totals, step, l.answers), way = near[j * step] * factor;
    for (int c = 0; c < l.answers; c++) {
      z_way[c * step] = select(target[c * WIDTH] > 0.0f, fmaf(share, way, z_way[c * step]), z_way[c * step]);
    }
  }
  float* kept = l.rows(extra::Z_WAY) + k * WIDTH;
  for (int c = 0; c < l.answers; c++) kept[c * step] = z_way[c * step];
}

// Writes the derivatives along the adjoints of errors, which thereby become those of the errors of net inputs.
__device__ __noinline__ void put_way(const Descent& d, const Trial& t, const int* chosen) {
  const Life& l = d.l;
  const int step = t.streams * WIDTH, outer = d.outer();
  const float *e = t.now + outer, *bar = l.rows(extra::E_BAR) + outer, *shares = l.rows(extra::COUNTS) + l.answers * WIDTH;
  float *way = l.rows(extra::WAY), *past = l.rows(extra::KEY_WAY);
  const Keys keys = keys_of(l, t, chosen);
  for (int k = l.team; k < t.streams; k += l.teams) unit_back(l, e + k * WIDTH, bar + k * WIDTH, way + k * WIDTH, step);
  __syncthreads();
  if (by_mean(l)) {
    add_classes(l, keys, way, t.streams, 0, t.streams, past);
    for (int i = l.team; i < l.outputs * l.answers; i += l.teams) past[i * WIDTH] = past[i * WIDTH] * shares[i % l.answers * WIDTH];
    __syncthreads();
  }
  if (solves(l)) {
    ridge_way(l, keys);
  } else {
    by_rows(l, NearWay{l, units_of(l, t), keys, t.streams}, keys.count, t.streams);
  }
  __syncthreads();
  for (int k = l.team; k < t.streams; k += l.teams) put_z_way(l, keys, k, step, d.errors_way() + k * WIDTH);
}

// Writes ḡ of the errors' own z̄, which is made once more, of one example and each key, and what it bends.
__device__ inline void put_curves(const Life& l, const Trial& t, const Keys& keys, int k) {
  const int step = t.streams * WIDTH, kind = (int)l.b.head;
  float *bar = l.rows(extra::OUT_BAR) + k * WIDTH, *g = l.rows(extra::G_BAR) + k * WIDTH, double_scale = scale_of(l) * -2.0f;
  if (l.m[column::LOSS_CODE] < 0) {
    error(kind, t.out + k * WIDTH, keys.target(l, k), bar, l.answers, step);
  } else {
    for (int c = 0; c < l.answers; c++) bar[c * step] = l.rows(extra::SLOPES)[c * step + k * WIDTH];
    through(kind, t.out + k * WIDTH, bar, l.answers, step);
  }
  to_keys(l, keys, k, step, bar, g);
  if (by_class(l)) return;
  const float *near = l.rows(extra::NEAR_WAY) + k * WIDTH, *z_way = l.rows(extra::Z_WAY) + k * WIDTH;
  for (int j = 0; j < keys.count; j++) {
    const float own = own_of(keys.target(l, j), z_way, step, l.answers);
    l.rows(extra::BENT)[j * step + k * WIDTH] = g[j * step] * (near[j * step] * double_scale - own);
  }
}

// The adjoints that errors make of N examples' dimension d, as they are compared; of BENT where keys are examples.
struct OwnCurve {
  const Life& l;
  const float* u;
  const Keys& keys;
  int streams;

  template <int N>
  __device__ __forceinline__ void at(int d, int k) const {
    const float double_scale = scale_of(l) * -2.0f, *way = l.rows(extra::WAY), *past = key_way(l);
    const int own = (d * streams + k) * WIDTH;
    float total[N] = {};
    for (int j = 0; j < keys.count; j++) {
      const int key = (d * keys.room + j) * WIDTH, place = (j * streams + k) * WIDTH;
      UNROLL for (int i = 0; i < N; i++) {
        const int at = i * WIDTH;
        total[i] = fmaf(l.rows(extra::G_BAR)[place + at] * double_scale, way[own + at] - past[key], total[i]);
        if (by_class(l)) continue;
        total[i] = fmaf(l.rows(extra::BENT)[place + at] * double_scale, u[own + at] - keys.rows[key], total[i]);
      }
    }
    UNROLL for (int i = 0; i < N; i++) l.rows(extra::U_BAR)[own + i * WIDTH] = total[i];
  }
};

// The same of N keys' dimension d.
struct KeyCurve {
  const Life& l;
  const float* u;
  const Keys& keys;
  int streams;

  template <int N>
  __device__ __forceinline__ void at(int d, int j) const {
    const float double_scale = scale_of(l) * -2.0f, *way = l.rows(extra::WAY), *past = key_way(l);
    const int key = (d * keys.room + j) * WIDTH;
    float total[N] = {};
    for (int k = 0; k < streams; k++) {
      const int own = (d * streams + k) * WIDTH;
      UNROLL for (int i = 0; i < N; i++) {
        const int at = i * WIDTH, place = ((j + i) * streams + k) * WIDTH;
        total[i] = fmaf(-(l.rows(extra::G_BAR)[place] * double_scale), way[own] - past[key + at], total[i]);
        if (by_class(l)) continue;
        total[i] = fmaf(-(l.rows(extra::BENT)[place] * double_scale), u[own] - keys.rows[key + at], total[i]);
      }
    }
    UNROLL for (int i = 0; i < N; i++) l.rows(extra::KEY_BAR)[(d * keys.count + j + i) * WIDTH] = total[i];
  }
};

// What errors made of the scale, over examples and keys.
__device__ inline float scale_curve(const Life& l, const Keys& keys, int streams) {
  float total = 0.0f;
  for (int k = 0; k < streams; k++) {
    for (int j = 0; j < keys.count; j++) {
      const int place = (j * streams + k) * WIDTH;
      const float near_way = l.rows(extra::NEAR_WAY)[place];
      total = fmaf(l.rows(extra::G_BAR)[place], solves(l) ? near_way : near_way * -2.0f, total);
      if (!by_class(l)) total = fmaf(l.rows(extra::BENT)[place], -l.rows(extra::NEAR)[place], total);
    }
  }
  return total;
}

// Adds to adjoints of one embedding, at `bar`, what errors made of ū gets as lengths change; returns what the norm gets.
__device__ inline float bend(const Life& l, const float* e, const float* way, const float* u_bar, float* bar, int step) {
  const Length length(l, e, step);
  const float norm = norm_of(l), log = length.log * -0.5f;
  float a = 0.0f, b = 0.0f, c = 0.0f;
  for (int d = 0; d < l.outputs * step; d += step) {
    a = fmaf(u_bar[d], way[d], a);
    b = fmaf(way[d], e[d], b);
    c = fmaf(u_bar[d], e[d], c);
  }
  const float part = (b * c) / length.n, middle = a - (norm + 2.0f) * part, share = (-norm * length.slope) / length.n;
  for (int d = 0; d < l.outputs * step; d += step) {
    bar[d] = fmaf(share, fmaf(e[d], middle, fmaf(u_bar[d], b, way[d] * c)), bar[d]);
  }
  return length.slope * (log * (a - norm * part) - part);
}

// Adds what the numbers of the metric got to the coefficients that they are.
__device__ inline void add_to_metric(const Descent& d, float scale, float norm, float log_ridge) {
  const Life& l = d.l;
  float* c_bar = l.rows(extra::C_BAR);
  if (l.b.scale_by >= 0) c_bar[l.b.scale_by * WIDTH] = c_bar[l.b.scale_by * WIDTH] + scale;
  if (l.b.norm_by >= 0) c_bar[l.b.norm_by * WIDTH] = c_bar[l.b.norm_by * WIDTH] + norm;
  if (l.b.ridge_by >= 0) c_bar[l.b.ridge_by * WIDTH] = c_bar[l.b.ridge_by * WIDTH] + log_ridge;
}

// Adds what errors made of embeddings and of the metric, beside the answers.
__device__ __noinline__ void add_errors(const Descent& d, const Trial& t, const int* chosen) {
  const Life& l = d.l;
  const int step = t.streams * WIDTH, outer = d.outer();
  const Keys keys = keys_of(l, t, chosen);
  const float *u = units_of(l, t), *e = t.now + outer, *e_bar = l.rows(extra::E_BAR) + outer;
  float *u_bar = l.rows(extra::U_BAR), *bar = l.rows(extra::WAY), *norms = l.rows(extra::NORM_BAR), scale = 0.0f, log_ridge = 0.0f;
  for (int k = l.team; k < t.streams; k += l.teams) put_curves(l, t, keys, k);
  __syncthreads();
  if (l.team == 0 && l.b.scale_by >= 0) scale = scale_curve(l, keys, t.streams);
  if (solves(l)) {
    log_ridge = ridge_curve(l, keys, u);
  } else {
    by_rows(l, OwnCurve{l, u, keys, t.streams}, l.outputs, t.streams);
    by_rows(l, KeyCurve{l, u, keys, t.streams}, l.outputs, keys.count);
    __syncthreads();
    through_keys(l, keys, u_bar, t.streams, 0, t.streams, false);
  }
  __syncthreads();
  for (int k = l.team; k < t.streams; k += l.teams) {  // the way itself is no longer read
    const int at = k * WIDTH;
    norms[at] = unit_back(l, e + at, u_bar + at, bar + at, step);
  }
  if (!is_plain(l)) {
    __syncthreads();
    if (solves(l)) {
      spread_products(l, l.rows(extra::G_BAR), u_bar, t.streams, t.streams);  // what comes to weights is there
    } else {
      spread(l, keys, u, l.rows(extra::G_BAR), u_bar, t.streams, t.streams, true);
    }
    __syncthreads();
    through_keys(l, keys, u_bar, t.streams, 0, t.streams, false);
    __syncthreads();
  }
  for (int k = l.team; k < t.streams; k += l.teams) {
    const int at = k * WIDTH;
    norms[step + at] = is_plain(l) ? 0.0f : bend(l, e + at, e_bar + at, u_bar + at, bar + at, step);
    for (int o = 0; o < l.outputs; o++) d.act_bar[outer + o * step + at] = d.act_bar[outer + o * step + at] + bar[o * step + at];
  }
  __syncthreads();
  if (l.team == 0) add_to_metric(d, scale, sum_of(norms, 2 * t.streams), log_ridge);
}

// Adds what net inputs, whose adjoints are in place of those of answers, made of embeddings and of the metric.
__device__ __noinline__ void compare_adjoint(const Descent& d, const Trial& t, const int* chosen) {
  const Life& l = d.l;
  const int step = t.streams * WIDTH, outer = d.outer();
  const Keys keys = keys_of(l, t, chosen);
  float *g = l.rows(extra::G_BAR), *bar = l.rows(extra::U_BAR), *norms = l.rows(extra::NORM_BAR), scale = 0.0f, log_ridge = 0.0f;
  for (int k = l.team; k < t.streams; k += l.teams) to_keys(l, keys, k, step, d.answers_bar() + k * WIDTH, g + k * WIDTH);
  __syncthreads();
  spread(l, keys, units_of(l, t), g, bar, t.streams, t.streams, true);
  if (l.team == 0 && l.b.scale_by >= 0) scale = scale_bar(l, keys, g, t.streams, t.streams, 0.0f);
  __syncthreads();
  if (solves(l)) {
    solve_back(l, keys);
    if (l.team == 0 && l.b.ridge_by >= 0) log_ridge = ridge_bar(l, keys);
    __syncthreads();
  }
  through_keys(l, keys, bar, t.streams, 0, t.streams, false);
  __syncthreads();
  for (int k = l.team; k < t.streams; k += l.teams) {
    const int at = k * WIDTH;
    norms[at] = unit_back(l, t.now + outer + at, bar + at, bar + at, step);
    for (int o = 0; o < l.outputs; o++) d.act_bar[outer + o * step + at] = d.act_bar[outer + o * step + at] + bar[o * step + at];
  }
  __syncthreads();
  if (l.team == 0) add_to_metric(d, scale, sum_of(norms, t.streams), log_ridge);
}

}  // namespace evometa
