"""How a run searched: operators, families, luck, twins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.presentation.run import Run, load
from evometa.presentation.scan import search_of
from evometa.presentation.search import Course, Family, Offspring
from evometa.store import Evaluation, create
from tests.inspected import CONFIG, genome, printed
from tests.small import DELTA, recipe
from tests.stored import Born, commit

TEXT = genome("w", topology=False)
BIRTHS: list[list[tuple[tuple[int, ...], str]]] = [  # generation by generation: parents and operator of each
    [((), "guess sgd (library)"), ((), "guess momentum (library)"), ((), "guess sgd (library)")],
    [((0,), "mutate node"), ((1, 0), "crossover"), ((), "random immigrant")],
    [((3, 4), "crossover"), ((3,), "mutate node"), ((), "guess sgd (library), varied")],
]
FITNESS: list[dict[int, float]] = [  # of those evaluated in each
    {0: 0.5, 1: 0.6, 2: 0.4},
    {0: 0.3, 1: 0.2, 3: 0.45, 4: 0.35, 5: 0.1},
    {0: 0.7, 3: 0.6, 4: 0.9, 6: 0.8, 7: 0.55, 8: 0.2},
]
TWINS = {2, 7}
ALIVE = [[0, 1], [0, 3, 4], [4, 6, 7]]


def written(folder: Path, also: dict[str, float] | None = None, **config: Any) -> Run:
    config = {**CONFIG, "sampling": {"resample": "generation"}, **config}
    with create(folder, config, {}) as writer:
        for number, births in enumerate(BIRTHS):
            born = [Born(3 * number + row, *one, TEXT) for row, one in enumerate(births)]
            rows = [
                Evaluation(id, (value, 1.0), lifetimes=0 if id in TWINS else 10)
                for id, value in FITNESS[number].items()
            ]
            state, best = {"hall": [0], "islands": [ALIVE[number]]}, max(FITNESS[number].values())
            told = {
                "best_id": 0,
                "best": best,
                "best_error": 0.01 * (number + 1),
                "panel": best - 0.1 * number,
                "lifetimes": 50,
                **(also or {}),
            }
            commit(writer, number, born, rows, state, told, {})
    return load(folder)


def test_operators_are_judged_by_gains_on_the_same_tasks(tmp_path: Path) -> None:
    found = {one.operator: one for one in search_of(written(tmp_path)).operators}
    near = pytest.approx
    assert found["mutate node"] == Offspring("mutate node", 2, 1, 2, 2, 1, near(0.05), near(0.15))  # +.15 and −.05
    assert found["crossover"] == Offspring("crossover", 2, 0, 2, 2, 1, near(-0.025), near(0.05))  # +.05 and −.1
    assert found["guess"] == Offspring("guess", 3, 1, 2, 0, 0, None, None)
    assert found["guess, varied"].born == 1
    assert found["random immigrant"].survived == 0


def test_where_tasks_stay_the_fitness_of_parents_is_that_of_any_time(tmp_path: Path) -> None:
    run = written(tmp_path, sampling={"resample": "never"})
    first = search_of(run, 2).operators
    again = {one.operator: one for one in first}
    assert again["mutate node"].median == pytest.approx(0.15)
    turned = written(tmp_path / "loss", fitness={"objectives": ["adapted_loss"]})
    worse = {one.operator: one for one in search_of(turned, 2).operators}
    assert worse["mutate node"].median == pytest.approx(-0.15)
    assert search_of(turned).generations[2].luck == pytest.approx(-0.2)


def test_families_follow_first_parents(tmp_path: Path) -> None:
    found = search_of(written(tmp_path))
    assert found.families == (
        Family("sgd", 3, 6, 2), Family("momentum", 1, 2, 1), Family("random", 1, 1, 0),
    )  # fmt: skip
    assert found.generations[1] == Course(
        2, 3, 0, {"sgd": 2, "momentum": 1}, 2, 0.45, 0.02, 0.35, None, None, 0, pytest.approx(0.1)
    )
    assert found.generations[2].families == {"sgd": 2, "momentum": 1}
    assert (found.born, found.twins, found.luck) == (9, pytest.approx(2 / 9), pytest.approx(0.1))
    assert found.sentence == (
        "9 genomes born, 22% of them like one that was known; 2 of 3 families alive (sgd 67%, momentum 33%); "
        "of the best's fitness +0.1 was luck, by the panel (median); "
        "the best's fitness is 0.9000 ± 0.0300 (standard error)"
    )


def test_it_is_printed_and_told_in_json(tmp_path: Path) -> None:
    run = written(tmp_path)
    said = printed(run, width=120, search=True).splitlines()
    assert any(line.split() == ["mutate", "node", "2", "50%", "100%", "50%", "+0.05", "+0.15"] for line in said)
    assert any(line.split() == ["sgd", "3", "6", "2"] for line in said)
    assert any(line.split()[:6] == ["3", "0.9000", "±", "0.0300", "0.7000", "+0.2"] for line in said)
    assert "search  9 genomes born, 22% of them" in printed(run)
    told = run.summary()["search"]
    assert told == {
        "born": 9, "twins": pytest.approx(2 / 9), "luck": pytest.approx(0.1), "families": {"sgd": 2, "momentum": 1},
        "lines": 2,
    }  # fmt: skip
    whole = run.details(search=True)["search"]
    assert told.items() <= {**whole, "families": told["families"]}.items()
    assert [one["born"] for one in whole["operators"]] == [3, 2, 2, 1, 1]
    assert len(whole["generations"]) == 3


def test_what_gradients_came_to_is_told_where_numbers_are_tuned(tmp_path: Path) -> None:
    assert "tuned along their gradient" not in printed(written(tmp_path / "none"), search=True)
    tuned = {"gradient_norm": 2.5, "gradient_before": 0.75, "gradient_after": 0.5, "plastic": 0.25}
    run = written(tmp_path / "tuned", tuned)
    said = printed(run, width=120, search=True).splitlines()
    assert any(line.split() == ["2", "2.5000", "0.7500", "0.5000", "25%"] for line in said)
    row = run.details(search=True)["search"]["generations"][1]
    assert (row["norm"], row["before"], row["after"], row["plastic"]) == (2.5, 0.75, 0.5, 0.25)


def test_before_the_first_generation_there_is_nothing_to_tell(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}):
        run = load(tmp_path)
        assert search_of(run).sentence == "0 genomes born"
        assert printed(run, search=True) == "0 genomes born\n"


def test_a_run_counts_everyone_who_was_born(tmp_path: Path) -> None:
    run = evometa.run(recipe(DELTA, evolution={"islands": 2, "migrate_every": 2}), generations=4, out=tmp_path / "run")
    found = run.search()
    assert found.born == sum(one.born for one in found.operators) == 4 * 16
    assert all(0 < row.lines <= sum(row.families.values()) <= 16 for row in found.generations)  # migrants count once
    told = [(one.born, one.twins) for one in run.history]
    assert [(one.born, one.twins) for one in found.generations] == told
    assert sum(twins or 0 for _, twins in told) > 0
    assert found.families[0].name == "random"
    assert "lines alive" in found.sentence
    assert found.lived == run.summary()["lived"]
