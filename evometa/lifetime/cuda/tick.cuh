// What a learner makes of a tick, or of a lesson: errors of its outputs, and the rule for each synapse.

namespace evometa {

// What a rule reads of a tick.
struct Tick {
  const Agent& a;
  Int tick;

  __device__ void of_all(const Life& l, const Rule& r) const {
    grow(l, r, tick < a.s.ticks ? tick : a.s.ticks - 1);
    if (l.reads(signal::REWARD)) *r.row(signal::REWARD) = a.number(agent::FELT);
    for (int i = 0; i < LANE_SIGNALS; i++) {
      if (l.reads(signal::VALUE + i)) *r.row(signal::VALUE + i) = a.signal(lane::VALUE + i);
    }
  }
  __device__ void of_node(const Life& l, const Rule& r, int node) const {
    const int place = node - l.hidden_end;
    if (l.reads(signal::ACT)) *r.row(signal::ACT) = stands(place, a.number(agent::ACTION));
    if (l.reads(signal::ACTED)) *r.row(signal::ACTED) = stands(place, a.number(agent::PREVIOUS));
  }
  // Whether an output stands for an action: with afterstates the first one for any.
  __device__ float stands(int place, float action) const {
    if (a.s.ways > 0) return place == 0 && action >= 0.0f ? 1.0f : 0.0f;
    return place >= 0 && place < a.s.answers && action == (float)place ? 1.0f : 0.0f;
  }
};

// Writes the errors of the outputs, with the action taken as the target.
__device__ inline void blame(const Agent& a, const Tick& tick, const float* out) {
  const Stage& s = a.s;
  if (!a.l.extra[extra::HAS_ERR]) return;
  float* err = a.l.rows(extra::ERR) + a.l.hidden_end * WIDTH;
  for (int i = 0; i < s.answers; i++) {
    err[i * WIDTH] = (s.softmax ? out[i * WIDTH] : 0.0f) - tick.stands(i, a.number(agent::ACTION));
  }
  if (s.critics) err[s.answers * WIDTH] = -(float)s.critic;
  for (int h = 0; h < s.predictions; h++) err[(s.answers + s.critics + h) * WIDTH] = a.missed[h * WIDTH];
}

// Learns of what was taken, as the lane's signals say.
__device__ __noinline__ void learn_of(const Agent& a, const Trial& t, Int tick) {
  const Life& l = a.l;
  const Tick facts = {a, tick};
  if (l.team == 0) blame(a, facts, t.out);
  if (l.extra[extra::HAS_ERR]) {
    back(l, t);
  } else {
    __syncthreads();
  }
  apply_rule(l, t, facts, a.s.bounds[l.genome]);
  __syncthreads();
}

}  // namespace evometa
