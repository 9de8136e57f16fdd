"""Do the halves of a retina come apart? `python -m benchmarks.recipe_retina [--seeds N] [--quick]`.

Recipe `retina` (Kashtan & Alon 2005; Clune, Mouret & Lipson 2013), lived as lessons: networks learn by gradient descent
from weights drawn anew for each life whether objects stand left AND (or OR) right, and are asked for patterns they were
not shown. What evolves is the wiring, with a cost for each synapse and without one. The evolved networks beside the
dense net, the net of two separate halves, and random graphs of their size, rates tuned alike on train tasks; Newman's Q
(directed, without the constant), and the share of hidden nodes that see one half only. Published, for networks whose
weights evolve and that do not learn: a cost makes them significantly more modular. `--quick`: a smoke test in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.claims import Table, above_zero, claim, likely, lived, options, warm
from benchmarks.networks import grown, measured, modularity, of, open_evaluator, random_like, tune
from evometa.lifetime import Graph

COSTS = {"with a cost": [], "without a cost": ["fitness.synapse_cost=0"]}
DRAWS = 10  # random graphs for each champion
TUNING = 64  # train tasks that rates are tuned on: all there are
EVOLVED, DENSE, HALVES, RANDOM = "evolved", "dense", "two halves", "random"
LEARNERS = (EVOLVED, DENSE, HALVES, RANDOM)
QUICK = ["run.generations=2", "evolution.population=10", "evolution.offspring=10", "sampling.tasks=8"]


@dataclass
class Seed:
    """What came of one seed: accuracy, Q, and the share of one-sided nodes of each learner; synapses, seconds."""

    accuracy: dict[str, float]
    modularity: dict[str, float]
    one_sided: dict[str, float]
    synapses: int
    hidden: int
    seconds: float


def sides(graph: Graph) -> np.ndarray:
    """Return which halves each node sees, bool[2, N], itself an input or by way of others."""
    seen = np.zeros((2, graph.nodes), bool)
    half = graph.inputs // 2
    seen[0, :half] = seen[1, half : graph.inputs] = True
    for node in range(graph.inputs + 1, graph.nodes):
        seen[:, node] = seen[:, graph.src[graph.ptr[node] : graph.ptr[node + 1]]].any(axis=1)
    return seen


def one_sided(graph: Graph) -> float:
    """Return the share of hidden nodes that see one half of the retina only."""
    seen = sides(graph)[:, graph.inputs + 1 : graph.nodes - graph.outputs]
    return float((seen.sum(axis=0) == 1).mean()) if seen.size else 0.0


def halved(graph: Graph) -> Graph:
    """Return a net of one hidden layer whose first half of hidden nodes sees the left, the other the right."""
    hidden = np.arange(graph.nodes) - graph.inputs - 1
    width = graph.nodes - graph.inputs - 1 - graph.outputs
    right = hidden[graph.dst] >= width // 2
    return graph.without((graph.dst < graph.nodes - graph.outputs) & (graph.src < graph.inputs)
                   & ((graph.src >= graph.inputs // 2) != right))  # fmt: skip


def one(seed: int, settings: Sequence[str]) -> Seed:
    """Evolve once, and try the champion and its rivals on all test tasks."""
    with lived("retina", settings, seed=seed) as (run, seconds):
        assert run.champion is not None
        champion = run.champion.kept_genome()
    evaluator = open_evaluator("retina", [*settings, "sampling.repeats=4"], seed)
    network, rng = evaluator.courses[0].network, np.random.default_rng(seed)
    graph, rule = grown(evaluator, champion), str(champion.rule["update"])
    graphs = [graph, network, halved(network), *(random_like(graph, rng) for _ in range(DRAWS))]
    tuning = evaluator.draw("train", 0, TUNING, purpose="tuning ")
    learners = tune(evaluator, [champion, *(of(rival, rule) for rival in graphs[1:])], tuning)
    accuracy = measured(evaluator, learners, evaluator.draw("test", 0, evaluator.config.sampling.test_tasks))
    found = (accuracy, np.array([modularity(g) for g in graphs]), np.array([one_sided(g) for g in graphs]))
    scores, q, sides_of = (
        dict(zip(LEARNERS, [*each[:3].tolist(), float(each[3:].mean())], strict=True)) for each in found
    )
    return Seed(scores, q, sides_of, graph.synapses, graph.nodes - graph.inputs - 1 - graph.outputs, seconds)


def several(seeds: int, settings: Sequence[str]) -> list[Seed]:
    """Print what every seed came to."""
    columns = {name.replace(" ", "_"): 10 for name in LEARNERS}
    table = Table(seed=4, **columns, Q=6, random_Q=8, one_sided=9, synapses=8, hidden=6, seconds=7)
    rows = []
    for seed in range(seeds):
        rows.append(row := one(seed, settings))
        wiring = (row.modularity[EVOLVED], row.modularity[RANDOM], row.one_sided[EVOLVED])
        table.row(seed, *row.accuracy.values(), *wiring, row.synapses, row.hidden, round(row.seconds, 1))
    return rows


def paired(rows: Sequence[Seed], figure: str, one: str, other: str) -> np.ndarray:
    """Return the differences of a figure between two learners, seed by seed."""
    return np.array([getattr(row, figure)[one] - getattr(row, figure)[other] for row in rows])


def judge(rows: dict[str, list[Seed]]) -> None:
    """Print means over seeds, and the verdicts."""
    print("\nmean ± half its 95 % interval over seeds")
    table = Table(cost=-14, learner=-11, accuracy=17, Q=17, one_sided=17)
    for cost, seeds in rows.items():
        for name in LEARNERS:
            figures = [[getattr(row, f)[name] for row in seeds] for f in ("accuracy", "modularity", "one_sided")]
            table.row(cost, name, *map(likely, figures))
        print(f"{'':14}  synapses {likely([row.synapses for row in seeds])}")
    print()
    for cost, seeds in rows.items():
        for rival in (DENSE, RANDOM):
            lead = paired(seeds, "accuracy", EVOLVED, rival)
            claim(f"{cost}: evolved beats {rival} by {likely(lead)}, paired over seeds", above_zero(lead))
        sided = paired(seeds, "one_sided", EVOLVED, RANDOM)
        claim(f"{cost}: more of its hidden nodes see one half only, by {likely(sided)}", above_zero(sided))
        more = paired(seeds, "modularity", EVOLVED, RANDOM)
        claim(f"{cost}: Q above that of random graphs of its size, by {likely(more)}", above_zero(more))
    costly, free = rows.values()
    for figure, words in (
        ("accuracy", "it learns better"),
        ("modularity", "Q is higher"),
        ("one_sided", "nodes are more one-sided"),
    ):
        gain = [getattr(a, figure)[EVOLVED] - getattr(b, figure)[EVOLVED] for a, b in zip(costly, free, strict=True)]
        claim(f"with a cost for each synapse {words}, by {likely(gain)}", above_zero(gain))


def main() -> None:
    """Run all seeds with a cost and without."""
    chosen = options(__doc__, seeds=20)
    warm()
    rows = {}
    for cost, settings in COSTS.items():
        print(f"\n{cost} for each synapse")
        rows[cost] = several(2 if chosen.quick else chosen.seeds, [*settings, *(QUICK if chosen.quick else [])])
    judge(rows)


if __name__ == "__main__":
    main()
