// The memory of a life (formulas and the order of operations: evometa/lifetime/memory.py).
//
// Teams share slots, cells and what is said of them, never a sum: what is added up over slots, each adds up for itself.

namespace evometa {

__device__ inline int slots_of(const Life& l) { return (int)l.m[column::SLOTS]; }
__device__ inline int cells_of(const Life& l) { return (int)l.m[column::CELLS]; }

// Puts a memory in place in which nothing is, if there is one: attention is all on the first slot.
__device__ inline void begin_memory(const Life& l) {
  const int slots = slots_of(l), cells = cells_of(l);
  for (int i = l.team; i < slots * cells; i += l.teams) l.rows(extra::MEMORY)[i * WIDTH] = 0.0f;
  for (int i = l.team; i < slots; i += l.teams) l.rows(extra::ATTENTION)[i * WIDTH] = i == 0 ? 1.0f : 0.0f;
  for (int c = l.team; c < cells; c += l.teams) l.rows(extra::READ)[c * WIDTH] = 0.0f;
}

// What a block makes on its way to a memory: what is said of it, and then, of each slot, likeness, shares, attention.
struct Access {
  float *said, *likeness, *shares, *focused;

  __device__ explicit Access(const Life& l)
      : said(l.rows(extra::ACCESS)), likeness(said + (cells_of(l) + GATES) * WIDTH), shares(likeness + slots_of(l) * WIDTH),
        focused(shares + slots_of(l) * WIDTH) {}
};

__device__ inline float largest_of(const float* rows, int count) {
  float largest = *rows;
  for (int i = 1; i < count; i++) largest = select(rows[i * WIDTH] > largest, rows[i * WIDTH], largest);
  return largest;
}

// Writes what is said to slot i, and how like it then is to that.
__device__ inline void write(const Life& l, const Access& a, int i) {
  const int cells = cells_of(l);
  const float u = l.rows(extra::ATTENTION)[i * WIDTH] * a.said[cells * WIDTH];
  float *cell = l.rows(extra::MEMORY) + i * cells * WIDTH, d = 0.0f;
  for (int c = 0; c < cells; c++) {
    const float v = a.said[c * WIDTH], x = fmaf(u, v - cell[c * WIDTH], cell[c * WIDTH]);
    cell[c * WIDTH] = x;
    d = fmaf(x - v, x - v, d);
  }
  a.likeness[i * WIDTH] = d * -l.number(l.b.focus, l.b.focus_by);
}

// Writes, in place of likeness exponentiated, slot i's share of attention before all shares are made to sum to 1.
__device__ inline void shift(const Life& l, const Access& a, int i) {
  const int slots = slots_of(l);
  const float* said = a.said + (cells_of(l) + 2) * WIDTH;
  const float top = largest_of(said, 3), before = exp_f(said[0] - top), here = exp_f(said[WIDTH] - top);
  const float behind = exp_f(said[2 * WIDTH] - top), total = 0.0f + before + here + behind;
  float p = (before / total) * a.focused[(i + 1) % slots * WIDTH];
  p = fmaf(here / total, a.focused[i * WIDTH], p);
  p = fmaf(behind / total, a.focused[(i + slots - 1) % slots * WIDTH], p);
  a.shares[i * WIDTH] = exp_f(l.number(l.b.sharpness, l.b.sharpness_by) * log_f(select(p < LEAST, LEAST, p)));
}

// Writes to the memory, moves attention, and reads, as the last hidden nodes say.
__device__ __noinline__ void access(const Life& l, const Trial& t) {
  const int slots = slots_of(l), cells = cells_of(l);
  const Access a(l);
  float *memory = l.rows(extra::MEMORY), *attention = l.rows(extra::ATTENTION);
  const float* nodes = t.now + (l.hidden_end - cells - GATES) * WIDTH;
  for (int c = l.team; c < cells + GATES; c += l.teams) {
    const float z = nodes[c * WIDTH];
    a.said[c * WIDTH] = c < cells ? tanh_f(z) : c < cells + 2 ? sigmoid_f(z) : z;
  }
  __syncthreads();
  for (int i = l.team; i < slots; i += l.teams) write(l, a, i);
  __syncthreads();
  const float top = largest_of(a.likeness, slots), jump = a.said[(cells + 1) * WIDTH];
  for (int i = l.team; i < slots; i += l.teams) a.shares[i * WIDTH] = exp_f(a.likeness[i * WIDTH] - top);
  __syncthreads();
  float total = sum_of(a.shares, slots);
  for (int i = l.team; i < slots; i += l.teams) {
    const float own = attention[i * WIDTH];
    a.focused[i * WIDTH] = fmaf(jump, a.shares[i * WIDTH] / total - own, own);
  }
  __syncthreads();
  for (int i = l.team; i < slots; i += l.teams) shift(l, a, i);
  __syncthreads();
  total = sum_of(a.shares, slots);
  for (int i = l.team; i < slots; i += l.teams) attention[i * WIDTH] = a.shares[i * WIDTH] / total;
  __syncthreads();
  for (int c = l.team; c < cells; c += l.teams) {
    float r = 0.0f;
    for (int i = 0; i < slots; i++) r = fmaf(attention[i * WIDTH], memory[(i * cells + c) * WIDTH], r);
    l.rows(extra::READ)[c * WIDTH] = r;
  }
}

}  // namespace evometa
