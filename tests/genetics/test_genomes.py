"""Populations as arrays: views, gathering, columns."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import CHROMOSOMES, Genomes
from evometa.genetics.topology import graph_key, layered
from evometa.language.text import parse
from tests.searching import NETWORK

TEXTS = ("mul(pre, sub(target, post))", "add(mul(0.9, s1), grad)", "-0.001", "1e-45", "neg(mul(c0, s1))", "w")
SHARED = np.arange(6, dtype=np.float32).reshape(2, 3)


def made(number: int, weights: bool = True) -> Genome:
    """Return a genome with numbers of its own."""
    rng = np.random.default_rng(number)

    def drawn(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    rule = {"update": parse(TEXTS[number % 6]), "s1": parse(TEXTS[number % 5])}
    plastic = None if weights else (drawn(NETWORK.synapses) > 0).astype(np.uint8)
    return Genome(
        rule, NETWORK, drawn(NETWORK.synapses) if weights else None, drawn(2), SHARED, drawn(4), plastic=plastic
    )


def texts(genomes: Any) -> list[str]:
    return [one.to_json() for one in genomes]


def test_every_chromosome_has_its_place() -> None:
    assert set(CHROMOSOMES) == {name for name in Genome.__slots__ if not name.startswith("_")}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=9), st.booleans())
def test_views_are_the_genomes_that_were_gathered(numbers: list[int], weights: bool) -> None:
    own = [made(number, weights) for number in numbers]
    batch = Genomes.of(own)
    assert texts(batch) == texts(own)
    assert [one.size for one in batch] == [one.size for one in own] == batch.sizes.tolist()
    assert [one.content() for one in batch] == [one.content() for one in own]
    assert batch[0].rule == own[0].rule
    assert list(batch[0].rule) == ["update", "s1"]
    assert batch[-1].topology is NETWORK


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=30))
def test_genomes_come_together_from_many_batches(chosen: list[tuple[int, int]]) -> None:
    batches = [Genomes.of([made(5 * number + row) for row in range(5)]) for number in range(3)]
    sources: list[Any] = [*batches, [made(99 + row) for row in range(5)]]
    some = [sources[number][row] for number, row in chosen]
    assert texts(Genomes.of(some)) == texts(some)
    rows = [row for _, row in chosen]
    assert texts(batches[0].take(rows)) == [batches[0][row].to_json() for row in rows]


def test_a_batch_and_all_of_its_views_are_gathered_without_a_copy() -> None:
    batch = Genomes.of([made(number) for number in range(4)])
    assert Genomes.of(batch) is Genomes.of(list(batch)) is batch
    assert texts(batch[1:3]) == texts(batch)[1:3]
    with pytest.raises(IndexError):
        batch[4]


def test_what_all_share_lies_there_once() -> None:
    batch = Genomes.of([made(number) for number in range(4)])
    for some in (batch, batch.take([2, 2, 1]), Genomes.join([batch, batch])):
        assert some.plasticity.strides[0] == 0
        assert np.array_equal(some.plasticity[-1], SHARED)
    assert batch.columns()["plasticity"].shape == (1, 2, 3)
    other = Genomes.of([made(7).replace(plasticity=SHARED + 1)])
    assert np.array_equal(Genomes.join([batch, other]).plasticity[-2:], [SHARED, SHARED + 1])


def test_a_replaced_chromosome_is_all_that_changes() -> None:
    batch = Genomes.of([made(number) for number in range(3)])
    other = batch.replace(strategy=np.zeros((3, 4), np.float32))
    assert other.rules is batch.rules
    assert other[1].strategy.tolist() == [0] * 4
    assert other[1].replace(strategy=batch[1].strategy).to_json() == batch[1].to_json()


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_of_a_view_leaves_its_batch_behind(again: Any) -> None:
    batch = Genomes.of([made(number).replace(topology=None) for number in range(3)])
    twin = again(batch[1])
    assert twin.to_json() == batch[1].to_json()
    assert twin._batch is None
    assert texts(Genomes.of([batch[0], twin])) == texts(batch)[:2]


@pytest.mark.parametrize("weights", [True, False])
def test_columns_bring_the_same_genomes_back(weights: bool) -> None:
    batch = Genomes.of([made(number, weights) for number in range(5)])
    columns = batch.columns()
    assert all(isinstance(array, np.ndarray) for array in columns.values())
    assert ("weights" in columns) == weights
    assert ("plastic" in columns) != weights
    back = Genomes.from_columns(columns, {graph_key(NETWORK): NETWORK})
    assert texts(back) == texts(batch)
    assert back[0].topology is NETWORK


@pytest.mark.parametrize(
    "change",
    [
        {"strategy": None},
        {"strategy": np.zeros((2, 4), np.float32)},
        {"weights": np.zeros((3, 2), np.float64)},
        {"coefficients": np.zeros(3, np.float32)},
        {"rule.update": np.array([63, 66, 66])},
        {"rule.update.begins": None},
        {"rule.update.begins": np.array([0, 1, 2])},
        {"plastic": np.ones((3, 5), np.uint8)},
        {"plastic": np.full((3, NETWORK.synapses), 2, np.uint8)},
        {"plastic": np.ones((3, NETWORK.synapses), np.float32)},
        {"topology": np.frombuffer(b"?", np.uint8)},
        {"topology": np.frombuffer(b"\xff", np.uint8)},
    ],
)
def test_columns_of_no_genomes_are_refused(change: dict[str, Any]) -> None:
    columns = Genomes.of([made(5), made(11), made(17)]).columns()
    given = {name: array for name, array in {**columns, **change}.items() if array is not None}
    with pytest.raises(InputError, match="generation 7"):
        Genomes.from_columns(given, {graph_key(NETWORK): NETWORK}, "generation 7")
    with pytest.raises(InputError):
        Genomes.from_columns({})


def test_genomes_of_different_shapes_are_no_batch() -> None:
    for other in (
        made(1, weights=False),
        made(1).replace(topology=layered(3, (5,), 2)),
        made(1).replace(rule={"update": parse("w")}),
        made(1).replace(plasticity=np.zeros((2, 4), np.float32)),
    ):
        for some in ([made(0), other], [*Genomes.of([made(0)]), *Genomes.of([other])]):
            with pytest.raises(ValueError, match="same"):
                Genomes.of(some)
    with pytest.raises(ValueError, match="one genome or more"):
        Genomes.of([])


def test_a_view_has_no_other_attributes() -> None:
    view = Genomes.of([made(0)])[0]
    for name in ("gates", "_gates", "__len__"):
        assert not hasattr(view, name)
        assert not hasattr(made(0), name)


def test_rules_are_compiled_once_for_all() -> None:
    own = [made(number) for number in range(8)]
    batch = Genomes.of(own)
    assert [program.key for program in batch.programs] == [one.program.key for one in own]
    some = batch.take([3, 0, 3])
    assert some.programs.code is batch.programs.code
    assert [program.key for program in some.programs] == [own[row].program.key for row in (3, 0, 3)]
    assert "programs" not in vars(batch.replace(rules=dict(batch.rules)))
