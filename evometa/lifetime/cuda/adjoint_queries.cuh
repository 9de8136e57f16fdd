// The adjoint of a checkpoint (evometa/lifetime/slopes.py): its queries are answered, and gone back through.

namespace evometa {

// Goes from the adjoints of the outputs of `count` examples, which are in place, to those of weights and of the past.
__device__ __noinline__ void fall_all(const Descent& d, const Trial& t, int count) {
  const Life& l = d.l;
  const int step = t.streams * WIDTH;
  float *bar = l.rows(extra::Q_BAR), *past = bar + l.nodes * step;
  clear_rows(l, bar, l.hidden_end * t.streams);
  if (d.recurrent()) clear_rows(l, past, l.nodes * t.streams);
  __syncthreads();
  fall(l, t, bar, past, count);
  __syncthreads();
  if (d.order > 1) read_adjoint(l, bar, t.streams, count);
  for (int node = l.team; d.recurrent() && d.order > 1 && node < l.nodes; node += l.teams) {
    float* own = d.act_bar + node * l.b.batch * WIDTH;
    for (int k = 0; k < count; k++) *own = *own + past[node * step + k * WIDTH];
  }
}

// What queries and the support set make of the numbers of the metric: team 0 adds it up.
struct MetricBar {
  float scale, norm, log_ridge;

  __device__ void add_norms(const Life& l, const float* norms, int count) {
    for (int k = 0; l.team == 0 && k < count; k++) norm = norm + norms[k * WIDTH];
  }
};

// Turns adjoints of what was compared, in place of the outputs', into those of `count` embeddings.
__device__ inline void unit_adjoint(const Life& l, const Trial& t, int count, MetricBar& metric) {
  if (is_plain(l)) return;
  const int step = t.streams * WIDTH, outer = l.hidden_end * step;
  float *bar = l.rows(extra::Q_BAR) + outer, *norms = l.rows(extra::NORM_BAR);
  for (int k = l.team; k < count; k += l.teams) {
    norms[k * WIDTH] = unit_back(l, t.now + outer + k * WIDTH, bar + k * WIDTH, bar + k * WIDTH, step);
  }
  __syncthreads();
  metric.add_norms(l, norms, count);
}

// Goes from adjoints of the net inputs of `count` queries to those of embeddings, of keys and of the metric; `fresh`: the
// queries are the first.
__device__ __noinline__ void compared_adjoint(const Life& l, const Trial& t, int count, bool fresh, MetricBar& metric) {
  const Keys keys = keys_of(l, t, nullptr);
  const int step = t.streams * WIDTH;
  float *out_bar = l.rows(extra::OUT_BAR), *g = by_class(l) ? out_bar : l.rows(extra::PARTS);
  for (int k = l.team; k < count; k += l.teams) to_keys(l, keys, k, step, out_bar + k * WIDTH, g + k * WIDTH);
  __syncthreads();
  spread(l, keys, units_of(l, t), g, l.rows(extra::Q_BAR) + l.hidden_end * step, t.streams, count, fresh);
  if (l.team == 0 && l.b.scale_by >= 0) metric.scale = scale_bar(l, keys, g, t.streams, count, metric.scale);
  __syncthreads();
  unit_adjoint(l, t, count, metric);
}

// Goes back through the support examples that queries were compared with: they are embedded once more.
__device__ __noinline__ void embed_adjoint(const Descent& d, const Trial& t, MetricBar& metric) {
  const Life& l = d.l;
  const int support = (int)l.b.support;
  const Keys keys = keys_of(l, t, nullptr);
  if (solves(l)) {
    solve_back(l, keys);
    if (l.team == 0 && l.b.ridge_by >= 0) metric.log_ridge = ridge_bar(l, keys);
  }
  for (int begin = 0; begin < support; begin += t.streams) {
    const int count = least(t.streams, support - begin);
    for (int k = l.team; k < count; k += l.teams) perceive(l, t, l.b.support_x, support, begin + k, k);
    __syncthreads();
    forward(l, t, count);
    through_keys(l, keys, l.rows(extra::Q_BAR) + l.hidden_end * t.streams * WIDTH, t.streams, begin, count, true);
    __syncthreads();
    unit_adjoint(l, t, count, metric);
    fall_all(d, t, count);
  }
  if (l.team == 0) add_to_metric(d, metric.scale, metric.norm, metric.log_ridge);
}

// Answers the queries of checkpoint c, and adds what their mean loss, times the checkpoint's weight, makes of weights and
// of the activations that recurrent synapses read.
__device__ __noinline__ void query_adjoint(const Descent& d, const float* before, int c, float weight) {
  const Life& l = d.l;
  const Batch& b = l.b;
  const Trial t = queries_at(l, before);
  const int step = t.streams * WIDTH;
  const Int first = b.asked[2 * c], end = b.asked[2 * c + 1];
  const float share = weight / (float)(end - first);
  float *bar = l.compares() ? l.rows(extra::OUT_BAR) : l.rows(extra::Q_BAR) + l.hidden_end * step, sums[SCORE_COUNT] = {};
  MetricBar metric = {0.0f, 0.0f, 0.0f};
  if (l.compares()) embed(l, t);
  for (Int begin = first; begin < end; begin += b.block) {
    const int count = (int)(end - begin < b.block ? end - begin : b.block);
    ask(l, t, begin, count, sums);
    if (weight == 0.0f) continue;
    for (int k = l.team; k < count; k += l.teams) {
      float* own = bar + k * WIDTH;
      const float* target = rows_of(l, b.query_y, b.queries, begin + k, l.answers);
      error((int)b.head, t.out + k * WIDTH, target, own, l.answers, step);
      for (int o = 0; o < l.answers; o++) own[o * step] = own[o * step] * share;
    }
    if (l.compares()) compared_adjoint(l, t, count, begin == first, metric);
    fall_all(d, t, count);
  }
  report(l, c, sums);
  if (l.compares() && weight != 0.0f) embed_adjoint(d, t, metric);
  __syncthreads();
}

}  // namespace evometa
