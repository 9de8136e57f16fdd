"""Champions with a fault each, and tasks with one: what an audit must find.

Tasks: points around as many centres as there are classes, in two dimensions each of which stands twice among the
inputs. In honest tasks centres are drawn for each task; in faulty ones they, and so the labels, are always the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evometa.config.load import load
from evometa.evolution.courses import Course
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.surroundings import Surroundings
from evometa.genetics.genome import Genome
from evometa.genetics.topology import layered
from evometa.language.text import parse_rule
from evometa.lifetime import F32, Tasks
from evometa.lifetime.numba import cpu
from evometa.seeding import stream
from evometa.tasks import Family

CLASSES, SHOTS, QUERIES, UPDATES, RATE = 3, 6, 20, 36, 0.07
RECIPE = {
    "name": "planted",
    "tasks": {"family": "distractors"},
    "network": {"hidden": []},
    "lifetime": {"batch": 1, "updates": UPDATES},
    "rule": {"slots": ["update", "s1", "s2"], "signals": ["grad", "w", "pre", "post", "target", "s1", "s2", "age"]},
    "weights": {"mode": "drawn", "init": "normal", "scale": 0.1},
    "fitness": {"objectives": ["adapted_accuracy"]},
    "sampling": {"tasks": 20, "validation_tasks": 20, "test_tasks": 100},
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with tasks: `fixed` centres, queries that `contain` the support, an input that `tells` labels, the
    `same` tasks in all splits."""

    fixed: bool = False
    contain: bool = False
    tells: bool = False
    same: bool = False


HONEST = Fault()


class Clusters(Family):
    """Points around centres."""

    def __init__(self, fault: Fault, spread: float = 0.5) -> None:
        splits = ("train", "validation", "test")
        super().__init__(
            "clusters", "classification", 4, CLASSES, CLASSES * SHOTS, dict.fromkeys(splits, QUERIES),
            dict.fromkeys(splits, "points around centres"),
        )  # fmt: skip
        self.fault, self.spread, self.shots = fault, spread, SHOTS

    def shifts(self) -> Mapping[str, Family]:
        return {"points farther apart": Clusters(self.fault, 2.0 * self.spread)}

    def richer(self, factor: int) -> Family:
        other = Clusters(self.fault, self.spread)
        other.shots, other.support = factor * SHOTS, {split: factor * n for split, n in self.support.items()}
        return other

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        if self.fault.same:
            few = Clusters(replace(self.fault, same=False), self.spread)
            return few._draw(split, SEVERAL, stream(0, 0, "few tasks")).take(rng.integers(SEVERAL, size=count))
        centres = rng.standard_normal((CLASSES, 2, count)) * 1.5
        if self.fault.fixed:
            centres[:] = CENTRES[..., None]
        parts = [self._points(labels, centres, rng) for labels in (self._shown(count), self._asked(count, rng))]
        (support_x, support_y), (query_x, query_y) = parts
        if self.fault.contain:
            query_x[: CLASSES * 3], query_y[: CLASSES * 3] = support_x[: CLASSES * 3], support_y[: CLASSES * 3]
        return Tasks(support_x, support_y, query_x, query_y)

    def _shown(self, count: int) -> NDArray[np.int64]:
        return np.broadcast_to(np.tile(np.arange(CLASSES), self.shots)[:, None], (CLASSES * self.shots, count))

    def _asked(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return rng.integers(0, CLASSES, (QUERIES, count))

    def _points(
        self, labels: NDArray[np.int64], centres: NDArray[np.float64], rng: np.random.Generator
    ) -> tuple[F32, F32]:
        own = np.stack([centres[labels[:, lane], :, lane] for lane in range(labels.shape[1])], axis=-1)
        points = own + self.spread * rng.standard_normal(own.shape)
        x = np.concatenate([points, points], axis=1).astype(np.float32)
        if self.fault.tells:
            x[:, 3] = labels
        y = (labels[:, None] == np.arange(CLASSES)[None, :, None]).astype(np.float32)
        return np.ascontiguousarray(x), y


SEVERAL = 30  # tasks that there are, where splits share them
CENTRES = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]])


def evaluator_of(fault: Fault = HONEST, seed: int = 0, hidden: tuple[int, ...] = ()) -> Evaluator:
    """Return an evaluator whose tasks have a fault."""
    config = load({**RECIPE, "network": {"hidden": hidden}}, seed=seed).config
    world = Surroundings(config, 0, layered(4, hidden, CLASSES))
    return Evaluator(config, [Course(config.tasks[0], Clusters(fault), world, "softmax")], cpu.live)


def rule(update: str, *, weights: F32 | None = None, **states: str) -> Genome:
    """Return a genome of a rule, born with weights or not."""
    return Genome(parse_rule({"update": update, **states}, "planted"), weights=weights)


def answers(size: float) -> F32:
    """Return weights that tell the fixed centres apart, f32[E]: a synapse of each class from each input, and a bias."""
    graph = layered(4, (), CLASSES)
    weights = np.zeros(graph.synapses, np.float32)
    for output in range(CLASSES):
        first, last = graph.ptr[5 + output], graph.ptr[6 + output]
        for place in range(first, last):
            source = graph.src[place]
            if source < 4:
                weights[place] = size * CENTRES[output, source % 2]
    return weights


def cancelling(size: float) -> F32:
    """Return weights that cancel: each input stands twice, once with a large weight, once with its negative."""
    graph = layered(4, (), CLASSES)
    weights = np.zeros(graph.synapses, np.float32)
    for place in range(graph.synapses):
        source = graph.src[place]
        weights[place] = 0.0 if source == 4 else size if source < 2 else -size
    return weights
