"""The audit is audited: `python -m benchmarks.audit [--seeds N] [--only plants|honest|evolved] [--quick]`.

Planted champions (tests/judging/audit/plants.py), each with a fault that is shown directly, apart from the audit: the
claim is that of ten seeds at least nine are flagged for it, and none passes the tests that must find it. Honest ones:
stock rules in the same worlds, twice as many seeds of each, and champions of short runs of recipes, half as many. What
evolved may have faults that nobody planted: there an alarm is false where the fault is not there on other tasks, which
are drawn by another seed (a cell is looked at again, by its own fault, on as many). The claim: no audit has a false
alarm; what is flagged rightly is printed with its scores.
"""

from __future__ import annotations

from benchmarks.claims import Table, claim, lived, options
from evometa.judging.audit.stored import draft_stored
from evometa.judging.audit.whole import audit, closed
from evometa.judging.audits import Audit
from evometa.presentation.run import Run, load
from tests.judging.audit.planted import evaluator_of
from tests.judging.audit.plants import HONEST_ONES, LUCKY, PLANTS, RIVALS, TASKS, Plant

LEAST = 0.9  # of the seeds of a plant, that must be flagged
ELSEWHERE = 1000  # added to a run's seed for other tasks
SMALL = ("sampling.validation_tasks=100", "sampling.test_tasks=100", "champion.peers=false")
EVOLVED = {  # short runs of recipes: their settings
    "delta": ("evolution.population=300", "run.generations=30"),
    "distractors": ("evolution.population=50", "run.generations=20"),
    "retina": ("evolution.population=50", "run.generations=20"),
    "rewire": ("run.generations=10",),
    "bandit": ("evolution.population=60", "run.generations=10", "champion.tuning_tasks=100"),
    "reversal": ("evolution.population=60", "run.generations=10", "champion.tuning_tasks=100"),
}


def of_plant(plant: Plant, seeds: int) -> tuple[int, int, int, list[str]]:
    """Return how often a fault is there, flagged, and passed over, and what else is flagged."""
    proven, flagged, passed, others = 0, 0, 0, list[str]()
    for seed in range(seeds):
        subject = plant.subject(seed)
        proven += plant.proven(subject)
        found = audit(subject.evaluator, subject.genome, rivals=RIVALS, tasks=TASKS)
        verdicts = [one.verdict for one in found.tests if one.name in plant.wanted]
        flagged += all(one == "flagged" for one in verdicts)
        passed += any(one == "passes" for one in verdicts)
        others += [name for name in found.flagged if name not in plant.wanted]
    return proven, flagged, passed, others


def alarms(name: str, found: Audit) -> int:
    """Say what is flagged of an honest learner; return 1 if anything is."""
    for one in found.tests:
        if one.verdict == "flagged":
            cells = [cell for cell in one.cells if cell.verdict == "flagged"]
            scores = ", ".join(f"{cell.name}: {cell.champion:.3f} (stock {cell.stock})" for cell in cells)
            print(f"  {name}: {one.name}; undisturbed {found.champion:.3f} ({found.stock}), {scores}", flush=True)
    return min(1, len(found.flagged))


def audited(run: Run, seed: int) -> Audit:
    """Return the audit of a run's champion on the test tasks of a seed."""
    shown, report, config = run.champion, run.report(run.generation), run.config
    assert shown is not None
    assert report is not None
    found = draft_stored(
        shown.kept_genome(), {**config, "seed": seed}, run.places, str(run.path), rivals=report.rivals, tasks=TASKS,
        individual=shown.id, note=print,
    )  # fmt: skip
    return closed(found)


def false_alarms(name: str, run: Run) -> tuple[int, int]:
    """Return 1 if anything is flagged of a run's champion, and 1 if any of it is not there on other tasks."""
    found = audited(run, run.config["seed"])  # type: ignore[arg-type]
    if not alarms(name, found):
        return 0, 0
    again = {(check.name, cell.name): cell for check in audited(run, run.config["seed"] + ELSEWHERE).tests
             for cell in check.cells}  # type: ignore[operator]  # fmt: skip
    false = []
    for check in found.tests:
        for cell in check.cells if not check.words.startswith("these change nothing") else ():
            other = again.get((check.name, cell.name))
            if cell.verdict == "flagged" and (other is None or other.fault is None or other.fault <= 0):
                false.append(f"{check.name}: {cell.name}")
    print(f"  {name}: on other tasks {'all of it is there' if not false else f'{false} not there'}", flush=True)
    return 1, min(1, len(false))


def of_plants(seeds: int, quick: bool) -> None:
    """Audit plants."""
    table, good, missed = Table(plant=-27, seeds=5, proven=6, flagged=7, passed=6, also=-40), True, 0
    for plant in (*PLANTS[:2], LUCKY) if quick else (*PLANTS, LUCKY):
        proven, flagged, passed, others = of_plant(plant, seeds)
        also = ", ".join(f"{name} {others.count(name)}" for name in sorted(set(others)))
        table.row(plant.name, seeds, proven, flagged, passed, also)
        good &= plant is LUCKY or (proven == seeds and flagged >= LEAST * seeds)
        missed += passed
    print()
    claim(f"of each plant {LEAST:.0%} are flagged for their fault, which all of them have", good)
    claim("none passes", not missed)


def main() -> None:
    """Audit plants, stock rules and evolved champions."""
    chosen = options(__doc__, seeds=10, only="")
    seeds = 1 if chosen.quick else chosen.seeds
    if chosen.only in ("", "plants"):
        of_plants(seeds, chosen.quick)
    table, audits, wrong = Table(honest=-27, audits=6, flagged=7, false=6), 0, 0
    for name, genome in HONEST_ONES.items() if chosen.only in ("", "honest") else ():
        worlds = [evaluator_of(seed=seed) for seed in range(2 * seeds)]
        found = [audit(world, genome, rivals=RIVALS, tasks=TASKS) for world in worlds]
        count = sum(alarms(f"{name} {seed}", one) for seed, one in enumerate(found))
        table.row(name, len(found), count, count)
        audits, wrong = audits + len(found), wrong + count
    for recipe, settings in EVOLVED.items() if chosen.only in ("", "evolved") and not chosen.quick else ():
        flagged, false, count = 0, 0, max(1, seeds // 2)
        for seed in range(count):
            with lived(recipe, [*SMALL, *settings], seed=seed, progress=False) as (run, _):
                one = false_alarms(f"{recipe} {seed}", load(run.folder))
                flagged, false = flagged + one[0], false + one[1]
        table.row(f"{recipe}, evolved", count, flagged, false)
        audits, wrong = audits + count, wrong + false
    if audits:
        claim(f"none of {audits} audits of honest learners has a false alarm (there are {wrong})", not wrong)


if __name__ == "__main__":
    main()
