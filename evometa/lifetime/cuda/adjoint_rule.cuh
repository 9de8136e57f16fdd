// The adjoint of plasticity: the adjoint program runs for every synapse, tile by tile, backwards through one update.

namespace evometa {

// What of ADJOINTS is added up over synapses or over those of a node, of which each synapse has a row at SHARES:
// coefficients, the reward, errors and activations. The last four are held by the first order.
const int REWARD_SHARE = COEFFICIENT_COUNT, SHARES_COUNT = COEFFICIENT_COUNT + 4;

__device__ inline int shared_place(int share) {
  if (share < COEFFICIENT_COUNT) return adjoint::C0 + share;
  const int places[] = {adjoint::REWARD, adjoint::ERR, adjoint::POST, adjoint::PRE};
  return places[share - COEFFICIENT_COUNT];
}

// The register of a share, -1 where nothing has to be added up.
__device__ inline int given_share(const Descent& d, int share) {
  return share >= REWARD_SHARE && d.order == 1 ? -1 : d.given(shared_place(share));
}

// Sets what each slot's result counts, of a tile of synapses; that of the update nothing where the bound holds a weight,
// which the update has left at `after`. Without a slot `update`, that of the weight stays.
__device__ __noinline__ void bound_adjoint(const Descent& d, const Rule& r, const float* after, int first, int count) {
  const Life &l = d.l, &two = d.two;
  const float high = (float)l.b.bound;
  float* own = l.rows(extra::BAR_W) + first * WIDTH;
  if (l.b.out[l.m[column::OUT]] >= 0) {
    for (int e = 0; e < count; e++) {
      own[e * WIDTH] = select(fabs(after[(first + e) * WIDTH]) < high, own[e * WIDTH], 0.0f);
    }
  }
  for (int s = 0; s < STATES; s++) {
    if (!two.reads(seed_of(s))) continue;
    const float* bar = l.rows(extra::BAR_W + s) + first * WIDTH;
    for (int e = 0; e < count; e++) r.row(seed_of(s))[e * WIDTH] = bar[e * WIDTH];
  }
}

// Hands out what a tile of synapses gives: their own, and what is to be added up later.
__device__ __noinline__ void collect(const Descent& d, const Rule& r, int first, int count) {
  const Life& l = d.l;
  const int synapses = (int)l.m[column::SYNAPSES];
  const int* out = d.two.b.out + d.two.m[column::OUT];
  const auto add = [&](int place, float* row) {
    if (out[place] < 0) return;
    const Register word = r.words[out[place]];
    for (int e = 0; e < count; e++) {
      row[(first + e) * WIDTH] = row[(first + e) * WIDTH] + row_of(r.file, word)[e * step_of(word)];
    }
  };
  const auto assign = [&](int place, float* row, float factor) {
    for (int e = 0; e < count; e++) {
      const Register word = out[place] < 0 ? 0 : r.words[out[place]];
      row[(first + e) * WIDTH] = out[place] < 0 ? 0.0f : row_of(r.file, word)[e * step_of(word)] * factor;
    }
  };
  add(adjoint_of(0), l.rows(extra::BAR_W));
  for (int s = 1; s < STATES; s++) {
    if (l.extra[extra::HAS_W + s]) assign(adjoint_of(s), l.rows(extra::BAR_W + s), 1.0f);
  }
  if (d.order > 1 && out[adjoint::GRAD] >= 0) assign(adjoint::GRAD, l.rows(extra::H), 1.0f / (float)l.b.batch);
  add(adjoint::W0, l.rows(extra::W0_BAR));
  for (int p = 0; p < PLASTICITY_COUNT; p++) add(adjoint::P0 + p, l.rows(extra::P_BAR) + p * synapses * WIDTH);
  float* row = l.rows(extra::SHARES);
  for (int share = 0; share < SHARES_COUNT; share++) {
    if (given_share(d, share) < 0) continue;
    assign(shared_place(share), row, 1.0f);
    row += synapses * WIDTH;
  }
}

// Runs the adjoint program for every synapse that is not FIXED. `after`: the weights as the update has left them.
__device__ __noinline__ void execute_adjoint(const Descent& d, const Trial& t, const int* chosen, Int update,
                                             const float* after) {
  const Life& two = d.two;
  const Rule r(two);
  grow(two, r, update);
  if (two.reads(signal::REWARD)) supervise(two, t, chosen);
  const Int count = two.extra[extra::TILE_COUNT];
  const int* tiles = two.b.tiles + 3 * two.extra[extra::TILES];
  int node = -1;
  for (Int i = two.team * count / two.teams; i < (two.team + 1) * count / two.teams; i++) {
    const int entered = tiles[3 * i], first = tiles[3 * i + 1], some = tiles[3 * i + 2];
    if (entered != node) visit(two, t, r, Lesson{chosen, update}, node = entered);
    gather(two, t, r, node, first, some);
    bound_adjoint(d, r, after, first, some);
    run_tile(r.code, r.middle, r.end, r.file, some);
    collect(d, r, first, some);
  }
}

// Adds to each node what its synapses made of its error and activation, and what those that leave it made of that: `err`,
// `post` and `pre` are rows of shares, or null. Recurrent synapses add to what they read of the trial before.
__device__ inline void add_to_nodes(const Descent& d, const float* err, const float* post, const float* pre) {
  const Life& l = d.l;
  const int *ptr = l.b.ptr + l.m[column::PTR], *src = l.b.src + l.m[column::SRC];
  const int *ends = l.b.onward + l.extra[extra::ONWARD], *pairs = ends + l.nodes + 1, step = (int)l.b.batch * WIDTH;
  const unsigned char* traits = l.b.traits + l.m[column::SRC];
  for (int node = l.inputs + 1 + l.team; node < l.nodes; node += l.teams) {
    float *of_error = l.rows(extra::E_BAR) + node * step, *own = d.act_bar + node * step;
    for (int e = ptr[node]; e < ptr[node + 1]; e++) {
      if (traits[e] & FIXED) continue;
      if (err != nullptr) *of_error = *of_error + err[e * WIDTH];
      if (post != nullptr) *own = *own + post[e * WIDTH];
    }
    for (int i = ends[node + 1] - 1; pre != nullptr && i >= ends[node]; i--) {  // the last target comes first there
      const int e = pairs[2 * i];
      if (!(traits[e] & FIXED)) *own = *own + pre[e * WIDTH];
    }
  }
  const int cells = (int)l.m[column::CELLS];
  if (pre == nullptr || l.team != 0) return;
  for (int e = 0; cells > 0 && e < ptr[l.nodes]; e++) {  // what a memory gave
    if (src[e] < l.inputs - cells || src[e] >= l.inputs || traits[e] & FIXED) continue;
    float* own = d.act_bar + src[e] * step;
    *own = *own + pre[e * WIDTH];
  }
  if (!d.recurrent()) return;
  for (int e = 0; e < ptr[l.nodes]; e++) {
    if (src[e] < l.nodes || traits[e] & FIXED) continue;
    float* own = d.before_bar + (src[e] - l.nodes) * step;
    *own = *own + pre[e * WIDTH];
  }
}

// Adds up what all synapses gave in this update, in their order: of coefficients, of the reward, and of nodes.
__device__ __noinline__ void add_shares(const Descent& d) {
  const Life& l = d.l;
  const int synapses = (int)l.m[column::SYNAPSES];
  const unsigned char* traits = l.b.traits + l.m[column::SRC];
  const float *row = l.rows(extra::SHARES), *of_nodes[SHARES_COUNT] = {};
  int number = 0;
  for (int share = 0; share < SHARES_COUNT; share++) {
    if (given_share(d, share) < 0) continue;
    of_nodes[share] = row;
    if (share <= REWARD_SHARE && number++ % l.teams == l.team) {
      float total = 0.0f, *sum = l.rows(extra::C_BAR) + share * WIDTH;
      for (int e = 0; e < synapses; e++) {
        if (!(traits[e] & FIXED)) total = total + row[e * WIDTH];
      }
      *sum = share == REWARD_SHARE ? total : *sum + total;
    }
    row += synapses * WIDTH;
  }
  const float **nodes = of_nodes + REWARD_SHARE + 1;
  if (nodes[0] != nullptr || nodes[1] != nullptr || nodes[2] != nullptr) add_to_nodes(d, nodes[0], nodes[1], nodes[2]);
}

}  // namespace evometa
