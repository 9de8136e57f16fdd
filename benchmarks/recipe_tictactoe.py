"""Recipe `tictactoe`: `python -m benchmarks.recipe_tictactoe [--seeds N] [--births N] [--runs FOLDER] [--view VIEW]`.

Games with oneself until nobody can beat a learner: every game against its greedy moves, as X and as O, is searched
through each 750 ticks, and the first of five times running without a move that gives a game away counts. Median, least
and most of so many births that evolution never met, for the champions of search seeds 5, 6, …, for what evolution
begins with (`--seeds 0`: for that alone), and for afterstate TD (the classic rule `self_play`), its rate and its share
of random moves tuned on other births by that very number. Wanted: below 1 900, what tabular afterstate TD with
symmetric positions made one needed elsewhere. Who is not there after 20 checks, some 1 950 games, counts as never.

`--view boards`: the same learners, evolved and tuned where pictures of a board are one, on boards as they are, 4 519 of
them, which none of them has met. Wanted: below 9 200; never is after 100 checks, some 10 500 games.

`--quick` is a smoke test.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims import Table, claim, lived, options, warm
from evometa.config.load import load
from evometa.config.schema import Config
from evometa.evolution.acting import ActingLessons
from evometa.evolution.courses import Course, open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.agents import drawn_for, genome_of
from evometa.language.acting_library import AGENTS
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.lifetime import F32
from evometa.lifetime.acting import ActingPlan, Actors, Lives
from evometa.lifetime.numba import cpu as supervised
from evometa.lifetime.numba.acting import cpu, kernel, layout
from evometa.lifetime.numba.arena import A_W, region
from evometa.lifetime.numba.vector import address, addresses
from evometa.lifetime.packing import TILE, pack
from evometa.spec.acting import MEASURES
from evometa.system.jit import njit
from evometa.tasks.worlds.tictactoe import OWN, Board, code, value, winner
from evometa.tasks.worlds.tictactoe_classes import CLASSES, numbered

FIRST, EVERY, RUNNING, TUNING, WIDTH = 5, 750, 5, 8, 16
BARS, CHECKS = {"classes": 1900, "boards": 9200}, {"classes": 20, "boards": 100}  # by view
RATES, RANDOM = (0.3, 0.6), (0.1, 0.3, 0.5, 0.7)
QUICK = ("run.generations=1", "evolution.population=4", "sampling.tasks=2", "sampling.validation_tasks=2",
         "sampling.test_tasks=2", "tasks.numbers.ticks=100", "tasks.other_tests={}")  # fmt: skip
EMPTY: Board = (0,) * 9


@cache
def moves(board: Board, alike: bool) -> list[tuple[int, bool, bool, Board, bool]]:
    """Return each move: the class behind it (−1: none), won, full, the board as the other sees it, and a blunder.

    `alike`: pictures of a board are one class.
    """
    found = []
    for square in (k for k in range(9) if board[k] == 0):
        moved = tuple(OWN if k == square else own for k, own in enumerate(board))
        ahead = tuple(-own for own in moved)
        loses = value(board) >= 0 and value(ahead) > 0
        found.append((int(numbered(alike=alike)[code(moved)]), winner(moved) == 1, 0 not in moved, ahead, loses))
    return found


def blunders(table: F32) -> int:
    """Return in how many positions that games come to a greedy player's move turns what was not lost into a loss."""
    count, won_at = 0, len(table) - 2  # behind all classes, before the constant
    for role in (0, 1):
        met, queue = {EMPTY}, list[Board]([EMPTY])
        while queue:
            board = queue.pop()
            choices = moves(board, won_at == CLASSES)
            if sum(own != 0 for own in board) % 2 == role:
                worth = [table[kind] if kind >= 0 else won * table[won_at] for kind, won, *_ in choices]
                choices = [choices[int(np.argmax(worth))]]
                if choices[0][-1]:
                    count += 1
                    continue
            for _, won, full, ahead, _ in choices:
                if not (won or full or ahead in met):
                    met.add(ahead)
                    queue.append(ahead)
    return count


@njit(error_model="numpy", nogil=True)
def go_on(first: int, last: int, piece: int, packed: Any, stage: Any, width: int, arena: Any, scratch: Any) -> None:
    """Live ticks [first, last) of one genome's lives; each begins with what the world makes of the action before."""
    b, s, m, q = addresses(packed), addresses(stage), address(packed.genomes), address(scratch[kernel.Q])
    for tick in range(first, last):
        if tick > 0:
            kernel.after(s, q, arena, scratch, piece, tick - 1, width)
        kernel.think(b, s, m, arena, scratch, piece, tick, width)
        kernel.adapt(b, s, m, 0, arena, scratch, tick, width)


def checked(actors: Actors, lives: Lives, plan: ActingPlan, piece: int) -> Iterator[tuple[F32, F32]]:
    """Give weights f32[E, 16] and games f32[16] of a piece of lanes, each time that EVERY more ticks are over."""
    packed = pack(actors.phenotypes, actors.births, WIDTH, TILE // WIDTH)
    stage = cpu.staged(actors, lives, plan, WIDTH)
    scratch = kernel.new_scratch(packed.genomes, stage)
    arena = supervised.aligned(int(kernel.longest(packed, stage, scratch, WIDTH)))
    kernel.begin(0, piece, packed, stage, WIDTH, arena, scratch)
    done = 0
    for ticks in range(EVERY, lives.ticks + 1, EVERY):
        go_on(done, ticks + 1, piece, packed, stage, WIDTH, arena, scratch)
        done = ticks + 1
        games = scratch[kernel.Q, layout.Q_SUMS] + MEASURES.code("trials") * WIDTH
        yield region((arena, scratch), A_W, WIDTH), arena[games : games + WIDTH].copy()


def games_until(genome: Genome, course: Course, lesson: ActingLessons) -> F32:
    """Return games until unbeatable in each life, f32[L]; infinite where that is never."""
    assert isinstance(lesson.tasks, Lives)
    actors, lanes = lesson.actors([genome], course.world), lesson.tasks.lanes
    since = np.full(lanes, np.inf)
    for piece in range(-(-lanes // WIDTH)):
        own = since[piece * WIDTH : (piece + 1) * WIDTH]
        clean, began = np.zeros(len(own), int), np.zeros(len(own))
        for weights, games in checked(actors, lesson.tasks, lesson.plan, piece):
            for lane in np.flatnonzero(np.isinf(own)):
                clean[lane] = clean[lane] + 1 if blunders(weights[:, lane]) == 0 else 0
                began[lane] = games[lane] if clean[lane] == 1 else began[lane]
                own[lane] = began[lane] if clean[lane] == RUNNING else np.inf
            if np.isfinite(own).all():
                break
    return since.astype(np.float32)


def rival(evaluator: Evaluator, split: Any, births: int, rate: float, share: float) -> tuple[Genome, Any]:
    """Return afterstate TD with a rate and a share of random moves, and how it lives."""
    agent = AGENTS["self_play"]
    own = type(agent)(**{**vars(agent), "epsilon": share})
    return genome_of(own, {"c0": rate}), drawn_for(own, evaluator, split, births, "games ")[0]


def drawing(view: str, checks: int) -> tuple[Config, Evaluator]:
    """Return the recipe with a view of boards and lives of so many checks, and what draws them."""
    settings = [f"tasks.world=tictactoe_{view}", f"tasks.numbers.ticks={EVERY * checks}", "tasks.other_tests={}"]
    config = load("tictactoe", settings).config
    return config, Evaluator(config, open_courses(config), supervised.live)


def main() -> None:
    """Tune the rival, search with every seed, then tell."""
    chosen = options(__doc__, seeds=3, births=20, runs="", view="classes")
    warm()
    births, tuning, bar = 2 if chosen.quick else chosen.births, 2 if chosen.quick else TUNING, BARS[chosen.view]
    tuned_on = drawing("classes", 2 if chosen.quick else CHECKS["classes"])[1]
    config, evaluator = drawing(chosen.view, 2 if chosen.quick else CHECKS[chosen.view])
    table = Table(learner=-40, games=9, least=9, most=9, unbeatable=12)

    def row(name: str, games: F32) -> float:
        told = [
            f"{each:.0f}" if np.isfinite(each) else "never" for each in (np.median(games), games.min(), games.max())
        ]
        table.row(name, *told, f"{np.isfinite(games).sum()}/{len(games)}")
        return float(np.median(games))

    dials = list(product(RATES, RANDOM))[: 1 if chosen.quick else None]
    scores = []
    for rate, share in dials:
        genome, (course, lesson) = rival(tuned_on, "train", tuning, rate, share)
        scores.append(float(np.median(games_until(genome, course, lesson))))
        print(f"  afterstate TD, rate {rate:g}, {share:.0%} random, {tuning} train births: {scores[-1]:.0f}")
    rate, share = dials[int(np.argmin(scores))]
    genome, (course, lesson) = rival(evaluator, "test", births, rate, share)
    name = f"afterstate TD, rate {rate:g}, {share:.0%} random"
    theirs = row(name, games_until(genome, course, lesson))
    ((course, lesson),) = evaluator.draw("test", 0, births, purpose="games ")
    assert isinstance(lesson, ActingLessons)
    assert isinstance(config.rule.init, dict)
    rule = parse_rule(config.rule.init, "rule.init", ACTING_SLOTS)
    start = Genome(rule, coefficients=np.array(config.coefficients.values, np.float32))
    begun = row("what evolution begins with", games_until(start, course, lesson))
    claim(f"tictactoe, before evolution: {begun:.0f} games, wanted below {bar}", begun < bar)
    claim(f"tictactoe, before evolution: {begun:.0f} games, the tuned rival {theirs:.0f}", begun < theirs)
    own = list[float]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(FIRST, FIRST + (1 if chosen.quick else chosen.seeds)):
            keep = Path(chosen.runs or folder, f"tictactoe-{seed}")
            with lived("tictactoe", QUICK if chosen.quick else (), keep, seed=seed) as (run, _):
                champion = run.champion
                assert champion is not None
                assert champion.genome is not None
                own.append(row(f"champion of seed {seed}", games_until(champion.genome, course, lesson)))
                print(f"    {champion.formula}", flush=True)
    if own:
        claim(f"tictactoe: {np.median(own):.0f} games, wanted below {bar}", float(np.median(own)) < bar)
        claim(f"tictactoe: {np.median(own):.0f} games, before evolution {begun:.0f}", float(np.median(own)) < begun)


if __name__ == "__main__":
    main()
