// Heads that compare: embeddings with keys (keys.cuh). Distances, or products, and what becomes of them, lie as answers do:
// of key j and example i at (j*streams + i)*WIDTH.

namespace evometa {

// Writes `count` embeddings as they are compared.
__device__ inline void unit(const Life& l, const Trial& t, int count) {
  const int step = t.streams * WIDTH;
  const float norm = norm_of(l);
  for (int k = l.team; k < count; k += l.teams) {
    const float* e = t.now + l.hidden_end * step + k * WIDTH;
    float *u = l.rows(extra::UNIT) + k * WIDTH, n = EPSILON;
    for (int d = 0; d < l.outputs; d++) n = fmaf(e[d * step], e[d * step], n);
    const float f = exp_f((norm * -0.5f) * log_f(n));
    for (int d = 0; d < l.outputs; d++) u[d * step] = e[d * step] * f;
  }
}

// Adds `count` examples, which are number `begin` on of those known, to the sums of their classes at `sums`.
__device__ inline void add_classes(const Life& l, const Keys& keys, const float* u, int streams, int begin, int count, float* sums) {
  for (int i = l.team; i < l.outputs * l.answers; i += l.teams) {
    const int d = i / l.answers, k = i % l.answers;
    float total = begin == 0 ? 0.0f : sums[i * WIDTH];
    for (int j = 0; j < count; j++) {
      total = fmaf(keys.target(l, begin + j)[k * WIDTH], u[(d * streams + j) * WIDTH], total);
    }
    sums[i * WIDTH] = total;
  }
}

// Takes what the network made of `count` support examples, from number `begin` on, to the keys.
__device__ inline void keep(const Life& l, const Trial& t, int begin, int count) {
  const float* u = units_of(l, t);
  float* rows = l.rows(extra::KEYS);
  if (!is_plain(l)) {
    unit(l, t, count);
    __syncthreads();
  }
  const Keys keys = keys_of(l, t, nullptr);
  if (by_mean(l)) {
    add_classes(l, keys, u, t.streams, begin, count, rows);
    return;
  }
  for (int i = l.team; i < l.outputs * count; i += l.teams) {
    const int d = i / count, k = i % count;
    rows[(d * keys.known + begin + k) * WIDTH] = u[(d * t.streams + k) * WIDTH];
  }
}

// Counts the examples of each class, and makes keys of classes, of sums or by solving for weights: what each example counts
// in a mean lies behind the counts.
__device__ inline void know(const Life& l, const Keys& keys) {
  float *counts = l.rows(extra::COUNTS), *shares = counts + l.answers * WIDTH, *sums = l.rows(extra::KEYS);
  for (int k = l.team; k < l.answers; k += l.teams) {
    float total = 0.0f;
    for (int i = 0; i < keys.known; i++) total = total + keys.target(l, i)[k * WIDTH];
    counts[k * WIDTH] = total;
    shares[k * WIDTH] = 1.0f / select(total < 1.0f, 1.0f, total);
  }
  if (!by_class(l)) return;
  __syncthreads();
  if (solves(l)) {
    fit(l, keys);
    return;
  }
  for (int i = l.team; i < l.outputs * l.answers; i += l.teams) {
    sums[i * WIDTH] = sums[i * WIDTH] * shares[i % l.answers * WIDTH];
  }
}

// The squared distances of N examples from a key.
struct Distances {
  const Life& l;
  const float* u;
  const Keys& keys;
  int streams;

  template <int N>
  __device__ __forceinline__ void at(int j, int k) const {
    const float *own = u + k * WIDTH, *key = keys.rows + j * WIDTH;
    float *near = l.rows(extra::NEAR) + (j * streams + k) * WIDTH, total[N] = {};
    for (int d = 0; d < l.outputs; d++) {
      const float y = key[d * keys.room * WIDTH];
      UNROLL for (int i = 0; i < N; i++) {
        const float apart = own[(d * streams + i) * WIDTH] - y;
        total[i] = fmaf(apart, apart, total[i]);
      }
    }
    UNROLL for (int i = 0; i < N; i++) near[i * WIDTH] = total[i];
  }
};

// The net inputs of one example that attends to keys: the largest of each class, and exp of what is below it.
__device__ inline void attend(const Life& l, const Keys& keys, int k, int step, float* z) {
  const float factor = -scale_of(l), *near = l.rows(extra::NEAR) + k * WIDTH, *counts = l.rows(extra::COUNTS);
  float *parts = l.rows(extra::PARTS) + k * WIDTH, *totals = l.rows(extra::TOTALS) + k * WIDTH;
  for (int c = 0; c < l.answers; c++) {
    z[c * step] = ABSENT;
    totals[c * step] = 0.0f;
  }
  for (int j = 0; j < keys.count; j++) {
    const float g = near[j * step] * factor, *target = keys.target(l, j);
    for (int c = 0; c < l.answers; c++) {
      z[c * step] = select(target[c * WIDTH] > 0.0f && g > z[c * step], g, z[c * step]);
    }
  }
  for (int j = 0; j < keys.count; j++) {
    const float* target = keys.target(l, j);
    const float part = exp_f(near[j * step] * factor - own_of(target, z, step, l.answers));
    parts[j * step] = part;
    for (int c = 0; c < l.answers; c++) {
      totals[c * step] = select(target[c * WIDTH] > 0.0f, totals[c * step] + part, totals[c * step]);
    }
  }
  for (int c = 0; c < l.answers; c++) {
    z[c * step] = select(counts[c * WIDTH] > 0.0f, z[c * step] + log_f(totals[c * step]), ABSENT);
  }
}

// Writes the head's net inputs of `count` examples: those of an update, whose numbers are `chosen`, compared with one
// another, or queries with the support set. An example is its team's.
__device__ __noinline__ void compare(const Life& l, const Trial& t, const int* chosen, int count) {
  const int step = t.streams * WIDTH;
  const float *u = units_of(l, t), *near = l.rows(extra::NEAR), *counts = l.rows(extra::COUNTS);
  const Keys keys = keys_of(l, t, chosen);
  if (!is_plain(l)) {
    unit(l, t, count);
    __syncthreads();
  }
  if (chosen != nullptr) {
    if (by_mean(l)) add_classes(l, keys, u, t.streams, 0, count, l.rows(extra::KEYS));
    know(l, keys);
    __syncthreads();
  }
  if (solves(l)) {
    weigh(l, u, t.streams, count);
  } else {
    by_rows(l, Distances{l, u, keys, t.streams}, keys.count, count);
  }
  __syncthreads();
  const float factor = solves(l) ? scale_of(l) : -scale_of(l);
  for (int k = l.team; k < count; k += l.teams) {
    float* z = t.out + k * WIDTH;
    if (!by_class(l)) {
      attend(l, keys, k, step, z);
      continue;
    }
    for (int c = 0; c < l.answers; c++) {
      z[c * step] = select(counts[c * WIDTH] > 0.0f, near[c * step + k * WIDTH] * factor, ABSENT);
    }
  }
}

}  // namespace evometa
