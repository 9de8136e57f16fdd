// Stands in for CUDA on the host: the threads of a block are fibers of one thread, which take turns at barriers.
//
// Between two barriers each fiber runs to the end before the next begins, in an order that the test chooses. So where
// a barrier is missing, one of two threads that should have met runs first in one order and last in the other, and a
// comparison of both orders cannot miss it; a sanitizer for data races would have to be lucky.
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define __device__
#define __global__
#define __shared__
#define __forceinline__ inline
#define __grid_constant__
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define UNROLL

struct __align__(16) int4 { int x, y, z, w; };

namespace shim {

struct Dim { unsigned x, y, z; };
struct Fiber {
  ucontext_t context;
  Dim index;
  bool done;
  char* stack;
};

const int MOST_FIBERS = 512, STACK = 1 << 16, POOL = 1 << 16;
static Fiber fibers[MOST_FIBERS];
static Fiber* current;
static ucontext_t home;
static Dim block, blocks, block_size;
static int all_items, quota, taken;  // items that one block may take, so that each takes some
static void (*body)();

inline void barrier() { swapcontext(&current->context, &home); }

inline int atomic_add(int* address, int value) {
  if (taken++ >= quota && *address < all_items) return INT32_MAX;  // as if other blocks had been quicker
  const int before = *address;
  *address += value;
  return before;
}

inline void enter() {
  body();
  current->done = true;
  swapcontext(&current->context, &home);
}

}  // namespace shim

#define threadIdx (shim::current->index)
#define blockIdx (shim::block)
#define blockDim (shim::block_size)
#define gridDim (shim::blocks)
#define __syncthreads shim::barrier
#define atomicAdd shim::atomic_add

alignas(128) float evometa_pool[shim::POOL];

namespace shim {

// Runs a kernel; the order of fibers is ascending (0), descending (1) or another at every barrier (any other seed).
// Returns 0, 1 if some threads ended while others stood at a barrier, 2 if shared memory was overrun.
inline int run(int count, int teams, int shared, int items, unsigned order) {
  const int size = 32 * teams, floats = shared / 4;
  block_size = Dim{32, (unsigned)teams, 1};
  blocks = Dim{(unsigned)count, 1, 1};
  all_items = items;
  quota = (items + count - 1) / count;
  for (int b = 0; b < count; b++) {
    block = Dim{(unsigned)b, 0, 0};
    taken = 0;
    memset(evometa_pool, 0xFF, sizeof evometa_pool);  // NaN: nothing may count on zeros
    for (int i = 0; i < size; i++) {
      Fiber& f = fibers[i];
      if (!f.stack) f.stack = (char*)malloc(STACK);
      f.index = Dim{(unsigned)i % 32, (unsigned)i / 32, 0};
      f.done = false;
      getcontext(&f.context);
      f.context.uc_stack.ss_sp = f.stack;
      f.context.uc_stack.ss_size = STACK;
      f.context.uc_link = 0;
      makecontext(&f.context, enter, 0);
    }
    int turn[MOST_FIBERS];
    for (int i = 0; i < size; i++) turn[i] = order == 1 ? size - 1 - i : i;
    unsigned random = order;
    for (int ended = 0; ended < size;) {
      for (int i = size - 1; order > 1 && i > 0; i--) {
        random = random * 1664525u + 1013904223u;
        const int j = (int)((random >> 8) % (unsigned)(i + 1)), kept = turn[i];
        turn[i] = turn[j];
        turn[j] = kept;
      }
      for (int i = 0; i < size; i++) {
        current = &fibers[turn[i]];
        if (current->done) continue;
        swapcontext(&home, &current->context);
        ended += current->done;
      }
      if (ended > 0 && ended < size) return 1;
    }
    for (int i = floats; i < POOL; i++) {
      uint32_t word;
      memcpy(&word, &evometa_pool[i], 4);
      if (word != 0xFFFFFFFFu) return 2;
    }
  }
  return 0;
}

}  // namespace shim
