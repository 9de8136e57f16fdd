"""Performance against size, islands, diversity and species."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.language.text import parse
from evometa.presentation.run import Run, load
from evometa.report.figures import diversity, islands, pareto
from evometa.report.figures.behaviours import form_of
from evometa.report.figures.population import Point, _front
from evometa.store import create
from tests.inspected import CONFIG, REPORT, commit
from tests.reporting import full


def test_the_front_holds_those_that_no_smaller_one_equals() -> None:
    points = [
        Point(1, 0.5, 1),
        Point(2, 0.4, 1),
        Point(3, 0.7, 1),
        Point(3, 0.6, 1),
        Point(5, 0.7, 1),
        Point(9, 0.9, 1),
    ]
    assert [(p.size, p.value) for p in _front(points, higher=True)] == [(1, 0.5), (3, 0.7), (9, 0.9)]
    assert [(p.size, p.value) for p in _front(points, higher=False)] == [(1, 0.5), (2, 0.4)]


def test_pareto_shows_everyone_the_front_and_the_champion(run: Run) -> None:
    dots, front, star = pareto(run).data
    sizes = {len(parse(text)) for text in ("mul(pre, post)", "mul(pre, sub(target, post))", "mul(0.3, w)")}
    assert sizes <= set(dots.x)
    assert sum(dots.customdata) == 96
    assert max(dots.y) == max(front.y)
    champion = run.champion
    assert champion is not None
    assert champion.genome is not None
    assert (star.x[0], star.y[0], star.name) == (champion.genome.size, champion.fitness[0], "champion")


def test_where_tasks_change_only_the_last_population_is_compared(tmp_path: Path) -> None:
    run = load(full(tmp_path / "run", sampling={"resample": "generation"}))
    figure = pareto(run)
    assert sum(figure.data[0].customdata) == 8
    assert "8 individuals of the last population" in figure.layout.xaxis.title.text
    assert figure.data[-1].name == "best so far"


def test_rules_of_one_size_have_nothing_to_trade_off(tmp_path: Path) -> None:
    run = load(full(tmp_path / "run", generations=1, born=1))
    assert "same size, 3 nodes" in pareto(run).layout.meta["empty"]


@pytest.mark.parametrize("draw", [pareto, islands, diversity])
def test_before_the_first_generation_it_says_so(begun: Run, draw: object) -> None:
    assert "No generation" in draw(begun).layout.meta["empty"]  # type: ignore[operator]


def test_each_island_has_its_line(run: Run, tmp_path: Path) -> None:
    figure = islands(run)
    assert [trace.name for trace in figure.data] == ["island 1", "island 2"]
    fitness = [run.reader.evaluation(id, 0).fitness[0] for id in range(8)]
    assert (figure.data[0].y[0], figure.data[1].y[0]) == (max(fitness[:4]), max(fitness[4:]))
    with create(tmp_path / "alone", CONFIG, {}) as writer:
        commit(writer, 0)
    assert "one island" in islands(load(tmp_path / "alone")).layout.meta["empty"]


def test_diversity_counts_behaviours_and_forms(run: Run) -> None:
    figure = diversity(run)
    lines = {trace.name: trace for trace in figure.data}
    assert list(lines["behaviours"].y) == [5] * 12
    assert list(lines["forms of rules"].y) == [4] * 12
    shares = [trace for trace in figure.data if trace.stackgroup]
    assert [sum(column) for column in zip(*(trace.y for trace in shares), strict=True)] == [100.0] * 12
    assert "Δw = pre·post" in {trace.name for trace in shares}


def test_rules_of_one_form_differ_in_numbers_only() -> None:
    assert form_of("mul(-2.5e-3, add(s1, p0))") == form_of("mul(7, add(s1, p0))") == "mul(#, add(s1, p0))"
    assert form_of("mul(s1, s2)") != form_of("mul(s1, s1)")


def test_many_forms_are_told_apart_by_what_they_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evometa.report.figures.behaviours.COMMON", 1.1)  # never common enough
    figure = diversity(load(full(tmp_path / "run", report=REPORT)))
    names = {trace.name for trace in figure.data if trace.stackgroup}
    assert names == {"pre, post", "pre, post, target", "pre, post, target, c0", "w"}


def test_large_populations_are_sampled(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evometa.report.figures.behaviours.PICKED", 3)
    figure = diversity(run)
    assert "3 survivors were looked" in figure.layout.xaxis2.title.text
    monkeypatch.setattr("evometa.report.figures.population.CLOUD", 10)
    assert sum(pareto(run).data[0].customdata) <= 20
