"""Runs and learners as a notebook shows them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from evometa.presentation.notebook import curve
from evometa.presentation.run import load
from evometa.store import create
from tests.elements import Elements
from tests.inspected import CONFIG, REPORT, folder  # noqa: F401  a fixture
from tests.reporting import ANALYSIS, HOSTILE, full, hostile

OLDER = Path(__file__).parents[1] / "store" / "data" / "format-1.db"
ELEMENTS = {
    *("div", "p", "strong", "em", "code", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"),
    *("svg", "title", "path", "math", "mrow", "mi", "mo", "mn", "msub", "msup", "mfrac", "msqrt"),
}
COLOUR = re.compile(r"#|rgb|color:(?!inherit)")


def page_of(shown: Any) -> Elements:
    page = Elements(shown._repr_html_())
    assert page.names <= ELEMENTS
    assert not any(name.startswith("on") or name in ("href", "src") for name in page.attributes)
    assert not any(map(COLOUR.search, page.attributes.get("style", ())))
    return page


def test_a_finished_run_is_shown(tmp_path: Path) -> None:
    run = load(full(tmp_path / "run", report={**REPORT, "analysis": ANALYSIS, "over": {"unit": "class", "units": [5]}}))
    page = page_of(run)
    assert {"math", "table", "svg"} <= page.names
    assert page.attributes["stroke"] == {"currentColor"}
    for said in (
        *("delta · seed 7 · generation 12 of 12, finished", "closeness on held-out tasks, mean ± 95 % interval"),
        *("over 5 classes", "0.9500 ± 0.0100", "0.9790 ± 0.0020", "It is worse than delta.", "learning curve"),
        "adapted_closeness: best, and faintly median, in generations 1 to 12. From 0.5290",
    ):
        assert said in page.text, said
    assert run.champion is not None
    assert run.champion.recognised in page.text
    learner = page_of(run.champion)
    assert "learning curve" in learner.text
    assert "in generations" not in learner.text
    assert page_of(run.individual(3)).names.isdisjoint({"table", "svg"})  # it was not tested


def test_a_line_for_plain_python(folder: Path) -> None:  # noqa: F811
    run = load(folder)
    assert repr(run) == f"<Run delta in {folder}: generation 3, finished>"
    assert (
        repr(run.champion) == f"<Learner 2: {run.champion and run.champion.formula}; 0.9500 ± 0.0100 on held-out tasks>"
    )
    assert repr(run.individual(1)).endswith("; 0.6000, 5>")


def test_hostile_texts_are_shown_as_texts(tmp_path: Path) -> None:
    run = load(hostile(tmp_path / "run"))
    page = page_of(run)
    assert HOSTILE in page.text
    assert len(run._repr_html_()) < 100_000  # the rule has 511 nodes
    assert "\n" not in repr(run) + repr(run.champion)


def test_control_characters_are_escapes(tmp_path: Path) -> None:
    with create(tmp_path / "run", {**CONFIG, "name": "a\x1b[31m\nb\u202e"}, {}):
        pass
    run = load(tmp_path / "run")
    assert r"a\x1b[31m\nb\u202e" in page_of(run).text
    assert r"a\x1b[31m\nb\u202e" in repr(run)


def test_a_run_before_its_first_generation(tmp_path: Path) -> None:
    with create(tmp_path / "run", CONFIG, {}):
        pass
    page = page_of(load(tmp_path / "run"))
    assert page.text.endswith("No generation is finished yet.")


def test_a_run_of_an_earlier_version(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    shutil.copy(OLDER, tmp_path / "run" / "run.db")
    run = load(tmp_path / "run")
    assert "generation 4 of" in page_of(run).text
    assert run.champion is not None
    assert page_of(run.champion).text.startswith("champion" if run.champion.scores else "learner")


def test_a_run_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with create(tmp_path / "run", {**CONFIG, "run": {"generations": "<b>many"}}, {}):
        pass
    run = load(tmp_path / "run")
    assert re.search("The rest cannot be shown: .*expected an intact run file", page_of(run).text)
    assert "which cannot be read" in repr(run)


def test_a_curve_has_gaps_and_keeps_its_scale() -> None:
    lost = [(float(n), -1e6 if n == 3 else 0.2) for n in range(20)]
    page = curve([[(1.0, 0.0), (2.0, None), (3.0, 1.0)], lost], "a < b")
    assert 'd="M5.0 85.0M315.0 5.0"' in page
    assert "a &lt; b. From 0.0000 (bottom) to 1.0000 (top)." in page
    fallen = [(float(n), 1e3 if n == 0 else 0.5 + 0.5 * (n % 2)) for n in range(100)]
    assert "From 0.5000 (bottom) to 1.0000 (top)." in curve([fallen], "a first generation")
    assert curve([[(1.0, 0.5)]], "one point") == curve([], "none") == ""
