"""An evolved optimizer on data sets it never met: `python -m benchmarks.recipe_optimizer [--seeds N] [--runs FOLDER]`.

Recipe `optimizer`: cross-entropy after 200 steps on wine, breast cancer and moons, one setting of the dials for all.
Each seed evolves anew. The rivals, classic rules, are tuned in all their dials (the rate's decay and weight decay among
them) on the sets of evolution, `--tunings` times on tasks of their own, and as the champion is chosen on validation
tasks, so is the best tuning of each. Then champions and rivals meet one common set of fresh lives: 512 divisions of
each set of the test, with first weights and orders of examples. The figure of a learner is the geometric mean over data
sets of its mean loss; intervals are Student's, over searches (of ratios: of their logarithm). The bar: .093, what the
best of 300 rules made by hand came to on 20 divisions.

`--runs FOLDER` keeps the run of every search there, known by its configuration: the benchmark goes on after an
interruption, and several processes may share the work (as in `benchmarks.search`). `--part rivals` tunes these alone.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from hashlib import blake2s
from pathlib import Path

import numpy as np
from filelock import FileLock

from benchmarks.claims import Table, above_zero, claim, likely, options, warm
from benchmarks.contest import CHAMPION, Contest, Rival
from benchmarks.networks import F64, open_evaluator
from benchmarks.searches import Terms, search, search_all, seconds_of
from evometa.genetics.genome import Genome
from evometa.judging.exam import main_measure
from evometa.judging.intervals import mean_interval, together
from evometa.judging.tuning import tune

BAR = 0.093
SECONDS = 300.0  # of a processor, what a search may take
ENDLESS = 10**12
ALONE = "champion.baselines=[]"  # rivals are tuned beside
TUNING_SEED = 123_456  # no search's, and those after it
QUICK = (
    "run.generations=2", "evolution.population=10", "evolution.offspring=8", "sampling.test_tasks=4",
    "sampling.validation_tasks=2", "champion.rates.points=3", "champion.tuning_tasks=2", "tuning.every=0",
)  # fmt: skip


def champions(terms: Terms) -> list[Genome]:
    """Search with every seed, print what each came to, and return the champions."""
    search_all(terms, {"optimizer": ()})
    table = Table(seed=4, CPU_seconds=11, formula=-100, recognised=-1)
    found, seconds = [], []
    for seed in range(terms.seeds):
        run = search(terms, (), seed)
        assert run is not None
        champion = run.champion
        assert champion is not None
        seconds.append(seconds_of(terms, (), seed))
        table.row(seed, round(seconds[-1]), champion.formula, champion.recognised)
        found.append(champion.kept_genome())
    typical = float(np.median(seconds))
    claim(f"a search takes at most {SECONDS:.0f} s of a processor: median {typical:.0f} s", typical <= SECONDS)
    return found


def tuned(settings: Sequence[str], seed: int, folder: Path) -> dict[str, dict[str, float]]:
    """Return the dials of every rival, tuned on the tasks of a seed, and kept in a folder."""
    evaluator = open_evaluator("optimizer", settings, seed)
    text = json.dumps(evaluator.config.model_dump(mode="json"))
    place = folder / f"rivals-{blake2s(text.encode(), digest_size=6).hexdigest()}.json"
    with FileLock(f"{place}.lock"):
        if not place.exists():
            found = tune(evaluator, main_measure(evaluator.config))
            ends = {one.rule.name: one.at_edge for one in found if one.at_edge}
            print(f"at an end of what was tried: {ends or 'nothing'}")
            place.write_text(json.dumps({one.rule.name: one.dials for one in found}), encoding="utf-8")
        dials: dict[str, dict[str, float]] = json.loads(place.read_text(encoding="utf-8"))
    return dials


def rivals(settings: Sequence[str], tunings: int, blocks: int, folder: Path) -> list[Rival]:
    """Tune every rival so many times, and return each at its best on validation tasks."""
    settings = [one for one in settings if one != ALONE]
    found: dict[str, list[Rival]] = {}
    for number in range(tunings):
        for name, dials in tuned(settings, TUNING_SEED + number, folder).items():
            print(f"{name}: {', '.join(f'{dial} {value:.3g}' for dial, value in dials.items())}", flush=True)
            found.setdefault(name, []).append(Rival(name, dials))
    trial = Contest("optimizer", settings, blocks=blocks, tasks=64, split="validation")
    return [tries[int(np.argmin(trial.scores([trial.stock(*rival) for rival in tries])))] for tries in found.values()]


def compare(sets: Sequence[str], own: F64, theirs: F64, names: Sequence[str]) -> None:
    """Print figures and verdicts: mean losses of champions f64[sets, seeds] and of rivals f64[sets, rivals]."""
    print("\ncross-entropy: geometric mean (± half its 95 % interval over searches); of each set, the mean")
    print("champion ÷ rival: geometric mean over searches, and the interval's ends")
    table = Table(learner=-10, geometric_mean=17, **dict.fromkeys(sets, 13), champion_to_rival=24, less_in=9)
    figures, bars = together(own, geometric=True), together(theirs, geometric=True)
    table.row(CHAMPION, likely(figures), *own.mean(axis=1).round(4).tolist(), "", "")
    lower = np.log(bars[:, None] / figures)
    for name, bar, losses, gains in zip(names, bars, theirs.T, lower, strict=True):
        row = [name, f"{bar:.4f}", *losses.round(4).tolist()]
        table.row(*row, _ratio(gains), f"{(gains > 0).sum()} of {len(gains)}")
    print()
    beaten = [name for name, gains in zip(names, lower, strict=True) if above_zero(gains)]
    text = f"below every rival tuned in all dials, by an interval: below {', '.join(beaten) or 'none'}"
    claim(text, len(beaten) == len(names))
    claim(f"below {BAR}, as the best of 300 rules made by hand: {likely(figures)}", above_zero(BAR - figures))


def main() -> None:
    """Tune rivals, search with every seed, let all meet, and print the tables and the verdicts."""
    chosen = options(__doc__, seeds=20, tunings=3, runs="", part="")
    warm()
    seeds, settings = (2, (*QUICK, ALONE)) if chosen.quick else (chosen.seeds, (ALONE,))
    with tempfile.TemporaryDirectory() as folder:
        terms = Terms("optimizer", settings, seeds, ENDLESS, Path(chosen.runs or folder).absolute())
        terms.folder.mkdir(parents=True, exist_ok=True)
        tunings, blocks = (1, 1) if chosen.quick else (chosen.tunings, 4)
        bars = rivals(settings, tunings, blocks, terms.folder)
        print()
        genomes = [] if chosen.part == "rivals" else champions(terms)
    if not genomes:
        return
    fresh = Contest("optimizer", blocks=1 if chosen.quick else 8, tasks=8 if chosen.quick else 64)
    print(f"\n{fresh.lives:,} fresh lives of each learner, the same for all")
    sets = [str(getattr(course.settings.settings, "name", "")) for course, _ in fresh.blocks[0]]
    losses = fresh.by_set([*genomes, *(fresh.stock(*rival) for rival in bars)])
    compare(sets, losses[:, :seeds], losses[:, seeds:], [rival.name for rival in bars])


def _ratio(logarithms: F64) -> str:
    """Write the champion's loss in parts of another's, with its interval."""
    mean, half = mean_interval(-logarithms)
    ends = "" if half is None else f" ({np.exp(mean - half):.3f} to {np.exp(mean + half):.3f})"
    return f"{np.exp(mean):.3f}{ends}"


if __name__ == "__main__":
    main()
