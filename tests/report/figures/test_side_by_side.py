"""Several runs in one figure."""

from __future__ import annotations

from pathlib import Path

from evometa.presentation.run import Run, load
from evometa.report.figures import comparison
from evometa.report.figures.side_by_side import MOST
from tests.inspected import REPORT
from tests.reporting import full


def test_runs_are_drawn_side_by_side(run: Run, tmp_path: Path) -> None:
    other = load(full(tmp_path / "other", generations=3, report=REPORT))
    figure = comparison([run, other])
    headings = [a.text for a in figure.layout.annotations][:2]
    assert headings[0].startswith("best fitness: closeness")
    assert headings[1].startswith("champion on held-out tasks: closeness")
    names = [trace.name for trace in figure.data if trace.mode == "lines"]
    assert names == ["run", "other"]
    assert [list(trace.x) for trace in figure.data if trace.mode == "markers"] == [[0.95], [0.95]]


def test_each_measure_has_its_panel_and_names_stay_apart(tmp_path: Path) -> None:
    runs = [
        load(full(tmp_path / f"{n}" / "same", generations=2, report={**REPORT, "measure": measure},
                  fitness={"objectives": [objective]}))
        for n, (measure, objective) in enumerate(
            [("loss", "adapted_loss"), ("accuracy", "adapted_accuracy"), ("closeness", "adapted_closeness")]
        )
    ]  # fmt: skip
    figure = comparison(runs)
    assert len([a for a in figure.layout.annotations if "better" in a.text]) == 6
    assert {trace.name for trace in figure.data if trace.name} == {"same (1)", "same (2)", "same (3)"}


def test_runs_that_have_nothing_yet_say_so(begun: Run, run: Run) -> None:
    assert "None of these runs" in comparison([begun]).layout.meta["empty"]
    assert "None of these runs" in comparison([]).layout.meta["empty"]
    assert comparison([begun, run]).layout.meta is None


def test_too_many_runs_are_cut(run: Run) -> None:
    figure = comparison([run] * (MOST + 5))
    assert len([trace for trace in figure.data if trace.name]) == MOST
