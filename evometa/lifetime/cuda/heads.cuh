// Output layers: answers, their errors, rightness and scores, for one example of one lane.
//
// Output o of the example lies at `out[o * step]`, its target at `target[o * WIDTH]`. Sums run over outputs in order.

namespace evometa {

__device__ inline float logistic(float x) { return 1.0f / (1.0f + exp_f(-x)); }

// Turns net inputs into answers in place (softmax after subtracting the largest).
__device__ inline void answer(int kind, float* out, int outputs, int step) {
  if (kind == head::SIGMOID) {
    for (int o = 0; o < outputs; o++) out[o * step] = logistic(out[o * step]);
  } else if (kind == head::SOFTMAX) {
    float top = out[0], total = 0.0f;
    for (int o = 1; o < outputs; o++) top = select(out[o * step] > top, out[o * step], top);
    for (int o = 0; o < outputs; o++) {
      const float x = exp_f(out[o * step] - top);
      out[o * step] = x;
      total = total + x;
    }
    for (int o = 0; o < outputs; o++) out[o * step] = out[o * step] / total;
  }
}

// Writes ∂loss/∂(net input) of the head's own loss.
__device__ inline void output_errors(int kind, const float* out, const float* target, float* err, int outputs,
                                     int step) {
  const float scale = (kind == head::LINEAR ? 2.0f : 1.0f) / (float)outputs;
  for (int o = 0; o < outputs; o++) {
    const float delta = out[o * step] - target[o * WIDTH];
    err[o * step] = kind == head::SOFTMAX ? delta : delta * scale;
  }
}

// Turns ∂loss/∂answer of an evolved loss into ∂loss/∂(net input), the mean over outputs.
__device__ inline void through_head(int kind, const float* out, float* err, int outputs, int step) {
  const float scale = 1.0f / (float)outputs;
  if (kind == head::SOFTMAX) {
    float dot = 0.0f;
    for (int o = 0; o < outputs; o++) dot = dot + err[o * step] * out[o * step];
    for (int o = 0; o < outputs; o++) err[o * step] = out[o * step] * (err[o * step] - dot) * scale;
    return;
  }
  for (int o = 0; o < outputs; o++) {
    float delta = err[o * step] * scale;
    if (kind == head::SIGMOID) {
      const float y = out[o * step];
      delta = delta * (y * (1.0f - y));
    }
    err[o * step] = delta;
  }
}

// The share of answers that are right; of equal largest outputs the first counts; 0 for a linear head.
__device__ inline float rightness(int kind, const float* out, const float* target, int outputs, int step) {
  if (kind == head::SIGMOID) {
    float right = 0.0f;
    for (int o = 0; o < outputs; o++) {
      const bool yes = out[o * step] > 0.5f, truth = target[o * WIDTH] > 0.5f;
      right = right + (yes == truth ? 1.0f : 0.0f);
    }
    return right / (float)outputs;
  }
  if (kind != head::SOFTMAX) return 0.0f;
  float best = out[0], wanted = target[0];
  int chosen = 0, truth = 0;
  for (int o = 1; o < outputs; o++) {
    const float x = out[o * step], y = target[o * WIDTH];
    if (x > best) { chosen = o; best = x; }
    if (y > wanted) { truth = o; wanted = y; }
  }
  return chosen == truth ? 1.0f : 0.0f;
}

// The mean squared error over outputs.
__device__ inline float squared(const float* out, const float* target, int outputs, int step) {
  float total = 0.0f;
  for (int o = 0; o < outputs; o++) {
    const float d = out[o * step] - target[o * WIDTH];
    total = total + d * d;
  }
  return total / (float)outputs;
}

// The head's standard loss.
__device__ inline float cost(int kind, const float* out, const float* target, int outputs, int step) {
  if (kind == head::LINEAR) return squared(out, target, outputs, step);
  float total = 0.0f;
  for (int o = 0; o < outputs; o++) {
    const float y = out[o * step], t = target[o * WIDTH];
    if (kind == head::SIGMOID) {
      total = total - (t * log_f(y) + (1.0f - t) * log_f(1.0f - y));
    } else {
      total = total - t * log_f(y);
    }
  }
  return kind == head::SIGMOID ? total / (float)outputs : total;
}

// The mean |target − answer| over outputs.
__device__ inline float gap(const float* out, const float* target, int outputs, int step) {
  float total = 0.0f;
  for (int o = 0; o < outputs; o++) total = total + fabs(target[o * WIDTH] - out[o * step]);
  return total / (float)outputs;
}

}  // namespace evometa
