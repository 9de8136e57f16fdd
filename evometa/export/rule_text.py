"""A rule, and the slope of an evolved loss, as functions of generated code."""

from __future__ import annotations

from dataclasses import dataclass

from evometa.export.dialects import Dialect
from evometa.export.expressions import statements
from evometa.export.spelling import call, docstring, wrapped
from evometa.export.subject import Subject
from evometa.language.algebra import formula
from evometa.language.program import Program
from evometa.language.signals import READABLE
from evometa.spec.states import MEMORY

RESULTS = {"update": "update", **{state: f"new_{state}" for state in MEMORY}}


@dataclass(frozen=True)
class Function:
    """A function of generated code.

    `source`: its text; `primitives`: those that it calls; its parameters are `signals`, then `coefficients`; `results`:
    the name of what it returns for each slot, in order; `spread`: slots whose results differ between synapses;
    `copied`: those whose result is a signal as it came in.
    """

    source: str
    primitives: frozenset[str]
    signals: list[str]
    coefficients: list[str]
    results: dict[str, str]
    spread: frozenset[str]
    copied: frozenset[str]

    @property
    def reads(self) -> list[str]:
        """All parameters."""
        return [*self.signals, *self.coefficients]

    @property
    def defaults(self) -> list[str]:
        """The coefficients as parameters that default to the constants of the file."""
        return [f"{name}={name.upper()}" for name in self.coefficients]

    @property
    def gives(self) -> list[str]:
        """Names of what it returns."""
        return list(self.results.values())

    @property
    def next_states(self) -> dict[str, str]:
        """The name of the next value of each state."""
        return {state: name for state, name in self.results.items() if state in MEMORY}


def rule_function(subject: Subject, dialect: Dialect, defaults: bool) -> Function:
    """Return the rule as the function `rule`; `defaults`: coefficients default to constants of the file."""
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
    reads = sorted(program.reads, key=_place)
    coefficients = [name for name in reads if name in subject.coefficients]
    signals = [name for name in reads if name not in subject.coefficients]
    given = [f"{name}={name.upper()}" if defaults else name for name in coefficients]
    named = {slot: found.results[slot] for slot in results if slot in found.results}
    lines = [call(f"def {name}", [*signals, *given], ":"), docstring(doc, "    ")]
    lines += [*(f"    {line}" for line in found.lines), f"    return {', '.join(named.values())}"]
    return Function("\n".join(lines), found.primitives, signals, coefficients, named, found.spread, found.copied)


def _place(name: str) -> int:
    """Order of parameters: output before target, all others as their registers."""
    return -1 if name == "output" else READABLE[name].register
