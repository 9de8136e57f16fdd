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

// Makes a rule's program and that of an evolved loss, which give so many results, ready to run; `seed`: what the loss's
// reads for each example beside answers and targets, a bit each.
__device__ __noinline__ void prepare(const Life& l, int results, int loss_results, Int seed) {
  const Batch& b = l.b;
  const Int* m = l.m;
  const bool evolved = m[column::LOSS_CODE] >= 0;
  Register* words = reinterpret_cast<Register*>(l.region(extra::WORDS));
  Register* loss_words = reinterpret_cast<Register*>(l.region(extra::LOSS_WORDS));
  if (l.team == 0 && l.lane == 0) {
    number_registers(words, m[column::READS], WIDE, m[column::CONSTANT_COUNT], m[column::ROWS], false,
                     m[column::TEMPORARIES]);
    if (evolved) {
      number_registers(loss_words, LOSS_READS | seed, LOSS_WIDE | seed, m[column::LOSS_CONSTANT_COUNT],
                       m[column::LOSS_ROWS], false, m[column::LOSS_TEMPORARIES]);
    }
  }
  __syncthreads();
  Instruction* code = reinterpret_cast<Instruction*>(l.region(extra::CODE));
  Instruction* loss_code = reinterpret_cast<Instruction*>(l.region(extra::LOSS_CODE));
  decode(code, b.code + 5 * m[column::CODE], m[column::CODE_END], m[column::BIRTH_END], m[column::NODE_END],
         b.out + m[column::OUT], results, words);
  if (evolved) {
    decode(loss_code, b.code + 5 * m[column::LOSS_CODE], m[column::LOSS_END], m[column::LOSS_BIRTH],
           m[column::LOSS_BIRTH], b.out + m[column::LOSS_OUT], loss_results, loss_words);
  }
  __syncthreads();
  float* file = l.file(extra::FILE, l.extra[extra::FILE_ROWS]);
  settle(l, words, file, m[column::READS], m[column::CONSTANTS], m[column::CONSTANT_COUNT]);
  execute<1>(code, 0, (int)m[column::BIRTH_END], file, 1);
  if (evolved) {
    float* loss_file = l.file(extra::LOSS_FILE, l.extra[extra::LOSS_ROWS]);
    settle(l, loss_words, loss_file, LOSS_READS, m[column::LOSS_CONSTANTS], m[column::LOSS_CONSTANT_COUNT]);
    execute<1>(loss_code, 0, (int)m[column::LOSS_BIRTH], loss_file, 1);
  }
}

// Sets weights, states and programs as they are at birth.
__device__ __noinline__ void birth(const Life& l) {
  const Batch& b = l.b;
  const Int *m = l.m, synapses = m[column::SYNAPSES];
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
  begin_memory(l);
  prepare(l, STATES, 2, 0);
}

}  // namespace evometa
