"""THE table of heads (output layers) and of what is scored.

Expressions are in the vocabulary of the primitives (evometa/spec/primitives.py), over all outputs at once: `z` net
inputs, `y` answers, `t` targets, `s` slopes of an evolved loss ∂loss/∂y, `v` adjoints of what an expression gives
(∂M/∂ of it, whatever M is to be minimised), each a number for each output; `O` the number of outputs; `sum(…)`,
`max(…)` and `first(…)` (the place of the largest, of equal ones the first) go over the outputs, in their order. A line
before the last gives the outputs other values: "y = …; …".
A head that compares (evometa/spec/comparisons.py) has its net inputs from comparing what the network gives for a query
with what it gives for the support set; so it has as many outputs as there are classes, however many the network has.
To add a head: append a row (positions are codes), generate, run the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from evometa.spec.comparisons import COMPARISONS
from evometa.spec.table import Table

Kind = Literal["classification", "regression", "acting", "search"]


@dataclass(frozen=True)
class Score:
    """What is measured of the answers to a query: `text` over y, t and O, where the head has none of its own.

    `flat`: its derivative is 0 wherever it has one: nothing can be tuned by it.
    """

    name: str
    text: str
    meaning: str
    flat: bool = False


SCORES = Table(
    Score("loss", "", "the head's standard loss"),
    Score(
        "accuracy", "F(0.0)", "share of queries answered rightly; 0 where the head has no right and wrong", flat=True
    ),
    Score("mae", "sum(fabs(t - y)) / O", "mean |target − answer|"),
)


@dataclass(frozen=True)
class Head:
    """One row: an output layer with its standard loss, for targets of a `kind` and at least so many `outputs`.

    `answer`: y of z; `error`: ∂loss/∂z of the standard loss, of y and t; `through`: ∂(mean of an evolved loss)/∂z, of y
    and s; `scores`: expressions of y and t, at least of "loss"; `reward`: of their names. `loss`: the standard
    loss in words. `own`, `own_loss`: what frameworks have ready-made: answers of z ("onnx": an operator), the mean loss
    of z and t.

    `comparison`: the row of COMPARISONS that gives z; "": the network's own outputs are z.

    Backwards: `answer_adjoint`: adjoint of z, of y and v; `error_adjoint`: adjoint of y, of y, t and v; `through_y`,
    `through_s`: adjoints of y and of s, of y, s and v; `reward_slope`: ∂reward/∂y, of y and t.
    """

    name: str
    kind: Kind
    answer: str
    error: str
    through: str
    scores: Mapping[str, str]
    reward: str
    answer_adjoint: str
    error_adjoint: str
    through_y: str
    through_s: str
    reward_slope: str
    meaning: str
    loss: str
    outputs: int = 1
    own: Mapping[str, str] = field(default_factory=dict)
    own_loss: Mapping[str, str] = field(default_factory=dict)
    comparison: str = ""

    def score(self, name: str) -> str:
        """Return the expression of a score."""
        return self.scores.get(name, SCORES[name].text)


SOFTMAX = Head(
    "softmax", "classification",
    answer="y = exp_f(z - max(z)); y / sum(y)",
    error="y - t",
    through="y * (s - sum(s * y)) * (F(1.0) / O)",
    scores={
        "loss": "sum(-(t * log_f(y)))",
        "accuracy": "select(first(y) == first(t), F(1.0), F(0.0))",
    },
    reward="accuracy",
    answer_adjoint="y * (v - sum(v * y))",
    error_adjoint="v",
    through_y="(v * (s - sum(s * y)) - s * sum(v * y)) * (F(1.0) / O)",
    through_s="y * (v - sum(v * y)) * (F(1.0) / O)",
    reward_slope="F(0.0)",
    meaning="shares that sum to 1",
    loss="cross-entropy",
    outputs=2,
    own={"onnx": "Softmax", "torch": "torch.softmax(z, dim=1)", "jnp": "jax.nn.softmax(z)"},
    own_loss={
        "torch": "torch.nn.functional.cross_entropy(z, t)",
        "jnp": "optax.softmax_cross_entropy(z, t).mean()",
    },
)  # fmt: skip

HEADS = Table(
    Head(
        "linear", "regression",
        answer="z",
        error="(y - t) * (F(2.0) / O)",
        through="s * (F(1.0) / O)",
        scores={"loss": "sum((y - t) * (y - t)) / O"},
        reward="-loss",
        answer_adjoint="v",
        error_adjoint="v * (F(2.0) / O)",
        through_y="F(0.0)",
        through_s="v * (F(1.0) / O)",
        reward_slope="(t - y) * (F(2.0) / O)",
        meaning="net inputs themselves",
        loss="mean squared error",
        own={"onnx": "Identity", "torch": "z", "jnp": "z"},
        own_loss={"torch": "torch.nn.functional.mse_loss(z, t)", "jnp": "jnp.mean((z - t) ** 2)"},
    ),
    Head(
        "sigmoid", "classification",
        answer="sigmoid_f(z)",
        error="(y - t) * (F(1.0) / O)",
        through="s * (F(1.0) / O) * (y * (F(1.0) - y))",
        scores={
            "loss": "sum(-(t * log_f(y) + (F(1.0) - t) * log_f(F(1.0) - y))) / O",
            "accuracy": "sum(select(select(y > F(0.5), F(1.0), F(0.0)) == select(t > F(0.5), F(1.0), F(0.0)), F(1.0), "
            "F(0.0))) / O",
        },
        reward="accuracy",
        answer_adjoint="v * (y * (F(1.0) - y))",
        error_adjoint="v * (F(1.0) / O)",
        through_y="v * s * (F(1.0) / O) * (F(1.0) - F(2.0) * y)",
        through_s="v * (F(1.0) / O) * (y * (F(1.0) - y))",
        reward_slope="F(0.0)",
        meaning="logistic function of each net input",
        loss="binary cross-entropy",
        own={"onnx": "Sigmoid", "torch": "torch.sigmoid(z)", "jnp": "jax.nn.sigmoid(z)"},
        own_loss={
            "torch": "torch.nn.functional.binary_cross_entropy_with_logits(z, t)",
            "jnp": "optax.sigmoid_binary_cross_entropy(z, t).mean()",
        },
    ),
    SOFTMAX,
    *(replace(SOFTMAX, name=row.name, meaning=row.meaning, comparison=row.name) for row in COMPARISONS.values()),
)  # fmt: skip


def default_head(kind: Kind, outputs: int) -> str:
    """Return the head for numbers, for one output of 0 or 1, or for classes."""
    if kind == "regression":
        return "linear"
    return "sigmoid" if outputs == 1 else "softmax"


def fitting_heads(kind: Kind, outputs: int) -> list[str]:
    """Return the heads for targets of a kind, so many in number."""
    return [row.name for row in HEADS.values() if row.kind == kind and row.outputs <= outputs]
