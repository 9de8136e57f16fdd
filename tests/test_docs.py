"""The documentation site: every block of every page runs, the site builds without a warning, and fetches nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import evometa
from tests.pages import ROOT, SMALL, blocks, script  # fmt: skip

DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
PRIMITIVE = "how/primitive.md"  # changes evometa itself, so a copy is made for it
BARE = ("start.md",)  # makes its runs itself
CLOCKS = {"how/machines.md": pytest.mark.clocks}  # starts workers


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `runs` with the two runs that pages speak of, made small."""
    folder = tmp_path_factory.mktemp("shelf")
    for recipe in ("delta", "digits"):
        evometa.run(recipe, settings=SMALL, out=folder / "runs" / f"{recipe}-1")
    return folder


def run_page(page: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a page in a folder, in a process of its own."""
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), **environment}
    words = [sys.executable, "-m", "tests.pages", str(page)]
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)


def check(found: subprocess.CompletedProcess[str]) -> None:
    """Fail where a page failed; skip, and say why, where blocks of it were left out and the others ran."""
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-5000:]
    absent = sorted(set(re.findall(r"^LEFT OUT: (.*)$", found.stdout, re.M)))
    if absent:
        pytest.skip(f"all blocks run but those that need {', '.join(absent)}")


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=CLOCKS.get(page, ())) for page in PAGES if page != PRIMITIVE]
)
def test_every_block_of_a_page_runs(page: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if all(block.kind == "text" for block in blocks(text_of(page))):
        return  # nothing on it that could run
    if page not in BARE:
        shutil.copytree(request.getfixturevalue("shelf"), tmp_path, dirs_exist_ok=True)
    check(run_page(DOCS / page, tmp_path))


@pytest.mark.slow  # kernels are compiled for the new primitive
def test_a_primitive_of_ones_own(tmp_path: Path) -> None:
    copy = tmp_path / "clone"
    for name in ("evometa", "operators", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tox.ini"):
        shutil.copy(ROOT / name, copy)
    (row,) = [block.text for block in blocks(text_of(PRIMITIVE)) if block.title == "row"]
    table = copy / "evometa" / "spec" / "primitives.py"
    before, end, after = table.read_text(encoding="utf-8").partition("    return table\n")
    table.write_text(f"{before}{row}{end}{after}", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(copy)}
    # the page does it, too, but has imported what was generated before; a reader's commands are processes of their own
    subprocess.run([sys.executable, "-m", "evometa.language.generate"], cwd=copy, env=env, check=True)
    check(run_page(DOCS / PRIMITIVE, copy, PYTHONPATH=str(copy)))
    assert "evometa::op_clip)" in (copy / "evometa" / "lifetime" / "cuda" / "generated_switch.cuh").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("```python\nassert 1 == 2\n```\n", "AssertionError"),
        ("```console\nevometa inspect runs/nothing\n```\n", "exit_code"),
        ("```console\nevometa run digits --backend cupy --sed 3\n```\n", "No such option"),
        ('```console\npip install ".[dashbord]"\n```\n', "dashbord"),
        ("```console\nwget evometa\n```\n", "nobody knows how to test"),
        ('```toml title="wrong.toml"\n[taks]\n```\n', "the unknown key taks"),
    ],
)
def test_a_wrong_block_is_noticed(wrong: str, told: str, tmp_path: Path) -> None:
    page = tmp_path / "wrong.md"
    page.write_text(f"# Wrong\n\n{wrong}", encoding="utf-8")
    found = run_page(page, tmp_path)
    assert found.returncode != 0
    assert told in found.stderr


def test_a_block_that_cannot_be_understood_is_refused() -> None:
    for wrong in ("```rust\nfn\n```\n", "    ```python\n    1\n    ```\n", "```python\n1\n"):
        with pytest.raises(ValueError, match="block"):
            blocks(wrong)


def test_lines_of_a_script_are_those_of_the_page() -> None:
    text = "# Page\n\n<!-- needs: nothing_of_the_kind -->\n```python\nraise ValueError\n```\n\n```python\nx = 1\n```\n"
    lines = script(text).splitlines()
    assert lines[8] == "x = 1"
    assert lines[4] == "    raise ValueError"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, where mkdocs is there; `tox -e docs` has it."""
    if find_spec("mkdocs") is None or find_spec("mkdocstrings") is None:
        pytest.skip("mkdocs is not installed: tox -e docs builds the site")
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    env = {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    found = subprocess.run(build, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return folder


def test_the_site_fetches_nothing(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(PAGES) - 1
    fetched = re.compile(
        r"<(?:script|img|iframe|source)[^>]*\bsrc=\"?(?:https?:)?//|<link[^>]*rel=\"?(?:stylesheet|preload|preconnect)[^>]*href=\"?(?:https?:)?//"
    )
    assert [page.name for page in pages if fetched.search(page.read_text(encoding="utf-8"))] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(\"?https?:[^)]*\)|@import", styles) == []


def test_the_readme_sums_up_the_results() -> None:
    def numbers(text: str) -> set[str]:
        return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d)[ ,](?=\d{3}\b)", "", text)))

    summary = (ROOT / "README.md").read_text(encoding="utf-8").partition("<!-- results -->")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|(.*)$", summary, re.M)
    recipes, speed = " ".join(text_of("results.md").split()).split("## Speed")
    assert len(rows) > 20
    assert [name for name, row in rows if not numbers(row) <= numbers(recipes)] == []
    assert numbers(summary.rpartition("Speed, ")[2]) <= numbers(speed)


def test_generated_tables_are_there(site: Path) -> None:
    recipes = (site / "reference" / "recipes.html").read_text(encoding="utf-8")
    assert all(key in recipes for key in ("max_nodes", "inheritance", "validation_fraction", "migrate_every"))
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert all(f'id="{name}"' in commands for name in ("run", "resume", "inspect", "export", "report", "dashboard"))
    assert "generated:" not in "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
