"""What the exports of gradient rules share: which rules they can hold, and what their templates are given."""

from __future__ import annotations

from typing import Any

from evometa.errors import InputError
from evometa.export.dialects import Dialect
from evometa.export.layers import matrices
from evometa.export.plan import Plan
from evometa.export.rule_text import loss_function, rule_function
from evometa.export.subject import Subject
from evometa.language.signals import SIGNALS
from evometa.lifetime import F32
from evometa.spec import ACTIVATIONS, HEADS

# What a gradient-based optimizer knows of a parameter; rules that read nothing else can be one.
GRADIENT_LIKE = frozenset(n for n, s in SIGNALS.items() if not s.single) - {"reward", "output"}


def why_not_gradient(subject: Subject) -> str:
    """Return why a rule cannot be an optimizer that is given gradients, or "" where it can."""
    if subject.gated:
        return "one that opens and closes synapses in life, which an optimizer cannot"
    others = sorted(subject.reads - GRADIENT_LIKE)
    if others:
        return f"one that reads {', '.join(others)}, of which an optimizer is not told"
    credit = subject.config.network.credit
    if "grad" in subject.reads and credit != "backprop" and subject.hidden:
        return f"one whose gradients come by the credit mode {credit}, not by backpropagation"
    return ""


def _plan(subject: Subject) -> Plan | None:
    """Return the plan of the network that a rule evolved with, or None: it can be written without its tasks."""
    try:
        return Plan(subject)
    except InputError:
        return None


def gradient_values(subject: Subject, dialect: Dialect) -> dict[str, Any]:
    """Return what the template of a gradient rule is given.

    `plan`: of its network, if that is known; `known`: the same where frameworks have such a network ready-made;
    `head`: the row of its head (softmax where that is not known); `value`, `slope`: of an evolved loss, else None;
    `weights` at birth and `plasticity`: arrays, or numbers, for the weights and the biases of each layer.
    """
    plan = _plan(subject)
    known = plan if plan and plan.stacked else None
    rule = rule_function(subject, dialect, defaults=False)
    parts = ("value", "derivative") if subject.loss else ()
    value, slope = [loss_function(subject, dialect, part, defaults=False) for part in parts] or (None, None)
    written = [function for function in (rule, value, slope) if function]
    primitives = frozenset[str]().union(*(function.primitives for function in written))
    functions = [*dialect.definitions(primitives), *(function.source for function in written)]
    plasticity = {name: _layers(known, own, subject.tied) for name, own in subject.plasticity.items()} if known else {}
    return {
        "subject": subject, "plan": plan, "known": known, "head": plan.head if plan else HEADS["softmax"],
        "activation": ACTIVATIONS[known.layers.activation if known and known.layers else "tanh"], "dialect": dialect,
        "rule": rule, "value": value, "slope": slope, "functions": functions, "plasticity": plasticity,
        "weights": [] if known is None or known.innate is None else _layers(known, known.innate),
    }  # fmt: skip


def _layers(plan: Plan, values: F32, tied: bool = False) -> list[list[Any]]:
    """Return [of weights, of biases] for each layer: f32[outputs, inputs] and f32[outputs], or numbers if `tied`."""
    if tied:
        return [list(pair) for pair in values.reshape(-1, 2).tolist()]
    return [[matrix[:, :-1], matrix[:, -1]] for matrix in matrices(plan.graph, values)]
