// The kernel of lives that act: one genome's lives in WIDTH lanes of a world, tick by tick (contract:
// evometa/lifetime/acting.py).
//
// What is one number a lane, the world's program foremost, is team 0's, whose threads have a lane each; all teams share the
// network and the rule. So the barriers are those of a weight update: before a network is swept, and around its rule.

namespace evometa {

// Lets recurrent synapses read nothing where a trial starts.
__device__ inline void forget(const Agent& a, float* before) {
  if (!(a.number(agent::OVER) > 0.0f)) return;
  for (int i = 0; i < a.l.nodes; i++) before[i * WIDTH] = 0.0f;
}

// With afterstates lets activations be those of the action that each lane takes.
__device__ inline void adopt(const Agent& a, const Trial& t) {
  if (a.s.ways == 0) return;
  if (a.l.team == 0) see(a, t.now, (int)a.number(agent::ACTION));
  __syncthreads();
  forward(a.l, t, 1);
}

// Sees the world, answers, and chooses an action, if this is no tick behind the last one.
__device__ __noinline__ void think(const Agent& a, const Trial& t, Int tick) {
  const Stage& s = a.s;
  if (a.l.team == 0) {
    if (s.forget && a.l.m[column::RECURRENT]) forget(a, const_cast<float*>(t.before));
    show(a, tick);
    const Int last = s.ticks > 1 ? s.ticks - 1 : 0, now = tick < last ? tick : last, task = a.l.b.task;
    a.signal(lane::AGE) = (float)now / (float)(last > 0 ? last : 1);
    a.signal(lane::NOVEL) = (task > 0 ? now % task : now) == 0 ? 1.0f : 0.0f;
    a.signal(lane::TASK) = (float)(task > 0 ? now / task : 0);
  }
  for (int way = 0; way < (s.ways > 0 ? s.ways : 1); way++) {
    if (a.l.team == 0) see(a, t.now, way);
    __syncthreads();
    forward(a.l, t, 1);
    for (int i = 0; a.l.team == 0 && i < s.answers; i++) a.z[(way + i) * WIDTH] = t.out[i * WIDTH];
  }
  if (a.l.team == 0) {
    appraise(a, t.now, t.out);
    if (tick < s.ticks) choose(a, t.out, tick);
  }
  adopt(a, t);
}

// Runs the slots of the lane: the reward that the rule reads, m, and what the memories become.
__device__ inline void modulate(const Agent& a) {
  const Life& l = a.l;
  const Register* words = reinterpret_cast<const Register*>(l.region(extra::LOSS_WORDS));
  const int* out = l.b.out + l.m[column::LOSS_OUT];
  const auto given = [&](int slot) { return *row_of(a.signals, words[out[slot]]); };
  float felt = a.signal(lane::REWARD);
  if (l.m[column::LOSS_CODE] >= 0) {
    execute<1>(reinterpret_cast<const Instruction*>(l.region(extra::LOSS_CODE)), (int)l.m[column::LOSS_BIRTH],
               (int)l.m[column::LOSS_END], a.signals, 1);
    for (int i = 0; i < LANE_SLOTS - 2; i++) {
      a.number(agent::NEXT + i) = out[2 + i] >= 0 ? given(2 + i) : a.signal(lane::M1 + i);
    }
    if (out[0] >= 0) felt = felt + given(0);
    if (out[1] >= 0) a.signal(lane::M) = given(1);
  }
  a.number(agent::FELT) = felt;
}

// Lets the modulator's memories become what they become.
__device__ inline void remember(const Agent& a) {
  if (a.l.m[column::LOSS_CODE] < 0) return;
  for (int i = 0; i < LANE_SLOTS - 2; i++) a.signal(lane::M1 + i) = a.number(agent::NEXT + i);
}

// Learns from the reward that is there.
__device__ __noinline__ void adapt(const Agent& a, const Trial& t, Int tick) {
  if (a.l.team == 0) modulate(a);
  learn_of(a, t, tick);
  if (a.l.team == 0) remember(a);
}

// Writes what window c has come to, and begins its sums anew; what is not finite marks its lane.
__device__ inline void report(const Agent& a, int c) {
  const Batch& b = a.l.b;
  const Int at = (a.l.genome * b.points + c) * b.lane_count + a.l.piece * WIDTH + a.l.lane;
  for (int i = 0; i < measure::COUNT; i++) {
    const float x = a.number(agent::SUMS + i);
    b.scores[i * b.genome_count * b.points * b.lane_count + at] = x;
    if (x - x != 0.0f) b.status[a.l.genome * b.lane_count + a.l.piece * WIDTH + a.l.lane] = DIVERGED;
    a.number(agent::SUMS + i) = 0.0f;
  }
}

// Lives the lives of one genome in one piece of lanes.
__device__ void act(const Life& l, const Stage& s) {
  const Agent a(l, s);
  begin_world(a);
  birth(l, Second::lane());
  const bool recurrent = l.m[column::RECURRENT];
  float *now = l.rows(extra::ACT), *before = now + (recurrent ? l.nodes * WIDTH : 0);
  int c = 0;
  for (Int tick = 0; tick < s.ticks + s.late; tick++) {
    if (recurrent) {
      float* old = now;
      now = before;
      before = old;
    }
    const Trial t = trial_at(l, now, before, nullptr);
    think(a, t, tick);
    if (s.late) adapt(a, t, tick);
    if (tick == s.ticks) break;
    if (l.team == 0) move(a, tick);
    if (!s.late) adapt(a, t, tick);
    if (l.b.checkpoints[c] != tick + 1) continue;
    if (l.team == 0) report(a, c);
    c++;
  }
  const bool bad = conclude(l), faulty = a.number(agent::FAULTY) > 0.0f;  // which stays so: a barrier was behind the last tick
  unsigned char& status = l.b.status[l.genome * l.b.lane_count + l.piece * WIDTH + l.lane];
  if (faulty && l.team == 0) status = FAULTY;  // who reported, so that this comes last
  if (bad && !faulty) status = DIVERGED;
}

}  // namespace evometa

// Blocks take (genome, piece of lanes) items until none is left, as in lifetime.cu.
extern "C" __global__ void __launch_bounds__(evometa::WIDTH * evometa::MOST_TEAMS, 1)
    evometa_act(const __grid_constant__ evometa::Batch batch, const __grid_constant__ evometa::Stage stage) {
  using namespace evometa;
  extern __shared__ __align__(128) float evometa_pool[];
  int& item = *reinterpret_cast<int*>(evometa_pool);  // in the first row; regions lie behind it
  for (;;) {
    if (threadIdx.x == 0 && threadIdx.y == 0) item = atomicAdd(batch.next, 1);
    __syncthreads();
    if (item >= batch.item_count) return;
    const int genome = (int)batch.items[2 * item], piece = (int)batch.items[2 * item + 1];
    act(life_of(batch, genome, piece, evometa_pool), stage);
  }
}
