"""The page: all of its contents, nothing loaded from anywhere, nothing of the run taken for markup."""

from __future__ import annotations

import base64
import builtins
import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from evometa.errors import InputError
from evometa.judging.analyses import Analysis
from evometa.judging.audits import Audit, Cell, Check
from evometa.presentation.audit import keep_audit
from evometa.presentation.run import Run, load
from evometa.report.figures import CATALOGUE, PALETTES
from evometa.report.page import page
from tests.dashboard.odd import crowded
from tests.inspected import CONFIG, REPORT, commit, create
from tests.report.reading import Page
from tests.reporting import ANALYSIS, HOSTILE, full
from tests.showcase import SHOWCASE

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "a", "div", "header", "p", "h1", "h2", "h3", "span", "nav"),
    *("ol", "li", "main", "section", "figure", "figcaption", "dl", "dt", "dd", "small", "table", "thead", "tbody"),
    *("tr", "th", "td", "details", "summary", "pre", "code", "strong", "footer", "noscript", "script"),
    *("math", "mrow", "mi", "mo", "mn", "msub", "msup", "mfrac", "msqrt"),
}


def test_it_has_everything_that_is_promised(html: str, run: Run) -> None:
    told = Page(html)
    champion = run.champion
    assert champion is not None
    for text in (
        *("Summary", "Verdict on held-out tasks", "The rule", "How it learns", "The network", "How it evolved"),
        *("delta", "seed 7", "finished", champion.formula, champion.recognised, "0.9500 ± 0.0100", "0.9790 ± 0.0020"),
        *("In 12 generations, 96 candidates were born; there were 1,920 lifetimes in evolution.", "worse than delta"),
        *(
            "48 in evolution lost",
            run.digest,
            "evometa run",
            "numpy",
            "2.4.6",
            "adapted_closeness",
            "two changes were left",
        ),
        *("mutate node", "Step by step"),
    ):
        assert text in told.text, text
    # one task a life, no images, no world, nobody is taught
    absent = ("task", "journey", "positions", "retention", "curriculum")
    titles = {entry.title for entry in CATALOGUE if entry.name not in absent}
    titles -= {"The verdict"}
    assert titles <= {title for title in titles if title in told.text}
    figures = [value.removeprefix("figure-") for value in told.attributes("id") if value.startswith("figure-")]
    # no world, and no network evolved or rewires itself
    none = {"task", "wiring", "journey", "positions", "retention", "curriculum"}
    none |= {"gates", "tuning", "families", "species"}
    assert sorted(figures) == sorted({entry.name for entry in CATALOGUE} - none)


def test_it_loads_nothing_and_runs_nothing_but_its_own(html: str) -> None:
    told = Page(html)
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in told.elements}
    assert told.attributes("src") == []
    assert all(link.startswith("#") for link in told.attributes("href"))
    policy = next(a["content"] or "" for tag, a in told.elements if tag == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; ")
    running = [text for attributes, text in told.scripts if attributes.get("type") != "application/json"]
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in running}
    allowed = re.findall(r"script-src ([^;]*);", policy)[0].split()
    assert set(allowed) == hashes
    assert not any(name.startswith("on") for _, attributes in told.elements for name in attributes)
    assert html.count("plotly.js v") == 1


def test_it_is_of_a_size_to_be_sent(html: str, hostile_run: Run) -> None:
    for text in (html, page(hostile_run)):
        assert len(text.encode()) < 8_000_000


def test_it_is_the_same_every_time(html: str, run: Run) -> None:
    assert page(run) == html


def test_nothing_of_the_run_is_taken_for_markup(hostile_run: Run) -> None:
    html = page(hostile_run)
    told = Page(html)
    assert {tag for tag, _ in told.elements} <= TAGS
    assert told.text.count(HOSTILE) >= 10
    assert len(told.scripts) == 3
    assert "{{7*7}}" in told.text
    assert "/secret" not in html
    assert html.count("<script") == 3 + Page(html).scripts[1][1].count("<script")
    data = json.loads(told.scripts[0][1])
    assert HOSTILE not in json.dumps(data, ensure_ascii=False)


def test_the_data_cannot_end_its_script(hostile_run: Run) -> None:
    data = Page(page(hostile_run)).scripts[0][1]
    assert not re.search("[<>&]", data)


def test_a_long_rule_is_folded_away(hostile_run: Run) -> None:
    told = Page(page(hostile_run))
    assert "The rule has 511 nodes: too many for a formula that fits here." in told.text
    champion = hostile_run.champion
    assert champion is not None
    assert champion.rule["update"] in told.text
    assert not [a for tag, a in told.elements if tag == "details" and "open" in a]


def test_everything_can_be_reached_by_keyboard_and_by_ear(html: str) -> None:
    told = Page(html)
    ids = told.attributes("id")
    assert len(ids) == len(set(ids))
    assert [link for link in told.attributes("href") if link[1:] not in ids] == []
    assert [name for name in told.attributes("aria-labelledby") if name not in ids] == []
    plots = [a for tag, a in told.elements if "plot" in (a.get("class") or "")]
    assert all(a["role"] == "img" and len(a["aria-label"] or "") > 20 for a in plots)
    scrolling = [a for _, a in told.elements if (a.get("class") or "") == "scroll"]
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in scrolling)
    heads = [a for tag, a in told.elements if tag == "th"]
    assert all(a.get("scope") in ("col", "row") for a in heads)
    assert ("html", {"lang": "en"}) in told.elements


def test_both_palettes_are_there(html: str) -> None:
    for palette in PALETTES.values():
        assert f"--ink:{palette['ink']};" in html
    assert "prefers-color-scheme:dark" in html


def test_a_run_without_generations_opens(place: Path) -> None:
    told = Page(page(load(full(place / "begun", generations=0, asked=5))))
    assert "not finished: 0 of 5 generations" in told.text
    assert "No generation is finished yet, so there is nothing to tell of it." in told.text
    assert told.text.count("No generation is finished yet") > 5


def test_further_tests_have_a_table_of_their_own(place: Path, html: str) -> None:
    row = {"name": HOSTILE, "mean": 0.25, "ci95": 0.01, "difference": {"mean": 0.375, "ci95": 0.02}}
    test = {"name": "20-way 1-shot", "mean": 0.625, "ci95": 0.03, "baselines": [row]}
    told = Page(page(load(full(place / "further", report={**REPORT, "other_tests": [test]}))))
    line = f"20-way 1-shot 0.6250 ± 0.0300 {HOSTILE} 0.2500 ± 0.0100 +0.375 ± 0.0200 better"
    assert line in told.text
    assert {tag for tag, _ in told.elements} <= TAGS
    assert "best plain learner" in told.text
    assert "Further tests" not in Page(html).text
    alone = {**REPORT, "other_tests": [{**test, "baselines": []}]}
    lonely = Page(page(load(full(place / "alone", report=alone)))).text
    assert "20-way 1-shot 0.6250 ± 0.0300" in lonely
    assert "plain learner" not in lonely


def test_an_audit_is_shown_what_it_flags_first(place: Path, html: str) -> None:
    folder = full(place / "audited", report=REPORT)
    cells = [Cell(name="in order", champion=0.5, verdict="passes", fault=0.1), Cell(name=HOSTILE, champion=0.25,
             stock=0.75, verdict="flagged", fault=0.0)]  # fmt: skip
    tests = [
        Check(name="orders", question="Does it hang on order?", verdict="passes", cells=cells[:1]),
        Check(name="shifts", question="Does it stand?", verdict="flagged", words=f"it falls: {HOSTILE}", cells=cells),
    ]
    champion = load(folder).champion
    assert champion is not None
    kept = Audit(individual=champion.id, measure="closeness", tasks=40, orders=3, rival="delta", stock=0.7, tests=tests)
    keep_audit(folder, kept)
    told = Page(page(load(folder)))
    assert "1 of 2 tests pass, 1 flagged (shifts). audit of individual 95 on 40 held-out tasks" in told.text
    rows = f"shifts flagged it falls: {HOSTILE} 0.2500 0.7500 orders passes Does it hang on order? 0.5000 –"
    assert rows in told.text
    assert f"shifts in order passes 0.5000 – shifts {HOSTILE} flagged 0.2500 0.7500 orders in order" in told.text
    assert {tag for tag, _ in told.elements} <= TAGS
    assert "This champion was not audited. evometa audit full does it." in Page(html).text
    keep_audit(folder, kept.model_copy(update={"individual": 3}))
    assert "This champion was not audited." in Page(page(load(folder))).text


def test_an_unfinished_run_tells_how_far_it_is_and_how_to_get_an_analysis(place: Path) -> None:
    run = load(full(place / "half", generations=3, asked=9))
    text = Page(page(run)).text
    assert "not finished: 3 of 9 generations" in text
    assert "The best so far is number 23." in text
    assert "--analyse" in text
    assert "closeness goes from 0.5000 at birth to" in text
    assert "two changes were left out" in Page(page(run, Analysis.model_validate(ANALYSIS))).text


def test_a_damaged_run_says_what_is_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = load(full(place / "damaged", generations=2))
    monkeypatch.setattr(Run, "damage", "generation 2 does not fit its chain of hashes (good up to generation 1)")
    assert "The run file is damaged: generation 2" in Page(page(run)).text


def test_a_genome_that_was_not_kept_is_said_to_be(place: Path) -> None:
    with create(place / "lost", CONFIG, {}) as writer:
        commit(writer, 0, keep=False)
    text = Page(page(load(place / "lost"))).text
    assert "its genome was not kept" in text
    assert "The run has not kept the champion’s genome." in text


def test_nan_everywhere_opens(place: Path) -> None:
    nan = {"mean": float("nan"), "ci95": float("nan")}
    report = {"champion": 0, "measure": "loss", "meta_test": nan, "baselines": [{"name": "x", **nan}], "curve": []}
    text = Page(page(load(full(place / "odd", report=report)))).text
    assert not re.search(r"\bnan\b", text.lower())


def test_without_jinja_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "jinja2":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=r"evometa\[report\]"):
        page(run)


def test_a_hundred_thousand_individuals_are_summarised(place: Path) -> None:
    run = load(crowded(place / "crowded"))
    started = time.process_time()
    html = page(run)
    assert time.process_time() - started < 60  # three are usual
    assert len(html.encode()) < 8_000_000
    told = Page(html).text
    assert "100,000 candidates were born" in told
    assert "No generation" not in told


def test_where_no_weight_changes_nothing_is_drawn_of_learning() -> None:
    """A network that compares examples: its size counts, not its rule's, and there are no curves of one point."""
    html = page(load(SHOWCASE / "alphabets"))
    text = Page(html).text
    assert "No weight changes within a life: what the champion knows it is born with." in text
    assert "size of the network" in text
    for absent in ("size of the rule", "What each term is worth", "A lifetime from within", "tuned to"):
        assert absent not in text
