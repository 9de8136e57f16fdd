"""Diversity: how many behaviours and forms of rules are alive, and which forms take over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evometa.language.algebra import formula
from evometa.language.liveness import living
from evometa.language.signals import READABLE
from evometa.language.text import parse
from evometa.presentation.format import number, spaced
from evometa.report.figures.generations import NOTHING
from evometa.report.figures.population import rules
from evometa.report.figures.scale import whole_x
from evometa.report.figures.theme import LIGHT, SERIES, blank, note, panels, plain
from evometa.store.population import signatures, survivors
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

SAMPLED = 40  # generations looked at
PICKED = 500  # survivors looked at in each
SPECIES = 5  # forms drawn by name
LABEL = 44  # characters of a formula
COMMON = 0.5  # share of all survivors from which on the commonest forms tell enough
NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?")
WORD = re.compile(r"[a-z]\w*")
NOT_KEPT = "genome not kept"


@dataclass
class Census:
    """What was found alive at some generations: different behaviours, and how many of each form and of each diet.

    A form is the text of a rule without its numbers; a diet is the set of signals that a rule reads.
    """

    generations: list[int] = field(default_factory=list)
    looked: list[int] = field(default_factory=list)
    behaviours: list[int] = field(default_factory=list)
    forms: list[Counter[str]] = field(default_factory=list)
    diets: list[Counter[str]] = field(default_factory=list)
    example: dict[str, dict[str, str]] = field(default_factory=dict)
    sampled: bool = False

    def shares(self, counts: Sequence[Counter[str]]) -> Counter[str]:
        """Return the mean share of each kind over the generations, in ten thousandths."""
        total: Counter[str] = Counter()
        for found, looked in zip(counts, self.looked, strict=True):
            total.update({kind: 10_000 * count // max(looked, 1) // len(counts) for kind, count in found.items()})
        return total


@takes(run=RUN)
def diversity(run: Run) -> Figure:
    """Draw how many behaviours and forms of rules are alive, and the shares of the commonest species.

    Species are the forms of rules; where there are too many for that, the sets of signals that rules read.
    """
    title = "Diversity and species"
    if not run.generation:
        return blank(title, NOTHING)
    census = _census(run)
    forms = [len(counts) for counts in census.forms]
    by_form = sum(share for _, share in census.shares(census.forms).most_common(SPECIES)) >= COMMON * 10_000
    species = "survivors by the form of their rules" if by_form else "survivors by the signals that they read"
    figure = panels(title, ["different ones among the survivors", species], [170, 210])
    _count(figure, census, census.behaviours, "behaviours", "blue")
    _count(figure, census, forms, "forms of rules", "orange")
    if by_form:
        _shares(figure, census, census.forms, "forms")
    else:
        _shares(figure, census, census.diets, "sets of signals")
    few = {"dtick": 1} if max([*forms, *census.behaviours]) < 6 else {}
    figure.update_yaxes(rangemode="tozero", tickformat=",d", **few, row=1, col=1)
    figure.update_yaxes(range=[0, 100], ticksuffix=" %", row=2, col=1)
    whole_x(figure, "generation", census.generations, 2)
    figure.update_layout(hovermode="x unified", height=figure.layout.height + 40)
    if census.sampled:
        note(figure, f"Of each generation, {number(PICKED)} survivors were looked at.")
    return figure


def _census(run: Run) -> Census:
    """Look at the survivors of some generations; each individual's rule is read once."""
    census = Census()
    known: dict[int, tuple[bytes, str, str]] = {}
    for generation in spaced(run.reader.generations(), SAMPLED):
        alive = [id for island in survivors(run.reader, generation) for id in island]
        picked = spaced(alive, PICKED)
        census.sampled |= len(picked) < len(alive)
        new = set(picked) - known.keys()
        marks, texts = signatures(run.reader, new), rules(run, new)
        for id in new:
            known[id] = marks.get(id, b""), *_kinds(texts.get(id), census)
        found = [known[id] for id in picked]
        census.generations.append(generation + 1)
        census.looked.append(len(picked))
        census.behaviours.append(len({mark for mark, _, _ in found}))
        census.forms.append(Counter(form for _, form, _ in found))
        census.diets.append(Counter(diet for _, _, diet in found))
    return census


def _kinds(texts: dict[str, str] | None, census: Census) -> tuple[str, str]:
    """Return a rule's form and what it reads; the census remembers one rule of each form."""
    if texts is None:
        return NOT_KEPT, NOT_KEPT
    form = "; ".join(f"{slot} = {form_of(text)}" for slot, text in sorted(texts.items()))
    census.example[form] = texts
    read = set(WORD.findall(" ".join(texts.values()))) & READABLE.keys()
    return form, ", ".join(name for name in READABLE if name in read) or "no signal at all"


def form_of(text: str) -> str:
    """Return the text of a rule with every number replaced by #: rules of one form differ in numbers only."""
    return NUMBER.sub("#", text)


def _count(figure: Figure, census: Census, counts: list[int], name: str, colour: str) -> None:
    figure.add_scatter(
        x=census.generations, y=counts, name=name, line={"color": LIGHT[colour], "width": 2}, row=1, col=1,
        mode="lines" if len(counts) > 2 else "lines+markers", hovertemplate="%{y}",
    )  # fmt: skip


def _shares(figure: Figure, census: Census, kinds: list[Counter[str]], what: str) -> None:
    """Stack the shares of the commonest kinds, and of all others."""
    total = census.shares(kinds)
    top = [kind for kind, _ in total.most_common(SPECIES)]
    layers = [(_formula(census.example.get(kind)) or kind, [counts[kind] for counts in kinds]) for kind in top]
    rest = [sum(counts.values()) - sum(counts[kind] for kind in top) for counts in kinds]
    if any(rest):
        layers.append((f"{number(len(total) - len(top))} other {what}", rest))
    for place, (name, counts) in enumerate(layers):
        colour = "slate" if place == len(top) else SERIES[place]
        shares = [100 * count / max(looked, 1) for count, looked in zip(counts, census.looked, strict=True)]
        figure.add_scatter(
            x=census.generations, y=shares, name=plain(name, LABEL), stackgroup="species", mode="lines", row=2, col=1,
            line={"color": LIGHT[colour], "width": 1}, fillcolor=LIGHT[f"{colour} band"], hovertemplate="%{y:.0f} %",
        )  # fmt: skip


def _formula(texts: dict[str, str] | None) -> str:
    """Return the formula of a rule, if there is one."""
    return "" if texts is None else formula(living({slot: parse(text, READABLE) for slot, text in texts.items()}))
