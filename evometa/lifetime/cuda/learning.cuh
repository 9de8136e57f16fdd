// A life's beginning, and one weight update: what lives and their derivatives have in common.

namespace evometa {

// Makes one weight update.
__device__ __noinline__ void learn(const Life& l, const Trial& t, Int update) {
  const Batch& b = l.b;
  const int* chosen = b.order + (l.piece * b.updates + update) * b.batch * WIDTH + l.lane;  // this lane's
  for (int k = l.team; k < t.streams; k += l.teams) {
    perceive(l, t, b.support_x, b.support, chosen[k * WIDTH], k);
  }
  __syncthreads();
  forward(l, t, t.streams);
  if (l.compares()) compare(l, t, chosen, t.streams);
  for (int k = l.team; k < t.streams; k += l.teams) {
    answer((int)b.head, t.out + k * WIDTH, l.answers, t.streams * WIDTH);
  }
  __syncthreads();
  if (l.m[column::CELLS] > 0) access(l, t);
  if (l.reads(signal::REWARD)) supervise(l, t, chosen);
  if (l.reads(signal::ERR) || l.reads(signal::GRAD)) {
    error(l, t, chosen);
    back(l, t);
  }
  apply_rule(l, t, Lesson{chosen, update}, (float)b.bound);
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

// What a genome's second program is: that of an evolved loss, which teams run for a tile of examples, or of a teacher, for
// one of candidates, or, in lives that act, that of a lane, which team 0 runs. `results`: how many it gives; `read`, `wide`: what it reads, and what of that has
// a row for each example, a bit each.
struct Second {
  int results;
  Int read, wide;
  bool tiled;

  // `seed`: what is read for each example beside answers and targets.
  __device__ static Second loss(int results, Int seed) { return {results, LOSS_READS | seed, LOSS_WIDE | seed, true}; }
  __device__ static Second lane() { return {LANE_SLOTS, LANE_READS, 0, false}; }
  __device__ static Second teacher() { return {TEACHER_SLOTS, TEACHER_READS, TEACHER_WIDE, true}; }
};

// Makes a rule's program, which gives so many results, and the second one ready to run.
__device__ __noinline__ void prepare(const Life& l, int results, const Second& second) {
  const Batch& b = l.b;
  const Int* m = l.m;
  const bool evolved = m[column::LOSS_CODE] >= 0;
  Register* words = reinterpret_cast<Register*>(l.region(extra::WORDS));
  Register* loss_words = reinterpret_cast<Register*>(l.region(extra::LOSS_WORDS));
  if (l.team == 0 && l.lane == 0) {
    number_registers(words, m[column::READS], WIDE, m[column::CONSTANT_COUNT], m[column::ROWS], false,
                     m[column::TEMPORARIES]);
    if (evolved) {
      const Int wide = second.tiled ? m[column::LOSS_TEMPORARIES] : 0, narrow = m[column::LOSS_TEMPORARIES] - wide;
      number_registers(loss_words, second.read, second.wide, m[column::LOSS_CONSTANT_COUNT],
                       m[column::LOSS_ROWS] + narrow, false, wide);
    }
  }
  __syncthreads();
  Instruction* code = reinterpret_cast<Instruction*>(l.region(extra::CODE));
  Instruction* loss_code = reinterpret_cast<Instruction*>(l.region(extra::LOSS_CODE));
  decode(code, b.code + 5 * m[column::CODE], m[column::CODE_END], m[column::BIRTH_END], m[column::NODE_END],
         b.out + m[column::OUT], results, words);
  if (evolved) {
    decode(loss_code, b.code + 5 * m[column::LOSS_CODE], m[column::LOSS_END], m[column::LOSS_BIRTH],
           m[column::LOSS_BIRTH], b.out + m[column::LOSS_OUT], second.results, loss_words);
  }
  __syncthreads();
  float* file = l.file(extra::FILE, l.extra[extra::FILE_ROWS]);
  settle(l, words, file, m[column::READS], m[column::CONSTANTS], m[column::CONSTANT_COUNT]);
  execute<1>(code, 0, (int)m[column::BIRTH_END], file, 1);
  if (evolved && (second.tiled || l.team == 0)) {
    float* loss_file = l.file(extra::LOSS_FILE, l.extra[extra::LOSS_ROWS]);
    settle(l, loss_words, loss_file, second.read, m[column::LOSS_CONSTANTS], m[column::LOSS_CONSTANT_COUNT]);
    execute<1>(loss_code, 0, (int)m[column::LOSS_BIRTH], loss_file, 1);
  }
}

// Sets weights, states and programs as they are at birth.
__device__ __noinline__ void birth(const Life& l, const Second& second) {
  const Batch& b = l.b;
  const Int *m = l.m, synapses = m[column::SYNAPSES];
  for (Int e = l.team; e < synapses; e += l.teams) {
    const float w = innate(l, e);
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
  begin_memory(l);
  prepare(l, STATES, second);
}

// Hands out what lane 0 has learned; returns whether a weight of this lane is not finite, of those that this team looks at.
__device__ inline bool conclude(const Life& l) {
  const Batch& b = l.b;
  const float* w = l.rows(extra::W);
  bool bad = false;
  for (Int e = l.team; e < l.m[column::SYNAPSES]; e += l.teams) {
    const float x = w[e * WIDTH];
    bad = bad || x - x != 0.0f;
    if (b.keep && l.piece == 0 && l.lane == 0) b.learned[l.m[column::WEIGHTS_OUT] + e] = x;
  }
  return bad;
}

}  // namespace evometa
