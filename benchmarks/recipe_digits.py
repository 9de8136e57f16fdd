"""Does an evolved rule beat tuned optimizers? `python -m benchmarks.recipe_digits [--seeds N] [--runs FOLDER]`.

Recipe `digits`: 5-way 5-shot accuracy on digits never seen in evolution. Each seed evolves anew and tunes its rivals in
all their dials (the rate's decay and weight decay among them, as the champion may read `age` and `w`) on the digits of
evolution; two of them also without weight decay, and with a rate and a weight decay for weights and biases of each
layer, as the champion may read `p0` and `p1`. Then the champions and rivals of all seeds meet one common set of fresh
lives: 4 096 tasks, each with an order of examples and first weights of its own. Differences are paired over seeds;
their interval is Student's, over seeds. Plain learners on raw pixels meet the same tasks.

`--runs FOLDER` keeps each seed's run there; one that is there already is not made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.claims import Table, above_zero, claim, likely, options, warm
from benchmarks.contest import CHAMPION, Contest, Search, search
from benchmarks.layers import tune_by_layer
from benchmarks.networks import open_evaluator
from evometa.genetics.genome import Genome
from evometa.judging.exam import main_measure
from evometa.judging.peers import peers
from evometa.judging.tuning import stock_genome, tune
from evometa.presentation.learner import Learner
from evometa.presentation.run import Run

BAR, AIM = "nesterov", "qhm"
AGAIN = (BAR, AIM)  # tuned without weight decay and by layer, too
KEPT = ", no weight decay"
SECONDS = 130.0  # what a default run may take
QUICK = [
    "run.generations=3", "evolution.population=20", "evolution.offspring=20", "sampling.validation_tasks=40",
    "sampling.test_tasks=100",
]  # fmt: skip


def contest(searches: list[Search], quick: bool) -> dict[str, np.ndarray]:
    """Return the accuracy of each seed's champion and rivals on common fresh lives, f64[seeds] by name."""
    fresh = Contest("digits", blocks=2 if quick else 16, tasks=64 if quick else 256)
    names, scores = fresh.of_searches(searches)
    for name, accuracy in on_pixels(fresh).items():
        print(f"on raw pixels, {name}: {accuracy:.4f}")
    return dict(zip(names, scores[0].T, strict=True))


def on_pixels(fresh: Contest) -> dict[str, float]:
    """Return what plain learners come to on the same tasks."""
    scores: dict[str, list[float]] = {}
    for block in fresh.blocks:
        for course, lesson in block:
            for name, peer in peers(lesson.tasks, course.head).items():
                scores.setdefault(name, []).append(float(peer.scores(lesson.tasks.query_y).mean()))
    return {name: float(np.mean(values)) for name, values in scores.items()}


def further(seed: int, settings: Sequence[str], found: Search) -> Search:
    """Return a search with rivals in fewer and in more dials beside, tuned on the same train tasks."""
    evaluator = open_evaluator("digits", settings, seed)
    measure = main_measure(evaluator.config)
    updates = evaluator.config.lifetime.length(evaluator.courses[0].family.support["train"])
    signals = [signal for signal in evaluator.config.rule.signals if signal != "w"]
    fewer = [*settings, f"rule.signals={json.dumps(signals)}", f"champion.baselines={json.dumps(AGAIN)}"]
    genomes = {}
    for one in tune(open_evaluator("digits", fewer, seed), measure):
        name = one.rule.name + KEPT
        genomes[name] = told(name, one.dials, stock_genome(one.rule, one.dials, updates))
    own = {name: dials for name, dials in found.rivals if name in AGAIN}
    for name, best in zip(own, tune_by_layer(evaluator, measure, own), strict=True):
        genomes[f"{name} by layer"] = told(f"{name} by layer", best.best(), best.genome(best.centre, updates))
    return replace(found, others=genomes)


def told(name: str, dials: Mapping[str, float], genome: Genome) -> Genome:
    """Print how a rival was tuned, and return it."""
    print(f"      {name}: {', '.join(f'{dial} {value:.3g}' for dial, value in dials.items())}")
    return genome


def main() -> None:
    """Run all seeds, let all meet, and print the table and the verdicts."""
    chosen = options(__doc__, seeds=10, runs="")
    warm()
    table = Table(seed=4, generation=10, seconds=7, formula=-1)

    def show(run: Run, champion: Learner, seconds: float) -> None:
        table.row(run.settings.seed, run.generation, round(seconds, 1), champion.formula)

    settings = QUICK if chosen.quick else []
    searches = []
    for seed in range(2 if chosen.quick else chosen.seeds):
        searches.append(further(seed, settings, search("digits", settings, seed, show, chosen.runs)))
    scores = contest(searches, chosen.quick)
    print("\naccuracy, mean ± half its 95 % interval over seeds; champion − learner, paired over seeds")
    table = Table(learner=-26, accuracy=17, champion_is_ahead_by=21, in_seeds=9)
    ahead = {name: scores[CHAMPION] - values for name, values in scores.items()}
    for name, values in scores.items():
        told = ("", "") if name == CHAMPION else (likely(ahead[name]), f"{(ahead[name] > 0).sum()} of {len(values)}")
        table.row(name, likely(values), *told)
    print()
    won, enough = int((ahead[BAR + KEPT] > 0).sum()), int(np.ceil(0.9 * len(searches)))
    text = f"above {BAR} with tuned rate, β and decay in {won} of {len(searches)} seeds ({enough} wanted)"
    claim(f"{text}, by {likely(ahead[BAR + KEPT])}", won >= enough and above_zero(ahead[BAR + KEPT]))
    for name in (AIM + KEPT, BAR, AIM, f"{BAR} by layer", f"{AIM} by layer"):
        claim(f"above {name}, all its dials tuned, by {likely(ahead[name])}", above_zero(ahead[name]))
    if seconds := [one.seconds for one in searches if np.isfinite(one.seconds)]:
        typical = float(np.median(seconds))
        claim(f"a default run takes at most {SECONDS:.0f} s: median {typical:.0f} s", typical <= SECONDS)


if __name__ == "__main__":
    main()
