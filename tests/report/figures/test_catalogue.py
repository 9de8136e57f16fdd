"""All figures of a run: each drawn whatever the run, and nothing in it taken for markup or for code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.presentation.run import Run, load
from evometa.report.figures import CATALOGUE, analysis_of, figures_of, themed
from evometa.report.figures.catalogue import Entry, draw
from tests.inspected import CONFIG, REPORT, commit, create
from tests.reporting import ANALYSIS, full, hostile, texts_in

NAMES = (
    *("verdict", "task", "learning_curves", "ablation", "sensitivity", "wiring", "biography", "journey"),
    *("positions", "retention", "curriculum", "network", "gates"),
    *("history", "tuning"),
    *("pareto", "lineage", "luck", "operators", "diversity", "families", "species", "islands", "failures"),
)


def test_a_full_run_has_every_figure(run: Run) -> None:
    figures = figures_of(run)
    assert tuple(figures) == NAMES == tuple(entry.name for entry in CATALOGUE)
    # tasks are no images, no network evolved or rewires itself, nothing is tuned, and no start had names
    none = ["task", "wiring", "journey", "positions", "retention", "curriculum"]
    none += ["gates", "tuning", "families", "species"]
    assert [name for name, figure in figures.items() if figure.layout.meta] == none
    assert all(figure.layout.title.text and figure.layout.height for figure in figures.values())
    assert sum(len(figure.to_json()) for figure in figures.values()) < 300_000


def test_a_run_without_generations_says_so_in_every_figure(begun: Run) -> None:
    assert all(figure.layout.meta["empty"] for figure in figures_of(begun).values())


def test_an_analysis_made_just_now_is_drawn(tmp_path: Path) -> None:
    run = load(full(tmp_path / "run", asked=99))
    assert analysis_of(run) is None
    drawn = figures_of(run, ANALYSIS)
    assert not any(drawn[name].layout.meta for name in ("ablation", "sensitivity", "biography", "learning_curves"))
    assert figures_of(run)["ablation"].layout.meta


def test_nothing_of_a_run_is_taken_for_markup(tmp_path: Path) -> None:
    run = load(hostile(tmp_path / "run"))
    for name, figure in figures_of(run).items():
        for text in texts_in(json.loads(figure.to_json())):
            tags = set(re.findall(r"<(\w+)", text)) - {"br", "b", "span", "extra"}
            assert not tags, (name, text)
            assert not (text.startswith("%{") and "<b onclick" in text)


def test_nothing_of_a_run_is_a_template(tmp_path: Path) -> None:
    known = re.compile(r"%\{(x|y|text|customdata(\[\d\])?)(:[^}]*)?\}")
    for figure in figures_of(load(hostile(tmp_path / "run"))).values():
        for trace in figure.data:
            left = known.sub("", trace.hovertemplate or "")
            assert "%{" not in left


def test_what_cannot_be_read_is_said_in_the_figure(run: Run) -> None:
    def broken(run: Run, analysis: object = None) -> object:
        raise InputError("an intact run file", "a damaged generation 3", "run.db", "`evometa resume run` goes on.")

    figure = draw(Entry("x", "X", "", broken), run, None)
    assert "a damaged generation 3" in figure.layout.meta["empty"]

    def without(run: Run, analysis: object = None) -> object:
        raise InputError("plotly", "none", "figures")

    with pytest.raises(InputError, match="plotly"):
        draw(Entry("x", "X", "", without), run, None)


def test_figures_can_be_written_and_read_again(run: Run) -> None:
    from plotly.io import from_json

    for figure in figures_of(run).values():
        assert from_json(themed(figure).to_json()).layout.height == figure.layout.height


def test_a_run_of_another_make_is_drawn(tmp_path: Path) -> None:
    with create(tmp_path / "run", CONFIG, {}) as writer:
        for number in range(3):
            commit(writer, number)
        writer.report(REPORT)
    figures = figures_of(load(tmp_path / "run"))
    assert not figures["history"].layout.meta
    assert not figures["verdict"].layout.meta
