"""A genome of two parts, compiled: a teacher, which scores candidate lessons, and the student's rule.

The teacher has a slot `lesson`, the priority of a candidate, and may have `insist`, by how much the student's step is
multiplied. What is taught is the candidate with the highest priority. The student reads states as they have become, and
its step is m times what `update` gives: m is 0 where nothing is left to be taught, and then no weight changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from evometa.language.numbering import LOSS_RATES, Numbering
from evometa.language.program import Program, assemble
from evometa.language.signals import ACTING, COEFFICIENTS, INPUTS, PLASTICITY
from evometa.language.tree import Tree
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY, RULE, STORES, TEACHER_RULE

OF_STUDENTS = (
    "act", "pre", "post", "err", "grad", "w", "w0", *STORES, "age", *COEFFICIENTS, *PLASTICITY,
)  # what a student's rule may read  # fmt: skip
_ZERO = 0  # the bits of 0
_SELECT, _MUL = PRIMITIVES["select"].opcode, PRIMITIVES["mul"].opcode


def compile_student(rule: Mapping[str, Tree]) -> Program:
    """Compile the student's part of a genome: what its synapses do in a lesson."""
    values, m = Numbering(), ACTING["m"].register
    memory = {name: values.number(rule[name]) for name in MEMORY if name in rule}
    for name, value in memory.items():
        values.leaf[INPUTS[name].register] = value
    update = None
    if "update" in rule:
        step = values.binary(_MUL, m, values.number(rule["update"]))
        update = values.ternary(_SELECT, m, step, values.constant(_ZERO))
    return assemble(values, (update, *map(memory.get, MEMORY)), RULE)


def compile_teacher(rule: Mapping[str, Tree]) -> Program | None:
    """Compile the teacher's part, which runs for each candidate; None where a genome has none."""
    if "lesson" not in rule:
        return None
    values = Numbering(LOSS_RATES)
    return assemble(
        values, tuple(values.number(rule[slot]) if slot in rule else None for slot in TEACHER_RULE), TEACHER_RULE
    )
