"""The PyTorch export: an optimizer where the rule is one, else a module of plastic layers."""

from __future__ import annotations

from evometa.export.dialects import TORCH
from evometa.export.gradient import gradient_values, why_not_gradient
from evometa.export.layers import matrices
from evometa.export.plan import Plan
from evometa.export.rule_text import loss_function, rule_function
from evometa.export.subject import Subject
from evometa.export.templates import render
from evometa.genetics.topology import spread
from evometa.lifetime import F32
from evometa.spec import ACTIVATIONS

# What a layer's method `learn` must be given, in order, and the signals that are made from it.
_NEEDED = {
    "x": {"pre", "grad"}, "post": {"post"}, "target": {"target"}, "err": {"err", "grad"}, "reward": {"reward"},
    "age": {"age"},
}  # fmt: skip


def torch_file(subject: Subject) -> str:
    """Return the file's text. InputError where its network is not made of layers, or cannot be told."""
    return torch_module(subject) if why_not_gradient(subject) else torch_optimizer(subject)


def torch_optimizer(subject: Subject) -> str:
    """Return an optimizer of a rule that `why_not_gradient` has nothing against."""
    return render("torch_optimizer.py", **gradient_values(subject, TORCH))


def torch_module(subject: Subject) -> str:
    """Return a module whose plastic layers learn without torch's gradients. InputError as of `torch_file`."""
    plan = Plan(subject)
    if plan.layers is None:
        raise subject.refusal("torch", "one on a network that is not made of layers", "python, onnx, networkx, json")
    rule = rule_function(subject, TORCH, defaults=True)
    loss = loss_function(subject, TORCH, "derivative", defaults=True) if subject.loss and plan.errs else None
    primitives = rule.primitives | (loss.primitives if loss else frozenset())
    needed = [name for name, makes in _NEEDED.items() if makes & plan.reads or (name == "post" and plan.recurrent)]
    return render(
        "torch_module.py", subject=subject, plan=plan, head=plan.head, rule=rule, loss=loss, dialect=TORCH,
        functions=[*TORCH.definitions(primitives), rule.source, *([loss.source] if loss else [])],
        activation=ACTIVATIONS[plan.layers.activation], constants=_constants(plan), needed=needed,
    )  # fmt: skip


def _constants(plan: Plan) -> dict[str, list[F32] | list[float]]:
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
