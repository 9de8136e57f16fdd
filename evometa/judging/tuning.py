"""Classic rules tuned in all their dials, so that a champion is compared with them at their best.

Every combination of the dials' values meets a few train tasks; the best of each rule go on to more (successive
halving: Karnin et al. 2013, ICML), and around the best the search goes on in ever smaller steps (compass search:
Kolda, Lewis & Torczon 2003, SIAM Review 45). All rules live as many updates as the champion, in the same networks.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from evometa.config.schema import Config
from evometa.evolution.courses import Drawn
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.measures import lower_is_better
from evometa.evolution.memory import at_a_time
from evometa.genetics.genome import Genome
from evometa.judging.exam import figures
from evometa.judging.intervals import F64
from evometa.language.library import RULES, ClassicRule, Dial

SHARES = (1 / 16, 1 / 4)  # of the tasks, that combinations meet before the best of them meet all
FEWEST = 4  # tasks that a combination meets
KEPT = 4  # combinations of each rule that meet all tasks, at least
COARSE = 9  # rates tried with each combination of a rule's other dials; the search around the best tries those between
ROUNDS = 8  # of the search around the best

Point = tuple[float, ...]


@dataclass(frozen=True)
class Tuned:
    """A classic rule at its best: each dial's value, "rate" first; dials that were best at an end of what was tried."""

    rule: ClassicRule
    dials: dict[str, float]
    at_edge: list[str]
    tasks: int


def stock_genome(rule: ClassicRule, dials: Mapping[str, float], updates: int) -> Genome:
    """Return the genome of a classic rule with those values of its dials; others have their usual values."""
    slots, coefficients = rule.tuned(dials, updates)
    return Genome(dict(slots), coefficients=np.array(coefficients, np.float32))


def rate_grid(config: Config) -> F64:
    """Return the learning rates that stock rules are tuned over."""
    rates = config.champion.rates
    spaced = np.geomspace if rates.scale == "log" else np.linspace
    return spaced(rates.low, rates.high, rates.points)


def tune(evaluator: Evaluator, measure: str) -> list[Tuned]:
    """Tune the recipe's baselines on meta-train tasks, if not said otherwise as many as the champion is chosen on.

    The rate may change linearly over the life (dial "decay") where the champion may read `age`, too, and weights may
    decay (dial "weight decay") where it may read `w`.
    """
    config = evaluator.config
    names = config.champion.baselines
    searches = [Search.of(RULES[name], config) for name in names]
    count = config.champion.tuning_tasks or max(config.sampling.tasks, config.sampling.validation_tasks)
    if not searches:
        return []
    trial = Trial(evaluator, measure)
    for share in SHARES:
        few = max(FEWEST, round(count * share))
        if few < count and max(len(search.points) for search in searches) > KEPT:
            trial.meet(searches, few)
            for search in searches:
                search.keep()
    trial.climb(searches, count, ROUNDS)
    return [Tuned(search.rule, search.best(), search.at_edge(), count) for search in searches]


@dataclass
class Search:
    """The search over one rule's dials, in coordinates in which each dial is even; `points` are to be judged next."""

    rule: ClassicRule
    dials: list[Dial]
    points: list[Point]
    steps: list[float]
    scores: list[float] = field(default_factory=list)  # of the points, less is better
    centre: Point = ()
    height: float = np.inf  # the centre's score
    leap: Point = ()  # what was better in several dials, one at a time, all at once

    @classmethod
    def of(cls, rule: ClassicRule, config: Config) -> Search:
        """Begin with all combinations."""
        if "w" in config.rule.signals and rule.descends:
            rule = rule.shrinking()
        if "age" in config.rule.signals:
            rule = rule.decaying()
        grid, rates = rate_grid(config), config.champion.rates
        if rule.dials and len(grid) > COARSE:
            grid = grid[np.linspace(0, len(grid) - 1, COARSE).round().astype(int)]
        dials = [Dial("rate", "c0", tuple(grid.tolist()), rates.scale), *rule.dials]
        axes = [[_even(dial, value) for value in dial.values] for dial in dials]
        steps = [_first_step(dial, axis) for dial, axis in zip(dials, axes, strict=True)]
        return cls(rule, dials, list(itertools.product(*axes)), steps)

    def genome(self, point: Point, updates: int) -> Genome:
        """Return the rule with the values of a point."""
        return stock_genome(self.rule, self.values(point), updates)

    def values(self, point: Point) -> dict[str, float]:
        """Return the dials' values at a point."""
        return {dial.name: _uneven(dial, place) for dial, place in zip(self.dials, point, strict=True)}

    def point(self, values: Mapping[str, float]) -> Point:
        """Return the point with those values of the dials."""
        return tuple(_even(dial, values[dial.name]) for dial in self.dials)

    def keep(self) -> None:
        """Go on with the best quarter of the points."""
        order = np.argsort(self.scores, kind="stable")[: max(KEPT, len(self.points) // 4)]
        self.points = [self.points[i] for i in order]

    def settle(self) -> None:
        """Take the best of the points as the centre."""
        best = int(np.argmin(self.scores))
        self.centre, self.height = self.points[best], self.scores[best]

    def look_around(self) -> None:
        """Judge next the centre's neighbours along each dial."""
        found = []
        for place, (dial, step) in enumerate(zip(self.dials, self.steps, strict=True)):
            low, high = (_even(dial, end) for end in dial.ends)
            for move in (-step, step):
                value = float(np.clip(self.centre[place] + move, low, high))
                found.append((*self.centre[:place], value, *self.centre[place + 1 :]))
        self.points = [point for point in dict.fromkeys([*found, self.leap or self.centre]) if point != self.centre]

    def step(self) -> None:
        """Go to the best neighbour, if it is better than the centre, and try next what is better in every dial at once.

        Else look nearer from now on.
        """
        ranked = sorted(zip(self.scores, self.points, strict=True), reverse=True)
        better = [point for score, point in ranked if score < self.height]
        if not better:
            self.steps = [step / 2 for step in self.steps]
            return
        merged = list(self.centre)
        for point in better:  # the best last, so that its moves stand
            merged = [m if p == c else p for m, p, c in zip(merged, point, self.centre, strict=True)]
        self.settle()
        self.leap = tuple(merged)

    def best(self) -> dict[str, float]:
        """Return the centre's values."""
        return self.values(self.centre)

    def at_edge(self) -> list[str]:
        """Return the dials whose best lies at an end of what was tried, where more might lie beyond."""
        return [
            dial.name
            for dial, place in zip(self.dials, self.centre, strict=True)
            if dial.ends[0] < dial.ends[1]
            and any(place == _even(dial, dial.ends[end]) and not dial.natural[end] for end in (0, -1))
        ]


class Trial:
    """Points of several searches, judged on the same train tasks."""

    def __init__(self, evaluator: Evaluator, measure: str) -> None:
        self.evaluator, self.measure = evaluator, measure
        self.sign = 1.0 if lower_is_better(measure) else -1.0
        self.drawn: dict[int, Drawn] = {}

    def meet(self, searches: Sequence[Search], count: int) -> None:
        """Judge the points of every search on so many train tasks."""
        if count not in self.drawn:
            self.drawn[count] = self.evaluator.draw("train", 0, count, fresh=True, purpose="tuning ")
        drawn = self.drawn[count]
        updates = drawn[0][1].plan.length
        genomes = [search.genome(point, updates) for search in searches for point in search.points]
        slab = at_a_time(genomes, drawn)
        found: list[float] = []
        for first in range(0, len(genomes), slab):
            outcomes = self.evaluator.outcomes(genomes[first : first + slab], drawn, "tuning")
            found.extend((self.sign * figures(outcomes, self.measure)).tolist())
        for search in searches:
            search.scores, found = found[: len(search.points)], found[len(search.points) :]

    def climb(self, searches: Sequence[Search], count: int, rounds: int) -> None:
        """Go from the best of each search's points to better ones, on so many train tasks."""
        self.meet(searches, count)
        for search in searches:
            search.settle()
        for _ in range(rounds):
            for search in searches:
                search.look_around()
            self.meet(searches, count)
            for search in searches:
                search.step()


def _first_step(dial: Dial, axis: Sequence[float]) -> float:
    """Return half the widest gap between values tried first; a quarter of the way between the ends for a single one."""
    low, high = (_even(dial, end) for end in dial.ends)
    return float(max(np.diff(axis))) / 2 if len(axis) > 1 else (high - low) / 4


def _even(dial: Dial, value: float) -> float:
    """Return where a value lies on a scale on which the dial is even."""
    match dial.scale:
        case "log":
            return float(np.log10(value))
        case "complement":
            return float(-np.log10(1.0 - value))
        case _:
            return value


def _uneven(dial: Dial, place: float) -> float:
    """Return the value there, to six digits, within what was tried."""
    match dial.scale:
        case "log":
            value = 10.0**place
        case "complement":
            value = 1.0 - 10.0**-place
        case _:
            value = place
    return float(np.clip(float(f"{value:.6g}"), *dial.ends))
