"""A run on paper: what `evometa inspect` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from evometa.errors.text import legible
from evometa.judging.analyses import Analysis
from evometa.judging.verdict import lifetimes
from evometa.language.signals import READABLE
from evometa.presentation.audit import kept_audit
from evometa.presentation.audit import summary as audit_line
from evometa.presentation.connectome import Connectome
from evometa.presentation.console import print_parts
from evometa.presentation.episode import episode_lines
from evometa.presentation.format import curve, interval, number, numbers, spaced, stages
from evometa.presentation.learner import Learner
from evometa.presentation.learner_text import ONLY, close_up, descent
from evometa.presentation.lineage import lineage
from evometa.presentation.network_text import wiring_lines
from evometa.presentation.origin import origin_of
from evometa.presentation.plasticity import sentence
from evometa.presentation.score_table import scoreboard
from evometa.presentation.search_text import search_parts
from evometa.presentation.summary import Summary, readable, summary_of
from evometa.store.records import Statistics

if TYPE_CHECKING:
    from evometa.presentation.run import Run

__all__ = ["curve", "interval", "number", "numbers", "parts", "print_run", "spaced"]

WIRED = 60  # synapses of a network that is written out
ROWS = 10  # generations in the history, ancestors in the family


def print_run(
    run: Run, console: Console, generation: int | None, individual: int | None, analysis: Analysis | None,
    search: bool = False,
) -> None:  # fmt: skip
    """Print a run, or how it searched: fitted to a terminal, or with whole lines for a file or a pipe."""
    shown = search_parts(run.search(generation)) if search else parts(run, generation, individual, analysis)
    print_parts(console, list(shown))


def parts(
    run: Run, generation: int | None = None, individual: int | None = None, analysis: Analysis | None = None
) -> Iterator[RenderableType]:
    """Yield the parts of a run on paper: heading, rule, network, scores, analysis, history, descent, totals.

    `analysis`: made just now (None: what is stored of the individual shown, if anything).
    """
    told = summary_of(run, generation, individual)
    place, shown = legible(told.run), told.shown
    yield _heading(told, told.generation < run.generation)
    if told.damage:
        remedy = f"`evometa resume {place}` goes on from what is good."
        yield Text(f"The run file is damaged: {legible(told.damage)}. {remedy}", style="red")
    if shown is None:
        yield Text("No generation is finished yet.")
        return
    yield Text("")
    found = analysis or shown.analysis
    if told.faults is not None:
        yield Text(told.faults.sentence, style="yellow")
        yield Text("")
    yield from _rule(shown, told.finished, individual is not None, found)
    yield Text("")
    yield from _scores(shown)
    if (audit := readable(lambda: kept_audit(run))) is not None and audit.individual == shown.id:
        yield Text.assemble(("audit", "bold"), f"  {legible(audit_line(audit))}")
    yield Text("")
    yield from close_up(found.legible()) if found else [Text(ONLY.format(place), style="dim")]
    yield Text("")
    yield from _history(run.history[: told.generation])
    yield Text("")
    yield from descent(lineage(run, shown.id, ROWS + 1), ROWS)
    if (origin := readable(lambda: origin_of(run, shown, analysis))) is not None:
        yield Text(origin.sentence)
    yield Text("")
    if (search := readable(lambda: run.search(told.generation))) is not None:
        yield Text.assemble(("search", "bold"), f"  {search.sentence}")
        yield Text(f"More of it: evometa inspect {place} --search", style="dim")
        yield Text("")
    yield _totals(told)


def _heading(told: Summary, earlier: bool) -> Text:
    state = "as it was then" if earlier else "finished" if told.finished else "not finished"
    text = Text(legible(told.recipe), style="bold")
    rest = f" · seed {told.seed} · generation {told.generation} of {told.generations}, {state}"
    return text.append(f"{rest} · {legible(told.run)}", style="not bold")


def _rule(shown: Learner, finished: bool, asked: bool, analysis: Analysis | None) -> Iterator[RenderableType]:
    title = "individual" if asked else "champion" if finished else "best so far"
    made = f"  #{shown.id}, born in generation {shown.born} ({legible(shown.operator) or 'unknown operator'})"
    yield Text.assemble((title, "bold"), made)
    if shown.genome is None:
        yield Text("The run has not kept its genome.")
        return
    lines = Table.grid(padding=(0, 2))
    lines.add_row("rule", Text(shown.formula, style="cyan"))
    lines.add_row("which is", Text(legible(shown.recognised)))
    for slot, tree in shown.living.items():
        lines.add_row(f"as text, {slot}", Text(str(tree)))
    if not shown.settings.searches:
        lines.add_row("network", Text(shown.topology))
    one = shown.connectome and shown.connectome.learned(analysis)
    for name, words in (
        ("tuned", shown.tuned.sentence if shown.tuned else ""),
        ("plastic", sentence(one) if one else ""),
    ):
        if words:
            lines.add_row(name, Text(words))
    for name, signal in READABLE.items():
        if name in shown.signals:
            value = f" = {number(shown.coefficients[name])}" if name in shown.coefficients else ""
            lines.add_row(f"{name}{value}", Text(signal.meaning))
    yield lines
    yield from _wiring(one)


def _wiring(one: Connectome | None) -> Iterator[RenderableType]:
    """Write what each node of a network reads that evolved, or that gates have changed, where that is not much."""
    if one is None or (one.marks is None and one.opened is None) or one.graph.synapses > WIRED:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("node", "kind", "reads"):
        table.add_column(name, overflow="fold")
    for line in wiring_lines(one):
        table.add_row(*map(Text, line))
    yield table


def _scores(shown: Learner) -> Iterator[RenderableType]:
    objectives = shown.settings.fitness.objectives
    named = [f"{name} {number(value)}" for name, value in zip(objectives, shown.fitness, strict=False)]
    yield Text.assemble(("fitness", "bold"), f"  {', '.join(named) or numbers(shown.fitness)}")
    first, second = stages(shown.settings.acts or shown.settings.searches)
    yield Text(f"{first} {number(shown.innate)} → {second} {number(shown.adapted)} on the tasks of evolution")
    yield from scoreboard(shown.report, shown.settings.seed)
    yield from episode_lines(shown.report)


def _history(rows: Sequence[Statistics]) -> Iterator[RenderableType]:
    for name in ("best", "median"):
        yield Text.assemble((f"{name:<7}", "dim"), (curve([getattr(row, name) for row in rows]), "green"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = ["generation", "best", "median", "innate", "adapted", "diverged", "lifetimes"]
    more = [name for name in ("panel", "validation") if any(getattr(row, name) is not None for row in rows)]
    columns[2:2] = more
    for name in columns:
        table.add_column(name, justify="right")
    for row in spaced(rows, ROWS):
        table.add_row(*(number(getattr(row, name)) for name in columns))
    yield table


def _totals(told: Summary) -> Text:
    lost = f"{told.diverged - (told.faults.lives if told.faults else 0):,} of those in evolution diverged"
    spent = f"{told.evaluate_seconds:.1f} of {told.total_seconds:.1f} s spent on them"
    return Text(f"{lifetimes(told.lived)}\n{lost} · {spent}\ndigest {told.digest}", style="dim")
