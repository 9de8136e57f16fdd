"""A run in one piece: as one JSON object for `--json`, and for what is printed of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from evometa.errors import InputError
from evometa.judging.analyses import Analysis
from evometa.judging.reports import Report
from evometa.judging.verdict import lived_for
from evometa.presentation.audit import kept_audit, plain_audit
from evometa.presentation.origin import origin_of
from evometa.presentation.scan import search_of
from evometa.presentation.world_faults import WorldFaults, faults_of
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner
    from evometa.presentation.run import Run

T = TypeVar("T")
DESCENT = 100  # ancestors that are told
TESTED = (
    "measure",
    "also",
    "over",
    "overlap",
    "stream",
    "row",
)  # what the final report says of the champion's test, besides its score


@dataclass(frozen=True)
class Summary:
    """A run after one of its generations.

    `shown`: the individual asked for, or the best then; `report`: on the champion, where the run ended there; `lived`:
    lifetimes by purpose; `diverged`: of those in evolution, lost of whatever cause; `faults`: those of them that their
    world's own fault has ended (None: there are none); `solved_after`: genomes born until one was as good as
    `run.until` says (None: none was).
    """

    recipe: str
    seed: int
    generation: int
    generations: int
    finished: bool
    shown: Learner | None
    report: Report | None
    lived: dict[str, int]
    evaluate_seconds: float
    total_seconds: float
    diverged: int
    faults: WorldFaults | None
    digest: str
    run: str
    damage: str | None
    solved_after: int | None

    def plain(self) -> Json:
        """Return it in plain JSON types."""
        told = {} if self.report is None else self.report.plain()
        tested = {name: told.get(name) for name in TESTED}
        if lives := tested["stream"] or tested["row"]:
            tested["memory"] = lives.get("memory")
        others = told.get("other_tests", [])
        tested["other_tests"] = {one.pop("name"): one for one in others}
        tested["by_update"] = by_update(told) if "curve" in told else None
        names = ("recipe", "seed", "generation", "generations", "finished")
        spent = ("evaluate_seconds", "total_seconds", "diverged", "digest", "run", "damage")
        return {
            **{name: getattr(self, name) for name in names},
            "champion": None if self.shown is None else self.shown.summary() | tested,
            "baselines": [_row(row) for row in told.get("baselines", [])],
            "solved_after": self.solved_after,
            "lifetimes": sum(self.lived.values()),
            "lived": self.lived,
            **{name: getattr(self, name) for name in spent},
            "world_faults": self.faults and self.faults.plain(),
        }


def by_update(told: Json) -> dict[str, list[float | None]]:
    """Return a learner's score on test tasks, [mean, half its 95 % interval], by the number of updates before it."""
    return {str(point["updates"]): [point.get("mean"), point.get("ci95")] for point in told["curve"]}


def _row(row: Json) -> Json:
    """Return what is told of a stock learner."""
    if "curve" not in row:
        return row
    return {name: value for name, value in row.items() if name != "curve"} | {"by_update": by_update(row)}


def summary_of(run: Run, generation: int | None = None, individual: int | None = None) -> Summary:
    """Return a run after its last generation or an earlier one. Raises InputError for unknown numbers."""
    done, shown = run.look_at(generation, individual)
    rows, report = run.history[:done], run.report(done)
    return Summary(
        recipe=run.settings.name,
        seed=run.settings.seed,
        generation=done,
        generations=run.settings.run.generations,
        finished=run.finished and done == run.generation,
        shown=shown,
        report=report,
        lived=lived_for(rows, report),
        evaluate_seconds=sum(row.evaluate_seconds for row in rows),
        total_seconds=sum(row.total_seconds for row in rows),
        diverged=sum(row.diverged for row in rows),
        faults=faults_of(rows),
        digest=run.reader.digest(done - 1),
        run=str(run.folder),
        damage=run.damage,
        solved_after=rows[-1].solved_after if rows else None,
    )


def summary(run: Run, generation: int | None, individual: int | None) -> Json:
    """Return a run as one JSON object, with how the individual shown came about and how the run searched."""
    return _with_origin(run, summary_of(run, generation, individual), None, whole=False)


def details(
    run: Run, generation: int | None, individual: int | None, analysis: Analysis | None, search: bool = False
) -> Json:
    """Return the summary with LaTeX, analysis (the stored one, where none is given) and descent of who is shown.

    `search`: with all that there is to say of the search.
    """
    found = summary_of(run, generation, individual)
    told, shown = _with_origin(run, found, analysis, search), found.shown
    if shown is None:
        return {**told, "analysis": None, "lineage": [], "audit": None}
    told["champion"]["latex"] = shown.latex
    made = analysis or shown.analysis
    steps = [step.summary() for step in run.lineage(shown.id, DESCENT)]
    audit = readable(lambda: kept_audit(run))
    own = audit if audit is not None and audit.individual == shown.id else None
    return {**told, "analysis": made and made.plain(), "lineage": steps, "audit": own and plain_audit(own)}


def readable(read: Callable[[], T]) -> T | None:
    """Return what is read of a run file; None where it is damaged there, which is told beside what is good."""
    try:
        return read()
    except InputError:
        return None


def _with_origin(run: Run, found: Summary, analysis: Analysis | None, whole: bool) -> Json:
    told, shown = found.plain(), found.shown
    search = readable(lambda: search_of(run, found.generation))
    if shown is not None:
        origin = readable(lambda: origin_of(run, shown, analysis))
        told["champion"]["origin"] = origin and origin.summary()
    return {**told, "search": search and (search.plain() if whole else search.summary())}
