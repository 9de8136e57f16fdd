"""Does a network that rewires itself learn more? `python -m benchmarks.recipe_rewire [--seeds N] [--head HEAD]`.

Recipe `rewire`: three of 33 inputs decide the class, others in every task, so no inherited wiring can fit. A gate,
evolved as a slot of the rule, silences synapses within life. The champion beside the same genome with its gates left
open (as it is, and with its rate tuned anew), beside gradient descent with a tuned shrinkage of all weights (an L1
penalty, another way to few inputs), a rule without gates evolved on the same budget, and the champion's gradient
descent on tasks in which all other inputs are 0 (what a net that is told could learn). All meet the same fresh tasks;
differences are paired over seeds. Then the wiring itself: how many synapses are open at the end of a life, how many of
them come from inputs that matter, and what two tasks' wirings have in common. `--head prototype` (`matching`, `ridge`):
the same with a head that compares embeddings, eight outputs which every input has a synapse to; all examples of a task
make each of 40 updates together. `--quick`: a smoke test in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.claims import Table, above_zero, claim, likely, lived, options, warm
from benchmarks.networks import measured, open_evaluator, tune
from evometa.config.schema import Config, Split
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.exam import Drawn
from evometa.judging.tuning import rate_grid
from evometa.language.text import parse
from evometa.lifetime.numba.stepwise import Lives
from evometa.tasks.families.distractors import Distractors

GATED, OPEN, TUNED, SHRINKING, UNGATED, INFORMED = (
    "gated", "gates open", "open, tuned", "shrinking", "no gate", "informed",
)  # fmt: skip
LEARNERS = (GATED, OPEN, TUNED, SHRINKING, UNGATED, INFORMED)
SHRINK = "-c0 * (grad + c1 * sign(w))"
SHRINKAGES = np.geomspace(0.003, 1.0, 11)
FREE = [
    "rule.slots=[update]", "rule.fixed=[]", "rule.signals=[grad, w, w0, age, c0, c1, c2]", "coefficients.count=3",
    "rule.primitives=[add, sub, mul, aq, neg, abs, sign, square, sqrtabs, tanh, min, max, select]",
    "rule.constants=[-2.0, 2.0]",
]  # fmt: skip
COMPARED = ["tasks.outputs=2", "network.embedding=8", "lifetime.batch=all", "lifetime.epochs=40"]
PLAIN = ["champion.baselines=[]", "champion.peers=false"]  # rivals are tried here
TUNING = 400
QUICK = [
    "run.generations=3", "evolution.population=20", "evolution.offspring=20", "sampling.validation_tasks=40",
    "sampling.test_tasks=200",
]  # fmt: skip


@dataclass
class Seed:
    """What came of one seed: accuracies, the wiring (share open, relevant among these, overlap), formula, seconds."""

    accuracy: dict[str, float]
    wiring: tuple[float, float, float]
    formula: str
    seconds: float


def champion(settings: Sequence[str], seed: int) -> tuple[Genome, str, float]:
    """Evolve once; return the champion, its formula, the seconds."""
    with lived("rewire", [*PLAIN, *settings], seed=seed) as (run, seconds):
        assert run.champion is not None
        return run.champion.kept_genome(), run.champion.formula, seconds


def one(seed: int, settings: Sequence[str]) -> Seed:
    """Evolve with gates and without, and try the champion and its rivals on the same fresh tasks."""
    genome, formula, seconds = champion(settings, seed)
    ungated, *_ = champion([*settings, *FREE], seed)
    evaluator = open_evaluator("rewire", settings, seed)
    config = evaluator.config
    tuning, _ = lesson(evaluator, "train", TUNING, seed)
    test, matters = lesson(evaluator, "test", config.sampling.test_tasks, seed)
    still = genome.replace(rule={"update": genome.rule["update"]})
    shrinking = [
        Genome({"update": parse(SHRINK)}, coefficients=np.array([rate, shrinkage], np.float32))
        for rate in rate_grid(config)
        for shrinkage in SHRINKAGES
    ]
    best = int(measured(evaluator, shrinking, tuning).argmax())
    learners = [genome, still, tune(evaluator, [still], tuning)[0], shrinking[best], ungated]
    informed = tune(evaluator, [still], lesson(evaluator, "train", TUNING, seed, informed=True)[0])
    top = measured(evaluator, informed, lesson(evaluator, "test", config.sampling.test_tasks, seed, informed=True)[0])
    scores = np.append(measured(evaluator, learners, test), top).tolist()
    return Seed(dict(zip(LEARNERS, scores, strict=True)), wiring(genome, test, matters, config), formula, seconds)


def lesson(
    evaluator: Evaluator, split: Split, count: int, seed: int, informed: bool = False
) -> tuple[Drawn, NDArray[np.bool_]]:
    """Draw tasks, and which inputs matter in each, bool[I, L]; `informed`: all others are 0."""
    course, drawn = evaluator.draw(split, 0, count, purpose="benchmark ")[0]
    family = course.family
    assert isinstance(family, Distractors)
    tasks = family.sample(split, count, np.random.default_rng(seed))
    matters = np.zeros((family.inputs, count), bool)
    np.put_along_axis(matters, family.relevant(split, count, np.random.default_rng(seed)), True, axis=0)
    if informed:
        tasks = replace(tasks, support_x=tasks.support_x * matters, query_x=tasks.query_x * matters)
    return [(course, replace(drawn, tasks=tasks))], matters


def wiring(genome: Genome, drawn: Drawn, matters: NDArray[np.bool_], config: Config) -> tuple[float, float, float]:
    """Return what gates have made of the wiring at the end of some lives.

    The share of synapses from inputs that are open, the share from inputs that matter among these, and the mean overlap
    (Jaccard) of the inputs that one task reads with those of the next.
    """
    course, lived_through = drawn[0]
    phenotypes, tasks, order = express([genome], course.world), lived_through.tasks, lived_through.plan.order
    lives = Lives(
        phenotypes, lived_through.births(phenotypes), tasks.lanes, head=course.head, credit=config.network.credit,
        bound=config.lifetime.bound, synapse_cost=config.lifetime.synapse_cost, metric=lived_through.plan.metric,
    )  # fmt: skip
    (state,) = lives.learn(lives.birth(), tasks.support_x, tasks.support_y, order, 0, len(order))
    graph = phenotypes[0].graph
    sources = graph.src[graph.src < graph.inputs]
    opened = state["gate"][graph.src < graph.inputs] > 0
    used = np.zeros(matters.shape, bool)
    np.logical_or.at(used, sources, opened)
    both, either = (used[:, :-1] & used[:, 1:]).sum(), (used[:, :-1] | used[:, 1:]).sum()
    relevant = (matters[sources] & opened).sum() / max(opened.sum(), 1)
    return float(opened.mean()), float(relevant), float(both / max(either, 1))


def main() -> None:
    """Run all seeds and print the table and the verdicts."""
    chosen = options(__doc__, seeds=20, head="sigmoid")
    settings = QUICK if chosen.quick else []
    if chosen.head != "sigmoid":
        settings = [*settings, *COMPARED, f"network.head={chosen.head}"]
    warm()
    columns = {name.replace(" ", "_").replace(",", ""): 10 for name in LEARNERS}
    table = Table(seed=4, **columns, open=7, relevant=8, overlap=7, seconds=7, formula=-1)
    rows = []
    for seed in range(2 if chosen.quick else chosen.seeds):
        rows.append(row := one(seed, settings))
        table.row(seed, *row.accuracy.values(), *row.wiring, round(row.seconds, 1), row.formula)
    print("\naccuracy on fresh tasks, mean ± half its 95 % interval over seeds; gated − learner, paired")
    gains = {name: np.array([row.accuracy[GATED] - row.accuracy[name] for row in rows]) for name in LEARNERS}
    for name in LEARNERS:
        lead = "" if name == GATED else likely(gains[name])
        print(f"{name:12} {likely([row.accuracy[name] for row in rows])}  {lead}".rstrip())
    share, relevant, overlap = (likely([row.wiring[k] for row in rows]) for k in range(3))
    print(f"open at the end: {share} of the synapses; from inputs that matter: {relevant} of these (chance 0.09)")
    print(f"what the wirings of two tasks have in common: {overlap}\n")
    claim(f"gating beats the same genome with its gates open: by {likely(gains[OPEN])}", above_zero(gains[OPEN]))
    claim(f"and with its rate tuned anew: by {likely(gains[TUNED])}", above_zero(gains[TUNED]))
    claim(f"it beats tuned shrinkage of all weights: by {likely(gains[SHRINKING])}", above_zero(gains[SHRINKING]))
    claim(f"and a rule without gates, evolved as long: by {likely(gains[UNGATED])}", above_zero(gains[UNGATED]))


if __name__ == "__main__":
    main()
