"""A rule, and the slope of an evolved loss, as functions of generated code."""

from __future__ import annotations

from dataclasses import dataclass

from evometa.export.dialects import Dialect
from evometa.export.expressions import statements
from evometa.export.spelling import call, docstring, wrapped
from evometa.export.subject import Subject
from evometa.language.algebra import formula
from evometa.language.program import Program
from evometa.language.signals import SIGNALS

RESULTS = {"update": "update", "s1": "new_s1", "s2": "new_s2"}


@dataclass(frozen=True)
class Function:
    """A function of generated code: its `source`, the `primitives` that it calls, its parameters (`reads`), what it
    returns in order (`gives`), the outputs that differ between synapses (`spread`) and those that are a signal as it
    came in (`copied`)."""

    source: str
    primitives: frozenset[str]
    reads: list[str]
    gives: list[str]
    spread: frozenset[str]
    copied: frozenset[str]


def rule_function(subject: Subject, dialect: Dialect, defaults: bool) -> Function:
    """Return the rule as the function `rule`; `defaults`: coefficients default to constants (`coefficient_lines`)."""
    slots = {slot: tree for slot, tree in subject.genome.rule.items() if slot in RESULTS}
    told = [wrapped(formula({slot: slots[slot]}), rest="    ", width=92) for slot in RESULTS if slot in slots]
    doc = f"Return the change of weights: {told[0]}"
    if len(told) > 1 or len(doc) > 88 or "\n" in doc:
        states = " and the next states" if len(told) > 1 else ""
        doc = "\n".join([f"Return the change of weights{states}.", "", *told])
    return _function("rule", doc, subject, subject.program, dialect, RESULTS, defaults)


def loss_function(subject: Subject, dialect: Dialect, output: str, defaults: bool) -> Function:
    """Return the evolved loss of each output as `loss_value` ("value") or its slope, `loss_slope` ("derivative")."""
    assert subject.loss is not None
    told = wrapped(formula({"loss": subject.genome.rule["loss"]}), rest="    ", width=92)
    what = "loss" if output == "value" else "derivative, with respect to the output, of the loss"
    doc = f"Return the {what} of each output: {told}"
    if len(doc) > 88:
        doc = f"Return the {what} of each output.\n\n{told}"
    name = "value" if output == "value" else "slope"
    return _function(f"loss_{name}", doc, subject, subject.loss, dialect, {output: name}, defaults)


def _function(
    name: str, doc: str, subject: Subject, program: Program, dialect: Dialect, results: dict[str, str], defaults: bool
) -> Function:
    found = statements(program, dialect, results)
    reads = sorted((read for read in program.reads), key=lambda read: (read in subject.coefficients, _place(read)))
    parameters = [f"{read}={read.upper()}" if defaults and read in subject.coefficients else read for read in reads]
    gives = [found.results[result] for result in results if result in found.results]
    lines = [call(f"def {name}", parameters, ":"), docstring(doc, "    ")]
    lines += [*(f"    {line}" for line in found.lines), f"    return {', '.join(gives)}"]
    return Function("\n".join(lines), found.primitives, reads, gives, found.spread, found.copied)


def _place(name: str) -> int:
    """Order of parameters: output before target, all others as their registers."""
    return -1 if name == "output" else SIGNALS[name].register


def coefficient_lines(subject: Subject, dialect: Dialect) -> list[str]:
    """Return constants with the evolved coefficients: `C0 = F(0.5)`."""
    return [f"{name.upper()} = {dialect.literal(value)}" for name, value in subject.coefficients.items()]
