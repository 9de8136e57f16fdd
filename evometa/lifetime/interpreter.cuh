// Programs as a block runs them: registers lie in a file of rows of lanes, one file for each team of threads.
//
// A register is a word: its row in the file, shifted left by one; bit 0 says that it has TILE rows, one for each
// synapse of a tile, and not one row for all of them. One instruction is dispatched for a whole tile, and an operand
// that is the result of the instruction before stays in the thread's own registers.

namespace evometa {

typedef long long Int;
typedef unsigned short Register;

const int LOWER = TILE / 2;  // a tile that is not longer is worked through by half

struct __align__(16) Instruction {
  int op;
  Register target, a, b, c;
  int flags;  // bits 0 to 2: a, b, c are the result of the instruction before; then the arity, shifted left by 3
};

__device__ inline int arity_of(int op) {
#define UNARY(code, f) case code: return 1;
#define BINARY(code, f) case code: return 2;
#define TERNARY(code, f) case code: return 3;
  switch (op) { EVOMETA_PRIMITIVES(UNARY, BINARY, TERNARY) }
#undef UNARY
#undef BINARY
#undef TERNARY
  return 0;
}

// Gives every register of a program its word: signals that are read (a bit each; `wide`: those with a row for each
// synapse), constants, rows, temporaries. One thread does it.
__device__ inline void number_registers(Register* words, Int read, Int wide, Int constants, Int rows, bool wide_rows,
                                        Int temporaries) {
  unsigned row = 0;
  for (int s = 0; s < signal::COUNT; s++) {
    const unsigned broad = (wide >> s) & 1;
    words[s] = (Register)(row << 1 | broad);
    if ((read >> s) & 1) row += broad ? TILE : 1;
  }
  for (Int i = 0; i < constants + rows + temporaries; i++) {
    const unsigned broad = i >= constants && (wide_rows || i >= constants + rows);
    words[signal::COUNT + i] = (Register)(row << 1 | broad);
    row += broad ? TILE : 1;
  }
}

// Translates `count` instructions of five registers' numbers each; `first`, `second`: where a section begins, and
// with it nothing has gone before. The threads of the block share the work.
__device__ inline void decode(Instruction* code, const int* rows, Int count, Int first, Int second, const Register* words) {
  for (Int i = threadIdx.y * WIDTH + threadIdx.x; i < count; i += blockDim.y * WIDTH) {
    const int* row = rows + 5 * i;
    const bool begins = i == 0 || i == first || i == second;
    const int before = begins ? -1 : row[-4];
    Instruction made;
    made.op = row[0];
    made.target = words[row[1]];
    made.a = words[row[2]];
    made.b = words[row[3]];
    made.c = words[row[4]];
    made.flags = (row[2] == before) | (row[3] == before) << 1 | (row[4] == before) << 2 | arity_of(row[0]) << 3;
    code[i] = made;
  }
}

__device__ __forceinline__ float* row_of(float* file, Register word) { return file + (word >> 1) * WIDTH; }
__device__ __forceinline__ int step_of(Register word) { return (word & 1) * WIDTH; }

#define EACH(statement)                                              \
  {                                                                  \
    UNROLL for (int e = 0; e < HALF; e++) { statement; }             \
    if (HALF < N && both) {                                          \
      UNROLL for (int e = HALF; e < N; e++) { statement; }           \
    }                                                                \
  }

template <int N>
__device__ __forceinline__ void fetch(float (&x)[N], const float (&last)[N], int again, float* file, Register word,
                                      bool both) {
  const int HALF = N > LOWER ? LOWER : N;
  if (again) {
    UNROLL for (int e = 0; e < N; e++) x[e] = last[e];
    return;
  }
  const float* row = row_of(file, word);
  const int step = step_of(word);
  EACH(x[e] = row[e * step])
}

// Runs instructions begin … end−1 for up to N synapses of a thread's lane.
template <int N>
__device__ void execute(const Instruction* code, int begin, int end, float* file, int count) {
  const int HALF = N > LOWER ? LOWER : N;
  const bool both = count > HALF;
  float last[N] = {}, x[N] = {}, y[N] = {}, z[N] = {};
  for (int i = begin; i < end; i++) {
    const Instruction now = code[i];
    const int arity = now.flags >> 3;
    fetch<N>(x, last, now.flags & 1, file, now.a, both);
    if (arity > 1) fetch<N>(y, last, now.flags & 2, file, now.b, both);
    if (arity > 2) fetch<N>(z, last, now.flags & 4, file, now.c, both);
#define UNARY(code, f) case code: EACH(last[e] = f(x[e])) break;
#define BINARY(code, f) case code: EACH(last[e] = f(x[e], y[e])) break;
#define TERNARY(code, f) case code: EACH(last[e] = f(x[e], y[e], z[e])) break;
    switch (now.op) { EVOMETA_PRIMITIVES(UNARY, BINARY, TERNARY) }
#undef UNARY
#undef BINARY
#undef TERNARY
    float* row = row_of(file, now.target);
    const int step = step_of(now.target);
    EACH(row[e * step] = last[e])
  }
}

}  // namespace evometa
