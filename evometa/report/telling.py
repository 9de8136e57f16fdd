"""A run in plain words: what was sought, what was found, how it compares with stock learners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot
from typing import TYPE_CHECKING, Any, NamedTuple

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.figures.scale import Scale, finite, measure, performance
from evometa.store.population import births
from evometa.writing import interval, number

if TYPE_CHECKING:
    from evometa.inspect import Run
    from evometa.learner import Learner

SOUGHT = {
    "rule": "a learning rule, the formula by which a network changes its own weights while it learns",
    "coefficients": "the coefficients of that rule",
    "weights": "the weights that a network is born with",
    "plasticity": "how plastic its synapses are",
}
LEVELS = ("better", "level", "worse")


class Rival(NamedTuple):
    """A stock learner on the same held-out tasks; `level`: how the champion stands to it, one of LEVELS."""

    name: str
    score: str
    rate: str
    level: str


def rivals(run: Run) -> list[Rival]:
    """Return the stock learners, the best first, each with how the champion compares."""
    champion = run.champion
    score = None if champion is None else finite(champion.meta_test)
    if champion is None or score is None:
        return []
    scale = measure(champion.scores.get("measure"))
    rows = [(finite(row.get("mean")), row) for row in run.baselines]
    known = sorted(((mean, row) for mean, row in rows if mean is not None), key=lambda r: r[0], reverse=scale.higher)
    half = finite(champion.meta_test_ci95) or 0.0
    found = []
    for mean, row in known:
        rate, own = finite(row.get("rate")), finite(row.get("ci95"))
        level = level_of(score, half, mean, own or 0.0, scale)
        text = "–" if rate is None else f"{rate:.3g}"
        found.append(Rival(str(row.get("name")), interval(mean, own), text, level))
    return found


def level_of(score: float, half: float, other: float, other_half: float, scale: Scale) -> str:
    """Return how a score stands to another: level where the difference is within its own 95 % interval.

    That interval is reckoned as if the two had met different tasks, which is cautious: they met the same.
    """
    ahead = (score - other) if scale.higher else (other - score)
    return "level" if abs(ahead) <= hypot(half, other_half) else "better" if ahead > 0 else "worse"


def summary(run: Run) -> list[str]:
    """Return a run in a few paragraphs of plain words."""
    champion = run.champion
    told = [_search(run)]
    if champion is None:
        return [*told, "No generation is finished yet, so there is nothing to tell of it."]
    told.append(_found(run, champion))
    told.append(_score(run, champion))
    return [paragraph for paragraph in told if paragraph]


def _search(run: Run) -> str:
    sought = [words for part, words in SOUGHT.items() if part in _evolved(run.config)] or [SOUGHT["rule"]]
    families = [str(one.get("family")) for one in run.config.get("tasks") or () if isinstance(one, Mapping)]
    names = listed([f"“{name}”" for name in dict.fromkeys(families)])
    on = f" Tasks come from {names}." if names else ""
    judged = "A candidate is judged by what a network learns with it in one life."
    return f"The run searched for {listed(sought)}. {judged}{on}"


def _evolved(config: Mapping[str, Any]) -> frozenset[str]:
    try:
        return restore(dict(config), "run").evolved
    except (InputError, TypeError, KeyError):
        return frozenset({"rule"})


def _found(run: Run, champion: Learner) -> str:
    done, asked = run.generation, run.config.get("run", {}).get("generations")
    lived = sum(int(row.get("lifetimes") or 0) for row in run.history)
    born = sum(count for _, count, _ in births(run.reader))
    made = f"{number(born)} candidates were born and {number(lived)} lifetimes were lived"
    made = f"In {count_of(done, 'generation')}, {made}."
    if not run.finished:
        stand = (
            f"{number(done)} of {number(asked)} generations are done" if done != asked else "its test is still to come"
        )
        made += f" The run is not finished: {stand}."
    who = "champion" if run.finished else "best so far"
    if champion.genome is None:
        return f"{made} The {who} is number {champion.id}; its genome was not kept."
    like = champion.recognised.strip().rstrip(".")
    return f"{made} The {who} is number {champion.id}. Compared with the classic rules: {like}."


def _score(run: Run, champion: Learner) -> str:
    score = finite(champion.meta_test)
    if score is None:
        innate, adapted = finite(champion.innate), finite(champion.adapted)
        if innate is None or adapted is None:
            return ""
        course = f"from {number(innate)} at birth to {number(adapted)} after learning"
        return f"On the tasks of evolution its {performance(run).name} goes {course}."
    scale = measure(champion.scores.get("measure"))
    test = champion.scores.get("meta_test")
    count = test.get("n") if isinstance(test, Mapping) else None
    tasks = f"{number(count)} tasks" if count else "tasks"
    told = interval(score, champion.meta_test_ci95)
    text = f"On {tasks} that evolution never met, its {scale.name} after learning is {told}"
    birth = champion.scores.get("innate")
    innate = finite(birth.get("mean")) if isinstance(birth, Mapping) else None
    text += "." if innate is None else f"; at birth it is {number(innate)}."
    return f"{text} {_standing(rivals(run))}".strip()


def _standing(found: Sequence[Rival]) -> str:
    """Say of whom the champion is ahead, with whom it is level, and behind whom it is."""
    groups = {level: [rival.name for rival in found if rival.level == level] for level in LEVELS}
    words = {"better": "better than", "level": "level with", "worse": "worse than"}
    parts = [f"{words[level]} {listed(names)}" for level, names in groups.items() if names]
    return f"That is {listed(parts, ', and ')}." if parts else ""


def listed(items: Sequence[str], last: str = " and ") -> str:
    """Join words as a sentence does."""
    return last.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def count_of(count: int, what: str) -> str:
    """Write a number of things."""
    return f"{number(count)} {what}" + ("" if count == 1 else "s")
