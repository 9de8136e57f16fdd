// What goes back through the errors of ridge regression of an update on itself. Arguments as in adjoint_comparison.cuh.
//
// Along the direction there, KEY_WAY has the derivative of weights, DUAL_WAY that of dual variables; DUAL_BAR_WAY and
// KEY_BAR_WAY have those of what `solve_back` leaves in DUAL_BAR and in KEY_BAR.

namespace evometa {

// Writes what changes along WAY: dual variables, weights, and the products of examples with these, to NEAR_WAY.
__device__ __noinline__ void ridge_way(const Life& l, const Keys& keys) {
  const int known = keys.known, ways = l.answers;
  float *way = l.rows(extra::WAY), *key_way = l.rows(extra::KEY_WAY), *dual_way = l.rows(extra::DUAL_WAY), *near = l.rows(extra::NEAR_WAY);
  const Matrix weights = classes_of(l, l.rows(extra::WEIGHTS)), past = classes_of(l, key_way), moved = {way, 1, known};
  multiply(l, {{way, known, 1}, classes_of(l, l.rows(extra::DUAL)), key_way, ways, 1, known, 1.0f, true}, l.outputs, ways);
  multiply(l, {moved, weights, dual_way, ways, 1, l.outputs, 1.0f, true}, known, ways);
  multiply(l, {weights, moved, near, known, 1, l.outputs, 1.0f, true}, ways, known);
  __syncthreads();
  multiply(l, {examples_of(keys), past, dual_way, ways, 1, l.outputs, 1.0f, false}, known, ways);  // by those who wrote it
  __syncthreads();
  solve(l, dual_way, known);
  for (int k = l.team; k < ways; k += l.teams) {
    for (int i = k; i < known * ways; i += ways) dual_way[i * WIDTH] = -dual_way[i * WIDTH];
  }
  __syncthreads();
  multiply(l, {dimensions_of(keys), classes_of(l, dual_way), key_way, ways, 1, known, 1.0f, false}, l.outputs, ways);
  __syncthreads();
  multiply(l, {past, examples_of(keys), near, known, 1, l.outputs, 1.0f, false}, ways, known);
}

// Adds what comes to a known example's dimension as weights and dual variables change.
__device__ inline float bent(const Life& l, int d, int i, float total) {
  const int key = d * l.answers * WIDTH, own = i * l.answers * WIDTH;
  const float *rest = l.rows(extra::KEY_BAR_WAY) + key, *bar = l.rows(extra::KEY_BAR) + key, *key_way = l.rows(extra::KEY_WAY) + key;
  const float *weights = l.rows(extra::WEIGHTS) + key, *dual = l.rows(extra::DUAL) + own, *dual_way = l.rows(extra::DUAL_WAY) + own;
  const float *given = l.rows(extra::DUAL_BAR) + own, *given_way = l.rows(extra::DUAL_BAR_WAY) + own;
  for (int k = 0; k < l.answers * WIDTH; k += WIDTH) {
    total = fmaf(bar[k], dual_way[k], fmaf(rest[k], dual[k], total));
    total = fmaf(-weights[k], given_way[k], fmaf(-key_way[k], given[k], total));
  }
  return total;
}

// Writes what the errors' adjoints make of what was compared to U_BAR; returns, to team 0, what they make of the logarithm
// of the penalty.
__device__ __noinline__ float ridge_curve(const Life& l, const Keys& keys, const float* u) {
  const int known = keys.known, ways = l.answers;
  float *bar = l.rows(extra::KEY_BAR), *rest = l.rows(extra::KEY_BAR_WAY), *given = l.rows(extra::DUAL_BAR);
  float *given_way = l.rows(extra::DUAL_BAR_WAY), *u_bar = l.rows(extra::U_BAR), *g = l.rows(extra::G_BAR), log_ridge = 0.0f;
  const float *way = l.rows(extra::WAY), scale = scale_of(l);
  const Matrix moved = {way, known, 1}, past = {l.rows(extra::KEY_WAY), ways, 1};
  spread_weights(l, u, g, known, known, true);
  multiply(l, {{g, 1, known}, past, u_bar, 1, known, ways, scale, true}, known, l.outputs);
  multiply(l, {{g, known, 1}, moved, rest, 1, ways, known, scale, true}, ways, l.outputs);
  __syncthreads();
  solve_back(l, keys);
  multiply(l, {moved, classes_of(l, given), rest, ways, 1, known, -1.0f, false}, l.outputs, ways);
  __syncthreads();
  multiply(l, {{way, 1, known}, classes_of(l, bar), given_way, ways, 1, l.outputs, 1.0f, true}, known, ways);
  multiply(l, {examples_of(keys), classes_of(l, rest), given_way, ways, 1, l.outputs, 1.0f, false}, known, ways);
  __syncthreads();
  solve(l, given_way, known);
  __syncthreads();
  multiply(l, {dimensions_of(keys), classes_of(l, given_way), rest, ways, 1, known, -1.0f, false}, l.outputs, ways);
  if (l.team == 0 && l.b.ridge_by >= 0) {
    log_ridge = minus_products(log_ridge, l.rows(extra::DUAL), WIDTH, given_way, WIDTH, known * ways);
    log_ridge = minus_products(log_ridge, l.rows(extra::DUAL_WAY), WIDTH, given, WIDTH, known * ways) * ridge_slope(l);
  }
  __syncthreads();
  for (int i = l.team; i < l.outputs * known; i += l.teams) u_bar[i * WIDTH] = bent(l, i / known, i % known, u_bar[i * WIDTH]);
  return log_ridge;
}

}  // namespace evometa
