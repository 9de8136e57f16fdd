"""How evolution stands: its best, its statistics and candidates; and the panel, whose tasks select nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import evometa
from evometa.config.load import load
from evometa.errors import RunFailed
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.objectives import fitness_weights
from evometa.evolution.tally import Tally
from evometa.genetics.individual import Individual, Judgement, fitness_class
from evometa.judging.panel import Monitor, Panel, Standing
from evometa.lifetime.numba import cpu
from evometa.store.records import Statistics
from tests.judging.analysis.learners import genome
from tests.small import DELTA, SCHEMES, recipe

DRAWN = recipe(DELTA, sampling={"resample": "generation", "panel_tasks": 3})


def opened(data: Any) -> Evaluator:
    """Return what lives lifetimes of a recipe."""
    config = load(data).config
    return Evaluator(config, open_courses(config), cpu.live)


def individual(engine: Evaluator, number: int, text: str) -> Individual:
    """An individual with that rule."""
    fitness = fitness_class(fitness_weights(engine.config.fitness.objectives))
    return Individual(genome(update=text), fitness(), number, (), 0, "first")


def test_the_best_is_judged_when_it_changes_and_not_again() -> None:
    engine = opened(DRAWN)
    panel, delta = Panel(engine), individual(engine, 4, "4*pre*(target - post)")
    first = panel.judge(delta)
    assert 0.5 < first["panel"] <= 1
    assert first["panel_lifetimes"] == 3
    assert panel.judge(delta) == {"panel": first["panel"], "panel_lifetimes": 0}
    assert panel.judge(individual(engine, 5, "0*w"))["panel"] < first["panel"]
    assert engine.lived == {"panel": 6}


def test_a_panel_recalled_judges_nobody_twice() -> None:
    engine = opened(DRAWN)
    panel = Panel(engine)
    panel.recall(Statistics(best_id=4, panel=0.75))
    assert panel.judge(individual(engine, 4, "w")) == {"panel": 0.75, "panel_lifetimes": 0}
    older = Panel(engine)
    older.recall(Statistics(best_id=4))  # a run of an older version
    assert older.judge(individual(engine, 4, "w"))["panel_lifetimes"] == 3


def test_without_tasks_there_is_none() -> None:
    engine = opened(recipe(DELTA, sampling={"panel_tasks": 0}))
    assert Panel(engine).judge(individual(engine, 4, "w")) == {}


def test_its_tasks_are_train_tasks_that_no_generation_meets() -> None:
    engine = opened(recipe(DRAWN, tasks={"family": "boolean", "inputs": 4, "patterns": 9, "train_tasks": 400}))
    ((_, panel),) = Panel(engine)._tasks
    asked = [engine.draw("train", generation, 3)[0][1] for generation in range(5)]
    assert all(panel.tasks.support_y.tobytes() != lesson.tasks.support_y.tobytes() for lesson in asked)
    ((_, again),) = Panel(engine)._tasks
    assert again.tasks.support_y.tobytes() == panel.tasks.support_y.tobytes()


@pytest.mark.parametrize("name", ["redrawn", "lamarck", "darwin", "nsga2"])
def test_it_changes_no_digest_and_is_the_same_in_a_resumed_run(name: str, tmp_path: Path) -> None:
    data = SCHEMES[name]
    whole = evometa.run(data, out=tmp_path / "whole")
    none = evometa.run(recipe(data, sampling={"panel_tasks": 0}), out=tmp_path / "none")
    evometa.run(data, generations=2, out=tmp_path / "cut")
    resumed = evometa.resume(tmp_path / "cut", generations=whole.generation)
    assert whole.digest == none.digest == resumed.digest
    rows = [[(row["panel"], row["panel_lifetimes"]) for row in run.history] for run in (whole, resumed)]
    assert rows[0] == rows[1]
    assert rows[0][0][1] > 0
    assert "panel" not in none.history[0]


WATCHED = recipe(DRAWN, sampling={"monitor_tasks": 3}, run={"generations": 12, "patience": 2})


def test_the_best_is_monitored_on_validation_tasks_that_no_champion_is_chosen_on() -> None:
    engine = opened(recipe(WATCHED, tasks={"family": "boolean", "inputs": 4, "patterns": 9, "validation_tasks": 400}))
    monitor, delta = Monitor(engine), individual(engine, 4, "4*pre*(target - post)")
    first = monitor.judge(delta)
    assert 0.5 < first["validation"] == first["validation_best"]
    assert (first["validation_lifetimes"], first["validation_age"], monitor.stop) == (3, 0, None)
    worse = monitor.judge(individual(engine, 5, "0*w"))
    assert (worse["validation_best"], worse["validation_age"], monitor.stop) == (first["validation"], 1, None)
    assert worse["validation"] < worse["validation_best"]
    assert monitor.judge(individual(engine, 5, "0*w"))["validation_lifetimes"] == 0
    assert monitor.stop == "run.patience: on validation tasks the best has been no better for 2 generations"
    monitor.judge(individual(engine, 5, "0*w"))
    assert monitor.stop is None  # a run that went on is patient again
    ((_, monitored),) = monitor.panels[1]._tasks
    chosen = [engine.draw("validation", turn, 3)[0][1] for turn in range(4)]
    assert all(one.tasks.support_y.tobytes() != monitored.tasks.support_y.tobytes() for one in chosen)


def test_less_loss_is_better_on_validation_tasks_too() -> None:
    monitor = Monitor(opened(recipe(WATCHED, fitness={"objectives": ["adapted_loss"]})))
    engine = monitor.panels[0].evaluator
    monitor.judge(individual(engine, 5, "0*w"))
    assert monitor.judge(individual(engine, 4, "4*pre*(target - post)"))["validation_age"] == 0
    assert monitor.judge(individual(engine, 5, "0*w"))["validation_age"] == 1


def test_a_run_ends_when_its_patience_does_and_can_go_on(tmp_path: Path) -> None:
    whole = evometa.run(WATCHED, out=tmp_path / "whole")
    ages = [row.validation_age for row in whole.history]
    assert ages[-1] == 2
    assert max(ages[:-1]) < 2
    assert 3 <= whole.generation < 12
    assert not whole.finished
    assert whole.summary()["lived"]["validation"] == sum(row.validation_lifetimes for row in whole.history) > 0
    evometa.run(recipe(WATCHED, run={"patience": 0}), generations=2, out=tmp_path / "cut")
    blind = evometa.resume(tmp_path / "cut", generations=whole.generation)
    assert blind.digest == whole.digest  # who watches changes nothing
    assert [row["validation"] for row in blind.history] == [row["validation"] for row in whole.history]
    on = evometa.resume(tmp_path / "whole")
    assert on.generation > whole.generation - 1
    assert on.history[: len(ages)] == whole.history[: len(ages)]


def test_a_killed_run_is_as_patient_as_one_that_was_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> None:
        raise RunFailed("the power went.")

    whole = evometa.run(WATCHED, out=tmp_path / "whole")
    evometa.run(WATCHED, generations=whole.generation - 1, out=tmp_path / "cut")
    resumed = evometa.resume(tmp_path / "cut", generations=12)
    assert (resumed.generation, resumed.digest) == (whole.generation, whole.digest)
    with monkeypatch.context() as patch:  # killed between the last generation and the test
        patch.setattr("evometa.engine.examine", lost)
        with pytest.raises(RunFailed):
            evometa.run(WATCHED, out=tmp_path / "late")
    late = evometa.resume(tmp_path / "late")
    assert (late.generation, late.digest) == (whole.generation, whole.digest)
    figures = [[(row.validation, row.validation_lifetimes) for row in run.history] for run in (whole, resumed)]
    assert figures[0] == figures[1]


def test_lifetimes_of_a_run_are_told_by_purpose(tmp_path: Path) -> None:
    run = evometa.run(SCHEMES["redrawn"], out=tmp_path / "run")
    told = run.summary()
    assert set(told["lived"]) == {"evolution", "panel", "choice", "tuning", "test", "analysis"}
    assert told["lifetimes"] == sum(told["lived"].values())
    assert told["lived"]["evolution"] == sum(row["lifetimes"] for row in run.history)
    assert told["lived"]["panel"] == sum(row["panel_lifetimes"] for row in run.history)


def judged(number: int, value: float, text: str = "w", signature: bytes | None = None) -> Individual:
    """An individual with that fitness; if not said otherwise, nobody behaves like it."""
    one = individual(opened(DELTA), number, text)
    one.signature = signature or b"%d" % number
    one.accept(Judgement((value,), 0.25, value))
    return one


def standing(
    population: list[Individual], hall: list[Individual], reevaluate: bool = False, **champion: Any
) -> Standing:
    """How an evolution stands that has these survivors and this hall of fame."""
    known = {"population": population, "hall": hall, "reevaluate": reevaluate}
    evolution: Any = SimpleNamespace(**known, generation=7, species={}, race=None)
    return Standing(load(recipe(DELTA, champion=champion)).config, evolution)


def numbers(found: list[Individual]) -> list[int]:
    return [one.id for one in found]


def test_candidates_are_the_best_ever_and_the_best_of_the_last_population() -> None:
    hall, survivors = [judged(n, 0.9 - n / 100) for n in (1, 2, 3)], [judged(n, n / 100) for n in (11, 12, 13)]
    assert sorted(numbers(standing(survivors, hall, candidates=2).candidates())) == [1, 2, 12, 13]
    assert sorted(numbers(standing(survivors, hall, candidates=9).candidates())) == [1, 2, 3, 11, 12, 13]
    assert numbers(standing([], hall, candidates=9).candidates()) == [1, 2, 3]


def test_learners_that_behave_alike_stand_once_for_the_one_in_the_hall() -> None:
    hall, twin, other = judged(1, 0.9, signature=b"a"), judged(2, 0.9, signature=b"a"), judged(3, 0.1, signature=b"b")
    assert numbers(standing([twin, other], [hall]).candidates()) == [1, 3]


def test_the_best_is_that_of_the_hall_or_of_the_population_where_tasks_change() -> None:
    hall, survivors = [judged(1, 0.9)], [judged(5, 0.5), judged(4, 0.7), judged(6, 0.7), judged(3, 0.7, "w + pre")]
    assert standing(survivors, hall).best().id == 1
    assert standing(survivors, hall, reevaluate=True).best().id == 4  # of equals the smaller, then the older


def test_statistics_say_what_a_generation_came_to() -> None:
    survivors = [judged(n, value) for n, value in ((1, 0.9), (2, 0.1), (3, 0.5), (4, 0.3), (5, 0.2))]
    survivors[4].signature = survivors[3].signature
    tally = Tally(lifetimes=20, diverged=2, known=1, born=6, twins=1, reasons={"weights": 2})
    found = standing(survivors, survivors[:1]).statistics(tally)
    assert found == {
        "best": 0.9, "best_id": 1, "best_size": 1, "median": 0.3, "innate": 0.25, "adapted": 0.9, "behaviours": 4,
        "diverged": 2, "lifetimes": 20, "known": 1, "born": 6, "twins": 1, "reasons": {"weights": 2},
    }  # fmt: skip


def test_a_summary_is_plain_and_its_formula_is_the_best_s() -> None:
    one, other = judged(1, 0.9, "pre*(target - post)"), judged(2, 0.95, "pre")
    found = standing([one], [one])
    assert found.summary()["rule"] == {"update": str(one.genome.rule["update"])}
    assert (found.summary()["id"], found.summary()["generation"], found.summary()["fitness"]) == (1, 7, [0.9])
    before = found.formula()
    found.evolution.hall = [other]
    assert found.formula() != before
    assert found.formula() == standing([other], [other]).formula()
