"""Ancestors, drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evometa.presentation.lineage import Step
from evometa.presentation.run import Run
from evometa.report.figures import lineage
from evometa.report.figures.ancestry import kind_of
from tests.reporting import HOSTILE, texts_in

STEPS = [
    Step(9, 7, "crossover", (5, 4), (0.9,), "from #5: pre → post", 0.2, 5),
    Step(5, 3, "mutate node", (1,), (0.7,), "w → pre", -0.1, 1),
    Step(1, 1, "first", (), (0.8,), "", None, None),
]


def test_ancestors_are_joined_from_parent_to_child() -> None:
    figure = lineage(STEPS, "closeness", higher=True)
    lines, *marks = figure.data
    assert list(lines.x) == [3, 7, None, 1, 3, None]
    assert list(lines.y) == [0.7, 0.9, None, 0.8, 0.7, None]
    assert {mark.name: mark.y[0] for mark in marks} == {"drawn at random": 0.8, "crossover": 0.9, "mutation": 0.7}
    assert "#9, crossover: 0.9000<br>+0.2 against its better parent<br>from #5: pre → post" in texts_in(
        figure.to_plotly_json()
    )
    assert figure.layout.annotations[0].text == "closeness"


@pytest.mark.parametrize(
    ("operator", "kind"),
    [("random immigrant", "drawn at random"), ("first", "drawn at random"), ("crossover", "crossover"),
     ("mutate_weights", "mutation"), ("", "mutation"), (HOSTILE, "mutation")],
)  # fmt: skip
def test_operators_are_of_a_kind(operator: str, kind: str) -> None:
    assert kind_of(operator) == kind


@pytest.mark.parametrize("fitness", [(), (float("nan"),)])
def test_without_fitness_there_is_nothing_to_draw(fitness: Any) -> None:
    assert "no ancestors" in lineage([replace(step, fitness=fitness) for step in STEPS]).layout.meta["empty"]
    assert "no ancestors" in lineage([]).layout.meta["empty"]


def test_a_run_has_the_line_of_its_champion(run: Run) -> None:
    figure = lineage(run.lineage())
    assert sum(len(trace.x) for trace in figure.data[1:]) == 12


def test_nothing_of_a_step_is_taken_for_markup() -> None:
    figure = lineage([replace(step, operator=HOSTILE, change=HOSTILE) for step in STEPS])
    assert not [text for text in texts_in(figure.to_plotly_json()) if "<script" in text or "<img" in text]
