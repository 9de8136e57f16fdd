"""The Python export: one readable file that needs NumPy only, computes what ran bit for bit, and tests itself."""

from __future__ import annotations

from evometa.export.dialects import NUMPY
from evometa.export.lived import Record, record
from evometa.export.python_learning import FIRST_LARGEST, learner_class
from evometa.export.python_network import FMA, network_parts, slope_part
from evometa.export.python_plan import FilePlan
from evometa.export.rule_text import RESULTS, Function, coefficient_lines, loss_function, rule_function
from evometa.export.spelling import block, docstring, readers, wrapped
from evometa.export.subject import Subject
from evometa.lifetime import F32

_CHECK = '''
def expect(what, found, wanted):
    """Raise AssertionError unless all numbers are equal (NaN to NaN)."""
    found = np.broadcast_to(np.asarray(found, F), wanted.shape)
    wrong = (found != wanted) & ~(np.isnan(found) & np.isnan(wanted))
    if wrong.any():
        raise AssertionError(f"{what}: {int(wrong.sum())} of {wrong.size} numbers differ")
'''


def python_file(subject: Subject) -> str:
    """Return the file's text. InputError where the network or its output layer cannot be told."""
    plan = FilePlan(subject)
    rule = rule_function(subject, NUMPY, defaults=True)
    loss = loss_function(subject, NUMPY, "derivative", defaults=True) if subject.loss and plan.errs else None
    primitives = rule.primitives | (loss.primitives if loss else frozenset())
    functions = [FMA.strip("\n"), *NUMPY.definitions(primitives, plan.formulas), rule.source]
    functions += [loss.source] if loss else []
    functions += network_parts(plan)
    functions += [slope_part(plan)] if plan.credit in ("feedback", "backprop") else []
    if "reward" in plan.reads and plan.head == "softmax":
        functions.append(FIRST_LARGEST.strip("\n"))
    functions.append(learner_class(plan, rule, loss))
    numbers = _numbers(plan)
    check = _check(plan, rule, record(plan.setting))
    data = "\n".join([*numbers, check])
    imports = ["import base64\n"] if "packed(" in data else []
    constants = ["F = np.float32", *coefficient_lines(subject, NUMPY)]
    head = [docstring(_story(plan)), "\n".join([*imports, "import numpy as np"]), "\n".join(constants)]
    below = [*readers(data), *(["\n".join(numbers)] if numbers else []), _CHECK.strip("\n"), check]
    tail = 'if __name__ == "__main__":\n    check()'
    return "\n\n".join(head) + "\n\n\n" + "\n\n\n".join([*functions, *below, tail]) + "\n"


def _story(plan: FilePlan) -> str:
    """The words at the head of the file, with an example of its use."""
    rows = 1 if plan.single else plan.batch
    outputs, inputs = plan.graph.outputs, plan.graph.inputs
    desired = {
        "linear": f"rng.normal(size=({rows}, {outputs}))",
        "sigmoid": f"rng.integers(0, 2, size=({rows}, {outputs}))",
        "softmax": f"np.eye({outputs})[rng.integers(0, {outputs}, size={rows})]",
    }[plan.head]
    usage = f"""
Use (here on random numbers; FILE is this file without .py):

    import numpy as np
    from FILE import Learner

    rng = np.random.default_rng(0)
    learner = Learner()
    for update in range({min(plan.updates, 10)}):
        x = rng.normal(size=({rows}, {inputs}))  # inputs
        y = {desired}  # desired outputs
        learner.learn(x, y)
    print(learner.predict(x))

"""
    promise = (
        "It needs NumPy only. All numbers are float32, rounded in the order in which the run rounded them: "
        f"`python FILE.py` lives a piece of a lifetime again ({plan.setting.note}) and compares it with what the run "
        "computed, bit for bit."
    )
    story = plan.subject.story("A learner that evometa evolved, with the rule by which it learns.")
    return f"{story}\n{usage}{wrapped(promise)}"


def _numbers(plan: FilePlan) -> list[str]:
    """Constants that the learner needs: its network where it is not made of layers, innate numbers."""
    found = []
    if plan.layers is None:
        found += [block("SRC = ", plan.graph.src), block("DST = ", plan.graph.dst)]
        found += [block("GROUP = ", plan.graph.group)] if plan.plastic and plan.tied else []
        found += [block("KIND = ", plan.kind)] if plan.mixed else []
    if not plan.draws:
        found.append(block("WEIGHTS = ", plan.setting.weights))
    found += [block(f"{name.upper()} = ", values) for name, values in plan.plasticity.items()]
    feedback = plan.setting.phenotypes[0].feedback
    if plan.credit == "feedback" and not plan.sized and feedback is not None:
        found.append(block("FEEDBACK = ", feedback))
    return found


def _check(plan: FilePlan, rule: Function, life: Record) -> str:
    """The function `check`, with its data."""
    updates, answers = len(life.order), life.adapted.size
    lines = [
        "def check():",
        '    """Live a piece of a lifetime again.',
        "",
        wrapped(plan.setting.note, "    It is on ", "    ") + ".",
    ]
    what = "What the rule read at some synapses" if life.watched else "Numbers drawn at random for the rule to read"
    lines += ['    """', f"    # {what}, and what it gave."]
    own = plan.subject.coefficients
    given = [block(f"        {name}=", life.signals[name], ",") for name in rule.reads if name not in own]
    lines += [f"    {', '.join(rule.gives)} = rule(", *given, "    )"]
    for slot, name in RESULTS.items():
        if name in rule.gives:
            lines.append(_expected(slot, name, life.results[slot]))
    counted = f"{updates} update{'s' * (updates > 1)}"
    lines += ["", f"    # {counted} of a learner: its answers before and after, and some of its weights after."]
    lines += _born(plan)
    lines += [block("    x = ", life.x), block("    y = ", life.y), block("    order = ", life.order)]
    lines.append(block("    queries = ", life.queries))
    lines.append(_expected("answers at birth", "learner.predict(queries)", life.innate))
    lines += ["    for chosen in order:", "        learner.learn(x[chosen], y[chosen])"]
    lines.append(_expected("answers after learning", "learner.predict(queries)", life.adapted))
    step = max(1, len(life.weights) // 16)
    lines.append(_expected("weights after learning", f"learner.w[::{step}]", life.weights[::step]))
    rows = len(next(iter(life.results.values())))
    lines.append(f'    print("{rows} results of the rule, {counted}, {answers} answers: as in the run")')
    return "\n".join(lines)


def _expected(what: str, found: str, wanted: F32) -> str:
    """One comparison."""
    line = block(f'    expect("{what}", {found}, ', wanted, ")")
    if "\n" not in line:
        return line
    return "\n".join(
        ["    expect(", f'        "{what}",', f"        {found},", block("        ", wanted, ","), "    )"]
    )


def _born(plan: FilePlan) -> list[str]:
    """The statements that make the learner as it was born in the run."""
    given = {}
    if plan.draws:
        given["weights"] = plan.setting.weights
    feedback = plan.setting.phenotypes[0].feedback
    if plan.credit == "feedback" and plan.sized and feedback is not None:
        given["feedback"] = feedback
    lines = [block(f"    {name} = ", values) for name, values in given.items()]
    return [*lines, f"    learner = Learner({', '.join(f'{name}={name}' for name in given)})"]
