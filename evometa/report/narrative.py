"""A run in plain words: what was sought, what was found, how it compares with stock learners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.judging.verdict import basis, lifetimes, listed, over, standings, verdict
from evometa.presentation.format import interval, number, signed, tuned
from evometa.report.figures.scale import finite, measure, performance
from evometa.store.population import births

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner
    from evometa.presentation.run import Run

SOUGHT = {
    "rule": "a learning rule, the formula by which a network changes its own weights while it learns",
    "coefficients": "the coefficients of that rule",
    "weights": "the weights that a network is born with",
    "plasticity": "how plastic its synapses are",
}


class Rival(NamedTuple):
    """A stock learner on the same held-out tasks; `level`: how the champion stands to it (`verdict`).

    `ahead`: champion − learner, by the first measure that it has; `others`: its scores by other measures.
    """

    name: str
    score: str
    tuned: str
    level: str
    ahead: str
    others: tuple[str, ...]


def rivals(run: Run) -> list[Rival]:
    """Return the stock learners, the best first, each with how the champion compares; then those with no such score."""
    told = run.summary()
    champion = told["champion"]
    if champion is None or finite(champion["meta_test"]) is None:
        return []
    scale, first = measure(champion["measure"]), str(champion["measure"] or "score")
    levels = {(one.learner, one.measure): one.level for one in standings(told)}
    rows = sorted(told["baselines"], key=lambda row: _order(finite(row.get("mean")), scale.higher))
    found = []
    for row in rows:
        also = row.get("also") or {}
        mean, name = finite(row.get("mean")), str(row.get("name"))
        by = first if mean is not None else next(iter(also), None)
        if by is None:
            continue
        own = row if by == first else also[by]
        level = levels.get((name, by), "level")
        others = tuple(_score_of(also.get(other) or {}) for other in champion["also"] or {})
        score = "–" if mean is None else _score_of(row)
        ahead = _score_of(own.get("difference") or {}, sign=True)
        found.append(Rival(name, score, tuned(row) or "–", level if by == first else f"{level} by {by}", ahead, others))
    return found


def _order(mean: float | None, higher: bool) -> tuple[bool, float]:
    return mean is None, 0.0 if mean is None else -mean if higher else mean


def _score_of(row: Mapping[str, Any], sign: bool = False) -> str:
    mean, half = finite(row.get("mean")), finite(row.get("ci95"))
    if sign and mean is not None:
        return signed(mean) + ("" if half is None else f" ± {number(half)}")
    return interval(mean, half)


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
    lived = lifetimes(run.summary()["lived"])
    born = sum(count for _, count, _ in births(run.reader))
    made = f"{number(born)} candidates were born; there were {lived}"
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
    sure = "" if champion.meta_test_ci95 is None else f" (95 % interval {over(champion.scores.get('over'))})"
    text = f"On {tasks} that evolution never met, its {scale.name} after learning is {told}{sure}"
    birth = champion.scores.get("innate")
    innate = finite(birth.get("mean")) if isinstance(birth, Mapping) else None
    text += "." if innate is None else f"; at birth it is {number(innate)}."
    stand = run.summary()
    return " ".join(part for part in (text, verdict(stand), basis(stand)) if part)


def count_of(count: int, what: str) -> str:
    """Write a number of things."""
    return f"{number(count)} {what}" + ("" if count == 1 else "s")
