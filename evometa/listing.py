"""`evometa list`: recipes, tasks, signals, primitives, rules and runs, each from the table that is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evometa.config.keys import families, nearest_name
from evometa.config.recipes import recipes
from evometa.errors import InputError

Rows = list[tuple[str, ...]]
RUNS = Path("runs")


def print_listing(what: str, console: Console) -> None:
    """Print one of the lists. Raises InputError for another name."""
    if what not in LISTS:
        raise InputError(f"one of {', '.join(LISTS)}", f'"{what}"', "evometa list", nearest_name(what, LISTS))
    head, *rows = LISTS[what]()
    if not rows:
        console.print(f"no {what} here")
    elif console.is_terminal:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, name in enumerate(head):
            table.add_column(name, no_wrap=number == 0)
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
    else:
        console.file.writelines("\t".join(row) + "\n" for row in (head, *rows))


def _recipes() -> Rows:
    return [("recipe", "what it shows"), *recipes().items()]


def _tasks() -> Rows:
    rows: Rows = [("family", "tasks", "its own keys")]
    for name, model in families().items():
        keys = ", ".join(key for key in model.model_fields if key != "family")
        rows.append((name, " ".join((model.__doc__ or "").split()), keys))
    return rows


def _signals() -> Rows:
    from evometa.language.signals import SIGNALS

    need = {True: "batch = 1", False: ""}
    return [("signal", "meaning", "needs"), *((s.name, s.meaning, need[s.single]) for s in SIGNALS.values())]


def _primitives() -> Rows:
    from evometa.language.primitives import PRIMITIVES

    rows: Rows = [("primitive", "arguments", "meaning")]
    return rows + [(p.name, ", ".join("abc"[: p.arity]), p.meaning) for p in PRIMITIVES.values()]


def _rules() -> Rows:
    from evometa.language.library import RULES

    rows: Rows = [("rule", "texts", "meaning", "source")]
    for rule in RULES.values():
        texts = "; ".join(f"{slot} = {tree}" for slot, tree in rule.slots.items())
        rows.append((rule.name, texts, rule.meaning, rule.source))
    return rows


def _runs() -> Rows:
    from evometa.store.reader import open_reader

    rows: Rows = [("run", "recipe", "seed", "generations")]
    for file in sorted(RUNS.glob("*/run.db"), key=lambda path: path.stat().st_mtime):
        try:
            reader = open_reader(file)
            config = reader.config
            done = f"{reader.last_generation + 1} of {config['run']['generations']}"
            rows.append((str(file.parent), str(config["name"]), str(config["seed"]), done))
        except InputError as error:
            rows.append((str(file.parent), "", "", f"cannot be read: {error.found}"))
    return rows


LISTS: dict[str, Callable[[], Rows]] = {
    "recipes": _recipes,
    "tasks": _tasks,
    "signals": _signals,
    "primitives": _primitives,
    "rules": _rules,
    "runs": _runs,
}
