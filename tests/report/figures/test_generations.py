"""How a run went, and what was lost."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from evometa.presentation.run import Run, load
from evometa.report.figures import failures, history
from evometa.report.figures.scale import axis_type, fitting_axis, log_ticks, objectives
from evometa.store.records import Statistics
from tests.reporting import full


def test_history_shows_best_median_spread_innate_and_adapted(run: Run) -> None:
    figure = history(run)
    lines = {trace.name: trace for trace in figure.data if trace.name}
    assert {"best", "median of the population", "at birth (innate)", "after learning (adapted)"} <= lines.keys()
    assert list(lines["best"].x) == list(range(1, 13))
    assert list(lines["best"].y) == [row["best"] for row in run.history]
    assert list(lines["after learning (adapted)"].y) == [row["adapted"] for row in run.history]
    assert lines["middle 80 % of those judged"].fill == "tonexty"
    headings = [annotation.text for annotation in figure.layout.annotations]
    assert headings == ["closeness after learning (higher is better)", "performance of the best: closeness"]


def test_history_shows_how_many_synapses_learn_where_that_is_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Statistics(best=0.1, median=0.2, innate=4.0, adapted=0.1, plastic=n / 4, generation=n) for n in (1, 2)]
    monkeypatch.setattr(Run, "history", rows)
    figure = history(run)
    assert list(figure.data[-1].y) == [0.25, 0.5]
    assert figure.layout.annotations[2].text.startswith("share of synapses that learn")


def test_the_spread_is_that_of_the_generation(run: Run) -> None:
    low, high = history(run).data[:2]
    fitness = [run.reader.evaluation(id, 0).fitness[0] for id in range(8)]
    assert min(fitness) < low.y[0] < sorted(fitness)[4] < high.y[0] < max(fitness)


def test_a_long_run_is_thinned_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"best": 0.5, "median": 0.4, "lifetimes": 5, "diverged": 1}
    rows = [Statistics.model_validate({**told, "generation": n}) for n in range(1, 20_001)]
    monkeypatch.setattr(Run, "history", rows)
    for figure in (history(run), failures(run)):
        assert max(len(trace.x) for trace in figure.data) <= 600
        assert figure.data[-1].x[-1] == 20_000


def test_losses_far_apart_get_a_logarithmic_axis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = load(full(tmp_path / "run", generations=2, fitness={"objectives": ["adapted_loss"]}))
    rows = [Statistics(best=0.1, median=1e6, innate=4.0, adapted=0.1, generation=n) for n in (1, 2)]
    monkeypatch.setattr(Run, "history", rows)
    figure = history(run)
    assert figure.layout.yaxis.type == "log"
    assert "lower is better" in figure.layout.annotations[0].text
    assert objectives(run)[0].lost == 2e6


def test_an_axis_is_logarithmic_for_positive_losses_only() -> None:
    assert axis_type([1.0, 100.0]) == "log"
    assert axis_type([1.0, None, 100.0], higher=True) == "linear"
    assert axis_type([0.0, 100.0]) == axis_type([-1.0, 100.0]) == axis_type([5.0, 6.0]) == axis_type([]) == "linear"
    assert log_ticks([0.02, 0.9])["ticktext"][:4] == ["0.01", "0.02", "0.05", "0.1"]
    assert len(log_ticks([1e-6, 1e6])["tickvals"]) <= 8


@pytest.mark.parametrize("draw", [history, failures])
def test_before_the_first_generation_it_says_so(begun: Run, draw: object) -> None:
    assert "No generation" in draw(begun).layout.meta["empty"]  # type: ignore[operator]


def test_nothing_but_nan_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    nan = math.nan
    monkeypatch.setattr(Run, "history", [Statistics(best=nan, median=nan, innate=nan, generation=1)])
    assert "every lifetime was lost" in history(run).layout.meta["empty"]


def test_without_performance_there_is_one_panel(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "history", [Statistics(best=1.0, median=0.5, generation=n) for n in (1, 2)])
    assert len(history(run).layout.annotations) == 1


def test_failures_are_counted_by_generation_and_cause(run: Run) -> None:
    figure = failures(run)
    assert list(figure.data[0].y) == [2.5] * 12
    assert "48 of 1,920 lifetimes. 48 weights were not finite" in figure.layout.xaxis.title.text.replace("<br>", " ")


def test_no_failures_are_good_news(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "history", [Statistics(lifetimes=20, generation=1)])
    assert "None of 20 lifetimes was lost" in failures(run).layout.meta["empty"]


def test_the_lost_do_not_widen_the_spread(tmp_path: Path) -> None:
    run = load(full(tmp_path / "run", generations=2, fitness={"objectives": ["adapted_closeness"]}, lost=3))
    low = history(run).data[0]
    assert min(low.y) > 0  # those lost have a closeness of −1


def test_an_axis_is_close_to_values_that_are_all_the_same() -> None:
    assert fitting_axis([0.9, 0.9], higher=True)["range"] == pytest.approx([0.81, 0.99])
    assert fitting_axis([0.0], higher=True)["range"] == [-1e-3, 1e-3]
    assert fitting_axis([], higher=False) == fitting_axis([1.0, 2.0], higher=False) == {"type": "linear"}
    assert fitting_axis([1.0, 100.0], higher=False)["tickvals"]
