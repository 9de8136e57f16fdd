"""`evometa list`: all that a recipe may name, each from the table that is used, and runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evometa.config.keys import nearest_name
from evometa.config.recipes import recipes
from evometa.config.tasks import families
from evometa.errors import InputError
from evometa.errors.text import legible
from evometa.presentation.console import Paper
from evometa.spec import ACTIVATIONS, CREDITS, HEADS, STATES

if TYPE_CHECKING:
    from evometa.store.records import Json

Rows = list[tuple[str, ...]]
RUNS = Path("runs")
WIDE = 60  # columns from which the names at the left are not broken
DEEP = 4  # folders below the one that is looked in


def listing(what: str, folder: str | Path | None = None) -> Rows:
    """Return the rows of one of the lists, its head first; runs are those in `folder` (RUNS) and in folders within.

    Raises InputError for another name, a folder where none is needed, and where there is no such folder.
    """
    if what not in (*LISTS, "runs"):
        names = (*LISTS, "runs")
        raise InputError(f"one of {', '.join(names)}", f'"{what}"', "evometa list", nearest_name(what, names))
    if what == "runs":
        return _runs(_folder(RUNS if folder is None else Path(folder), asked=folder is not None))
    if folder is not None:
        raise InputError("no folder", str(folder), f"evometa list {what}", "Only runs lie in folders.")
    return LISTS[what]()


def listed(what: str, folder: str | Path | None = None) -> Json:
    """Return one of the lists as one JSON object: an object for each row, under the list's name."""
    head, *rows = listing(what, folder)
    found: Json = {what: [dict(zip(head, row, strict=True)) for row in rows]}
    return {"folder": str(RUNS if folder is None else folder), **found} if what == "runs" else found


def print_listing(what: str, console: Console, folder: str | Path | None = None) -> None:
    """Print one of the lists. InputError: see `listing`."""
    head, *rows = legible(listing(what, folder))
    if not rows:
        console.print(Paper(Text(f"no {what} in {legible(str(RUNS if folder is None else folder))}")))
    elif console.is_terminal:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, name in enumerate(head):
            table.add_column(name, overflow="fold", no_wrap=number == 0 and console.width >= WIDE)
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(Paper(table))
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
    from evometa.language.signals import ACTING, HABIT_READABLE, READABLE, SIGNALS, TEACHING

    def needs(name: str) -> str:
        if name in HABIT_READABLE and name not in {**SIGNALS, **ACTING}:
            return "habits"
        of = "a student" if name in TEACHING else "a world" if name in ACTING else ""
        return of or ("batch = 1" if READABLE[name].single else "")

    return [("signal", "meaning", "needs"), *((s.name, s.meaning, needs(s.name)) for s in READABLE.values())]


def _worlds() -> Rows:
    from evometa.tasks.worlds import find_world, stock_worlds

    rows: Rows = [("world", "what it is", "settings")]
    for name in stock_worlds():
        world = find_world(name)
        rows.append((name, world.about, ", ".join(f"{key} = {value:g}" for key, value in world.settings.items())))
    return rows


def _primitives() -> Rows:
    from evometa.spec.primitives import PRIMITIVES

    rows: Rows = [("primitive", "arguments", "meaning")]
    return rows + [(p.name, ", ".join("abc"[: p.arity]), p.meaning) for p in PRIMITIVES.values()]


def _rules() -> Rows:
    from evometa.language.acting_library import AGENTS, ClassicAgent
    from evometa.language.library import RULES, ClassicRule
    from evometa.language.teaching_library import TEACHERS, ClassicTeacher

    rows: Rows = [("rule", "texts", "meaning", "source")]
    every: list[ClassicRule | ClassicAgent | ClassicTeacher] = [*RULES.values(), *AGENTS.values(), *TEACHERS.values()]
    for rule in every:
        texts = "; ".join(f"{slot} = {tree}" for slot, tree in rule.slots.items())
        rows.append((rule.name, texts, rule.meaning, rule.source))
    return rows


def _heads() -> Rows:
    rows = ((row.name, row.kind, row.meaning, row.loss) for row in HEADS.values())
    return [("head", "for", "answers", "standard loss"), *rows]


def _activations() -> Rows:
    return [("activation", "meaning"), *((row.name, row.meaning) for row in ACTIVATIONS.values())]


def _credits() -> Rows:
    return [("credit", "meaning"), *((row.name, f"a network {row.words}") for row in CREDITS.values())]


def _states() -> Rows:
    rows = ((row.name, row.of, row.slot or "", row.meaning) for row in STATES.values())
    return [("state", "of", "slot that writes it", "meaning"), *rows]


def _objectives() -> Rows:
    from evometa.evolution.objectives import OBJECTIVES

    better = {True: "more", False: "less"}
    rows = [(row.name, better[row.weight > 0], row.meaning) for row in OBJECTIVES.values()]
    return [("objective", "better", "meaning"), *rows]


def _selections() -> Rows:
    from evometa.operators import SCHEMES, SELECTIONS

    needs = {True: "several objectives", False: "one objective", None: ""}
    rows: Rows = [("selection", "key", "meaning", "needs")]
    for name, one in SCHEMES.items():
        meaning = f'{one.meaning}: parents = "{one.parents}", survivors = "{one.survivors}"'
        rows.append((name, "scheme", meaning, needs[SELECTIONS["parents"][one.parents].several]))
    for key, table in SELECTIONS.items():
        rows += [(name, key, row.meaning, needs[row.several]) for name, row in table.items()]
    return rows


def _folder(folder: Path, asked: bool) -> Path:
    """Return a folder to look in; InputError where the one that was asked for is none."""
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        if asked:
            raise InputError("a folder that holds runs", "nothing there", str(folder)) from None
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise InputError("a folder that holds runs", found, str(folder)) from None
    return folder


def _runs(folder: Path) -> Rows:
    """Return a row for each run, the latest last; one that cannot be read says why, and hides no other."""
    from evometa.presentation.run import load

    rows: Rows = [("run", "recipe", "seed", "generations")]
    for file in sorted(run_files(folder), key=_changed):
        try:
            run = load(file.parent)
            settings = run.settings
            done = f"{run.generation} of {settings.run.generations}"
            rows.append((str(file.parent), settings.name, str(settings.seed), done))
        except InputError as error:
            rows.append((str(file.parent), "", "", f"cannot be read: {error.found}"))
    return rows


def run_files(folder: Path, deep: int = DEEP) -> Iterator[Path]:
    """Yield what lies under a run file's name in a folder and in folders within it, whatever it is.

    Links are followed from the folder itself, not from those within; a run's own folder holds no other run.
    """
    from evometa.store.files import FILE

    try:
        with os.scandir(folder) as inside:
            entries = sorted(inside, key=lambda entry: entry.name)
    except PermissionError:
        yield folder / FILE  # whether it is there cannot be known: to be named
        return
    except OSError:
        return  # it has gone
    if any(entry.name == FILE for entry in entries):
        yield folder / FILE
        return
    for entry in entries:
        if entry.name.startswith(".") or not _is_folder(entry, links=deep == DEEP):
            continue
        if deep > 0:
            yield from run_files(folder / entry.name, deep - 1)


def _is_folder(entry: os.DirEntry[str], links: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=links)
    except OSError:
        return False


def _changed(file: Path) -> float:
    """Return when a file was changed; 0 for what cannot be reached."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


LISTS: dict[str, Callable[[], Rows]] = {
    "recipes": _recipes,
    "tasks": _tasks,
    "worlds": _worlds,
    "signals": _signals,
    "primitives": _primitives,
    "rules": _rules,
    "heads": _heads,
    "activations": _activations,
    "credits": _credits,
    "states": _states,
    "objectives": _objectives,
    "selections": _selections,
}
