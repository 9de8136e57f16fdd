// What the threads of a block know: the batch, one genome's lifetimes, one set of examples.

namespace evometa {

__device__ __forceinline__ int least(int a, int b) { return a < b ? a : b; }

// One thread's view of the lifetimes that its block is living.
struct Life {
  const Batch& b;
  const Int *m, *extra;  // the genome's rows: columns of packing.py, columns of schedule.py and launch.py
  int genome, piece, lane, team, teams, nodes, inputs, outputs, hidden_end;
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
  __device__ const int* level(Int i) const { return b.schedule + extra[extra::LEVELS] + i; }
};

// The lifetimes of one genome in one piece of lanes; `pool`: shared memory, whose first row is the kernel's own.
__device__ inline Life life_of(const Batch& b, int genome, int piece, float* pool) {
  const Int* m = b.genomes + genome * column::COUNT;
  return {b, m, b.extras + genome * extra::COUNT, genome, piece, (int)threadIdx.x, (int)threadIdx.y, (int)blockDim.y,
          (int)m[column::NODES], (int)m[column::INPUTS], (int)m[column::OUTPUTS],
          (int)(m[column::NODES] - m[column::OUTPUTS]), m[column::READS], pool + WIDTH, b.arena + blockIdx.x * b.slot};
}

// Activations of one set of examples: node j's row for example k begins at `now + (j*streams + k)*WIDTH`; a recurrent
// synapse (source ≥ nodes) reads the trial before, at `before`, whose examples lie `hop` apart (0: one for all). What
// comes back to hidden nodes, before their slopes, is kept at `came`, if that is not null.
struct Trial {
  float* now;
  const float* before;
  int streams, before_step, hop;
  float* came;
};

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

// Puts example k's inputs, and the constant, in place.
__device__ inline void perceive(const Life& l, const Trial& t, const float* x, int k) {
  for (int i = 0; i < l.inputs; i++) t.now[(i * t.streams + k) * WIDTH] = x[i * WIDTH];
  t.now[(l.inputs * t.streams + k) * WIDTH] = 1.0f;
}

// Example number `example` of this block's piece of lanes.
__device__ inline const float* rows_of(const Life& l, const float* all, Int total, Int example, int width) {
  return all + (l.piece * total + example) * width * WIDTH + l.lane;
}

}  // namespace evometa
