"""Parts of the Python export: how a learner is born, with its network, weights, states and coefficients."""

from __future__ import annotations

from evometa.export.python_plan import FilePlan
from evometa.export.spelling import call


def class_head(plan: FilePlan) -> str:
    """Return the first lines of the class: what a learner is, and its parameters."""
    lines = ['class Learner:\n    """A newborn network that learns by the rule.\n']
    if plan.sized:
        lines.append("    inputs, outputs: how many nodes.")
        lines += ["    hidden: widths of the hidden layers."] if plan.kinds else []
    if "age" in plan.reads:
        lines.append("    updates: weight updates in its life; its age goes from 0 to 1 with them.")
    born = "drawn by `seed`" if plan.draws else "its innate ones"
    lines.append(f"    weights: f32[synapses] to be born with; if not given, {born}.")
    if plan.credit == "feedback" and plan.sized:
        lines.append("    feedback: f32[synapses], fixed weights by which errors go back; if not given, drawn.")
    return "\n".join([*lines, '    """'])


def _parameters(plan: FilePlan) -> list[str]:
    found = ["self"]
    if plan.sized and plan.layers is not None:
        hidden = [f"hidden={plan.layers.hidden!r}"] if plan.kinds else []
        found += [f"inputs={plan.layers.inputs}", *hidden, f"outputs={plan.layers.outputs}"]
    if "age" in plan.reads:
        found.append(f"updates={plan.updates}")
    found.append("weights=None")
    if plan.credit == "feedback" and plan.sized:
        found.append("feedback=None")
    return [*found, "seed=0"] if plan.draws else found


def birth(plan: FilePlan) -> str:
    """Return the method `__init__`."""
    lines = [call("def __init__", _parameters(plan), ":", "    ")]
    group = "self.group" if plan.plastic and plan.tied else "_"
    if plan.layers is not None:
        sizes = plan.layers
        known = ("inputs", "hidden" if plan.kinds else "()", "outputs")
        given = known if plan.sized else (str(sizes.inputs), repr(sizes.hidden), str(sizes.outputs))
        lines.append(f"        self.src, self.dst, {group} = layered({', '.join(given)})")
    else:
        lines.append("        self.src, self.dst = SRC, DST")
        lines += ["        self.group = GROUP"] if plan.plastic and plan.tied else []
    inputs, outputs = ("inputs", "outputs") if plan.sized else (str(plan.graph.inputs), str(plan.graph.outputs))
    lines.append(f"        self.inputs, self.outputs = {inputs}, {outputs}")
    lines += ["        self.nodes = self.dst.max() + 1", "        self.first_output = self.nodes - self.outputs"]
    lines.append("        self.sweep = sweep(self.src, self.dst, self.inputs, self.outputs)")
    lines += ["        self.kind = KIND"] if plan.mixed else []
    if plan.credit in ("feedback", "backprop"):
        lines.append("        below = (self.src > self.inputs) & (self.src < self.first_output)")
        lines.append("        below &= self.src < self.dst")
        lines.append("        nodes = range(self.nodes)")
        lines.append("        self.hidden_into = [np.flatnonzero((self.dst == j) & below) for j in nodes]")
    lines += _numbers(plan)
    return "\n".join(lines)


def _numbers(plan: FilePlan) -> list[str]:
    """The part of `__init__` that sets weights, states and coefficients."""
    lines = []
    innate = "first_weights(self.src, self.dst, self.inputs, rng)" if plan.draws else "WEIGHTS"
    if plan.draws or (plan.credit == "feedback" and plan.sized):
        lines.append("        rng = np.random.default_rng(seed)")
    lines += ["        if weights is None:", f"            weights = {innate}"]
    lines.append("        self.w = np.array(weights, F)")
    if "w0" in plan.reads:
        lines.append("        self.w0 = self.w.copy()")
    for state in ("s1", "s2"):
        if state in plan.reads or state in plan.subject.genome.rule:
            lines.append(f"        self.{state} = np.zeros(len(self.w), F)")
    if plan.plastic and plan.tied and plan.sized:
        lines.append(f"        if self.group.max() >= len({plan.plastic[0].upper()}):")
        lines.append('            raise ValueError("there must be as many layers as when the rule evolved")')
    for name in plan.plastic:
        lines.append(f"        self.{name} = {name.upper()}{'[self.group]' if plan.tied else ''}")
    if plan.credit == "feedback":
        if plan.sized:
            lines.append("        if feedback is None:")
            lines.append("            feedback = fixed_weights(self.src, self.dst, self.inputs, rng)")
        lines.append(f"        self.feedback = {'np.array(feedback, F)' if plan.sized else 'FEEDBACK'}")
    if plan.recurrent:
        lines.append("        self.act = np.zeros((1, self.nodes), F)")
    if "age" in plan.reads:
        lines.append("        self.updates, self.done = updates, 0")
    return lines
