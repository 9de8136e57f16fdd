"""Does learning guide evolution?: `python -m benchmarks.baldwin [--seeds N] [--lives N] [--quick]`.

Recipe `baldwin` with each kind of inheritance, with and without the gradient, on the same number of lives: those of
judging, of tuning (a life counts once, whether it goes down its gradient or not; that takes about three times as long,
so processor seconds stand beside it) and of the choice of the champion. At some shares of these lives the best of the
generation meets fresh tasks, the same for all: mean squared error before learning (innate), after one update and after
all (adapted), 20 at most in a life, and the share of synapses whose weight a life changes, mean ± half the 95 %
interval over seeds.

`--keep FOLDER` keeps every run there, known by its configuration and its lives: what is there is not evolved again, so
the benchmark goes on after an interruption, and several processes may share the work. `--figure FILE` (.svg, .png, or
.html) draws the curves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from types import MappingProxyType

import numpy as np

from benchmarks.claims import Table, claim, likely, options, warm
from benchmarks.networks import F64, open_evaluator
from benchmarks.searches import SPENT, Terms, search, search_all, seconds_of
from evometa.evolution.descent import plasticity
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.intervals import mean_interval
from evometa.presentation.run import Run
from evometa.report.figures.assimilation import Course, assimilation
from evometa.report.pictures import write_pictures

SEED = 987_654  # no run's
KINDS = ("baldwin", "lamarck", "darwin")
MANNERS: Mapping[str, Sequence[str]] = MappingProxyType({"no gradient": (), "gradient": ("gradient.steps=8",)})
SHARES = (0.0, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)  # of the lives, at which one looks
TASKS = 500  # fresh ones
WORST = 20.0  # a larger error counts as this: with darwin nothing selects rates, and learners may diverge
COMMON = ("run.generations=1000000", "run.keep_genomes=survivors")
QUICK = ("evolution.population=4", "evolution.offspring=8", "sampling.validation_tasks=8", "sampling.test_tasks=8")


@dataclass(frozen=True)
class Arm:
    """What the best came to, f64[seeds, looks] each: `spent` lives, `generation`, errors, share of `plastic` synapses.

    `innate`, `once`, `adapted`: before learning, after one update, after all; `seconds f64[seeds]`: of a processor.
    """

    spent: F64
    generation: F64
    innate: F64
    once: F64
    adapted: F64
    plastic: F64
    seconds: F64


def best_at(run: Run) -> tuple[list[Genome], F64, F64]:
    """Return the best of the generations at SHARES of a run's lives, the lives spent by then, and which these are."""
    rows = run.history
    spent = np.cumsum([sum(getattr(row, name) for name in SPENT) for row in rows]).astype(np.float64)
    places = np.minimum(np.searchsorted(spent, spent[-1] * np.array(SHARES)), len(rows) - 1)
    ids = [rows[place].best_id for place in places]
    genomes = {id: run.individual(id).kept_genome() for id in dict.fromkeys(ids) if id is not None}
    return [genomes[id] for id in ids if id is not None], spent[places], places + 1.0


def judged(evaluator: Evaluator, genomes: Sequence[Genome]) -> tuple[F64, F64, F64, F64]:
    """Return error before learning, after one update, after all, and the share of synapses that learn, f64[G] each."""
    [(course, lesson)] = evaluator.draw("test", 0, TASKS, fresh=True, purpose="benchmark ")
    phenotypes = express(genomes, course.world)
    plan = replace(lesson.plan, keep_weights=True)
    outcomes = evaluator.backend(phenotypes, lesson.tasks, lesson.births(phenotypes), plan)
    first, once, last = (np.minimum(performance(outcomes, "loss", place), WORST).mean(axis=1) for place in (0, 1, -1))
    return first, once, last, plasticity(phenotypes, lesson, outcomes)


def arm(terms: Terms, settings: Sequence[str], evaluator: Evaluator) -> Arm:
    """Return what came of one way to evolve."""
    rows, seconds = [], []
    for seed in range(terms.seeds):
        run = search(terms, settings, seed)
        assert run is not None
        genomes, spent, generation = best_at(run)
        rows.append([spent, generation, *judged(evaluator, genomes)])
        seconds.append(seconds_of(terms, settings, seed))
    spent, generation, innate, once, adapted, plastic = np.array(rows).transpose(1, 0, 2)
    return Arm(spent, generation, innate, once, adapted, plastic, np.array(seconds))


def show(arms: Mapping[tuple[str, str], Arm]) -> None:
    """Print a table for each way to evolve."""
    for (kind, manner), one in arms.items():
        seconds = likely(one.seconds)
        print(f"\n{kind}, {manner}: {seconds} processor seconds a run")
        table = Table(lives=9, generation=10, innate=19, after_1=19, adapted=19, plastic=17)
        for look in range(len(SHARES)):
            found = (likely(each[:, look]) for each in (one.innate, one.once, one.adapted, one.plastic))
            table.row(f"{one.spent[:, look].mean():,.0f}", round(one.generation[:, look].mean()), *found)


def verdicts(arms: Mapping[tuple[str, str], Arm]) -> None:
    """Print what holds at the end, paired over seeds: who adapts better, and what learning adds."""
    last = {key: one.adapted[:, -1] for key, one in arms.items()}
    for manner in MANNERS:
        for kind, other in (("baldwin", "lamarck"), ("baldwin", "darwin"), ("lamarck", "darwin")):
            below(f"{manner}: {kind} below {other}, adapted", last[other, manner] - last[kind, manner])
    for kind in KINDS:
        below(f"{kind}: with gradient below without, adapted", last[kind, "no gradient"] - last[kind, "gradient"])
    for manner in MANNERS:
        gained = arms["baldwin", manner].innate[:, 0] - arms["baldwin", manner].innate[:, -1]
        below(f"{manner}: Baldwin's innate error falls, though selection sees none of it", gained)


def below(text: str, gains: F64) -> None:
    """Print the verdict on a claim that gains, one for each seed, are above 0."""
    mean, half = mean_interval(gains)
    claim(f"{text}: by {likely(gains)}, in {(gains > 0).sum()} of {len(gains)} seeds", half is not None and mean > half)


def courses(arms: Mapping[tuple[str, str], Arm]) -> list[Course]:
    """Return the arms as a figure has them."""
    return [
        Course(kind, manner, one.spent.mean(axis=0).tolist(), *map(points, (one.innate, one.adapted, one.plastic)))
        for (kind, manner), one in arms.items()
    ]


def points(values: F64) -> list[tuple[float, float]]:
    """Return mean and half the interval at each look."""
    found = [mean_interval(each) for each in values.T]
    return [(mean, half or 0.0) for mean, half in found]


def draw(arms: Mapping[tuple[str, str], Arm], file: Path) -> None:
    """Write the figure."""
    figure = assimilation(courses(arms))
    if file.suffix == ".html":
        figure.write_html(file)
    else:
        write_pictures({file.stem: figure}, file.parent, file.suffix[1:])


def main() -> None:
    """Evolve in all ways, and print tables and verdicts."""
    chosen = options(__doc__, seeds=10, lives=60_000, keep="", figure="")
    warm()
    seeds, lives = (2, 8_000) if chosen.quick else (chosen.seeds, chosen.lives)
    evaluator = open_evaluator("baldwin", COMMON, SEED)
    with tempfile.TemporaryDirectory() as folder:
        settings = (*COMMON, *(QUICK if chosen.quick else ()))
        terms = Terms("baldwin", settings, seeds, lives, Path(chosen.keep or folder).absolute())
        terms.folder.mkdir(parents=True, exist_ok=True)
        rows = {
            (kind, manner): [f"evolution.inheritance={kind}", *more]
            for kind, (manner, more) in product(KINDS, MANNERS.items())
        }
        search_all(terms, {", ".join(key): row for key, row in rows.items()})
        arms = {key: arm(terms, row, evaluator) for key, row in rows.items()}
    show(arms)
    print()
    verdicts(arms)
    if chosen.figure:
        draw(arms, Path(chosen.figure))


if __name__ == "__main__":
    main()
