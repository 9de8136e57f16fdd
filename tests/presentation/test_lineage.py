"""Where individuals come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.errors import InputError
from evometa.genetics.genome import Genome
from evometa.language.text import parse
from evometa.presentation.lineage import NOT_KEPT, lineage, tree
from evometa.presentation.run import load
from evometa.store import Evaluation, create
from tests.inspected import CONFIG, folder
from tests.small import DELTA, recipe
from tests.stored import Born, commit

__all__ = ["folder"]  # a fixture


def test_the_line_has_what_changed_and_what_it_gained(folder: Path) -> None:
    run = load(folder)
    steps = run.lineage()
    assert steps == lineage(run, 2)
    assert [step.id for step in steps] == [2, 1, 0]
    assert [step.change for step in steps] == [
        "Δw: pre·(target − post) → c0·pre·(target − post)", "Δw: pre·post → −pre·post, + pre·target", "",
    ]  # fmt: skip
    assert [step.gain for step in steps] == [pytest.approx(0.1), pytest.approx(0.1), None]
    assert (steps[0].born, steps[0].operator, steps[0].parents, steps[0].trunk) == (3, "crossover", (1,), 1)
    assert [step.id for step in run.lineage(2, limit=2)] == [2, 1]
    assert [step.id for step in tree(run, 2)] == [2, 1, 0]
    with pytest.raises(InputError):
        lineage(run, 7)


def write(tmp_path: Path, rules: list[tuple[str, tuple[int, ...]]], scores: dict[int, dict[int, float]],
          **sections: Any) -> evometa.presentation.run.Run:  # fmt: skip
    """Write a run in which one individual is born each generation; `scores[generation][id]`."""
    config = {**CONFIG, **sections, "run": {"generations": len(rules)}}
    with create(tmp_path / "run", config, {}) as writer:
        for number, (rule, parents) in enumerate(rules):
            text = None
            if rule != "lost":
                text = Genome({"update": parse(rule)}, coefficients=np.ones(1, np.float32)).to_json()
            row = Born(number, parents, "crossover" if len(parents) > 1 else "mutate node", text)
            evaluations = [Evaluation(id, (score, 1.0)) for id, score in scores[number].items()]
            commit(writer, number, [row], evaluations, {"hall": [0]}, {"best_id": 0}, {})
    return load(tmp_path / "run")


RULES = [("pre*post", ()), ("w*tanh(target)", ()), ("w*tanh(post)", (0, 1))]


def test_of_two_parents_the_line_follows_the_one_that_gave_most(tmp_path: Path) -> None:
    run = write(tmp_path, RULES, {0: {0: 0.9}, 1: {1: 0.2}, 2: {2: 0.7}})
    step = lineage(run, 2)[0]
    assert step.trunk == 1
    assert step.change == "from #1: Δw: w·tanh(target) → w·tanh(post)"
    assert step.gain == pytest.approx(-0.2)  # against the better one
    assert [one.id for one in lineage(run, 2)] == [2, 1]
    assert [one.id for one in tree(run, 2)] == [2, 0, 1]
    assert [one.id for one in tree(run, 2, limit=2)] == [2, 0]


def test_a_smaller_loss_is_a_gain(tmp_path: Path) -> None:
    run = write(tmp_path, RULES, {0: {0: 0.9}, 1: {1: 0.8}, 2: {2: 0.7}}, fitness={"objectives": ["adapted_loss"]})
    assert lineage(run, 2)[0].gain == pytest.approx(0.1)


def test_where_tasks_are_drawn_anew_only_the_same_tasks_are_compared(tmp_path: Path) -> None:
    scores = {0: {0: 0.9}, 1: {0: 0.5, 1: 0.2}, 2: {0: 0.4, 2: 0.7}}
    run = write(tmp_path, RULES, scores, sampling={"resample": "generation"})
    assert lineage(run, 2)[0].gain == pytest.approx(0.3)
    lonely = write(tmp_path / "b", RULES, {**scores, 2: {2: 0.7}}, sampling={"resample": "generation"})
    assert lineage(lonely, 2)[0].gain is None


def test_genomes_that_were_not_kept(tmp_path: Path) -> None:
    rules = [("pre", ()), ("w", (0,)), ("w*pre", (1,))]
    run = write(tmp_path, rules, {0: {0: 0.1}, 1: {1: 0.2}, 2: {2: 0.3}})
    assert [step.change for step in lineage(run, 2)][2] == ""
    with create(tmp_path / "pruned", CONFIG, {}) as writer:
        for number in range(2):
            row = Born(number, (number - 1,) if number else (), "mutate node", None)
            commit(writer, number, [row], [], {"hall": [0]}, {}, {})
    pruned = load(tmp_path / "pruned")
    steps = lineage(pruned, 1)
    assert [step.change for step in steps] == [NOT_KEPT, ""]
    assert [(step.gain, step.fitness) for step in steps] == [(None, ()), (None, ())]


def test_a_real_run_leads_back_to_its_first_generation(tmp_path: Path) -> None:
    run = evometa.run(recipe(DELTA, evolution={"immigrants": 0}), out=tmp_path / "run")
    steps = run.lineage()
    assert steps[-1].parents == ()
    assert steps[-1].born == 1
    assert all(step.change and step.gain is not None for step in steps[:-1])
    family = tree(run, steps[0].id)
    assert {step.id for step in steps} <= {step.id for step in family}
    assert [step for step in family if step.id == steps[0].id] == [steps[0]]


def test_without_a_champion_there_is_no_line(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}):
        assert load(tmp_path).lineage() == []
