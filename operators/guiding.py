"""Which habits a toolbox goes by, as a recipe says: given ones, each genome's own, or those of the present best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deap import base

from evometa.genetics.individual import Individual
from evometa.language.habits import Habits
from evometa.language.signals import HABIT_SLOTS
from evometa.spec.habits import HABITS, OWN

from . import guidance
from .guided import Guided, OwnHabits
from .rules import CHANCES
from .vocabulary import Limits, Vocabulary, words_of

PRIMITIVES = ("add", "sub", "mul", "aq", "neg", "abs", "square", "exp", "min", "max", "step", "select")
LARGEST, NODES, DEPTH = 4.0, 12, 5  # of habits that genomes have of their own


def register(toolbox: base.Toolbox, settings: Any, habits: Habits) -> None:
    """Give a toolbox `guided(individuals)`, what habits make of their breeding, and let survivors go by it, too.

    Fixed habits give it nothing: breeding and survival are as they were without.
    """
    own, rule = settings.habits, settings.rule
    most = rule.max_nodes * max(1, len(rule.slots))
    unit = max(map(abs, rule.constants), default=1.0)

    def guided(of: Habits | None) -> Guided:
        return Guided(of, settings.evolution.tournament, most, rule.max_depth, unit)

    if own.mode == "own":
        words = words_of([Vocabulary(HABIT_SLOTS[slot].signals, PRIMITIVES, (0.0, LARGEST)) for slot in OWN])
        toolbox.own_habits = OwnHabits(words, Limits(NODES, DEPTH, CHANCES), LARGEST, own.mutation)
        toolbox.guided = lambda individuals: guided(None)
        toolbox.register("breed", guidance.breed, toolbox)
        return
    if not (habits or own.reflexive):
        return
    plain = toolbox.survive

    def of(individuals: Sequence[Individual]) -> Guided:
        if not own.reflexive:
            return guided(habits)
        best = max(individuals, key=lambda one: (one.fitness.wvalues, -one.size, -one.id))
        return guided({slot: tree for slot, tree in best.genome.rule.items() if slot in HABITS})

    def survive(individuals: Sequence[Individual], k: int) -> list[Individual]:
        return of(individuals).survive(plain, individuals, k)

    toolbox.guided = of
    toolbox.register("breed", guidance.breed, toolbox)
    toolbox.register("survive", survive)
