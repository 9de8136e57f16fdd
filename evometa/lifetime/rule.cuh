// Plasticity: the rule's program runs for every synapse, tile by tile, and changes weights and states.

namespace evometa {

// The reward of this update's batch: mean rightness, or minus the mean squared error with a linear head.
__device__ float reward(const Life& l, const Trial& t, const int* chosen) {
  const Batch& b = l.b;
  float total = 0.0f;
  for (int k = 0; k < t.streams; k++) {
    const float* out = t.now + (l.hidden_end * t.streams + k) * WIDTH;
    const float* target = rows_of(l, b.support_y, b.support, chosen[k], l.outputs);
    if (b.head == head::LINEAR) {
      total = total - squared(out, target, l.outputs, t.streams * WIDTH);
    } else {
      total = total + rightness((int)b.head, out, target, l.outputs, t.streams * WIDTH);
    }
  }
  return total / (float)t.streams;
}

// Where a tile's synapses come from: their sources' rows for example 0, and how far the next example lies.
struct Sources {
  const float* row[TILE];

  __device__ Sources(const Life& l, const Trial& t, int first, int count) {
    const int* src = l.b.src + l.m[column::SRC] + first;
    UNROLL for (int e = 0; e < TILE; e++) {
      const int s = src[e < count ? e : count - 1];
      row[e] = s < l.nodes ? t.now + s * t.streams * WIDTH : t.before + (s - l.nodes) * t.before_step;
    }
  }
};

// The mean over the batch of err·pre for each synapse of a tile.
__device__ inline void gradients(const Trial& t, const Sources& from, const float* err, float* rows) {
  float total[TILE] = {};
  for (int k = 0; k < t.streams; k++) {
    const float d = err[k * WIDTH];
    UNROLL for (int e = 0; e < TILE; e++) total[e] = fmaf(d, from.row[e][k * WIDTH], total[e]);
  }
  const float share = 1.0f / (float)t.streams;
  UNROLL for (int e = 0; e < TILE; e++) rows[e * WIDTH] = t.streams > 1 ? total[e] * share : total[e];
}

// Changes a tile's weights, within the bound, and its states; the file still holds them as they were.
__device__ inline void write_back(const Life& l, const Register* words, float* file, int first, int count) {
  const int* slots = l.b.out + l.m[column::OUT];
  const int numbers[3] = {slots[0], slots[1], slots[2]};
  if (numbers[0] >= 0) {
    const Register word = words[numbers[0]];
    const float *change = row_of(file, word), high = (float)l.b.bound, low = -high;
    float* w = l.rows(extra::W) + first * WIDTH;
    for (int e = 0; e < count; e++) {
      const float x = w[e * WIDTH] + change[e * step_of(word)];
      w[e * WIDTH] = select(x < low, low, select(x > high, high, x));
    }
  }
  for (int s = 1; s < 3; s++) {
    if (numbers[s] < 0) continue;
    const Register word = words[numbers[s]];
    float* state = l.rows(s == 1 ? extra::S1 : extra::S2) + first * WIDTH;
    for (int e = 0; e < count; e++) state[e * WIDTH] = row_of(file, word)[e * step_of(word)];
  }
}

// Copies a tile's rows of one kind of state to the registers.
__device__ inline void stage(const Life& l, const Register* words, float* file, int signal, const float* from, int count) {
  if (!l.reads(signal)) return;
  float* row = row_of(file, words[signal]);
  for (int e = 0; e < count; e++) row[e * WIDTH] = from[e * WIDTH];
}

// Loads what a tile's program reads of each synapse into the registers.
__device__ inline void gather(const Life& l, const Trial& t, const Register* words, float* file, int node, int first,
                              int count) {
  const Batch& b = l.b;
  const Int synapses = l.m[column::SYNAPSES];
  stage(l, words, file, signal::W, l.rows(extra::W) + first * WIDTH, count);
  stage(l, words, file, signal::S1, l.rows(extra::S1) + first * WIDTH, count);
  stage(l, words, file, signal::S2, l.rows(extra::S2) + first * WIDTH, count);
  if (l.reads(signal::W0)) {
    const bool fresh = l.m[column::FRESH];
    const float* born = (fresh ? b.births : b.innate) + l.m[column::INNATE];
    float* row = row_of(file, words[signal::W0]);
    for (int e = 0; e < count; e++) {
      row[e * WIDTH] = fresh ? born[(l.piece * synapses + first + e) * WIDTH + l.lane] : born[first + e];
    }
  }
  for (int p = 0; p < PLASTICITY_COUNT; p++) {
    if (!l.reads(signal::P0 + p)) continue;
    const float* own = b.plasticity + l.m[column::PLASTICITY] + p * synapses + first;
    float* row = row_of(file, words[signal::P0 + p]);
    for (int e = 0; e < count; e++) row[e * WIDTH] = own[e];
  }
  if (!l.reads(signal::PRE) && !l.reads(signal::GRAD)) return;
  const Sources from(l, t, first, count);
  if (l.reads(signal::PRE)) {
    float* row = row_of(file, words[signal::PRE]);
    UNROLL for (int e = 0; e < TILE; e++) row[e * WIDTH] = *from.row[e];
  }
  if (l.reads(signal::GRAD)) {
    gradients(t, from, l.rows(extra::ERR) + node * t.streams * WIDTH, row_of(file, words[signal::GRAD]));
  }
}

// Runs the rule's program for every synapse, tile by tile, and changes weights and states.
__device__ void apply_rule(const Life& l, const Trial& t, const int* chosen, Int update) {
  const Batch& b = l.b;
  const Instruction* code = reinterpret_cast<const Instruction*>(l.region(extra::CODE));
  const Register* words = reinterpret_cast<const Register*>(l.region(extra::WORDS));
  float* file = l.file(extra::FILE, l.extra[extra::FILE_ROWS]);
  const int begin = (int)l.m[column::BIRTH_END], middle = (int)l.m[column::NODE_END];
  if (l.reads(signal::REWARD)) *row_of(file, words[signal::REWARD]) = reward(l, t, chosen);
  if (l.reads(signal::AGE)) {
    *row_of(file, words[signal::AGE]) = (float)update / (float)(b.updates > 1 ? b.updates - 1 : 1);
  }
  const Int count = l.extra[extra::TILE_COUNT];
  const int* tiles = b.tiles + 3 * l.extra[extra::TILES];
  int node = -1;
  for (Int i = l.team * count / l.teams; i < (l.team + 1) * count / l.teams; i++) {
    const int entered = tiles[3 * i], first = tiles[3 * i + 1], some = tiles[3 * i + 2];
    if (entered != node) {
      node = entered;
      const int at = node * t.streams * WIDTH, output = node > l.hidden_end ? node - l.hidden_end : 0;
      if (l.reads(signal::POST)) *row_of(file, words[signal::POST]) = t.now[at];
      if (l.reads(signal::ERR)) *row_of(file, words[signal::ERR]) = l.rows(extra::ERR)[at];
      if (l.reads(signal::TARGET)) {
        // hidden nodes have no target of their own: they see the first output's
        *row_of(file, words[signal::TARGET]) =
            rows_of(l, b.support_y, b.support, chosen[0], l.outputs)[output * WIDTH];
      }
      execute<1>(code, begin, middle, file, 1);
    }
    gather(l, t, words, file, node, first, some);
    execute<TILE>(code, middle, (int)l.m[column::CODE_END], file, some);
    write_back(l, words, file, first, some);
  }
}

}  // namespace evometa
