"""First topologies of images: squares of pixels, shares of other synapses, and weights by what nodes read."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies

from evometa.genetics.starts import local, scaled, topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered
from evometa.genetics.validity import check
from tests.properties import examples


def start(height: int, width: int, channels: int, count: int = 3) -> Topologies:
    graph = layered(height * width * channels, [7, 5], 2)
    return topologies_of(graph, np.ones((count, graph.synapses), np.float32))


@given(
    height=strategies.integers(1, 6), width=strategies.integers(1, 6), channels=strategies.sampled_from([1, 3]),
    share=strategies.floats(0.1, 1), seed=strategies.integers(0, 10**6),
)  # fmt: skip
@examples(40)
def test_each_node_reads_a_square_of_the_image(
    height: int, width: int, channels: int, share: float, seed: int
) -> None:  # fmt: skip
    side, genes = min(height, width, 3), start(height, width, channels)
    found = local(genes, (height, width, channels), side, share, np.random.default_rng(seed))
    check(found, "here", recurrent=False)
    for one in found:
        read = one.source[one.source < genes.inputs], one.target[one.source < genes.inputs]
        for node in np.unique(read[1]).tolist():
            pixels, channel = np.divmod(read[0][read[1] == node], channels)
            rows, columns = np.divmod(pixels, width)
            assert len(pixels) == side * side * channels
            assert [np.ptp(rows), np.ptp(columns)] == [side - 1, side - 1]
            assert set(channel.tolist()) == set(range(channels))
        assert (one.source == genes.inputs).sum() == 14
        assert (one.source > genes.inputs).sum() >= np.ceil(share * (7 * 5 + 5 * 2))


def test_squares_differ_from_node_to_node_and_from_genome_to_genome() -> None:
    found = local(start(6, 6, 1, count=2), (6, 6, 1), 3, 1.0, np.random.default_rng(0))
    corners = [[one.source[one.target == node].min() for node in np.unique(one.target)[2:9]] for one in found]
    assert len(set(corners[0])) > 2
    assert corners[0] != corners[1]


def test_weights_go_by_what_nodes_read_and_are_read() -> None:
    genes = start(2, 2, 1, count=1)
    he, glorot = (scaled(genes, init).weight for init in ("he", "glorot"))
    first, constant = genes.source < 4, genes.source == 4
    assert np.allclose(he[first], np.sqrt(2 / 4))
    assert np.allclose(glorot[first], np.sqrt(2 / (4 + 7)))
    assert not he[constant].any()
    assert scaled(genes, "normal") is genes
