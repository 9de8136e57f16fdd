// The kernel of students that are taught: one genome's lives in WIDTH lanes, lesson by lesson (contract:
// evometa/lifetime/teaching.py). A lesson is a tick of a life that acts, but that the teacher says what is seen and taken.

namespace evometa {

// What a teacher sees of a position, by a signal of its own.
__device__ inline float seen(const Student& t, int signal, int place, const int* offset) {
  if (signal == signal::PLY) return (float)t.g.ply[place];
  if (signal == signal::ROLE) return (float)(t.g.ply[place] % 2);
  if (signal == signal::NOISE) return t.g.numbers[(*offset + place) % t.g.number_count];
  return t.fact(fact_of(signal - signal::GAP), place);
}

// Runs the teacher's program for every candidate, tile by tile.
__device__ __noinline__ void rate(const Student& t, Int tick, float age) {
  const Life& l = t.l;
  const Game& g = t.g;
  const Instruction* code = reinterpret_cast<const Instruction*>(l.region(extra::LOSS_CODE));
  const Register* words = reinterpret_cast<const Register*>(l.region(extra::LOSS_WORDS));
  float* file = l.file(extra::LOSS_FILE, l.extra[extra::LOSS_ROWS]);
  const int *out = l.b.out + l.m[column::LOSS_OUT], *offset = g.offset + (l.piece * g.lessons + tick) * WIDTH + l.lane;
  *row_of(file, words[signal::AGE]) = age;
  for (int i = l.team * TILE; i < g.candidate_count; i += l.teams * TILE) {
    const int some = least(TILE, (int)g.candidate_count - i);
    for (int s = signal::GAP; s < signal::GAP + SEEN_SIGNALS; s++) {
      if (!t.read(s)) continue;
      for (int e = 0; e < some; e++) row_of(file, words[s])[e * WIDTH] = seen(t, s, g.candidates[i + e], offset);
    }
    execute<TILE>(code, (int)l.m[column::LOSS_BIRTH], (int)l.m[column::LOSS_END], file, some);
    for (int e = 0; e < some; e++) {
      const Register lesson = words[out[0]];
      t.priority[(i + e) * WIDTH] = row_of(file, lesson)[e * step_of(lesson)];
      if (out[1] < 0) continue;
      const Register insist = words[out[1]];
      t.insist[(i + e) * WIDTH] = row_of(file, insist)[e * step_of(insist)];
    }
  }
}

// Has team 0 take the candidate with the highest priority, the move that is taught there, and how much it counts.
__device__ inline void decide(const Student& t, const Agent& a, Int tick) {
  const Life& l = t.l;
  const Game& g = t.g;
  float best = -NEVER;
  int taken = 0;
  for (int i = 0; i < g.candidate_count; i++) {
    if (t.priority[i * WIDTH] > best) best = t.priority[i * WIDTH], taken = i;
  }
  const int place = g.candidates[taken], *own = g.best + place * g.moves;
  const float v = g.draws[(l.piece * g.lessons + tick) * WIDTH + l.lane];
  const bool over = t.number(pupil::FINISHED) > 0.0f;
  const float insist = l.b.out[l.m[column::LOSS_OUT] + 1] < 0 ? 1.0f : t.insist[taken * WIDTH];
  const float m = over ? 0.0f : insist > 1.0f ? insist > INSISTENCE ? INSISTENCE : insist : 1.0f;
  const int drawn = numbered(a, v, [&](int i) { return own[i] != 0; });
  const float move = g.drawn ? (float)(drawn > 0 ? drawn : 0) : t.favourite[place * WIDTH];
  t.number(pupil::PLACE) = (float)place;
  a.number(agent::ACTION) = move;
  a.signal(lane::M) = m;
  if (over) return;
  const float gap = t.number(pupil::GAP);
  t.number(pupil::LESSONS) = t.number(pupil::LESSONS) + 1.0f;
  t.number(pupil::EFFORT) = t.number(pupil::EFFORT) + (1.0f + gap / (1.0f + gap));
  if (!g.told || l.genome > 0 || l.piece > 0 || l.lane > 0) return;
  g.given[tick] = place;
  g.given[g.lessons + tick] = (int)move;
  g.insisted[tick] = m;
}

// Puts the position that is taught before the student.
__device__ inline void put_before(const Student& t, float* now) {
  const float* x = t.g.x + (int)t.number(pupil::PLACE) * t.l.inputs;
  for (int i = 0; i < t.l.inputs; i++) now[i * WIDTH] = x[i];
  now[t.l.inputs * WIDTH] = 1.0f;
}

// Gives a lesson, and lets the student learn of it.
__device__ __noinline__ void instruct(const Student& t, const Agent& a, const Trial& trial, Int tick) {
  const Life& l = t.l;
  const Int last = t.g.lessons > 1 ? t.g.lessons - 1 : 0;
  rate(t, tick, (float)(tick < last ? tick : last) / (float)(last > 0 ? last : 1));
  __syncthreads();
  if (l.team == 0) {
    decide(t, a, tick);
    put_before(t, trial.now);
  }
  __syncthreads();
  forward(l, trial, 1);
  if (l.team == 0) {
    for (int i = 0; i < t.g.moves; i++) a.z[i * WIDTH] = trial.out[i * WIDTH];
    appraise(a, trial.now, trial.out);
  }
  learn_of(a, trial, tick);
  for (Int place = l.team; place < t.g.positions; place += l.teams) {
    const bool taught = (float)place == t.number(pupil::PLACE);
    if (taught) t.fact(fact::TAUGHT, place) = t.fact(fact::TAUGHT, place) + 1.0f;
    t.fact(fact::SINCE, place) = taught ? 0.0f : t.fact(fact::SINCE, place) + 1.0f;
  }
}

// Whether the lessons of all lanes are over.
__device__ inline bool over(const Student& t) {
  bool all = true;
  for (int lane = 0; lane < WIDTH; lane++) all = all && (&t.number(pupil::FINISHED))[lane - t.l.lane] > 0.0f;
  return all;
}

// Writes what a student has come to at the end of window c; what is not finite marks its lane.
__device__ inline void note(const Student& t, int c) {
  const Batch& b = t.l.b;
  const Int lane = t.l.piece * WIDTH + t.l.lane, at = (t.l.genome * b.points + c) * b.lane_count + lane;
  for (int i = 0; i < RESULT_COUNT; i++) {
    const float x = t.number(i);
    b.scores[i * b.genome_count * b.points * b.lane_count + at] = x;
    if (x - x != 0.0f) b.status[t.l.genome * b.lane_count + lane] = DIVERGED;
  }
}

// Lives the lives of one genome's students in one piece of lanes.
__device__ void teach(const Life& l, const Stage& s, const Game& g) {
  const Student t(l, g);
  const Agent a(l, s);
  if (l.team == 0) begin_lane(a);
  for (int i = 0; l.team == 0 && i < g.moves; i++) a.may[i * WIDTH] = 1.0f;
  begin_lessons(t);
  birth(l, Second::teacher());
  float* now = l.rows(extra::ACT);
  const Trial trial = trial_at(l, now, now, nullptr);
  int c = 0;
  for (Int tick = 0; tick <= g.lessons; tick++) {
    const bool done = over(t);
    if (!done) {
      examine(t);
      roam(t);
    }
    if (c < l.b.points && l.b.checkpoints[c] == tick) {
      if (l.team == 0) note(t, c);
      c++;
    }
    if (!done && tick < g.lessons) instruct(t, a, trial, tick);
  }
  if (conclude(l)) l.b.status[l.genome * l.b.lane_count + l.piece * WIDTH + l.lane] = DIVERGED;
}

}  // namespace evometa

// Blocks take (genome, piece of lanes) items until none is left, as in lifetime.cu.
extern "C" __global__ void __launch_bounds__(evometa::WIDTH * evometa::MOST_TEAMS, 1)
    evometa_teach(const __grid_constant__ evometa::Batch batch, const __grid_constant__ evometa::Stage stage, const __grid_constant__ evometa::Game game) {
  using namespace evometa;
  extern __shared__ __align__(128) float evometa_pool[];
  int& item = *reinterpret_cast<int*>(evometa_pool);  // in the first row; regions lie behind it
  for (;;) {
    if (threadIdx.x == 0 && threadIdx.y == 0) item = atomicAdd(batch.next, 1);
    __syncthreads();
    if (item >= batch.item_count) return;
    const int genome = (int)batch.items[2 * item], piece = (int)batch.items[2 * item + 1];
    teach(life_of(batch, genome, piece, evometa_pool), stage, game);
  }
}
