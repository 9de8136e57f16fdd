"""Bounded questions about whole populations: the right rows, evenly picked, and damage named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.store import Evaluation, Individuals, create, open_reader
from evometa.store.population import births, fitness_in, fitness_of, individuals, sample, signatures, survivors
from evometa.store.reader import Reader
from tests.store.samples import commit, take, text_of

EACH = 10


def text(id: int) -> str:
    return f'{{"rule":{{"update":"mul(pre, {id})"}}}}'


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Three generations of ten; in each, those born in the one before are judged anew."""
    with create(tmp_path / "run", {"name": "x", "seed": 0, "run": {"generations": 3}}, {}) as writer:
        for g in range(3):
            born = range(g * EACH, (g + 1) * EACH)
            judged = range(max(0, g - 1) * EACH, (g + 1) * EACH)
            commit(
                writer,
                generation=g,
                individuals=Individuals.of(born[0], [()] * EACH, ["first"] * EACH, [bytes([id % 3]) for id in born]),
                genomes=[text(id) for id in born],
                evaluations=[Evaluation(id, (id + 100.0 * g, float(g)), 0.0, 0.0, 1, 0) for id in judged],
                state={"hall": [0], "islands": [list(born)[:5], list(born)[5:]]} if g else {"hall": [0]},
                statistics={},
                timing={},
            )
        writer.prune(set(range(3 * EACH)) - {7}, take)
    return open_reader(tmp_path / "run")


def test_births_are_counted_with_their_behaviours(reader: Reader) -> None:
    assert births(reader) == [(0, 10, 3), (1, 10, 3), (2, 10, 3)]


def test_fitness_of_a_generation_is_picked_evenly(reader: Reader) -> None:
    whole = fitness_in(reader, 1, 1000)
    assert whole.shape == (20, 2)
    assert sorted(whole[:, 0]) == [100.0 + id for id in range(20)]
    assert sorted(fitness_in(reader, 1, 7)[:, 0]) == [100.0 + id for id in range(0, 20, 3)]
    assert fitness_in(reader, 9, 7).shape == (0, 1)


def test_fitness_is_that_of_the_generation_or_else_of_birth(reader: Reader) -> None:
    assert fitness_of(reader, [3, 12, 25], 1) == {3: (103.0, 1.0), 12: (112.0, 1.0)}
    assert fitness_of(reader, [3, 12, 25], 2) == {3: (3.0, 0.0), 12: (212.0, 2.0), 25: (225.0, 2.0)}
    assert fitness_of(reader, [], 2) == {}


def test_individuals_are_picked_evenly(reader: Reader) -> None:
    assert sample(reader, 1000) == list(range(30))
    assert sample(reader, 8) == [0, 4, 8, 12, 16, 20, 24, 28]


def test_signatures_and_individuals_are_those_asked_for(reader: Reader) -> None:
    assert signatures(reader, [1, 5, 999]) == {1: b"\x01", 5: b"\x02"}
    found = individuals(reader, [25, 7, 8, 999])
    assert [(one.id, one.generation) for one in found] == [(7, 0), (8, 0), (25, 2)]
    assert [text_of(one) for one in found] == [None, text(8), text(25)]


def test_survivors_come_island_by_island(reader: Reader) -> None:
    assert survivors(reader, 0) == [[0]]
    assert survivors(reader, 2) == [list(range(20, 25)), list(range(25, 30))]


@pytest.mark.parametrize("kind", ["individuals", "genomes", "evaluations"])
@pytest.mark.parametrize(
    "change", ["data = x'00'", "data = substr(data, 2)", "seal = x'00'", "whole = 2", "number = 1"]
)
def test_damage_is_named(reader: Reader, kind: str, change: str) -> None:
    with closing(sqlite3.connect(reader.path)) as connection, connection:
        connection.execute(f"UPDATE pieces SET {change} WHERE kind = ? AND generation = 1", (kind,))
    questions = {
        "individuals": [lambda: births(reader), lambda: signatures(reader, [12]), lambda: individuals(reader, [12])],
        "genomes": [lambda: individuals(reader, [12])],
        "evaluations": [lambda: fitness_in(reader, 1, 100), lambda: fitness_of(reader, [12], 2)],
    }
    for ask in questions[kind]:
        with pytest.raises(InputError, match="damaged content"):
            ask()
