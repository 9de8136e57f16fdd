"""The audit of a run's champion: made, kept in the run file, and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from evometa.errors.text import count_of
from evometa.judging.audits import SOUND, Audit, Cell, Check, Verdict
from evometa.presentation.console import print_parts
from evometa.presentation.format import number
from evometa.store.opening import open_writer
from evometa.store.records import Json
from evometa.system.arguments import WHOLE, takes

if TYPE_CHECKING:
    from evometa.judging.audit.whole import Draft
    from evometa.presentation.run import Run

KEY = "audit"
TASKS = 400
RANKS: tuple[Verdict, ...] = ("flagged", "undecided", "passes", "left out")
STYLES: dict[Verdict, str] = {"passes": "green", "flagged": "bold red", "undecided": "yellow", "left out": "dim"}


@takes(tasks=WHOLE)
def audit(run: Run, *, tasks: int = TASKS, note: Callable[[str], None] = lambda text: None) -> Audit:
    """Disturb the held-out tasks of a run's champion in every way that tells learning from its looks; see the page
    "Audit". The run is only read; `keep_audit` keeps what was found.

    `tasks`: how many; `note` hears what takes long. Raises InputError where there is no champion, its genome was not
    kept, or the tasks' data is not there or not what it was.
    """
    return audit_all([run], tasks=tasks, note=note)[0][0]


def audit_all(
    runs: Sequence[Run], *, tasks: int = TASKS, note: Callable[[str], None] = lambda text: None
) -> tuple[list[Audit], Audit | None]:
    """Return the audit of each run's champion, and that of all together, where they differ in nothing but the seed."""
    from evometa.judging.audit.whole import closed, together

    drafts = [_draft(run, tasks, note) for run in runs]
    recipes = [{**run.config, "seed": 0} for run in runs]
    alike = len(runs) > 1 and all(recipe == recipes[0] for recipe in recipes)
    return [closed(one) for one in drafts], together(drafts) if alike else None


def _draft(run: Run, tasks: int, note: Callable[[str], None]) -> Draft:
    from evometa.evolution.small_runs import scaled
    from evometa.judging.audit.stored import draft_stored
    from evometa.operators import Searcher

    shown, report = run._shown(None, None), run.report(run.generation)
    search = Searcher(lambda rng, count: (), ready=scaled)  # an audit asks for no random habits
    return draft_stored(
        shown.kept_genome(), run.config, run.places, str(run.path), rivals=report.rivals if report else {},
        tasks=tasks, individual=shown.id, note=note, search=search,
    )  # fmt: skip


def keep_audit(path: str | Path, found: Audit) -> None:
    """Keep an audit in the run file, in place of an older one. Raises InputError where the run goes on meanwhile."""
    with open_writer(path) as writer:
        writer.report(found.plain(), KEY)


def kept_audit(run: Run) -> Audit | None:
    """Return the audit that a run file keeps of its champion as it stands, None where there is none."""
    found = run.reader.report(KEY)
    if found is None or found.generation != run.generation - 1:
        return None
    kept = Audit.read(found.value, run.path, "an audit")
    return kept if run.champion is not None and kept.individual == run.champion.id else None


def ranked(found: Audit) -> list[Check]:
    """Return the tests, those first that found a fault, then those that could not tell."""
    return [check for verdict in RANKS for check in found.tests if check.verdict == verdict]


def worst(check: Check) -> Cell | None:
    """Return the cell of a check that decides its verdict, of several the one whose fault is largest."""
    own = [cell for cell in check.cells if cell.verdict == check.verdict]
    return max(own, key=lambda cell: -1.0 if cell.fault is None else cell.fault, default=None)


def plain_audit(found: Audit) -> Json:
    """Return an audit in plain JSON types: `tests`, each with its worst cell, and the names of those `flagged`."""
    tests = []
    for check in found.tests:
        cell = worst(check) or Cell()
        interval = None if cell.low is None else [cell.low, cell.high]
        tests.append({**check.plain(), "champion": cell.champion, "stock": cell.stock, "interval": interval})
    return {**found.plain(), "tests": tests, "flagged": found.flagged}


def print_audit(found: Audit, console: Console) -> None:
    """Print an audit: a line a test, and what champion and stock rule scored in each of its cells."""
    print_parts(console, list(parts(found.legible())))


def parts(found: Audit) -> Iterator[RenderableType]:
    """Yield the parts of the page."""
    yield Text(heading(found), style="italic")
    table = Table()
    for title in ("test", "verdict", "", "champion", "stock rule"):
        table.add_column(Text(title), justify="right" if title in ("champion", "stock rule") else "left")
    for check in ranked(found):
        style = STYLES[check.verdict]
        table.add_row(Text(check.name, style="bold"), Text(check.verdict, style=style), Text(said(check)), "", "")
        for cell in check.cells:
            verdict = "" if cell.verdict == check.verdict else cell.verdict
            row = (cell.name, number(cell.champion), number(cell.stock))
            table.add_row("", Text(verdict, style=STYLES[cell.verdict]), *(Text(text, style="dim") for text in row))
    yield table
    yield Text(summary(found), style="" if not found.flagged else "bold")


def heading(found: Audit) -> str:
    """Return on what an audit was made, and what was scored there undisturbed."""
    rival = "no stock rule" if found.rival is None else f"{found.rival} {number(found.stock)}"
    who = f"individual {found.individual}" if found.runs == 1 else f"the champions of {found.runs} runs together"
    acts = any(check.name == "luck" for check in found.tests)
    times = f"each with {found.orders} times other luck" if acts else f"each in {count_of(found.orders, 'order')}"
    return (
        f"audit of {who} on {found.tasks:,} held-out tasks, {times}: "
        f"{found.measure} {number(found.champion)} ({rival}, before learning {number(found.innate)}, a network that "
        f"has learned nothing {number(found.chance)}); what is below {number(found.margin)} does not matter"
    )


def said(check: Check) -> str:
    """Return what a check asked, where it passes and has no more to say, else what it found."""
    return check.question if check.verdict == "passes" and check.words in ("", SOUND) else check.words


def summary(found: Audit) -> str:
    """Return what an audit comes to, in a line."""
    counts = {verdict: sum(check.verdict == verdict for check in found.tests) for verdict in STYLES}
    flagged = f"{counts['flagged']} flagged ({', '.join(found.flagged)})" if found.flagged else "none flagged"
    rest = [f"{counts[name]} {name}" for name in ("undecided", "left out") if counts[name]]  # type: ignore[index]
    return ", ".join([f"{counts['passes']} of {len(found.tests)} tests pass", flagged, *rest])
