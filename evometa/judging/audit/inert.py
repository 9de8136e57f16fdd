"""Parts that do nothing: a learner without them lives the same lives, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evometa.genetics.genome import Genome
from evometa.genetics.topologies import Topology
from evometa.judging.analysis.wiring import cuts_of, part_name, without
from evometa.judging.audit.judgement import Fault
from evometa.judging.audit.leaks import exact
from evometa.judging.audit.subject import Subject
from evometa.language.liveness import living
from evometa.language.text import parse
from evometa.spec.habits import HABITS

MOST = 60  # parts that are taken out
NEEDED = ("update", "loss", "gate")  # slots without which lives would be of another kind
ZERO = parse("0")


def inert(subject: Subject) -> Iterator[Fault]:
    """Take out each slot, coefficient, and part of a network that evolved, and look whether anything changes."""
    own = list(parts(subject.genome, subject.evaluator.config.acts))[:MOST]
    if not own:
        return
    drawn = [(course, lesson.part(0, 16)) for course, lesson in subject.drawn]
    outcomes = subject.live([subject.genome, *(genome for _, genome in own)], drawn)
    for g, (name, _) in enumerate(own, 1):
        if all(np.array_equal(one.scores[:, 0], one.scores[:, g], equal_nan=True) for one in outcomes):
            yield exact(name, 0.0, 1.0, subject.tasks)


def parts(genome: Genome, acts: bool = False) -> Iterator[tuple[str, Genome]]:
    """Yield the parts of a genome by name, each with the genome without it; but for habits, as no life goes by them.

    `acts`: it is one of lives that act.
    """
    alive = living(genome.rule, acts)
    for slot, tree in genome.rule.items():
        if slot not in (*NEEDED, *HABITS) and tree != ZERO:
            yield f"slot {slot}", genome.replace(rule={**genome.rule, slot: ZERO})
    read = {node.name for tree in alive.values() for node in tree}
    for place in range(len(genome.coefficients)):
        if f"c{place}" in read:
            none = genome.coefficients.copy()
            none[place] = 0
            yield f"coefficient c{place}", genome.replace(coefficients=none)
    if isinstance(genome.topology, Topology):
        for cut in cuts_of(genome, genome.topology):
            yield f"{cut.kind} {part_name(genome.topology, cut)}", without(genome, genome.topology, cut)
