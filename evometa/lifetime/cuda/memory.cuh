// The memory of a life (formulas and the order of operations: evometa/lifetime/memory.py).
//
// Its rows are those of its slots' cells, then of attention, then of what was read. Teams share slots, cells and what is
// said of them, never a sum: what is added up over slots, each adds up for itself.

namespace evometa {

__device__ inline int slots_of(const Life& l) { return (int)l.m[column::SLOTS]; }
__device__ inline int cells_of(const Life& l) { return (int)l.m[column::CELLS]; }
__device__ inline int memory_rows(const Life& l) { return slots_of(l) * cells_of(l) + slots_of(l) + cells_of(l); }

// Where a memory lies, or what has its form: the adjoints of one, a row of the tape.
struct Memory {
  float *cells, *attention, *read;

  __device__ Memory(const Life& l, float* rows)
      : cells(rows), attention(rows + slots_of(l) * cells_of(l) * WIDTH), read(attention + slots_of(l) * WIDTH) {}
};

// Puts a memory in place in which nothing is, if there is one: attention is all on the first slot.
__device__ inline void begin_memory(const Life& l) {
  const int first = slots_of(l) * cells_of(l);
  float* rows = l.rows(extra::MEMORY);
  for (int i = l.team; i < memory_rows(l); i += l.teams) rows[i * WIDTH] = i == first ? 1.0f : 0.0f;
}

// What a block makes on its way to a memory: what is said of it, and then, of each slot, distances, exponentials, shares,
// attention that has jumped, and that has moved.
struct Access {
  float *said, *distance, *raised, *likeness, *focused, *moved;

  __device__ explicit Access(const Life& l)
      : said(l.rows(extra::ACCESS)), distance(said + (cells_of(l) + GATES) * WIDTH), raised(distance + slots_of(l) * WIDTH),
        likeness(raised + slots_of(l) * WIDTH), focused(likeness + slots_of(l) * WIDTH),
        moved(focused + slots_of(l) * WIDTH) {}
};

__device__ inline float focus_of(const Life& l) { return l.number(l.b.focus, l.b.focus_by); }
__device__ inline float sharpness_of(const Life& l) { return l.number(l.b.sharpness, l.b.sharpness_by); }

// The largest of so many rows times a factor.
__device__ inline float largest_of(const float* rows, int count, float factor) {
  float largest = *rows * factor;
  for (int i = 1; i < count; i++) largest = select(rows[i * WIDTH] * factor > largest, rows[i * WIDTH] * factor, largest);
  return largest;
}

// Shares of a step to the slot before, of none, and of one to the slot behind.
struct Steps {
  float before, none, behind;

  __device__ explicit Steps(const Life& l, const Access& a) {
    const float *z = a.said + (cells_of(l) + 2) * WIDTH, top = largest_of(z, 3, 1.0f);
    before = exp_f(z[0] - top), none = exp_f(z[WIDTH] - top), behind = exp_f(z[2 * WIDTH] - top);
    const float total = 0.0f + before + none + behind;
    before = before / total, none = none / total, behind = behind / total;
  }
};

// Writes what is said to slot i, and how far it then is from that.
__device__ inline void write(const Life& l, const Access& a, const Memory& memory, int i) {
  const int cells = cells_of(l);
  const float u = memory.attention[i * WIDTH] * a.said[cells * WIDTH];
  float *cell = memory.cells + i * cells * WIDTH, d = 0.0f;
  for (int c = 0; c < cells; c++) {
    const float v = a.said[c * WIDTH], x = fmaf(u, v - cell[c * WIDTH], cell[c * WIDTH]);
    cell[c * WIDTH] = x;
    d = fmaf(x - v, x - v, d);
  }
  a.distance[i * WIDTH] = d;
}

// Moves attention to slot i from its neighbours, and sharpens it, before all shares are made to sum to 1.
__device__ inline void shift(const Life& l, const Access& a, int i) {
  const int slots = slots_of(l);
  const Steps step(l, a);
  float p = step.before * a.focused[(i + 1) % slots * WIDTH];
  p = fmaf(step.none, a.focused[i * WIDTH], p);
  p = fmaf(step.behind, a.focused[(i + slots - 1) % slots * WIDTH], p);
  a.moved[i * WIDTH] = p;
  a.raised[i * WIDTH] = exp_f(sharpness_of(l) * log_f(select(p < LEAST, LEAST, p)));
}

// Writes to the memory, moves attention, and reads, as the last hidden nodes say.
__device__ __noinline__ void access(const Life& l, const Trial& t) {
  const int slots = slots_of(l), cells = cells_of(l);
  const Access a(l);
  const Memory memory(l, l.rows(extra::MEMORY));
  const float *nodes = t.now + (l.hidden_end - cells - GATES) * WIDTH, factor = -focus_of(l);
  for (int c = l.team; c < cells + GATES; c += l.teams) {
    const float z = nodes[c * WIDTH];
    a.said[c * WIDTH] = c < cells ? tanh_f(z) : c < cells + 2 ? sigmoid_f(z) : z;
  }
  __syncthreads();
  for (int i = l.team; i < slots; i += l.teams) write(l, a, memory, i);
  __syncthreads();
  const float top = largest_of(a.distance, slots, factor), jump = a.said[(cells + 1) * WIDTH];
  for (int i = l.team; i < slots; i += l.teams) a.raised[i * WIDTH] = exp_f(a.distance[i * WIDTH] * factor - top);
  __syncthreads();
  float total = sum_of(a.raised, slots);
  for (int i = l.team; i < slots; i += l.teams) {
    const float own = memory.attention[i * WIDTH], share = a.raised[i * WIDTH] / total;
    a.likeness[i * WIDTH] = share;
    a.focused[i * WIDTH] = fmaf(jump, share - own, own);
  }
  __syncthreads();
  for (int i = l.team; i < slots; i += l.teams) shift(l, a, i);
  __syncthreads();
  total = sum_of(a.raised, slots);
  for (int i = l.team; i < slots; i += l.teams) memory.attention[i * WIDTH] = a.raised[i * WIDTH] / total;
  __syncthreads();
  for (int c = l.team; c < cells; c += l.teams) {
    float r = 0.0f;
    for (int i = 0; i < slots; i++) r = fmaf(memory.attention[i * WIDTH], memory.cells[(i * cells + c) * WIDTH], r);
    memory.read[c * WIDTH] = r;
  }
}

}  // namespace evometa
