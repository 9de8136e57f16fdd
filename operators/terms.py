"""New parts of `update` that do nothing at first: a term, a factor that goes by age, a state, each by a new number.

The number is such that the rule changes weights as before, bit for bit but for the sign of zeros (0·x + y, y·exp(0·x)
where x is finite); what it should be is found by whatever tunes numbers. So no structural step destroys what was tuned.
The number is per-synapse or a coefficient that the rule does not read yet, or, where there is none, a constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evometa.genetics.genomes import Genomes
from evometa.genetics.topologies import Topologies
from evometa.language.algebra import substitute
from evometa.language.codes import Trees
from evometa.language.liveness import felt_signals
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.language.text import parse
from evometa.language.tree import Tree, leaf
from evometa.seeding import Draws
from evometa.spec.arrays import I64

from .genomes import Flags
from .rules import within
from .states import PLACE, SOURCES, Memory, Rule
from .vocabulary import Limits, Vocabulary

CONSTANT = "constant"
NUMBER = "c0"  # what stands in the texts below for the number
TERMS = (
    *SOURCES,
    *("w0 - w", "tanh(grad)", "grad*age", "grad*abs(grad)", "w*grad", "w*abs(grad)", "relu(grad)", "aq(grad, w)"),
)
"""What may join `update` by a number."""
JOINT, AGED = "output + c0*(x)", "output*exp(c0*age)"


def numbers_of(settings: Any, vocabulary: Vocabulary) -> list[str]:
    """Return the names of numbers that a recipe lets be 0 and `update` read."""
    c, p = settings.coefficients, settings.plasticity
    found = [] if p.mode == "fixed" else list(PLASTICITY[: p.count])
    if c.mode == "evolved":
        found += [name for name, low, high in zip(COEFFICIENTS[: c.count], *c.ranges, strict=False) if low <= 0 <= high]
    return [name for name in found if name in vocabulary.signals] + [CONSTANT] * bool(vocabulary.constants)


def terms(vocabulary: Vocabulary, memories: Mapping[str, Memory]) -> list[Tree]:
    """Return what may become of `update`, with PLACE where it stands now, NUMBER for the number, and states read."""
    joint = parse(JOINT.replace("x", "w"))
    texts = [*map(parse, TERMS), *(leaf(state) for state in sorted(memories))]
    found = [substitute(joint, {"w": term}) for term in texts]
    known = Vocabulary((*vocabulary.signals, NUMBER), vocabulary.primitives, vocabulary.constants)
    return [form for form in (*found, parse(AGED)) if known.says(substitute(form, {PLACE: leaf(NUMBER)}))]


@dataclass(frozen=True, eq=False)
class Terms:
    """Lets a term join `update`; an operator of populations (see genomes.py).

    `forms`: see `terms`; `memories`: of states that may be written; `numbers`: names of those that may be 0 and read,
    CONSTANT among them where constants may be.
    """

    forms: Sequence[Tree]
    memories: Mapping[str, Memory]
    numbers: Sequence[str]
    limits: Limits

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]:
        """Return children with a new term each, where one fits."""
        children, rules, zeros = genomes.take(first), [], list[tuple[int, str]]()
        for row, parent in enumerate(first.tolist()):
            rule = genomes.part("rule", parent)
            found = self._grown(rule, rng)
            rules.append(rule if found is None else found[0])
            zeros += [] if found is None else [(row, found[1])]
        children = children.replace(rules={slot: Trees.of([one[slot] for one in rules]) for slot in genomes.rules})
        changed = np.zeros(len(first), bool)
        changed[[row for row, _ in zeros]] = True
        return zeroed(children, zeros), changed

    def _grown(self, rule: Rule, rng: Draws) -> tuple[Rule, str] | None:
        """Return a rule with a new term, and the name of its number; None where none fits."""
        felt = felt_signals(rule)
        named = [name for name in self.numbers if name != CONSTANT and name not in felt]
        free = named or [name for name in self.numbers if name == CONSTANT]
        for _ in range(self.limits.chances if free and self.forms else 0):
            form, name = rng.choice(self.forms), rng.choice(free)
            number = leaf(0.0 if name == CONSTANT else name)
            update = substitute(form, {PLACE: rule["update"], NUMBER: number})
            new = {**rule, "update": update}
            fresh = [state for state in self.memories if state in form.signals() and state not in felt]
            for state in fresh:  # the number has one place
                new[state] = rng.choice([one for one in self.memories[state].traces if name not in one.signals()])
            if all(within(new[slot], self.limits.nodes, self.limits.depth) for slot in ("update", *fresh)):
                return new, name
        return None


def zeroed(genomes: Genomes, places: Sequence[tuple[int, str]]) -> Genomes:
    """Return genomes with some of their numbers 0, by row and name, and nothing known of them."""
    arrays: dict[str, Any] = {name: getattr(genomes, name).copy() for name in ("coefficients", "plasticity")}
    known: dict[str, Any] = {}
    if genomes.moments is not None:
        known = {name: getattr(genomes.moments, name).copy() for name in arrays}
    for row, name in places:
        if name != CONSTANT and (name in COEFFICIENTS or arrays["plasticity"].size):
            part, at = ("plasticity", PLASTICITY) if name in PLASTICITY else ("coefficients", COEFFICIENTS)
            arrays[part][row, at.index(name)] = 0.0
            if known:
                known[part][row, :, at.index(name)] = 0.0
    moments = genomes.moments and replace(genomes.moments, **known)
    return genomes.replace(**arrays, moments=moments)


def silenced(genes: Topologies, children: Genomes, parents: Sequence[Genomes]) -> Topologies:
    """Return genes of children with 0 for each per-synapse number that its rule reads, and that of no parent did."""
    columns = genes.plasticity.shape[1]
    plasticity, moments = genes.plasticity.copy(), genes.moments.copy()
    for row in range(len(children)):
        known = frozenset[str]().union(*(felt_signals(some.part("rule", row)) for some in parents))
        cut = slice(genes.begins[row], genes.begins[row + 1])
        for name in (felt_signals(children.part("rule", row)) - known) & {*PLASTICITY}:
            at = PLASTICITY.index(name)
            plasticity[cut, at] = 0.0
            moments[cut, [1 + at, 2 + columns + at] if moments.shape[1] else []] = 0.0
    return replace(genes, plasticity=plasticity, moments=moments)
