"""How a learner came about: what its line began with, and which steps from there gained what."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from evometa.errors.text import count_of, legible
from evometa.genetics.guesses import classic, numbers_written, plain
from evometa.judging.analyses import Analysis, Ancestor
from evometa.judging.scores import Score
from evometa.judging.verdict import over
from evometa.language.library import RULES
from evometa.presentation.differences import differences
from evometa.presentation.format import cut, lead
from evometa.presentation.learner import Learner
from evometa.presentation.lineage import line
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.presentation.run import Run

LONGEST = 1000  # steps that a line is followed back
FEW = 3  # steps that are named in a sentence, those with the largest gains
ROOM = 72  # characters of what one of them changed
GUESS, VARIED, FIRST, TUNED = "guess ", ", varied", "first", "tuned"  # of operators' names


@dataclass(frozen=True)
class Gain:
    """What came of individual `since` when it became individual `id`, in one step, or in several that were not lived
    one by one (then without `operator`).

    `change`: in words, where there was a gain; `score`: the later − the earlier, with half the 95 % interval.
    """

    id: int
    since: int
    operator: str
    change: str
    score: Score


@dataclass(frozen=True)
class Origin:
    """How a learner came about.

    `start`: what its line began with, in words; `founder`: that individual (None: more than LONGEST steps back);
    `steps`: from there; `neutral`: of these, those that changed no behaviour; `dials`: of a classic rule that came
    unchanged; `tuned`: how many of the line, itself included, had numbers tuned along their gradient at birth, and
    `tuning`: the share of the loss that this left, on tasks that no step was made on (median). Where its ancestors were
    lived again, on held-out `tasks`: `gains`, the latest first, and `total`: the learner − its founder; `over`: what
    intervals are over; `lower`: whether less of `measure` is better.
    """

    start: str
    founder: int | None
    steps: int
    neutral: int
    dials: dict[str, float] = field(default_factory=dict)
    tuned: int = 0
    tuning: float | None = None
    gains: tuple[Gain, ...] = ()
    total: Score | None = None
    measure: str = ""
    lower: bool = False
    tasks: int = 0
    over: str = ""

    @property
    def sure(self) -> list[Gain]:
        """The steps whose gain's interval leaves out 0, the largest gain first."""
        sign = -1.0 if self.lower else 1.0
        found = [(sign * (one.score.mean or 0.0), one) for one in self.gains]
        return [
            one
            for mean, one in sorted(found, key=lambda pair: -pair[0])
            if one.score.ci95 is not None and mean > one.score.ci95
        ]

    @property
    def sentence(self) -> str:
        """All of it in a line: “found from Nesterov's momentum (library) by 2 steps: +0.054 ± 0.009 accuracy …”."""
        if not self.steps:
            dials = ", ".join(f"{name} {value:.3g}" for name, value in self.dials.items())
            unchanged = ", and no more" if self.start.endswith(VARIED) else " without a change"
            return f"is {self.start}{unchanged}" + (f", with {dials}" if dials else "")
        by = f"found from {self.start} by {count_of(self.steps, 'step')}"
        by = by if self.founder is not None else f"{by}, of which no more are told"
        told = "; ".join(self._told())
        return f"{by}: {told}" if told else by

    def _told(self) -> Iterator[str]:
        """Yield what was gained in all, what the steps with the largest gains changed, and what of the others."""
        if self.total is not None and self.total.mean is not None:
            yield f"{lead(self.total)} {self.measure} in all"
        sure = self.sure
        for one in sure[:FEW]:
            tuned = "tuning: " if one.operator == TUNED else ""
            yield f"{lead(one.score)} by {tuned}{cut(one.change, ROOM)}"
        if len(sure) > FEW:
            yield f"{count_of(len(sure) - FEW, 'further change')} with a gain"
        if rest := len(self.gains) - len(sure):
            yield f"{count_of(rest, 'change')} without a gain that shows"
        if self.neutral:
            yield f"{count_of(self.neutral, 'step')} that changed no behaviour"
        if self.tuned and self.tuning is not None:
            times = f"{count_of(self.tuned, 'birth')} of the line" if self.tuned > 1 else "a birth"
            median = " (median)" if self.tuned > 1 else ""
            yield f"tuning along gradients at {times} left {self.tuning:.0%} of the loss{median}"
        if self.gains:
            yield f"on {count_of(self.tasks, 'held-out task')}, ± 95 % interval {self.over}"

    def summary(self) -> Json:
        """Return it in plain JSON types."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        gains = [{**vars(one), "score": one.score.plain()} for one in self.gains]
        return {**told, "gains": gains, "total": self.total and self.total.plain()}


def origin_of(run: Run, learner: Learner, analysis: Analysis | None = None) -> Origin:
    """Return how an individual of a run came about, and what that gained by its analysis (made just now, or stored)."""
    found = line(run, learner.id, LONGEST + 1)
    complete, told = not found[-1].parents, analysis or learner.analysis
    origin = Origin(
        start=start_in_words(run, found[-1]) if complete else f"#{found[-1].id}",
        founder=found[-1].id if complete else None,
        steps=len(found) - 1,
        neutral=sum(one.signature == child.signature for child, one in pairwise(found)),
        dials=_dials(learner) if len(found) == 1 else {},
        **_tuning(found),
    )
    return origin if told is None or not told.descent else _measured(origin, found, told)


def _tuning(found: Sequence[Learner]) -> Json:
    """Return how many of a line were tuned along their gradient, and the share of the loss that this left."""
    genomes = [one.genome for one in found]
    gained = [one.moments.gained[0].tolist() for one in genomes if one is not None and one.moments is not None]
    left = [after / before for before, after in gained if before > 0]
    return {"tuned": len(gained), "tuning": statistics.median(left) if left else None}


def start_in_words(run: Run, founder: Learner) -> str:
    """Return what a line began with: the name of a guess, the recipe's own rule or network, a random tree."""
    if founder.operator.startswith(GUESS):
        guess, start = _guess(founder)
        rule = plain(guess)
        title = RULES[rule].title + guess[len(rule) :] if rule in RULES else guess
        return legible(f"{title} ({start}")
    if founder.operator != FIRST:
        return f"a {legible(founder.operator or 'genome of unknown origin')}"
    if run.settings.topology.mode == "evolved":
        return "a first network"
    starts = run.config.get("evolution", {}).get("start", ("init",))
    own = "init" in starts and run.config.get("rule", {}).get("init", "random") != "random"
    return ("the recipe's own rule" + (" or a random tree" if "random" in starts else "")) if own else "a random tree"


def _guess(founder: Learner) -> tuple[str, str]:
    """Return the name of a guess, and what follows it: where it is from, and whether it was varied."""
    name, _, rest = founder.operator.removeprefix(GUESS).partition(" (")
    return name, rest


def _dials(learner: Learner) -> dict[str, float]:
    """Return the dials of a classic rule that came unchanged, those that it has as coefficients and as constants."""
    if not learner.operator.startswith(GUESS) or learner.operator.endswith(VARIED) or learner.genome is None:
        return {}
    name, _ = _guess(learner)
    rule, slots = classic(name), learner.genome.rule
    if rule is None:
        return {}
    read = {signal for tree in slots.values() for signal in tree.signals()}
    values = {name: value for name, value in learner.coefficients.items() if name in read}
    values |= numbers_written(rule, slots)
    rate = {"rate": values["c0"]} if "c0" in values else {}
    held = {dial: values[dial.coefficient] for dial in rule.dials if dial.coefficient in values}
    return rate | {dial.name: 1.0 / value if dial.inverse else value for dial, value in held.items()}


def _measured(origin: Origin, found: Sequence[Learner], told: Analysis) -> Origin:
    """Return an origin with what steps gained, as an analysis says that lived the ancestors again."""
    place = {one.id: at for at, one in enumerate(found)}
    changed = [at for at in range(1, len(found)) if found[at].signature != found[at - 1].signature]
    lived = [row for row in told.descent if row.id in place]
    gains, later = [], 0  # the place in the line of whom a gain is told up to
    for row in lived:
        at = place[row.id]
        single = sum(later < one <= at for one in changed) == 1
        gains.append(_gain(row, found[at - 1 if single else later], found[at], single))
        later = at
    first = bool(lived and changed) and place[lived[-1].id] == changed[-1]
    origin = replace(
        origin, gains=tuple(gains), total=lived[-1].difference if first else None, measure=told.measure,
        lower=told.lower_is_better, tasks=lived[0].n or told.tasks if lived else 0, over=over(told.over),
    )  # fmt: skip
    named = {one.id for one in origin.sure}
    return replace(origin, gains=tuple(_named(one, found, place) if one.id in named else one for one in gains))


def _gain(row: Ancestor, one: Learner, since: Learner, single: bool) -> Gain:
    return Gain(one.id, since.id, one.operator if single else "", "", row.gain)


def _named(gain: Gain, found: Sequence[Learner], place: dict[int, int]) -> Gain:
    """Return a gain with what was changed, in words."""
    before, after = found[place[gain.since]].genome, found[place[gain.id]].genome
    assert before is not None, "an ancestor that was lived again"
    return gain if after is None else replace(gain, change=differences(before, after))
