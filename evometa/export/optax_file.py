"""The optax export of a gradient rule: a `GradientTransformation` for JAX."""

from __future__ import annotations

from evometa.export.dialects import JAX
from evometa.export.gradient import GradientPlan, conditions, updates_in_words, why_not_gradient
from evometa.export.optax_text import evolved_loss, layers_text, readers, usage
from evometa.export.rule_text import RESULTS, Function, coefficient_lines, loss_function, rule_function
from evometa.export.spelling import call, docstring, number
from evometa.export.subject import Subject

_WARN = '''
def warn(past, updates):
    """Say that there are more updates than the rule was told of; under vmap it is asked of each."""
    if past.any():
        warnings.warn(f"more updates than {updates}: the rule's age stays at 1", stacklevel=2)
'''


def optax_file(subject: Subject) -> str:
    """Return the file's text. InputError for a rule that is no optimizer."""
    why = why_not_gradient(subject)
    if why:
        raise subject.refusal("optax", why, "python, torch, latex, json")
    plan = GradientPlan(subject)
    rule = rule_function(subject, JAX, defaults=False)
    warn = [_WARN.strip("\n")] if "age" in plan.reads else []
    functions, primitives = [rule.source, _state(plan), *warn, _transformation(plan, rule)], rule.primitives
    if subject.loss:
        value, slope = (loss_function(subject, JAX, part, defaults=False) for part in ("value", "derivative"))
        functions += evolved_loss(plan, value, slope)
        primitives |= value.primitives | slope.primitives
    network, data = layers_text(plan)
    functions = [*JAX.definitions(primitives), *functions, *network]
    functions += [*readers("\n".join(data)), "\n".join(data)] if data else []
    body = "\n\n\n".join(functions)
    story = subject.story("A learning rule that evometa evolved, as a gradient transformation for optax.")
    standard = ["import base64"] if "base64." in body else []
    standard += ["import warnings"] if warn else []
    standard.append("from typing import Any, NamedTuple" if _held(plan) else "from typing import NamedTuple")
    head = [docstring(f"{story}\n\n{conditions(plan)}\n\n{usage(plan)}"), "\n".join(standard)]
    head.append("import jax\nimport jax.numpy as jnp\nimport optax")
    constants = coefficient_lines(subject, JAX)
    head += ["\n".join(constants)] if constants else []
    return "\n\n".join(head) + f"\n\n\n{body}\n"


def _held(plan: GradientPlan) -> list[str]:
    """Names of the trees that the state holds."""
    return [*plan.states, *(["w0"] if "w0" in plan.reads else [])]


def _state(plan: GradientPlan) -> str:
    """The class of the state."""
    words = {"s1": "first states", "s2": "second states", "w0": "the parameters as they were at first"}
    told = "".join(f"; {name}: {words[name]}" for name in _held(plan))
    lines = [
        "class EvolvedRuleState(NamedTuple):",
        f'    """count: updates so far{told}."""',
        "",
        "    count: jax.Array",
    ]
    return "\n".join([*lines, *(f"    {name}: Any" for name in _held(plan))])


def _parameters(plan: GradientPlan, rule: Function) -> list[str]:
    found = [f"{name}={name.upper()}" for name in rule.reads if name in plan.subject.coefficients]
    known = plan.layers is not None
    updates = "updates" if "age" in plan.reads else "updates=None"
    needed = [] if known else list(plan.plastic)
    found += [f"{name}=None" for name in plan.plastic if known]
    return ["*", *needed, updates, *found, f"bound={number(plan.subject.bound)}"]


def _transformation(plan: GradientPlan, rule: Function) -> str:
    """The function `evolved_rule`."""
    lines = [call("def evolved_rule", _parameters(plan, rule), ":")]
    lines += ['    """Return the rule as a gradient transformation; its updates are added to the parameters.', ""]
    if own := [name for name in rule.reads if name in plan.subject.coefficients]:
        lines.append(f"    {', '.join(own)}: coefficients of the rule, by default as they evolved.")
    lines.append(f"    updates: {updates_in_words(plan)}")
    if plan.plastic:
        names = ", ".join(plan.plastic)
        lines.append(f"    {names}: per-synapse coefficients, each a number or a tree like the parameters'")
        if plan.layers is not None:
            lines.append("        (if not given, those that evolved, for parameters of `network`).")
    lines.append("    bound: parameters are kept within plus and minus this, those outside go no further; or None.")
    lines.append('    """')
    if "age" in plan.reads:
        lines.append("    if not updates >= 1:")
        lines.append('        raise ValueError(f"updates of at least 1 expected, not {updates}")')
    if plan.layers is not None:
        lines += [f"    {name} = {name.upper()} if {name} is None else {name}" for name in plan.plastic]
    zeros = {"w0": "jax.tree.map(jnp.array, params)"}
    held = ["count=jnp.zeros([], jnp.int32)"]
    held += [f"{name}={zeros.get(name, 'jax.tree.map(jnp.zeros_like, params)')}" for name in _held(plan)]
    lines += ["", "    def init(params):", call("return EvolvedRuleState", held, "", "        ")]
    lines += ["", *_update(plan, rule), "", "    return optax.GradientTransformation(init, update)"]
    return "\n".join(lines)


def _update(plan: GradientPlan, rule: Function) -> list[str]:
    """The inner function `update`."""
    lines = ["    def update(grads, state, params=None):", "        if params is None:"]
    lines.append('            raise ValueError("this rule needs the parameters: update(grads, state, params)")')
    if "age" in plan.reads:
        lines += ["        span = max(updates - 1, 1)", "        age = jnp.minimum(state.count, span) / span"]
        lines.append("        past = state.count == updates")
        lines.append("        jax.lax.cond(past, lambda: jax.debug.callback(warn, past, updates), lambda: None)")
    trees = {"grad": "grads", "s1": "state.s1", "s2": "state.s2", "w0": "state.w0"}
    trees |= {name: f"like({name}, params)" for name in plan.plastic}
    used = [name for name in trees if name in rule.reads]
    lines += ["", f"        def change({', '.join(['w', *used])}):"]
    own = {
        n: f"jnp.asarray({n}, w.dtype)" for n in rule.reads if n in (*plan.subject.coefficients, *plan.plastic, "age")
    }
    arguments = [f"{name}={own.get(name, name)}" for name in rule.reads]
    lines.append(call(f"{', '.join(rule.gives)} = rule", arguments, "", "            "))
    lines.append("            update = jnp.zeros_like(w) + update")
    gives = [name for name in RESULTS.values() if name in rule.gives]
    for name in gives[1:]:
        lines.append(f"            {name} = jnp.zeros_like(w) + {name}")
    lines += ["            if bound is not None:", "                new = w + update"]
    lines.append("                low, high = jnp.minimum(w, -bound), jnp.maximum(w, bound)")
    lines.append("                update = jnp.where(new > high, high - w, update)")
    lines.append("                update = jnp.where(new < low, low - w, update)")
    together = f"({gives[0]},)" if len(gives) == 1 else ", ".join(gives)
    lines += [f"            return {together}", ""]
    lines += ["        weights, tree = jax.tree.flatten(params)"]
    lines.append(call("rows = zip", ["weights", *(f"tree.flatten_up_to({trees[n]})" for n in used)], "", "        "))
    lines.append("        columns = zip(*[change(*row) for row in rows])")
    lines.append(f"        {together} = (tree.unflatten(column) for column in columns)")
    kept = ["count=state.count + 1", *(f"{s}={RESULTS[s]}" for s in plan.states if RESULTS[s] in gives)]
    return [*lines, call("return update, state._replace", kept, "", "        ")]
