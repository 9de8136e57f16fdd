"""Students that are taught: the kernel against the reference, and that against the game played to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.errors import ContractError
from evometa.genetics.topology import layered
from evometa.language.acting import compile_acting
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.lifetime import NONE, Births, Phenotype
from evometa.lifetime.acting import ActingPlan, Actors
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba.teaching.cpu import teach
from evometa.lifetime.reference_teaching import Student
from evometa.lifetime.reference_teaching import teach as reference
from evometa.lifetime.teaching import Answer, Classes, Game, TeachingLives
from evometa.tasks.games import tictactoe
from tests.properties import SAME

pytestmark = SAME
RULES = (
    {"lesson": "blunder*reached*(9 - ply) + 0.01*noise", "insist": "2 + 8*gap", "update": "-c0*grad"},
    {"lesson": "select(chance, div(log(noise), chance), -100) - loss*since + role",
     "update": "-c0*s1*(1 - 0.5*age) - 0.001*(w - w0)*act", "s1": "0.5*s1 + grad"},
    {"lesson": "div(gap, 1 + taught)", "insist": "div(taught, ply - ply)", "update": "-c1*err*pre - 0.1*grad"},
)  # fmt: skip


def end_game(place: int = 60) -> Game:
    """Return what follows a position in the middle of tic-tac-toe, as a game of its own."""
    whole, kept = tictactoe("canonical"), [place]
    for each in kept:
        kept += [to for to in whole.following[:, each].tolist() if to != NONE and to not in kept]
    own = np.array(sorted(kept, key=lambda one: (whole.ply[one], one)))
    number = {int(old): new for new, old in enumerate(own)} | {NONE: NONE}
    tables = {name: np.ascontiguousarray(getattr(whole, name)[:, own]) for name in ("x", "legal", "sound", "best")}
    following = np.vectorize(number.get)(whole.following[:, own]).astype(np.int32)
    return Game(**tables, following=following, ply=whole.ply[own] - whole.ply[own[0]])


def classes_of(rules: Any, lanes: int, hidden: int = 3, seed: int = 0) -> Classes:
    """Return genomes with these rules, and students of few hidden nodes."""
    rng, graph = np.random.default_rng(seed), layered(27, (hidden,), 9)
    births = rng.standard_normal((graph.synapses, lanes)).astype(np.float32)
    habits = [compile_acting(parse_rule(rule, slots=ACTING_SLOTS), "lesson") for rule in rules]
    numbers, nothing = np.array([0.3, 0.05], np.float32), np.zeros((0, graph.synapses), np.float32)
    learners = batch_of([Phenotype(graph, one.rule, None, numbers, nothing) for one in habits])
    ones = np.ones(len(rules), np.float32)
    none, place = np.full(len(rules), NONE, np.int32), np.arange(len(rules), dtype=np.int32)
    students = Actors(learners, [], none, 0 * ones, 20 * ones, "lesson", Births([births] * len(learners.graphs)))
    teachers = [one.lane for one in habits if one.lane is not None]
    return Classes(students, teachers, place)


def lives_of(game: Game, lanes: int, lessons: int, answer: Answer = "favourite", seed: int = 1) -> TeachingLives:
    """Return lives in which whatever can be chosen may be taught, or what can be lost."""
    rng = np.random.default_rng(seed)
    candidates = (game.choices if answer == "drawn" else game.losing).astype(np.int32)
    offset = rng.integers(0, 101, (lessons, lanes), np.int32)
    return TeachingLives(game, candidates, rng.random(101, np.float32), offset,
                         rng.random((lessons, lanes), np.float32), answer)  # fmt: skip


def plan_of(*windows: int) -> ActingPlan:
    return ActingPlan(np.array(windows, np.int32), "softmax", "backprop", keep_weights=True)


@pytest.mark.parametrize("answer, lanes", [("favourite", 3), ("drawn", 17)])
def test_the_kernel_has_the_bits_of_the_reference(answer: Answer, lanes: int) -> None:
    classes, lives, plan = classes_of(RULES, lanes), lives_of(end_game(), lanes, 12, answer), plan_of(1, 5, 12)
    one, other = teach(classes, lives, plan, threads=2), reference(classes, lives, plan)
    assert one.results.tobytes() == other.results.tobytes()
    assert one.status.tolist() == other.status.tolist()
    for name in ("lessons", "m"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert [w.tobytes() for w in one.weights or ()] == [w.tobytes() for w in other.weights or ()] != []
    assert len(np.unique(one.lessons)) > 2  # type: ignore[arg-type]


def test_the_whole_game_has_the_same_bits_too() -> None:
    classes, lives = classes_of(RULES[:2], 2), lives_of(tictactoe("canonical"), 2, 3)
    one, other = (way(classes, lives, plan_of(3)) for way in (teach, reference))
    assert one.results.tobytes() == other.results.tobytes()
    assert one.lessons.tobytes() == other.lessons.tobytes()  # type: ignore[union-attr]


def beaten(game: Game, choice: Any, place: int, mine: bool, worst: Callable[[int], None]) -> None:
    """Play every game from a position on, and say where the student loses what was not lost."""
    for move in np.flatnonzero(game.legal[:, place]):
        if mine and choice[place] != move:
            continue
        if mine and not game.sound[move, place]:
            worst(place)
        elif game.following[move, place] != NONE:
            beaten(game, choice, int(game.following[move, place]), not mine, worst)


def test_blunders_are_those_of_all_games_played_to_their_end() -> None:
    game, lanes = end_game(), 4
    classes, lives = classes_of(RULES[:1], lanes), lives_of(game, lanes, 1)
    student = Student(classes, 0, lives, plan_of(1))
    student.examine()
    student.roam()
    for lane in range(lanes):
        found: set[int] = set()
        for mine in (True, False):
            beaten(game, student.choice[:, lane], 0, mine, found.add)
        assert len(found) == student.sums["blunders"][lane]
        assert (len(found) == 0) == student.finished[lane]
    assert student.sums["blunders"].max() > 0


def test_chances_add_up_to_one_game_until_games_end() -> None:
    game = end_game()
    student = Student(classes_of(RULES[:1], 2), 0, lives_of(game, 2, 1), plan_of(1))
    student.examine()
    student.roam()
    assert student.facts["chance"][0].tolist() == [1.0, 1.0]
    second = student.facts["chance"][game.ply == 1].sum(axis=0)  # the opponent began, and may have ended the game
    on = (game.following[:, 0] != NONE).sum() / game.legal[:, 0].sum()
    assert second == pytest.approx([on, on])


def test_who_is_unbeatable_is_taught_no_more() -> None:
    game = end_game()
    perfect = replace(game, sound=game.legal)  # where nothing loses, nothing is wrong
    lives = replace(lives_of(game, 2, 4), game=perfect, candidates=game.losing.astype(np.int32))
    found = teach(classes_of(RULES[:1], 2), lives, plan_of(2, 4))
    assert not found.result("lessons").any()
    assert not found.result("effort").any()
    assert np.all(found.lessons == NONE)  # type: ignore[arg-type]


def test_students_learn_and_lanes_do_not_meet() -> None:
    plain, lives = {"lesson": "gap*reached", "update": "-0.1*grad"}, lives_of(end_game(), 20, 150)
    classes = classes_of([plain], 20, hidden=12)
    found = teach(classes, lives, plan_of(75, 150))
    assert (found.result("blunders")[0, -1] == 0).mean() > 0.8
    assert (found.result("lessons")[0, 0] <= found.result("lessons")[0, 1]).all()
    some = np.array([3, 19])
    few = replace(classes, students=replace(classes.students, births=classes.students.births.take(some)))
    again = teach(few, lives.take(some), plan_of(75, 150))
    assert again.results.tobytes() == np.ascontiguousarray(found.results[..., some]).tobytes()


def test_what_is_not_finite_is_marked() -> None:
    wild = {"lesson": "noise", "insist": "64", "update": "div(grad, w - w)*1e38 - exp(88)*exp(88)*grad"}
    classes, lives = classes_of([wild], 2), lives_of(end_game(), 2, 4)
    one, other = teach(classes, lives, plan_of(4)), reference(classes, lives, plan_of(4))
    assert one.status.tolist() == other.status.tolist()


@pytest.mark.parametrize("change, words", [
    ({"candidates": np.zeros(0, np.int32)}, "candidates, ascending"),
    ({"candidates": np.array([10**6], np.int32)}, "candidates"),
    ({"numbers": np.ones(101, np.float32)}, "from 0 to below 1"),
    ({"offset": np.full((2, 2), 500, np.int32)}, "places of numbers"),
    ({"answer": "any"}, "one of favourite"),
])  # fmt: skip
def test_lives_that_break_the_contract_are_refused(change: dict[str, Any], words: str) -> None:
    lives = replace(lives_of(end_game(), 2, 2), **change)
    with pytest.raises(ContractError, match=words):
        teach(classes_of(RULES[:1], 2), lives, plan_of(2))


def test_games_and_learners_that_break_the_contract_are_refused() -> None:
    game, classes, plan = end_game(), classes_of(RULES[:1], 2), plan_of(2)
    lives = lives_of(game, 2, 2)
    back = np.where(game.following == NONE, NONE, 0).astype(np.int32)
    for wrong, words in (
        (replace(game, following=back), "a ply ahead"), (replace(game, sound=0 * game.sound), "a sound move"),
        (replace(game, best=np.ones_like(game.best)), "that are legal"), (replace(game, ply=game.ply + 1), "order"),
    ):  # fmt: skip
        with pytest.raises(ContractError, match=words):
            teach(classes, replace(lives, game=wrong), plan)
    with pytest.raises(ContractError, match="compiled for lessons"):
        teach(replace(classes, students=replace(classes.students, order="same tick")), lives, plan)
    with pytest.raises(ContractError, match="2 lessons"):
        teach(classes, lives, plan_of(1))
    with pytest.raises(ContractError, match="softmax of moves"):
        teach(classes, lives, replace(plan, policy="greedy"))
    graph = layered(27, (3,), 9, recurrent=True)
    own = Phenotype(graph, classes.students.phenotypes.programs[0], np.zeros(graph.synapses, np.float32),
                    np.zeros(2, np.float32), np.zeros((0, graph.synapses), np.float32))  # fmt: skip
    born = replace(classes.students, phenotypes=batch_of([own]), births=Births([None]))
    with pytest.raises(ContractError, match="no recurrent"):
        teach(replace(classes, students=born), lives, plan)
