"""The optax export of a gradient rule: a `GradientTransformation` for JAX."""

from __future__ import annotations

from typing import Any

from evometa.export.dialects import JAX
from evometa.export.few_shot import ELSE, compares
from evometa.export.gradient import gradient_values, why_not_gradient
from evometa.export.layers import levels_of
from evometa.export.plan import Plan
from evometa.export.subject import Subject
from evometa.export.templates import render
from evometa.genetics.topology import spread
from evometa.lifetime import Graph
from evometa.spec import ACTIVATIONS


def optax_file(subject: Subject) -> str:
    """Return the file's text. InputError for a rule that is no optimizer.

    A network of its own is there, too, where JAX's gradients are those of a lifetime.
    """
    subject.refuse_costs("optax")
    why = why_not_gradient(subject)
    if compares(subject):
        raise subject.refusal("optax", f"one of a learner that compares (head {subject.config.network.head})", ELSE)
    if why:
        raise subject.refusal("optax", why, "python, torch, latex, json")
    values = gradient_values(subject, JAX)
    plan: Plan | None = values["plan"]
    return render(
        "optax.py", **values, **_graph(plan if plan and subject.wired and _differentiable(plan.graph) else None)
    )


def _differentiable(graph: Graph) -> bool:
    """Whether JAX's gradients are a lifetime's: not of what looks back or is fixed."""
    return not graph.recurrent and not graph.traits.any()


def _graph(plan: Plan | None) -> dict[str, Any]:
    """Return what the template is given of a network of any form, or nothing of any."""
    if plan is None:
        return {"wiring": {}}
    wiring = plan.wiring | {"LEVEL": levels_of(plan.graph)}
    if plan.draws:
        wiring["DEVIATION"] = spread(plan.graph, plan.init, plan.scale).deviation
    else:
        wiring["INNATE"] = wiring.pop("WEIGHTS")
    if plan.kinds:
        wiring["KIND"] = plan.kind
    return {
        "wiring": wiring, "first_output": plan.graph.nodes - plan.graph.outputs,
        "activations": {kind: JAX.row(ACTIVATIONS[kind].value, own=ACTIVATIONS[kind].own) for kind in plan.kinds},
    }  # fmt: skip
