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
  int op, target_a, b_c;  // two registers to a number, the first in the lower half
  int flags;              // bits 0 to 2: a, b, c are the result of the instruction before; bit 3: somebody else reads it
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

// Whether anybody but the very next instruction reads what row i of a program gives; `out`: its `results` outputs.
__device__ inline bool read_again(const int* rows, Int i, Int count, Int first, Int second, const int* out,
                                  int results) {
  const int made = rows[5 * i + 1];
  for (Int j = i + 1; j < count; j++) {
    const int* row = rows + 5 * j;
    const int arity = arity_of(row[0]);
    const bool forwarded = j == i + 1 && j != first && j != second;
    for (int k = 0; k < arity; k++) {
      if (row[2 + k] == made && !forwarded) return true;
    }
    if (row[1] == made) return false;
  }
  for (int k = 0; k < results; k++) {
    if (out[k] == made) return true;
  }
  return false;
}

// Translates `count` instructions of five registers' numbers each; `first`, `second`: where a section begins, and
// with it nothing has gone before. The threads of the block share the work.
__device__ inline void decode(Instruction* code, const int* rows, Int count, Int first, Int second, const int* out,
                              int results, const Register* words) {
  for (Int i = threadIdx.y * WIDTH + threadIdx.x; i < count; i += blockDim.y * WIDTH) {
    const int* row = rows + 5 * i;
    const bool begins = i == 0 || i == first || i == second;
    const int before = begins ? -1 : row[-4];
    Instruction made;
    made.op = row[0];
    made.target_a = words[row[1]] | words[row[2]] << 16;
    made.b_c = words[row[3]] | words[row[4]] << 16;
    made.flags = (row[2] == before) | (row[3] == before) << 1 | (row[4] == before) << 2;
    if (read_again(rows, i, count, first, second, out, results)) made.flags |= 8;
    code[i] = made;
  }
}

__device__ __forceinline__ float* row_of(float* file, Register word) { return file + (word >> 1) * WIDTH; }
__device__ __forceinline__ int step_of(Register word) { return (word & 1) * WIDTH; }

// SOME values of an operand, from row FIRST on: what the instruction before gave, a row each, or one row for all.
template <int FIRST, int SOME, int N>
__device__ __forceinline__ void fetch(float (&x)[SOME], const float (&last)[N], int again, const float* file,
                                      unsigned word) {
  const float* row = file + (word >> 1) * WIDTH;
  if (again) {
    UNROLL for (int e = 0; e < SOME; e++) x[e] = last[FIRST + e];
  } else if (word & 1) {
    UNROLL for (int e = 0; e < SOME; e++) x[e] = row[(FIRST + e) * WIDTH];
  } else {
    const float one = *row;
    UNROLL for (int e = 0; e < SOME; e++) x[e] = one;
  }
}

// One primitive for SOME synapses. Operands live no longer than their primitive: merged with those of the next, they
// would not find registers.
template <float (*F)(float), int FIRST, int SOME, int N>
__device__ __forceinline__ void apply(float (&last)[N], const int4& now, const float* file) {
  float x[SOME];
  fetch<FIRST>(x, last, now.w & 1, file, (unsigned)now.y >> 16);
  UNROLL for (int e = 0; e < SOME; e++) last[FIRST + e] = F(x[e]);
}

template <float (*F)(float, float), int FIRST, int SOME, int N>
__device__ __forceinline__ void apply(float (&last)[N], const int4& now, const float* file) {
  float x[SOME], y[SOME];
  fetch<FIRST>(x, last, now.w & 1, file, (unsigned)now.y >> 16);
  fetch<FIRST>(y, last, now.w & 2, file, now.z & 0xFFFF);
  UNROLL for (int e = 0; e < SOME; e++) last[FIRST + e] = F(x[e], y[e]);
}

template <float (*F)(float, float, float), int FIRST, int SOME, int N>
__device__ __forceinline__ void apply(float (&last)[N], const int4& now, const float* file) {
  float x[SOME], y[SOME], z[SOME];
  fetch<FIRST>(x, last, now.w & 1, file, (unsigned)now.y >> 16);
  fetch<FIRST>(y, last, now.w & 2, file, now.z & 0xFFFF);
  fetch<FIRST>(z, last, now.w & 4, file, (unsigned)now.z >> 16);
  UNROLL for (int e = 0; e < SOME; e++) last[FIRST + e] = F(x[e], y[e], z[e]);
}

// Runs instructions begin … end−1 for up to N synapses of a thread's lane. With N > 1 every result has N rows.
template <int N>
__device__ __forceinline__ void execute(const Instruction* code, int begin, int end, float* file, int count) {
  const int SOME = N > LOWER ? LOWER : N;
  const bool both = N > SOME && count > SOME;
  float last[N] = {};
  for (int i = begin; i < end; i++) {
    const int4 now = *reinterpret_cast<const int4*>(code + i);
#define CASE(code, f)                                                      \
  case code:                                                               \
    apply<f, 0, SOME>(last, now, file);                                    \
    if constexpr (N > SOME) {                                              \
      if (both) apply<f, SOME, N - SOME>(last, now, file);                 \
    }                                                                      \
    break;
    switch (now.x) { EVOMETA_PRIMITIVES(CASE, CASE, CASE) }
#undef CASE
    if (now.w & 8) {
      float* row = file + ((now.y & 0xFFFF) >> 1) * WIDTH;
      UNROLL for (int e = 0; e < SOME; e++) row[e * WIDTH] = last[e];
      if (both) {
        UNROLL for (int e = SOME; e < N; e++) row[e * WIDTH] = last[e];
      }
    }
  }
}

}  // namespace evometa
