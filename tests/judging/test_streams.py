"""Streams of classes: what is known at the end, what was known before, and by whom; all of it tiny."""

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import lessons, open_courses
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging import stream_learners
from evometa.judging.peers import peers
from evometa.judging.stream_learners import LEARNERS
from evometa.judging.streams import floats_of, known, moments_of, of_genome, of_learner, tuned
from evometa.language.text import parse_rule
from evometa.lifetime import Tasks
from evometa.lifetime.numba import cpu

RULE = ["rule.init={update='-0.3*grad'}", "lifetime.order=classes", "lifetime.batch=1", "lifetime.epochs=1",
        "network.hidden=[4]", "weights.init=glorot"]  # fmt: skip


def toy(classes: int = 4, shots: int = 3, lanes: int = 2) -> Tasks:
    """Classes far apart, in the order of streams."""
    rng = np.random.default_rng(0)
    y = np.eye(classes, dtype=np.float32)

    def draw(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count * classes) % classes
        x = y[labels][:, :, None] + 0.01 * rng.standard_normal((len(labels), classes, lanes))
        return x.astype(np.float32), np.repeat(y[labels][:, :, None], lanes, axis=2)

    return Tasks(*draw(shots), *draw(2))


def test_moments_are_ten_or_one_for_each_class() -> None:
    assert moments_of(200) == [20, 40, 60, 80, 100, 120, 140, 160, 180, 200]
    assert moments_of(3) == [1, 2, 3]


def test_what_was_known_and_what_is() -> None:
    classes = np.array([0, 0, 1, 1])
    right = np.array([[[1], [1], [0], [0]], [[1], [0], [1], [1]]], bool)  # class 0 is forgotten by half
    found = known(right, classes, [1, 2])
    assert found.matrix[:, :, 0].tolist()[1] == [0.5, 1.0]
    assert np.isnan(found.matrix[0, 1, 0])
    assert (found.learned.tolist(), found.later.tolist(), found.end.tolist()) == ([1.0], [0.75], [0.75])


@pytest.mark.parametrize("learner", LEARNERS, ids=[one.name for one in LEARNERS])
def test_plain_learners_learn(learner: stream_learners.StreamLearner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_learners, "FEATURES", 30)
    monkeypatch.setattr(stream_learners, "HIDDEN", 8)
    tasks = toy()
    found = of_learner(learner, tasks, tuned(learner, tasks))
    assert found.learned.mean() > 0.5
    if learner.name != "SGD":  # which forgets
        assert found.end.mean() == 1.0
    assert learner.memory(12, 4, 4, {}) > 0


def test_prototypes_are_those_of_single_tasks() -> None:
    tasks = toy()
    assert of_learner(LEARNERS[2], tasks, {}).end.tolist() == peers(tasks, "softmax")["nearest prototype"].scores(
        tasks.query_y).tolist()  # fmt: skip


def test_a_buffer_is_never_larger_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    class Spy(list):  # type: ignore[type-arg]
        def __setitem__(self, at: object, value: object) -> None:
            super().__setitem__(at, value)  # type: ignore[call-overload]
            seen.append(len(self))

    monkeypatch.setattr(stream_learners, "new_buffer", Spy)
    of_learner(LEARNERS[1], toy(), {"rate": 0.1, "replay": 2, "buffer": 5})
    assert max(seen) == 5


def test_a_rule_is_watched_as_it_lives() -> None:
    config = load("digits", [*RULE, "tasks.ways=3", "tasks.shots=2", "tasks.queries=2"]).config
    course = open_courses(config)[0]
    lesson = lessons(course, config, "train", 0, 3)
    genome = Genome(parse_rule({"update": "-0.3*grad"}))
    phenotypes = express([genome], course.world)
    wanted = cpu.live(phenotypes, lesson.tasks, lesson.births(phenotypes), lesson.plan).accuracy[0, -1]
    assert of_genome(genome, course, lesson).end.astype(np.float32).tolist() == wanted.tolist()
    assert floats_of(genome, course, lesson) == course.network.synapses


def test_who_compares_is_watched_as_it_lives() -> None:
    config = load("stream", ["tasks.size=7", "tasks.ways=4", "tasks.shots=2", "tasks.queries=2", "tasks.other_tests=[]",
                             "network.hidden=[6]", "network.embedding=3", "topology.mode=fixed", "weights.mode=drawn",
                             "gradient.steps=0", "rule.fixed=[]", "variation.mutate_node=1.0", "topology.start=full",
                             "lifetime.batch=all"]).config  # fmt: skip
    course = open_courses(config)[0]
    lesson = lessons(course, config, "test", 0, 3)
    genome = Genome(parse_rule({"update": "0"}))
    phenotypes = express([genome], course.world)
    wanted = cpu.live(phenotypes, lesson.tasks, lesson.births(phenotypes), lesson.plan).accuracy[0, -1]
    assert of_genome(genome, course, lesson).end.astype(np.float32).tolist() == wanted.tolist()
    assert floats_of(genome, course, lesson) == course.network.synapses + 4 * (3 + 1)
