"""A run in one piece: as one JSON object for `--json`, and for what is printed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evometa.judging.analyses import Analysis
from evometa.judging.reports import Report
from evometa.judging.verdict import lived_for
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner
    from evometa.presentation.run import Run

DESCENT = 100  # ancestors that are told
TESTED = ("measure", "also", "over", "overlap")  # what the final report says of the champion's test, besides its score


@dataclass(frozen=True)
class Summary:
    """A run after one of its generations.

    `shown`: the individual asked for, or the best then; `report`: on the champion, where the run ended there; `lived`:
    lifetimes by purpose; `diverged`: of those in evolution; `solved_after`: genomes born until one was as good as
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
    digest: str
    run: str
    damage: str | None
    solved_after: int | None

    def plain(self) -> Json:
        """Return it in plain JSON types."""
        told = {} if self.report is None else self.report.plain()
        tested = {name: told.get(name) for name in TESTED}
        names = ("recipe", "seed", "generation", "generations", "finished")
        spent = ("evaluate_seconds", "total_seconds", "diverged", "digest", "run", "damage")
        return {
            **{name: getattr(self, name) for name in names},
            "champion": None if self.shown is None else self.shown.summary() | tested,
            "baselines": told.get("baselines", []),
            "solved_after": self.solved_after,
            "lifetimes": sum(self.lived.values()),
            "lived": self.lived,
            **{name: getattr(self, name) for name in spent},
        }


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
        digest=run.reader.digest(done - 1),
        run=str(run.folder),
        damage=run.damage,
        solved_after=rows[-1].solved_after if rows else None,
    )


def details(run: Run, generation: int | None, individual: int | None, analysis: Analysis | None) -> Json:
    """Return the summary with LaTeX, analysis (the stored one, where none is given) and descent of who is shown."""
    found = summary_of(run, generation, individual)
    told, shown = found.plain(), found.shown
    if shown is None:
        return {**told, "analysis": None, "lineage": []}
    told["champion"]["latex"] = shown.latex
    made = analysis or shown.analysis
    steps = [step.summary() for step in run.lineage(shown.id, DESCENT)]
    return {**told, "analysis": made and made.plain(), "lineage": steps}
