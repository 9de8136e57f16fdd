"""Curves of what is innate and what is learned."""

from __future__ import annotations

import math

import pytest

from evometa.report.figures.assimilation import Course, assimilation
from evometa.report.figures.theme import LIGHT


def course(kind: str, manner: str, adapted: list[float]) -> Course:
    spent = [100.0 * (n + 1) for n in range(len(adapted))]
    same = [(3.0, 0.5)] * len(adapted)
    return Course(kind, manner, spent, same, [(value, 0.1) for value in adapted], [(0.5, 0.0)] * len(adapted))


def test_kinds_have_colours_and_manners_dashes() -> None:
    arms = [course(kind, manner, [2.0, 1.0]) for kind in ("baldwin", "darwin") for manner in ("plain", "tuned")]
    figure = assimilation(arms)
    lines = [trace for trace in figure.data if trace.name]
    assert len(lines) == 4 * 3
    named = [trace for trace in lines if trace.showlegend]
    assert [trace.name for trace in named] == [
        "baldwin, plain", "baldwin, tuned", "darwin, plain", "darwin, tuned",
    ]  # fmt: skip
    assert [trace.line.color for trace in named] == [LIGHT["blue"]] * 2 + [LIGHT["orange"]] * 2
    assert [trace.line.dash for trace in named] == ["solid", "dash"] * 2


def test_bands_are_the_intervals_and_stop_where_nothing_is_known() -> None:
    figure = assimilation([course("baldwin", "plain", [2.0, math.nan, 1.0])])
    band = [trace for trace in figure.data if trace.fill == "tonexty"][1]
    assert (list(band.x), list(band.y)) == ([100.0, 300.0], pytest.approx([2.1, 1.1]))
    line = [trace for trace in figure.data if trace.name][1]
    assert list(line.y) == [2.0, None, 1.0]


def test_a_band_stays_above_zero_where_all_means_do() -> None:
    wide = course("baldwin", "plain", [2.0, 1.0])._replace(adapted=[(2.0, 9.0), (1.0, 0.1)])
    low = [trace for trace in assimilation([wide]).data if not trace.name and not trace.fill][1]
    assert list(low.y) == [0.5, 0.9]


def test_a_single_point_is_no_course() -> None:
    assert "two points" in assimilation([course("baldwin", "plain", [2.0])]).layout.meta["empty"]
