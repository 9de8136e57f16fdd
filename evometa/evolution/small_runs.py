"""Runs of recipes in small form: lives of habits one level down, and what makes those of several recipes comparable.

Such a run is what `evometa run` does with the same settings, seed and habits, but for the run file. Axis letters:
T generations of a search, L lanes, F small forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from evometa.config.load import Loaded, restore
from evometa.config.schema import Config
from evometa.config.source import Source
from evometa.evolution.courses import Course, open_courses, train_length
from evometa.evolution.evaluation import Evaluator, Ways
from evometa.evolution.loop import merit
from evometa.evolution.starts import Guesses, begun, open_guesses
from evometa.genetics.individual import Individual
from evometa.language.habits import F64, NO_HABITS, fixed_habits
from evometa.language.tree import Tree
from evometa.lifetime.searches import Form, Recipes, Search, Searches, SearchPlan
from evometa.seeding import stream
from evometa.tasks.location import Places

CAPACITY = 64  # small forms with a seed each that stay open: all habits of a batch meet the same
EXAMPLE = 4.0  # operations of a synapse where an example passes, forth and back
LEAST = 1e-9  # unit of a recipe on which nothing differs
MIDDLE = (16.0, 84.0)  # percentiles that lie a deviation from the median, of what is Gaussian


class Opened(NamedTuple):
    """A small form with a seed, and all that its run needs besides habits."""

    config: Config
    courses: list[Course]
    guesses: Guesses


@lru_cache(maxsize=CAPACITY)
def opened(text: str, seed: int) -> Opened:
    """Open a small form, its configuration in JSON, with a seed."""
    config = restore(text, "a recipe in small form").model_copy(update={"seed": seed})
    loaded, courses = Loaded(config, Source(config.name, stored=True)), open_courses(config)
    return Opened(config, courses, open_guesses(loaded, train_length(config, courses), Places(loaded.source.folder)))


def live_run(make: Callable[..., Any], form: Form, habits: Mapping[str, Tree], seed: int) -> F64:
    """Return what the best of each generation is worth, f64[T] (contract: evometa.lifetime.searches.Live).

    That is the recipe's first objective on validation tasks of the run's own, the larger the better; habits that are
    the fixed ones leave the run as it is without.
    """
    from evometa.lifetime.numba import cpu

    config, courses, guesses = opened(form.text, seed >> 1)
    fixed = fixed_habits(config.evolution.tournament)
    own = {slot: tree for slot, tree in habits.items() if tree != fixed[slot]}
    networks = [course.network for course in courses]
    evolution = begun(make, config, networks, guesses=guesses._replace(habits=own))
    evaluator, best = Evaluator(config, courses, Ways(cpu.live)), []
    while evolution.generation < config.run.generations:
        everyone = evolution.ask()
        tally = evaluator.evaluate(everyone, evolution.generation, evolution.known)
        if form.blind:
            deal(everyone, stream(config.seed, evolution.generation, "blind"))
        evolution.tell(everyone, tally.solved, tally.dropouts)
        best.append(max(evolution.population, key=merit))
    genomes = list({one.id: one.genome for one in best}.values())
    places = {id: place for place, id in enumerate({one.id: None for one in best})}
    drawn = evaluator.draw("validation", 0, config.sampling.validation_tasks)
    judged = evaluator.judge(genomes, drawn, "validation", rounded=False)
    worth = evaluator.objectives[0].weight * judged.values[:, 0]
    return np.asarray(worth[[places[one.id] for one in best]], np.float64)


def deal(everyone: Sequence[Individual], rng: np.random.Generator) -> None:
    """Deal the fitness of individuals out anew among them."""
    values = [one.fitness.values for one in everyone]
    for one, place in zip(everyone, rng.permutation(len(values)).tolist(), strict=True):
        one.fitness.values = values[place]


def operations(form: Form) -> float:
    """Return roughly how many operations judging a genome of a small form takes: those at its synapses."""
    config, courses, _ = opened(form.text, 0)
    life, total = config.lifetime, 0.0
    nodes = config.rule.max_nodes * len(config.rule.slots) / 2.0
    for course in courses:
        if course.serves("train"):
            updates = examples = course.family.support["train"]
            if course.family.kind != "acting":
                updates, examples = life.length(examples), life.length(examples) * life.examples(examples)
            each = updates * nodes + EXAMPLE * examples + 2.0 * course.family.queries.get("train", 0)
            total += config.sampling.tasks * config.sampling.repeats * course.network.synapses * each
    return total


SCALES: dict[tuple[Form, int], tuple[float, float]] = {}
"""What is known already: of small forms, and how many reference searches, see `scaled`."""


def scaled(searches: Searches, search: Search) -> Searches:
    """Return searches on recipes with what lives them, and with the scales that make these comparable (see `reach`).

    Scales come from searches by fixed habits, with seeds that depend on nothing but the recipe's name. Searches for
    hidden rules stay as they are.
    """
    ground = searches.ground
    if not isinstance(ground, Recipes) or ground.live is not None:
        return searches
    plain = replace(ground, live=live_run, operations=float(np.mean(list(map(operations, ground.forms)))))
    count, seeing = ground.references, [replace(form, blind=False) for form in ground.forms]
    unknown = [form for form in seeing if (form, count) not in SCALES]
    if unknown:
        seeds = [stream(0, 0, f"references {form.name}").integers(1 << 64, size=count, dtype=np.uint64)
                 for form in unknown]  # fmt: skip
        rules, nothing = np.repeat(np.arange(len(unknown)), count), np.empty((len(unknown) * count, 0))
        asked = Searches(replace(plain, forms=tuple(unknown)), nothing, nothing, np.concatenate(seeds), rules)
        curves = search([NO_HABITS], asked, SearchPlan(np.array([ground.generations], np.int64)))[0]
        for form, own in zip(unknown, np.split(curves, len(unknown), axis=1), strict=True):
            SCALES[form, count] = scale(own)
    scales = np.array([SCALES[form, count] for form in seeing])
    return replace(searches, ground=replace(plain, scales=scales))


def scale(curves: F64) -> tuple[float, float]:
    """Return where searches by fixed habits end, f64[T, R] of R of them, and the unit of worth (see `reach`)."""
    start, end = np.median(curves[0]), np.median(curves[-1])
    low, high = np.percentile(curves[-1], MIDDLE)
    return float(end), float(max(end - start, (high - low) / 2.0, LEAST))
