"""The verdict on held-out tasks; what terms and signals are worth."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from evometa.judging.analyses import Analysis
from evometa.presentation.run import Run, load
from evometa.report.figures import ablation, sensitivity, verdict, wiring
from evometa.report.figures.rows import BEYOND, MOST, Mark, Row, plus_minus, row_figure
from tests.inspected import REPORT
from tests.reporting import ANALYSIS, full


def test_the_verdict_shows_all_learners_with_intervals_best_first(run: Run) -> None:
    figure = verdict(run)
    champion, others = figure.data
    assert (champion.x, champion.y, champion.error_x.array) == ((0.95,), (1,), (0.01,))
    assert (others.x, others.y, others.error_x.array) == ((0.979,), (0,), (0.002,))
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert texts[:4] == ["delta", "0.9790 ± 0.0020", "<b>champion</b>", "0.9500 ± 0.0100"]
    band = figure.layout.shapes[0]
    assert (band.x0, band.x1) == (0.94, 0.96)
    assert "closeness (higher is better)" in figure.layout.xaxis.title.text


def test_of_losses_the_lowest_comes_first(tmp_path: Path) -> None:
    rows = [{"name": "bad", "mean": 90.0, "ci95": 1.0}, {"name": "good", "mean": 0.1, "ci95": 0.01}]
    report = {**REPORT, "measure": "loss", "baselines": rows, "meta_test": {"mean": 1.0, "ci95": 0.1}}
    figure = verdict(load(full(tmp_path / "run", report=report)))
    assert [a.text for a in figure.layout.annotations[::2]] == ["good", "<b>champion</b>", "bad"]
    assert figure.layout.xaxis.type == "log"


def test_learners_without_a_number_are_left_out(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"name": "none", "mean": None}, {"name": "nan", "mean": math.nan}]
    figure = verdict(load(full(tmp_path / "run", report={**REPORT, "baselines": rows})))
    assert [a.text for a in figure.layout.annotations[::2]] == ["<b>champion</b>"]


def test_an_unfinished_run_has_no_verdict_yet(tmp_path: Path, begun: Run) -> None:
    for run in (begun, load(full(tmp_path / "run", asked=99))):
        assert "has not ended yet" in verdict(run).layout.meta["empty"]


def test_ablation_has_a_row_for_each_term_and_a_mark_for_each_change() -> None:
    figure = ablation(ANALYSIS)
    marks = {(trace.name, x, y) for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True)}
    assert marks == {("removed", 0.3, 0), ("frozen", 0.1, 0), ("removed", -0.01, 1)}
    assert [a.text for a in figure.layout.annotations] == [
        "<b>pre</b>", "0.300 ± 0.020", "target − post", "−0.010 ± 0.020",
    ]  # fmt: skip
    assert "closeness lost without it" in figure.layout.xaxis.title.text
    assert figure.layout.showlegend


def test_of_losses_what_helps_is_on_the_right_too() -> None:
    rows = [{"slot": "update", "term": "pre", "change": "removed", "difference": {"mean": -2.0, "ci95": 0.1}}]
    figure = ablation({"measure": "loss", "lower_is_better": True, "ablation": rows})
    assert figure.data[0].x == (2.0,)
    assert "loss added without it" in figure.layout.xaxis.title.text


def test_slots_are_named_where_there_are_several() -> None:
    rows = [
        {"slot": slot, "term": "w", "change": "removed", "difference": {"mean": 0.1, "ci95": 0.01}}
        for slot in ("update", "s1")
    ]
    names = [a.text for a in ablation({**ANALYSIS, "ablation": rows}).layout.annotations[::2]]
    assert names == ["<b>update: w</b>", "<b>s1: w</b>"]


def test_sensitivity_leaves_out_what_is_not_finite() -> None:
    figure = sensitivity(ANALYSIS)
    assert [a.text for a in figure.layout.annotations[::2]] == ["<b>pre</b>"]
    nothing = {**ANALYSIS, "sensitivity": ANALYSIS["sensitivity"][1:]}
    assert "not one of them is finite" in sensitivity(nothing).layout.meta["empty"]


def test_without_an_analysis_the_way_to_one_is_told() -> None:
    for draw in (ablation, sensitivity):
        for nothing in (None, {}, {"measure": "loss"}):
            assert "--analyse" in draw(nothing).layout.meta["empty"]
        assert draw({**ANALYSIS, "ablation": [], "sensitivity": []}).layout.meta["empty"]


def test_a_mark_far_away_points_beyond_the_edge() -> None:
    rows = [Row("a", "", (Mark(0.1, 0.01),)), Row("b", "", (Mark(0.2, 0.01),)), Row("c", "", (Mark(3e5, 1e5),))]
    figure = row_figure("t", rows, "x", zero=True)
    far = next(trace for trace in figure.data if trace.name == BEYOND)
    assert 0.2 < far.x[0] < 0.4
    assert far.marker.symbol == ("triangle-right",)
    assert far.customdata[0][1] == "300,000 ± 100,000"
    assert figure.layout.xaxis.range[1] < 1


def test_many_rows_are_cut_and_counted() -> None:
    figure = row_figure("t", [Row(f"r{i}", "", (Mark(float(i), 0.1),)) for i in range(MOST + 7)], "x")
    assert len(figure.layout.annotations) == 2 * MOST
    assert "7 more are not drawn" in figure.layout.xaxis.title.text


def test_of_a_large_network_the_parts_that_matter_most_are_drawn_and_counted_once() -> None:
    parts = [
        {
            "kind": "synapse",
            "part": f"x{n} → y1",
            "mean": 0.5,
            "ci95": 0.1,
            "difference": {"mean": n / 100, "ci95": 0.01},
        }
        for n in range(60)
    ]
    figure = wiring(Analysis.model_validate({**ANALYSIS, "wiring": parts}))
    words = json.dumps(figure.to_plotly_json(), default=str, ensure_ascii=False)
    assert f"The {MOST} that matter most are drawn, of 60." in words.replace("<br>", " ")
    assert "not drawn" not in words
    assert "x59 → y1" in words
    assert "x39 → y1" not in words


def test_numbers_are_told_to_the_digits_that_mean_something() -> None:
    assert plus_minus(-0.0001043, 0.0006677) == "−0.00010 ± 0.00067"
    assert plus_minus(12.345, 2.0) == "12.3 ± 2.0"
    assert plus_minus(None, 0.1) == "–"
    assert plus_minus(0.5, None) == "0.5000"
