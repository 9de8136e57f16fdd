// Lives on the way back: what a thread knows of them, and sweeps over a network that add to adjoints.

namespace evometa {

// One thread's view of lives that its block goes back through.
struct Descent {
  const Life &l, &two;           // with the rule's program, and with the rule's adjoint in its place
  float *act_bar, *before_bar;   // adjoints of activations, and of those that recurrent synapses read
  int order;

  __device__ int given(int place) const { return two.b.out[two.m[column::OUT] + place]; }  // a register, -1 for 0
  __device__ bool recurrent() const { return l.m[column::RECURRENT] != 0; }
  __device__ int outer() const { return l.hidden_end * (int)l.b.batch * WIDTH; }  // where the outputs' rows begin
  // Adjoints of answers, and of the errors of the head's net inputs: those of the outputs, where these are not compared.
  __device__ float* answers_bar() const { return l.compares() ? l.rows(extra::ANSWER_BAR) : act_bar + outer(); }
  __device__ float* errors_way() const {
    return l.compares() ? l.rows(extra::ANSWER_BAR) + l.answers * l.b.batch * WIDTH : l.rows(extra::E_BAR) + outer();
  }
};

// Runs instructions for a tile; not inlined, as the adjoint of a rule and that of a loss do so.
__device__ __noinline__ void run_tile(const Instruction* code, int begin, int end, float* file, int count) {
  execute<TILE>(code, begin, end, file, count);
}

// Adds weight·x[target] of the synapses from sources `low` to `high` − 1 to the rows of these, of which the first is at
// `sums`, the last target first.
__device__ __noinline__ void leave_from(const Life& l, int low, int high, const float* w, const float* x, float* sums, int streams,
                                        int count) {
  const int *ptr = l.b.ptr + l.m[column::PTR], *src = l.b.src + l.m[column::SRC];
  for (int k = l.team; k < count; k += l.teams) {
    for (int node = l.nodes - 1; node > l.inputs; node--) {
      for (int e = ptr[node]; e < ptr[node + 1]; e++) {
        if (src[e] < low || src[e] >= high) continue;
        float* row = sums + ((src[e] - low) * streams + k) * WIDTH;
        *row = fmaf(w[e * WIDTH], x[(node * streams + k) * WIDTH], *row);
      }
    }
  }
}

// Adds what hidden nodes and outputs, at `x`, make of what they read beside one another: of the `past`, and of a memory,
// whose inputs are among the rows at `sums`.
__device__ inline void leave_others(const Life& l, const float* w, const float* x, float* sums, float* past, int streams, int count) {
  const int read = l.inputs - (int)l.m[column::CELLS];
  if (l.m[column::RECURRENT]) leave_from(l, l.nodes, 2 * l.nodes, w, x, past, streams, count);
  if (l.m[column::CELLS] > 0) leave_from(l, read, l.inputs, w, x, sums + read * streams * WIDTH, streams, count);
}

// Adds what GRUs, whose adjoints are at `bar`, make of their past, and of what was read of a memory.
__device__ __noinline__ void to_others(const Life& l, const Trial& t, float* bar, float* past, int count) {
  const int step = t.streams * WIDTH, last = l.inputs - 1;  // which the first hidden node may have as its candidate
  for (int k = l.team; k < count; k += l.teams) {
    for (int node = l.inputs + 1; node < l.hidden_end; node++) {
      if (!is_gru(l, node)) continue;
      const int own = node * step + k * WIDTH;
      past[own] = fmaf(bar[own], 1.0f - t.now[own - step], past[own]);
    }
    if (l.m[column::CELLS] > 0) {
      float d[1] = {bar[last * step + k * WIDTH]};
      through_grus(l, t, bar, last, k, d);
      bar[last * step + k * WIDTH] = d[0];
    }
  }
}

// Adds Σ error·x over `count` examples, one by one, to the adjoint of each open synapse's weight. What a synapse reads
// lies in the trial, or, of those alone that lead forward from hidden nodes, at `inner`, if that is not null.
__device__ __noinline__ void products(const Life& l, const Trial& t, const float* errors, const float* inner, int count) {
  const int *ptr = l.b.ptr + l.m[column::PTR], *src = l.b.src + l.m[column::SRC], synapses = (int)l.m[column::SYNAPSES];
  const float* gate = l.extra[extra::HAS_W + GATE] ? l.rows(extra::W + GATE) : nullptr;
  float* sums = l.rows(extra::BAR_W);
  const int first = (int)((Int)l.team * synapses / l.teams), last = (int)((Int)(l.team + 1) * synapses / l.teams);
  int node = l.inputs + 1, some;
  for (int begin = first; begin < last; begin += some) {
    while (ptr[node + 1] <= begin) node++;
    some = (ptr[node + 1] < last ? ptr[node + 1] : last) - begin;
    some = some < TILE ? some : TILE;
    const float* row[TILE];
    int hop[TILE];
    float total[TILE];
    UNROLL for (int i = 0; i < TILE; i++) {
      const int e = begin + (i < some ? i : some - 1), s = src[e];
      const bool past = s >= l.nodes, hidden = s > l.inputs && s < l.hidden_end;
      row[i] = inner != nullptr ? inner + (hidden ? s : 0) * t.streams * WIDTH
               : past           ? t.before + (s - l.nodes) * t.before_step
                                : t.now + s * t.streams * WIDTH;
      hop[i] = past ? t.hop : WIDTH;
      total[i] = sums[e * WIDTH];
    }
    for (int k = 0; k < count; k++) {
      const float d = errors[(node * t.streams + k) * WIDTH];
      UNROLL for (int i = 0; i < TILE; i++) total[i] = fmaf(d, row[i][k * hop[i]], total[i]);
    }
    UNROLL for (int i = 0; i < TILE; i++) {
      const int e = begin + i;
      if (i >= some || (inner != nullptr && !(src[e] > l.inputs && src[e] < l.hidden_end))) continue;
      if (gate == nullptr || gate[e * WIDTH] > 0.0f) sums[e * WIDTH] = total[i];
    }
  }
}

// Goes from the adjoints of the outputs' net inputs to those of all hidden nodes, of weights, and of the past.
__device__ __noinline__ void fall(const Life& l, const Trial& t, float* bar, float* past, int count) {
  const float* open = l.rows(extra::OPEN);
  pull_back<true>(l, t, Weights::transmitting(open), bar, count);
  leave_others(l, open, bar, bar, past, t.streams, count);
  if (l.m[column::RECURRENT]) to_others(l, t, bar, past, count);
  products(l, t, bar, nullptr, count);
}

}  // namespace evometa
