"""Lifetimes of what is exported: a recorded piece of one, and what a whole one leaves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.export.setting import Setting
from evometa.language.program import evaluate
from evometa.lifetime import F32, I32, Graph
from evometa.seeding import stream
from evometa.spec.states import GATE, SYNAPSE

WATCHED = 25_000  # synapses × examples that are watched
LONGEST = 100  # weight updates that are recorded at most
NUMBERS = 3000  # numbers of examples that are recorded at most
ROWS = 4  # synapses whose signals are recorded, at each of three updates


@dataclass(frozen=True)
class Record:
    """A piece of one lifetime, as it was lived.

    `x f32[n, I]`, `y f32[n, O]`: the examples that it met; `order i32[U, B]`: which at each update; `queries
    f32[Q, I]` with the answers f32[Q, O] before (`innate`) and after (`adapted`); `weights f32[E]`: at the end.
    `signals`, `results`: what the rule read and gave for some synapses, f32[R] each; `watched`: it did so in this
    life (else it was given numbers drawn at random, as the network is very large).
    """

    x: F32
    y: F32
    order: I32
    queries: F32
    innate: F32
    adapted: F32
    weights: F32
    signals: dict[str, F32]
    results: dict[str, F32]
    watched: bool


def record(setting: Setting) -> Record:
    """Live the beginning of a lifetime and write down what happened, as much as is short.

    What the rule reads and gives is watched in small networks, or in the beginning of a life.
    """
    tasks, order = setting.tasks, setting.plan.order[..., 0]
    length, queries = _length(order, setting.graph), tasks.query_x[:3]
    quick = WATCHED // max(1, setting.graph.synapses * order.shape[1])
    rows = _watch(setting, min(length, quick))
    after, innate, adapted = _by_kernel(setting, length, queries)
    signals, results = _columns([s for s, _ in rows]), _columns([r for _, r in rows])
    if not rows:
        signals, results = _drawn_signals(setting)
    met, places = np.unique(order[:length], return_inverse=True)
    return Record(
        x=tasks.support_x[met, :, 0], y=tasks.support_y[met, :, 0],
        order=places.reshape(length, -1).astype(np.int32), queries=queries[:, :, 0], innate=innate, adapted=adapted,
        weights=after.weights, signals=signals, results=results, watched=bool(rows),
    )  # fmt: skip


def _length(order: I32, graph: Graph) -> int:
    """Return for how many updates the examples are few enough to be written down."""
    longest = min(LONGEST, len(order))
    while longest > 1 and len(np.unique(order[:longest])) * (graph.inputs + graph.outputs) > NUMBERS:
        longest -= 1
    return longest


def _watch(setting: Setting, updates: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what the rule reads and gives at some synapses of the first, middle and last update of so many."""
    from evometa.lifetime.numba.stepwise import watch

    synapses = setting.graph.synapses
    some = np.unique(np.linspace(0, synapses - 1, ROWS).astype(int)).tolist() if synapses else []
    rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
    lives = watch(setting.phenotypes, 0, setting.tasks, setting.births, setting.plan)
    for update, learner in enumerate(islice(lives, updates)):
        if update in {0, updates // 2, updates - 1}:
            rows += [(_at(learner.signals, e), _at(learner.results, e)) for e in some]
    return rows


def _at(values: dict[str, Any], e: int) -> dict[str, Any]:
    """Return values at one synapse."""
    return {name: value[e] if np.ndim(value) == 2 else value for name, value in values.items()}


def _columns(rows: list[dict[str, Any]]) -> dict[str, F32]:
    names = rows[0] if rows else {}
    return {name: np.array([np.ravel(row[name])[0] for row in rows], np.float32) for name in names}


def _drawn_signals(setting: Setting) -> tuple[dict[str, F32], dict[str, F32]]:
    """Return what the rule gives for signals drawn at random."""
    learner, rng = setting.phenotypes[0], stream(0, 0, "export signals")
    signals = {name: rng.standard_normal(3 * ROWS).astype(np.float32) for name in sorted(learner.program.reads)}
    signals |= {f"c{i}": np.full(3 * ROWS, c) for i, c in enumerate(learner.coefficients)}
    results = evaluate(learner.program, signals)
    return signals, {name: np.broadcast_to(value, 3 * ROWS).astype(np.float32) for name, value in results.items()}


@dataclass(frozen=True)
class Learned:
    """What some updates leave: `weights f32[E]`, which synapses are `opened bool[E]`, and the last activations
    `act f32[N]` (of example 0)."""

    weights: F32
    opened: NDArray[np.bool_]
    act: F32

    @property
    def transmitted(self) -> F32:
        """The weights, 0 in place of those whose gate is closed."""
        return np.where(self.opened, self.weights, np.float32(0))


def _by_kernel(setting: Setting, updates: int, queries: F32) -> tuple[Learned, F32, F32]:
    """Return what some updates leave, and the answers to queries f32[Q, I, 1] before and after, by the kernel."""
    from evometa.lifetime.numba.stepwise import Lives

    plan, tasks = setting.plan, setting.tasks
    lives = Lives(
        setting.phenotypes, setting.births, 1, head=plan.head, credit=plan.credit, bound=plan.bound,
        synapse_cost=plan.synapse_cost, metric=plan.metric, memory=plan.memory,
    )  # fmt: skip
    born = lives.birth()
    after = lives.learn(born, tasks.support_x, tasks.support_y, plan.order[:updates], 0, len(plan.order))
    innate, adapted = (lives.answer(states, queries)[0, ..., 0] for states in (born, after))
    (state,) = after
    opened = state[SYNAPSE[GATE].name][:, 0] > 0
    return Learned(state["w"][:, 0], opened, state["act"][:, 0, 0]), innate, adapted


def learned(setting: Setting) -> Learned:
    """Live the whole lifetime; return what it leaves."""
    return _by_kernel(setting, len(setting.plan.order), setting.tasks.query_x[:1])[0]
