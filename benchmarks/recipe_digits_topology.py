"""Does evolved wiring help on digits? `python -m benchmarks.recipe_digits_topology [--seeds N]`.

Recipe `digits` with networks that evolve from a random half of the dense net's synapses, rule fixed (gradient descent)
and rule evolving: accuracy on digits never seen in evolution beside the dense net and random graphs of the champion's
size. Where the rule is fixed its rate is tuned alike in every network, on train tasks; where it evolves, the rivals
learn by the champion's rule, and a run of the same budget evolves a rule for the dense net. All meet the same tasks, so
differences are paired over seeds. Nothing is claimed: a random half does about as well here. `--quick`: a smoke test.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.claims import Table, likely, lived, options, warm
from benchmarks.networks import grown, measured, of, open_evaluator, random_like, tune
from evometa.genetics.genome import Genome

SIZE = ["run.generations=30", "evolution.population=60", "evolution.offspring=60", "sampling.tasks=20"]
WIRING = [
    "topology.mode=evolved", "topology.start=sparse", "topology.density=0.5", "topology.max_synapses=4096",
    "topology.add_synapse=0.5", "topology.remove_synapse=0.5", "topology.toggle=0.3",
]  # fmt: skip
FIXED = [
    "rule.slots=[update]", "rule.signals=[grad, c0]", "rule.fixed=[update]", "coefficients.count=1",
    "champion.baselines=[sgd]", "champion.rates.points=13",
]  # fmt: skip
UNTIED = [  # numbers of layers do not go with a topology that evolves
    "plasticity.count=0", "rule.signals=[grad, w, w0, s1, age, c0, c1, c2]",
]  # fmt: skip
DRAWS, TUNING = 10, 100
LEARNERS = ("evolved", "dense", "random", "dense, own run")
QUICK = [
    "run.generations=2", "evolution.population=10", "evolution.offspring=10", "sampling.validation_tasks=20",
    "sampling.test_tasks=50", "champion.rates.points=3",
]  # fmt: skip


def champion(settings: Sequence[str], seed: int) -> tuple[Genome, float]:
    """Evolve once; return the champion and the seconds."""
    with lived("digits", settings, seed=seed) as (run, seconds):
        assert run.champion is not None
        return run.champion.kept_genome(), seconds


def one(seed: int, fixed: bool, quick: bool) -> tuple[list[float], int, float]:
    """Return accuracies in the order of LEARNERS (without the last where the rule is fixed), synapses, seconds."""
    common = [*SIZE, *UNTIED, *(FIXED if fixed else []), *(QUICK if quick else [])]
    genome, seconds = champion([*common, *WIRING], seed)
    evaluator, rng = open_evaluator("digits", [*common, *WIRING], seed), np.random.default_rng(seed)
    graph, dense = grown(evaluator, genome), evaluator.courses[0].network
    rivals = [dense, *(random_like(graph, rng) for _ in range(DRAWS))]
    if fixed:
        tuning = evaluator.draw("train", 0, TUNING, purpose="tuning ")
        learners = tune(evaluator, [genome, *(of(rival, str(genome.rule["update"])) for rival in rivals)], tuning)
    else:
        learners = [genome, *(genome.replace(topology=rival) for rival in rivals)]
    own = [] if fixed else [champion(common, seed)[0].replace(topology=dense)]
    evolved, on_dense, *others = measured(
        evaluator, [*learners, *own], evaluator.draw("test", 0, evaluator.config.sampling.test_tasks)
    ).tolist()
    return [evolved, on_dense, float(np.mean(others[:DRAWS])), *others[DRAWS:]], graph.synapses, seconds


def several(seeds: int, fixed: bool, quick: bool) -> None:
    """Print what every seed came to, and the means."""
    names = LEARNERS[: 3 if fixed else 4]
    table = Table(seed=4, **{name.replace(" ", "_"): 14 for name in names}, synapses=8, seconds=7)
    rows = []
    for seed in range(seeds):
        accuracies, synapses, seconds = one(seed, fixed, quick)
        rows.append(accuracies)
        table.row(seed, *accuracies, synapses, round(seconds, 1))
    print("mean ± half its 95 % interval over seeds; evolved − learner, paired")
    for name, values in zip(names, np.transpose(rows), strict=True):
        lead = "" if name == LEARNERS[0] else likely(np.array(rows)[:, 0] - values)
        print(f"{name:15} {likely(values)}  {lead}".rstrip(), flush=True)


def main() -> None:
    """Run all seeds with the rule fixed, then with the rule evolving."""
    chosen = options(__doc__, seeds=20, evolving_seeds=20)
    warm()
    for fixed, seeds in ((True, chosen.seeds), (False, chosen.evolving_seeds)):
        if seeds:
            print("\nrule fixed" if fixed else "\nrule evolving")
            several(2 if chosen.quick else seeds, fixed, chosen.quick)


if __name__ == "__main__":
    main()
