// What the threads of a block know: the batch, one genome's lifetimes, one set of examples.

namespace evometa {

__device__ __forceinline__ int least(int a, int b) { return a < b ? a : b; }

// One thread's view of the lifetimes that its block is living.
struct Life {
  const Batch& b;
  const Int *m, *extra;  // the genome's rows: columns of packing.py, columns of schedule.py and launch.py
  int genome, piece, lane, team, teams, nodes, inputs, outputs, hidden_end, answers;  // which a head gives, of outputs or not
  Int read;  // the signals that the rule reads, a bit each
  float *pool, *slot;

  __device__ float* region(int number) const {
    const Int at = extra[number];
    return at >= 0 ? pool + at : slot + ~at;
  }
  __device__ float* rows(int number) const { return region(number) + lane; }
  // This team's registers, one file after another.
  __device__ float* file(int number, Int size) const { return rows(number) + team * size * WIDTH; }
  __device__ bool reads(int signal) const { return (read >> signal) & 1; }
  __device__ bool compares() const { return b.ways > 0; }
  // A number of the plan: itself, or a coefficient, if it goes by one.
  __device__ float number(double own, Int by) const {
    return by < 0 ? (float)own : b.coefficients[genome * b.coefficient_count + by];
  }
  __device__ const int* level(Int i) const { return b.schedule + extra[extra::LEVELS] + i; }
};

// The lifetimes of one genome in one piece of lanes; `pool`: shared memory, whose first row is the kernel's own.
__device__ inline Life life_of(const Batch& b, int genome, int piece, float* pool) {
  const Int* m = b.genomes + genome * column::COUNT;
  return {b, m, b.extras + genome * extra::COUNT, genome, piece, (int)threadIdx.x, (int)threadIdx.y, (int)blockDim.y,
          (int)m[column::NODES], (int)m[column::INPUTS], (int)m[column::OUTPUTS],
          (int)(m[column::NODES] - m[column::OUTPUTS]), (int)(b.ways > 0 ? b.ways : m[column::OUTPUTS]), m[column::READS],
          pool + WIDTH, b.arena + blockIdx.x * b.slot};
}

// Whether optimism is added to what synapse e is born with: it enters one of the first `hopeful` outputs, and does not
// come from the constant, unless its node reads nothing else.
__device__ inline bool hopes(const Life& l, Int e) {
  const int* ptr = l.b.ptr + l.m[column::PTR] + l.hidden_end;
  if (e < ptr[0] || e >= ptr[l.b.hopeful]) return false;
  if (l.b.src[l.m[column::SRC] + e] != l.inputs) return true;
  while (ptr[1] <= e) ptr++;
  return ptr[1] - ptr[0] == 1;
}

// The weight that synapse e is born with.
__device__ inline float innate(const Life& l, Int e) {
  const Batch& b = l.b;
  const bool fresh = l.m[column::FRESH];
  const float* born = (fresh ? b.births : b.innate) + l.m[column::INNATE];
  const float w = fresh ? born[(l.piece * l.m[column::SYNAPSES] + e) * WIDTH + l.lane] : born[e];
  return b.hopeful > 0 && hopes(l, e) ? w + b.optimism[l.genome] : w;
}

// Activations of one set of examples: node j's row for example k begins at `now + (j*streams + k)*WIDTH`; a recurrent
// synapse (source ≥ nodes) reads the trial before, at `before`, whose examples lie `hop` apart (0: one for all). What
// comes back to hidden nodes, before their slopes, is kept at `came`, if that is not null. Answers lie at `out`.
struct Trial {
  float* now;
  const float* before;
  int streams, before_step, hop;
  float *came, *out;
};

// Where answers lie: in the rows of the outputs, or, of a head that compares these, in a region of its `own`.
__device__ inline float* out_of(const Life& l, float* now, int streams, int own) {
  return l.compares() ? l.rows(own) : now + l.hidden_end * streams * WIDTH;
}

// An update's activations at `now`; those of the update before it lie at `before`.
__device__ inline Trial trial_at(const Life& l, float* now, const float* before, float* came) {
  const int streams = (int)l.b.batch;
  return {now, before, streams, streams * WIDTH, WIDTH, came, out_of(l, now, streams, extra::OUTPUT)};
}

// Those of queries, which all read the first example of the trial before.
__device__ inline Trial queries_at(const Life& l, const float* before) {
  float* now = l.rows(extra::QUERY);
  const int streams = (int)l.b.block;
  return {now, before, streams, (int)l.b.batch * WIDTH, 0, nullptr, out_of(l, now, streams, extra::QUERY_OUTPUT)};
}

// The weights through which errors go back: those that transmit, of which closed ones are 0, or those of feedback.
struct Weights {
  const float *open, *fixed, *gate;  // `fixed`: null, if errors go back through the weights themselves

  __device__ static Weights transmitting(const float* open) { return {open, nullptr, nullptr}; }
  __device__ static Weights of_credit(const Life& l) {
    const bool fixed = !((WEIGHT_CREDIT >> l.b.credit) & 1), gated = l.extra[extra::HAS_W + GATE];
    return {l.rows(extra::OPEN), fixed ? l.b.feedback + l.m[column::FEEDBACK] : nullptr,
            gated ? l.rows(extra::W + GATE) : nullptr};
  }
  __device__ float at(int e) const {
    if (fixed == nullptr) return open[e * WIDTH];
    return select(gate == nullptr || gate[e * WIDTH] > 0.0f, fixed[e], 0.0f);
  }
};

// Example number `example` of this block's piece of lanes.
__device__ inline const float* rows_of(const Life& l, const float* all, Int total, Int example, int width) {
  return all + (l.piece * total + example) * width * WIDTH + l.lane;
}

// Puts the inputs of an example in place k, behind them what was read of a memory, and the constant.
__device__ inline void perceive(const Life& l, const Trial& t, const float* all, Int total, Int example, int k) {
  const int cells = (int)l.m[column::CELLS], own = l.inputs - cells;
  const float* x = rows_of(l, all, total, example, own);
  for (int i = 0; i < own; i++) t.now[(i * t.streams + k) * WIDTH] = x[i * WIDTH];
  if (cells > 0) {
    const float* read = l.rows(extra::MEMORY) + (l.m[column::SLOTS] * cells + l.m[column::SLOTS]) * WIDTH;
    for (int c = 0; c < cells; c++) t.now[((own + c) * t.streams + k) * WIDTH] = read[c * WIDTH];
  }
  t.now[(l.inputs * t.streams + k) * WIDTH] = 1.0f;
}

// The sum of so many rows, in their order.
__device__ inline float sum_of(const float* rows, int count) {
  float total = 0.0f;
  for (int i = 0; i < count; i++) total = total + rows[i * WIDTH];
  return total;
}

// Calls a sweep for a row's `count` examples from k on, for EXAMPLES of them at once if there are as many.
template <class Sweep>
__device__ __forceinline__ void by_examples(const Sweep& sweep, int row, int k, int count) {
  if (count - k >= EXAMPLES) {
    sweep.template at<EXAMPLES>(row, k);
  } else {
    for (int one = k; one < count; one++) sweep.template at<1>(row, one);
  }
}

// Has the teams share a sweep over `count` examples of each of `rows`.
template <class Sweep>
__device__ __forceinline__ void by_rows(const Life& l, const Sweep& sweep, int rows, int count) {
  const int chunks = (count + EXAMPLES - 1) / EXAMPLES;
  for (int i = l.team; i < rows * chunks; i += l.teams) {
    by_examples(sweep, i / chunks, i % chunks * EXAMPLES, least(count, (i % chunks + 1) * EXAMPLES));
  }
}

}  // namespace evometa
