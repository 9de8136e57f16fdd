"""What is shown of a run, at 80 columns, in a terminal and elsewhere."""

from __future__ import annotations

import io
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from evometa.judging.reports import Baseline, Report
from evometa.judging.scores import Score
from evometa.presentation.events import Generation, Start
from evometa.presentation.format import clock, short
from evometa.presentation.view import LiveView, PlainView, number, open_view
from evometa.store.records import Settings

INFO = Start(recipe="digits", seed=3, out="runs/digits-1", backend="numba, 2 threads", generations=60)
FORMULA = "Δw = -c0·grad·tanh(w + 3.2·s1)/√(1 + s1²) + 0.0002·select(w, grad, s1), s1 = 0.9·s1 + grad"


def stats(generation: int, **changes: Any) -> Generation:
    """What a run tells after a generation."""
    told = {
        "generation": generation,
        "generations": 60,
        "best": 0.25,
        "median": 0.5,
        "innate": 0.125,
        "adapted": 0.875,
        "formula": FORMULA,
        "diverged": 12,
        "lifetimes": 25_600,
        "evaluate_seconds": 0.07,
        "total_seconds": 0.5,
    }
    return Generation.model_validate({**told, **changes})


class Finished:
    """A run that is over."""

    history = ()
    settings = Settings.model_validate({"name": "digits", "seed": 3, "run": {}})
    origin = SimpleNamespace(sentence="found from a random tree by 2 steps")
    champion = SimpleNamespace(
        formula=FORMULA,
        recognised="behaves like momentum",
        report=Report(
            champion=1,
            measure="loss",
            meta_test=Score(mean=0.9123, ci95=0.004),
            baselines=[
                Baseline(name="sgd [x]", mean=0.871, ci95=0.005, rate=0.1),
                Baseline(name="prototype", mean=0.889),
            ],
        ),
    )

    def search(self) -> SimpleNamespace:
        return SimpleNamespace(sentence="8 genomes born")


def paper(terminal: bool, width: int = 80) -> Console:
    """A console whose text can be read afterwards."""
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, height=24, color_system=None)


def text(console: Console) -> str:
    """What has been written to it."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_gets_a_live_view_and_others_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert isinstance(open_view(paper(True)), LiveView)
    assert isinstance(open_view(paper(False)), PlainView)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(open_view(paper(True)), PlainView)


def test_plain_lines_come_first_last_and_at_most_one_a_second() -> None:
    now = 0.0
    console = paper(False)
    view = PlainView(console, lambda: now)
    view.begin(INFO)
    for generation in range(1, 61):
        view.generation(stats(generation))
        now += 0.3
    lines = text(console).splitlines()
    assert lines[0] == "digits · seed 3 · numba, 2 threads · runs/digits-1"
    shown = [int(line.split()[1].split("/")[0]) for line in lines[1:]]
    assert shown == [1, *range(5, 60, 4), 60]
    assert "best 0.2500  median 0.5000  innate 0.1250 → adapted 0.8750  diverged 12" in lines[1]
    assert "2 generations/s · 51.2k lifetimes/s · 0:30 left" in lines[1]
    assert lines[1].endswith(FORMULA)


def test_the_live_picture_fits_the_terminal() -> None:
    console = paper(True)
    view = LiveView(console)
    view.info = INFO
    for step in (None, stats(1), stats(37, best=0.1, diverged=10**9, innate=None, median=1e30)):
        if step is not None:
            view.generation(step)
        with console.capture() as captured:
            console.print(view.picture())
        lines = captured.get().splitlines()
        assert max(map(len, lines)) <= 80
        assert len(lines) == (2 if step is None else 4)
    assert "generation 37/60" in lines[0]
    assert "best 0.1000  median 1e+30  innate – → adapted 0.8750" in lines[2]
    assert lines[3].startswith("rule  Δw = -c0·grad")
    assert lines[3].endswith("…")


def test_progress_within_a_generation_moves_the_bar() -> None:
    console = paper(True)
    view = LiveView(console)
    view.info = INFO
    pictures = []
    for done in (0, 50, 100):
        view.progress(done, 100)
        with console.capture() as captured:
            console.print(view.picture())
        pictures.append(captured.get())
    assert len(set(pictures)) == 3


def test_a_live_view_leaves_its_last_picture_and_the_table() -> None:
    console = paper(True)
    with LiveView(console) as view:
        view.begin(INFO.model_copy(update={"resumed_from": 30}))
        view.note("compiling kernels once")
        view.generation(stats(60))
        view.end(Finished())  # type: ignore[arg-type]
    shown = text(console)
    assert view.live is None
    assert "goes on after generation 30" in shown
    assert "compiling kernels once" in shown
    assert "generation 60/60" in shown
    assert "0.9123 ± 0.0040" in shown
    assert shown.endswith("\n")


def test_a_decline_on_validation_tasks_is_shown() -> None:
    view = PlainView(paper(False))
    view.generation(stats(2, best_error=0.01))
    assert view.scores().plain.startswith("best 0.2500 ± 0.0100  median")
    view.generation(stats(3, validation=0.75, validation_best=0.75))
    assert "  validation 0.7500  median" in view.scores().plain
    view.generation(stats(4, validation=0.5, validation_best=0.75, validation_age=2))
    assert "  validation 0.5000 (best 0.7500, 2 generations ago)  median" in view.scores().plain


def test_twins_and_what_tuning_comes_to_are_shown_where_they_are_known() -> None:
    view = PlainView(paper(False))
    view.generation(stats(2))
    assert not any(word in view.scores().plain for word in ("twins", "tuned"))
    view.generation(stats(3, born=200, twins=68, gradient_before=0.5, gradient_after=0.25))
    assert view.scores().plain.endswith("  tuned 0.5000 → 0.2500  diverged 12  twins 34%")


def test_a_live_view_ends_when_the_run_does_not() -> None:
    view = LiveView(paper(True))
    with suppress(KeyboardInterrupt), view:
        view.begin(INFO)
        assert view.live is not None
        raise KeyboardInterrupt
    assert view.live is None


def test_the_table_compares_with_stock_learners_and_says_where_the_run_is() -> None:
    console = paper(False)
    view = PlainView(console)
    view.begin(INFO)
    view.end(Finished())  # type: ignore[arg-type]
    shown = text(console)
    assert f"champion  {FORMULA}\n" in shown
    assert "behaves like momentum" in shown
    assert "origin    found from a random tree by 2 steps\nsearch    8 genomes born\n" in shown
    assert [line for line in shown.splitlines() if "±" in line or "│" in line] == [
        "loss on held-out tasks (lower is better), mean ± 95 % interval over tasks",
        "│ champion           │ 0.9123 ± 0.0040 │",
        "│ sgd [x] (rate 0.1) │ 0.8710 ± 0.0050 │",
        "│ prototype          │          0.8890 │",
    ]
    assert "run  runs/digits-1    look at it: evometa inspect runs/digits-1" in shown


def test_colours_are_left_out_when_nobody_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for wanted, no_color in ((True, None), (False, "1")):
        if no_color:
            monkeypatch.setenv("NO_COLOR", no_color)
        else:
            monkeypatch.delenv("NO_COLOR", raising=False)
        console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system="standard")
        view = LiveView(console)
        view.begin(INFO)
        view.generation(stats(60))
        view.close()
        assert ("\x1b[36m" in text(console)) == wanted


def test_numbers_are_short() -> None:
    assert [short(v) for v in (0.0123, 1.234, 45.67, 789, 999.6, 12_345, 4.5e6, 7e9, 3e12)] == [
        "0.0123",
        "1.23",
        "45.7",
        "789",
        "1k",
        "12.3k",
        "4.5M",
        "7G",
        "3T",
    ]
    assert [clock(v) for v in (-1, 0.4, 59.6, 3599, 3600, 90_061)] == [
        "0:00",
        "0:00",
        "1:00",
        "59:59",
        "1:00:00",
        "25:01:01",
    ]
    assert [number(v) for v in (0.0, 0.5, 1e-7, 12345.678, None)] == [
        "0.0000",
        "0.5000",
        "1e-07",
        "1.235e+04",
        "–",
    ]


def test_of_networks_that_evolve_the_best_is_shown_while_they_do_and_at_the_end() -> None:
    console = paper(False)
    view = PlainView(console)
    view.generation(stats(1, network="1 hidden node, 7 synapses"))
    run = Finished()
    run.settings = Settings.model_validate({"name": "xor", "seed": 0, "run": {}, "topology": {"mode": "evolved"}})
    run.champion = SimpleNamespace(**vars(run.champion), topology="2 inputs, 1 hidden node, 1 output")
    view.end(run)  # type: ignore[arg-type]
    first, *lines = text(console).splitlines()
    assert first.endswith(f"{FORMULA} · 1 hidden node, 7 synapses")
    assert lines[2] == "network   2 inputs, 1 hidden node, 1 output"
