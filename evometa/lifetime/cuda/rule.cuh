// Plasticity: the rule's program runs for every synapse, tile by tile, and changes weights and states.

namespace evometa {

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
__device__ inline void gradient(const Trial& t, const Sources& from, const float* err, float* rows) {
  float total[TILE] = {};
  for (int k = 0; k < t.streams; k++) {
    const float d = err[k * WIDTH];
    UNROLL for (int e = 0; e < TILE; e++) total[e] = fmaf(d, from.row[e][k * WIDTH], total[e]);
  }
  const float share = 1.0f / (float)t.streams;
  UNROLL for (int e = 0; e < TILE; e++) rows[e * WIDTH] = t.streams > 1 ? total[e] * share : total[e];
}

// Adds what weights cost to the gradients of the synapses that transmit them.
__device__ inline void charge(float cost, const float* open, float* rows, int count) {
  for (int e = 0; e < count; e++) {
    const float w = open[e * WIDTH];
    rows[e * WIDTH] = rows[e * WIDTH] + select(w > 0.0f, cost, select(w < 0.0f, -cost, 0.0f));
  }
}

// Writes what synapses transmit: their weight where the gate is open, else 0.
__device__ inline void transmit(const float* w, const float* gate, float* open, Int first, Int last, Int step) {
  for (Int e = first; e < last; e += step) open[e * WIDTH] = select(gate[e * WIDTH] > 0.0f, w[e * WIDTH], 0.0f);
}

// What all tiles of a genome have in common: its program, this team's registers, its states, its slots' registers.
struct Rule {
  const Instruction* code;
  const Register* words;
  float *file, *err, *open, *states[STATES];  // the first state is the weight
  bool gated;
  int begin, middle, end;              // of the sections for each node and for each synapse
  int slots[STATES];                   // which write the states: a word each, or -1 where the rule lacks the slot

  __device__ explicit Rule(const Life& l)
      : code(reinterpret_cast<const Instruction*>(l.region(extra::CODE))),
        words(reinterpret_cast<const Register*>(l.region(extra::WORDS))),
        file(l.file(extra::FILE, l.extra[extra::FILE_ROWS])), err(l.rows(extra::ERR)), open(l.rows(extra::OPEN)),
        gated(l.extra[extra::HAS_W + GATE]),
        begin((int)l.m[column::BIRTH_END]), middle((int)l.m[column::NODE_END]), end((int)l.m[column::CODE_END]) {
    const int* out = l.b.out + l.m[column::OUT];
    for (int s = 0; s < STATES; s++) {
      states[s] = l.rows(extra::W + s);
      slots[s] = out[s] < 0 ? -1 : words[out[s]];
    }
  }
  __device__ float* row(int signal) const { return row_of(file, words[signal]); }
};

// Has each team know the reward of this update, the mean over its batch; targets are read where they lie.
__device__ void supervise(const Life& l, const Trial& t, const int* chosen) {
  const Batch& b = l.b;
  float total = 0.0f;
  for (int k = 0; k < t.streams; k++) {
    const float* target = rows_of(l, b.support_y, b.support, chosen[k * WIDTH], l.answers);
    total = total + reward((int)b.head, t.out + k * WIDTH, target, l.answers, t.streams * WIDTH);
  }
  *Rule(l).row(signal::REWARD) = total / (float)t.streams;
}

// Changes a tile's weights, within the bound, and its states; the file still holds them as they were.
__device__ __noinline__ void bound(const Rule& r, float high, int first, int count) {
  const float low = -high;
  if (r.slots[0] >= 0) {
    const Register word = (Register)r.slots[0];
    const float* change = row_of(r.file, word);
    float* w = r.states[0] + first * WIDTH;
    for (int e = 0; e < count; e++) {
      const float x = w[e * WIDTH] + change[e * step_of(word)];
      w[e * WIDTH] = select(x < low, low, select(x > high, high, x));
    }
  }
  for (int s = 1; s < STATES; s++) {
    if (r.slots[s] < 0) continue;
    const Register word = (Register)r.slots[s];
    float* state = r.states[s] + first * WIDTH;
    for (int e = 0; e < count; e++) state[e * WIDTH] = row_of(r.file, word)[e * step_of(word)];
  }
  if (r.gated) transmit(r.states[0], r.states[GATE], r.open, first, first + count, 1);
}

// Loads what a tile's program reads of each synapse into the registers.
__device__ __noinline__ void gather(const Life& l, const Trial& t, const Rule& r, int node, int first, int count) {
  const Batch& b = l.b;
  const Int synapses = l.m[column::SYNAPSES];
  UNROLL for (int s = 0; s < STATES; s++) {
    if (!l.reads(signal_of(s))) continue;
    const float* from = r.states[s] + first * WIDTH;
    float* row = r.row(signal_of(s));
    for (int e = 0; e < count; e++) row[e * WIDTH] = from[e * WIDTH];
  }
  if (l.reads(signal::W0)) {
    float* row = r.row(signal::W0);
    for (int e = 0; e < count; e++) row[e * WIDTH] = innate(l, first + e);
  }
  for (int p = 0; p < PLASTICITY_COUNT; p++) {
    if (!l.reads(signal::P0 + p)) continue;
    const float* own = b.plasticity + l.m[column::PLASTICITY] + p * synapses + first;
    float* row = r.row(signal::P0 + p);
    for (int e = 0; e < count; e++) row[e * WIDTH] = own[e];
  }
  if (!l.reads(signal::PRE) && !l.reads(signal::GRAD)) return;
  const Sources from(l, t, first, count);
  if (l.reads(signal::PRE)) {
    float* row = r.row(signal::PRE);
    UNROLL for (int e = 0; e < TILE; e++) row[e * WIDTH] = *from.row[e];
  }
  if (!l.reads(signal::GRAD)) return;
  gradient(t, from, r.err + node * t.streams * WIDTH, r.row(signal::GRAD));
  if (b.synapse_cost > 0.0) charge((float)b.synapse_cost, r.open + first * WIDTH, r.row(signal::GRAD), count);
}

// Goes over to the tiles of a node: loads what the program reads of it, and runs the section for each node. `facts`: what
// it reads beside networks and their states.
template <class Facts>
__device__ inline void visit(const Life& l, const Trial& t, const Rule& r, const Facts& facts, int node) {
  const int at = node * t.streams * WIDTH;
  if (l.reads(signal::POST)) *r.row(signal::POST) = t.now[at];
  if (l.reads(signal::ERR)) *r.row(signal::ERR) = r.err[at];
  facts.of_node(l, r, node);
  execute<1>(r.code, r.begin, r.middle, r.file, 1);
}

// Has each team know how far life has come.
__device__ inline void grow(const Life& l, const Rule& r, Int update) {
  const Int last = l.b.length > 1 ? l.b.length - 1 : 0;
  if (l.reads(signal::AGE)) *r.row(signal::AGE) = (float)(update < last ? update : last) / (float)(last > 0 ? last : 1);
  const Int task = l.b.task, place = task > 0 ? update % task : update;
  if (l.reads(signal::NOVEL)) *r.row(signal::NOVEL) = place == 0 ? 1.0f : 0.0f;
  if (l.reads(signal::TASK)) *r.row(signal::TASK) = (float)(task > 0 ? update / task : 0);
}

// What a rule reads of an update on examples.
struct Lesson {
  const int* chosen;
  Int update;

  __device__ void of_all(const Life& l, const Rule& r) const { grow(l, r, update); }
  __device__ void of_node(const Life& l, const Rule& r, int node) const {
    if (!l.reads(signal::TARGET)) return;
    // hidden nodes have no target of their own: they see the first output's
    const int output = node > l.hidden_end ? node - l.hidden_end : 0;
    *r.row(signal::TARGET) = rows_of(l, l.b.support_y, l.b.support, chosen[0], l.answers)[output * WIDTH];
  }
};

// Runs the rule's program for every synapse, tile by tile, and changes weights and states; `most`: the bound of weights.
template <class Facts>
__device__ __noinline__ void apply_rule(const Life& l, const Trial& t, const Facts& facts, float most) {
  const Batch& b = l.b;
  const Rule r(l);
  facts.of_all(l, r);
  const Int count = l.extra[extra::TILE_COUNT];
  const int* tiles = b.tiles + 3 * l.extra[extra::TILES];
  int node = -1;
  for (Int i = l.team * count / l.teams; i < (l.team + 1) * count / l.teams; i++) {
    const int entered = tiles[3 * i], first = tiles[3 * i + 1], some = tiles[3 * i + 2];
    if (entered != node) visit(l, t, r, facts, node = entered);
    gather(l, t, r, node, first, some);
    execute<TILE>(r.code, r.middle, r.end, r.file, some);
    bound(r, most, first, some);
  }
}

}  // namespace evometa
