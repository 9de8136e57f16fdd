"""The audit is audited: `python -m benchmarks.audit [--seeds N] [--quick]`.

Planted champions (tests/judging/audit/plants.py), each with a fault that is shown directly, apart from the audit: the
claim is that of ten seeds at least nine are flagged for it, and none passes the tests that must find it. Honest ones:
stock rules in the same worlds, twice as many seeds of each. The claim: none of sixty audits has an alarm. Champions of
short runs of recipes are audited, too; what is flagged of these is printed with its scores, for it may be true.
"""

from __future__ import annotations

from benchmarks.claims import Table, claim, lived, options
from evometa.judging.audit.whole import audit
from evometa.judging.audits import Audit
from evometa.presentation.audit import audit as audit_of
from evometa.presentation.run import load
from tests.judging.audit.planted import evaluator_of
from tests.judging.audit.plants import HONEST_ONES, LUCKY, PLANTS, RIVALS, TASKS, Plant

LEAST = 0.9  # of the seeds of a plant, that must be flagged
EVOLVED = {  # short runs of recipes: settings, and tasks of the audit
    "delta": (("evolution.population=300", "run.generations=30"), 100),
    "digits": (("evolution.population=60", "run.generations=10"), 60),
    "distractors": (("evolution.population=100", "run.generations=30"), 60),
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


def main() -> None:
    """Audit plants, stock rules and evolved champions."""
    chosen = options(__doc__, seeds=10)
    seeds = 1 if chosen.quick else chosen.seeds
    table, good, missed = Table(plant=-27, seeds=5, proven=6, flagged=7, passed=6, also=-40), True, 0
    for plant in (*PLANTS[:2], LUCKY) if chosen.quick else (*PLANTS, LUCKY):
        proven, flagged, passed, others = of_plant(plant, seeds)
        also = ", ".join(f"{name} {others.count(name)}" for name in sorted(set(others)))
        table.row(plant.name, seeds, proven, flagged, passed, also)
        good &= plant is LUCKY or (proven == seeds and flagged >= LEAST * seeds)
        missed += passed
    print()
    table, audits, wrong = Table(honest=-27, audits=6, alarms=6), 0, 0
    for name, genome in HONEST_ONES.items():
        worlds = [evaluator_of(seed=seed) for seed in range(2 * seeds)]
        found = [audit(world, genome, rivals=RIVALS, tasks=TASKS) for world in worlds]
        count = sum(alarms(f"{name} {seed}", one) for seed, one in enumerate(found))
        table.row(name, len(found), count)
        audits, wrong = audits + len(found), wrong + count
    for recipe, (settings, tasks) in {} if chosen.quick else EVOLVED.items():
        count = 0
        for seed in range(seeds):
            with lived(recipe, settings, seed=seed, progress=False) as (run, _):
                count += alarms(f"{recipe} {seed}", audit_of(load(run.folder), tasks=tasks))
        table.row(f"{recipe}, evolved", seeds, count)
    print()
    claim(f"of each plant {LEAST:.0%} are flagged for their fault, which all of them have", good)
    claim("none passes", not missed)
    claim(f"none of {audits} audits of honest learners has an alarm (those above: {wrong})", not wrong)


if __name__ == "__main__":
    main()
