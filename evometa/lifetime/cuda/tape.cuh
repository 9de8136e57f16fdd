// The tape: of each update of a part of a life the states before it, and what it left.

namespace evometa {

__device__ inline void copy_rows(const Life& l, float* to, const float* from, Int rows) {
  for (Int i = l.team; i < rows; i += l.teams) to[i * WIDTH] = from[i * WIDTH];
}

__device__ inline void clear_rows(const Life& l, float* to, Int rows) {
  for (Int i = l.team; i < rows; i += l.teams) to[i * WIDTH] = 0.0f;
}

// Writes the states of synapses, as they are, to a row of the tape, or takes them from there.
__device__ __noinline__ void carry_states(const Life& l, Int row, bool up) {
  const Int synapses = l.m[column::SYNAPSES];
  for (int s = 0; s < STATES; s++) {
    if (!l.extra[extra::HAS_W + s]) continue;
    float *own = l.rows(extra::W + s), *kept = l.rows(extra::TAPE_W + s) + row * synapses * WIDTH;
    copy_rows(l, up ? own : kept, up ? kept : own, synapses);
  }
  if (up && l.extra[extra::HAS_W + GATE]) {
    transmit(l.rows(extra::W), l.rows(extra::W + GATE), l.rows(extra::OPEN), l.team, synapses, l.teams);
  }
}

// The same of activations, which lie at `act`.
__device__ __noinline__ void carry_activations(const Life& l, float* act, Int row, bool up) {
  const Int rows = l.nodes * l.b.batch;
  float* kept = l.rows(extra::TAPE_ACT) + row * rows * WIDTH;
  copy_rows(l, up ? act : kept, up ? kept : act, rows);
}

// The same of errors, and of what came back to hidden nodes.
__device__ __noinline__ void carry_errors(const Life& l, Int row, bool up) {
  const Int rows = l.nodes * l.b.batch;
  if (!l.extra[extra::HAS_ERR]) return;
  for (int i = 0; i < 2; i++) {
    float *own = l.rows(i ? extra::CAME : extra::ERR), *kept = l.rows(i ? extra::TAPE_CAME : extra::TAPE_ERR) + row * rows * WIDTH;
    copy_rows(l, up ? own : kept, up ? kept : own, rows);
  }
}

// Where a row of the tape has the memory.
__device__ inline float* memory_at(const Life& l, Int row) { return l.rows(extra::TAPE_MEMORY) + row * memory_rows(l) * WIDTH; }

// The same of the memory.
__device__ inline void carry_memory(const Life& l, Int row, bool up) {
  float *own = l.rows(extra::MEMORY), *kept = memory_at(l, row);
  copy_rows(l, up ? own : kept, up ? kept : own, memory_rows(l));
}

// Where activations lie: those of an update, and those of the update before it, which recurrent synapses read.
__device__ inline Trial trial_of(const Life& l) {
  const Int rows = l.m[column::RECURRENT] ? l.nodes * l.b.batch : 0;
  float* act = l.rows(extra::ACT);
  return trial_at(l, act, act + rows * WIDTH, l.extra[extra::HAS_ERR] ? l.rows(extra::CAME) : nullptr);
}

// Makes `count` updates from number `start` on, each onto a row of the tape. Activations of the update before lie behind
// those of an update, at the beginning and at the end.
__device__ __noinline__ void live(const Life& l, Int start, Int count) {
  const Trial t = trial_of(l);
  float* before = const_cast<float*>(t.before);
  const bool recurrent = l.m[column::RECURRENT];
  if (recurrent) carry_activations(l, before, 0, false);
  for (Int row = 0; row < count; row++) {
    carry_states(l, row, false);
    carry_memory(l, row, false);
    learn(l, t, start + row);
    carry_activations(l, t.now, row + 1, false);
    carry_errors(l, row, false);
    if (recurrent) copy_rows(l, before, t.now, l.nodes * l.b.batch);
    __syncthreads();
  }
  carry_states(l, count, false);
  __syncthreads();
}

}  // namespace evometa
