"""A run as one JSON object, for `--json`, for a view's last table and for what is printed of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evometa.judging.verdict import lived_for

if TYPE_CHECKING:
    from evometa.presentation.run import Run

DESCENT = 100  # ancestors that are told
TESTED = ("measure", "also", "over", "overlap")  # what the final report says of the champion's test, besides its score


def details(
    run: Run, generation: int | None, individual: int | None, analysis: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the summary with LaTeX, analysis (the stored one, where none is given) and descent of who is shown."""
    told = run.summary(generation, individual)
    _, shown = run.look_at(generation, individual)
    if shown is None:
        return {**told, "analysis": None, "lineage": []}
    told["champion"]["latex"] = shown.latex
    steps = [step.summary() for step in run.lineage(shown.id, DESCENT)]
    return {**told, "analysis": analysis or shown.analysis, "lineage": steps}


def summary(run: Run, generation: int | None, individual: int | None) -> dict[str, Any]:
    """Return a run after its last generation or an earlier one; `champion`: the individual asked for, if any is."""
    done, shown = run.look_at(generation, individual)
    rows = run.history[:done]
    report = run.report(done)
    lived = lived_for(rows, report)
    return {
        "recipe": run.config["name"],
        "seed": run.config["seed"],
        "generation": done,
        "generations": run.config["run"]["generations"],
        "finished": run.finished and done == run.generation,
        "champion": None if shown is None else shown.summary() | {name: report.get(name) for name in TESTED},
        "baselines": report.get("baselines", []),
        "lifetimes": sum(lived.values()),
        "lived": lived,
        "evaluate_seconds": sum(row.get("evaluate_seconds", 0.0) for row in rows),
        "total_seconds": sum(row.get("total_seconds", 0.0) for row in rows),
        "diverged": sum(row.get("diverged", 0) for row in rows),
        "digest": run.reader.digest(done - 1),
        "run": str(run.folder),
        "damage": run.damage,
    }
