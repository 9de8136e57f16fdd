"""Classic rules of learning from reward beside a champion that acts: tuned in all their dials, on the same lives.

Each lives as its literature has it (its policy, its order of a tick, a critic where it needs one), in the recipe's
networks, with weights of 0 where there are no hidden nodes. Of its usual numbers and of others drawn around them the
best go on, in steps that halve where nothing is better (compass search: Kolda, Lewis & Torczon 2003, SIAM Review 45).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evometa.config.schema import Config, Split
from evometa.evolution.courses import Drawn, course_of, lessons
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.measures import lower_is_better
from evometa.evolution.memory import at_a_time
from evometa.genetics.genome import Genome
from evometa.judging.exam import Exam, figures
from evometa.language.acting_library import AGENTS, ClassicAgent
from evometa.seeding import stream

ROUNDS = 10
POINTS = 64  # settings that are tried first
OPTIMISM, BOUND = "optimism", "bound"
NARROW = 20.0  # a bound of weights below this is a dial, too
SHARES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)  # tried first, of numbers from 0 to 1


class Dial(NamedTuple):
    """A number that is tuned: c0, c1, … or the optimism; `share`: it lies from 0 to 1, else it is multiplied."""

    name: str
    usual: float
    share: bool

    def drawn(self, rng: np.random.Generator) -> float:
        """Return a value to be tried first: a share, or from a 64th of the usual value to four times as much."""
        if self.share:
            return float(rng.choice(SHARES))
        return float(f"{self.usual * 4.0 ** rng.uniform(-3, 1):.3g}")

    def moved(self, value: float, step: float) -> float:
        """Return the value one step up or down."""
        if not self.share:
            return value * 4.0**step
        return float(np.clip(value + 0.25 * step, 0.0, 1.0))


@dataclass(frozen=True)
class TunedAgent:
    """A classic agent at its best: the value of each dial, found on so many tasks."""

    agent: ClassicAgent
    dials: dict[str, float]
    tasks: int

    @property
    def genome(self) -> Genome:
        """Its rule with these numbers; the last two coefficients are its optimism and its bound."""
        return genome_of(self.agent, self.dials)


def dials_of(agent: ClassicAgent) -> list[Dial]:
    """Return what of an agent is tuned: its coefficients, and the optimism."""
    rates = [Dial(f"c{k}", usual, k not in agent.scales) for k, usual in enumerate(agent.coefficients)]
    rates += [Dial(OPTIMISM, agent.optimism, False)] if agent.optimism else []
    return rates + ([Dial(BOUND, agent.bound, False)] if agent.bound < NARROW else [])


def genome_of(agent: ClassicAgent, dials: Mapping[str, float]) -> Genome:
    """Return an agent's rule with those values of its dials."""
    count = len(agent.coefficients)
    numbers = [dials[f"c{k}"] for k in range(count)] + [dials.get(OPTIMISM, 0.0), dials.get(BOUND, agent.bound)]
    return Genome(dict(agent.slots), coefficients=np.array(numbers, np.float32))


def config_of(agent: ClassicAgent, config: Config) -> Config:
    """Return a recipe with an agent's own way to live."""
    own = config.acting.model_copy(update={
        "order": agent.order, "policy": agent.policy, "critic": agent.critic, "ties": "random",
        "epsilon": agent.epsilon, "optimism": f"c{len(agent.coefficients)}",
        "bound": f"c{len(agent.coefficients) + 1}", "predictions": 0,
    })  # fmt: skip
    flat = not any(tasks.layers(config.network) for tasks in config.tasks)
    weights = config.weights.model_copy(update={"mode": "drawn", **({"init": "zeros"} if flat else {})})
    return config.model_copy(update={"acting": own, "weights": weights})


def drawn_for(agent: ClassicAgent, evaluator: Evaluator, split: Split, count: int, purpose: str = "") -> Drawn:
    """Draw the lives of every course that serves a split, as an agent lives them: the same worlds as for others."""
    config = config_of(agent, evaluator.config)
    found: Drawn = []
    for course in evaluator.courses:
        if course.serves(split):
            own = course_of(config, course.number, course.family)
            found.append((own, lessons(own, config, split, 0, count, fresh=True, purpose=purpose)))
    return found


def tune_agents(evaluator: Evaluator, measure: str) -> list[TunedAgent]:
    """Tune the recipe's classic agents on train tasks, and on those of validation that the champion is chosen by."""
    config = evaluator.config
    count = config.champion.tuning_tasks or max(config.sampling.tasks, config.sampling.validation_tasks)
    return [_tuned(AGENTS[name], evaluator, measure, count) for name in config.rivals]


def _tuned(agent: ClassicAgent, evaluator: Evaluator, measure: str, count: int) -> TunedAgent:
    drawn, dials = drawn_for(agent, evaluator, "train", count, "tuning "), dials_of(agent)
    drawn += drawn_for(agent, evaluator, "validation", evaluator.config.sampling.validation_tasks)
    rng = stream(evaluator.config.seed, 0, f"dials of {agent.name}")
    points = [{dial.name: dial.usual for dial in dials}]
    points += [{dial.name: dial.drawn(rng) for dial in dials} for _ in range(POINTS - 1 if dials else 0)]
    first = _judged(evaluator, agent, points, drawn, measure)
    centre, best, step = points[int(np.argmax(first))], max(first), 1.0
    for _ in range(ROUNDS if dials else 0):
        around = [
            {**centre, dial.name: value}
            for dial in dials
            for side in (step, -step)
            if (value := dial.moved(centre[dial.name], side)) != centre[dial.name]
        ]
        worth = _judged(evaluator, agent, around, drawn, measure)
        top = int(np.argmax(worth))
        if worth[top] > best:
            centre, best = around[top], worth[top]
        else:
            step /= 2
    return TunedAgent(agent, centre, count)


def _judged(
    evaluator: Evaluator, agent: ClassicAgent, points: Sequence[Mapping[str, float]], drawn: Drawn, measure: str
) -> list[float]:
    """Return how well an agent does with each setting, more being better."""
    sign = -1.0 if lower_is_better(measure) else 1.0
    genomes, found = [genome_of(agent, point) for point in points], list[float]()
    slab = at_a_time(genomes, drawn)
    for first in range(0, len(genomes), slab):
        outcomes = evaluator.outcomes(genomes[first : first + slab], drawn, "tuning")
        found += (sign * figures(outcomes, measure)).tolist()
    return found


def exam_of(agent: ClassicAgent, evaluator: Evaluator, count: int) -> Exam:
    """Return the test of an agent, on the same lives as the champion's."""
    return Exam(evaluator, drawn_for(agent, evaluator, "test", count))
