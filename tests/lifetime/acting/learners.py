"""Small learners that act, in stock worlds: networks without hidden nodes, or with some, and a rule's text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from evometa.language.acting import Order, compile_acting
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.language.tree import Tree
from evometa.language.worlds.drawing import Place, open_world
from evometa.lifetime import NONE, Graph, Phenotype
from evometa.lifetime.acting import ActingPlan, Actors, Lives
from evometa.lifetime.batch import batch_of
from evometa.tasks.worlds import find_world
from tests.language.worlds.lives import stacked

F = np.float32


def dense(inputs: int, outputs: int, hidden: int = 0, bias: bool = False) -> Graph:
    """Return a network whose every node reads all of the layer before (tanh where hidden)."""
    src, ptr = [], [0] * (inputs + 2)
    for node in range(inputs + 1, inputs + 1 + hidden + outputs):
        below = range(inputs) if node < inputs + 1 + hidden or not hidden else range(inputs + 1, inputs + 1 + hidden)
        src += sorted([*below, *([inputs] if bias else [])])
        ptr.append(len(src))
    activation = np.zeros(len(ptr) - 1, np.uint8)
    activation[inputs + 1 : inputs + 1 + hidden] = 1
    nothing = np.zeros(len(src), np.int32)
    return Graph(inputs, outputs, np.array(ptr, np.int32), np.array(src, np.int32), activation, nothing,
                 nothing.astype(np.uint8))  # fmt: skip


def rule_of(texts: Mapping[str, str]) -> dict[str, Tree]:
    """Return the trees of a rule of lives that act."""
    return parse_rule(texts, "rule", ACTING_SLOTS)


def actor(rule: Mapping[str, Tree], graph: Graph, coefficients: Any, order: Order, optimism: float = 0.0,
          bound: float = 20.0, innate: Any = None) -> Actors:  # fmt: skip
    """Return one learner."""
    habits = compile_acting(rule, order)
    weights = np.zeros(graph.synapses, F) if innate is None else innate
    one = Phenotype(graph, habits.rule, weights, np.array(coefficients, F), np.zeros((4, graph.synapses), F))
    lanes = [] if habits.lane is None else [habits.lane]
    return Actors(batch_of([one]), lanes, np.array([0 if lanes else NONE], np.int32), np.array([optimism], F),
                  np.array([bound], F), order)  # fmt: skip


def place(name: str, **settings: float) -> Place:
    """Return a stock world."""
    return open_world(find_world(name, settings))


def lives_in(own: Place, lanes: int, ticks: int, seed: int = 0) -> Lives:
    """Draw so many lives of so many ticks."""
    rng = np.random.default_rng(seed)
    parameters = stacked(own.draw(lanes, rng), lanes)
    noise = rng.random((ticks + 1, own.program.noise, lanes), F)
    return Lives(own.program, parameters, noise, rng.random((ticks, 2, lanes), F))


def plan_of(ticks: int, *windows: int, **more: Any) -> ActingPlan:
    """Return a plan of so many ticks."""
    return ActingPlan(np.array([*windows, ticks], np.int32), **more)
