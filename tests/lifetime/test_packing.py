"""What is packed says the batch again: every part of every learner is found where its columns say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import layered
from evometa.language.program import Program
from evometa.language.signals import SIGNAL_COUNT
from evometa.lifetime import FIXED, Graph
from evometa.lifetime import columns as k
from evometa.lifetime.batch import batch_of
from evometa.lifetime.graphs import SCATTERED, flat
from evometa.lifetime.packing import Packed, Pool, pack, used
from evometa.spec import GRU
from tests.lifetime.strategies import deep_batch, random_batch, random_graph
from tests.properties import examples

SEEDS = st.integers(0, 2**32 - 1)
WIDTH = 16


def check_graph(packed: Packed, m: np.ndarray, graph: Graph) -> None:
    """Read a genome's graph from the flat arrays."""
    assert m[[k.NODES, k.SYNAPSES, k.INPUTS, k.OUTPUTS]].tolist() == [
        graph.nodes, graph.synapses, graph.inputs, graph.outputs,
    ]  # fmt: skip
    assert np.array_equal(packed.ptr[m[k.PTR] :][: graph.nodes + 1], graph.ptr)
    assert np.array_equal(packed.activation[m[k.ACTIVATION] :][: graph.nodes], graph.activation)
    back = graph.src >= graph.dst
    assert (m[k.RECURRENT] > 0) == (back.any() or GRU in graph.activation)
    src = packed.src[m[k.SRC] :][: graph.synapses]
    assert np.array_equal(src, graph.src + graph.nodes * back)  # what looks back reads the rows of the trial before


def check_program(packed: Packed, m: np.ndarray, program: Program) -> None:
    """Read a genome's rule from the flat arrays."""
    code = packed.code[5 * m[k.CODE] :][: 5 * m[k.CODE_END]].reshape(-1, 5)
    assert np.array_equal(code, program.code)
    assert m[[k.BIRTH_END, k.NODE_END]].tolist() == [program.birth_end, program.node_end]
    assert m[[k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES]].sum() == program.registers - SIGNAL_COUNT
    assert np.array_equal(packed.constants[m[k.CONSTANTS] :][: m[k.CONSTANT_COUNT]], program.constants)
    assert np.array_equal(packed.out[m[k.OUT] :][: len(program.names)], program.outputs)
    assert m[k.READS] == program.mask


def check_loss(packed: Packed, m: np.ndarray, loss: Program | None) -> None:
    """Read a genome's loss from the flat arrays; what would be run for each node is run at birth, too."""
    if loss is None:
        assert m[k.LOSS_CODE] == -1
        return
    assert np.array_equal(packed.code[5 * m[k.LOSS_CODE] :][: 5 * m[k.LOSS_END]].reshape(-1, 5), loss.code)
    assert m[k.LOSS_BIRTH] == max(loss.birth_end, loss.node_end)
    assert np.array_equal(packed.constants[m[k.LOSS_CONSTANTS] :][: m[k.LOSS_CONSTANT_COUNT]], loss.constants)
    assert np.array_equal(packed.out[m[k.LOSS_OUT] :][: len(loss.names)], loss.outputs)
    assert m[[k.LOSS_ROWS, k.LOSS_TEMPORARIES]].tolist() == [loss.n_rows, loss.n_tiles]


@examples(60)
@given(SEEDS, st.sampled_from([0, 4, 32]), st.booleans())
def test_what_is_packed_says_the_learners_again(seed: int, tile: int, deep: bool) -> None:
    phenotypes, tasks, births, _ = (deep_batch if deep else random_batch)(seed)
    order = np.random.default_rng(seed).integers(0, len(phenotypes), 5).tolist()
    phenotypes = phenotypes.take(order)  # some parts are nobody's now, some several genomes'
    packed = pack(phenotypes, births, WIDTH, tile)
    learned = 0
    for g, m in enumerate(packed.genomes):
        one, e = phenotypes[g], int(m[k.SYNAPSES])
        check_graph(packed, m, one.graph)
        check_program(packed, m, one.program)
        check_loss(packed, m, one.loss)
        assert np.array_equal(packed.coefficients[g], one.coefficients)
        plasticity = packed.plasticity[m[k.PLASTICITY] :][: one.plasticity.size]
        assert np.array_equal(plasticity.reshape(one.plasticity.shape), one.plasticity)
        assert np.array_equal(packed.feedback[m[k.FEEDBACK] :][:e], one.feedback)
        assert m[k.WEIGHTS_OUT] == learned
        learned += e
        if one.innate is not None:
            assert not m[k.FRESH]
            assert np.array_equal(packed.innate[m[k.INNATE] :][:e], one.innate)
        else:
            assert m[k.FRESH]
            drawn, pieces = births.weights[phenotypes.graph[g]], -(-tasks.lanes // WIDTH)
            assert drawn is not None
            found = packed.births[m[k.INNATE] :][: pieces * e * WIDTH].reshape(pieces, e, WIDTH)
            assert np.array_equal(np.concatenate(list(found), axis=1)[:, : tasks.lanes], drawn)


def test_a_part_of_several_genomes_is_stored_once() -> None:
    phenotypes, _, births, _ = deep_batch(1)
    once, often = pack(phenotypes, births, WIDTH, 4), pack(phenotypes.take([0, 1, 2] * 50), births, WIDTH, 4)
    for name in ("ptr", "src", "activation", "tiles", "code", "constants", "plasticity", "feedback", "births"):
        assert np.array_equal(getattr(once, name), getattr(often, name)), name
    assert len(often.genomes) == 150


def test_what_nobody_points_to_is_left_out() -> None:
    phenotypes, _, births, _ = deep_batch(1)
    all_of_them, one = pack(phenotypes, births, WIDTH), pack(phenotypes.take([1]), births, WIDTH)
    assert len(one.src) < len(all_of_them.src)
    assert len(one.code) < len(all_of_them.code)
    assert len(one.births) < len(all_of_them.births)


@examples(60)
@given(SEEDS, st.sampled_from([1, 2, 8, 1000]))
def test_tiles_cover_every_synapse_that_learns_once_in_order(seed: int, longest: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, int(rng.integers(1, 12)), int(rng.integers(0, 8)), 3, recurrent=seed % 2 > 0)
    at, graphs = 0, flat([graph], longest)
    learning = np.flatnonzero(graph.traits & FIXED == 0).tolist()
    for target, first, count, source in graphs.tiles[:-1].tolist():
        assert list(range(first, first + count)) == learning[at : at + count]
        assert 0 < count <= longest
        assert graph.ptr[target] <= first
        assert first + count <= graph.ptr[target + 1]
        sources = graphs.src[first : first + count].tolist()
        assert source == SCATTERED or sources == list(range(source, source + count))
        at += count
    assert at == len(learning)


@pytest.mark.parametrize("tile", [8, 64])
def test_packed_tiles_of_consecutive_sources_point_to_their_rows(tile: int) -> None:
    one = deep_batch(0)[0][0]
    for seed in range(30):
        graph = random_graph(np.random.default_rng(seed), 9, 5, 2, recurrent=True)
        weights = np.zeros((1, graph.synapses), np.float32)
        learner = one._replace(graph=graph, innate=weights[0], plasticity=weights[:0], feedback=None)
        packed = pack(batch_of([learner]), None, WIDTH, tile)
        m = packed.genomes[0]
        tiles = packed.tiles.reshape(-1, 4)[m[k.TILES] :][: m[k.TILE_COUNT]]
        assert tiles[:, 2].max() <= m[k.LONGEST] == min(tile, graph.synapses)
        for _, first, count, source in tiles.tolist():
            if source != SCATTERED:  # in place, and of one bank: this trial's rows or the last one's
                assert packed.src[first : first + count].tolist() == list(range(source, source + count))


def test_long_runs_are_tiles_of_their_own_and_short_ones_are_not() -> None:
    assert flat([layered(20, (), 1)], 512).tiles[:-1, 2:].tolist() == [[21, 0]]
    graph = random_graph(np.random.default_rng(0), 40, 0, 1, recurrent=False)
    assert (np.diff(graph.src) != 1).any()
    assert len(flat([graph], 512).tiles[:-1]) == 1


def test_a_pool_says_where_parts_begin_and_is_never_empty() -> None:
    pool = Pool(np.int32)
    assert pool.array().shape == (1,)
    parts = [np.full(count, count, np.int64) for count in (3, 0, 2)]
    begins = pool.add_all(parts)
    assert begins.tolist() == [0, 3, 3]
    whole = pool.array()
    assert whole.dtype == np.int32
    for (begin, end), part in zip(pairwise([*begins.tolist(), 5]), parts, strict=True):
        assert np.array_equal(whole[begin:end], part)
    assert len(whole) == 6  # one more, so that the address of an empty part is one, too


@given(st.lists(st.integers(-1, 5), max_size=12))
def test_used_are_the_parts_that_are_pointed_to(positions: list[int]) -> None:
    parts, places = used("abcdef", np.array(positions, np.int32))
    assert sorted(set(parts)) == parts
    for position, place in zip(positions, places.tolist(), strict=True):
        assert (place == -1) == (position == -1)
        assert position == -1 or parts[place] == "abcdef"[position]
    assert set(parts) == {"abcdef"[position] for position in positions if position >= 0}
