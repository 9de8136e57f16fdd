// Forward sweeps and errors: what the teams of a block do together, node by node or example by example.

namespace evometa {

// Adds, for N examples of one node, what its synapses read times `w`, each of which is loaded once.
template <int N>
__device__ __forceinline__ void enter(const Life& l, const Trial& t, const float* w, int node, int k, float (&total)[N]) {
  const int* ptr = l.b.ptr + l.m[column::PTR] + node;
  const int* src = l.b.src + l.m[column::SRC];
  for (int e = ptr[0]; e < ptr[1]; e++) {
    const float weight = w[e * WIDTH];
    const int s = src[e];
    const bool recurrent = s >= l.nodes;
    const int hop = recurrent ? t.hop : WIDTH;
    const float* x = recurrent ? t.before + (s - l.nodes) * t.before_step : t.now + s * t.streams * WIDTH;
    UNROLL for (int i = 0; i < N; i++) total[i] = fmaf(weight, x[(k + i) * hop], total[i]);
  }
}

// The activation of a GRU with the net input x: with it goes what it was, moved towards its candidate.
__device__ __forceinline__ float mixed(const Trial& t, int node, int k, float x) {
  const int step = t.streams * WIDTH, own = node * step + k * WIDTH;
  const float h = t.before[node * t.before_step + k * t.hop], g = t.now[own - step], c = t.now[own - 2 * step];
  return x + fmaf(g, c - h, h);
}

__device__ __forceinline__ bool is_gru(const Life& l, int node) {
  return node < l.hidden_end && l.b.activation[l.m[column::ACTIVATION] + node] == GRU;
}

// Adds, for N examples of one node, what `bars` of GRUs behind it make of their candidate, and then of their gate.
template <int N>
__device__ __forceinline__ void through_grus(const Life& l, const Trial& t, const float* bars, int node, int k,
                                              float (&d)[N]) {
  const int step = t.streams * WIDTH, own = node * step + k * WIDTH;
  if (!l.m[column::RECURRENT]) return;  // there is none
  if (is_gru(l, node + 2)) {
    UNROLL for (int i = 0; i < N; i++) {
      const int at = own + i * WIDTH;
      d[i] = fmaf(bars[at + 2 * step], t.now[at + step], d[i]);
    }
  }
  if (is_gru(l, node + 1)) {
    const float* past = t.before + (node + 1) * t.before_step;
    UNROLL for (int i = 0; i < N; i++) {
      const int at = own + i * WIDTH;
      d[i] = fmaf(bars[at + step], t.now[at - step] - past[(k + i) * t.hop], d[i]);
    }
  }
}

// Net inputs of N examples of one node; `kind`: the activation, none of outputs (-1).
template <int N>
__device__ __forceinline__ void net_input(const Life& l, const Trial& t, const float* w, int node, int k, int kind) {
  float total[N] = {};
  enter(l, t, w, node, k, total);
  float* out = t.now + (node * t.streams + k) * WIDTH;
  UNROLL for (int i = 0; i < N; i++) {
    activate(kind, total[i]);
    if (kind == GRU) total[i] = mixed(t, node, k + i, total[i]);
    out[i * WIDTH] = total[i];
  }
}

// Sweeps over the nodes for `count` examples whose inputs are in place: a level's nodes at once, then a barrier.
__device__ __noinline__ void forward(const Life& l, const Trial& t, int count) {
  const unsigned char* kinds = l.b.activation + l.m[column::ACTIVATION];
  const float* w = l.rows(extra::OPEN);
  const int chunks = (count + EXAMPLES - 1) / EXAMPLES;
  for (Int level = 0; level < l.extra[extra::LEVEL_COUNT]; level++) {
    const int first = *l.level(level), work = (*l.level(level + 1) - first) * chunks;
    for (int i = l.team; i < work; i += l.teams) {
      const int node = l.b.schedule[l.extra[extra::SCHEDULE] + first + i / chunks], k = i % chunks * EXAMPLES;
      const int kind = node < l.hidden_end ? kinds[node] : -1;
      if (count - k >= EXAMPLES) {
        net_input<EXAMPLES>(l, t, w, node, k, kind);
      } else {
        for (int one = k; one < count; one++) net_input<1>(l, t, w, node, one, kind);
      }
    }
    __syncthreads();
  }
}

// Writes ∂loss/∂answer of an evolved loss to rows of the answers, a tile of examples at a time.
__device__ __noinline__ void evolved_loss(const Life& l, const Trial& t, const int* chosen, float* slopes) {
  const Batch& b = l.b;
  const Instruction* code = reinterpret_cast<const Instruction*>(l.region(extra::LOSS_CODE));
  const Register* words = reinterpret_cast<const Register*>(l.region(extra::LOSS_WORDS));
  float* file = l.file(extra::LOSS_FILE, l.extra[extra::LOSS_ROWS]);
  const Register derivative = words[b.out[l.m[column::LOSS_OUT] + 1]];
  const int count = (int)b.batch, chunks = (count + TILE - 1) / TILE;
  for (int i = l.team; i < l.answers * chunks; i += l.teams) {
    const int o = i / chunks, k = i % chunks * TILE, some = count - k < TILE ? count - k : TILE;
    for (int e = 0; e < some; e++) {
      row_of(file, words[signal::OUTPUT])[e * WIDTH] = t.out[(o * t.streams + k + e) * WIDTH];
      row_of(file, words[signal::TARGET])[e * WIDTH] =
          rows_of(l, b.support_y, b.support, chosen[(k + e) * WIDTH], l.answers)[o * WIDTH];
    }
    execute<TILE>(code, (int)l.m[column::LOSS_BIRTH], (int)l.m[column::LOSS_END], file, some);
    const float* result = row_of(file, derivative);
    for (int e = 0; e < some; e++) {
      slopes[(o * t.streams + k + e) * WIDTH] = result[e * step_of(derivative)];
    }
  }
}

// Adds, for N examples of one hidden node, what lies at the targets of the synapses that leave it, times their weights.
template <int N>
__device__ __forceinline__ void leave(const Life& l, const Weights& w, const float* from, int streams, int node, int k,
                                      float (&d)[N]) {
  const int *ends = l.b.onward + l.extra[extra::ONWARD], *pairs = ends + l.nodes + 1;  // of (synapse, target)
  for (int j = ends[node]; j < ends[node + 1]; j++) {
    const float weight = w.at(pairs[2 * j]);
    const float* x = from + (pairs[2 * j + 1] * streams + k) * WIDTH;
    UNROLL for (int i = 0; i < N; i++) d[i] = fmaf(weight, x[i * WIDTH], d[i]);
  }
}

// The error of one hidden node for N examples, pulled back through the synapses that leave it; ADDED to what is there.
template <int N, bool ADDED>
__device__ __forceinline__ void pull(const Life& l, const Trial& t, const Weights& w, float* err, int node, int k) {
  const int kind = l.b.activation[l.m[column::ACTIVATION] + node], at = (node * t.streams + k) * WIDTH;
  float d[N] = {};
  if (ADDED) {
    UNROLL for (int i = 0; i < N; i++) d[i] = err[at + i * WIDTH];
  }
  leave(l, w, err, t.streams, node, k, d);
  through_grus(l, t, err, node, k, d);
  if (t.came != nullptr) {
    UNROLL for (int i = 0; i < N; i++) t.came[at + i * WIDTH] = d[i];
  }
  UNROLL for (int i = 0; i < N; i++) {
    slope(kind, t.now[at + i * WIDTH], d[i]);
    err[at + i * WIDTH] = d[i];
  }
}

// Pulls the errors of `count` examples back from level to level, the highest first; a barrier ends each.
template <bool ADDED>
__device__ __forceinline__ void pull_back(const Life& l, const Trial& t, const Weights& w, float* err, int count) {
  const int chunks = (count + EXAMPLES - 1) / EXAMPLES;
  for (Int level = l.extra[extra::LEVEL_COUNT] - 1; level >= 0; level--) {
    const int first = *l.level(level), work = (*l.level(level + 1) - first) * chunks;
    for (int i = l.team; i < work; i += l.teams) {
      const int node = l.b.schedule[l.extra[extra::SCHEDULE] + first + i / chunks], k = i % chunks * EXAMPLES;
      if (node >= l.hidden_end) continue;
      if (count - k >= EXAMPLES) {
        pull<EXAMPLES, ADDED>(l, t, w, err, node, k);
      } else {
        for (int one = k; one < count; one++) pull<1, ADDED>(l, t, w, err, node, one);
      }
    }
    __syncthreads();
  }
}

// Writes the error rows of the hidden nodes, as the credit mode says: the same for all, or pulled back. The outputs'
// errors of an example are its team's.
__device__ void back(const Life& l, const Trial& t) {
  const Batch& b = l.b;
  float* err = l.rows(extra::ERR);
  const int step = t.streams * WIDTH;
  if ((SHARED_CREDIT >> b.credit) & 1) {
    for (int k = l.team; k < t.streams; k += l.teams) {
      float* own = err + k * WIDTH;
      const float shared = shared_error((int)b.credit, own + l.hidden_end * step, l.outputs, step);
      for (int j = l.inputs + 1; j < l.hidden_end; j++) own[j * step] = shared;
    }
  }
  __syncthreads();
  if (((WEIGHT_CREDIT | FIXED_CREDIT) >> b.credit) & 1) pull_back<false>(l, t, Weights::of_credit(l), err, (int)b.batch);
}

// Writes the error rows of the outputs: of the head's own loss, or of an evolved one.
__device__ __noinline__ void error(const Life& l, const Trial& t, const int* chosen) {
  const Batch& b = l.b;
  const int step = t.streams * WIDTH, kind = (int)b.head;
  float* err = l.compares() ? l.rows(extra::OUT_BAR) : l.rows(extra::ERR) + l.hidden_end * step;  // of net inputs
  const bool evolved = l.m[column::LOSS_CODE] >= 0;
  if (evolved) {
    evolved_loss(l, t, chosen, err);
    __syncthreads();
  }
  for (int k = l.team; k < t.streams; k += l.teams) {
    float* own = err + k * WIDTH;
    if (evolved) {
      through(kind, t.out + k * WIDTH, own, l.answers, step);
    } else {
      const float* target = rows_of(l, b.support_y, b.support, chosen[k * WIDTH], l.answers);
      error(kind, t.out + k * WIDTH, target, own, l.answers, step);
    }
  }
  if (l.compares()) compare_error(l, t, chosen);
}

}  // namespace evometa
