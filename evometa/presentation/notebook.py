"""Runs and learners as a notebook shows them: HTML without script or style sheet, in the colours of its page.

All that comes from a run file is escaped, and what an older run lacks is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from math import isfinite
from typing import TYPE_CHECKING, Any

from evometa.errors import EvometaError
from evometa.errors.text import legible
from evometa.judging.analyses import Analysis
from evometa.judging.scores import finite
from evometa.language.mathml import mathml
from evometa.presentation.format import interval, number, numbers, spaced
from evometa.presentation.score_table import board

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner
    from evometa.presentation.run import Run

LONG = 600  # characters of a formula that is set as mathematics
LONGEST = 4000  # characters of a formula that are shown at all
POINTS = 200  # of a curve
WIDTH, HEIGHT, MARGIN = 320, 90, 5  # pixels of a curve
FAINT = 'style="opacity:0.7;margin:0.2em 0"'

Line = Sequence[tuple[float, float | None]]
"""A curve: x, and y or None where it has a gap."""


def run_html(run: Run) -> str:
    """Return a run: how far it is, its champion, and its fitness over the generations."""
    return _whole(_run(run))


def learner_html(learner: Learner) -> str:
    """Return an individual: its formula, what it is known as, its scores, and its learning curve."""
    return _whole(_learner(learner, "learner" if learner.report is None else "champion"))


def run_line(run: Run) -> str:
    """Return a run in one line, for plain Python."""
    try:
        state = f"generation {run.generation}, {'finished' if run.finished else 'not finished'}"
        return legible(f"<Run {run.settings.name} in {run.folder}: {state}>")
    except (EvometaError, OSError) as error:
        return legible(f"<Run in {run.folder}, which cannot be read: {error}>")


def learner_line(learner: Learner) -> str:
    """Return an individual in one line, for plain Python."""
    try:
        formula = learner.formula if len(learner.formula) <= LONG else f"{learner.formula[:LONG]} …"
        tested = learner.meta_test is not None
        score = f"{interval(learner.meta_test, learner.meta_test_ci95)} on held-out tasks" if tested else ""
        return legible(f"<Learner {learner.id}: {formula or 'no genome'}; {score or numbers(learner.fitness)}>")
    except (EvometaError, OSError) as error:
        return legible(f"<Learner {learner.id}, which cannot be read: {error}>")


def text(value: Any) -> str:
    """Return a text as it may stand within HTML."""
    return escape(legible(str(value)))


def element(name: str, inner: str, attributes: str = "") -> str:
    """Return an element around HTML."""
    return f"<{name}{attributes and ' '}{attributes}>{inner}</{name}>"


def _whole(parts: Iterator[str]) -> str:
    """Join parts; what of a run file cannot be read is said in place of the parts from there on."""
    shown: list[str] = []
    try:
        shown.extend(parts)
    except (EvometaError, OSError) as error:
        shown.append(element("p", f"The rest cannot be shown: {text(error)}"))
    return element("div", "".join(shown), 'class="evometa"')


def _run(run: Run) -> Iterator[str]:
    done, settings = run.generation, run.settings
    state = "finished" if run.finished else "not finished"
    rest = f" · seed {settings.seed} · generation {done:,} of {number(settings.run.generations)}, {state}"
    yield element("p", element("strong", text(settings.name)) + rest + f" · {text(run.folder)}")
    champion = run.champion
    if champion is None:
        yield element("p", "No generation is finished yet.")
        return
    yield from _learner(champion, "champion" if run.finished else "best so far")
    rows = run.history
    lines = [[(row.generation, finite(getattr(row, name))) for row in rows] for name in ("best", "median")]
    yield curve(lines, f"{settings.fitness.objectives[0]}: best, and faintly median, in generations 1 to {done:,}")


def _learner(learner: Learner, title: str) -> Iterator[str]:
    made = f" · individual {learner.id}, born in generation {learner.born:,} ({learner.operator or 'unknown operator'})"
    yield element("p", element("strong", title) + text(made))
    if learner.genome is None:
        yield element("p", "The run has not kept its genome.")
    else:
        yield _formula(learner)
        yield element("p", text(learner.recognised))
        yield element("p", text(learner.topology), FAINT)
        for words in filter(None, (learner.gates, learner.plastic)):
            yield element("p", text(words), FAINT)
    fitness = f"fitness {numbers(learner.fitness)} · innate {number(learner.innate)} → adapted "
    yield element("p", text(f"{fitness}{number(learner.adapted)} on the tasks of evolution"))
    yield _scores(learner)
    yield _lives(learner.analysis)


def _formula(learner: Learner) -> str:
    formula = learner.formula
    if len(formula) <= LONG:
        shown = mathml(learner.living, learner.coefficients)
        if len(shown) == len(learner.living):
            return "".join(shown)
    cut = formula if len(formula) <= LONGEST else f"{formula[:LONGEST]} …"
    return element("p", element("code", text(cut), 'style="overflow-wrap:anywhere"'))


def _scores(learner: Learner) -> str:
    """Return the held-out scores beside those of stock learners; nothing of who was not tested."""
    found = board(learner.report, learner.settings.seed)
    if found is None:
        return ""
    head = element("tr", _cells("th", found.columns))
    rows = [
        element("tr", _cells("td", row), "" if place else 'style="font-weight:bold"')
        for place, row in enumerate(found.rows)
    ]
    parts = element("thead", head) + element("tbody", "".join(rows))
    table = element("table", parts, 'style="color:inherit;border-collapse:collapse"')
    notes = "".join(element("p", text(note), FAINT) for note in found.notes)
    return element("p", element("em", text(found.title))) + table + notes


def _cells(name: str, row: Iterable[str]) -> str:
    look = 'style="text-align:{};padding:0.1em 0.6em;white-space:nowrap"'
    return "".join(
        element(name, text(cell), look.format("right" if place else "left")) for place, cell in enumerate(row)
    )


def _lives(analysis: Analysis | None) -> str:
    """Return the learning curves of the champion and, faintly, of stock rules; nothing without an analysis."""
    if analysis is None:
        return ""
    pairs = [zip(one.updates, one.mean, strict=False) for one in analysis.curves]
    lines = [[(x, finite(y)) for x, y in line] for line in pairs]
    if not lines or not lines[0]:
        return ""
    others = ", and faintly of stock rules" if len(lines) > 1 else ""
    return curve(lines, f"learning curve: {analysis.measure} on held-out tasks{others}, to update {lines[0][-1][0]:,}")


def curve(lines: Sequence[Line], caption: str) -> str:
    """Draw curves, the first strongly; the scale leaves out the ends of their values, least of the first one's."""
    drawn = [spaced(line, POINTS) for line in lines]
    known = [sorted(y for _, y in line if y is not None) for line in drawn]
    if not known or len(known[0]) < 2:
        return ""
    ends = [len(part) // (10 if place else 40) for place, part in enumerate(known)]  # lost lives, a first generation
    ranges = [part[end : len(part) - end] for part, end in zip(known, ends, strict=True) if part]
    low, high = min(part[0] for part in ranges), max(part[-1] for part in ranges)
    first, last = drawn[0][0][0], drawn[0][-1][0]
    paths = []
    for place, line in reversed(list(enumerate(drawn))):
        look = f'fill="none" stroke="currentColor" stroke-width="{1 if place else 2}" opacity="{0.45 if place else 1}"'
        paths.append(element("path", "", f'd="{_path(line, (first, last), (low, high))}" {look}'))
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
    svg = element("svg", element("title", text(caption)) + "".join(paths), size)
    said = f"{caption}. From {number(low)} (bottom) to {number(high)} (top)."
    return element("figure", svg + element("figcaption", text(said), FAINT), 'style="margin:0.5em 0"')


def _path(line: Line, across: tuple[float, float], up: tuple[float, float]) -> str:
    """Return the path of a curve, broken where it has gaps; what is beyond the scale lies at its edge."""
    steps, pen = [], "M"
    for x, y in line:
        if y is None:
            pen = "M"
            continue
        left = MARGIN + _share(x, *across) * (WIDTH - 2 * MARGIN)
        steps.append(f"{pen}{left:.1f} {MARGIN + (1 - _share(y, *up)) * (HEIGHT - 2 * MARGIN):.1f}")
        pen = "L"
    return "".join(steps)


def _share(value: float, low: float, high: float) -> float:
    """Return where a value lies between two, from 0 to 1; in the middle, where they are one."""
    width = high - low
    return min(1.0, max(0.0, (value - low) / width)) if isfinite(width) and width > 0 else 0.5
