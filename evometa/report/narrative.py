"""A run in plain words: what was sought, what was found, how it compares with stock learners."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.errors.text import count_of
from evometa.judging.reports import Report
from evometa.judging.scores import Score, finite
from evometa.judging.verdict import basis, level_of, lifetimes, listed, standings, verdict
from evometa.presentation.format import beginning, interval, number, signed, tuned
from evometa.presentation.summary import summary_of
from evometa.presentation.world_faults import faults_of
from evometa.report.figures.scale import measure, performance
from evometa.store.population import births
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner
    from evometa.presentation.run import Run

SOUGHT = {
    "rule": "a learning rule, the formula by which a network changes its own weights while it learns",
    "topology": "the network that learns, its nodes and synapses",
    "coefficients": "the coefficients of the rule",
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


class Further(NamedTuple):
    """A further test of the champion, beside the best of the plain learners (`rival`) on its tasks.

    `others`: the champion's scores by other measures; `ahead`: champion − rival; `level`: as in `Rival`.
    """

    name: str
    score: str
    others: tuple[str, ...]
    rival: str
    rival_score: str
    ahead: str
    level: str


def further_tests(report: Report | None) -> list[Further]:
    """Return a champion's further tests, in the order of the recipe."""
    if report is None:
        return []
    found = []
    for test in report.other_tests:
        others = tuple(_score_of(test.also.get(name, Score())) for name in report.also)
        best = test.strongest(report.measure)
        if best is None:
            found.append(Further(test.name, _score_of(test), others, "–", "–", "–", ""))
            continue
        ahead = _score_of(best.difference or Score(), sign=True)
        level = level_of(test, best, report.measure or "score") or ""
        found.append(Further(test.name, _score_of(test), others, best.name, _score_of(best), ahead, level))
    return found


def rivals(run: Run) -> list[Rival]:
    """Return the stock learners, the best first, each with how the champion compares; then those with no such score."""
    report = None if run.champion is None else run.champion.report
    if report is None or finite(report.test.mean) is None:
        return []
    scale, first = measure(report.measure), report.measure or "score"
    levels = {(one.learner, one.measure): one.level for one in standings(report)}
    found = []
    for row in sorted(report.baselines, key=lambda row: _order(finite(row.mean), scale.higher)):
        by = first if finite(row.mean) is not None else next(iter(row.also), None)
        if by is None:
            continue
        own = row if by == first else row.also[by]
        level = levels.get((row.name, by), "level")
        others = tuple(_score_of(row.also.get(other, Score())) for other in report.also)
        score = "–" if finite(row.mean) is None else _score_of(row)
        ahead = _score_of(own.difference or Score(), sign=True)
        words = level if by == first else f"{level} by {by}"
        found.append(Rival(row.name, score, tuned(row) or "–", words, ahead, others))
    return found


def _order(mean: float | None, higher: bool) -> tuple[bool, float]:
    return mean is None, 0.0 if mean is None else -mean if higher else mean


def _score_of(score: Score, sign: bool = False) -> str:
    mean, half = finite(score.mean), finite(score.ci95)
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
    if (faults := faults_of(run.history)) is not None:
        told.append(f"{faults.sentence}.")
    return [paragraph for paragraph in told if paragraph]


def origin(run: Run) -> str:
    """Return how the champion came about; nothing where there is none, or it cannot be read."""
    try:
        found = run.origin
    except InputError:
        return ""
    return "" if found is None else f"It {'was ' if found.steps else ''}{found.sentence}."


def _search(run: Run) -> str:
    sought = [words for part, words in SOUGHT.items() if part in _evolved(run.config)] or [SOUGHT["rule"]]
    names = listed([f"“{name}”" for name in run.settings.families])
    on = f" Tasks come from {names}." if names else ""
    judged = "A candidate is judged by what a network learns with it in one life."
    return f"The run searched for {listed(sought)}. {judged}{on}"


def _evolved(config: Json) -> frozenset[str]:
    try:
        return restore(config, "run").evolved
    except InputError:
        return frozenset({"rule"})


def _found(run: Run, champion: Learner) -> str:
    done, asked = run.generation, run.settings.run.generations
    lived = lifetimes(summary_of(run).lived)
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
        if run.settings.acts or run.settings.searches:
            course = f"from {number(innate)} in the first part of life to {number(adapted)} in what is judged"
        return f"On the tasks of evolution its {performance(run).name} goes {course}."
    report = champion.report or Report(champion=champion.id)
    scale, half, birth = measure(report.measure), champion.meta_test_ci95, finite(report.birth.mean)
    tasks = count_of(report.test.n, "task") if report.test.n else "tasks"
    unseen = "" if report.overlap and report.overlap.train else " that evolution never met"
    sure = "" if half is None else f" (95 % interval {champion.over})"
    still = run.settings.lifetime.updates == 0
    acts = run.settings.acts or run.settings.searches
    learned = "" if still else " after learning"
    what = f"the measure {scale.name}" if acts else f"its {scale.name}{learned}"
    text = f"On {tasks}{unseen}, {what} is {interval(score, half)}{sure}"
    text += "." if birth is None or still else f"; {beginning(acts)} it is {number(birth)}."
    return " ".join(part for part in (text, verdict(report), basis(report, run.settings.seed)) if part)
