"""A page of the documentation as a script: its blocks in their order, each at its own line of the page.

`python -m tests.pages PAGE` in an empty folder runs it as a reader would, with runs made small. Blocks with a title
are files, which are written; `python` runs; `toml` must load as a recipe; of `console`, each line is a command, see
`command`; `text` is output, or somebody else's machine, and is not run. `<!-- needs: torch -->` above a block names
libraries without which it is left out, and counted.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import textwrap
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(
    r"^(?:<!-- needs: (?P<needs>[\w ]+) -->\n)?```(?P<kind>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
KINDS = ("console", "python", "toml", "text")
SMALL = (
    *("run.generations=3", "evolution.population=16", "evolution.offspring=16", "evolution.immigrants=0.125"),
    *("sampling.tasks=4", "sampling.repeats=1", "sampling.validation_tasks=4", "sampling.test_tasks=4"),
    *("champion.candidates=3", "champion.rates.points=3", "champion.peers=false", "racing.rungs=[]"),
)
LONGEST = 8  # generations

# What is not run, and why; it is looked at as far as that goes (see `refused`).
UNRUN = {
    "python3 -m venv": "makes an environment, as a reader has one",
    ". .venv": "enters it",
    "pip install": "fetches; its extras must exist",
    "pytest": "runs the tests that this is one of",
    "tox": "makes environments; the one it names must exist",
    "python -m benchmarks": "takes hours; the module must exist",
    "tensorboard": "serves until Ctrl-C",
    "evometa dashboard": "serves until Ctrl-C; tests/dashboard opens it",
    "evometa run digits --backend cupy": "needs a GPU",
}


class Block(NamedTuple):
    """One fenced block: `line` is that of its first line of text, from 1."""

    kind: str
    title: str
    needs: tuple[str, ...]
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """Return the blocks of a page in order. ValueError for a kind that nothing is known of."""
    found = []
    for match in FENCE.finditer(text):
        kind, needs = match["kind"], tuple((match["needs"] or "").split())
        line = text.count("\n", 0, match.start("text")) + 1
        if kind not in KINDS:
            raise ValueError(f"line {line - 1}: a block of kind {kind!r}; known are {', '.join(KINDS)}")
        found.append(Block(kind, match["title"] or "", needs, match["text"], line))
    if len(found) * 2 != len(re.findall(r"^ *```", text, re.MULTILINE)):
        raise ValueError("a block that is not closed, is indented, or has an unknown head")
    return found


def script(text: str) -> str:
    """Return a page as a Python script that has every block at its own lines."""
    lines = ["from tests import pages as _pages; _pages.begin()"] + [""] * text.count("\n")
    for block in blocks(text):
        if block.kind == "text":
            continue
        lines[block.line - 2] = f"if not _pages.missing(*{block.needs!r}):" if block.needs else lines[block.line - 2]
        indent = "    " if block.needs else ""
        own = block.text.splitlines()
        if block.title:
            lines[block.line - 1] = f"{indent}_pages.file({block.title!r}, {block.text!r})"
        elif block.kind == "python":
            lines[block.line - 1 : block.line - 1 + len(own)] = [indent + one if one else "" for one in own]
        elif block.kind == "console":
            calls = [f"{indent}_pages.command({one!r})" for one in own]
            lines[block.line - 1 : block.line - 1 + len(own)] = calls
        else:
            lines[block.line - 1] = f"{indent}_pages.file('unnamed.toml', {block.text!r})"
    return "\n".join(lines) + "\n"


def begin() -> None:
    """Make every run that is started from here on a small one, without a word of it in the page."""
    running: Any = import_module("evometa.engine")
    load, resume = running.load_config, running.resume

    def small(recipe: Any, settings: Any = (), **given: Any) -> Any:
        given["generations"] = min(given.get("generations") or 3, LONGEST)
        return load(recipe, [*SMALL, *settings_kept(settings)], **given)

    def short(path: Any, *, generations: int | None = None, **given: Any) -> Any:
        return resume(path, generations=generations and min(generations, LONGEST), **given)

    running.load_config, running.resume = small, short
    sys.path.insert(0, "")


def settings_kept(settings: Any) -> list[str]:
    """Return a page's own settings without those that would make a run large."""
    ours = {one.partition("=")[0] for one in SMALL}
    return [one for one in settings if one.partition("=")[0] not in ours]


def missing(*libraries: str) -> bool:
    """Tell whether a library is missing, and say which on stdout."""
    absent = [name for name in libraries if find_spec(name) is None]
    if absent:
        print(f"LEFT OUT: {' '.join(absent)}")
    return bool(absent)


def file(name: str, text: str) -> None:
    """Write a block to the file that it is named after; a recipe must load, with the very keys it has; a world, too.

    Rules to start from are tried by the commands of their page.
    """
    Path(name).write_text(text, encoding="utf-8")
    if name.endswith(".toml") and re.search(r"^observe = ", text, re.MULTILINE):
        import_module("evometa.tasks.worlds").find_world(name)
    elif name.endswith(".toml") and not re.search(r"^update = ", text, re.MULTILINE):
        import_module("evometa.config.load").load(Path(name))


def command(line: str) -> None:
    """Run a command, or look at it as far as can be where it is among UNRUN. AssertionError where it fails."""
    if not line.strip():
        return
    words = shlex.split(line, comments=True)
    if any(line.startswith(start) for start in UNRUN):
        refused(words)
    elif words[0] == "evometa":
        evometa(words[1:])
    elif words[0] == "python":
        subprocess.run([sys.executable, "-W", "error", *words[1:]], check=True, capture_output=True)
    else:
        raise AssertionError(f"nobody knows how to test: {line}")


def evometa(words: list[str]) -> None:
    """Run the program in this process. AssertionError where it does not end with exit code 0."""
    import typer.testing

    from evometa.cli import app

    if {"static", "png", "svg"} & set(words) and not browser():
        print("LEFT OUT: chromium")
        return
    found = typer.testing.CliRunner().invoke(app, words)
    assert found.exit_code == 0, textwrap.shorten(f"evometa {shlex.join(words)}", 200) + "\n" + found.output


def browser() -> bool:
    """Tell whether there is a browser that draws figures."""
    from shutil import which

    return any(map(which, ("chromium", "chromium-browser", "google-chrome", "chrome")))


def refused(words: list[str]) -> None:
    """Look at a command that is not run: what it names must exist. AssertionError where it does not."""
    if words[0] == "evometa":
        parse(words)
    elif words[:2] == ["pip", "install"]:
        import tomllib

        extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "optional-dependencies"
        ]
        wanted = [name for names in re.findall(r"\[([\w,]+)\]", words[-1]) for name in names.split(",")]
        assert wanted, words
        assert set(wanted) <= set(extras), (words, sorted(extras))
    elif words[0] == "tox":
        assert f"[testenv:{words[-1]}]" in (ROOT / "tox.ini").read_text(encoding="utf-8"), words
    elif words[:2] == ["python", "-m"]:
        assert (ROOT / f"{words[2].replace('.', '/')}.py").exists(), words
    elif words[0] == "pytest":
        assert all((ROOT / path).exists() for path in words[1:]), words


def parse(words: list[str]) -> None:
    """Parse a command line of the program without running it; raises what typer raises for a wrong one."""
    import typer.main

    from evometa.cli import app

    group: Any = typer.main.get_command(app)
    group.commands[words[1]].make_context(words[1], words[2:])


if __name__ == "__main__":
    page = Path(sys.argv[1])
    copy = Path(f"{page.stem}_page.py")
    copy.write_text(script(page.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(subprocess.run([sys.executable, "-W", "error", str(copy)], check=False).returncode)
