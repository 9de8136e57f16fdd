"""Teachers of tic-tac-toe: `python -m benchmarks.teachers [--view canonical|board] [--births N] [--lessons N]
[--seeds N --generations N] [--quick]`.

Lessons until a blank student is unbeatable (every game searched through), median, smallest and largest over births that
nobody was tuned on, for every hand-made teacher, its students' rate tuned on other births. Then, with `--seeds`, the
champions of the recipe `teacher` on the same births. Wanted: 235 (canonical) or 663 (board), a fifth of what "errors of
own games" needed elsewhere (1 173 and 3 315); the same fifth of what that rival needs here is printed beside.
Who is never unbeatable within `--lessons` counts as that many, and is told.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import evometa
from benchmarks.claims import Table
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.teaching import TeachingLessons
from evometa.genetics.genome import Genome
from evometa.judging.teachers import drawn_for, genome_of
from evometa.language.teaching_library import TEACHERS, ClassicTeacher
from evometa.lifetime.backends import teach
from evometa.lifetime.numba import cpu

BARS = {"canonical": 235, "board": 663}
LONG = {"random_lessons", "distillation", "random_losing", "own_games"}  # who needs no look at the student
TUNING = 8  # births that rates are tuned on


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.teachers", description=__doc__)
    parser.add_argument("--view", choices=sorted(BARS), default="canonical")
    parser.add_argument("--births", type=int, default=20, help="unseen births of each row")
    parser.add_argument("--lessons", type=int, default=2000, help="lessons at most; of open-loop teachers ten times")
    parser.add_argument("--teachers", nargs="*", default=list(TEACHERS), choices=list(TEACHERS))
    parser.add_argument("--seeds", type=int, default=0, help="runs of the recipe, seeds 5, 6, …")
    parser.add_argument("--generations", type=int, default=0, help="of each run; 0: those of the recipe")
    parser.add_argument("--quick", action="store_true", help="a smoke test")
    given = parser.parse_args()
    if given.quick:
        given.births, given.lessons = 3, 5
    print(f"view {given.view}; {given.births} unseen births; bar {BARS[given.view]}")
    table = Table(teacher=-22, rate=6, lessons=10, smallest=10, largest=10, unbeatable=12, positions=10)
    own: dict[str, float] = {}
    for name in given.teachers:
        most = given.lessons * (10 if name in LONG else 1)
        own[name] = measured(table, TEACHERS[name], given.view, given.births, most)
    if "own_errors" in own:
        print(f"a fifth of what errors of own games need here: {own['own_errors'] / 5:.0f}")
    found = [champion(given, seed) for seed in range(5, 5 + given.seeds)]
    for seed, (formula, lessons, share) in enumerate(found, start=5):
        print(f"seed {seed}: {lessons:.0f} lessons, unbeatable {share:.0%}  {formula}")
    if found:
        met = sum(lessons <= BARS[given.view] for _, lessons, _ in found)
        print(f"at most {BARS[given.view]} lessons: {met} of {len(found)} seeds")


def students(view: str, lessons: int, split: Any, births: int) -> tuple[Evaluator, Any]:
    """Return an evaluator and so many students of a split."""
    texts = [f'tasks.view="{view}"', f"tasks.lessons={lessons}", "tasks.other_tests={}"]
    config = load("teacher", texts).config
    evaluator = Evaluator(config, open_courses(config), cpu.live)
    return evaluator, evaluator.draw(split, 0, births, purpose="benchmark ")


def lived(genomes: list[Genome], drawn: Any) -> tuple[Any, Any]:
    """Return lessons and blunders left at the end, f32[G, L] each."""
    ((course, lesson),) = drawn
    assert isinstance(lesson, TeachingLessons)
    found = teach(lesson.classes(genomes, course.world), lesson.tasks, lesson.plan)
    return found.result("lessons")[:, -1], found.result("blunders")[:, -1]


def measured(table: Table, teacher: ClassicTeacher, view: str, births: int, most: int) -> float:
    """Tune a hand-made teacher's rate on train births, print its row on unseen ones, and return its median."""
    _, tuning = students(view, most, "train", min(TUNING, births))
    genomes = [genome_of(teacher, {"c0": rate}) for rate in teacher.rates]
    lessons, blunders = lived(genomes, drawn_for(teacher, tuning))
    rank = np.median(lessons, axis=1) + 1e-3 * blunders.mean(axis=1)
    best = int(np.argmin(rank))
    _, drawn = students(view, most, "test", births)
    ((course, lesson),) = drawn_for(teacher, drawn)
    counts, left = lived([genomes[best]], [(course, lesson)])
    one = lesson.part(0, 1)
    assert isinstance(one, TeachingLessons)
    told = teach(one.classes([genomes[best]], course.world), one.tasks, one.plan).lessons
    seen = len(set(told[0].tolist()) - {-1}) if told is not None else 0
    row = counts[0]
    table.row(teacher.name, f"{teacher.rates[best]:g}", f"{np.median(row):.0f}", f"{row.min():.0f}",
              f"{row.max():.0f}", f"{(left[0] == 0).mean():.0%}", f"{seen}")  # fmt: skip
    return float(np.median(row))


def champion(given: argparse.Namespace, seed: int) -> tuple[str, float, float]:
    """Run the recipe once; return the champion's formula, and its median lessons and share unbeatable."""
    texts = [f'tasks.view="{given.view}"', f"sampling.test_tasks={given.births}", f"seed={seed}"]
    texts += [f"run.generations={given.generations}"] if given.generations else []
    texts += ["run.generations=1", "evolution.population=3", "tasks.lessons=5"] if given.quick else []
    with tempfile.TemporaryDirectory() as folder:
        run = evometa.run("teacher", settings=[*texts, "champion.baselines=[]"], out=Path(folder) / "run")
        assert run.champion is not None
        report, formula = run.champion.report, run.champion.formula
    assert report is not None
    lessons, share = report.test.mean, report.also["unbeatable"].mean
    return formula, float(lessons or np.nan), float(share or 0.0)


if __name__ == "__main__":
    main()
