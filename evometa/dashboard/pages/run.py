"""A run's page: how it stands, the best rule, what it scored, every figure, and how to do it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from evometa.dashboard import routes
from evometa.dashboard.page import Page, figure_slot, text_slot, trouble
from evometa.dashboard.pages.parts import (
    WHOLE,
    badge,
    crumbs,
    facts,
    formula,
    progress,
    rule_texts,
    size_of,
    state_in,
    when,
)
from evometa.dashboard.shelf import Entry
from evometa.dashboard.snapshot import Snapshot
from evometa.dashboard.summaries import RUNNING
from evometa.errors import InputError
from evometa.judging.verdict import lifetimes
from evometa.presentation.audit import kept_audit
from evometa.presentation.audit import summary as audit_line
from evometa.presentation.format import interval, number
from evometa.presentation.learner import Learner
from evometa.presentation.run import Run
from evometa.presentation.summary import readable, summary_of
from evometa.report import figures

if TYPE_CHECKING:
    from dash.development.base_component import Component

WIDE = frozenset({"verdict", "history"})
CHECKED = 100_000_000  # bytes of the largest run file that is checked for a page: a second or two


def run_page(entry: Entry, snapshot: Snapshot) -> Page:
    """Return the page of a run."""

    def body() -> list[Component]:
        return [
            crumbs(entry),
            html.H1(entry.name, className="name"),
            text_slot("head", className="head"),
            text_slot("damage"),
            text_slot("best", className="card"),
            html.Div(
                [figure_slot(one.name, one.title, one.meaning, one.name in WIDE) for one in figures.CATALOGUE],
                className="plots",
            ),
            text_slot("numbers", className="card"),
            html.Details([html.Summary("Settings"), text_slot("settings")], className="card"),
            html.Details(
                [html.Summary("Where it ran, and how to run it again"), text_slot("origin")], className="card"
            ),
        ]

    texts = {
        "head": lambda run: _head(run, entry),
        "damage": lambda run: _damage(run, entry), "best": lambda run: _best(run, entry), "numbers": _numbers,
        "settings": _settings, "origin": _origin,
    }  # fmt: skip
    drawn = {one.name: one.make for one in figures.CATALOGUE}
    return Page(entry.name, body, ("run", entry.key), snapshot, texts, drawn, entry.written_by())


def _head(run: Run, entry: Entry) -> list[Any]:
    state = state_in(run, entry)
    settings = run.settings
    line = [
        badge(state),
        html.Span(f"{settings.name} · seed {settings.seed} · begun {when(run.reader.created)}", className="origin"),
        progress(run.generation, settings.run.generations),
    ]
    if state == RUNNING:
        line.append(html.Span(f"written by {entry.written_by()}; this page follows it", className="muted"))
    return line


def _damage(run: Run, entry: Entry) -> list[Component]:
    """Return what is wrong with the file, of a run that nobody is writing to; nothing where it is sound.

    A file that takes longer to check than a page may take is said not to have been checked.
    """
    if entry.written_by():
        return []
    if run.path.stat().st_size > CHECKED:
        text = f"Not checked for damage, as the file is large: evometa inspect {entry.name} does it."
        return [html.P(text, className="muted")]
    if not run.damage:
        return []
    return [
        trouble(
            InputError(
                "an intact run file",
                run.damage,
                entry.name,
                f"`evometa resume {entry.name}` goes on from what is good.",
            )
        )
    ]


def _best(run: Run, entry: Entry) -> list[Any]:
    best = run.champion
    if best is None:
        return [html.P("No generation is finished yet. This page fills as soon as one is.")]
    title = "Best so far" if best.report is None else "Champion"
    made = f"#{best.id}, born in generation {best.born} ({best.operator or 'unknown operator'})"
    ways = html.P(
        [
            dcc.Link("Look at it closely", href=routes.to_individual(entry.key, best.id)),
            dcc.Link("Its family tree", href=routes.to_lineage(entry.key, best.id)),
        ],
        className="ways",
    )
    text = html.Details([html.Summary("as text"), rule_texts(best)])
    network = [html.P(words) for words in (best.topology, best.gates, best.plastic) if words]
    return [html.H2([title, html.Span(made, className="muted")]), formula(best), *network, text, ways]


def _numbers(run: Run) -> list[Component]:
    told = summary_of(run)
    best, objectives = told.shown, run.settings.fitness.objectives
    pairs: list[tuple[str, Any]] = []
    if best is not None:
        pairs += [
            (name.replace("_", " "), number(value)) for name, value in zip(objectives, best.fitness, strict=False)
        ]
        pairs.append(("innate → adapted", f"{number(best.innate)} → {number(best.adapted)}"))
        if best.meta_test is not None:
            pairs.append((f"held-out {best.measure or 'score'}", _score(best)))
    if (audit := readable(lambda: kept_audit(run))) is not None:
        pairs.append(("audit", audit_line(audit)))
    if best is not None and best.tuned is not None:
        pairs.append(("tuned", best.tuned.sentence))
    if run.generation and (last := run.statistics(run.generation)).plastic is not None:
        pairs.append(("loss of the last newborn, before → after tuning",
                      f"{number(last.gradient_before)} → {number(last.gradient_after)}"))  # fmt: skip
        pairs.append(("norm of their gradient", number(last.gradient_norm)))
    if told.faults is not None:
        pairs.append(("faults of the world", told.faults.sentence))
    pairs += [
        ("lifetimes", lifetimes(told.lived)),
        ("lost in evolution", f"{told.diverged:,}"),
        ("time", f"{told.total_seconds:,.1f} s"),
        ("run file", size_of(run.path.stat().st_size)),
        ("digest", html.Code(run.digest, className="digest")),
    ]
    return [html.H2("Numbers"), facts(pairs)]


def _score(best: Learner) -> str:
    """Write the champion's score, and what its interval is over."""
    text = interval(best.meta_test, best.meta_test_ci95)
    return text if best.meta_test_ci95 is None else f"{text} {best.over}"


def _settings(run: Run) -> Component:
    text = json.dumps(run.config, indent=2, ensure_ascii=False)
    shown: Component = html.Pre(text[:WHOLE], tabIndex=0)
    return shown


def _origin(run: Run) -> list[Component]:
    settings = run.settings
    again = f"evometa run {settings.name} --seed {settings.seed} --generations {settings.run.generations}"
    environment = json.dumps(run.environment.plain(), indent=2, ensure_ascii=False)
    words = "With the recipe of that name and the settings above, this gives the same digest:"
    return [html.P(words), html.Pre(again, tabIndex=0), html.Pre(environment[:WHOLE], tabIndex=0)]
