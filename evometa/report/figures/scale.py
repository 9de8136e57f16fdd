"""What the numbers of a run mean to an eye: names of measures, which way is better, which axis fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, NamedTuple

from evometa.evolution.measures import MEASURES, lower_is_better
from evometa.evolution.objectives import known_objective
from evometa.judging.scores import finite
from evometa.store.records import Json, Statistics

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

WIDE = 8  # largest over smallest: from here on the axis of a loss is logarithmic
LONGEST = 24  # characters of a measure's name


class Scale(NamedTuple):
    """A measure: its name in words, whether more is better, and the value of what was lost (None: no such)."""

    name: str
    higher: bool
    lost: float | None = None

    @property
    def meaning(self) -> str:
        """What the measure is, in words; empty where that is not known."""
        return MEASURES[self.name].meaning if self.name in MEASURES else ""

    @property
    def heading(self) -> str:
        """The name and which way is better."""
        return f"{self.name} ({'higher' if self.higher else 'lower'} is better)"


def objectives(run: Run) -> list[Scale]:
    """Return the scales of what a run's genomes are judged by."""
    return [_objective(name) for name in run.settings.fitness.objectives]


def _objective(name: str) -> Scale:
    row = known_objective(name)
    return Scale(_short(name), True) if row is None else Scale(row.label, row.weight > 0, row.lost)


def performance(run: Run) -> Scale:
    """Return the scale on which innate and adapted performance are told."""
    row = known_objective(run.settings.fitness.objectives[0])
    return measure("loss" if row is None else row.measure)


def measure(name: str | None, lower: bool | None = None) -> Scale:
    """Return the scale of a measure (MEASURES); `lower`: whether less is better, where it is known."""
    text = _short(name or "score")
    return Scale(text, not (text == "error" or lower_is_better(text)) if lower is None else not lower)


def _short(name: str) -> str:
    """Cut a name that is none of ours to what fits above a figure."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def numbers(values: Iterable[float | None]) -> list[float | None]:
    """Return numbers, None in place of what is none."""
    return [finite(value) for value in values]


def known(values: Iterable[float | None]) -> list[float]:
    """Return those that are numbers."""
    return [value for value in values if value is not None]


def axis_type(*values: Sequence[float | None], higher: bool = False) -> str:
    """Return "log" where all numbers are above 0 and far apart, else "linear"; `higher`: more is better, so linear."""
    found = [value for row in values for value in known(row)]
    return "log" if found and not higher and min(found) > 0 and max(found) > WIDE * min(found) else "linear"


def scale_y(figure: Figure, *values: Sequence[float | None], higher: bool = False, row: int = 1) -> None:
    """Give a panel the y axis that fits its values."""
    found = [value for each in values for value in known(each)]
    figure.update_yaxes(**fitting_axis(found, higher), row=row, col=1)


def fitting_axis(values: Sequence[float], higher: bool) -> Json:
    """Return the kind of an axis for values: a logarithmic one with ticks written out; close up where all are equal."""
    kind = axis_type(values, higher=higher)
    if kind == "log":
        return {"type": kind, **log_ticks(values)}
    if values and min(values) == max(values):
        room = max(0.1 * abs(values[0]), 1e-3)
        return {"type": kind, "range": [values[0] - room, values[0] + room]}
    return {"type": kind}


def log_ticks(values: Sequence[float]) -> Json:
    """Return the ticks of a logarithmic axis: 1, 2, 5 in each power of ten, or fewer where there are many powers."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    steps = (1, 2, 5) if high - low <= 2 else (1,)
    every = max(1, -(-(high - low) // 6))
    ticks = [step * 10.0**power for power in range(low, high + 1, every) for step in steps]
    return {"tickvals": ticks, "ticktext": [f"{tick:,.6g}" if 1e-5 < tick < 1e7 else f"{tick:.0e}" for tick in ticks]}


def whole_x(figure: Figure, title: str, values: Sequence[Any], row: int = 1) -> None:
    """Give the panels of a figure an x axis of whole numbers, its title on the given one."""
    found = [value for value in values if value is not None]
    near = bool(found) and max(found) - min(found) < 9
    figure.update_xaxes(tickformat=",d", **({"dtick": 1} if near else {}))
    figure.update_xaxes(title_text=title, row=row, col=1)


def column(rows: Sequence[Statistics], name: str) -> list[float | None]:
    """Return one entry of each row as numbers."""
    return numbers(getattr(row, name) for row in rows)
