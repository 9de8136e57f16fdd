// Ridge regression from embeddings to classes (formulas and the order of operations: evometa/lifetime/comparison.py).
//
// The Cholesky factor of the known examples lies in FACTOR, a row for each of them, with reciprocals on its diagonal; the
// dual variables, what example i counts for class k, in DUAL at (i*ways + k)*WIDTH; weights of classes in WEIGHTS, that of
// dimension d and class k at (d*ways + k)*WIDTH.

namespace evometa {

// Numbers in rows and columns: where they begin, and how many places on the next row and the next column are.
struct Matrix {
  const float* begin;
  int row, column;

  __device__ __forceinline__ float at(int i, int k) const { return begin[(i * row + k * column) * WIDTH]; }
};

// The product of a matrix, times a `factor`, and the transpose of another, of `count` columns each: N places of a row; it
// is added to what is there, unless it is `fresh`.
struct Product {
  const Matrix left, right;
  float* out;
  int row, column, count;
  float factor;
  bool fresh;

  template <int N>
  __device__ __forceinline__ void at(int i, int k) const {
    float *own = out + (i * row + k * column) * WIDTH, total[N];
    UNROLL for (int n = 0; n < N; n++) total[n] = fresh ? 0.0f : own[n * column * WIDTH];
    for (int s = 0; s < count; s++) {
      const float x = left.at(i, s) * factor;
      UNROLL for (int n = 0; n < N; n++) total[n] = fmaf(x, right.at(k + n, s), total[n]);
    }
    UNROLL for (int n = 0; n < N; n++) own[n * column * WIDTH] = total[n];
  }
};

// The same at the diagonal of a square and below it.
struct LowerProduct {
  const Product whole;

  template <int N>
  __device__ __forceinline__ void at(int i, int k) const {
    if (k <= i) whole.at<N>(i, k);
  }
};

// Has the teams share a product of so many rows and columns.
__device__ __noinline__ void multiply(const Life& l, const Product& product, int rows, int columns) { by_rows(l, product, rows, columns); }

// The known examples by their numbers, and by their dimensions; numbers of dimensions and classes, of examples and classes.
__device__ inline Matrix examples_of(const Keys& keys) { return {keys.examples, 1, keys.known}; }
__device__ inline Matrix dimensions_of(const Keys& keys) { return {keys.examples, keys.known, 1}; }
__device__ inline Matrix classes_of(const Life& l, const float* rows) { return {rows, 1, l.answers}; }

// A number less Σ a·b.
__device__ inline float minus_products(float total, const float* a, int a_step, const float* b, int b_step, int count) {
  for (int i = 0; i < count; i++) total = fmaf(a[i * a_step], -b[i * b_step], total);
  return total;
}

// Writes the Cholesky factor of the products of the known examples with one another, and the penalty. A row is its team's;
// the first product is, too, and the others are read behind the loop's first barrier.
__device__ __noinline__ void factorize(const Life& l, const Keys& keys) {
  const int known = keys.known;
  const float penalty = exp_f(log_ridge_of(l)), share = ROUNDING * (float)known;
  float* lower = l.rows(extra::FACTOR);
  by_rows(l, LowerProduct{{examples_of(keys), examples_of(keys), lower, known, 1, l.outputs, 1.0f, true}}, known, known);
  for (int j = 0; j < known; j++) {
    float *own = lower + j * known * WIDTH, *corner = own + j * WIDTH;
    if (j % l.teams == l.team) {
      const float rest = minus_products(*corner, own, WIDTH, own, WIDTH, j);
      *corner = 1.0f / sqrt(fmaf(share, *corner, penalty) + select(rest < 0.0f, 0.0f, rest));
    }
    __syncthreads();
    for (int i = l.team; i < known; i += l.teams) {
      float* row = lower + i * known * WIDTH;
      if (i > j) row[j * WIDTH] = minus_products(row[j * WIDTH], row, WIDTH, own, WIDTH, j) * *corner;
    }
  }
}

// Turns what the matrix of that factor gives, of examples and classes at `x`, into what it is given. A class is its team's.
__device__ __noinline__ void solve(const Life& l, float* x, int known) {
  const float* lower = l.rows(extra::FACTOR);
  const int row = known * WIDTH, hop = l.answers * WIDTH;
  for (int k = l.team; k < l.answers; k += l.teams) {
    float* own = x + k * WIDTH;
    for (int i = 0; i < known; i++) {
      own[i * hop] = minus_products(own[i * hop], own, hop, lower + i * row, WIDTH, i) * lower[i * (row + WIDTH)];
    }
    for (int i = known - 1; i >= 0; i--) {
      const int last = known - 1;
      own[i * hop] = minus_products(own[i * hop], own + last * hop, -hop, lower + last * row + i * WIDTH, -row, last - i) * lower[i * (row + WIDTH)];
    }
  }
}

// Writes factor, dual variables and weights; the known examples are in place.
__device__ __noinline__ void fit(const Life& l, const Keys& keys) {
  float* dual = l.rows(extra::DUAL);
  factorize(l, keys);
  for (int k = l.team; k < l.answers; k += l.teams) {
    for (int i = 0; i < keys.known; i++) dual[(i * l.answers + k) * WIDTH] = keys.target(l, i)[k * WIDTH];
  }
  solve(l, dual, keys.known);
  __syncthreads();
  multiply(l, {dimensions_of(keys), classes_of(l, dual), l.rows(extra::WEIGHTS), l.answers, 1, keys.known, 1.0f, true}, l.outputs, l.answers);
}

// Writes the products of weights with `count` examples.
__device__ __noinline__ void weigh(const Life& l, const float* u, int streams, int count) {
  multiply(l, {classes_of(l, l.rows(extra::WEIGHTS)), {u, 1, streams}, l.rows(extra::NEAR), streams, 1, l.outputs, 1.0f, true}, l.answers, count);
}

}  // namespace evometa
