// The adjoints of the steps of an update before the rule; the order of every operation is that of
// evometa/lifetime/slopes.py. Teams share nodes, examples or synapses, never a sum; the driver (descent.cu) has a barrier
// stand between steps.

namespace evometa {

// What gradients made of a node: of its error, and, of a hidden one, of its activation.
struct Sensed {
  const Descent& d;
  const Trial& t;

  template <int N>
  __device__ __forceinline__ void at(int node, int k) const {
    const float* h = d.l.rows(extra::H);
    const int own = (node * t.streams + k) * WIDTH;
    float *err_bar = d.l.rows(extra::E_BAR) + own, total[N];
    UNROLL for (int i = 0; i < N; i++) total[i] = err_bar[i * WIDTH];
    enter(d.l, t, h, node, k, total);
    UNROLL for (int i = 0; i < N; i++) err_bar[i * WIDTH] = total[i];
    if (node >= d.l.hidden_end) return;
    float* act_bar = d.act_bar + own;
    UNROLL for (int i = 0; i < N; i++) total[i] = act_bar[i * WIDTH];
    leave(d.l, Weights::transmitting(h), d.l.rows(extra::ERR), t.streams, node, k, total);
    UNROLL for (int i = 0; i < N; i++) act_bar[i * WIDTH] = total[i];
  }
};

// Adds what the gradients made of errors, and then of activations.
__device__ __noinline__ void gradient_adjoint(const Descent& d, const Trial& t) {
  const Life& l = d.l;
  const int first = l.inputs + 1, chunks = (t.streams + EXAMPLES - 1) / EXAMPLES, work = (l.nodes - first) * chunks;
  for (int i = l.team; i < work; i += l.teams) {
    by_examples(Sensed{d, t}, first + i / chunks, i % chunks * EXAMPLES, least(t.streams, (i % chunks + 1) * EXAMPLES));
  }
  leave_others(l, l.rows(extra::H), l.rows(extra::ERR), d.act_bar, d.before_bar, t.streams, t.streams);
}

// The adjoint of a node's error, of those of the nodes that it came from; of a hidden node it goes on through the slope.
struct Risen {
  const Descent& d;
  const Trial& t;
  const Weights w;

  template <int N>
  __device__ __forceinline__ void at(int node, int k) const {
    const Life& l = d.l;
    const int* ptr = l.b.ptr + l.m[column::PTR] + node;
    const int *src = l.b.src + l.m[column::SRC], own = (node * t.streams + k) * WIDTH;
    float *bar = l.rows(extra::E_BAR), total[N];
    UNROLL for (int i = 0; i < N; i++) total[i] = bar[own + i * WIDTH];
    for (int e = ptr[0]; e < ptr[1]; e++) {
      const int s = src[e];
      if (s <= l.inputs || s >= l.hidden_end) continue;
      const float weight = w.at(e);
      const float* from = bar + (s * t.streams + k) * WIDTH;
      UNROLL for (int i = 0; i < N; i++) total[i] = fmaf(weight, from[i * WIDTH], total[i]);
    }
    if (is_gru(l, node)) errors_adjoint(node, k, total);
    if (node < l.hidden_end) {
      const int kind = l.b.activation[l.m[column::ACTIVATION] + node];
      UNROLL for (int i = 0; i < N; i++) {
        float more = t.came[own + i * WIDTH] * total[i];
        curve(kind, t.now[own + i * WIDTH], more);
        d.act_bar[own + i * WIDTH] = d.act_bar[own + i * WIDTH] + more;
        slope(kind, t.now[own + i * WIDTH], total[i]);
      }
    }
    UNROLL for (int i = 0; i < N; i++) bar[own + i * WIDTH] = total[i];
  }

  // What the errors of a GRU made of those of its candidate and of its gate, and what they sent these by.
  template <int N>
  __device__ __forceinline__ void errors_adjoint(int node, int k, float (&total)[N]) const {
    const Life& l = d.l;
    const int step = t.streams * WIDTH, first = l.inputs + 1;
    const float *bar = l.rows(extra::E_BAR), *err = l.rows(extra::ERR), *past = t.before + node * t.before_step;
    UNROLL for (int i = 0; i < N; i++) {
      const int own = node * step + (k + i) * WIDTH, g = own - step, c = own - 2 * step;
      if (node - 2 >= first) {
        total[i] = fmaf(bar[c], t.now[g], total[i]);
        d.act_bar[g] = fmaf(bar[c], err[own], d.act_bar[g]);
      }
      if (node - 1 >= first) {
        total[i] = fmaf(bar[g], t.now[c] - past[(k + i) * t.hop], total[i]);
        d.act_bar[c] = fmaf(bar[g], err[own], d.act_bar[c]);
        d.before_bar[own] = fmaf(-bar[g], err[own], d.before_bar[own]);
      }
    }
  }
};

// Adds what the errors of hidden nodes made of those of the outputs, of activations and of weights.
__device__ __noinline__ void back_adjoint(const Descent& d, const Trial& t) {
  const Life& l = d.l;
  const int credit = (int)l.b.credit, step = t.streams * WIDTH, chunks = (t.streams + EXAMPLES - 1) / EXAMPLES;
  float* bar = l.rows(extra::E_BAR);
  for (int k = l.team; (SHARED_CREDIT >> credit) & 1 && k < t.streams; k += l.teams) {
    float total = 0.0f, *more = l.rows(extra::SLOPES) + k * WIDTH;
    for (int node = l.inputs + 1; node < l.hidden_end; node++) total = total + bar[node * step + k * WIDTH];
    for (int o = 0; o < l.outputs; o++) more[o * step] = total;
    shared_adjoint(credit, more, l.outputs, step);
    for (int o = 0; o < l.outputs; o++) {
      float* own = bar + (l.hidden_end + o) * step + k * WIDTH;
      *own = *own + more[o * step];
    }
  }
  if (!(((WEIGHT_CREDIT | FIXED_CREDIT) >> credit) & 1)) return;
  const Risen risen = {d, t, Weights::of_credit(l)};
  for (Int level = 0; level < l.extra[extra::LEVEL_COUNT]; level++) {
    const int first = *l.level(level), work = (*l.level(level + 1) - first) * chunks;
    for (int i = l.team; i < work; i += l.teams) {
      by_examples(risen, l.b.schedule[l.extra[extra::SCHEDULE] + first + i / chunks], i % chunks * EXAMPLES,
                  least(t.streams, (i % chunks + 1) * EXAMPLES));
    }
    __syncthreads();
  }
  if ((WEIGHT_CREDIT >> credit) & 1) products(l, t, l.rows(extra::ERR), bar, t.streams);
}

// Adds what the head's errors made of answers and of coefficients, by way of an evolved loss.
__device__ __noinline__ void loss_adjoint(const Descent& d, const Trial& t, const int* chosen) {
  const Life &l = d.l, &two = d.two;
  const int step = t.streams * WIDTH, kind = (int)l.b.head, chunks = (t.streams + TILE - 1) / TILE;
  const int rows = l.answers * step, *out = two.b.out + two.m[column::LOSS_OUT];
  float *slopes = l.rows(extra::SLOPES), *bar = d.errors_way(), *answers_bar = d.answers_bar();
  evolved_loss(l, t, chosen, slopes);
  __syncthreads();
  for (int k = l.team * WIDTH; k < step; k += l.teams * WIDTH) {
    float* more = slopes + rows + k;
    through_y(kind, t.out + k, slopes + k, bar + k, more, l.answers, step);
    for (int o = 0; o < l.answers; o++) answers_bar[o * step + k] = answers_bar[o * step + k] + more[o * step];
    through_s(kind, t.out + k, bar + k, l.answers, step);
  }
  __syncthreads();
  const Instruction* code = reinterpret_cast<const Instruction*>(two.region(extra::LOSS_CODE));
  const Register* words = reinterpret_cast<const Register*>(two.region(extra::LOSS_WORDS));
  float *file = two.file(extra::LOSS_FILE, two.extra[extra::LOSS_ROWS]), *shares = l.rows(extra::LOSS_SHARES);
  for (int i = l.team; i < l.answers * chunks; i += l.teams) {
    const int o = i / chunks, k = i % chunks * TILE, some = least(TILE, t.streams - k), own = o * step + k * WIDTH;
    for (int e = 0; e < some; e++) {
      row_of(file, words[signal::OUTPUT])[e * WIDTH] = t.out[own + e * WIDTH];
      row_of(file, words[signal::TARGET])[e * WIDTH] =
          rows_of(l, l.b.support_y, l.b.support, chosen[(k + e) * WIDTH], l.answers)[o * WIDTH];
      row_of(file, words[signal::D_LOSS])[e * WIDTH] = bar[own + e * WIDTH];
    }
    run_tile(code, (int)two.m[column::LOSS_BIRTH], (int)two.m[column::LOSS_END], file, some);
    for (int place = 0; place <= COEFFICIENT_COUNT; place++) {
      if (out[place] < 0) continue;
      const Register word = words[out[place]];
      for (int e = 0; e < some; e++) {
        const float more = row_of(file, word)[e * step_of(word)];
        float* row = place == 0 ? answers_bar + own + e * WIDTH : shares + (place - 1) * rows + own + e * WIDTH;
        *row = place == 0 ? *row + more : more;
      }
    }
  }
  __syncthreads();
  for (int i = l.team; i < COEFFICIENT_COUNT; i += l.teams) {
    if (out[1 + i] < 0) continue;
    float total = 0.0f, *own = l.rows(extra::C_BAR) + i * WIDTH;
    for (int k = 0; k < rows; k += WIDTH) total = total + shares[i * rows + k];
    *own = *own + total;
  }
}

// Adds what the outputs' errors made of the answers, and, where these are compared, of what is.
__device__ __noinline__ void error_adjoint(const Descent& d, const Trial& t, const int* chosen) {
  const Life& l = d.l;
  const int step = t.streams * WIDTH;
  if (l.compares()) put_way(d, t, chosen);
  if (l.m[column::LOSS_CODE] >= 0) {
    loss_adjoint(d, t, chosen);
  } else {
    for (int k = l.team; k < t.streams; k += l.teams) {
      float *bar = d.errors_way() + k * WIDTH, *own = d.answers_bar() + k * WIDTH;
      const float* target = rows_of(l, l.b.support_y, l.b.support, chosen[k * WIDTH], l.answers);
      error_adjoint((int)l.b.head, t.out + k * WIDTH, target, bar, l.answers, step);
      for (int o = 0; o < l.answers; o++) own[o * step] = own[o * step] + bar[o * step];
    }
  }
  if (l.compares()) add_errors(d, t, chosen);
}

// Adds what the reward made of the answers.
__device__ __noinline__ void supervise_adjoint(const Descent& d, const Trial& t, const int* chosen) {
  const Life& l = d.l;
  const int step = t.streams * WIDTH;
  const float share = l.rows(extra::C_BAR)[COEFFICIENT_COUNT * WIDTH] / (float)t.streams;
  for (int k = l.team; k < t.streams; k += l.teams) {
    float *slopes = l.rows(extra::SLOPES) + k * WIDTH, *own = d.answers_bar() + k * WIDTH;
    const float* target = rows_of(l, l.b.support_y, l.b.support, chosen[k * WIDTH], l.answers);
    reward_slope((int)l.b.head, t.out + k * WIDTH, target, slopes, l.answers, step);
    for (int o = 0; o < l.answers; o++) own[o * step] = fmaf(slopes[o * step], share, own[o * step]);
  }
}

// Turns the adjoints of the answers into those of the head's net inputs.
__device__ inline void answer_adjoint(const Descent& d, const Trial& t) {
  const Life& l = d.l;
  for (int k = l.team; k < t.streams; k += l.teams) {
    answer_adjoint((int)l.b.head, t.out + k * WIDTH, d.answers_bar() + k * WIDTH, l.answers, t.streams * WIDTH);
  }
}

// Sweeps once over the nodes, backwards: activations to net inputs, and these to weights and to the past.
__device__ inline void forward_adjoint(const Descent& d, const Trial& t) { fall(d.l, t, d.act_bar, d.before_bar, t.streams); }

// Goes over to the activations that the update found, and to what it read of a memory.
__device__ inline void perceive_adjoint(Descent& d) {
  const int cells = cells_of(d.l);
  const Memory memory(d.l, d.l.rows(extra::MEMORY_BAR));
  copy_rows(d.l, memory.read, d.act_bar + (d.l.inputs - cells) * WIDTH, cells);
  __syncthreads();
  const Int rows = d.l.nodes * d.l.b.batch;
  float* own = d.act_bar;
  if (d.recurrent()) {
    d.act_bar = d.before_bar;
    d.before_bar = own;
  } else {
    for (Int i = d.l.team; i < rows; i += d.l.teams) own[i * WIDTH] = 0.0f;
  }
}

}  // namespace evometa
