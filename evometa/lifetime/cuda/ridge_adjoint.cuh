// What goes back through ridge regression. Arguments as in ridge.cuh and comparison_adjoint.cuh.
//
// KEY_BAR has the adjoints of weights, and then (`solve_back`) what is left of them when those of dual variables, solved
// for, are in DUAL_BAR.

namespace evometa {

// Writes the adjoints of what was compared, of `count` examples, to `bar`.
__device__ inline void spread_products(const Life& l, const float* g, float* bar, int streams, int count) {
  const Matrix weights = {l.rows(extra::WEIGHTS), l.answers, 1};
  multiply(l, {{g, 1, streams}, weights, bar, 1, streams, l.answers, scale_of(l), true}, count, l.outputs);
}

// Adds what these made of weights to the adjoints of those; `fresh`: they begin at 0.
__device__ inline void spread_weights(const Life& l, const float* u, const float* g, int streams, int count, bool fresh) {
  multiply(l, {{g, streams, 1}, {u, streams, 1}, l.rows(extra::KEY_BAR), 1, l.answers, count, scale_of(l), fresh}, l.answers, l.outputs);
}

// The derivative of the penalty by its logarithm: 0 where it is held.
__device__ inline float ridge_slope(const Life& l) {
  const float x = log_ridge_of(l);
  return select(x < LOW, 0.0f, select(x > HIGH, 0.0f, exp_f(x)));
}

// Goes from adjoints of weights to those of dual variables; behind the next barrier they are read.
__device__ __noinline__ void solve_back(const Life& l, const Keys& keys) {
  float *given = l.rows(extra::DUAL_BAR), *bar = l.rows(extra::KEY_BAR);
  multiply(l, {examples_of(keys), classes_of(l, bar), given, l.answers, 1, l.outputs, 1.0f, true}, keys.known, l.answers);
  __syncthreads();
  solve(l, given, keys.known);
  __syncthreads();
  multiply(l, {dimensions_of(keys), classes_of(l, given), bar, l.answers, 1, keys.known, -1.0f, false}, l.outputs, l.answers);
}

// What `solve_back` made of the logarithm of the penalty.
__device__ inline float ridge_bar(const Life& l, const Keys& keys) {
  const float total = minus_products(0.0f, l.rows(extra::DUAL), WIDTH, l.rows(extra::DUAL_BAR), WIDTH, keys.known * l.answers);
  return total * ridge_slope(l);
}

// The adjoint of dimension d of known example i, with what comes by way of weights.
__device__ inline float through_weights(const Life& l, int d, int i, float total) {
  const int key = d * l.answers * WIDTH, own = i * l.answers * WIDTH;
  const float *bar = l.rows(extra::KEY_BAR) + key, *weights = l.rows(extra::WEIGHTS) + key;
  const float *dual = l.rows(extra::DUAL) + own, *given = l.rows(extra::DUAL_BAR) + own;
  for (int k = 0; k < l.answers * WIDTH; k += WIDTH) total = fmaf(-weights[k], given[k], fmaf(bar[k], dual[k], total));
  return total;
}

}  // namespace evometa
