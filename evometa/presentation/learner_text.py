"""A learner from near, on paper: what its parts and signals are worth, the course of its life, its descent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evometa.errors.text import count_of, legible
from evometa.evolution.measures import MEASURES
from evometa.judging.analyses import Analysis, Biography, Effect, Part, Signal
from evometa.judging.scores import Score
from evometa.judging.verdict import over, wirings
from evometa.presentation.boards import lessons, positions
from evometa.presentation.format import beginning, curve, interval, number, numbers, signed
from evometa.presentation.ways import life

if TYPE_CHECKING:
    from evometa.presentation.lineage import Step

ACTING = frozenset(name for name, row in MEASURES.items() if row.acts or row.searches)
PARTS = 12  # parts of the rule in the table
TERM = 48  # columns of one part
ONLY = "No analysis of this individual is stored. Make one with: evometa inspect {} --analyse"


def close_up(told: Analysis) -> Iterator[RenderableType]:
    """Yield the parts of an analysis: what the learner is made of, and how it lives."""
    lower = " (lower is better)" if told.lower_is_better else ""
    title = f"what it is made of: {told.measure} on {count_of(told.tasks, 'held-out task')}{lower}"
    yield Text(title, style="bold")
    sure = f" (± 95 % interval {over(told.over)})"
    yield Text(f"the whole rule {_mean(told.whole)}, {beginning(told.measure in ACTING)} {_mean(told.innate)}{sure}")
    if told.diverged:
        yield Text(f"{told.diverged:,} of its {told.lifetimes:,} lifetimes diverged", style="red")
    if told.ablation:
        yield _ablation(told.ablation, told.measure)
    else:
        yield Text("The rule has no parts to take out besides single signals.", style="dim")
    if told.ablation_left_out:
        yield Text(f"{told.ablation_left_out} smaller changes were not tried", style="dim")
    if told.wiring:
        yield _wiring(told)
    if told.gates is not None:
        yield Text(wirings(told.gates))
    if told.sensitivity:
        yield _sensitivity(told.sensitivity, told.measure)
    if told.curriculum is not None and told.curriculum.boards:
        yield from lessons(told.curriculum)
    yield from life(told)
    if told.positions:
        yield from positions(told.positions)
    yield from _life(told.biography)
    for note in told.notes:
        yield Text(note, style="dim")


def _ablation(rows: Sequence[Part], measure: str) -> Table:
    """One row for each part: what changes when it is taken out, and when it is held at its mean."""
    parts: dict[tuple[str, str], dict[str, Part]] = {}
    for row in rows:
        parts.setdefault((row.slot, row.term), {}).setdefault(row.change, row)
    table = _table(("slot", "part of the rule", f"{measure} if removed", "if held at its mean"))
    ranked = sorted(parts.items(), key=lambda item: -max(_weight(row) for row in item[1].values()))
    for (slot, term), changes in ranked[:PARTS]:
        cells = [_change(changes.get(change)) for change in ("removed", "frozen")]
        table.add_row(Text(slot), Text(term if len(term) <= TERM else f"{term[: TERM - 1]}…"), *cells)
    if len(ranked) > PARTS:
        table.caption = f"and {len(ranked) - PARTS} parts that matter less"
    return table


def _wiring(told: Analysis) -> Table:
    """One row for each node and synapse that matters: what changes when it is taken out."""
    table = _table(("part of the network", f"{told.measure} if removed"))
    ranked = sorted(told.wiring, key=lambda row: -_weight(row))
    for row in ranked[:PARTS]:
        table.add_row(Text(f"{row.kind} {row.part}"), _change(row))
    if len(ranked) > PARTS:
        table.caption = f"and {len(ranked) - PARTS} more, which matter less"
    return table


def _sensitivity(rows: Sequence[Signal], measure: str) -> Table:
    table = _table(("signal", "its mean", f"{measure} if held there", "share of Δw", "slope"))
    for row in sorted(rows, key=lambda row: -_weight(row)):
        share = "–" if row.share is None else f"{row.share:.0%}"
        table.add_row(Text(row.signal), number(row.usual), _change(row), share, signed(row.slope))
    return table


def _table(columns: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", caption_justify="left")
    for place, name in enumerate(columns):
        left = place < (2 if columns[0] == "slot" else 1)
        table.add_column(Text(name), justify="left" if left else "right", overflow="ellipsis", no_wrap=not left)
    return table


def _weight(row: Effect) -> float:
    return abs(row.difference.mean or 0.0)


def _change(row: Effect | None) -> Text:
    """Write what is gained or lost by a change, dim where that may be chance."""
    if row is None or row.difference.mean is None:
        return Text("–", style="dim")
    mean, half = -row.difference.mean, row.difference.ci95
    text = signed(mean) if half is None else f"{signed(mean)} ± {number(half)}"
    return Text(text, style="" if half is not None and abs(mean) > half else "dim")


def _mean(score: Score) -> str:
    return interval(score.mean, score.ci95)


def _life(told: Biography) -> Iterator[RenderableType]:
    """Draw the course of a life, one line for each thing that changes in it."""
    named = {"error": told.error, "loss": told.loss, "|w|": told.weights, "|Δw|": told.change}
    lines = Table.grid(padding=(0, 2))
    for name, course in named.items():
        means = course.mean
        known = [value for value in means if value is not None]
        if known:
            lines.add_row(name, Text(curve(means), style="green"), f"{number(known[0])} → {number(known[-1])}")
    if lines.row_count:
        end = (told.updates or [0])[-1]
        yield Text.assemble(("within a life", "bold"), f"  from birth to update {end:,}, set {told.set}")
        yield lines


def descent(steps: Sequence[Step], rows: int) -> Iterator[RenderableType]:
    """Yield the line that an individual descends from: what changed at each step, and what it gained."""
    if not steps or not steps[0].parents:
        yield Text("no ancestors", style="bold")
        return
    yield Text("descent, itself first: what changed at each step, and what that gained", style="bold")
    cells = [
        (
            str(step.id), str(step.born), legible(step.operator) or "unknown",
            ", ".join(map(str, dict.fromkeys(step.parents))) or "–",  # who was crossed with itself is there once
            numbers(step.fitness), signed(step.gain),
        )
        for step in steps[:rows]
    ]  # fmt: skip
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, name in enumerate(("id", "born", "by", "from", "fitness", "gain")):
        width = max(len(name), *(len(row[column]) for row in cells))
        table.add_column(name, justify="right" if column in (0, 1, 5) else "left", min_width=width, no_wrap=True)
    table.add_column("change", overflow="fold")
    for row, step in zip(cells, steps, strict=False):
        table.add_row(*map(Text, row), Text(legible(step.change) or "–"))
    yield table
    if len(steps) > rows:
        yield Text("and more", style="dim")
