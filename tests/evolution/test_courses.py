"""Courses: networks, first weights and orders of examples, drawn from named streams for whatever graph asks."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.courses import Course, Lessons, lessons, open_courses
from evometa.evolution.first_weights import FirstWeights
from evometa.evolution.orders import example_order
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.topology import layered
from evometa.language.text import parse
from evometa.lifetime import NONE, Births
from evometa.lifetime.numba import cpu
from evometa.lifetime.packing import pack
from tests.small import DELTA, GRADIENT, recipe


def opened(settings: dict[str, Any]) -> tuple[Config, list[Course]]:
    config = load(settings).config
    return config, open_courses(config)


def drawn(settings: dict[str, Any], count: int = 3, **more: Any) -> tuple[Course, Lessons]:
    config, courses = opened(settings)
    return courses[0], lessons(courses[0], config, more.pop("split", "train"), 0, count, **more)


def order(support: int, updates: int, lanes: int, **lifetime: Any) -> np.ndarray:
    config = load(recipe(DELTA, lifetime={"batch": 1, **lifetime})).config
    return example_order(config, support, updates, lanes, np.random.default_rng(0))


def test_each_pass_of_each_lane_takes_every_example_once() -> None:
    found = order(6, 12, 5)
    assert found.shape == (12, 1, 5)
    assert found.dtype == np.int32
    passes = found.reshape(2, 6, 5)
    assert (np.sort(passes, axis=1) == np.arange(6)[None, :, None]).all()
    assert not np.array_equal(passes[0], passes[1])


def test_lanes_differ_in_their_order() -> None:
    found = order(6, 6, 200)[:, 0]
    assert len({tuple(lane) for lane in found.T}) > 150  # of 720
    places = np.stack([(found == example).mean(axis=1) for example in range(6)])
    assert (abs(places - 1 / 6) < 0.12).all()  # every example at every place


def test_a_fixed_order_is_the_same_for_all_lanes_and_takes_no_memory_for_them() -> None:
    found = order(6, 9, 1000, order="fixed")
    assert (found == (np.arange(9) % 6)[:, None, None]).all()
    tracemalloc.start()
    order(6, 9, 100_000, order="fixed")
    assert tracemalloc.get_traced_memory()[1] < 400_000
    tracemalloc.stop()


def test_whole_batches_only() -> None:
    found = order(7, 5, 3, batch=3)
    assert found.shape == (5, 3, 3)
    for lane in found.reshape(15, 3).T:
        assert len(set(lane[:6])) == len(set(lane[6:12])) == 6


def test_no_updates_need_no_order() -> None:
    assert order(6, 0, 4).shape == (0, 1, 4)


def test_a_longer_life_begins_as_a_shorter_one() -> None:
    assert np.array_equal(order(6, 20, 4)[:12], order(6, 12, 4))


def test_repeats_differ_in_births_and_order_alone() -> None:
    course, lesson = drawn(recipe(DELTA, sampling={"repeats": 3}))
    tasks, plan = lesson.tasks, lesson.plan
    assert tasks.lanes == 9
    births = lesson.births(express([Genome({"update": parse("pre")})], course.world)).weights[0]
    assert births is not None
    for first in range(0, 9, 3):
        for other in (first + 1, first + 2):
            assert np.array_equal(tasks.support_x[..., first], tasks.support_x[..., other])
            assert not np.array_equal(births[:, first], births[:, other])
            assert not np.array_equal(plan.order[..., first], plan.order[..., other])


def test_a_finite_split_is_not_repeated() -> None:
    """Four train tasks: asked for ten, four are lived; a task twice would make intervals look too narrow."""
    _, lesson = drawn(DELTA, 10)
    assert lesson.tasks.lanes == 4
    assert len({lesson.tasks.support_y[..., lane].tobytes() for lane in range(4)}) == 4
    course, twice = drawn(recipe(DELTA, sampling={"repeats": 2}), 10)
    assert twice.tasks.lanes == 8
    assert course.family.limit("train") == 4


def test_the_same_generation_meets_the_same() -> None:
    config, (course,) = opened(recipe(DELTA, sampling={"resample": "generation"}))
    genome = Genome({"update": parse("pre")})

    def seen(generation: int, split: str = "validation") -> list[bytes]:
        lesson = lessons(course, config, split, generation, 3)  # type: ignore[arg-type]
        births = lesson.births(express([genome], course.world)).weights[0]
        assert births is not None
        return [part.tobytes() for part in (lesson.tasks.support_y, births, lesson.plan.order)]

    assert seen(1) == seen(1)
    assert all(a != b for a, b in zip(seen(1)[1:], seen(2)[1:], strict=True))
    assert all(a != b for a, b in zip(seen(1)[1:], seen(1, "test")[1:], strict=True))


def test_births_go_to_those_who_have_none_by_graph() -> None:
    course, lesson = drawn(DELTA)
    rule, other = {"update": parse("pre")}, layered(3, (2,), 1)
    own = np.ones(course.network.synapses, np.float32)
    genomes = [Genome(rule, weights=own), Genome(rule), Genome(rule, topology=other)]
    phenotypes = express(genomes, course.world)
    births = lesson.births(phenotypes)
    assert phenotypes.innate.tolist() == [0, NONE, NONE]
    assert [None if w is None else w.shape for w in births.weights] == [(4, 3), (other.synapses, 3)]
    outcomes = cpu.live(phenotypes, lesson.tasks, births, lesson.plan)
    alone = express(genomes[2:], course.world)
    lived = cpu.live(alone, lesson.tasks, lesson.births(alone), lesson.plan)
    assert np.array_equal(lived.loss[0], outcomes.loss[2])
    assert lesson.births(express(genomes[:1], course.world)).weights == [None]


def test_births_are_those_of_the_network_whatever_learns() -> None:
    course, lesson = drawn(DELTA)
    rule, count = {"update": parse("pre")}, course.network.synapses
    masks = [np.ones(count, np.uint8), np.zeros(count, np.uint8), np.eye(count, dtype=np.uint8)[0]]
    some = express([Genome(rule, course.network, plastic=mask) for mask in masks], course.world)
    one = express([Genome(rule)], course.world)
    births, alone = lesson.births(some), lesson.births(one)
    assert len(some.graphs) == 3
    assert all(np.array_equal(each, alone.weights[0]) for each in births.weights)
    assert len(pack(some, births, 16).births) == len(pack(one, alone, 16).births)  # they lie there once


def test_no_births_where_weights_are_inherited() -> None:
    course, lesson = drawn(recipe(GRADIENT, plasticity={"count": 1}))
    assert lesson.births(express([Genome({"update": parse("grad")})], course.world)).weights == []
    _, fresh = drawn(GRADIENT, fresh=True)
    assert isinstance(fresh.births(express([Genome({"update": parse("grad")})], course.world)), Births)
    assert fresh.births(express([Genome({"update": parse("grad")})], course.world)).weights[0] is not None


def test_first_weights_are_drawn_once_for_equal_graphs() -> None:
    first = FirstWeights((1, 2, "births"), "glorot", 1.0, 5)
    graph, equal, other = layered(3, (2,), 1), layered(3, (2,), 1), layered(3, (3,), 1)
    assert first(graph) is first(equal)
    assert first(other).shape == (other.synapses, 5)
    again = FirstWeights((1, 2, "births"), "glorot", 1.0, 5)
    again(other)  # whoever asked before
    assert np.array_equal(again(graph), first(graph))
    assert not np.array_equal(FirstWeights((1, 3, "births"), "glorot", 1.0, 5)(graph), first(graph))


@pytest.mark.parametrize("mode", ["fixed", "drawn", "evolved"])
@pytest.mark.parametrize("credit", ["feedback", "backprop"])
def test_what_a_world_gives_to_whom_it_lacks(mode: str, credit: str) -> None:
    changed = recipe(
        DELTA, weights={"mode": mode}, network={"credit": credit, "hidden": [2]}, rule={"signals": ["grad"]}
    )
    _, (course,) = opened(changed)
    other = layered(3, (5,), 1)
    for graph in (course.network, other):
        for found, given in (
            (course.world.weights(graph), mode == "fixed"),
            (course.world.feedback(graph), credit == "feedback"),
        ):
            assert (found is not None) == given
            assert found is None or found.shape == (graph.synapses,)


@pytest.mark.parametrize(
    ("inheritance", "split", "points", "kept"),
    [("baldwin", "train", [0, 2], False), ("darwin", "train", [0], False), ("darwin", "test", [0, 2], False),
     ("lamarck", "train", [0, 2], True), ("lamarck", "validation", [0, 2], False)],
)  # fmt: skip
def test_how_far_lives_go(inheritance: str, split: str, points: list[int], kept: bool) -> None:
    _, lesson = drawn(recipe(GRADIENT, evolution={"inheritance": inheritance}), split=split)
    assert lesson.plan.checkpoints.tolist() == points
    assert lesson.plan.keep_weights == kept


def test_the_champion_lives_on() -> None:
    _, lesson = drawn(GRADIENT, updates=5)
    assert lesson.plan.checkpoints.tolist() == [0, 1, 2, 3, 4, 5]
    assert len(lesson.plan.order) == 5
    assert lesson.plan.length == 2  # by which age goes


def test_an_output_layer_that_does_not_fit_is_refused() -> None:
    for head, what in (("softmax", "2 outputs"), ("linear", "classification")):
        with pytest.raises(InputError, match=what):
            opened(recipe(DELTA, network={"head": head}))


def test_sets_serve_their_splits() -> None:
    both = {
        **DELTA,
        "tasks": [{**DELTA["tasks"], "splits": ["train"]}, {**DELTA["tasks"], "splits": ["validation", "test"]}],
    }
    _, (one, other) = opened(both)
    assert (one.number, other.number) == (0, 1)
    assert (one.serves("train"), one.serves("test"), other.serves("test")) == (True, False, True)
