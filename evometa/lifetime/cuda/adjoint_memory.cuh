// The adjoint of an access to a memory (formulas and the order of operations: evometa/lifetime/memory.py).
//
// Names of rows as in the contract, with `_bar` for a bar; teams share slots and cells, never a sum.

namespace evometa {

// Room for adjoints on the way: of what is said, then, of each slot, of sharpened attention and its logarithm, of moved
// attention, of attention that has jumped, what cells add to what is written (b), and of what is written to a slot.
struct AccessBar {
  float *said, *sharpened, *log, *moved, *focused, *b, *u;

  __device__ explicit AccessBar(const Life& l)
      : said(l.rows(extra::ACCESS_BAR)), sharpened(said + (cells_of(l) + GATES) * WIDTH),
        log(sharpened + slots_of(l) * WIDTH), moved(log + slots_of(l) * WIDTH), focused(moved + slots_of(l) * WIDTH),
        b(focused + slots_of(l) * WIDTH), u(b + slots_of(l) * WIDTH) {}
};

// The sum of products of so many rows.
__device__ inline float sum_of_products(const float* x, const float* y, int count) {
  float total = 0.0f;
  for (int i = 0; i < count; i++) total = fmaf(x[i * WIDTH], y[i * WIDTH], total);
  return total;
}

// Adds what was read to the adjoints of slot i.
__device__ inline void read_back(const Life& l, const Memory& now, const Memory& bar, int i) {
  const int cells = cells_of(l);
  float total = bar.attention[i * WIDTH];
  for (int c = 0; c < cells; c++) {
    const int cell = (i * cells + c) * WIDTH;
    total = fmaf(bar.read[c * WIDTH], now.cells[cell], total);
    bar.cells[cell] = fmaf(now.attention[i * WIDTH], bar.read[c * WIDTH], bar.cells[cell]);
  }
  bar.attention[i * WIDTH] = total;
}

// Goes back through the sharpening of slot i; `mean`: Σ ā·a'.
__device__ inline void sharpen_back(const Life& l, const Access& a, const AccessBar& to, const Memory& now, const Memory& bar,
                                    float mean, int i) {
  const float gamma = sharpness_of(l), p = a.moved[i * WIDTH], held = select(p < LEAST, LEAST, p), log = log_f(held);
  float x = now.attention[i * WIDTH] * (bar.attention[i * WIDTH] - mean);
  x = select(gamma * log < LOW, 0.0f, select(gamma * log > HIGH, 0.0f, x));
  to.sharpened[i * WIDTH] = x;
  to.log[i * WIDTH] = log;
  to.moved[i * WIDTH] = select(p < LEAST, 0.0f, (gamma * x) / held);
}

// Goes back through the step to slot i.
__device__ inline void shift_back(const Life& l, const AccessBar& to, const Steps& step, int i) {
  const int slots = slots_of(l), behind = (i + 1) % slots * WIDTH, before = (i + slots - 1) % slots * WIDTH;
  const float f = fmaf(step.none, to.moved[i * WIDTH], step.before * to.moved[before]);
  to.focused[i * WIDTH] = fmaf(step.behind, to.moved[behind], f);
}

// Writes the adjoints of the three nodes that say the step.
__device__ inline void steps_back(const Life& l, const Access& a, const AccessBar& to, const Steps& step) {
  const int slots = slots_of(l);
  float first = 0.0f, middle = 0.0f, last = 0.0f, *said = to.said + (cells_of(l) + 2) * WIDTH;
  for (int i = 0; i < slots; i++) {
    const float bar = to.moved[i * WIDTH];
    first = fmaf(bar, a.focused[(i + 1) % slots * WIDTH], first);
    middle = fmaf(bar, a.focused[i * WIDTH], middle);
    last = fmaf(bar, a.focused[(i + slots - 1) % slots * WIDTH], last);
  }
  const float mean = fmaf(last, step.behind, fmaf(middle, step.none, fmaf(first, step.before, 0.0f)));
  said[0] = step.before * (first - mean);
  said[WIDTH] = step.none * (middle - mean);
  said[2 * WIDTH] = step.behind * (last - mean);
}

// Goes back through the jump to slot i, of which each cell then has what it was likened to; `mean`: Σ c̄·c.
__device__ inline void jump_back(const Life& l, const Access& a, const AccessBar& to, const Memory& now, const Memory& bar,
                                 float jump, float mean, int i) {
  const int cells = cells_of(l);
  const float given = to.focused[i * WIDTH], back = jump * given;
  const float b = a.likeness[i * WIDTH] * (back - mean) * (focus_of(l) * -2.0f);
  bar.attention[i * WIDTH] = given - back;
  to.b[i * WIDTH] = b;
  for (int c = 0; c < cells; c++) {
    const int cell = (i * cells + c) * WIDTH;
    bar.cells[cell] = fmaf(b, now.cells[cell] - a.said[c * WIDTH], bar.cells[cell]);
  }
}

// Writes the adjoint of what is said of cell c: of what is looked for, and written.
__device__ inline void said_back(const Life& l, const Access& a, const AccessBar& to, const Memory& old, const Memory& now,
                                 const Memory& bar, float share, int c) {
  const int slots = slots_of(l), cells = cells_of(l);
  const float v = a.said[c * WIDTH];
  float total = 0.0f;
  for (int i = 0; i < slots; i++) total = fmaf(-to.b[i * WIDTH], now.cells[(i * cells + c) * WIDTH] - v, total);
  for (int i = 0; i < slots; i++) {
    total = fmaf(old.attention[i * WIDTH] * share, bar.cells[(i * cells + c) * WIDTH], total);
  }
  slope(TANH, v, total);
  to.said[c * WIDTH] = total;
}

// Goes back through the writing to slot i, but for its cells.
__device__ inline void write_back(const Life& l, const Access& a, const AccessBar& to, const Memory& old, const Memory& bar,
                                  float share, int i) {
  const int cells = cells_of(l);
  float total = 0.0f;
  for (int c = 0; c < cells; c++) {
    const int cell = (i * cells + c) * WIDTH;
    total = fmaf(bar.cells[cell], a.said[c * WIDTH] - old.cells[cell], total);
  }
  to.u[i * WIDTH] = total;
  bar.attention[i * WIDTH] = fmaf(total, share, bar.attention[i * WIDTH]);
}

// Has one team write the adjoints of share and jump, and add those of the memory's numbers to coefficients.
__device__ inline void numbers_back(const Descent& d, const Access& a, const AccessBar& to, const Memory& old, float mean) {
  const Life& l = d.l;
  const int slots = slots_of(l), cells = cells_of(l);
  const float share = a.said[cells * WIDTH], jump = a.said[(cells + 1) * WIDTH];
  float to_share = sum_of_products(to.u, old.attention, slots), to_jump = 0.0f, focus = 0.0f, *c_bar = l.rows(extra::C_BAR);
  for (int i = 0; i < slots; i++) {
    const float given = to.focused[i * WIDTH], c = a.likeness[i * WIDTH];
    to_jump = fmaf(given, c - old.attention[i * WIDTH], to_jump);
    focus = fmaf(c * (jump * given - mean), -a.distance[i * WIDTH], focus);
  }
  slope(SIGMOID, share, to_share);
  slope(SIGMOID, jump, to_jump);
  to.said[cells * WIDTH] = to_share;
  to.said[(cells + 1) * WIDTH] = to_jump;
  const float sharpness = sum_of_products(to.sharpened, to.log, slots);
  if (l.b.focus_by >= 0) c_bar[l.b.focus_by * WIDTH] = c_bar[l.b.focus_by * WIDTH] + focus;
  if (l.b.sharpness_by >= 0) c_bar[l.b.sharpness_by * WIDTH] = c_bar[l.b.sharpness_by * WIDTH] + sharpness;
}

// Goes back through the access of the update at hand, whose memory is in place: to the memory before it, to what hidden
// nodes said, and to its numbers; `kept`: the memory as the tape has it.
__device__ __noinline__ void access_adjoint(const Descent& d, const Trial& t, float* kept) {
  const Life& l = d.l;
  const int slots = slots_of(l), cells = cells_of(l);
  const Access a(l);
  const AccessBar to(l);
  const Memory old(l, kept), now(l, l.rows(extra::MEMORY)), bar(l, l.rows(extra::MEMORY_BAR));
  access(l, t);
  const float share = a.said[cells * WIDTH], jump = a.said[(cells + 1) * WIDTH];
  const Steps step(l, a);
  for (int i = l.team; i < slots; i += l.teams) read_back(l, now, bar, i);
  __syncthreads();
  float mean = sum_of_products(bar.attention, now.attention, slots);
  for (int i = l.team; i < slots; i += l.teams) sharpen_back(l, a, to, now, bar, mean, i);
  __syncthreads();
  for (int i = l.team; i < slots; i += l.teams) shift_back(l, to, step, i);
  if (l.team == 0) steps_back(l, a, to, step);
  __syncthreads();
  mean = 0.0f;
  for (int i = 0; i < slots; i++) mean = fmaf(jump * to.focused[i * WIDTH], a.likeness[i * WIDTH], mean);
  for (int i = l.team; i < slots; i += l.teams) jump_back(l, a, to, now, bar, jump, mean, i);
  __syncthreads();
  for (int c = l.team; c < cells; c += l.teams) said_back(l, a, to, old, now, bar, share, c);
  for (int i = l.team; i < slots; i += l.teams) write_back(l, a, to, old, bar, share, i);
  __syncthreads();
  if (l.team == 0) numbers_back(d, a, to, old, mean);
  for (int i = l.team; i < slots * cells; i += l.teams) {
    const float u = old.attention[i / cells * WIDTH] * share;
    bar.cells[i * WIDTH] = fmaf(-u, bar.cells[i * WIDTH], bar.cells[i * WIDTH]);
  }
  __syncthreads();
  float* act_bar = d.act_bar + (l.hidden_end - cells - GATES) * WIDTH;
  for (int c = l.team; c < cells + GATES; c += l.teams) act_bar[c * WIDTH] = act_bar[c * WIDTH] + to.said[c * WIDTH];
  copy_rows(l, l.rows(extra::MEMORY), kept, memory_rows(l));
  __syncthreads();
}

// Adds adjoints of the last inputs of `count` examples, of all activations' at `bar`, to those of what was read.
__device__ inline void read_adjoint(const Life& l, const float* bar, int streams, int count) {
  const int cells = cells_of(l);
  const Memory memory(l, l.rows(extra::MEMORY_BAR));
  for (int c = l.team; c < cells; c += l.teams) {
    const float* given = bar + (l.inputs - cells + c) * streams * WIDTH;
    for (int k = 0; k < count; k++) memory.read[c * WIDTH] = memory.read[c * WIDTH] + given[k * WIDTH];
  }
}

}  // namespace evometa
