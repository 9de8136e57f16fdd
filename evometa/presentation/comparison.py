"""Runs side by side: what each found, how well that does, and in which settings they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from evometa.errors import InputError
from evometa.errors.text import legible
from evometa.judging.verdict import lifetimes, over, verdict
from evometa.presentation.console import print_parts
from evometa.presentation.format import curve, interval, number, tuned
from evometa.system.arguments import RUNS, takes

if TYPE_CHECKING:
    from evometa.presentation.run import Run

NARROWEST = 24  # columns that a run is given in a terminal; more runs are shown below each other
LABEL = 24  # columns of the names at the left
SETTINGS = 40  # settings that differ, in the table of runs of one recipe
SIDE = ("name", "description", "seed", "run.backend", "run.threads")  # settings that are no part of what is compared
ABSENT = "–"
LINE = "\n"  # between the parts of a cell


@takes(runs=RUNS)
def compare(runs: Sequence[Run]) -> dict[str, Any]:
    """Return several runs side by side as one JSON object.

    `runs`: for each what its summary tells, its curve of best fitness and the size of its champion; `baselines`: by
    name, a score and how it was tuned for each run (none where it has no such learner); `settings`: by key, the value
    in each run, of those that differ; `alike`: whether the champions were tested by one measure on the same kind of
    tasks, so that their scores may be set against each other.
    """
    told = [_one(run) for run in runs]
    names = dict.fromkeys(row["name"] for one in told for row in one["baselines"])
    baselines = {name: [_score(one["baselines"], name) for one in told] for name in names}
    different = _different([_flat(run.config) for run in runs])
    tested = [one["champion"] and one["champion"]["measure"] for one in told]
    same_tasks = not any(key.startswith("tasks.") for key in different)
    alike = bool(tested) and tested[0] is not None and len(set(tested)) == 1 and same_tasks
    return {"runs": told, "baselines": baselines, "settings": different, "alike": alike}


def readable(paths: Sequence[str]) -> tuple[list[Run], list[InputError]]:
    """Return those of several runs that can be compared, and for each of the others what is wrong with it."""
    from evometa.presentation.run import load

    runs, refusals = [], []
    for path in paths:
        try:
            run = load(path)
            _one(run)
            runs.append(run)
        except InputError as error:
            refusals.append(error)
    return runs, refusals


def _one(run: Run) -> dict[str, Any]:
    told = run.summary()
    shown = run.champion
    size = None if shown is None or shown.genome is None else shown.size
    history = run.history
    return {
        **told,
        "size": size,
        "objective": (run.config.get("fitness", {}).get("objectives") or [None])[0],
        "best": [row.get("best") for row in history],
    }


def _score(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any] | None:
    row = next((row for row in rows if row.get("name") == name), None)
    if row is None:
        return None
    return {"mean": row.get("mean"), "ci95": row.get("ci95"), "tuned": tuned(row), "also": row.get("also") or {}}


def _different(settings: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the settings that are not the same everywhere."""
    found = {}
    for key in sorted({key for one in settings for key in one}):
        values = [one.get(key) for one in settings]
        if key not in SIDE and any(value != values[0] for value in values):
            found[key] = values
    return found


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return nested settings as one table, keys joined by points; of several sets of tasks each has its number."""
    if isinstance(value, Mapping):
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        items = [(str(place) if len(value) > 1 else "", item) for place, item in enumerate(value)]
    else:
        return {path: value}
    found: dict[str, Any] = {}
    for key, item in items:
        found |= _flat(item, ".".join(part for part in (path, key) if part))
    return found


def print_comparison(runs: Sequence[Run], console: Console) -> None:
    """Print runs side by side, as many as fit beside each other."""
    told = legible(compare(runs))
    count = len(runs)
    if console.is_terminal:
        count = max(1, (console.width - LABEL) // NARROWEST)
    print_parts(console, list(_page(told, count)))


def _page(told: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    total = len(told["runs"])
    for first in range(0, total, width):
        yield _table(told, range(first, min(first + width, total)))
    for one in told["runs"]:
        if words := verdict(one):
            yield Text(f"{one['run']}: {words}")
    if not told["alike"]:
        yield Text("Their scores are not of one measure on the same tasks: compare with care.", style="yellow")
    left = len(told["settings"]) - (SETTINGS if _one_recipe(told) else 0)
    if left > 0:
        yield Text(f"{left} settings differ that are not shown (--json has them all)", style="dim")


def _one_recipe(told: Mapping[str, Any]) -> bool:
    return len({one["recipe"] for one in told["runs"]}) == 1


def _table(told: Mapping[str, Any], places: range) -> Table:
    """One column for each run."""
    table = Table(header_style="bold", show_lines=False)
    table.add_column("", overflow="fold")
    for place in places:
        table.add_column(Text(told["runs"][place]["run"]), overflow="fold", ratio=1)
    for name, cells in _rows(told):
        if any(cells[place].plain != ABSENT for place in places):
            table.add_row(Text(name), *(cells[place] for place in places))
    return table


def _rows(told: Mapping[str, Any]) -> Iterator[tuple[str, list[Text]]]:
    runs = told["runs"]

    def row(name: str, cells: Sequence[str], style: str = "") -> tuple[str, list[Text]]:
        return name, [Text(cell, style=style) for cell in cells]

    yield row("recipe", [one["recipe"] for one in runs])
    yield row("seed", [str(one["seed"]) for one in runs])
    yield row("generation", [_generation(one) for one in runs])
    champions = [one["champion"] or {} for one in runs]
    yield row("rule", [one.get("formula") or ABSENT for one in champions], "cyan")
    yield row("which is", [one.get("recognised") or ABSENT for one in champions])
    yield row("size, nodes", [number(one["size"]) for one in runs])
    yield row("fitness", [_fitness(one) for one in runs])
    yield row("best fitness", [curve(one["best"][-200:]) for one in runs], "green")
    yield row("innate → adapted", [f"{number(c.get('innate'))} → {number(c.get('adapted'))}" for c in champions])
    yield row("held-out tasks", [one.get("measure") or "not tested yet" for one in champions])
    yield row("± 95 % interval", [over(c.get("over")) if c.get("measure") else ABSENT for c in champions])
    yield row("  champion", [scores(c.get("meta_test"), c.get("meta_test_ci95"), c) for c in champions], "bold")
    for name, found in told["baselines"].items():
        yield row(f"  {name}", [learner(score) if score else ABSENT for score in found])
    yield row("lifetimes", [f"{lifetimes(one['lived'], LINE)}{LINE}{one['diverged']:,} diverged" for one in runs])
    yield row("seconds", [number(float(one["total_seconds"])) for one in runs])
    if any(one["damage"] for one in runs):
        yield row("damage", [one["damage"] or "none" for one in runs], "red")
    shown = list(told["settings"].items())[:SETTINGS] if _one_recipe(told) else []  # recipes differ in most of them
    for key, values in shown:
        yield row(key, [ABSENT if value is None else _value(value) for value in values], "dim")


def scores(mean: float | None, half: float | None, row: Mapping[str, Any]) -> str:
    """Write a learner's score, then its scores by other measures."""
    also = row.get("also") or {}
    others = [f"{name} {interval(score.get('mean'), score.get('ci95'))}" for name, score in also.items()]
    return "; ".join([text for text in (interval(mean, half),) if text != ABSENT] + others) or ABSENT


def learner(score: Mapping[str, Any]) -> str:
    """Write a stock learner's scores, and how it was tuned."""
    text = scores(score["mean"], score["ci95"], score)
    return f"{text} ({score['tuned']})" if score["tuned"] else text


def _generation(one: Mapping[str, Any]) -> str:
    state = "finished" if one["finished"] else "not finished"
    return f"{one['generation']} of {one['generations']}, {state}"


def _fitness(one: Mapping[str, Any]) -> str:
    values = (one["champion"] or {}).get("fitness") or []
    return f"{one['objective'] or 'fitness'} {number(values[0])}" if values else ABSENT


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"
