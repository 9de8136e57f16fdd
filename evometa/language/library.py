"""Classic learning rules in the rule language itself: baselines, seeds for evolution, and what `inspect` knows.

c0 is always the learning rate; c1, … are further coefficients with their usual values. `err` is ∂loss/∂(net input),
`grad` ∂loss/∂w. Quotients are analytic, aq(K·a, K·b) = a/√(1/K² + b²), so K = 10⁸ stands where others add 10⁻⁸.
Such a K cannot be tuned by its slope: while gradients are far above 1/K its logarithm has less than 10⁻⁶ of the slope
that the rate's has, the difference of two nearly equal numbers, and in float32 that is rounding. All other adjoints
of these rules are right to 10⁻³, most to 10⁻⁶ (tests/language/test_adjoint_accuracy.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from evometa.language.signals import COEFFICIENTS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree, node

DECAY, WEIGHT_DECAY = "decay", "weight decay"
SHRINKAGE = {"step": (1e-5, 3e-3, 1e-1), "unit": (1e-3, 0.3, 10.0)}  # weight decays: lowest, first, highest


class Dial(NamedTuple):
    """A number of a classic rule that is tuned beside its rate: what people call it, and which coefficient holds it.

    `values`: tried first, ascending; `scale`: on what scale values between them lie ("complement": that of log(1 - x));
    `inverse`: the coefficient is 1/x, which stands on both sides of quotients, and gradients leave it alone where it is
    large (tunability.py); `natural`: whether the lowest, the highest value is a limit in itself, beyond
    which nothing lies; `bounds`: lowest and highest value, where these are not among those tried first.
    """

    name: str
    coefficient: str
    values: tuple[float, ...]
    scale: Literal["log", "linear", "complement"] = "complement"
    inverse: bool = False
    natural: tuple[bool, bool] = (False, False)
    bounds: tuple[float, float] | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return self.bounds or (self.values[0], self.values[-1])

    def held(self, value: float) -> float:
        """Return the coefficient for a value."""
        return 1.0 / value if self.inverse else value


@dataclass(frozen=True)
class ClassicRule:
    """A rule of the literature. `coefficients`: usual value of each c the rule reads (c0 is the rate).

    `grid`: which learning rates are worth trying: "step" where the change is in proportion to the gradient or to
    activations, "unit" where it is normalised (a change is about c0 in size). `per_update`: the coefficient that
    must be set to the number of weight updates in a lifetime less one, if there is one. `dials`: what is tuned
    beside the rate.
    """

    name: str
    title: str
    slots: dict[str, Tree]
    meaning: str
    source: str
    coefficients: dict[str, float]
    grid: Literal["step", "unit"] = "step"
    per_update: str | None = None
    dials: tuple[Dial, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """Signals that the rule reads, coefficients of the rule left out."""
        read: frozenset[str] = frozenset().union(*(tree.signals() for tree in self.slots.values()))
        return read - self.coefficients.keys()

    def values(self, updates: int) -> dict[str, float]:
        """Return the usual coefficients for lifetimes of so many weight updates."""
        own = {self.per_update: float(max(updates - 1, 0))} if self.per_update else {}
        return {**self.coefficients, **own}

    def decaying(self) -> ClassicRule:
        """Return the rule with a rate that changes evenly to `decay` times its first value at the end of the life."""
        rate = parse(f"c0*(1 - (1 - {self.free})*age)")
        update = Tree(n for node in self.slots["update"] for n in (rate if node.name == "c0" else (node,)))
        return self._with(update, Dial(DECAY, self.free, (0.0, 0.3, 1.0), "linear", natural=(True, True)), 1.0)

    @property
    def descends(self) -> bool:
        """Whether the change is −c0 times something made of the gradient."""
        return self.slots["update"][: len(STEP)] == STEP and "grad" in self.needs

    def shrinking(self) -> ClassicRule:
        """Return a rule that descends with weights that decay beside: by rate × `weight decay` × w in each update.

        Loshchilov & Hutter 2019, ICLR (SGDW, AdamW): states know nothing of it.
        """
        low, first, high = SHRINKAGE[self.grid]
        step = self.slots["update"][len(STEP) :]
        update = Tree((*STEP, node("add"), *step, *parse(f"{self.free}*w")))
        dial = Dial(WEIGHT_DECAY, self.free, (first,), "log", natural=(True, False), bounds=(low, high))
        return self._with(update, dial, 0.0)

    @property
    def free(self) -> str:
        """The first coefficient that the rule does not read."""
        return next(name for name in COEFFICIENTS if name not in self.coefficients)

    def _with(self, update: Tree, dial: Dial, neutral: float) -> ClassicRule:
        """Return the rule with another update and one dial more, which changes nothing at its `neutral` value."""
        slots, coefficients = {**self.slots, "update": update}, {**self.coefficients, dial.coefficient: neutral}
        return replace(self, slots=slots, coefficients=coefficients, dials=(*self.dials, dial))

    def tuned(self, dials: Mapping[str, float], updates: int) -> tuple[dict[str, Tree], list[float]]:
        """Return slots and coefficients c0, c1, … of the rule with those values of its dials, "rate" among them.

        What is not said has its usual value; a "decay" other than 1 gives the decaying form, a "weight decay" other
        than 0 the shrinking one.
        """
        if dials.get(WEIGHT_DECAY, 0.0) != 0.0 and all(dial.name != WEIGHT_DECAY for dial in self.dials):
            return self.shrinking().tuned(dials, updates)
        if dials.get(DECAY, 1.0) != 1.0 and all(dial.name != DECAY for dial in self.dials):
            return self.decaying().tuned(dials, updates)
        values = self.values(updates)
        values |= {dial.coefficient: dial.held(dials[dial.name]) for dial in self.dials if dial.name in dials}
        values["c0"] = dials.get("rate", values["c0"])
        return self.slots, [values.get(f"c{i}", 0.0) for i in range(len(values))]


STEP = parse("-c0*grad")[:-1]  # nodes before what a rate multiplies


def _beta(coefficient: str, *values: float, name: str = "β") -> Dial:
    """Return the dial of a decay rate of a running sum; 0 is a limit in itself."""
    return Dial(name, coefficient, values, natural=(values[0] == 0.0, False))


def _epsilon(coefficient: str) -> Dial:
    """Return the dial of what keeps a quotient finite, whose coefficient is its inverse."""
    return Dial("ε", coefficient, (1e-8, 1e-2, 1.0), "log", inverse=True, natural=(True, False))


_MOMENTUM = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
_DIALS: dict[str, tuple[Dial, ...]] = {
    "bcm": (Dial("rate of the threshold", "c1", (0.01, 0.1, 1.0), "log", natural=(False, True)),),
    "momentum": (_beta("c1", *_MOMENTUM),),
    "nesterov": (_beta("c1", *_MOMENTUM),),
    "qhm": (_beta("c1", *_MOMENTUM), Dial("ν", "c2", (0.0, 0.4, 0.7, 0.9, 1.0), "linear", natural=(True, True))),
    "rmsprop": (_beta("c1", 0.0, 0.9, 0.99, 0.999), _epsilon("c2")),
    "adam": (
        _beta("c1", 0.0, 0.5, 0.9, 0.99, name="β1"),
        _beta("c2", 0.5, 0.9, 0.99, 0.999, name="β2"),
        _epsilon("c3"),
    ),
    "lion": (_beta("c1", 0.5, 0.9, 0.99, 0.999, name="β1/β2"), _beta("c2", 0.0, 0.9, 0.99, name="β2")),
    "powersign": (_beta("c1", 0.0, 0.5, 0.9, 0.99),),
    "addsign": (_beta("c1", 0.0, 0.5, 0.9, 0.99),),
}
"""What is tuned in each rule beside its rate."""


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
    ("nesterov", "Nesterov's momentum", {"update": "-c0*(grad + c1*s1)", "s1": "c1*s1 + grad"},
     "momentum that looks one step ahead", "Nesterov 1983; in this form Sutskever et al. 2013, ICML",
     {"c0": 0.1, "c1": 0.9}, "step"),
    ("qhm", "quasi-hyperbolic momentum", {"update": "-c0*((1 - c2)*grad + c2*s1)", "s1": "c1*s1 + (1 - c1)*grad"},
     "a mean of the gradient and of its running mean: gradient descent with c2 = 0, Nesterov's momentum with c2 = c1, "
     "momentum with c2 = 1", "Ma & Yarats 2019, ICLR, algorithm 1", {"c0": 1.0, "c1": 0.9, "c2": 0.7}, "step"),
]  # fmt: skip

RULES: dict[str, ClassicRule] = {
    name: ClassicRule(name, title, parse_rule(slots, name), meaning, source, coefficients, grid,
                      per_update="c4" if name == "adam" else None, dials=_DIALS.get(name, ()))
    for name, title, slots, meaning, source, coefficients, grid in _ROWS
}  # fmt: skip
