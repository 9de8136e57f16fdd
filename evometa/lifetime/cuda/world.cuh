// A world as a block runs it, for team 0 alone: its program, a row of lanes for each register (a world is data:
// evometa/language/worlds/program.py), instructions of which the host has translated (staging.py).

namespace evometa {

// What lives that act keep beside a learner, in this thread's lane: signals of the lane (lane::…), which are the first
// registers of its program, if it has one, numbers of its own (agent::…), net inputs of actions, which of these may be taken, what was
// foretold, and what of it was missed, registers of the world, and how often each of its states was met.
struct Agent {
  const Life& l;
  const Stage& s;
  float *signals, *own, *z, *may, *foretold, *missed, *world, *met;

  __device__ Agent(const Life& l, const Stage& s)
      : l(l), s(s), signals(l.rows(extra::SIGNALS)), own(l.rows(extra::AGENT)), z(own + agent::COUNT * WIDTH),
        may(z + s.actions * WIDTH), foretold(may + s.actions * WIDTH), missed(foretold + s.predictions * WIDTH),
        world(l.rows(extra::WORLD)), met(l.rows(extra::MET)) {}
  __device__ float& signal(int number) const { return signals[number * WIDTH]; }
  __device__ float& number(int number) const { return own[number * WIDTH]; }
  __device__ float& in_world(int number) const { return world[number * WIDTH]; }
};

// Marks this lane as one whose world gave what is not finite, if a number is not, or what some registers hold.
__device__ inline void inspect(const Agent& a, float x) {
  if (x - x != 0.0f) a.number(agent::FAULTY) = 1.0f;
}
__device__ inline void inspect(const Agent& a, const int* registers, Int count) {
  for (Int i = 0; i < count; i++) inspect(a, a.in_world(registers[i]));
}

// An index as a whole number from 0 to the last one; NaN is 0.
__device__ inline int held(float index, int last) { return index > 0.0f ? (index >= (float)last ? last : (int)index) : 0; }

// Takes the number that a lane's own index names, of a table or of registers that follow each other.
__device__ inline void look_up(const Agent& a, const Instruction& now) {
  const int place = now.b_c + held(*row_of(a.world, (Register)((unsigned)now.target_a >> 16)), now.flags >> 1);
  *row_of(a.world, (Register)now.target_a) = now.flags & 1 ? a.s.tables[place] : a.in_world(place);
}

// Runs instructions begin … end − 1; each, but a lookup, says where the next lookup or section is.
__device__ __noinline__ void run(const Agent& a, Int begin, Int end) {
  const Instruction* code = reinterpret_cast<const Instruction*>(a.s.instructions);
  for (int i = (int)begin; i < end;) {
    if (code[i].op == LOOKUP) {
      look_up(a, code[i++]);
      continue;
    }
    const int stop = code[i].flags >> 4;
    execute<1>(code, i, stop, a.world, 1);
    i = stop;
  }
}

// Puts the noise of a step in place; row 0 is that of birth.
__device__ inline void take_noise(const Agent& a, Int row) {
  const float* from = a.s.noise + (a.l.piece * (a.s.ticks + 1) + row) * a.s.noises * WIDTH + a.l.lane;
  for (int d = 0; d < a.s.noises; d++) a.in_world(input::FIRST_NOISE + d) = from[d * WIDTH];
}

// Takes states from registers, all of them read before any is written.
__device__ inline void take_states(const Agent& a, const int* registers) {
  float* next = a.world + a.s.registers * WIDTH;
  for (int r = 0; r < a.s.states; r++) next[r * WIDTH] = a.in_world(registers[r]);
  for (int r = 0; r < a.s.states; r++) {
    inspect(a, next[r * WIDTH]);
    a.in_world((int)a.s.first_state + r) = next[r * WIDTH];
  }
}

// Begins a lane, in which nothing has happened yet.
__device__ inline void begin_lane(const Agent& a) {
  for (int i = 0; i < agent::COUNT + 2 * (a.s.actions + a.s.predictions); i++) a.number(i) = 0.0f;
  for (int i = 0; i < lane::COUNT; i++) a.signal(i) = 0.0f;
  a.number(agent::OVER) = a.signal(lane::CUT) = a.signal(lane::START) = 1.0f;
  a.number(agent::ACTION) = -1.0f;
}

// Begins a life in the world: nothing has been met, states are as they are at birth.
__device__ __noinline__ void begin_world(const Agent& a) {
  const Stage& s = a.s;
  for (Int i = a.l.team; i < s.ids; i += a.l.teams) a.met[i * WIDTH] = 0.0f;
  if (a.l.team != 0) return;
  begin_lane(a);
  for (int r = 0; r < s.registers; r++) a.in_world(r) = 0.0f;
  const float* parameters = s.parameters + a.l.piece * s.parameter_count * WIDTH + a.l.lane;
  for (int i = 0; i < s.parameter_count; i++) a.in_world((int)(s.first_state + s.states) + i) = parameters[i * WIDTH];
  for (int i = 0; i < s.constant_count; i++) a.in_world((int)s.first_constant + i) = s.constants[i];
  a.in_world(input::TRIAL) = -1.0f;
  take_noise(a, 0);
  run(a, 0, s.code_end);
  take_states(a, s.born);
}

// Counts the visits of the state that is shown, and the states that were met.
__device__ inline void meet(const Agent& a) {
  float& count = a.met[held(a.in_world((int)a.s.id), (int)a.s.ids - 1) * WIDTH];
  count = count + 1.0f;
  a.signal(lane::VISITS) = count;
  if (count == 1.0f) a.number(agent::SEEN) = a.number(agent::SEEN) + 1.0f;
}

// Writes which actions may be taken: what is legal; everything where nothing is.
__device__ inline void allow(const Agent& a) {
  bool some = false;
  for (int i = 0; i < a.s.actions; i++) {
    const bool own = a.s.legals == 0 || a.in_world(a.s.legal[i]) > 0.0f;
    a.may[i * WIDTH] = own ? 1.0f : 0.0f;
    some = some || own;
  }
  for (int i = 0; !some && i < a.s.actions; i++) a.may[i * WIDTH] = 1.0f;
}

// Runs what the world shows: what starts, what may be taken, visits.
__device__ inline void show(const Agent& a, Int tick) {
  const Stage& s = a.s;
  a.number(agent::PREVIOUS) = a.number(agent::ACTION);
  a.number(agent::ACTION) = -1.0f;
  a.in_world(input::TICK) = (float)tick;
  a.in_world(input::TRIAL) = a.signal(lane::TRIAL) = a.number(agent::TRIAL);
  a.in_world(input::MOVE) = a.number(agent::MOVE);
  a.signal(lane::START) = a.number(agent::OVER);
  run(a, s.birth_end, s.show_end);
  inspect(a, s.observe, s.shown * (s.ways > 0 ? s.ways : 1));
  inspect(a, s.legal, s.legals);
  allow(a);
  if (s.id < 0) return;
  inspect(a, a.in_world((int)s.id));
  meet(a);
}

// Puts in place what is seen: of the world, with afterstates of what an action makes of it (−1: nothing), and what else
// the plan says.
__device__ inline void see(const Agent& a, float* now, int action) {
  const Stage& s = a.s;
  const int* observe = s.observe + (action < 0 ? 0 : action * s.shown);
  int at = 0;
  for (; at < s.shown; at++) now[at * WIDTH] = action < 0 ? 0.0f : a.in_world(observe[at]);
  if (s.see_reward) now[at++ * WIDTH] = a.signal(lane::REWARD);
  for (int i = 0; s.see_action && i < s.actions; i++) {
    now[at++ * WIDTH] = a.number(agent::PREVIOUS) == (float)i ? 1.0f : 0.0f;
  }
  now[at * WIDTH] = 1.0f;
}

// Makes the world's step, and adds what came of it to the sums of the window.
__device__ inline void move(const Agent& a, Int tick) {
  const Stage& s = a.s;
  a.in_world(input::ACTION) = a.number(agent::ACTION);
  take_noise(a, tick + 1);
  run(a, s.show_end, s.code_end);
  inspect(a, s.step, gives::OVER);
  const float over = a.in_world(s.step[gives::OVER]), done = a.in_world(s.step[gives::DONE]);
  a.number(agent::OVER) = over;
  a.signal(lane::REWARD) = a.in_world(s.step[gives::REWARD]);
  a.signal(lane::DONE) = done;
  a.signal(lane::CUT) = over > 0.0f && !(done > 0.0f) ? 1.0f : 0.0f;
  for (int i = 0; i <= gives::BEST; i++) {  // reward, worth, best: places of what a step gives and of measures alike
    a.number(agent::SUMS + i) = a.number(agent::SUMS + i) + a.in_world(s.step[i]);
  }
  a.number(agent::SUMS + measure::TRIALS) = a.number(agent::SUMS + measure::TRIALS) + over;
  a.number(agent::SUMS + measure::TALLY) = a.in_world(s.step[gives::TALLY]);
  a.number(agent::SUMS + measure::VISITED) = a.number(agent::SEEN);
  a.number(agent::TRIAL) = a.number(agent::TRIAL) + over;
  a.number(agent::MOVE) = over > 0.0f ? 0.0f : a.number(agent::MOVE) + 1.0f;
  take_states(a, s.after);
}

}  // namespace evometa
