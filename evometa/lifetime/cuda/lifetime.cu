// The CUDA kernels: whole lifetimes, one genome's WIDTH lanes to a block (contract: evometa/lifetime/__init__.py).
//
// threadIdx.x is the lane. threadIdx.y is the team: the teams of a block share the work of each step (nodes of one
// level, examples, tiles of synapses), and a barrier stands between steps. Lanes never meet, so no result depends on
// how many teams there are, where state lies (shared memory where it fits, else the block's slot of global memory),
// or which block takes which item. Nothing is fused but what says fmaf: compile with --fmad=false.

namespace evometa {

// Makes one weight update.
__device__ void learn(const Life& l, const Trial& t, Int update) {
  const Batch& b = l.b;
  const int* chosen = b.order + (l.piece * b.updates + update) * b.batch * WIDTH + l.lane;  // this lane's
  for (int k = l.team; k < t.streams; k += l.teams) {
    perceive(l, t, rows_of(l, b.support_x, b.support, chosen[k * WIDTH], l.inputs), k);
  }
  __syncthreads();
  forward(l, t, t.streams);
  for (int k = l.team; k < t.streams; k += l.teams) {
    answer((int)b.head, t.now + (l.hidden_end * t.streams + k) * WIDTH, l.outputs, t.streams * WIDTH);
  }
  __syncthreads();
  if (l.reads(signal::REWARD)) supervise(l, t, chosen);
  if (l.reads(signal::ERR) || l.reads(signal::GRAD)) {
    error(l, t, chosen);
    back(l, t);
  }
  apply_rule(l, t, chosen, update);
  __syncthreads();
}

// Fills in what of a program's registers holds for a whole lifetime.
__device__ inline void settle(const Life& l, const Register* words, float* file, Int read, Int constants, Int count) {
  const Batch& b = l.b;
  for (int i = 0; i < COEFFICIENT_COUNT; i++) {
    if (!((read >> (signal::C0 + i)) & 1)) continue;
    const Register word = words[signal::C0 + i];
    const float value = i < b.coefficient_count ? b.coefficients[l.genome * b.coefficient_count + i] : 0.0f;
    for (int e = 0; e < (word & 1 ? TILE : 1); e++) row_of(file, word)[e * WIDTH] = value;
  }
  for (Int i = 0; i < count; i++) *row_of(file, words[signal::COUNT + i]) = b.constants[constants + i];
}

// Sets weights, states and programs as they are at birth.
__device__ __noinline__ void birth(const Life& l) {
  const Batch& b = l.b;
  const Int* m = l.m;
  const bool evolved = m[column::LOSS_CODE] >= 0;
  Register* words = reinterpret_cast<Register*>(l.region(extra::WORDS));
  Register* loss_words = reinterpret_cast<Register*>(l.region(extra::LOSS_WORDS));
  if (l.team == 0 && l.lane == 0) {
    number_registers(words, m[column::READS], WIDE, m[column::CONSTANT_COUNT], m[column::ROWS], false,
                     m[column::TEMPORARIES]);
    if (evolved) {
      number_registers(loss_words, LOSS_READS, LOSS_WIDE, m[column::LOSS_CONSTANT_COUNT], m[column::LOSS_ROWS], false,
                       m[column::LOSS_TEMPORARIES]);
    }
  }
  __syncthreads();
  Instruction* code = reinterpret_cast<Instruction*>(l.region(extra::CODE));
  decode(code, b.code + 5 * m[column::CODE], m[column::CODE_END], m[column::BIRTH_END], m[column::NODE_END],
         b.out + m[column::OUT], STATES, words);
  if (evolved) {
    decode(reinterpret_cast<Instruction*>(l.region(extra::LOSS_CODE)), b.code + 5 * m[column::LOSS_CODE],
           m[column::LOSS_END], m[column::LOSS_BIRTH], m[column::LOSS_BIRTH], b.out + m[column::LOSS_OUT], 2,
           loss_words);
  }
  const Int synapses = m[column::SYNAPSES];
  const float* born = (m[column::FRESH] ? b.births : b.innate) + m[column::INNATE];
  for (Int e = l.team; e < synapses; e += l.teams) {
    const float w = m[column::FRESH] ? born[(l.piece * synapses + e) * WIDTH + l.lane] : born[e];
    for (int s = 0; s < STATES; s++) {
      if (!l.extra[extra::HAS_W + s]) continue;
      const bool open = born_open(s) && !(b.traits[m[column::SRC] + e] & SILENT);
      l.rows(extra::W + s)[e * WIDTH] = born_innate(s) ? w : open ? 1.0f : 0.0f;
    }
  }
  if (l.extra[extra::HAS_W + GATE]) {
    transmit(l.rows(extra::W), l.rows(extra::W + GATE), l.rows(extra::OPEN), l.team, synapses, l.teams);
  }
  float *act = l.rows(extra::ACT), *err = l.rows(extra::ERR);
  for (Int i = l.team; i < l.nodes * b.batch; i += l.teams) {
    if (m[column::RECURRENT]) act[i * WIDTH] = act[(l.nodes * b.batch + i) * WIDTH] = 0.0f;
    if (l.extra[extra::HAS_ERR]) err[i * WIDTH] = 0.0f;
  }
  __syncthreads();
  float* file = l.file(extra::FILE, l.extra[extra::FILE_ROWS]);
  settle(l, words, file, m[column::READS], m[column::CONSTANTS], m[column::CONSTANT_COUNT]);
  execute<1>(code, 0, (int)m[column::BIRTH_END], file, 1);
  if (evolved) {
    float* loss_file = l.file(extra::LOSS_FILE, l.extra[extra::LOSS_ROWS]);
    settle(l, loss_words, loss_file, LOSS_READS, m[column::LOSS_CONSTANTS], m[column::LOSS_CONSTANT_COUNT]);
    execute<1>(reinterpret_cast<const Instruction*>(l.region(extra::LOSS_CODE)), 0, (int)m[column::LOSS_BIRTH],
               loss_file, 1);
  }
}

// Marks lanes in which a weight is not finite, and hands out what lane 0 has learned.
__device__ void conclude(const Life& l) {
  const Batch& b = l.b;
  const float* w = l.rows(extra::W);
  bool bad = false;
  for (Int e = l.team; e < l.m[column::SYNAPSES]; e += l.teams) {
    const float x = w[e * WIDTH];
    bad = bad || x - x != 0.0f;
    if (b.keep && l.piece == 0 && l.lane == 0) b.learned[l.m[column::WEIGHTS_OUT] + e] = x;
  }
  if (bad) b.status[l.genome * b.lane_count + l.piece * WIDTH + l.lane] = DIVERGED;
}

// Lives the lifetimes of one genome in one piece of lanes: born, then updates and checkpoints in turn.
__device__ void live(const Life& l) {
  const Batch& b = l.b;
  birth(l);
  const bool recurrent = l.m[column::RECURRENT];
  float *now = l.rows(extra::ACT), *before = now + (recurrent ? l.nodes * b.batch * WIDTH : 0);
  const int step = (int)b.batch * WIDTH;
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
    const Trial t = {now, before, (int)b.batch, step, WIDTH};
    learn(l, t, update);
  }
  conclude(l);
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
    const Int* m = batch.genomes + genome * column::COUNT;
    const Life life = {
        batch, m, batch.extras + genome * extra::COUNT, genome, piece, (int)threadIdx.x, (int)threadIdx.y,
        (int)blockDim.y, (int)m[column::NODES], (int)m[column::INPUTS], (int)m[column::OUTPUTS],
        (int)(m[column::NODES] - m[column::OUTPUTS]), (int)m[column::READS], evometa_pool + WIDTH, batch.arena + blockIdx.x * batch.slot,
    };
    live(life);
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
        0, 0, 0, 0, (int)m[column::READS], evometa_pool + WIDTH, batch.arena + blockIdx.x * batch.slot,
    };
    answer_points(life, signals, results, points);
  }
}
