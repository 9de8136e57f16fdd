"""Lives that their world's own fault ends: refused where these are all, else told at once, and where runs are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Callback
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution import world_faults
from evometa.evolution.check_search import remarks
from evometa.evolution.courses import open_courses
from evometa.presentation.summary import summary
from evometa.report.figures.generations import failures
from evometa.report.narrative import summary as in_words
from evometa.spec.acting import FAULT
from tests.inspected import printed
from tests.small import recipe

SMALL: dict[str, Any] = {
    "name": "faulty",
    "run": {"generations": 1},
    "tasks": {"family": "world"},
    "sampling": {"tasks": 8, "validation_tasks": 2, "test_tasks": 2, "panel_tasks": 0},
    "acting": {"policy": "greedy", "order": "same tick"},
    "rule": {"slots": ["update", "s1"], "signals": ["act", "reward", "s1", "w"]},
    "weights": {"init": "zeros"},
    "evolution": {"population": 4},
    "fitness": {"objectives": ["reward"]},
    "champion": {"baselines": []},
}
GROWS = 'observe = "min(place, 1)"\nreward = 1\nticks = 20\n[start]\nplace = 1\n[next]\nplace = "{}"\n'


class Diary(Callback):
    """Keeps all notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def on_note(self, text: str) -> None:
        self.notes.append(text)


def small(folder: Path, world: str) -> dict[str, Any]:
    """Return a recipe with lives in a world of that text."""
    (folder / "mine.toml").write_text(world)
    return recipe(SMALL, tasks={"world": str(folder / "mine.toml")})


def told(folder: Path, world: str) -> list[str]:
    """Return what is said before a run of it."""
    config = load(small(folder, world)).config
    return remarks(config, [course.family for course in open_courses(config)])


@pytest.mark.parametrize(
    ("world", "where", "found"),
    [
        (GROWS.format("place*place + 3"), "mine, in tick 6", "next.place is inf"),
        ("observe = 1\nticks = 9\nreward = 'div(1e30, tick - 3)*1e30'\n", "mine, in tick 0", "reward is -inf"),
        ("observe = '1e30*1e30'\nticks = 9\n", "mine, in tick 0", "observe.0 is inf"),
        ("observe = 1\nticks = 9\n[start]\nplace = '1e30*1e30'\n", "mine, at birth", "start.place is inf"),
    ],
)
def test_a_world_that_ends_all_lives_of_a_rehearsal_is_refused(
    world: str, where: str, found: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        evometa.run(small(tmp_path, world), out=tmp_path / "run")
    text = str(caught.value)
    assert text.startswith(f"world {where}: expected finite states, observations and rewards; found {found}")
    assert "in all 8 lives of a rehearsal at random actions (train)" in text
    assert not (tmp_path / "run").exists()


def test_one_that_a_rehearsal_is_too_short_for_is_refused_after_the_first_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_faults, "REHEARSED", 3)
    with pytest.raises(InputError, match=r"world mine, in tick 6: .*next\.place is inf, in all 32 lives of the first"):
        evometa.run(small(tmp_path, GROWS.format("place*place + 3")), out=tmp_path / "run")


def test_lives_that_are_ended_by_their_world_are_told_of_at_once_and_wherever_a_run_is_shown(tmp_path: Path) -> None:
    world = GROWS.format("select(risky - 0.5, place*place + 3, place)") + '[parameters]\nrisky = "integer(0, 1)"\n'
    diary = Diary()
    run = evometa.run(small(tmp_path, world), out=tmp_path / "run", callbacks=[diary])
    row = run.history[0]
    lives, why = row.reasons[FAULT], "world mine, in tick 6: next.place is inf"
    assert 0 < lives < row.lifetimes
    assert row.fault == why
    (rehearsal,) = (text for text in diary.notes if "of 8 lives of a rehearsal at random actions" in text)
    assert rehearsal.endswith(f"were ended by a fault of their world: {why}")
    (first,) = (text for text in diary.notes if text.startswith("evolution: "))
    sentence = f"{lives} of {row.lifetimes} lives in evolution were ended by a fault of their world, not of the learner"
    assert f"{sentence}: {why}" in printed(run)
    assert "\n0 of those in evolution diverged" in printed(run)
    assert first.endswith(f"not of the learner: {why}")
    assert summary(run, None, None)["world_faults"] == {"lives": lives, "first": why}
    assert f"{sentence}: {why}." in in_words(run)
    assert "place is inf)" in failures(run).to_json()


def test_an_end_that_never_comes_is_told_of(tmp_path: Path) -> None:
    text = 'observe = "place"\nticks = 50\n{}\n[start]\nplace = 0\n[next]\nplace = "min(place + action, 9)"\n'
    (said,) = told(tmp_path, text.format('end = "equal(place, 10)"'))
    assert said == (
        "world mine (train): `end` came true in none of 8 lives of 50 random actions: "
        "say `cut`, if trials are to be over"
    )
    assert told(tmp_path, text.format('end = "equal(place, 9)"')) == []
    assert told(tmp_path, text.format('end = "equal(place, 10)"\ncut = 20')) == []
    assert told(tmp_path, text.format("")) == []
