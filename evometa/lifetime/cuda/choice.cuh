// What is expected of actions, and which one is taken (evometa/lifetime/acting.py): each lane's affair, done by team 0.

namespace evometa {

// The largest net input of the actions that may be taken; the first one's where it is NaN.
__device__ inline float largest(const Agent& a) {
  float best = 0.0f;
  bool known = false;
  for (int i = 0; i < a.s.actions; i++) {
    if (!(a.may[i * WIDTH] > 0.0f)) continue;
    const float z = a.z[i * WIDTH];
    if (!known || z > best) best = z;
    known = true;
  }
  return best;
}

// Turns net inputs of actions into their shares.
__device__ inline void share(const Agent& a, float best, float* out) {
  float total = 0.0f;
  for (int i = 0; i < a.s.actions; i++) {
    const float y = a.may[i * WIDTH] > 0.0f ? exp_f(a.z[i * WIDTH] - best) : 0.0f;
    out[i * WIDTH] = y;
    total = total + y;
  }
  for (int i = 0; i < a.s.actions; i++) out[i * WIDTH] = out[i * WIDTH] / total;
}

// Writes what was missed by what was foretold in the tick before, how much that is, and what is foretold now.
__device__ inline void miss(const Agent& a, const float* now, const float* foretelling) {
  const Stage& s = a.s;
  float total = 0.0f;
  for (int h = 0; h < s.predictions; h++) {
    float seen = 0.0f;
    for (int i = 0; i < s.shown; i++) seen = fmaf(s.projection[h * s.shown + i], now[i * WIDTH], seen);
    const float missed = a.signal(lane::START) > 0.0f ? 0.0f : a.foretold[h * WIDTH] - seen;
    a.missed[h * WIDTH] = missed;
    a.foretold[h * WIDTH] = foretelling[h * WIDTH];
    total = total + missed * missed;
  }
  if (s.predictions > 0) a.signal(lane::SURPRISE) = total / (float)s.predictions;
}

// Turns net inputs of actions into answers, at `out`, and says what is expected, and what was not.
__device__ inline void appraise(const Agent& a, const float* now, float* out) {
  const Stage& s = a.s;
  const float best = largest(a);
  if (s.softmax) share(a, best, out);
  const float value = s.critics ? out[s.answers * WIDTH] : best;
  a.signal(lane::BEFORE) = a.number(agent::EXPECTED);
  a.signal(lane::VALUE) = s.late && a.signal(lane::DONE) > 0.0f ? 0.0f : value;
  a.number(agent::EXPECTED) = value;
  miss(a, now, out + (s.answers + s.critics) * WIDTH);
}

// Of n actions that `own` takes in the one with number trunc(v·n), −1 if there are none.
template <class Own>
__device__ inline int numbered(const Agent& a, float v, const Own& own) {
  int count = 0;
  for (int i = 0; i < a.s.actions; i++) count += own(i);
  int number = least((int)(v * (float)count), count - 1);
  for (int i = 0; i < a.s.actions; i++) {
    if (own(i) && number-- == 0) return i;
  }
  return -1;
}

// The first action at which the sum of shares exceeds v, the last possible one if none does.
__device__ inline int by_shares(const Agent& a, const float* out, float v) {
  float total = 0.0f;
  int chosen = -1;
  for (int i = 0; i < a.s.actions; i++) {
    total = total + out[i * WIDTH];
    if (!(a.may[i * WIDTH] > 0.0f)) continue;
    chosen = i;
    if (v < total) break;
  }
  return chosen;
}

// Takes an action, by the numbers of this tick, and says whether its net input is the largest.
__device__ inline void choose(const Agent& a, const float* out, Int tick) {
  const Stage& s = a.s;
  const float* draws = s.draws + (a.l.piece * s.ticks + tick) * 2 * WIDTH + a.l.lane;
  const float u = draws[0], v = draws[WIDTH], best = largest(a);
  const auto may = [&](int i) { return a.may[i * WIDTH] > 0.0f; };
  const auto equal = [&](int i) { return may(i) && a.z[i * WIDTH] == best; };
  int action;
  if (u < (float)s.epsilon) {
    action = numbered(a, v, may);
  } else if (s.softmax) {
    action = by_shares(a, out, v);
  } else {
    action = numbered(a, s.random_ties ? v : 0.0f, equal);
    if (action < 0) action = numbered(a, 0.0f, may);  // where the largest is NaN
  }
  const float taken = a.z[action * WIDTH];
  a.number(agent::ACTION) = (float)action;
  a.signal(lane::GREEDY) = taken == best ? 1.0f : 0.0f;
  if (!s.critics) a.number(agent::EXPECTED) = taken;
}

}  // namespace evometa
