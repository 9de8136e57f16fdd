"""What genomes are judged by: a row for each objective, with its way to be computed from measures of lives.

Axis letters: G genomes, L lanes, C checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa import elementary
from evometa.errors import FunctionFailed
from evometa.evolution.measures import F64, LARGE, MEASURES, SMALL, Lives, mean
from evometa.lifetime import OK, Outcomes
from evometa.spec import SCORES
from evometa.system.functions import called

UNITS = 20.0  # the worst loss in units of a reference's; a larger one counts as this
LABEL = 24  # characters of a name that a figure has room for
LOST = 2e6  # the loss and the size of a genome all of whose lifetimes are lost


def _gain(lives: Lives) -> F64:
    born = np.isfinite(lives.outcomes.loss[:, 0])
    return np.where(lives.bad | ~born, -LARGE, lives.before("loss") - lives.after("loss"))


def _course(lives: Lives) -> F64:
    return mean(np.stack([lives.after("loss", c) for c in range(lives.checkpoints)], axis=2))


def _learned(lives: Lives) -> F64:
    last = lives.checkpoints - 1
    return mean(np.stack([lives.after("loss", c) for c in range(min(1, last), last + 1)], axis=2))


def _relative(lives: Lives) -> F64:
    return np.minimum(lives.after("loss") / lives.unit, UNITS)


def _open_synapses(lives: Lives) -> F64:
    return np.where(lives.bad, LARGE, lives.opened())


def _right(lives: Lives) -> F64:
    return (lives.after("closeness") == 1.0).astype(np.float64)


def _trials_left(values: F64) -> F64:
    """Before the first of k right trials among n come (n − k)/(k + 1) others, in the mean over all orders."""
    right, count = values.sum(axis=1), values.shape[1]
    return 1.0 + 19.0 * right * (count + 1) / (count * (right + 1.0))


def _measured(name: str, lives: Lives) -> F64:
    return lives.after(name)


def _worst_tenth(values: F64) -> F64:
    worst = -(-values.shape[1] // 10)
    return mean(np.sort(values, axis=1)[:, values.shape[1] - worst :])


def _log_of_mean(values: F64) -> F64:
    return elementary.log(np.maximum(mean(values), SMALL))


@dataclass(frozen=True)
class Objective:
    """One thing to judge by.

    `weight`: as in DEAP (+1: more is better); `lost`: its value for a genome all of whose lifetimes are lost;
    `label`: its name in figures; `lanes`: its value in each lifetime, f64[G, L]; `summary`: of those, the one of each
    genome, f64[G]; `measure`: what it is about; `by_task`: it is a mean over lifetimes, so that single tasks have it,
    too; `relative`: it is in units of a reference's loss on each set; `of_learning`: it says nothing where nothing is
    learned; `cost`: it is what performance costs, so it is neither
    rounded nor enough alone; `extent`: the genome's (`Extents`) that it is, not of lives.
    """

    name: str
    weight: float
    lost: float
    label: str
    meaning: str
    lanes: Callable[[Lives], F64] = lambda lives: lives.after("loss")
    summary: Callable[[F64], F64] = mean
    measure: str = "loss"
    by_task: bool = True
    relative: bool = False
    of_learning: bool = False
    cost: bool = False
    extent: str = ""


OBJECTIVES: dict[str, Objective] = {
    row.name: row
    for row in (
        Objective("adapted_loss", -1.0, LOST, "loss after learning", "loss after learning"),
        Objective(
            "adapted_accuracy", 1.0, -1.0, "accuracy after learning",
            "share of queries answered rightly after learning",
            lambda lives: lives.after("accuracy"), measure="accuracy",
        ),
        Objective(
            "adapted_closeness", 1.0, -1.0, "closeness after learning",
            "1 - mean |target - output| after learning, 0 at least",
            lambda lives: lives.after("closeness"), measure="closeness",
        ),
        Objective(
            "squared_closeness", 1.0, -1.0, "squared closeness after learning",
            "square of the mean closeness after learning (NEAT's fitness for XOR)",
            lambda lives: lives.after("closeness"), lambda values: mean(values) ** 2, measure="closeness",
        ),
        Objective(
            "gain", 1.0, -LOST, "what learning gains", "loss before learning - loss after it", _gain, of_learning=True,
        ),
        Objective("auc", -1.0, LOST, "mean loss over life", "loss, mean over the checkpoints", _course),
        Objective(
            "course_loss", -1.0, LOST, "mean loss in learning", "loss, mean over the checkpoints after birth", _learned,
            of_learning=True,
        ),
        Objective(
            "worst_decile", -1.0, LOST, "loss on the worst tenth of the tasks",
            "loss after learning on the worst tenth of the lifetimes", summary=_worst_tenth, by_task=False,
        ),
        Objective(
            "trials_left", 1.0, 0.0, "trials left",
            "1 + 19 · share of the lifetimes left when the first begins whose answers are just right, each being a "
            "trial, in the mean over their orders (Hinton & Nowlan 1987)",
            _right, _trials_left, measure="closeness", by_task=False,
        ),
        Objective(
            "size", -1.0, LOST, "size of the rule", "nodes of the rule", by_task=False, cost=True, extent="size",
        ),
        Objective(
            "synapses", -1.0, LOST, "synapses", "synapses of a network that evolves", by_task=False, cost=True,
            extent="synapses",
        ),
        Objective(
            "nodes", -1.0, LOST, "hidden nodes", "its hidden nodes", by_task=False, cost=True, extent="nodes",
        ),
        Objective(
            "open_synapses", -1.0, LOST, "open synapses", "synapses that are open after learning, where a gate decides",
            _open_synapses, cost=True,
        ),
        Objective(
            "geometric_loss", -1.0, LOST, "log of the loss after learning",
            "logarithm of the loss after learning; over several sets, of their geometric mean", summary=_log_of_mean,
        ),
        Objective(
            "relative_loss", -1.0, LOST, "loss, to a reference's",
            "loss after learning, in units of what gradient descent comes to on the same set",
            _relative, relative=True,
        ),
        *(
            Objective(
                name, -1.0 if row.lower else 1.0, LOST if row.lower else -LOST, name.replace("_", " "),
                f"{'of students' if row.taught else 'in worlds' if row.acts else 'of habits'}: {row.meaning}",
                partial(_measured, name), measure=name,
            )
            for name, row in MEASURES.items() if row.acts or row.searches
        ),
        Objective(
            "innate_loss", -1.0, LOST, "loss at birth", "loss before learning", lambda lives: lives.before("loss"),
        ),
    )
}  # fmt: skip


class Life(NamedTuple):
    """What one genome made of a set of tasks, as an objective of the user's own is given it, all of it finite.

    `loss`, `accuracy`, `closeness` f64[C, L], first before learning and last after it; `lost bool[L]`.
    """

    loss: F64
    accuracy: F64
    closeness: F64
    lost: NDArray[np.bool_]


def objective(name: str, function: Callable[[Life], Any] | None = None) -> Objective:
    """Return the row of an objective; of `module:function` the one that this function computes (None: cannot).

    Such a function returns a number for each lifetime, or one for all; less is better.
    """
    if ":" not in name:
        return OBJECTIVES[name]
    return Objective(name, -1.0, LOST, name[-LABEL:], "a function of the user's own", partial(_called, name, function))


def of_acting(name: str) -> bool:
    """Tell whether an objective is one of lives in worlds alone."""
    return name in OBJECTIVES and MEASURES[OBJECTIVES[name].measure].acts


def known_objective(name: str) -> Objective | None:
    """Return the row of an objective of ours or of the user's own; None for a name of neither, as old runs may have."""
    return objective(name) if ":" in name or name in OBJECTIVES else None


def _called(name: str, function: Callable[[Life], Any] | None, lives: Lives) -> F64:
    """Return what a function of the user's own makes of each lifetime; of lost ones, and of no number, the worst."""
    if function is None:
        raise AssertionError(f"{name} is known by its name alone")
    last, wanted = lives.checkpoints - 1, f"a number for each of {lives.bad.shape[1]} lifetimes, or one for all"
    given = [m for m, row in MEASURES.items() if row.score in lives.outcomes.names]
    courses = {m: np.stack([*(lives.before(m, c) for c in range(last)), lives.after(m)], axis=1) for m in given}
    found = np.empty(lives.bad.shape)
    for g, lost in enumerate(lives.bad):
        life = Life(**{m: course[g].copy() for m, course in courses.items()}, lost=lost.copy())
        returned = called(name, function, wanted, life)
        try:
            values = np.asarray(returned, np.float64)
        except (TypeError, ValueError) as error:
            raise FunctionFailed(name, wanted, str(error)) from None
        if values.shape not in ((), lost.shape):
            raise FunctionFailed(name, wanted, f"an array of shape {list(values.shape)}")
        found[g] = values
    return np.where(lives.bad | ~np.isfinite(found), LARGE, np.clip(found, -LARGE, LARGE))


def try_objective(row: Objective, checkpoints: int) -> None:
    """Let a row compute something before a run does. Raises InputError."""
    scores = np.random.default_rng(0).random((len(SCORES.names), 2, checkpoints, 5), np.float32)
    lives = Lives(Outcomes(scores, np.full((2, 5), OK, np.uint8)))
    try:
        if row.lanes(lives).tobytes() != row.lanes(lives).tobytes():
            raise FunctionFailed(row.name, "the same numbers for the same lifetimes", "others", "Draw nothing in it.")
    except FunctionFailed as error:
        raise error.tried("fitness.objectives") from error


def objectives_of(
    names: Sequence[str], functions: Mapping[str, Callable[..., Any]] = MappingProxyType({})
) -> tuple[Objective, ...]:
    """Return the rows of objectives by their names; `functions`: the user's own."""
    return tuple(objective(name, functions.get(name)) for name in names)


def fitness_weights(names: Sequence[str]) -> tuple[float, ...]:
    """Return DEAP's weights of the objectives."""
    return tuple(one.weight for one in objectives_of(names))
