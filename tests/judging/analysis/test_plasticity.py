"""How much lives change each synapse: the differences of the very weights that lives begin and end with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.evolution.courses import lessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.topology import graph_key
from evometa.judging.analysis import plasticity as module
from evometa.judging.analysis.plasticity import plasticity
from tests.judging.analysis.learners import evaluator, genome, network_genome

RULE = "-exp(p0)*grad"


def tuned(low: float) -> Genome:
    """A learner whose first layer's biases alone are plastic, the rest by exp(low)."""
    one = network_genome(update=RULE)
    rates = np.full_like(one.plasticity, low)
    rates[0, 1] = -2.0  # of weights and biases, layer by layer
    return one.replace(plasticity=rates)


def test_it_is_what_a_life_does_to_each_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TASKS", 1)
    one, engine = tuned(-6.0), evaluator("network")
    before = engine.lived["analysis"]
    found = plasticity(engine, one)
    assert found is not None
    assert engine.lived["analysis"] == before + 1
    (course,) = engine.courses
    assert (found.graph, found.lives, found.set) == (graph_key(course.network), 1, "sinusoid")
    lesson = lessons(course, engine.config, "test", 0, 1, purpose="plasticity ")
    phenotypes = express([one], course.world)
    plan = replace(lesson.plan, keep_weights=True)
    outcomes = engine.backend(phenotypes, lesson.tasks, lesson.births(phenotypes), plan)
    assert outcomes.weights is not None
    assert one.weights is not None
    assert found.change == pytest.approx(np.abs(outcomes.weights[0] - one.weights), rel=1e-3)


def test_what_hardly_learns_hardly_changes() -> None:
    one = tuned(-20.0)
    found, (course,) = plasticity(evaluator("network"), one), evaluator("network").courses
    assert found is not None
    change, graph = np.array(found.change), course.network
    biases = (graph.src == graph.inputs) & (graph.dst < graph.nodes - graph.outputs)
    assert change[biases].max() > 100 * change[~biases].max()
    assert found.lives == evaluator("network").config.sampling.test_tasks


def test_where_synapses_are_no_individuals_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plasticity(evaluator("neuron"), genome(update="0.1*pre*(target - post)")) is None  # weights are drawn
    engine, lost = evaluator("network"), tuned(-6.0).replace(rule=network_genome(update="exp(exp(exp(5)))").rule)
    assert plasticity(engine, lost) is None or max(plasticity(engine, lost).change) > 0  # type: ignore[union-attr]
    monkeypatch.setattr(module, "LONGEST", 3)
    assert plasticity(engine, tuned(-6.0)) is None
