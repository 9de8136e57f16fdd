"""Text from a run reaches a terminal as text: no control character, no mark that turns writing, no markup."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evometa.cli import terminal
from evometa.errors import InputError, RunFailed
from evometa.errors.text import legible
from evometa.genetics.topology import graph_json, graph_key
from evometa.presentation.console import Paper
from evometa.presentation.events import Generation, Start
from evometa.presentation.run import load
from evometa.presentation.view import open_view
from evometa.store import Evaluation, create
from tests.inspected import CONFIG, NETWORK, RULES, genome
from tests.reporting import ANALYSIS
from tests.stored import Born, commit
from tests.test_cli import call

EVIL = "\x1b]0;title\x07[link=file:///etc/passwd]x[/link][/]\u202edlrow\x9b31m\n\r\x00:bomb:\ud800"
SHOWN = r"\x1b]0;title\x07[link=file:///etc/passwd]x[/link][/]\u202edlrow\x9b31m\n\r\x00:bomb:\ud800"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def evil(value: Any, keep: tuple[str, ...] = ()) -> Any:
    """Return data with EVIL in place of every text, except under the keys to be kept."""
    if isinstance(value, str):
        return EVIL
    if isinstance(value, dict):
        return {key: item if key in keep else evil(item, keep) for key, item in value.items()}
    return [evil(item, keep) for item in value] if isinstance(value, (list, tuple)) else value


REPORT = {
    **evil({"measure": "x", "behaviour": {"title": "x", "scale": 2.0, "r2": 0.5}, "analysis": ANALYSIS}, ("change",)),
    **{"champion": 2, "meta_test": {"mean": 0.5, "ci95": 0.1}},
    "baselines": [{"name": EVIL, "mean": 0.5, "ci95": 0.1, "rate": 2.0}],
}  # fmt: skip


def write(folder: Path, name: str = EVIL, settings: dict[str, Any] = CONFIG) -> Path:
    """A finished run in which every text is EVIL, but for those that `settings` choose, sealed as any other is."""
    config = {**settings, "name": name, "description": EVIL, "tasks": [{"family": EVIL, EVIL: EVIL}]}
    with create(folder, config, evil({"python": "", "platform": "", "base": ".", "versions": {"a": ""}})) as writer:
        for number in range(3):
            text = genome(RULES[number])
            commit(
                writer,
                number,
                [Born(number, (number - 1,) if number else (), EVIL.replace("\ud800", ""), text)],
                [Evaluation(number, (0.5,), 0.5, 0.6, 20, number)],
                {"hall": [number]},
                {"best": 0.5, "best_id": number, "lifetimes": 20, "diverged": number, "reasons": {EVIL: 1}},
                {"evaluate_seconds": 0.25, "total_seconds": 0.5},
                {graph_key(NETWORK): graph_json(NETWORK)},
            )
        writer.report(REPORT)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Such a run, in a folder whose name no shell would make, beside one of another name."""
    write(tmp_path / "runs" / "other", "other" + EVIL)
    return write(tmp_path / "runs" / "a\x1b]0;b\x07\n[bold]")


def clean(text: str, colours: bool = False) -> bool:
    """Whether nothing in a text but line ends and a list's tabs (and Rich's colours) is anything but printable."""
    shown = COLOURS.sub("", text) if colours else text
    return all(line.isprintable() for line in re.split("[\n\t]", shown))


COMMANDS: dict[str, Callable[[str], list[str]]] = {
    "inspect": lambda run: ["inspect", run],
    "an individual": lambda run: ["inspect", run, "--individual", "1"],
    "a generation": lambda run: ["inspect", run, "--generation", "2"],
    "latex": lambda run: ["inspect", run, "--latex"],
    "as json": lambda run: ["inspect", run, "--json"],
    "analyse": lambda run: ["inspect", run, "--analyse"],
    "compare": lambda run: ["compare", run, str(Path(run).parent / "other")],
    "compared as json": lambda run: ["compare", run, "--json"],
    "list": lambda run: ["list", "runs", str(Path(run).parent)],
    "listed as json": lambda run: ["list", "runs", str(Path(run).parent), "--json"],
    "resume": lambda run: ["resume", run, "--generations", "4"],
    "a recipe": lambda run: ["run", EVIL.replace("\x00", "")],
    "a setting": lambda run: ["run", "delta", "--set", f"name={EVIL}"],
    "an unknown option": lambda run: ["run", EVIL],
    "another list": lambda run: ["list", EVIL],
    "report": lambda run: ["report", run, "--out", str(Path(run).parent / "a\x1b.html")],
    **{f"export to {to}": (lambda run, to=to: ["export", run, "--to", to])
       for to in ("python", "torch", "latex", "networkx", "graphml", "json", "optax", "onnx", EVIL)},
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("colours", [False, True])
def test_no_command_prints_a_control_character(
    run: Path, name: str, colours: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if colours:
        monkeypatch.setattr(terminal, "console_of", lambda stderr=False: terminal_console())
        monkeypatch.setattr("evometa.cli.inspect.console_of", lambda stderr=False: terminal_console())
    code = call(monkeypatch, *COMMANDS[name](str(run)))
    out, err = capsys.readouterr()
    assert code in (0, 2), err
    assert out or err
    assert clean(out + err, colours), [line for line in (out + err).split("\n") if not line.isprintable()]
    assert "Traceback" not in err


def test_a_choice_of_no_known_name_is_refused_in_legible_words(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load(write(tmp_path / "run", settings=evil(CONFIG))).render(Console(file=io.StringIO()))
    assert clean(str(refused.value))


def terminal_console() -> Console:
    """A console with colours and without a width to speak of, on what pytest captures."""
    return Console(force_terminal=True, width=40, highlight=False)


@pytest.mark.parametrize("width", [40, 200])
def test_a_users_own_console_is_safe_too(run: Path, width: int) -> None:
    page = io.StringIO()
    load(run).render(Console(file=page, force_terminal=True, width=width, color_system="truecolor"))
    shown = page.getvalue()
    assert clean(shown, colours=True)
    assert "\x1b]8" not in shown  # no link is obeyed
    assert max(map(len, COLOURS.sub("", shown).split("\n"))) <= width
    if width == 200:
        assert SHOWN in COLOURS.sub("", shown)


@pytest.mark.parametrize("terminal", [False, True])
def test_a_view_shows_what_it_is_told_as_text(run: Path, terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    page = io.StringIO()
    with open_view(Console(file=page, force_terminal=terminal, width=100, color_system=None)) as view:
        view.begin(Start(recipe=EVIL, out=EVIL, backend=EVIL, generations=3))
        view.note(EVIL)
        view.generation(Generation(generation=3, generations=3, best=0.5, formula=EVIL, lifetimes=3, total_seconds=0.5))
        view.end(load(run))
    shown = re.sub(r"\x1b\[(\?25[lh]|2K|1A)|\r", "", page.getvalue())  # how Rich redraws
    assert clean(shown)
    assert SHOWN in shown.replace("\n", "")


def test_errors_are_one_legible_line() -> None:
    for error in (InputError(EVIL, EVIL, EVIL, EVIL), RunFailed(EVIL)):
        assert str(error).isprintable()
        assert SHOWN in str(error)


def test_only_what_is_not_printable_is_changed() -> None:
    told = "Δw = −η·∂L/∂w  学習 [bold]"
    assert legible(told) is told
    assert legible({EVIL: [EVIL, 1, None]}) == {SHOWN: [SHOWN, 1, None]}
    assert json.loads(json.dumps(legible({"a": (1.5, "b")}))) == {"a": [1.5, "b"]}


def test_paper_takes_nothing_for_markup_and_lets_nothing_through() -> None:
    page = io.StringIO()
    Console(file=page, force_terminal=True, color_system="truecolor").print(Paper("[red]a[/] [/]", "\x1b[31m"))
    assert page.getvalue() == "[red]a[/] [/]\n\\x1b[31m\n"
