"""Learning curves and the life from within."""

from __future__ import annotations

import math

import pytest

from evometa.report.figures import biography, learning_curves
from evometa.report.figures.learning import MOST
from tests.reporting import ANALYSIS


def test_the_champion_is_drawn_last_and_named_first() -> None:
    figure = learning_curves(ANALYSIS)
    lines = [trace for trace in figure.data if trace.name]
    assert [line.name for line in lines] == ["hebb", "delta", "champion"]
    assert [line.legendrank for line in lines] == [3, 2, 1]
    assert lines[-1].line.width > lines[0].line.width
    assert list(lines[-1].y) == [0.5, 0.8, 0.9, 0.95]
    bands = [trace for trace in figure.data if trace.fill == "tonexty"]
    assert len(bands) == 3
    assert list(bands[0].x) == [0, 5, 20]  # where a mean is missing there is no band


def test_all_lines_differ_in_colour_and_dash() -> None:
    curve = ANALYSIS["curves"][0]
    figure = learning_curves({**ANALYSIS, "curves": [{**curve, "name": f"rule {n}"} for n in range(12)]})
    lines = [trace for trace in figure.data if trace.name]
    assert len(lines) == MOST
    assert len({(line.line.color, line.line.dash) for line in lines}) == MOST


@pytest.mark.parametrize("draw", [learning_curves, biography])
def test_what_is_missing_is_said(draw: object) -> None:
    for analysis in (None, {}, {"curves": [], "biography": {}}):
        told = draw(analysis).layout.meta["empty"]  # type: ignore[operator]
        assert "--analyse" in told
        assert told.startswith("No analysis of it") == (analysis is None)


def test_nothing_finite_is_said() -> None:
    curves = [{"name": "champion", "updates": [0, 1], "mean": [None, math.nan], "ci95": [None, None]}]
    assert "finite" in learning_curves({**ANALYSIS, "curves": curves}).layout.meta["empty"]
    life = {"updates": [0, 1], "loss": {"mean": [None, math.nan], "low": [], "high": []}}
    assert "finite" in biography({"biography": life}).layout.meta["empty"]


def test_a_life_has_a_panel_for_each_measure_that_is_known() -> None:
    figure = biography(ANALYSIS)
    headings = [annotation.text for annotation in figure.layout.annotations]
    assert headings == ["error on the queries", "size of the weights, |w|", "size of a change, |Δw|"]
    assert figure.layout.xaxis3.title.text == "weight updates"
    assert figure.layout.xaxis.dtick == 1
    assert not figure.layout.showlegend
