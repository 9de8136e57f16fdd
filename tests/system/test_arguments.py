"""Callers from Python with arguments of wrong kinds: refused by name, in our words, before anything is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.callbacks import Callback
from evometa.dashboard import serve
from evometa.errors import InputError
from evometa.estimators import RuleClassifier
from evometa.export import export
from evometa.presentation.comparison import compare
from evometa.report import figures, write_report
from evometa.system.arguments import WHOLE, found, takes
from tests.listening import Diary, Notes
from tests.sealed import write
from tests.small import DELTA

ODD = (3, -1, 10**30, 1.5, float("nan"), True, None, "x", b"x", "a=1", [3], [None], {1: 2}, object(), len, evometa)


def but(*fitting: Any) -> tuple[Any, ...]:
    """All of ODD but those that an argument may be."""
    return tuple(one for one in ODD if not any(one is fits for fits in fitting))


NONE, X, THREE, MINUS, TRUE, BIG = ODD[6], ODD[7], ODD[0], ODD[1], ODD[5], ODD[2]
TEXTS = (X, ODD[9])
NUMBERS = but(THREE, MINUS, NONE)
OF_RUN: dict[str, dict[str, tuple[Any, ...]]] = {
    "best": {"generation": but(THREE, MINUS)}, "individual": {"number": but(THREE, MINUS)},
    "statistics": {"generation": but(THREE, MINUS)},
    "ancestors": {"number": but(THREE, MINUS)}, "lineage": {"number": NUMBERS, "limit": but(THREE, MINUS)},
    "latex": {"generation": NUMBERS, "individual": NUMBERS}, "summary": {"generation": NUMBERS, "individual": NUMBERS},
    "details": {"generation": NUMBERS, "individual": NUMBERS, "analysis": but(ODD[12], NONE)},
    "analyse": {"individual": NUMBERS, "generation": NUMBERS, "tasks": NUMBERS, "note": but(NONE, *ODD[13:15])},
    "render": {"console": ODD},
}  # fmt: skip
FUNCTIONS: list[tuple[Callable[..., Any], str, tuple[Any, ...]]] = [
    (evometa.run, "recipe", ODD),
    (evometa.load, "path", ODD), (evometa.resume, "path", ODD),
    (write_report, "run", ODD), (compare, "runs", ODD), (export, "learner", ODD),
    (serve, "folder", but(*TEXTS)), (serve, "host", but(*TEXTS)), (serve, "port", but(THREE)),
    (RuleClassifier.load, "path", ODD), (RuleClassifier().save, "path", but(*TEXTS)),
    (figures.figures_of, "run", ODD), (figures.history, "run", ODD), (figures.verdict, "run", ODD),
    (figures.pareto, "run", ODD), (figures.diversity, "run", ODD), (figures.islands, "run", ODD),
    (figures.failures, "run", ODD), (figures.comparison, "runs", ODD), (figures.lineage, "steps", ODD),
    (figures.network, "learner", but(NONE)), (figures.themed, "figure", ODD),
    *((drawn, "analysis", but(NONE, ODD[12])) for drawn in
      (figures.learning_curves, figures.ablation, figures.sensitivity, figures.biography)),
    (Callback().request_stop, "reason", but(*TEXTS)), (Callback().note, "text", but(*TEXTS)),
]  # fmt: skip


def refused(function: Callable[..., Any], name: str, odd: Any, **more: Any) -> None:
    with pytest.raises(InputError) as error:
        function(**{name: odd}, **more)
    assert "Traceback" not in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(("function", "name", "odd"), FUNCTIONS, ids=lambda value: getattr(value, "__qualname__", ""))
def test_functions_refuse_what_is_of_another_kind(
    function: Callable[..., Any], name: str, odd: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = {"format": "json"} if function is export else {}
    for one in odd:
        refused(function, name, one, **more)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("settings", but()), ("seed", but(THREE, NONE)), ("out", but(NONE, *TEXTS)), ("generations", but(THREE, NONE)),
        ("backend", but(NONE)), ("watch", but(NONE)), ("callbacks", but()),
    ],
)  # fmt: skip
def test_a_run_begins_with_nothing_of_another_kind(
    name: str, odd: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for one in odd:
        refused(evometa.run, name, one, recipe=DELTA, **({} if name == "generations" else {"generations": 1}))
    assert list(tmp_path.iterdir()) == []


def test_runs_and_their_exports_refuse_the_same(tmp_path: Path) -> None:
    run = evometa.load(write(tmp_path / "run"))
    before = sorted(tmp_path.rglob("*"))
    for method, arguments in OF_RUN.items():
        for name, odd in arguments.items():
            for one in odd:
                more = {"number": 0} if method == "lineage" and name == "limit" else {}
                refused(getattr(run, method), name, one, **more)
    champion = run.champion
    for name, odd in (("format", ODD), ("out", but(NONE, *TEXTS)), ("trained", but(NONE, TRUE)), ("force", but(TRUE))):
        for one in odd:
            refused(export, name, one, learner=champion, **({} if name == "format" else {"format": "json"}))
    for name, odd in (("format", ODD), ("out", but(NONE, *TEXTS)), ("analyse", but(TRUE)), ("force", but(TRUE))):
        for one in odd:
            refused(write_report, name, one, run=run)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_fits_goes_through(tmp_path: Path) -> None:
    run = evometa.run(DELTA, seed=np.int64(3), generations=np.int32(1), out=tmp_path / "a", settings=("name=b",))
    assert (run.config["seed"], run.config["name"]) == (3, "b")
    assert evometa.resume(str(tmp_path / "a"), generations=2, watch=Notes(), callbacks=[Diary()]).generation == 2
    best = run.best(np.int8(1)).id
    assert run.individual(np.int64(best)).id == best == run.individual(best).id
    assert compare((run,))["runs"][0]["recipe"] == "b"


def test_a_callback_that_says_nonsense_is_switched_off(tmp_path: Path) -> None:
    class Mumbles(Callback):
        def on_generation(self, *told: Any) -> None:
            self.note(3)  # type: ignore[arg-type]

    view = Notes()
    run = evometa.run(DELTA, generations=2, out=tmp_path / "a", watch=view, callbacks=[Mumbles()])
    assert run.finished
    assert any("Mumbles.on_generation raised InputError" in note for note in view.notes)


def test_the_message_names_argument_value_and_type() -> None:
    @takes(count=WHOLE)
    def function(count: int | None = None, *more: int) -> int | None:
        return count

    assert function() is function(None) is None
    assert function(np.int64(3), 4) == 3
    with pytest.raises(InputError, match=r"function\(count\): expected a whole number; found '3' \(str\)\."):
        function("3")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword"):
        function(cuont=3)  # type: ignore[call-arg]
    assert found("x" * 1000).endswith(" … (str)")

    class Rude:
        def __repr__(self) -> str:
            raise RuntimeError

    assert found(Rude()) == "a value without words (Rude)"
