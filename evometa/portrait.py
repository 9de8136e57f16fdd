"""A run on paper: what `evometa inspect` prints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from evometa.language.signals import SIGNALS
from evometa.learner import Learner

if TYPE_CHECKING:
    from evometa.inspect import Run

BARS = "▁▂▃▄▅▆▇█"
PAPER = 10_000  # columns where lines are not to be broken
WIDTH = 60  # columns of a curve
ROWS = 10  # generations in the history, ancestors in the family


def print_portrait(run: Run, console: Console, generation: int | None, individual: int | None) -> None:
    """Print a run's portrait: fitted to a terminal, or with whole lines for a file or a pipe."""
    parts = list(portrait(run, generation, individual))
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    page = StringIO()
    Console(file=page, width=PAPER).print(*parts, sep="\n")
    console.file.writelines(line.rstrip() + "\n" for line in page.getvalue().splitlines())


def portrait(run: Run, generation: int | None = None, individual: int | None = None) -> Iterator[RenderableType]:
    """Yield the parts of a run's portrait: heading, rule, network, scores, history, ancestors, totals."""
    told = run.summary(generation, individual)
    done, shown = run.look_at(generation, individual)
    yield _heading(told, done < run.generation)
    if told["damage"]:
        remedy = f"`evometa resume {told['run']}` goes on from what is good."
        yield Text(f"The run file is damaged: {told['damage']}. {remedy}", style="red")
    if shown is None:
        yield Text("No generation is finished yet.")
        return
    yield Text("")
    yield from _rule(shown, told, individual is not None)
    yield Text("")
    yield from _scores(run, shown, told)
    yield Text("")
    yield from _history(run.history[:done])
    yield Text("")
    yield from _family(run, shown)
    yield Text("")
    yield _totals(told)


def _heading(told: Mapping[str, Any], earlier: bool) -> Text:
    state = "as it was then" if earlier else "finished" if told["finished"] else "not finished"
    text = Text(str(told["recipe"]), style="bold")
    rest = f" · seed {told['seed']} · generation {told['generation']} of {told['generations']}, {state}"
    return text.append(f"{rest} · {told['run']}", style="not bold")


def _rule(shown: Learner, told: Mapping[str, Any], asked: bool) -> Iterator[RenderableType]:
    title = "individual" if asked else "champion" if told["finished"] else "best so far"
    made = f"  #{shown.id}, born in generation {shown.born} ({shown.operator or 'unknown operator'})"
    yield Text.assemble((title, "bold"), made)
    if shown.genome is None:
        yield Text("The run has not kept its genome.")
        return
    lines = Table.grid(padding=(0, 2))
    lines.add_row("rule", Text(shown.formula, style="cyan"))
    lines.add_row("which is", Text(shown.recognised))
    for slot, text in shown.rule.items():
        lines.add_row(f"as text, {slot}", Text(text))
    lines.add_row("network", Text(shown.topology))
    for name, signal in SIGNALS.items():
        if name in shown.signals:
            value = f" = {number(shown.coefficients[name])}" if name in shown.coefficients else ""
            lines.add_row(f"{name}{value}", Text(signal.meaning))
    yield lines


def _scores(run: Run, shown: Learner, told: Mapping[str, Any]) -> Iterator[RenderableType]:
    objectives = run.config.get("fitness", {}).get("objectives", [])
    named = [f"{name} {number(value)}" for name, value in zip(objectives, shown.fitness, strict=False)]
    yield Text.assemble(("fitness", "bold"), f"  {', '.join(named) or numbers(shown.fitness)}")
    yield Text(f"innate {number(shown.innate)} → adapted {number(shown.adapted)} on the tasks of evolution")
    if shown.meta_test is None:
        return
    measure = told["champion"]["measure"] or "score"
    lower = " (lower is better)" if measure == "loss" else ""
    yield Text(f"{measure} on held-out tasks{lower}, mean ± 95 % interval", style="italic")
    table = Table()
    table.add_column("learner")
    table.add_column(measure, justify="right")
    table.add_row("champion", interval(shown.meta_test, shown.meta_test_ci95), style="bold")
    for row in told["baselines"]:
        rate = f" (rate {row['rate']:.3g})" if row.get("rate") is not None else ""
        table.add_row(Text(f"{row['name']}{rate}"), interval(row.get("mean"), row.get("ci95")))
    yield table


def _history(rows: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    for name in ("best", "median"):
        yield Text.assemble((f"{name:<7}", "dim"), (curve([row.get(name) for row in rows]), "green"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = ("generation", "best", "median", "innate", "adapted", "diverged", "lifetimes")
    for name in columns:
        table.add_column(name, justify="right")
    for row in spaced(rows, ROWS):
        table.add_row(*(number(row.get(name)) for name in columns))
    yield table


def _family(run: Run, shown: Learner) -> Iterator[RenderableType]:
    found = run.ancestors(shown.id, ROWS + 1)
    yield Text("ancestors, nearest first" if found else "no ancestors", style="bold")
    if not found:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    rows = [
        (
            str(one.id),
            str(one.born),
            one.operator,
            ", ".join(map(str, one.parents)) or "–",
            numbers(one.fitness),
        )
        for one in found[:ROWS]
    ]
    for column, name in enumerate(("id", "born", "by", "from", "fitness")):
        width = max(len(name), *(len(row[column]) for row in rows))
        table.add_column(name, justify="right" if column < 2 else "left", min_width=width, no_wrap=True)
    table.add_column("rule", overflow="ellipsis", no_wrap=True)
    for row, one in zip(rows, found, strict=False):
        rule = "; ".join(f"{slot} = {text}" for slot, text in one.rule.items()) or "–"
        table.add_row(*map(Text, row), Text(rule))
    yield table
    if len(found) > ROWS:
        yield Text("and more", style="dim")


def _totals(told: Mapping[str, Any]) -> Text:
    lived = f"{told['lifetimes']:,} lifetimes, {told['diverged']:,} of them diverged"
    spent = f"{told['evaluate_seconds']:.1f} of {told['total_seconds']:.1f} s spent on them"
    return Text(f"{lived} · {spent}\ndigest {told['digest']}", style="dim")


def spaced(rows: Sequence[Any], count: int) -> list[Any]:
    """Return at most `count` rows, evenly spaced, the first and the last among them."""
    last = len(rows) - 1
    if last < count:
        return list(rows)
    return [rows[round(i * last / (count - 1))] for i in range(count)]


def curve(values: Sequence[float | None]) -> str:
    """Draw numbers as a line of bars; the largest twentieth is cut off, what is missing is left blank."""
    shown = [v if v is not None and math.isfinite(v) else None for v in spaced(values, WIDTH)]
    known = sorted(v for v in shown if v is not None)
    if not known:
        return ""
    low, high = known[0], known[math.ceil(0.95 * len(known)) - 1]
    step = (high - low) / (len(BARS) - 1) or 1.0
    return "".join(" " if v is None else BARS[min(len(BARS) - 1, round((min(v, high) - low) / step))] for v in shown)


def interval(mean: float | None, half: float | None) -> str:
    """Write a mean ± half its 95 % interval."""
    return number(mean) if half is None else f"{number(mean)} ± {number(half)}"


def numbers(values: Sequence[float]) -> str:
    """Write several numbers as a list."""
    return ", ".join(map(number, values)) or "–"


def number(value: Any) -> str:
    """Write a number with four decimals (very large or small: four digits), a count in full, none as a dash."""
    if value is None:
        return "–"
    if not isinstance(value, float) or (value.is_integer() and 1 < abs(value) < 1e6):
        return f"{value:,.0f}"
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1000 else f"{value:.4g}"
