"""What a rule owes to each signal that it reads: the signal held still, or shuffled between synapses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genome import Genome
from evometa.judging.analysis.change import mean_of
from evometa.judging.analysis.observation import Watched
from evometa.judging.scores import finite
from evometa.language.algebra import substitute
from evometa.language.liveness import living
from evometa.language.signals import COEFFICIENTS, SIGNALS, TASKS
from evometa.language.tree import Tree, leaf
from evometa.seeding import stream

F64 = NDArray[np.float64]
HELD = "held at its mean"


class Share(NamedTuple):
    """What a signal has to do with Δw at the moment of an update; neither number knows what comes of it later.

    `share`: of the variance of Δw, what goes when the signal is shuffled between synapses (total effect, Jansen
    1999; shares of signals that act together overlap). `slope`: how far Δw moves with the signal, both in standard
    deviations (the correlation).
    """

    share: float | None = None
    slope: float | None = None


def signals_of(rule: Mapping[str, Tree]) -> list[str]:
    """Return the signals that vary, and that the slots read which give the weights' change, in the table's order."""
    trees = (tree for slot, tree in living(rule).items() if slot != "loss")
    read: frozenset[str] = frozenset().union(*(tree.signals() for tree in trees))
    return [name for name in SIGNALS | TASKS if name in read and name not in COEFFICIENTS]


def held(genome: Genome, watched: Watched) -> dict[str, tuple[float, Genome]]:
    """Return, for each signal, its mean in lifetimes and the genome whose rule reads that mean in its place."""
    found = {}
    for name in signals_of(genome.rule):
        mean = mean_of(watched.after[name].astype(np.float64)) if name in watched.after else None
        if mean is not None:
            still = {
                slot: tree if slot == "loss" else substitute(tree, {name: leaf(mean)})
                for slot, tree in genome.rule.items()
            }
            found[name] = mean, genome.replace(rule=still)
    return found


def shares(genome: Genome, watched: Watched, seed: int) -> dict[str, Share]:
    """Return what each signal has to do with Δw."""
    names = [name for name in signals_of(genome.rule) if name in watched.before]
    if not names:
        return {}
    rule = {slot: tree for slot, tree in living(genome.rule).items() if slot != "loss"}
    found = {}
    for name in names:
        # a state counts by what `update` reads of it, all else also by what it does to the states just then
        direct = name in rule and name in rule["update"].signals()
        read, signals = ({"update": rule["update"]}, watched.after) if direct else (rule, watched.before)
        changes = watched.run(read, signals)
        mixed = stream(seed, 0, f"shuffle {name}").permutation(signals[name])
        found[name] = Share(
            finite(_total_effect(changes, watched.run(read, {**signals, name: mixed}))),
            finite(_correlation(changes, signals[name].astype(np.float64))),
        )
    return found


def _total_effect(changes: F64, shuffled: F64) -> float | None:
    sound = np.isfinite(changes) & np.isfinite(shuffled)
    with np.errstate(over="ignore", invalid="ignore"):
        variance = float(changes[sound].var()) if sound.any() else 0.0
        moved = float(np.square(changes[sound] - shuffled[sound]).mean()) / 2 if sound.any() else 0.0
    return min(1.0, moved / variance) if variance > 0 and np.isfinite(variance) else None


def _correlation(changes: F64, values: F64) -> float | None:
    sound = np.isfinite(changes) & np.isfinite(values)
    if not sound.any():
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = values[sound] - values[sound].mean(), changes[sound] - changes[sound].mean()
        size = float(np.sqrt(np.square(x).mean() * np.square(y).mean()))
        return float((x * y).mean()) / size if size > 0 and np.isfinite(size) else None
