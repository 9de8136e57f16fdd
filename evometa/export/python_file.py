"""The Python export: one readable file that needs NumPy only, computes what ran bit for bit, and tests itself."""

from __future__ import annotations

from evometa.export.dialects import NUMPY
from evometa.export.few_shot import FewShot, compares
from evometa.export.plan import Plan
from evometa.export.record import record
from evometa.export.rule_text import loss_function, rule_function
from evometa.export.subject import Subject
from evometa.export.templates import render
from evometa.language.formulas import HELPERS
from evometa.lifetime import F32, I32
from evometa.lifetime.memory import LEAST
from evometa.spec import ACTIVATIONS
from evometa.spec.comparisons import ABSENT, EPSILON


def python_file(subject: Subject) -> str:
    """Return the file's text. InputError where the network or its output layer cannot be told.

    Of a learner that compares, and learns nothing else: its embedding and how it compares, up to rounding.
    """
    if compares(subject):
        return _few_shot(subject)
    plan = Plan(subject)
    rule = rule_function(subject, NUMPY, defaults=True)
    loss = loss_function(subject, NUMPY, "derivative", defaults=True) if subject.loss and plan.errs else None
    primitives = rule.primitives | (loss.primitives if loss else frozenset())
    functions = [*NUMPY.definitions(primitives, plan.formulas), rule.source, *([loss.source] if loss else [])]
    constants, birth = _numbers(plan)
    return render(
        "python.py", subject=subject, plan=plan, head=plan.head, rule=rule, loss=loss, functions=functions,
        dialect=NUMPY, life=record(plan.setting), constants=constants, birth=birth, least=LEAST,
        activations={kind: NUMPY.row(ACTIVATIONS[kind].value) for kind in plan.kinds},
        slopes={kind: NUMPY.row(ACTIVATIONS[kind].slope, d="err") for kind in plan.kinds},
    )  # fmt: skip


def _few_shot(subject: Subject) -> str:
    """Return the file of a learner that compares."""
    few = FewShot(subject, "python")
    plan, wired = few.plan, few.plan.layers is None
    levels, outputs = few.levels if wired else (few.layers, None)
    texts = {kind: ACTIVATIONS[kind].value for kind in sorted({level.kind for level in levels})}
    formulas = [name for name in HELPERS if any(f"{name}(" in text for text in texts.values())]
    return render(
        "python_few_shot.py", subject=subject, plan=plan, few=few, wired=wired, levels=levels, outputs=outputs,
        functions=NUMPY.definitions((), formulas), activations={kind: NUMPY.row(row) for kind, row in texts.items()},
        dialect=NUMPY, epsilon=EPSILON, absent=ABSENT,
    )  # fmt: skip


def _numbers(plan: Plan) -> tuple[dict[str, F32 | I32], dict[str, F32 | I32]]:
    """Return the constants that the learner needs, and what it is given in the check to be born as in the run."""
    graph, subject = plan.graph, plan.subject
    constants: dict[str, F32 | I32] = {}
    birth: dict[str, F32 | I32] = {}
    if plan.layers is None:
        constants |= {"SRC": graph.src, "DST": graph.dst}
        constants |= {"GROUP": graph.group} if subject.plastic and subject.tied else {}
        constants |= {"KIND": plan.kind} if plan.mixed else {}
        constants |= {"GRU": plan.grus} if graph.grus else {}
        constants |= {"LEARNS": plan.learns} if plan.fixed else {}
    if plan.draws:
        birth["weights"] = plan.setting.weights
    else:
        constants["WEIGHTS"] = plan.setting.weights
    constants |= {} if plan.gate is None else {"GATE": plan.gate}
    constants |= {name.upper(): values for name, values in subject.plasticity.items()}
    feedback = plan.setting.phenotypes[0].feedback
    if plan.credit.back == "feedback" and feedback is not None:
        (birth if plan.sized else constants).update({"feedback" if plan.sized else "FEEDBACK": feedback})
    return constants, birth
