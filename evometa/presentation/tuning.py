"""What gradients have tuned of a learner: which numbers, how many, in how many steps, and what that gained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.errors.text import count_of
from evometa.genetics.genomes import Genomes
from evometa.genetics.parameters import Parameters
from evometa.judging.verdict import listed
from evometa.presentation.format import number
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner

KINDS = {
    "weights": "innate weight", "plasticity": "plasticity number", "coefficients": "coefficient",
    "constants": "constant",
}  # fmt: skip


@dataclass(frozen=True)
class Tuning:
    """`numbers`: how many of each kind are tuned; `steps` of each newborn on `tasks` of each set; `made`: steps of all
    its line of descent; mean loss on fresh tasks `before` and `after` the last of these, in the generation of its
    birth."""

    numbers: Mapping[str, int]
    steps: int
    tasks: int
    made: int
    before: float
    after: float

    def plain(self) -> Json:
        """Return it in plain JSON types."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        told = listed([count_of(count, KINDS[kind]) for kind, count in self.numbers.items() if count])
        course = f"{count_of(self.steps, 'step')} a generation on {count_of(self.tasks, 'task')} each"
        gain = f"loss on fresh tasks {number(self.before)} → {number(self.after)} when it was born"
        return f"{told} tuned along their gradient, {course}, {self.made:,} in its line; {gain}"


def tuning_of(learner: Learner) -> Tuning | None:
    """Return what gradients have tuned of a learner; None where nothing is, or its genome or recipe is not known."""
    genome = learner.genome
    if genome is None or genome.moments is None:
        return None
    try:
        config = restore(learner.config, "run")
        chosen = config.gradient.chosen(config.evolved)
    except InputError:
        return None
    sizes = Parameters.of(Genomes.of([genome]), chosen, config.rule.evolving).sizes
    before, after = genome.moments.gained[0].tolist()
    made = int(genome.moments.steps[0])
    return Tuning(sizes, config.gradient.steps, config.gradient.tasks, made, before, after)
