"""Species as a stream: each a band from where it arises, the small ones together, none where there are none."""

from __future__ import annotations

from pathlib import Path

from evometa.genetics.topology import graph_json, graph_key
from evometa.presentation.run import Run, load
from evometa.report.figures import species
from evometa.report.figures.stream import LARGEST, OTHERS
from evometa.store import Evaluation
from tests.inspected import CONFIG, NETWORK, RULES, create, genome
from tests.stored import Born, commit


def run_with(folder: Path, sizes: list[dict[str, int]], what: str = "species") -> Run:
    """A run whose generations have species, or families, of these sizes."""
    text = genome(RULES[0], True)
    with create(folder, CONFIG, {}) as writer:
        for number, one in enumerate(sizes):
            commit(
                writer, number, [Born(number, (), "first", text)],
                [Evaluation(number, (0.5, 5.0), 0.5, 0.5, 20, 0)], {"hall": [number]},
                {"best": 0.5, "best_id": number, what: one}, {"evaluate_seconds": 0.0, "total_seconds": 0.0},
                {graph_key(NETWORK): graph_json(NETWORK)},
            )  # fmt: skip
    return load(folder)


def test_each_species_is_a_band_from_where_it_arises(tmp_path: Path) -> None:
    figure = species(run_with(tmp_path / "run", [{"0": 6}, {"0": 4, "2": 2}, {"2": 3, "10": 3}]))
    counts, *bands = figure.data
    assert list(counts.y) == [1, 2, 2]
    assert {band.name: list(band.y) for band in bands} == {
        "species 0, from 1": [6, 4, 0], "species 2, from 2": [0, 2, 3], "species 10, from 3": [0, 0, 3],
    }  # fmt: skip
    assert [list(band.x) for band in bands] == [[1, 2, 3]] * 3
    assert {band.stackgroup for band in bands} == {"species"}


def test_many_species_lose_none_of_their_genomes(tmp_path: Path) -> None:
    sizes = [{str(label): 1 + label % 7 for label in range(g, g + 40)} for g in range(3)]
    figure = species(run_with(tmp_path / "run", sizes))
    bands = figure.data[1:]
    assert len(bands) == LARGEST + 1
    assert bands[-1].name == OTHERS
    assert [sum(band.y[g] for band in bands) for g in range(3)] == [sum(one.values()) for one in sizes]
    assert "The 15 largest of 42 species" in figure.layout.xaxis2.title.text.replace("<br>", " ")


def test_a_population_without_species_says_so(tmp_path: Path, begun: Run) -> None:
    assert "forms no species" in species(run_with(tmp_path / "run", [{}, {}])).layout.annotations[0].text
    assert species(begun).layout.meta["empty"]
