"""The PyTorch export: an optimizer where the rule is one, else a module of plastic layers, or of any graph."""

from __future__ import annotations

from typing import Any

from evometa.export.dialects import TORCH
from evometa.export.few_shot import FewShot, compares
from evometa.export.gradient import gradient_values, why_not_gradient
from evometa.export.layers import levels_of, matrices
from evometa.export.plan import Plan
from evometa.export.rule_text import loss_function, rule_function
from evometa.export.subject import Subject
from evometa.export.templates import render
from evometa.genetics.topology import spread
from evometa.lifetime import F32
from evometa.spec import ACTIVATIONS
from evometa.spec.comparisons import ABSENT, EPSILON

# What a layer's method `learn` must be given, in order, and the signals that are made from it.
_NEEDED = {
    "x": {"pre", "grad"}, "post": {"post"}, "target": {"target"}, "err": {"err", "grad"}, "reward": {"reward"},
    "age": {"age"},
}  # fmt: skip


def torch_file(subject: Subject) -> str:
    """Return the file's text. InputError where its network must be known, and cannot be told.

    A rule that could be an optimizer is one, unless the network evolved with it. Where synapses open and close, they
    stand in a row even if they make layers. A learner that compares, and learns nothing else, is a module.
    """
    if compares(subject):
        return torch_few_shot(subject)
    subject.refuse_costs("torch")
    return torch_module(subject) if subject.wired or why_not_gradient(subject) else torch_optimizer(subject)


def torch_few_shot(subject: Subject) -> str:
    """Return a module whose answers come of comparing, differentiable. InputError where it also learns, or is drawn."""
    few = FewShot(subject, "torch")
    wiring, layers = (few.wiring, []) if few.plan.layers is None else (None, few.layers)
    parts = wiring.groups if wiring else layers[:-1]
    kinds = {kind: ACTIVATIONS[kind] for kind in sorted({part.kind for part in parts})}
    return render(
        "torch_few_shot.py", subject=subject, plan=few.plan, few=few, wiring=wiring, epsilon=EPSILON, absent=ABSENT,
        weights=[level.weights for level in layers], biases=[level.bias for level in layers],
        activations={kind: TORCH.row(row.value, own=row.own) for kind, row in kinds.items()},
    )  # fmt: skip


def torch_optimizer(subject: Subject) -> str:
    """Return an optimizer of a rule that `why_not_gradient` has nothing against."""
    return render("torch_optimizer.py", **gradient_values(subject, TORCH))


def torch_module(subject: Subject) -> str:
    """Return a module of plastic layers, or of single synapses, that learn without torch's gradients.

    InputError where its network cannot be told.
    """
    plan = Plan(subject)
    rule = rule_function(subject, TORCH, defaults=True)
    loss = loss_function(subject, TORCH, "derivative", defaults=True) if subject.loss and plan.errs else None
    primitives = rule.primitives | (loss.primitives if loss else frozenset())
    functions = [*TORCH.definitions(primitives), rule.source, *([loss.source] if loss else [])]
    values = {
        "subject": subject, "plan": plan, "head": plan.head, "rule": rule, "loss": loss, "dialect": TORCH,
        "functions": functions,
    }  # fmt: skip
    if plan.layers is None or subject.gated:
        return _graph(plan, values)
    needed = [name for name, makes in _NEEDED.items() if makes & plan.reads or (name == "post" and plan.recurrent)]
    return render(
        "torch_module.py", **values, activation=ACTIVATIONS[plan.layers.activation], constants=_matrices(plan),
        needed=needed,
    )  # fmt: skip


def _graph(plan: Plan, values: dict[str, Any]) -> str:
    """Return the module of a network of any form."""
    graph, constants = plan.graph, plan.wiring | {"LEVEL": levels_of(plan.graph)}
    if plan.draws:
        constants["DEVIATION"] = spread(graph, plan.init, plan.scale).deviation
    kinds = {kind: ACTIVATIONS[kind] for kind in plan.kinds}
    return render(
        "torch_graph.py", **values, constants=constants, first_output=graph.nodes - graph.outputs,
        named=[name.lower() for name in constants if name not in ("LEVEL", "DEVIATION", "WEIGHTS", "GATE")],
        activations={kind: TORCH.row(row.value, own=row.own) for kind, row in kinds.items()},
        slopes={kind: TORCH.row(row.slope, d="err") for kind, row in kinds.items()},
    )  # fmt: skip


def _matrices(plan: Plan) -> dict[str, list[F32] | list[float]]:
    """Return innate weights or how first ones scatter, per-synapse coefficients, fixed feedback, by layer."""
    graph, sized = plan.graph, plan.sized and not plan.recurrent
    found: dict[str, list[F32] | list[float]] = {}
    if not plan.draws:
        found["WEIGHTS"] = matrices(graph, plan.setting.weights)
    elif not sized:
        found["DEVIATIONS"] = matrices(graph, spread(graph, plan.init, plan.scale).deviation)
    for name, values in plan.subject.plasticity.items():
        if sized and plan.subject.tied:
            found[name.upper()] = values.tolist()
        else:
            found[name.upper()] = matrices(graph, values[graph.group] if plan.subject.tied else values)
    feedback = plan.setting.phenotypes[0].feedback
    if plan.credit.back == "feedback" and not sized and feedback is not None and plan.layers is not None:
        into = zip(matrices(graph, feedback)[1:], plan.layers.hidden, strict=True)
        found["FEEDBACK"] = [matrix[:, :width] for matrix, width in into]
    return found
