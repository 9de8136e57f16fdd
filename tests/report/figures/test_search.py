"""Figures of a search: what operators yield, luck and twins, families."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.presentation.run import Run
from evometa.report.figures import families, luck, operators
from evometa.report.figures.search import interval
from tests.presentation.test_search import written
from tests.report.figures.test_stream import run_with


def test_operators_are_ranked_by_the_share_that_gains(tmp_path: Path, begun: Run) -> None:
    figure = operators(written(tmp_path))
    (marks,) = figure.data
    assert [one[0] for one in marks.customdata] == ["crossover", "mutate node"]  # those without parents gain nothing
    low, half = interval(1, 2)
    assert list(marks.x) == [pytest.approx(100 * low)] * 2
    assert list(marks.error_x.array) == [pytest.approx(100 * half)] * 2
    assert "1 of 2, 2 survived; gain +0.05 in the middle, +0.15 at best" in marks.customdata[1][1]
    assert operators(begun).layout.meta["empty"]


def test_an_interval_of_a_share_stays_within_it() -> None:
    for hits, count in ((0, 1), (0, 40), (40, 40), (7, 9)):
        middle, half = interval(hits, count)
        assert 0 <= round(middle - half, 12) <= hits / count <= round(middle + half, 12) <= 1
    assert interval(10, 100) == (pytest.approx(0.1148, abs=1e-4), pytest.approx(0.0596, abs=1e-4))  # Wilson, by hand


def test_luck_and_twins_of_each_generation(tmp_path: Path, begun: Run) -> None:
    best, panel, twins = luck(written(tmp_path)).data
    assert (best.name, panel.name) == ("on the generation's tasks", "on the panel's tasks")
    gaps = [one - other for one, other in zip(best.y, panel.y, strict=True)]
    assert gaps == [pytest.approx(0.0), pytest.approx(0.1), pytest.approx(0.2)]
    assert list(twins.y) == [pytest.approx(100 / 3), 0.0, pytest.approx(100 / 3)]
    (alone,) = luck(run_with(tmp_path / "old", [{}, {}])).data  # no panel
    assert alone.name == "twins"
    assert luck(begun).layout.meta["empty"]


def test_families_are_bands_with_their_names(tmp_path: Path, begun: Run) -> None:
    sizes = [{"sgd": 5, "<b>x</b>": 5}, {"sgd": 9, "<b>x</b>": 1}, {"sgd": 9, "<b>x</b>": 1}]
    figure = families(run_with(tmp_path, sizes, "families"))
    count, first, second = figure.data
    assert list(count.y) == [2, 2, 2]
    assert (first.name, second.name) == ("&lt;b&gt;x&lt;/b&gt;", "sgd")
    assert (list(first.y), list(second.y)) == ([5, 1, 1], [5, 9, 9])
    named = [(one.text, one.x, one.y) for one in figure.layout.annotations if one.text == "sgd"]
    assert named == [("sgd", 2, 5.5)]  # in the middle of the band, where it is thickest; the other is too thin there
    assert figure.layout.annotations[-1].text == "sgd"
    assert families(begun).layout.meta["empty"]


def test_a_search_without_guesses_has_one_family(run: Run) -> None:
    assert "there is one family" in families(run).layout.meta["empty"]
