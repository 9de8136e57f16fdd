// What a student makes of every position of its game, and which of them it may come to (evometa/lifetime/teaching.py).

namespace evometa {

// What lives of students keep, in this thread's lane: facts of each position that its teacher sees, its move there and its
// favourite, ways to each position and how likely they are (by who begins), what the teacher gives for each candidate, and
// numbers of its own (pupil::…).
struct Student {
  const Life& l;
  const Game& g;
  float *facts, *choice, *favourite, *way, *luck, *priority, *insist, *own;

  __device__ Student(const Life& l, const Game& g)
      : l(l), g(g), facts(l.rows(extra::FACTS)), choice(l.rows(extra::CHOICE)), favourite(choice + g.positions * WIDTH),
        way(l.rows(extra::WAYS)), luck(way + 2 * g.positions * WIDTH), priority(l.rows(extra::PRIORITIES)),
        insist(priority + g.candidate_count * WIDTH), own(l.rows(extra::PUPIL)) {}
  __device__ float& fact(int number, Int place) const { return facts[(number * g.positions + place) * WIDTH]; }
  __device__ float& number(int number) const { return own[number * WIDTH]; }
  __device__ bool read(int signal) const { return (g.reads[l.genome] >> signal) & 1; }  // by its teacher
};

// Begins a life in which nothing has been taught: where nothing is to choose, the first legal move is the only one.
__device__ __noinline__ void begin_lessons(const Student& t) {
  const Game& g = t.g;
  for (Int place = t.l.team; place < g.positions; place += t.l.teams) {
    int only = 0;
    while (only < g.moves - 1 && !g.legal[place * g.moves + only]) only++;
    t.choice[place * WIDTH] = t.favourite[place * WIDTH] = (float)only;
    for (int i = 0; i < fact::COUNT; i++) t.fact(i, place) = 0.0f;
  }
  for (int i = 0; t.l.team == 0 && i < pupil::COUNT; i++) t.number(i) = 0.0f;
}

// Writes a student's move, its favourite sound one and what is wrong, of net inputs `z` so far apart.
__device__ inline void judge(const Student& t, int place, const float* z, int step) {
  const int *legal = t.g.legal + place * t.g.moves, *sound = t.g.sound + place * t.g.moves;
  float best = 0.0f, good = 0.0f, bad = 0.0f;
  int choice = -1, favourite = -1, wrong = -1;
  for (int i = 0; i < t.g.moves; i++) {
    if (!legal[i]) continue;
    const float x = z[i * step];
    if (choice < 0 || x > best) best = x, choice = i;
    if (sound[i]) {
      if (favourite < 0 || x > good) good = x, favourite = i;
    } else if (wrong < 0 || x > bad) {
      bad = x, wrong = i;
    }
  }
  t.choice[place * WIDTH] = (float)choice;
  t.favourite[place * WIDTH] = (float)favourite;
  t.fact(fact::BLUNDER, place) = sound[choice] ? 0.0f : 1.0f;
  t.fact(fact::GAP, place) = wrong < 0 ? 0.0f : bad - good;
  if (!t.read(signal::LOSS)) return;
  float total = 0.0f, share = 0.0f;
  for (int i = 0; i < t.g.moves; i++) {
    if (!legal[i]) continue;
    const float e = exp_f(z[i * step] - best);
    total = total + e;
    if (sound[i]) share = share + e;
  }
  t.fact(fact::LOSS, place) = log_f(total / share);
}

// Asks a student in every position that counts for its teacher.
__device__ __noinline__ void examine(const Student& t) {
  const Life& l = t.l;
  const Game& g = t.g;
  const Trial asked = queries_at(l, nullptr);
  const int count = (int)(t.read(signal::CHANCE) ? g.asked_count : g.lean), step = asked.streams * WIDTH;
  for (int begin = 0; begin < count; begin += asked.streams) {
    const int some = least(asked.streams, count - begin);
    for (int k = l.team; k < some; k += l.teams) {
      const float* x = g.x + g.asked[begin + k] * l.inputs;
      for (int i = 0; i < l.inputs; i++) asked.now[i * step + k * WIDTH] = x[i];
      asked.now[l.inputs * step + k * WIDTH] = 1.0f;
    }
    __syncthreads();
    forward(l, asked, some);
    for (int k = l.team; k < some; k += l.teams) judge(t, g.asked[begin + k], asked.out + k * WIDTH, step);
  }
  __syncthreads();
}

// Goes from the first position on, whatever the opponent does, where the student moves at plies of this parity.
__device__ inline void walk(const Student& t, int role) {
  const Game& g = t.g;
  float *way = t.way + role * g.positions * WIDTH, *luck = t.luck + role * g.positions * WIDTH;
  for (Int place = 0; place < g.positions; place++) {
    way[place * WIDTH] = place == 0 ? 0.0f : NEVER;
    luck[place * WIDTH] = place == 0 ? 1.0f : 0.0f;
  }
  for (Int place = 0; place < g.positions; place++) {
    const bool mine = g.ply[place] % 2 == role;
    const float here = way[place * WIDTH], own = luck[place * WIDTH];
    int legal = 0;
    for (int i = 0; i < g.moves; i++) legal += g.legal[place * g.moves + i];
    for (int i = 0; i < g.moves; i++) {
      const int to = g.following[place * g.moves + i];
      if (to < 0) continue;
      float on = here, share = own / (float)legal;
      if (mine) {
        on = t.favourite[place * WIDTH] == (float)i ? here + t.fact(fact::BLUNDER, place) : NEVER;
        share = (t.choice[place * WIDTH] == (float)i ? own * OFTEN : 0.0f) + share * SELDOM;
      }
      if (on < way[to * WIDTH]) way[to * WIDTH] = on;
      luck[to * WIDTH] = luck[to * WIDTH] + share;
    }
  }
}

// Has team 0 write what is to be taught of the positions that a student may come to, and whether it can be beaten.
__device__ inline void sum_up(const Student& t) {
  const Game& g = t.g;
  float wrong = 0.0f, open = 0.0f;
  for (Int place = 0; place < g.positions; place++) {
    const Int own = (g.ply[place] % 2 * g.positions + place) * WIDTH;
    const float detour = t.way[own], gap = t.fact(fact::GAP, place);
    if (detour == 0.0f && t.fact(fact::BLUNDER, place) > 0.0f) wrong = wrong + 1.0f;
    if (detour < NEVER && gap > 0.0f) open = open + gap;
    t.fact(fact::REACHED, place) = 1.0f / (1.0f + detour);
    t.fact(fact::CHANCE, place) = t.luck[own];
  }
  t.number(pupil::BLUNDERS) = wrong;
  t.number(pupil::GAP) = open;
  if (wrong == 0.0f) t.number(pupil::FINISHED) = 1.0f;
}

// Finds which positions a student may come to, by how many blunders.
__device__ __noinline__ void roam(const Student& t) {
  for (int role = t.l.team; role < 2; role += t.l.teams) walk(t, role);
  __syncthreads();
  if (t.l.team == 0) sum_up(t);
  __syncthreads();
}

}  // namespace evometa
