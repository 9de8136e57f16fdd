"""Does a network evolve to read what matters? `python -m benchmarks.recipe_distractors [--seeds N] [--curve-seeds N]`.

Recipe `distractors`: the same 4 of 64 inputs decide the class in every task, there are 20 examples to learn from, and
all networks learn by gradient descent from weights drawn anew for each life; only the wiring is inherited. The evolved
network beside the dense net, the mean of random graphs of its size, the best of them on train tasks, and the net that
is told which inputs matter. The rate is tuned alike in each, on the same train tasks; all meet the same fresh tasks, so
differences are paired over seeds. Then the same with fewer and more distractors. `--quick`: a smoke test in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.claims import Table, above_zero, claim, likely, lived, options, warm
from benchmarks.networks import grown, measured, of, open_evaluator, random_like, reading, tune
from evometa.tasks.families.distractors import Distractors

EVOLVED, DENSE, RANDOM, BEST_RANDOM, INFORMED = "evolved", "dense", "random", "best random", "informed"
LEARNERS = (EVOLVED, DENSE, RANDOM, BEST_RANDOM, INFORMED)
CURVE = (10, 30, 60, 96)
DRAWS = 20  # random graphs for each champion
TUNING = 400  # train tasks that rates are tuned on, and the best random graph is chosen on
CLOSE = 0.02
QUICK = [
    "run.generations=3", "evolution.population=20", "evolution.offspring=20", "sampling.validation_tasks=40",
    "sampling.test_tasks=100",
]  # fmt: skip


@dataclass
class Seed:
    """What came of one seed: each learner's accuracy on fresh tasks, the evolved network, seconds."""

    accuracy: dict[str, float]
    synapses: int
    hidden: int
    read: int
    relevant: int
    seconds: float


def one(seed: int, settings: Sequence[str]) -> Seed:
    """Evolve once, and try the champion and its rivals on the recipe's number of fresh test tasks."""
    with lived("distractors", settings, seed=seed) as (run, seconds):
        assert run.champion is not None
        champion = run.champion.kept_genome()
    evaluator = open_evaluator("distractors", settings, seed)
    course, rng = evaluator.courses[0], np.random.default_rng(seed)
    assert isinstance(course.family, Distractors)
    matters = course.family.relevant("train", 1, rng)[:, 0].tolist()
    graph, rule = grown(evaluator, champion), str(champion.rule["update"])
    rivals = [
        course.network,
        reading(course.network, matters),
        *(random_like(graph, rng) for _ in range(DRAWS)),
    ]
    tuning = evaluator.draw("train", 0, TUNING, purpose="tuning ")
    learners = tune(evaluator, [champion, *(of(rival, rule) for rival in rivals)], tuning)
    evolved, dense, informed, *random = measured(
        evaluator, learners, evaluator.draw("test", 0, evaluator.config.sampling.test_tasks)
    )
    best = int(measured(evaluator, learners[3:], tuning).argmax())
    inputs = np.unique(graph.src[graph.src < graph.inputs])
    return Seed(
        dict(zip(LEARNERS, (evolved, dense, float(np.mean(random)), random[best], informed), strict=True)),
        graph.synapses, graph.nodes - graph.inputs - 1 - graph.outputs, len(inputs),
        int(np.isin(inputs, matters).sum()), seconds,
    )  # fmt: skip


def several(seeds: int, settings: Sequence[str]) -> list[Seed]:
    """Print what every seed came to."""
    columns = {name.replace(" ", "_"): 11 for name in LEARNERS}
    table = Table(seed=4, **columns, synapses=8, hidden=6, read=5, relevant=8, seconds=7)
    rows = []
    for seed in range(seeds):
        rows.append(row := one(seed, settings))
        shown = (row.synapses, row.hidden, row.read, row.relevant, round(row.seconds, 1))
        table.row(seed, *(row.accuracy[name] for name in LEARNERS), *shown)
    return rows


def ahead(rows: Sequence[Seed], rival: str) -> np.ndarray:
    """Return by how much the evolved network is better, seed by seed."""
    return np.array([row.accuracy[EVOLVED] - row.accuracy[rival] for row in rows])


def judge(rows: Sequence[Seed]) -> None:
    """Print means over seeds, and the verdicts."""
    print("\naccuracy on fresh tasks, mean ± half its 95 % interval over seeds; evolved − learner, paired")
    for name in LEARNERS:
        by = "" if name == EVOLVED else likely(ahead(rows, name))
        print(f"{name:12} {likely([row.accuracy[name] for row in rows])}  {by}".rstrip())
    print()
    for rival in (DENSE, RANDOM, BEST_RANDOM):
        lead = ahead(rows, rival)
        names = {DENSE: "the dense net", RANDOM: "random graphs of its size", BEST_RANDOM: f"the best of {DRAWS} such"}
        claim(f"the evolved network beats {names[rival]}: by {likely(lead)}, paired over seeds", above_zero(lead))
    behind = -ahead(rows, INFORMED)
    claim(
        f"it comes within {CLOSE} of the net that is told which inputs matter: behind by {likely(behind)}",
        above_zero(CLOSE - behind),
    )


def main() -> None:
    """Run all seeds, then the curve."""
    chosen = options(__doc__, seeds=20, curve_seeds=5)
    seeds, curve_seeds = (2, 1) if chosen.quick else (chosen.seeds, chosen.curve_seeds)
    quick = QUICK if chosen.quick else []
    warm()
    if seeds:
        judge(several(seeds, quick))
    for distractors in CURVE if curve_seeds else ():
        print(f"\n{distractors} distractors")
        rows = several(curve_seeds, [*quick, f"tasks.distractors={distractors}"])
        print(", ".join(f"{name} {likely([row.accuracy[name] for row in rows])}" for name in LEARNERS))


if __name__ == "__main__":
    main()
