// Heads that compare: what examples are compared with (formulas and the order of operations: evometa/lifetime/comparison.py).
//
// Row d of example i begins at `u + (d*streams + i)*WIDTH`, whether these are embeddings, as the network gives them or as
// they are compared, or adjoints. Teams share examples, keys or dimensions, never a sum.

namespace evometa {

__device__ inline bool by_class(const Life& l) { return (BY_CLASS >> l.b.comparison) & 1; }
__device__ inline bool solves(const Life& l) { return (SOLVES >> l.b.comparison) & 1; }
__device__ inline bool by_mean(const Life& l) { return by_class(l) && !solves(l); }
__device__ inline bool is_plain(const Life& l) { return l.b.norm_by < 0 && (float)l.b.norm == 0.0f; }
__device__ inline float scale_of(const Life& l) { return l.number(l.b.scale, l.b.scale_by); }
__device__ inline float norm_of(const Life& l) { return l.number(l.b.norm, l.b.norm_by); }
__device__ inline float log_ridge_of(const Life& l) { return l.number(l.b.log_ridge, l.b.ridge_by); }

// What net inputs change by as half a squared distance does, or a product.
__device__ inline float slope_of(const Life& l) { return solves(l) ? scale_of(l) : scale_of(l) * -2.0f; }

// What examples are compared with: `count` keys, whose dimensions have `room` places each at `rows`. They are made of
// `known` examples: of an update, whose numbers are this lane's `chosen`, or, if that is null, of the whole support set.
// These lie at `examples`, `known` places to a dimension, unless keys are means.
struct Keys {
  const int* chosen;
  const float* rows;
  int room, count, known;
  const float* examples;

  __device__ const float* target(const Life& l, int i) const {
    return rows_of(l, l.b.support_y, l.b.support, chosen == nullptr ? i : chosen[i * WIDTH], l.answers);
  }
};

// Where embeddings lie as they are compared: where the network gave them, or in a region of their own.
__device__ inline float* units_of(const Life& l, const Trial& t) {
  return is_plain(l) ? t.now + l.hidden_end * t.streams * WIDTH : l.rows(extra::UNIT);
}

// The keys of an update's examples, or of the support set: means or weights of classes, or the examples themselves.
__device__ inline Keys keys_of(const Life& l, const Trial& t, const int* chosen) {
  const int known = chosen == nullptr ? (int)l.b.support : t.streams, ways = l.answers;
  if (by_mean(l)) return {chosen, l.rows(extra::KEYS), ways, ways, known, nullptr};
  const float* examples = chosen == nullptr ? l.rows(extra::KEYS) : units_of(l, t);
  if (solves(l)) return {chosen, l.rows(extra::WEIGHTS), ways, ways, known, examples};
  return {chosen, examples, known, known, known, examples};
}

// The value of the last class that an example is of, 0 if of none; `step`: from class to class.
__device__ inline float own_of(const float* target, const float* values, int step, int ways) {
  float found = 0.0f;
  for (int k = 0; k < ways; k++) found = select(target[k * WIDTH] > 0.0f, values[k * step], found);
  return found;
}

}  // namespace evometa
