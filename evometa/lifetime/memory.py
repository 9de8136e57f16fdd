"""The contract of external memories (Greve, Jacobsen & Risi 2016; Graves et al. 2014), and the order of operations.

A life may have a memory of M `slots` of W `cells` each, one in each lane, all 0 at birth, with an attention on them:
shares a[M] that sum to 1, at birth all on the first slot. In every update, on its one example (B = 1), the network
reads what the update before has read, r[W]: as its last W inputs, behind those of the tasks; queries read it, too,
and change nothing. When it has answered, its last W + 5 hidden nodes say what becomes of the memory. Of their
activations z:

* v_k = tanh_f(z_k): what is written, and looked for; so nothing in the memory is beyond ±1;
* g, j = sigmoid_f(z_W), sigmoid_f(z_W+1): how much of a slot is overwritten, and how far attention jumps;
* s: the softmax of the last three, shares of a step to the slot before, of none, and of one to the slot behind (the
  last slot is before the first): e_i = exp_f(z_i − largest), s_i = e_i / Σ e. Of equal ones the first is the largest.

`access`, in this order. A sum begins at 0 and goes by ascending place; a product that is added is a fused multiply-add,
any other operation rounds.
1. Written: u_i = a_i·g; m_ik adds u_i·(v_k − m_ik).
2. Jump to what is most like it: d_i = Σ_k (m_ik − v_k)²; h_i = d_i·(−β); c_i = exp_f(h_i − largest h) / Σ of these;
   f_i = a_i, adds j·(c_i − a_i).
3. Shift: p_i = s_0·f_i+1, adds s_1·f_i, adds s_2·f_i−1.
4. Sharpened: l_i = LEAST where p_i < LEAST, else p_i; q_i = exp_f(γ·log_f(l_i)); a_i = q_i / Σ q.
5. Read: r_k = Σ_i a_i·m_ik.

The focus β and the sharpness γ are constants of the plan, or coefficients of the genome.

**Adjoint** (order 2 of slopes.py; its words). m̄[M, W], ā[M] and r̄[W] are those of what an update leaves of the memory,
0 at the end of life. What was read is read by inputs: at a checkpoint r̄ adds ā of the last W inputs of each query,
which is 0 + ẘ·z̄, backwards; and `perceive_adjoint` makes r̄ what ā of these inputs has come to in the update (to it
`pre`, gradients and net inputs add, as to that of a hidden node). With order 1 what is read is held constant, and with
it all that is said to a memory.

`access_adjoint`, in this order; a dash marks what the access has left. Names without a bar are as `access` has them.
1. Read: ā_i adds r̄_k·m'_ik, by k; m̄_ik adds a'_i·r̄_k.
2. Sharpened: t = Σ_i ā_i·a'_i; y = γ·log_f(l_i); x̄_i = a'_i·(ā_i − t), 0 where y < −87 or y > 88 (there exp_f is held);
   γ̄ = Σ_i x̄_i·log_f(l_i); p̄_i = (γ·x̄_i) / l_i, 0 where p_i < LEAST.
3. Shift: f̄_i = s_0·p̄_i−1, adds s_1·p̄_i, adds s_2·p̄_i+1; s̄_0 = Σ_i p̄_i·f_i+1, s̄_1 = Σ_i p̄_i·f_i, s̄_2 = Σ_i p̄_i·f_i−1;
   t = Σ_n s̄_n·s_n; z̄_W+2+n adds s_n·(s̄_n − t).
4. Jump: j̄ = Σ_i f̄_i·(c_i − a_i); c̄_i = j·f̄_i; ā_i = f̄_i − c̄_i; t = Σ_i c̄_i·c_i; h̄_i = c_i·(c̄_i − t);
   β̄ = Σ_i h̄_i·(−d_i); b_i = h̄_i·(β·−2); m̄_ik adds b_i·(m'_ik − v_k); v̄_k = Σ_i (−b_i)·(m'_ik − v_k).
5. Written: ū_i = Σ_k m̄_ik·(v_k − m_ik); v̄_k adds u_i·m̄_ik, by i; m̄_ik adds (−u_i)·m̄_ik; ḡ = Σ_i ū_i·a_i; ā_i adds
   ū_i·g.
6. z̄_k adds v̄_k, z̄_W ḡ and z̄_W+1 j̄, each by the slope of tanh or sigmoid.
Then c̄ adds β̄, and then γ̄, if they are coefficients.
"""

from __future__ import annotations

from typing import NamedTuple

LEAST = 2.0**-40  # of attention that is sharpened
HELD = (-87.0, 88.0)  # beyond these exp_f is held
GATES = 5  # nodes beside those of what is written: how much, how far to jump, and a step in one of three ways


class Memory(NamedTuple):
    """A memory of `slots` with so many `cells` (none of both: no memory), its `focus` β and `sharpness` γ.

    `focus_by`, `sharpness_by`: the coefficients of each genome that are these numbers, −1 for none; the constants then
    say nothing.
    """

    slots: int = 0
    cells: int = 0
    focus: float = 1.0
    sharpness: float = 1.0
    focus_by: int = -1
    sharpness_by: int = -1

    @classmethod
    def of(cls, slots: int, cells: int, focus: float | str, sharpness: float | str) -> Memory:
        """Return a memory by numbers, or by the names of coefficients."""
        if not slots:
            return NO_MEMORY
        by = [int(value[1:]) if isinstance(value, str) else -1 for value in (focus, sharpness)]
        numbers = [1.0 if isinstance(value, str) else value for value in (focus, sharpness)]
        return cls(slots, cells, numbers[0], numbers[1], by[0], by[1])

    @property
    def by(self) -> tuple[int, int]:
        """The coefficients that are its numbers, −1 for none."""
        return self.focus_by, self.sharpness_by

    @property
    def rows(self) -> int:
        """Numbers of it in each lane: cells, attention, and what was read."""
        return self.slots * self.cells + self.slots + self.cells

    @property
    def access_rows(self) -> int:
        """Numbers that an access makes on its way: what is written, shifts, and u, d, c, f, p, q of each slot."""
        return self.cells + 3 + 6 * self.slots if self.cells else 0

    @property
    def nodes(self) -> int:
        """The hidden nodes that say what becomes of it."""
        return self.cells + GATES if self.cells else 0


NO_MEMORY = Memory()
