// Queries: what a life answers at a checkpoint, learning nothing.

namespace evometa {

// Writes the scores of one answered query to its rows, one for each score.
__device__ inline void score(const Life& l, const float* out, const float* target, int step, float* rows) {
  scores((int)l.b.head, out, target, l.answers, step, rows, (int)l.b.block * WIDTH);
}

// How many synapses are open: all, if the genome has no gates.
__device__ inline float opened(const Life& l) {
  const Int synapses = l.m[column::SYNAPSES];
  if (!l.extra[extra::HAS_W + GATE]) return (float)synapses;
  const float* gate = l.rows(extra::W + GATE);
  Int count = 0;
  for (Int e = 0; e < synapses; e++) count += gate[e * WIDTH] > 0.0f;
  return (float)count;
}

// Puts in place what queries are compared with: what the learner makes of all support examples, learning nothing.
// What it leaves is read behind the next barrier.
__device__ inline void embed(const Life& l, const Trial& t) {
  const Batch& b = l.b;
  const int support = (int)b.support;
  for (int begin = 0; begin < support; begin += t.streams) {
    const int count = least(t.streams, support - begin);
    for (int k = l.team; k < count; k += l.teams) perceive(l, t, b.support_x, b.support, begin + k, k);
    __syncthreads();
    forward(l, t, count);
    keep(l, t, begin, count);
  }
  know(l, keys_of(l, t, nullptr));
}

// Answers `count` queries, from number `begin` on, without learning; team 0 adds up their scores.
__device__ inline void ask(const Life& l, const Trial& t, Int begin, int count, float (&sums)[SCORE_COUNT]) {
  const Batch& b = l.b;
  float* rows = l.rows(extra::SCORES);
  const int step = t.streams * WIDTH;
  for (int k = l.team; k < count; k += l.teams) perceive(l, t, b.query_x, b.queries, begin + k, k);
  __syncthreads();
  forward(l, t, count);
  if (l.compares()) compare(l, t, nullptr, count);
  for (int k = l.team; k < count; k += l.teams) {
    const float* target = rows_of(l, b.query_y, b.queries, begin + k, l.answers);
    answer((int)b.head, t.out + k * WIDTH, l.answers, step);
    score(l, t.out + k * WIDTH, target, step, rows + k * WIDTH);
  }
  __syncthreads();
  if (l.team == 0) {
    for (int k = 0; k < count; k++) {
      UNROLL for (int i = 0; i < SCORE_COUNT; i++) sums[i] = sums[i] + rows[(i * b.block + k) * WIDTH];
    }
  }
}

// Has team 0 write the mean scores of checkpoint c, and mark lanes in which one is not finite.
__device__ inline void report(const Life& l, int c, const float (&sums)[SCORE_COUNT]) {
  const Batch& b = l.b;
  if (l.team != 0) return;
  const Int lane = l.piece * WIDTH + l.lane, all = b.genome_count * b.points * b.lane_count;
  const int count = b.asked[2 * c + 1] - b.asked[2 * c];
  float* out = b.scores + (l.genome * b.points + c) * b.lane_count + lane;
  if (b.gated) b.opened[(l.genome * b.points + c) * b.lane_count + lane] = opened(l);
  UNROLL for (int i = 0; i < SCORE_COUNT; i++) {
    const float mean = sums[i] / (float)count;
    out[i * all] = mean;
    if (mean - mean != 0.0f) b.status[l.genome * b.lane_count + lane] = DIVERGED;
  }
}

// Answers the queries of checkpoint c; recurrent synapses read the first example of the trial before.
__device__ __noinline__ void query(const Life& l, const float* before, int c) {
  const Batch& b = l.b;
  const Trial t = queries_at(l, before);
  float sums[SCORE_COUNT] = {};
  if (l.compares()) embed(l, t);
  const Int end = b.asked[2 * c + 1];
  for (Int begin = b.asked[2 * c]; begin < end; begin += b.block) {
    ask(l, t, begin, (int)(end - begin < b.block ? end - begin : b.block), sums);
  }
  report(l, c, sums);
}

}  // namespace evometa
