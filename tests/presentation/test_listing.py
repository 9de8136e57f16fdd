"""`evometa list`: every list has a row for every entry of its table."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.config.tasks import families
from evometa.errors import InputError
from evometa.evolution.objectives import OBJECTIVES
from evometa.language.acting_library import AGENTS
from evometa.language.library import RULES
from evometa.language.signals import READABLE
from evometa.language.teaching_library import TEACHERS
from evometa.operators import SCHEMES, SELECTIONS
from evometa.presentation.listing import print_listing
from evometa.spec import ACTIVATIONS, CREDITS, HEADS, STATES
from evometa.spec.primitives import PRIMITIVES
from evometa.store import create
from evometa.tasks.worlds import stock_worlds
from tests.stored import commit


def listing(what: str, terminal: bool = False) -> str:
    """The text of a list."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, color_system=None)
    print_listing(what, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("recipes", recipes()),
        ("tasks", families()),
        ("worlds", stock_worlds()),
        ("signals", READABLE),
        ("primitives", PRIMITIVES),
        ("rules", [*RULES, *AGENTS, *TEACHERS]),
        ("heads", HEADS),
        ("activations", ACTIVATIONS),
        ("credits", CREDITS),
        ("states", STATES),
        ("objectives", OBJECTIVES),
        ("selections", [*SCHEMES, *(name for rows in SELECTIONS.values() for name in rows)]),
    ],
)
def test_every_entry_has_a_line(what: str, names: dict[str, object]) -> None:
    rows = [line.split("\t") for line in listing(what).splitlines()]
    assert [row[0] for row in rows[1:]] == list(names)
    assert len({len(row) for row in rows}) == 1
    assert all(row[1] for row in rows)


@pytest.mark.parametrize(
    "what",
    [
        "recipes",
        "tasks",
        "signals",
        "primitives",
        "rules",
        "objectives",
        "selections",
        "heads",
        "activations",
        "credits",
        "states",
    ],
)
def test_a_terminals_width_is_kept(what: str) -> None:
    lines = listing(what, terminal=True).splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 80


def test_another_name_is_refused() -> None:
    with pytest.raises(InputError, match=r"Did you mean recipes\?"):
        listing("recipe")


def test_runs_are_listed_or_said_to_be_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert listing("runs") == "no runs in runs\n"
    config = load("digits", seed=7).config.model_dump(mode="json")
    with create("runs/digits-1", config, {}) as writer:
        commit(writer, 0, [], [], {}, {}, {})
    (tmp_path / "runs" / "broken-1").mkdir(parents=True)
    (tmp_path / "runs" / "broken-1" / "run.db").write_bytes(b"nonsense")
    assert "runs/digits-1\tdigits\t7\t1 of 80\n" in listing("runs")
    assert "broken-1\t\t\tcannot be read: " in listing("runs")
