"""What steps gained, measured on tasks that selected nobody."""

from __future__ import annotations

import pytest

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_from_json, graph_json
from evometa.judging.analysis import descent as module
from evometa.judging.analysis.descent import at_home, descent
from evometa.judging.exam import Exam
from tests.judging.analysis.learners import evaluator, genome

RULES = ["4*pre*(target - post)", "4*pre*(target - post) + 0.5*w", "pre*(target - post)", "0*w", "0.5"]


def family(count: int) -> dict[int, Genome]:
    """Ancestors, the nearest first."""
    return {100 - place: genome(update=RULES[1 + place % 4]) for place in range(count)}


def scores(engine: Evaluator, one: Genome, tasks: int) -> float:
    """Return a genome's mean by other ways."""
    drawn = engine.draw("test", 0, tasks)
    exam = Exam(engine, drawn)
    return exam.score(exam.scores(engine.outcomes([one], drawn), 0, exam.measures[0]), exam.measures[0]).mean or 0.0


def test_each_ancestor_is_scored_and_its_child_in_the_line_gains_over_it() -> None:
    engine, one, before = evaluator("neuron"), genome(update=RULES[0]), family(3)
    found = descent(engine, one, before, 8)
    assert [row.id for row in found] == [100, 99, 98]
    means = [scores(engine, each, 8) for each in (one, *before.values())]
    for place, row in enumerate(found, start=1):
        assert row.n == 8
        assert row.mean == pytest.approx(means[place], abs=1e-12)
        assert row.gain.mean == pytest.approx(means[place - 1] - means[place], abs=1e-12)
        assert row.difference.mean == pytest.approx(means[0] - means[place], abs=1e-12)
    assert found[2].difference.ci95 is not None


def test_of_a_long_line_some_are_lived_evenly_the_founder_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 4)
    found = descent(evaluator("neuron"), genome(update=RULES[0]), family(9), 4)
    assert [row.id for row in found] == [98, 96, 94, 92]
    assert found[1].gain == descent(evaluator("neuron"), family(9)[98], {96: family(9)[96]}, 4)[0].gain
    assert descent(evaluator("neuron"), genome(update=RULES[0]), {}) == []


def test_stored_networks_are_those_of_the_recipe() -> None:
    engine = evaluator("neuron")
    network = engine.courses[0].network
    again = genome(update=RULES[0]).replace(topology=graph_from_json(graph_json(network)))
    assert again.topology is not network
    assert at_home(again, engine).topology is network
