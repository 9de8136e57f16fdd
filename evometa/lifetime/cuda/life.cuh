// What the threads of a block know: the batch, one genome's lifetimes, one set of examples.

namespace evometa {

// One thread's view of the lifetimes that its block is living.
struct Life {
  const Batch& b;
  const Int *m, *extra;  // the genome's rows: columns of packing.py, columns of schedule.py and launch.py
  int genome, piece, lane, team, teams, nodes, inputs, outputs, hidden_end;
  int read;  // the signals that the rule reads, a bit each
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

// Activations of one set of examples: node j's row for example k begins at `now + (j*streams + k)*WIDTH`; a recurrent
// synapse (source ≥ nodes) reads the trial before, at `before`, whose examples lie `hop` apart (0: one for all).
struct Trial {
  float* now;
  const float* before;
  int streams, before_step, hop;
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
