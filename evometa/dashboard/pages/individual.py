"""One individual, and two of them side by side: a child and its parent, with what differs marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from evometa.dashboard import routes
from evometa.dashboard.page import Page, figure_slot, text_slot
from evometa.dashboard.pages.parts import SHOWN, crumbs, facts, folded, formula, rule_texts
from evometa.dashboard.shelf import Entry
from evometa.dashboard.snapshot import Snapshot
from evometa.presentation.format import number
from evometa.presentation.learner import Learner
from evometa.presentation.lineage import lineage
from evometa.presentation.run import Run
from evometa.report import figures

if TYPE_CHECKING:
    from dash.development.base_component import Component

CHILDREN = 24  # that are listed
TOKENS = 1500  # of a text in which differences are marked


def individual_page(entry: Entry, snapshot: Snapshot, of: int) -> Page:
    """Return the page of one individual."""

    def body() -> list[Component]:
        return [
            crumbs(entry, f"#{of}"),
            html.H1(["#", str(of), html.Span(["of ", entry.name], className="muted name")]),
            text_slot("rule", className="card"),
            html.Div([text_slot("facts", className="card"), text_slot("family", className="card")], className="pair"),
            html.Div(figure_slot("network", "Its network"), className="plots"),
        ]

    texts = {
        "rule": lambda run: _rule(run.individual(of)),
        "facts": lambda run: [html.H2("Facts"), _facts(run, run.individual(of))],
        "family": lambda run: _family(entry, run, run.individual(of)),
    }
    drawn = {"network": lambda run: figures.network(run.individual(of))}
    return Page(f"#{of} of {entry.name}", body, ("individual", entry.key, of), snapshot, texts, drawn)


def pair_page(entry: Entry, snapshot: Snapshot, child: int, parent: int) -> Page:
    """Return the page that shows a child beside its parent (or any two individuals of a run)."""

    def body() -> list[Component]:
        return [
            crumbs(entry, f"#{child} beside #{parent}"),
            html.H1(f"#{child} beside #{parent}"),
            text_slot("change", className="card"),
            html.Div([text_slot("child", className="card"), text_slot("parent", className="card")], className="pair"),
            html.Div(
                [
                    figure_slot("child", f"The network of #{child}"),
                    figure_slot("parent", f"The network of #{parent}"),
                ],
                className="plots",
            ),
        ]

    texts = {
        "change": lambda run: _change(run, run.individual(child), run.individual(parent)),
        "child": lambda run: _side(entry, run, run.individual(child), run.individual(parent)),
        "parent": lambda run: _side(entry, run, run.individual(parent), run.individual(child)),
    }
    drawn = {
        "child": lambda run: figures.network(run.individual(child)),
        "parent": lambda run: figures.network(run.individual(parent)),
    }
    address = ("pair", entry.key, child, parent)
    return Page(f"#{child} beside #{parent}", body, address, snapshot, texts, drawn)


def _rule(learner: Learner) -> list[Any]:
    return [formula(learner), html.P(learner.topology), html.Details([html.Summary("as text"), rule_texts(learner)])]


def _facts(run: Run, learner: Learner) -> Component:
    names = [name.replace("_", " ") for name in run.settings.fitness.objectives]
    rows: list[tuple[str, Any]] = [
        ("born in generation", f"{learner.born:,}"),
        ("made by", learner.operator or "unknown operator"),
        *((name, number(value)) for name, value in zip(names, learner.fitness, strict=False)),
    ]
    if not learner.fitness:
        rows.append(("fitness", "never evaluated"))
    rows.append(("innate → adapted", f"{number(learner.innate)} → {number(learner.adapted)}"))
    return facts(rows)


def _family(entry: Entry, run: Run, learner: Learner) -> list[Any]:
    """Return links to its tree, its parents and its children."""
    parents = [
        html.Li(
            [
                dcc.Link(f"#{number_}", href=routes.to_individual(entry.key, number_)),
                dcc.Link(
                    "side by side", href=routes.to_pair(entry.key, learner.id, number_), className="button",
                    title=f"#{learner.id} beside #{number_}",
                ),
            ]
        )
        for number_ in dict.fromkeys(learner.parents)
    ]  # fmt: skip
    found = run.reader.children(learner.id, CHILDREN + 1)
    children = [
        html.Li(dcc.Link(f"#{number_}", href=routes.to_individual(entry.key, number_))) for number_ in found[:CHILDREN]
    ]
    more = [html.Li("and more", className="muted")] if len(found) > CHILDREN else []
    return [
        html.H2("Family"),
        html.P(dcc.Link("Its family tree", href=routes.to_lineage(entry.key, learner.id))),
        html.H3("parents"),
        html.Ul(parents, className="links") if parents else html.P("none: drawn at random", className="muted"),
        html.H3("children"),
        html.Ul(children + more, className="links") if children else html.P("none", className="muted"),
    ]


def _change(run: Run, child: Learner, parent: Learner) -> list[Any]:
    """Return in words what became of one into the other."""
    if parent.id not in child.parents:
        return [html.P(f"#{parent.id} is not a parent of #{child.id}; they are shown side by side all the same.")]
    step = lineage(run, child.id, limit=1)[0]
    gain = "" if step.gain is None else f" Against its better parent that is {step.gain:+.4g} in fitness."
    others = [f"#{one}" for one in dict.fromkeys(child.parents) if one != parent.id]
    also = f" Its other parent is {', '.join(others)}." if others else ""
    return [
        html.P(f"Made by {child.operator or 'an unknown operator'}: {step.change or 'nothing that shows'}.{gain}{also}")
    ]


def _side(entry: Entry, run: Run, shown: Learner, other: Learner) -> list[Any]:
    """Return one of two individuals; what the other lacks is marked."""
    link = dcc.Link(f"#{shown.id}", href=routes.to_individual(entry.key, shown.id))
    role = "child" if other.id in shown.parents else "parent" if shown.id in other.parents else ""
    parts: list[Any] = [html.H2([link, html.Span(role, className="muted")]), formula(shown), _facts(run, shown)]
    for slot, text in shown.rule.items():
        parts += [html.H3(slot), *marked(text, other.rule.get(slot, ""))]
    if shown.coefficients:
        values = {name: f"{name} = {value:.6g}" for name, value in shown.coefficients.items()}
        same = {name for name, value in shown.coefficients.items() if other.coefficients.get(name) == value}
        words: list[Any] = [html.Span(text) if name in same else html.Mark(text) for name, text in values.items()]
        parts += [html.H3("coefficients"), html.P(spaced_out(words), className="code")]
    return parts


def marked(text: str, other: str) -> list[Component]:
    """Return a rule's text with what the other lacks marked; of a long one the text alone."""
    ours, theirs = (re.findall(r"[\w.]+|[^\w.]", one) for one in (text, other))
    if max(len(ours), len(theirs)) > TOKENS or len(text) > 4 * SHOWN:
        return folded(text, "code")
    pieces: list[Any] = []
    for kind, start, end, _, _ in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        piece = "".join(ours[start:end])
        if piece:
            pieces.append(piece if kind == "equal" else html.Mark(piece))
    return [html.P(pieces, className="code")]


def spaced_out(parts: Sequence[Any]) -> list[Any]:
    """Return parts with a comma between them."""
    return [piece for n, part in enumerate(parts) for piece in ((", ", part) if n else (part,))]
