// The kernel of derivatives: lives of one genome and WIDTH lanes, forth and then back (contract: evometa/lifetime/slopes.py).
//
// A life is lived in parts, each onto the tape: of each update the states before it, and what it left. From the last part
// backwards, updates are gone through in reverse, and the part before is lived again from its beginning, which the tape
// keeps, too. Lanes meet but once, where the slopes of each TREE of them are added up.

namespace evometa {

// Goes back through one update, whose row of the tape has been taken up.
__device__ __noinline__ void reverse(Descent& d, const Trial& t, Int update, Int row) {
  const Life& l = d.l;
  const float* after = l.rows(extra::TAPE_W) + (row + 1) * l.m[column::SYNAPSES] * WIDTH;
  const int* chosen = l.b.order + (l.piece * l.b.updates + update) * l.b.batch * WIDTH + l.lane;
  const Int rows = l.nodes * l.b.batch;
  const bool grad = d.given(adjoint::GRAD) >= 0, errors = grad || d.given(adjoint::ERR) >= 0;
  const bool reward = d.given(adjoint::REWARD) >= 0, nodes = d.given(adjoint::PRE) >= 0 || d.given(adjoint::POST) >= 0;
  const bool senses = d.order > 1 && (errors || reward || nodes || d.recurrent() || l.m[column::CELLS] > 0);
  if (l.compares()) {
    if (senses || d.two.reads(signal::REWARD)) know_again(l, t, chosen);
    clear_rows(l, d.answers_bar(), l.answers * l.b.batch);
  }
  clear_rows(l, l.rows(extra::E_BAR), rows);
  if (d.recurrent()) clear_rows(l, d.before_bar, rows);
  execute_adjoint(d, t, chosen, update, after);
  __syncthreads();
  add_shares(d);
  __syncthreads();
  if (d.order == 1) return;
  if (grad) gradient_adjoint(d, t);
  __syncthreads();
  if (errors) {
    back_adjoint(d, t);
    __syncthreads();
    error_adjoint(d, t, chosen);
    __syncthreads();
  }
  if (reward) supervise_adjoint(d, t, chosen);
  if (l.m[column::CELLS] > 0) access_adjoint(d, t, memory_at(l, row));
  if (senses) {
    answer_adjoint(d, t);
    if (l.compares()) compare_adjoint(d, t, chosen);
    __syncthreads();
    forward_adjoint(d, t);
    __syncthreads();
    perceive_adjoint(d);
    __syncthreads();
  }
}

// Marks this lane, if one of some numbers is not finite.
__device__ inline void mark(const Life& l, const float* rows, Int count) {
  bool bad = false;
  for (Int i = l.team; i < count; i += l.teams) bad = bad || rows[i * WIDTH] - rows[i * WIDTH] != 0.0f;
  if (bad) l.b.status[l.genome * l.b.lane_count + l.piece * WIDTH + l.lane] = DIVERGED;
}

// Writes the sum of each row over every TREE of lanes, of those whose bit is set in `sound`. A thread adds up one of them:
// halves, halves of these, and so on; `apart`: how far the sums of a TREE lie from those of the next.
__device__ inline void add_lanes(const Life& l, const float* rows, Int count, unsigned sound, float* sums, Int apart) {
  const int trees = WIDTH / TREE;
  for (Int i = l.team * WIDTH + l.lane; i < count * trees; i += l.teams * WIDTH) {
    const int tree = (int)(i % trees);
    const float* row = rows - l.lane + i / trees * WIDTH + tree * TREE;
    float x[TREE];
    UNROLL for (int lane = 0; lane < TREE; lane++) x[lane] = (sound >> (tree * TREE + lane)) & 1 ? row[lane] : 0.0f;
    UNROLL for (int half = TREE / 2; half > 0; half /= 2) {
      UNROLL for (int lane = 0; lane < half; lane++) x[lane] = x[lane] + x[lane + half];
    }
    sums[(l.piece * trees + tree) * apart + i / trees] = x[0];
  }
}

// Marks lanes whose slopes are not finite, and hands out the sums of all others'.
__device__ __noinline__ void hand_out(const Descent& d, const Slopes& s) {
  const Life& l = d.l;
  const Int synapses = l.m[column::SYNAPSES], begin = l.m[column::WEIGHTS_OUT];
  float *innate = l.rows(extra::BAR_W), *plasticity = l.rows(extra::P_BAR), *coefficients = l.rows(extra::C_BAR);
  const bool drawn = l.m[column::FRESH];
  if (!drawn) {
    const float* more = d.given(adjoint::W0) < 0 ? nullptr : l.rows(extra::W0_BAR);
    for (Int e = l.team; more != nullptr && e < synapses; e += l.teams) innate[e * WIDTH] = innate[e * WIDTH] + more[e * WIDTH];
    mark(l, innate, synapses);
  }
  for (int p = 0; p < PLASTICITY_COUNT; p++) {
    if (d.given(adjoint::P0 + p) >= 0) mark(l, plasticity + p * synapses * WIDTH, synapses);
  }
  mark(l, coefficients, COEFFICIENT_COUNT);
  __syncthreads();
  const unsigned char* status = l.b.status + l.genome * l.b.lane_count + l.piece * WIDTH;
  unsigned sound = 0;
  for (int lane = 0; lane < WIDTH; lane++) {
    sound |= (unsigned)(l.piece * WIDTH + lane < s.lanes && status[lane] != DIVERGED) << lane;
  }
  if (!drawn) add_lanes(l, innate, synapses, sound, s.innate + begin, s.synapses);
  for (int p = 0; p < PLASTICITY_COUNT; p++) {
    if (d.given(adjoint::P0 + p) < 0) continue;
    add_lanes(l, plasticity + p * synapses * WIDTH, synapses, sound,
              s.plasticity + PLASTICITY_COUNT * begin + p * synapses, PLASTICITY_COUNT * s.synapses);
  }
  add_lanes(l, coefficients, COEFFICIENT_COUNT, sound, s.coefficients + l.genome * COEFFICIENT_COUNT,
            COEFFICIENT_COUNT * l.b.genome_count);
}

// Begins with adjoints of 0.
__device__ __noinline__ void begin(const Descent& d) {
  const Life& l = d.l;
  const Int synapses = l.m[column::SYNAPSES], rows = l.nodes * l.b.batch;
  for (int s = 0; s < STATES; s++) {
    if (l.extra[extra::HAS_W + s]) clear_rows(l, l.rows(extra::BAR_W + s), synapses);
  }
  if (d.given(adjoint::W0) >= 0) clear_rows(l, l.rows(extra::W0_BAR), synapses);
  if (d.given(adjoint::GRAD) >= 0) clear_rows(l, l.rows(extra::H), synapses);  // that of FIXED synapses stays so
  for (int p = 0; p < PLASTICITY_COUNT; p++) {
    if (d.given(adjoint::P0 + p) >= 0) clear_rows(l, l.rows(extra::P_BAR) + p * synapses * WIDTH, synapses);
  }
  clear_rows(l, l.rows(extra::C_BAR), COEFFICIENT_COUNT + 1);
  clear_rows(l, d.act_bar, rows);
  clear_rows(l, l.rows(extra::MEMORY_BAR), memory_rows(l));
  if (l.extra[extra::HAS_ERR]) clear_rows(l, l.rows(extra::CAME), rows);
}

// Goes back through a part of a life, `lived` updates from number `start` on, which has just been lived; c: the last
// checkpoint that has not been counted. Returns the one that then is.
__device__ __noinline__ int go_back(Descent& d, const Slopes& s, Int start, Int lived, int c) {
  const Life& l = d.l;
  const Trial t = trial_of(l);
  float* before = const_cast<float*>(t.before);
  for (Int row = lived; row >= 0; row--) {
    if (row < lived) {
      carry_states(l, row, true);
      carry_memory(l, row, true);
      carry_activations(l, t.now, row + 1, true);
      carry_errors(l, row, true);
    }
    if (d.recurrent()) carry_activations(l, before, row, true);
    __syncthreads();
    if (row < lived) reverse(d, t, start + row, row);
    if (c >= 0 && l.b.checkpoints[c] == start + row) {
      query_adjoint(d, before, c, s.weights[l.genome * l.b.points + c]);
      c--;
    }
  }
  return c;
}

// Lives the lifetimes of one genome in one piece of lanes, and goes back through them.
__device__ void descend(Descent& d, const Slopes& s) {
  const Life& l = d.l;
  const Batch& b = l.b;
  const Int last = b.checkpoints[b.points - 1], parts = last > s.part ? (last + s.part - 1) / s.part : 1;
  float* before = const_cast<float*>(trial_of(l).before);
  birth(l, Second::loss(2, 0));
  prepare(d.two, adjoint::COUNT, Second::loss(1 + COEFFICIENT_COUNT, LOSS_SEED));
  begin(d);
  __syncthreads();
  int c = (int)b.points - 1;
  for (Int turn = 0; turn < 2 * parts - 1; turn++) {
    const Int part = turn < parts ? turn : 2 * parts - 2 - turn, start = part * s.part;
    const Int lived = last - start < s.part ? last - start : s.part, place = s.part + 1 + part;
    if (part < parts - 1) {
      carry_states(l, place, turn >= parts);
      carry_memory(l, place, turn >= parts);
      if (d.recurrent()) carry_activations(l, before, place, turn >= parts);
      __syncthreads();
    }
    live(l, start, lived);
    if (turn == parts - 1) mark(l, l.rows(extra::W), l.m[column::SYNAPSES]);
    if (turn >= parts - 1) c = go_back(d, s, start, lived, c);
  }
  hand_out(d, s);
}

}  // namespace evometa

// Blocks take (genome, piece of lanes) items until none is left, as in lifetime.cu. `adjoints`: the batch with adjoint
// programs in place of programs.
extern "C" __global__ void __launch_bounds__(evometa::WIDTH * evometa::MOST_TEAMS, 1)
    evometa_descend(const __grid_constant__ evometa::Batch batch, const __grid_constant__ evometa::Batch adjoints, const __grid_constant__ evometa::Slopes slopes) {
  using namespace evometa;
  extern __shared__ __align__(128) float evometa_pool[];
  int& item = *reinterpret_cast<int*>(evometa_pool);  // in the first row; regions lie behind it
  for (;;) {
    if (threadIdx.x == 0 && threadIdx.y == 0) item = atomicAdd(batch.next, 1);
    __syncthreads();
    if (item >= batch.item_count) return;
    const int genome = (int)batch.items[2 * item], piece = (int)batch.items[2 * item + 1];
    const Life one = life_of(batch, genome, piece, evometa_pool), two = life_of(adjoints, genome, piece, evometa_pool);
    float *act_bar = one.rows(extra::A_BAR), *before_bar = one.m[column::RECURRENT] ? act_bar + one.nodes * batch.batch * WIDTH : nullptr;
    Descent descent = {one, two, act_bar, before_bar, (int)slopes.order};
    descend(descent, slopes);
  }
}
