"""Plain learners on a champion's embedding: they compare as it does, and stand beside it where they are not itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import Course, Lessons, lessons, open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.champion import stock_learners
from evometa.judging.embedding import embedding_of, peers_on_embedding, with_matching
from evometa.judging.exam import Exam
from evometa.lifetime.numba.cpu import live
from evometa.lifetime.numba.stepwise import Lives
from tests.export.cases import comparing
from tests.export.exported import genome_of


def given(head: str, updates: int = 0, shots: int = 2) -> tuple[Genome, Course, Lessons]:
    """A genome, with thirty tasks of drawings that it has not met."""
    recipe: dict[str, Any] = comparing(head, updates)
    config = load({**recipe, "tasks": {**recipe["tasks"], "shots": shots}}).config
    course = next(course for course in open_courses(config) if course.serves("test"))
    return genome_of(config, recipe["rule"]["init"]), course, lessons(course, config, "test", 0, 30)


def test_nearest_prototype_answers_as_a_learner_with_prototypes() -> None:
    """Whose embeddings go by a norm, as those of `matching` do here."""
    genome, course, lesson = given("prototype")
    phenotypes = express([genome], course.world)
    outcomes = live(phenotypes, lesson.tasks, lesson.births(phenotypes), lesson.plan, threads=1)
    found = peers_on_embedding(*given("matching"))
    assert list(found) == ["nearest prototype on the embedding", "1-nearest neighbour on the embedding"]
    scores = found["nearest prototype on the embedding"].scores(lesson.tasks.query_y)
    assert np.allclose(scores, outcomes.accuracy[0, -1])
    assert not np.allclose(scores, found["1-nearest neighbour on the embedding"].scores(lesson.tasks.query_y))


@pytest.mark.parametrize(
    ("head", "updates", "shots", "names"),
    [
        ("prototype", 0, 2, ["1-nearest neighbour"]),
        ("prototype", 1, 1, ["nearest prototype", "1-nearest neighbour"]),
        ("matching", 0, 1, []),
    ],
)
def test_who_the_champion_is_itself_is_left_out(head: str, updates: int, shots: int, names: list[str]) -> None:
    found = peers_on_embedding(*given(head, updates, shots))
    assert list(found) == [f"{name} on the embedding" for name in names]


def test_prototypes_stand_beside_matching_in_the_same_lives() -> None:
    genome, course, lesson = given("prototype")
    config = load(comparing("prototype")).config
    exam = Exam(Evaluator(config, [course], live), [(course, lesson)])
    found = with_matching(exam, genome)
    _, other, same = given("matching")
    assert list(found) == exam.measures
    wanted = Exam(Evaluator(config, [other], live), [(other, same)])
    assert np.array_equal(found["accuracy"], wanted.scores(wanted.live([genome], "test"), 0, "accuracy"))
    rows = stock_learners(
        exam, {measure: exam.scores(exam.live([genome], "test"), 0, measure) for measure in found}, genome
    )
    assert [row["name"] for row in rows][-2:] == ["1-nearest neighbour on the embedding", "matching on the embedding"]
    for one in (wanted, Exam(exam.evaluator, [(course, given("prototype", 1)[2])])):
        assert with_matching(one, genome) == {}


@pytest.mark.parametrize("mode", ["evolved", "drawn"])
def test_embeddings_are_those_of_each_lane_by_itself(mode: str) -> None:
    recipe: dict[str, Any] = comparing("prototype")
    config = load({**recipe, "weights": {"mode": mode, "init": "he"}}).config
    course = next(course for course in open_courses(config) if course.serves("test"))
    lesson = lessons(course, config, "test", 0, 19)
    genome = genome_of(config, recipe["rule"]["init"])
    phenotypes, lanes = express([genome], course.world), np.arange(19)
    births = lesson.births(phenotypes)
    lives = Lives(phenotypes, births, 19, head="prototype", credit="backprop", bound=lesson.plan.bound,
                  metric=lesson.plan.metric)  # fmt: skip
    wanted = lives.answer(lives.birth(), lesson.tasks.query_x)[0]
    found = embedding_of(phenotypes, births, lanes, lesson.plan)(lesson.tasks.query_x)
    assert (phenotypes[0].innate is None) == (mode == "drawn")
    assert found.shape == wanted.shape == (15, 6, 19)
    assert (found == wanted).all()
