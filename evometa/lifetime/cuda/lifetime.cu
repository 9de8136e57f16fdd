// The CUDA kernels: whole lifetimes, one genome's WIDTH lanes to a block (contract: evometa/lifetime/__init__.py).
//
// threadIdx.x is the lane. threadIdx.y is the team: the teams of a block share the work of each step (nodes of one
// level, examples, tiles of synapses), and a barrier stands between steps. Lanes never meet, so no result depends on
// how many teams there are, where state lies (shared memory where it fits, else the block's slot of global memory),
// or which block takes which item. Nothing is fused but what says fmaf: compile with --fmad=false.

namespace evometa {

// Lives the lifetimes of one genome in one piece of lanes: born, then updates and checkpoints in turn.
__device__ void live(const Life& l) {
  const Batch& b = l.b;
  birth(l, Second::loss(2, 0));
  const bool recurrent = l.m[column::RECURRENT];
  float *now = l.rows(extra::ACT), *before = now + (recurrent ? l.nodes * b.batch * WIDTH : 0);
  int c = 0;
  for (Int update = 0; update <= b.updates; update++) {
    if (b.checkpoints[c] == update) {
      query(l, now, c);  // recurrent synapses read stream 0 as it stood after the last update
      if (++c == b.points) break;
    }
    if (recurrent) {
      float* old = now;
      now = before;
      before = old;
    }
    learn(l, trial_at(l, now, before, nullptr), update);
  }
  if (conclude(l)) b.status[l.genome * b.lane_count + l.piece * WIDTH + l.lane] = DIVERGED;
}

// Runs one program at every point, TILE rows of lanes at a time.
__device__ void answer_points(const Life& l, const float* signals, float* results, Int points) {
  const Batch& b = l.b;
  const Int *m = l.m, count = m[column::CODE_END];
  Register* words = reinterpret_cast<Register*>(l.region(extra::WORDS));
  Instruction* code = reinterpret_cast<Instruction*>(l.region(extra::CODE));
  if (l.team == 0 && l.lane == 0) {
    number_registers(words, m[column::READS], ~0LL, m[column::CONSTANT_COUNT], m[column::ROWS], true,
                     m[column::TEMPORARIES]);
  }
  __syncthreads();
  decode(code, b.code + 5 * m[column::CODE], count, 0, 0, b.out + m[column::OUT], STATES, words);
  __syncthreads();
  float* file = l.file(extra::FILE, l.extra[extra::FILE_ROWS]);
  settle(l, words, file, m[column::READS], m[column::CONSTANTS], m[column::CONSTANT_COUNT]);
  const int* slots = b.out + m[column::OUT];
  for (Int first = l.team * TILE * WIDTH; first < points; first += l.teams * TILE * WIDTH) {
    for (int s = 0; s < signal::COUNT; s++) {
      if (!l.reads(s) || (s >= signal::C0 && s < signal::C0 + COEFFICIENT_COUNT)) continue;
      float* row = row_of(file, words[s]);
      for (int e = 0; e < TILE; e++) {
        const Int at = first + e * WIDTH + l.lane;
        row[e * WIDTH] = at < points ? signals[s * points + at] : 0.0f;
      }
    }
    execute<TILE>(code, 0, (int)count, file, TILE);
    for (int slot = 0; slot < STATES; slot++) {
      if (slots[slot] < 0) continue;
      const Register word = words[slots[slot]];
      for (int e = 0; e < TILE; e++) {
        const Int at = first + e * WIDTH + l.lane;
        if (at < points) results[(l.genome * STATES + slot) * points + at] = row_of(file, word)[e * step_of(word)];
      }
    }
  }
}

}  // namespace evometa

// Blocks take (genome, piece of lanes) items until none is left. The barrier behind the taking also waits for those who
// still live the item before; each life has barriers of its own, so that nobody reads `item` when it is next written.
extern "C" __global__ void __launch_bounds__(evometa::WIDTH * evometa::MOST_TEAMS, 1) evometa_live(const __grid_constant__ evometa::Batch batch) {
  using namespace evometa;
  extern __shared__ __align__(128) float evometa_pool[];
  int& item = *reinterpret_cast<int*>(evometa_pool);  // in the first row; regions lie behind it
  for (;;) {
    if (threadIdx.x == 0 && threadIdx.y == 0) item = atomicAdd(batch.next, 1);
    __syncthreads();
    if (item >= batch.item_count) return;
    const int genome = (int)batch.items[2 * item], piece = (int)batch.items[2 * item + 1];
    live(life_of(batch, genome, piece, evometa_pool));
  }
}

// What each genome's program gives at `points` sets of signals (f32[signals, points]), f32[G, STATES, points]: every
// register has a row for each point. A slot that is absent is not written.
extern "C" __global__ void __launch_bounds__(evometa::WIDTH * evometa::MOST_TEAMS, 1)
    evometa_answers(const __grid_constant__ evometa::Batch batch, const float* signals, float* results, const evometa::Int points) {
  using namespace evometa;
  extern __shared__ __align__(128) float evometa_pool[];
  int& item = *reinterpret_cast<int*>(evometa_pool);  // in the first row; regions lie behind it
  for (;;) {
    if (threadIdx.x == 0 && threadIdx.y == 0) item = atomicAdd(batch.next, 1);
    __syncthreads();
    if (item >= batch.item_count) return;
    const Int* m = batch.genomes + item * column::COUNT;
    const Life life = {
        batch, m, batch.extras + item * extra::COUNT, item, 0, (int)threadIdx.x, (int)threadIdx.y, (int)blockDim.y,
        0, 0, 0, 0, 0, m[column::READS], evometa_pool + WIDTH, batch.arena + blockIdx.x * batch.slot,
    };
    answer_points(life, signals, results, points);
  }
}
