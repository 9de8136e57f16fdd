"""Evolved optimizers in PyTorch: `python -m benchmarks.optimizers_in_torch [--runs FOLDERS] [--seeds N] [--quick]`.

The champions of some runs of recipe `optimizer`, exported by `evometa export --to torch`, beside SGD, momentum,
Nesterov's momentum, Adam, AdamW, Lion and Schedule-Free AdamW, on three problems that no recipe has met. All are tuned
alike, in all their dials: as many settings of each, drawn evenly, then drawn around the best, meet divisions of the
training rows; the best of them trains anew on all training rows and is asked the test rows. A seed is such a division,
such a tuning and first weights of its own. A champion's rank is that among itself and the rivals, a rival's that among
the rivals and each champion in turn. `--runs`: folders, with a comma between; patterns may stand for several.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from glob import glob

import numpy as np
import torch
from scipy.stats import qmc

import evometa
from benchmarks.claims import Table, claim, likely, options
from benchmarks.networks import F64
from benchmarks.torch_optimizers import RIVALS, Dials, Kind, Tensor, evolved
from benchmarks.torch_problems import I64, Problem, problems
from evometa.export import export

UPDATES = 200
DRAWN, AROUND, BEST = 32, 16, 4  # settings: drawn evenly, drawn around the best, met by more divisions
DIVISIONS = (1, 2, 6)  # of the training rows, that settings drawn evenly, around the best, and the best meet
REACH = 0.1  # deviation of what is drawn around the best, as a share of each dial's range
LOST = 1e3  # the loss of what diverged
TESTS = 4  # first weights in the test, whose mean loss counts


def losses(problem: Problem, kind: Kind, shares: Tensor, rows: Sequence[tuple[I64, I64]], seed: int) -> F64:
    """Train a replica for each setting (shares of the dials' ranges, [R, D]) on rows of its own.

    Returns its loss on others, f64[R].
    """
    replicas, generator = len(rows), torch.Generator().manual_seed(seed)
    dials: Dials = {
        name: one.value(shares[:, place]).view(-1, 1, 1) for place, (name, one) in enumerate(kind.dials.items())
    }
    weights = problem.weights(replicas, generator)
    optimizer = kind.make(weights, dials, UPDATES)
    size = min(len(fit) for fit, _ in rows)
    fit = torch.tensor(np.stack([own[:size] for own, _ in rows]))
    for update in range(UPDATES):
        chosen = fit.gather(1, torch.randint(size, (replicas, problem.batch), generator=generator))
        loss = problem.loss(problem.forward(weights, problem.x[chosen]), problem.y[chosen]).sum()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            optimizer.step(gradients, kind.rate(dials, update, UPDATES))
    with torch.no_grad():
        optimizer.finish()
        size = min(len(asked) for _, asked in rows)
        asked = torch.tensor(np.stack([own[:size] for _, own in rows]))
        found = problem.loss(problem.forward(weights, problem.x[asked]), problem.y[asked])
    return np.asarray(torch.nan_to_num(found, LOST).clamp_max(LOST).double())


def tuned(problem: Problem, kind: Kind, seeds: int) -> Tensor:
    """Return each seed's best setting, found on its training rows alone, [seeds, D]."""
    first = np.stack([
        qmc.Sobol(len(kind.dials), rng=np.random.default_rng([seed, 2])).random(DRAWN) for seed in range(seeds)
    ])  # fmt: skip
    scores = _judged(problem, kind, first, DIVISIONS[0])
    rng = np.random.default_rng(3)
    centres = np.take_along_axis(first, scores.argsort(axis=1)[:, :BEST, None], axis=1)
    centres = np.repeat(centres, AROUND // BEST, axis=1)
    second = np.clip(centres + REACH * rng.standard_normal(centres.shape), 0.0, 1.0)
    everyone = np.concatenate([centres[:, :: AROUND // BEST], second], axis=1)
    scores = _judged(problem, kind, everyone, DIVISIONS[1])
    final = np.take_along_axis(everyone, scores.argsort(axis=1)[:, :BEST, None], axis=1)
    scores = _judged(problem, kind, final, DIVISIONS[2])
    return torch.tensor(final[np.arange(seeds), scores.argmin(axis=1)], dtype=torch.float32)


def _judged(problem: Problem, kind: Kind, shares: F64, divisions: int) -> F64:
    """Return mean losses of settings f64[seeds, n, D] over divisions of their seeds' training rows, f64[seeds, n]."""
    seeds, count, _ = shares.shape
    rows = []
    for seed in range(seeds):
        train, rng = problem.split(seed)[0], np.random.default_rng([seed, divisions])
        cut = 2 * len(train) // 3
        orders = [rng.permutation(train) for _ in range(divisions)]
        rows += [[(order[:cut], order[cut:]) for order in orders]] * count
    settings = torch.tensor(shares.reshape(seeds * count, -1), dtype=torch.float32).repeat_interleave(divisions, dim=0)
    found = losses(problem, kind, settings, [one for own in rows for one in own], seed=divisions)
    means: F64 = found.reshape(seeds, count, divisions).mean(axis=2)
    return means


def held_out(problem: Problem, kind: Kind, seeds: int) -> F64:
    """Tune an optimizer and return its mean test loss for each seed, f64[seeds]."""
    best = tuned(problem, kind, seeds).repeat_interleave(TESTS, dim=0)
    rows = [problem.split(seed) for seed in range(seeds) for _ in range(TESTS)]
    means: F64 = losses(problem, kind, best, rows, seed=100).reshape(seeds, TESTS).mean(axis=1)
    return means


def ranks(rivals: F64, champions: F64) -> F64:
    """Return ranks f64[champions, rivals + 1, problems, seeds], each champion (last) among all rivals, ties shared."""
    found = []
    for champion in champions:
        everyone = np.concatenate([rivals, champion[None]])
        below = (everyone[None] < everyone[:, None]).sum(axis=1)
        level = (everyone[None] == everyone[:, None]).sum(axis=1)
        found.append(below + (level + 1) / 2)
    return np.stack(found)


def champions(folders: str) -> list[Kind]:
    """Return the champions of runs as PyTorch has them."""
    found = []
    for folder in sorted(one for pattern in folders.split(",") for one in glob(pattern)):
        champion = evometa.load(folder).champion
        if champion is None:
            raise SystemExit(f"{folder} has no champion")
        text = export(champion, "torch")
        found.append(evolved(folder, str(text)))
        print(f"{folder}: {champion.formula}")
    if not found:
        raise SystemExit(f"no run {folders}")
    return found


def main() -> None:
    """Tune and test everyone on every problem, and print the tables and the verdict."""
    chosen = options(__doc__, seeds=5, runs="runs/showcase/optimizer")
    seeds = 2 if chosen.quick else chosen.seeds
    print(f"{UPDATES} updates, {seeds} seeds, {torch.get_num_threads()} threads\n")
    begin, evolved_ones, given = time.process_time(), champions(chosen.runs), problems()
    given = given[:1] if chosen.quick else given
    print()
    table = Table(learner=-32, **dict.fromkeys([one.name for one in given], 17))
    found = []
    for kind in (*RIVALS, *evolved_ones):
        found.append(np.stack([held_out(problem, kind, seeds) for problem in given]))
        table.row(kind.name, *(likely(row) for row in found[-1]))
    rivals, own = np.stack(found[: len(RIVALS)]), np.stack(found[len(RIVALS) :])
    placed = ranks(rivals, own)
    print(f"\nranks among {len(RIVALS) + 1}: median over champions, problems and seeds; mean ± half its 95 % interval")
    print("over seeds")
    table = Table(learner=-32, median=6, mean=17)
    names = [*(kind.name for kind in RIVALS), "champions"]
    medians = np.median(placed, axis=(0, 2, 3))
    for place, name in enumerate(names):
        table.row(name, float(medians[place]), likely(placed[:, place].mean(axis=(0, 1))))
    print()
    ahead = [name for name, median in zip(names, medians, strict=True) if median <= medians[-1] and name != names[-1]]
    text = f"the median rank of {len(own)} champions is first: {medians[-1]:.1f}"
    claim(text + (f"; not behind them: {', '.join(ahead)}" if ahead else ""), not ahead)
    print(f"{(time.process_time() - begin) / 60:.1f} CPU minutes")


if __name__ == "__main__":
    main()
