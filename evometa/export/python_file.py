"""The Python export: one readable file that needs NumPy only, computes what ran bit for bit, and tests itself."""

from __future__ import annotations

from evometa.export.dialects import NUMPY
from evometa.export.lived import record
from evometa.export.network_text import ACTIVATIONS, CREDIT_WORDS, HEADS, SLOPES
from evometa.export.plan import Plan
from evometa.export.rule_text import loss_function, rule_function
from evometa.export.subject import Subject
from evometa.export.templates import render
from evometa.lifetime import F32, I32


def python_file(subject: Subject) -> str:
    """Return the file's text. InputError where the network or its output layer cannot be told."""
    plan = Plan(subject)
    rule = rule_function(subject, NUMPY, defaults=True)
    loss = loss_function(subject, NUMPY, "derivative", defaults=True) if subject.loss and plan.errs else None
    primitives = rule.primitives | (loss.primitives if loss else frozenset())
    functions = [*NUMPY.definitions(primitives, plan.formulas), rule.source, *([loss.source] if loss else [])]
    head = HEADS["np"][plan.head]
    constants, birth = _numbers(plan)
    return render(
        "python.py", subject=subject, plan=plan, rule=rule, loss=loss, functions=functions, dialect=NUMPY, head=head,
        targets=head["targets"].format(rows=plan.rows, outputs=plan.graph.outputs), activations=ACTIVATIONS["np"],
        slopes=SLOPES["np"], credit_words=CREDIT_WORDS[plan.credit].format(nodes="nodes"), life=record(plan.setting),
        constants=constants, birth=birth,
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
    if plan.draws:
        birth["weights"] = plan.setting.weights
    else:
        constants["WEIGHTS"] = plan.setting.weights
    constants |= {name.upper(): values for name, values in subject.plasticity.items()}
    feedback = plan.setting.phenotypes[0].feedback
    if plan.credit == "feedback" and feedback is not None:
        (birth if plan.sized else constants).update({"feedback" if plan.sized else "FEEDBACK": feedback})
    return constants, birth
