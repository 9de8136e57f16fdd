// Entry points for ctypes; the CUDA text is included by the compiler's -include.

static evometa::Batch the_batch;
static const float* the_signals;
static float* the_results;
static evometa::Int the_points;
static evometa::Batch the_adjoints;
static evometa::Slopes the_slopes;
static evometa::Stage the_stage;
static evometa::Game the_game;

static void run_live() { evometa_live(the_batch); }
static void run_answers() { evometa_answers(the_batch, the_signals, the_results, the_points); }
static void run_act() { evometa_act(the_batch, the_stage); }
static void run_teach() { evometa_teach(the_batch, the_stage, the_game); }
static void run_descend() { evometa_descend(the_batch, the_adjoints, the_slopes); }

extern "C" int live(const evometa::Batch* batch, int blocks, int teams, int shared, unsigned order) {
  the_batch = *batch;
  shim::body = run_live;
  return shim::run(blocks, teams, shared, (int)batch->item_count, order);
}

extern "C" int answers(const evometa::Batch* batch, const float* signals, float* results, long long points, int blocks,
                       int teams, int shared, unsigned order) {
  the_batch = *batch;
  the_signals = signals;
  the_results = results;
  the_points = points;
  shim::body = run_answers;
  return shim::run(blocks, teams, shared, (int)batch->item_count, order);
}

extern "C" int descend(const evometa::Batch* batch, const evometa::Batch* adjoints, const evometa::Slopes* slopes,
                       int blocks, int teams, int shared, unsigned order) {
  the_batch = *batch;
  the_adjoints = *adjoints;
  the_slopes = *slopes;
  shim::body = run_descend;
  return shim::run(blocks, teams, shared, (int)batch->item_count, order);
}

extern "C" int act(const evometa::Batch* batch, const evometa::Stage* stage, int blocks, int teams, int shared,
                   unsigned order) {
  the_batch = *batch;
  the_stage = *stage;
  shim::body = run_act;
  return shim::run(blocks, teams, shared, (int)batch->item_count, order);
}

extern "C" int teach(const evometa::Batch* batch, const evometa::Stage* stage, const evometa::Game* game, int blocks,
                     int teams, int shared, unsigned order) {
  the_batch = *batch;
  the_stage = *stage;
  the_game = *game;
  shim::body = run_teach;
  return shim::run(blocks, teams, shared, (int)batch->item_count, order);
}

extern "C" int size_of_game() { return (int)sizeof(evometa::Game); }
extern "C" int size_of_stage() { return (int)sizeof(evometa::Stage); }
extern "C" int size_of_batch() { return (int)sizeof(evometa::Batch); }
extern "C" int size_of_slopes() { return (int)sizeof(evometa::Slopes); }

// One primitive on n triples of operands.
extern "C" void apply(int op, const float* a, const float* b, const float* c, float* d, int n) {
  for (int i = 0; i < n; i++) {
#define UNARY(code, f) case code: d[i] = f(a[i]); break;
#define BINARY(code, f) case code: d[i] = f(a[i], b[i]); break;
#define TERNARY(code, f) case code: d[i] = f(a[i], b[i], c[i]); break;
    switch (op) { EVOMETA_PRIMITIVES(UNARY, BINARY, TERNARY) }
#undef UNARY
#undef BINARY
#undef TERNARY
  }
}
