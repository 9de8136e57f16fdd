"""The contract of heads that compare (evometa/spec/comparisons.py): what is compared, and the order of every operation.

The outputs of the network are an *embedding* of D = O numbers; its answers are A shares, as many as the targets are, so
one network meets tasks of any number of classes. Of an example, `e` is its embedding, `t` its target. Examples are
compared with *keys*: at a checkpoint with those of all S support examples, which the learner of that moment embeds as
it answers a query (learning nothing; recurrent synapses read what those of queries read); in an update with those of
the batch itself, where every example takes part in the mean of its own class, and attends to itself. `post` of an
output is the embedding; `reward`, scores and evolved losses are of the answers; a rule has no `target` to read.

**Metric.** Its scale s, the exponent ν of the norm and the log ρ of the penalty are constants of the plan or
coefficients of the genome. What is compared is u = e·f with f = exp_f(x), x = (ν·−½)·log_f(n), n = EPSILON + Σ_d e². ν
= 1: directions alone (half the squared distance of two of them is 1 − their cosine). Where ν is the constant 0, u is e,
and nothing of this is done.

**Order.** A sum begins at 0 and goes by ascending place, one by one; a product that is added is a fused multiply-add,
any other operation rounds. `count_k` = Σ_b t_kb. Squared distance of example q and key m: h = Σ_d δ², δ = u_dq − v_dm;
g = h·(−s).
* *prototype*: a key for each class, v_dk = (Σ_b t_kb·u_db)·r_k, r_k = 1 / (1 if count_k < 1, else count_k).
  z_k = g_k, ABSENT unless count_k > 0.
* *matching*: a key for each example, v = u; b is of class k where t_kb > 0. M_k: the largest g_b of class k, from
  ABSENT on, where g_b > M_k; p_b = exp_f(g_b − M_k), k the last class of b (M = 0 if it has none); P_k = Σ p_b of
  class k. z_k = M_k + log_f(P_k), ABSENT unless count_k > 0. The softmax of z is then the attention's answer.
* *ridge*: a key for each class, the weights v that least Σ_b |t_b − vᵀ·u_b|² + λ·|v|² has, λ = exp_f(ρ), and h is a
  product: h = Σ_d v_dk·u_dq, g = h·s, z_k = g_k, ABSENT unless count_k > 0. In the form whose system of equations is as
  large as the support set (few examples; S³/6 multiply-adds are less than what embeds them has, as long as S² is below
  six times the synapses): K·α = tᵀ, v_dk = Σ_b u_db·α_bk, with K_ij = Σ_d u_di·u_dj + λ where i = j. Cholesky, column
  by column: c_ij = K_ij (without λ), and −l_ik·l_jk is added to it, by k < j; r_j = 1 / sqrt((λ + τ·K_jj, fused) + (0
  if c_jj < 0, else c_jj)); l_ij = c_ij·r_j. τ = ROUNDING·S stands for what float32 cannot tell, so that no root is
  taken of less than 0 whatever examples are alike; no derivative goes through it. Solving: y_i = (b_i and −l_ik·y_k, k
  ascending)·r_i; x_i = (y_i and −l_ki·x_k, k descending)·r_i. An offset of all answers would change none: their
  softmax.

A class without an example thus has an answer below 1e-37, and nothing goes back from it.

**Errors** of the embeddings are the derivative of the *sum* over the batch of each example's loss (the mean is taken
with the gradient), through its own place and through the keys. From z̄_kq, what the loss counts by z (`error` or
`through` of the head), back to ē:
1. ḡ_m of key m: *prototype*, *ridge*: z̄_k if count_k > 0, else 0. *matching*: z̄_k·(p_b / P_k), k the last class of b,
   else 0.
2. a_qm = ḡ·(−2s). ū_dq = Σ_m a·δ; v̄_dm = Σ_q −a·δ; s̄ = Σ_q Σ_m ḡ·(−h). *ridge*: a = ḡ·s; ū_dq = Σ_m a·v_dm; v̄_dm =
   Σ_q a·u_dq; s̄ = Σ_q Σ_m ḡ·h.
3. Through the keys, ū of the examples that these are made of: *prototype*: adds (t_kb·r_k)·v̄_dk, by k; *matching*:
   adds v̄_db. *ridge*: K·γ = Σ_d u_db·v̄_dk, and v̄' is v̄ to which −γ_bk·u_db is added, by b; ū_db adds v̄'_dk·α_bk,
   then −v_dk·γ_bk, by k; λ̄ = Σ_b Σ_k −γ·α; ρ̄ = λ̄·λ', λ' = λ where −87 ≤ ρ ≤ 88, else 0.
4. φ = Σ_d ū·e; f' = f where −87 ≤ x ≤ 88, else 0 (there exp_f is held). ē_d = f·ū_d + κ·e_d, fused, with
   κ = (−ν·φ·f') / n. ν̄ = Σ φ·f'·(log_f(n)·−½), over examples.

**Adjoint of errors** (order 2 of slopes.py). δ̄ of the outputs is a direction ė; a dot is the derivative along it. u̇: 4.
of ū = ė. v̇: the keys that u̇ makes. ḣ = Σ_d δ·δ̇, δ̇ = u̇_dq − v̇_dm; ġ = ḣ·(−2s). *prototype*: ż_k = ġ_k if count_k > 0,
else 0; *matching*: ż_k = Σ_b (p_b / P_k)·ġ_b over its class. ż is what the head's errors have for δ̄, on the way to ȳ.
Then, with z̄ as of the errors: ḡ by 1.; of *matching* also r_b = ḡ_b·(ġ_b − ż_k). ū_dq adds, key by key, (ḡ·(−2s))·δ̇,
then (r·(−2s))·δ; v̄ adds minus these, example by example; s̄ adds ḡ·(ḣ·−2), then r·(−h), by q and by m. 3. and 4. give
ē. To it is added, fused, ((−ν·f') / n)·(e·(a − (ν + 2)·b') + (ū·b + ė·c)), where ū is that of the errors (after 3.),
a = Σ_d ū·ė, b = Σ_d ė·e, c = Σ_d ū·e, b' = b·c / n; and to ν̄, by example, f'·(L·(a − ν·b') − b'), L = log_f(n)·(−½).
*ridge* has for v̇: T = Σ_b u̇·α; K·x = Σ_d u̇·v, to which u·T is added, α̇ = −x; v̇ = T, to which u·α̇ is added. ḣ =
Σ_d u̇·v, to which u·v̇ is added; ġ = ḣ·s. ū_dq = Σ_m a·v̇; w = Σ_q a·u̇; s̄ adds ḡ·ḣ. With γ and v̄' of the errors:
−γ·u̇ is added to w; K·γ̇ = Σ_d u̇·v̄', to which u·w is added; −γ̇·u is added to w; ū_db adds w·α, v̄'·α̇, −v̇·γ, −v·γ̇,
by k; λ̄ adds −γ̇·α, then −γ·α̇, over all b and k each.
What `compare_adjoint` adds is 1. to 4. of the z̄ that the answers have got.
"""

from __future__ import annotations

from typing import NamedTuple, Self


class Metric(NamedTuple):
    """How embeddings are compared: `scale` of distances or products, exponent `norm` of lengths (1: directions alone).

    `log_ridge`: the natural logarithm of the penalty of ridge regression. `scale_by`, `norm_by`, `ridge_by`: the
    coefficients of each genome that are these numbers, −1 for none; the constants then say nothing.
    """

    scale: float = 1.0
    norm: float = 0.0
    log_ridge: float = 0.0
    scale_by: int = -1
    norm_by: int = -1
    ridge_by: int = -1

    @classmethod
    def of(cls, scale: float | str, norm: float | str, log_ridge: float | str = 0.0) -> Self:
        """Return the metric of numbers, or of coefficients by their names: c0, c1, …"""
        found = cls()
        given = (("scale", "scale_by", scale), ("norm", "norm_by", norm), ("log_ridge", "ridge_by", log_ridge))
        for number, place, value in given:
            found = found._replace(**({place: int(value[1:])} if isinstance(value, str) else {number: value}))
        return found

    @property
    def numbers(self) -> tuple[float, float, float]:
        """The constants: scale, norm, log of the penalty."""
        return self[:3]

    @property
    def by(self) -> tuple[int, int, int]:
        """The coefficients that are these numbers, in the same order."""
        return self[3:]

    @property
    def plain(self) -> bool:
        """Whether embeddings are compared as they are, whatever their length."""
        return self.norm_by < 0 and self.norm == 0


PLAIN = Metric()
