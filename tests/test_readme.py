"""What the documents say is true: commands parse, examples run, names and paths exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import typer

import evometa
from evometa.cli import app
from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.evolution.courses import open_courses
from evometa.tasks.location import Places

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "runs/README.md"]
SET_UP = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/evometa run alphabets"
TESTS = ".venv/bin/pip install tox && .venv/bin/tox"
SMALL = ["run.generations=2", "evolution.population=12", "sampling.tasks=4", "sampling.test_tasks=4"]


def blocks(kind: str) -> list[str]:
    """Return the README's fenced blocks of one kind."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for its_kind, text in found if its_kind == kind]


def commands(text: str) -> list[str]:
    """Return the evometa commands in a document, in blocks and inline."""
    lines = [line for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S) for line in block.split("\n")]
    lines += re.findall(r"^    (evometa .*)$", text, re.M) + re.findall(r"`(evometa [a-z][^`]*)`", text)
    found = (line.partition("#")[0].rpartition("&&")[2].strip().removeprefix(".venv/bin/") for line in lines)
    return [line for line in found if line.startswith("evometa ")]


def parse(command: str) -> None:
    """Parse a command line as the program would, without running it."""
    group = typer.main.get_command(app)
    words = shlex.split(re.sub(r"\b(RECIPE|NAME|DIR)\b", "x", command))[1:]
    assert words[0] in group.commands, command  # type: ignore[attr-defined]
    verb = group.commands[words[0]]  # type: ignore[attr-defined]
    if len(words) > 1:  # a verb alone only names the command
        verb.make_context(words[0], words[1:])


def test_the_two_commands_are_there() -> None:
    lines = [line.partition("#")[0].strip() for block in blocks("") for line in block.splitlines()]
    assert lines == [SET_UP, TESTS]
    assert TESTS in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_parse(name: str) -> None:
    for command in commands((ROOT / name).read_text(encoding="utf-8")):
        parse(command)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("evometa rnu digits", "evometa rnu digits"),
        ("evometa run digits --sed 3", "No such option"),
        ("evometa list runs here there", "nexpected extra argument"),
    ],
)
def test_a_wrong_command_is_noticed(wrong: str, told: str) -> None:
    assert commands(f"```console\n{wrong}  # so\n```\n") == [wrong]
    with pytest.raises(Exception, match=told):
        parse(wrong)


def test_every_recipe_is_in_the_table_and_no_other() -> None:
    table = README.partition("## Recipes")[2].partition("## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", table, re.M)
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(recipes())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_and_links_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    inline = re.findall(r"`((?:evometa|operators|tests|benchmarks)/[\w/.]+)`", text)
    assert [path for path in inline if not (ROOT / path).exists() and "/x/" not in path and "NAME" not in path] == []
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("http")]
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


def test_the_map_shows_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Words")[0]
    modules = {path.stem for path in (ROOT / "evometa").glob("*.py")} - {"__init__"}
    modules |= {path.parent.name + "/" for path in (ROOT / "evometa").glob("*/__init__.py")}
    assert {name for name in modules if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.strip().splitlines()[0])
def test_python_examples_run(code: str, tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert found.returncode == 0, found.stderr


def write_examples(folder: Path) -> None:
    """Write every example that begins with a file's name into a folder."""
    for code in blocks("python") + blocks("toml"):
        head = code.splitlines()[0]
        if re.fullmatch(r"# \w+\.\w+", head):
            (folder / head[2:]).write_text(code, encoding="utf-8")


def test_tasks_from_a_function_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_examples(tmp_path)
    monkeypatch.chdir(tmp_path)
    run = evometa.run("lines.toml", settings=SMALL, out="run")
    assert run.finished
    assert run.config["name"] == "lines"


def test_tasks_from_a_table_open(tmp_path: Path) -> None:
    write_examples(tmp_path)
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f},{y:.3f},{'abcdefgh'[i % 8]}" for i, (x, y) in enumerate(rng.normal(size=(240, 2)))]
    (tmp_path / "flowers.csv").write_text("\n".join(["length,width,species", *rows]), encoding="utf-8")
    config = load(tmp_path / "flowers.toml", ["tasks.ways=2"]).config
    (course,) = open_courses(config, Places(tmp_path))
    assert (course.family.inputs, course.family.outputs) == (2, 2)
    assert course.family.sample("test", 3, rng).lanes == 3


def test_toml_examples_are_recipes(tmp_path: Path) -> None:
    write_examples(tmp_path)
    files = sorted(tmp_path.glob("*.toml"))
    assert len(files) == len(blocks("toml"))
    for file in files:
        assert load(file).config.name == file.stem
        assert tomllib.loads(file.read_text(encoding="utf-8"))["tasks"]["family"]
