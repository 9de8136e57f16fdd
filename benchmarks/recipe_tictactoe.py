"""Recipe `tictactoe`: `python -m benchmarks.recipe_tictactoe [--seeds N] [--births N] [--runs FOLDER]`.

Games with oneself until nobody can beat a learner: every game against its greedy moves, as X and as O, is searched
through each 750 ticks, and the first of five times running without a move that gives a game away counts. Median, least
and most of so many births that evolution never met, for the champions of search seeds 5, 6, …, for what evolution
begins with (`--seeds 0`: for that alone), and for afterstate TD (the classic rule `self_play`), its rate and its share
of random moves tuned on other births by that very number. Wanted: below 1 900, what tabular afterstate TD with
symmetric positions made one needed elsewhere (9 200 on boards as they are: not run here, as a table of all boards takes
eight times as long). Who is not there after 20 checks, some 1 950 games, counts as never.

`--quick` is a smoke test.
"""

from __future__ import annotations

import tempfile
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims import Table, claim, lived, options, warm
from evometa.config.load import load
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
from evometa.lifetime.numba.acting import cpu, kernel
from evometa.lifetime.numba.arena import A_W, region
from evometa.lifetime.packing import TILE, pack
from evometa.spec.acting import MEASURES
from evometa.tasks.worlds.tictactoe import OWN, Board, code, value, winner
from evometa.tasks.worlds.tictactoe_classes import CLASSES, numbered

BAR, FIRST, EVERY, RUNNING, CHECKS, TUNING = 1900, 5, 750, 5, 20, 8
RATES, RANDOM = (0.3, 0.6), (0.1, 0.3, 0.5, 0.7)
QUICK = ("run.generations=1", "evolution.population=4", "sampling.tasks=2", "sampling.validation_tasks=2",
         "sampling.test_tasks=2", "tasks.numbers.ticks=100", "tasks.other_tests={}")  # fmt: skip
EMPTY: Board = (0,) * 9


@cache
def moves(board: Board) -> list[tuple[int, bool, bool, Board, bool]]:
    """Return each move: the class behind it (−1: none), won, full, the board as the other sees it, and a blunder."""
    found = []
    for square in (k for k in range(9) if board[k] == 0):
        moved = tuple(OWN if k == square else own for k, own in enumerate(board))
        ahead = tuple(-own for own in moved)
        loses = value(board) >= 0 and value(ahead) > 0
        found.append((int(numbered()[code(moved)]), winner(moved) == 1, 0 not in moved, ahead, loses))
    return found


def blunders(table: F32) -> int:
    """Return in how many positions that games come to a greedy player's move turns what was not lost into a loss."""
    count = 0
    for role in (0, 1):
        met, queue = {EMPTY}, list[Board]([EMPTY])
        while queue:
            board = queue.pop()
            choices = moves(board)
            if sum(own != 0 for own in board) % 2 == role:
                worth = [table[kind] if kind >= 0 else won * table[CLASSES] for kind, won, *_ in choices]
                choices = [choices[int(np.argmax(worth))]]
                if choices[0][-1]:
                    count += 1
                    continue
            for _, won, full, ahead, _ in choices:
                if not (won or full or ahead in met):
                    met.add(ahead)
                    queue.append(ahead)
    return count


def after(actors: Actors, lives: Lives, plan: ActingPlan, ticks: int) -> tuple[F32, F32]:
    """Return weights f32[E, L] after so many ticks, and games f32[L]."""
    own = Lives(lives.world, lives.parameters, lives.noise[: ticks + 1], lives.draws[:ticks])
    short = ActingPlan(np.array([ticks], np.int32), plan.policy, plan.credit, plan.epsilon, plan.ties)
    packed = pack(actors.phenotypes, actors.births, 16, TILE // 16)
    stage, results = cpu.staged(actors, own, short, 16), cpu.room_for(packed, own, short, 16)
    scratch, found = kernel.new_scratch(packed.genomes, stage), []
    arena = supervised.aligned(int(kernel.longest(packed, stage, scratch, 16)))
    for piece in range(-(-own.lanes // 16)):
        kernel.act(np.array([[0, piece]]), packed, stage, 16, arena, scratch, results)
        found.append(region((arena, scratch), A_W, 16))
    games = results.measures[MEASURES.code("trials"), 0, 0, : own.lanes]
    return np.concatenate(found, axis=1)[:, : own.lanes], games


def games_until(genome: Genome, course: Course, lesson: ActingLessons, checks: int) -> F32:
    """Return games until unbeatable in each life, f32[L]; infinite where that is never."""
    assert isinstance(lesson.tasks, Lives)
    actors, lanes = lesson.actors([genome], course.world), lesson.tasks.lanes
    since, clean, done = np.zeros(lanes), np.zeros(lanes, int), np.zeros(lanes, bool)
    for check in range(1, checks + 1):
        weights, games = after(actors, lesson.tasks, lesson.plan, EVERY * check)
        for lane in np.flatnonzero(~done):
            clean[lane] = clean[lane] + 1 if blunders(weights[:, lane]) == 0 else 0
            since[lane] = games[lane] if clean[lane] == 1 else since[lane]
        done |= clean >= RUNNING
        if done.all():
            break
    return np.where(done, since, np.inf).astype(np.float32)


def rival(evaluator: Evaluator, split: Any, births: int, rate: float, share: float) -> tuple[Genome, Any]:
    """Return afterstate TD with a rate and a share of random moves, and how it lives."""
    agent = AGENTS["self_play"]
    own = type(agent)(**{**vars(agent), "epsilon": share})
    return genome_of(own, {"c0": rate}), drawn_for(own, evaluator, split, births, "games ")[0]


def main() -> None:
    """Tune the rival, search with every seed, then tell."""
    chosen = options(__doc__, seeds=3, births=20, runs="")
    warm()
    checks, births, tuning = (2, 2, 2) if chosen.quick else (CHECKS, chosen.births, TUNING)
    config = load("tictactoe", [f"tasks.numbers.ticks={EVERY * checks}", "tasks.other_tests={}"]).config
    evaluator = Evaluator(config, open_courses(config), supervised.live)
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
        genome, (course, lesson) = rival(evaluator, "train", tuning, rate, share)
        scores.append(float(np.median(games_until(genome, course, lesson, checks))))
        print(f"  afterstate TD, rate {rate:g}, {share:.0%} random, {tuning} train births: {scores[-1]:.0f}")
    rate, share = dials[int(np.argmin(scores))]
    genome, (course, lesson) = rival(evaluator, "test", births, rate, share)
    name = f"afterstate TD, rate {rate:g}, {share:.0%} random"
    theirs = row(name, games_until(genome, course, lesson, checks))
    ((course, lesson),) = evaluator.draw("test", 0, births, purpose="games ")
    assert isinstance(lesson, ActingLessons)
    assert isinstance(config.rule.init, dict)
    rule = parse_rule(config.rule.init, "rule.init", ACTING_SLOTS)
    start = Genome(rule, coefficients=np.array(config.coefficients.values, np.float32))
    begun = row("what evolution begins with", games_until(start, course, lesson, checks))
    claim(f"tictactoe, before evolution: {begun:.0f} games, wanted below {BAR}", begun < BAR)
    claim(f"tictactoe, before evolution: {begun:.0f} games, the tuned rival {theirs:.0f}", begun < theirs)
    own = list[float]()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(FIRST, FIRST + (1 if chosen.quick else chosen.seeds)):
            keep = Path(chosen.runs or folder, f"tictactoe-{seed}")
            with lived("tictactoe", QUICK if chosen.quick else (), keep, seed=seed) as (run, _):
                champion = run.champion
                assert champion is not None
                assert champion.genome is not None
                own.append(row(f"champion of seed {seed}", games_until(champion.genome, course, lesson, checks)))
                print(f"    {champion.formula}", flush=True)
    if own:
        claim(f"tictactoe: {np.median(own):.0f} games, wanted below {BAR}", float(np.median(own)) < BAR)
        claim(f"tictactoe: {np.median(own):.0f} games, before evolution {begun:.0f}", float(np.median(own)) < begun)


if __name__ == "__main__":
    main()
