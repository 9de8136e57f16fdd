"""Classic learning rules in the rule language itself: baselines, seeds for evolution, and what `inspect` knows.

c0 is always the learning rate; c1, … are further coefficients with their usual values. `err` is ∂loss/∂(net input),
`grad` ∂loss/∂w. Quotients are analytic, aq(K·a, K·b) = a/√(1/K² + b²), so K = 10⁸ stands where others add 10⁻⁸.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evometa.language.text import parse_rule
from evometa.language.tree import Tree


@dataclass(frozen=True)
class ClassicRule:
    """A rule of the literature. `coefficients`: usual value of each c the rule reads (c0 is the rate).

    `grid`: which learning rates are worth trying: "step" where the change is in proportion to the gradient or to
    activations, "unit" where it is normalised (a change is about c0 in size). `per_update`: the coefficient that
    must be set to the number of weight updates in a lifetime less one, if there is one.
    """

    name: str
    title: str
    slots: dict[str, Tree]
    meaning: str
    source: str
    coefficients: dict[str, float]
    grid: Literal["step", "unit"] = "step"
    per_update: str | None = None
    rate: int = 0

    @property
    def needs(self) -> frozenset[str]:
        """Signals that the rule reads, coefficients of the rule left out."""
        read: frozenset[str] = frozenset().union(*(tree.signals() for tree in self.slots.values()))
        return read - self.coefficients.keys()

    def values(self, updates: int) -> dict[str, float]:
        """Return the usual coefficients for lifetimes of so many weight updates."""
        own = {self.per_update: float(max(updates - 1, 0))} if self.per_update else {}
        return {**self.coefficients, **own}


# name, title, slots, meaning, source, coefficients, grid
_ROWS: list[tuple[str, str, dict[str, str], str, str, dict[str, float], Literal["step", "unit"]]] = [
    ("hebb", "Hebb's rule", {"update": "c0*(pre*post)"},
     "strengthens what is active together", "Hebb 1949, The Organization of Behavior", {"c0": 0.1}, "step"),
    ("oja", "Oja's rule", {"update": "c0*(post*(pre - post*w))"},
     "Hebb's rule with a decay that keeps the weights' norm at 1; finds the first principal component",
     "Oja 1982, J. Math. Biology 15, eq. 3", {"c0": 0.1}, "step"),
    ("bcm", "the BCM rule", {"update": "c0*(pre*(post*(post - s1)))", "s1": "(1 - c1)*s1 + c1*square(post)"},
     "Hebb's rule above, its opposite below a threshold that follows the mean of post²",
     "Bienenstock, Cooper & Munro 1982; threshold of Intrator & Cooper 1992", {"c0": 0.1, "c1": 0.1}, "step"),
    ("perceptron", "the perceptron rule", {"update": "c0*(pre*(target - step(post - 0.5)))"},
     "corrects wrong answers only (targets 0 or 1; the answer is whether post exceeds 0.5)",
     "Rosenblatt 1958, Psychological Review 65", {"c0": 0.1}, "step"),
    ("delta", "the delta rule", {"update": "c0*(pre*(target - post))"},
     "moves the output towards the target", "Widrow & Hoff 1960, IRE WESCON", {"c0": 1.0}, "step"),
    ("abcd", "the ABCD rule", {"update": "c0*(p0*(pre*post) + p1*pre + p2*post + p3)"},
     "general Hebbian rule; every synapse has its own A, B, C, D (p0 to p3)",
     "Najarro & Risi 2020, NeurIPS, eq. 1", {"c0": 0.1}, "step"),
    ("sgd", "gradient descent", {"update": "-c0*grad"},
     "a step down the gradient", "Robbins & Monro 1951, Ann. Math. Stat. 22", {"c0": 0.1}, "step"),
    ("momentum", "momentum", {"update": "-c0*s1", "s1": "c1*s1 + grad"},
     "gradient descent along a decaying sum of gradients", "Polyak 1964", {"c0": 0.1, "c1": 0.9}, "step"),
    ("rmsprop", "RMSprop", {"update": "-c0*aq(c2*grad, c2*sqrtabs(s1))", "s1": "c1*s1 + (1 - c1)*square(grad)"},
     "gradient over the root of its running mean square",
     "Tieleman & Hinton 2012, lecture 6.5", {"c0": 0.01, "c1": 0.99, "c2": 1e8}, "unit"),
    ("adam", "Adam",
     {"update": "-c0*aq(c3*(s1*aq(c3, c3*(1 - exp((1 + age*c4)*log(c1))))),"
                " c3*(sqrtabs(s2)*aq(c3, c3*sqrtabs(1 - exp((1 + age*c4)*log(c2))))))",
      "s1": "c1*s1 + (1 - c1)*grad", "s2": "c2*s2 + (1 - c2)*square(grad)"},
     "running mean of the gradient over the root of its running mean square, both corrected for their start at 0",
     "Kingma & Ba 2015, ICLR, algorithm 1", {"c0": 0.01, "c1": 0.9, "c2": 0.999, "c3": 1e8, "c4": 199.0}, "unit"),
    ("lion", "Lion", {"update": "-c0*sign(c1*s1 + (1 - c1)*grad)", "s1": "c2*s1 + (1 - c2)*grad"},
     "sign of a running mean of the gradient that weighs the newest one more: β1·m + (1 − β1)·grad over the old "
     "mean m is β1/β2·s1 + (1 − β1/β2)·grad over the new one, so c1 = 0.9/0.99 and c2 = 0.99",
     "Chen et al. 2023, NeurIPS, algorithm 2 (without weight decay)",
     {"c0": 0.001, "c1": 0.9 / 0.99, "c2": 0.99}, "unit"),
    ("sign_sgd", "sign descent", {"update": "-c0*sign(grad)"},
     "a step of fixed size against the gradient's sign", "Bernstein et al. 2018, ICML", {"c0": 0.001}, "unit"),
    ("powersign", "PowerSign", {"update": "-c0*(grad*exp(sign(grad)*sign(s1)))", "s1": "c1*s1 + (1 - c1)*grad"},
     "gradient descent, faster by e where gradient and running mean agree, slower by e where not",
     "Bello et al. 2017, ICML", {"c0": 0.1, "c1": 0.9}, "step"),
    ("addsign", "AddSign", {"update": "-c0*(grad*(1 + sign(grad)*sign(s1)))", "s1": "c1*s1 + (1 - c1)*grad"},
     "gradient descent, twice as fast where gradient and running mean agree, none where not",
     "Bello et al. 2017, ICML", {"c0": 0.1, "c1": 0.9}, "step"),
]  # fmt: skip

RULES: dict[str, ClassicRule] = {
    name: ClassicRule(name, title, parse_rule(slots, name), meaning, source, coefficients, grid,
                      per_update="c4" if name == "adam" else None)
    for name, title, slots, meaning, source, coefficients, grid in _ROWS
}  # fmt: skip
