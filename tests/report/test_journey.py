"""Where a champion goes: followed by the reference, drawn as maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.judging.analyses import Analysis, Journey
from evometa.presentation.ways import grid, life
from evometa.report.figures.ways import journey
from tests.evolution.test_acting import BANDIT
from tests.small import recipe

SEA = recipe(
    BANDIT,
    tasks={"world": "deepsea", "numbers": {"size": 3, "ticks": 30}, "test": {}, "other_tests": {}},
    acting={"order": "next tick"},
    rule={"slots": ["update", "s1", "modulator"], "signals": ["m", "s1", "reward", "grad", "visits"]},
    run={"generations": 1},
    champion={"baselines": []},
)


def test_a_life_is_followed_state_by_state_and_drawn(tmp_path: Path) -> None:
    run = evometa.run(SEA, out=tmp_path / "run")
    analysis = run.analysis
    assert analysis is not None
    told = analysis.journey
    assert told is not None
    assert (told.world, told.states, told.ticks) == ("deepsea", 9, 30)
    assert sum(count for _, count in told.early) == sum(count for _, count in told.late) == 6
    assert {state for state, _ in told.early} <= set(range(9))
    assert sum(count for _, count in told.visits) == told.followed == 30
    assert {"at ends of trials", "within trials", "where never before", "where before"} <= {*told.modulator}
    assert "never at" in "".join(line.plain for line in life(analysis))
    assert dict(told.early)[0] == 2  # each dive begins at the same place and has three moves
    drawn = journey(analysis)
    *maps, bars = drawn.data
    assert [np.array(one.z).shape for one in maps] == [(3, 3), (3, 3)]
    assert dict(zip(bars.y, bars.x, strict=True)) == told.modulator
    (alone,) = journey(analysis.model_copy(update={"journey": told.model_copy(update={"states": 0})})).data
    assert alone == bars


@pytest.mark.parametrize(
    ("states", "side", "shape"), [(9, 3, (3, 3)), (676, 13, (13, 13)), (7, 0, (1, 7)), (7, 2, (1, 7))]
)
def test_maps_are_of_places_where_the_world_has_sides(states: int, side: int, shape: tuple[int, int]) -> None:
    counts = grid(Journey(states=states, side=side), [[0, 3], [1, 2]])
    assert counts.shape == shape
    assert counts.sum() == 5


def test_where_there_is_no_world_the_figure_says_so() -> None:
    assert "not in a world of equations" in journey(Analysis()).layout.annotations[0].text


def test_a_life_too_long_for_the_reference_has_its_map_and_says_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evometa.run(SEA, out=tmp_path / "whole").analysis
    monkeypatch.setattr("evometa.judging.analysis.journey.LEAST", 1)
    monkeypatch.setattr("evometa.judging.analysis.journey.WORK", 200)
    short = evometa.run(SEA, out=tmp_path / "short").analysis
    assert whole is not None
    assert short is not None
    assert whole.journey is not None
    assert short.journey is not None
    assert short.journey.visits == whole.journey.visits
    assert 0 < short.journey.followed < 30
    assert "first" in short.notes[-1]
    assert "of 30 ticks" in journey(short).layout.xaxis3.title.text
