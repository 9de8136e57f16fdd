"""Racing: newborn meet a few tasks, those that pass a hurdle more, and only who passes the last one meets them all.

    sampling.tasks = 128, racing.rungs = [8, 32]:   200 newborn on 8 tasks → 67 on 24 more → 22 on 96 more

The tasks of a rung are the first ones of the next. Scores count relative to the pacer, one genome that lives in every
generation, so that those of several generations can be added up: a hurdle is set by the newborn of the last ones, and
whoever lives on has a record that grows whenever it is judged again. What selection sees is merit (see merit.py), in
which luck on a few tasks counts little. Axis letters: G genomes, T sets of tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evometa.evolution.courses import Drawn
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.measures import F64, mean
from evometa.evolution.merit import Records, apart, seen, shares
from evometa.evolution.past import Past
from evometa.evolution.tally import Tally
from evometa.genetics.genomes import Genomes
from evometa.genetics.individual import Individual, Judgement, accept
from evometa.spec.arrays import I64
from evometa.store.reader import Reader
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.evolution.loop import Evolution

Individuals = list[Individual]


class Race:
    """Judges genomes as `Evaluator` does, on nested tasks; how it stands between two generations is its `state()`.

    `pacer`: the best of the first generation, whoever lives later; a better one would make all records worthless.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        config = evaluator.config
        self.evaluator, self.settings, self.fitness = evaluator, config.racing, config.fitness
        evaluator.cases = True  # individuals are compared task by task
        self.rungs = (*config.racing.rungs, config.sampling.tasks)
        self.weights = shares(config)
        self.pacer: Individual | None = None
        self.past = Past(config.racing.memory)
        self._pace: F64 = np.zeros((1, 1 + 3 * len(self.weights)))  # the pacer's record, relative to nothing
        self._levels: list[list[float]] = [[] for _ in config.racing.rungs]  # at each, what broods would have passed at

    def evaluate(
        self,
        individuals: Sequence[Individual],
        generation: int,
        known: Iterable[Individual] = (),
        signed: Callable[[], None] = lambda: None,
    ) -> Tally:
        """Set fitness and record of every individual, as `Evaluator.evaluate` does.

        Newborn that behave like one of the living, or of the past, take over its record and live no lives.
        """
        tally = self.evaluator.begin(individuals)
        signed()
        living = {one.signature: one for one in reversed(individuals) if one.born < generation}
        young, like_dead = self.past.divide(individuals, living)
        self._race([*living.values()][::-1], like_dead, young, self.evaluator.lessons_of(generation), tally)
        judged = living | {one.signature: one for one in (*young, *like_dead)}
        alike = self.evaluator.share(individuals, judged, tally)
        self.past.remember(individuals, tally.lived)
        tally.dropouts |= {one.id for one in alike if judged[one.signature].id in tally.dropouts}
        tally.known = len(alike) + len(like_dead)
        tally.end(individuals, generation)
        return tally

    def state(self) -> Json:
        """Return, in plain JSON types, what `restore` needs besides the pacer itself."""
        assert self.pacer is not None, "a race has a pacer from the first generation on"
        return {"pacer": self.pacer.id, "pace": self._pace[0].tolist(), "levels": self._levels}

    def needs(self, state: Json) -> set[int]:
        """Return the ids of the individuals that `restore` needs."""
        return {state["pacer"]}

    def restore(self, state: Json, individuals: Mapping[int, Individual]) -> None:
        """Go back to a state; `individuals` by id."""
        self.pacer = individuals[state["pacer"]].clone()
        self._pace = np.array([state["pace"]], np.float64)
        self._levels = [[*each] for each in state["levels"]]

    def recall(self, reader: Reader) -> None:
        """Take in what a run file says of behaviours that are dead."""
        self.past.recall(reader)

    def error(self, individual: Individual) -> float:
        """Return the standard error of a fitness: of the pacer's mean, and of how much better the individual is."""
        assert individual.judgement.record is not None
        pace, own = Records(self._pace, self.weights), Records(individual.judgement.record[None], self.weights)
        return float(np.hypot(pace.errors(0.0), own.errors(self.settings.shrink))[0])

    def _race(self, living: Individuals, known: Individuals, young: Individuals, drawn: Drawn, tally: Tally) -> None:
        """Let the pacer, some of the living and the young live; judge them and the known by what is known then."""
        rows, old = self._rows(living), self._rows(known)
        pace = None
        if self.pacer is not None:
            again = self._again(living, rows)
            some = [living[place] for place in again]
            alike = [place for place, one in enumerate(some) if one.signature == self.pacer.signature]
            values = self._values(some if alike else [*some, self.pacer.clone()], drawn, tally)
            pace = [each[(alike or [-1])[:1]] for each in values]
            rows[again] += seen(apart([each[: len(again)] for each in values], pace), _lost(some))
        values = self._heats(young, drawn, pace, tally)
        if pace is None:
            pace = self._first_pace(young, values, tally)
        self._pace += seen(pace, np.zeros(1))
        new = seen(apart(values, pace), _lost(young))
        self._judge([*living, *known, *young], np.concatenate([rows, old, new]), len(living), drawn)
        least = [lesson.count for _, lesson in drawn]
        tally.dropouts |= {one.id for one, row in zip(known, old, strict=True) if (row[1::3] < least).any()}

    def _rows(self, some: Individuals) -> F64:
        """Return the records that are known of some."""
        return np.array([one.judgement.record for one in some], np.float64).reshape(-1, self._pace.shape[1])

    def _again(self, living: Individuals, rows: F64) -> I64:
        """Return the places of those to judge again: the living whose merit may be highest, and the pacer's likes."""
        assert self.pacer is not None
        records, shrink = Records(rows, self.weights), self.settings.shrink
        merits = records.merits(float(np.median(records.means)), shrink)
        ranked = _ranked(merits + self.settings.spread * records.errors(shrink), living)
        chosen = np.array([one.signature == self.pacer.signature for one in living])
        chosen[ranked[: self.settings.parents]] = True
        return np.flatnonzero(chosen)

    def _heats(self, young: Individuals, drawn: Drawn, pace: Sequence[F64] | None, tally: Tally) -> list[F64]:
        """Let newborn live, rung by rung; return how good each was, f64[G, tasks] of each set, NaN where not met."""
        values = [np.full((len(young), lesson.count), np.nan) for _, lesson in drawn]
        rows, low, solvers = np.arange(len(young)), 0, [one.id for one in young]
        for rung, high in enumerate(self.rungs if young else ()):
            some, heat = [young[row] for row in rows.tolist()], Tally()
            before = [one.judgement for one in some]
            parts = self._values(some, [(course, lesson.part(low, high)) for course, lesson in drawn], heat)
            for whole, part in zip(values, parts, strict=True):
                whole[rows, low : low + part.shape[1]] = part
            for one, judgement in zip(some, before, strict=True):
                one.judgement = _joined(judgement, one.judgement, low, high)
            solvers = [id for id in solvers if id in {*heat.solved}]
            tally.add(heat)
            if rung < len(self._levels):
                so_far = [each[rows, :high] for each in values]
                scores = self._score(so_far if pace is None else apart(so_far, [each[:, :high] for each in pace]))
                rows = rows[_ranked(scores, some)[: self._passing(rung, scores)]]
            low = high
        tally.solved += solvers
        tally.dropouts = {one.id for one in young} - {young[row].id for row in rows.tolist()}
        return values

    def _passing(self, rung: int, scores: F64) -> int:
        """Return how many of a brood pass a rung: those above the level of the last generations' broods."""
        share = self.settings.advance * len(scores)
        levels = [*self._levels[rung], float(np.quantile(scores, 1.0 - self.settings.advance))]
        self._levels[rung] = levels[-self.settings.window :]
        above = int((scores >= np.median(self._levels[rung])).sum())
        return min(max(above, -int(-share // 2)), -int(-2.0 * share // 1))

    def _first_pace(self, young: Individuals, values: list[F64], tally: Tally) -> list[F64]:
        """Make the best of the first generation the pacer, and return how good it was, f64[1, tasks] of each set."""
        places = [place for place, one in enumerate(young) if one.id not in tally.dropouts]
        some = [young[place] for place in places]
        best = int(_ranked(self._score([each[places] for each in values]), some)[0])
        self.pacer = some[best].clone()
        self.pacer.genome = Genomes.of([self.pacer.genome])[0]  # alone, so that its brood's genomes can go
        pace = [each[[places[best]]] for each in values]
        for high, levels in zip(self.rungs, self._levels, strict=False):
            levels[-1] -= float(self._score([each[:, :high] for each in pace])[0])
        return pace

    def _judge(self, everyone: Individuals, rows: F64, living: int, drawn: Drawn) -> None:
        """Let everyone have the merit that its record gives it; the first `living` ones set what is usual."""
        objectives, records = self.evaluator.objectives, Records(rows, self.weights)
        usual = float(np.median(records.means[:living] if living else records.means))
        worth = Records(self._pace, self.weights).means[0] + records.merits(usual, self.settings.shrink)
        worth *= objectives[0].weight
        if self.fitness.resolution:
            worth = np.round(worth / self.fitness.resolution) * self.fitness.resolution
        if self.fitness.synapse_cost:
            worth -= objectives[0].weight * self.fitness.synapse_cost * np.array([o.genome.synapses for o in everyone])
        repeats = drawn[0][1].repeats
        lost = rows[:, 0] == repeats * rows[:, 1::3].sum(axis=1)
        judgements = []
        for one, value, row, gone in zip(everyone, worth.tolist(), rows, lost.tolist(), strict=True):
            costs = [float(getattr(one.genome, objective.extent)) for objective in objectives[1:]]
            values = tuple(each.lost for each in objectives) if gone else (value, *costs)
            judgements.append(one.judgement._replace(values=values, cases=None, record=row))
        accept(everyone, judgements)

    def _values(self, some: Individuals, drawn: Drawn, tally: Tally) -> list[F64]:
        """Let some live; return how good each was on each task, more being better, f64[G, tasks] of each set."""
        self.evaluator.live(some, drawn, tally)
        errors = np.array([one.cases for one in some], np.float64)
        ends = np.cumsum([lesson.tasks.lanes for _, lesson in drawn])[:-1]
        return [
            mean(-each.reshape(len(some), -1, lesson.repeats))
            for each, (_, lesson) in zip(np.split(errors, ends, axis=1), drawn, strict=True)
        ]

    def _score(self, values: Sequence[F64]) -> F64:
        """Return the mean over the sets of the means over their tasks, f64[G]."""
        return np.add.accumulate([w * mean(each) for w, each in zip(self.weights, values, strict=True)])[-1]


def judge_of(evaluator: Evaluator, evolution: Evolution) -> Evaluator | Race:
    """Return what judges a recipe's genomes; a race goes on from generation to generation with an evolution."""
    if not evaluator.config.racing.rungs:
        return evaluator
    evolution.race = race = Race(evaluator)
    return race


def _lost(some: Individuals) -> F64:
    return np.array([one.diverged for one in some], np.float64)


def _ranked(worth: F64, some: Individuals) -> I64:
    """Return places, best first, then smaller, then older."""
    ids, sizes = np.array([(one.id, one.size) for one in some], np.int64).reshape(-1, 2).T
    return np.lexsort((ids, sizes, -worth))


def _joined(before: Judgement, after: Judgement, low: int, high: int) -> Judgement:
    """Return what was found on the first `low` tasks and on those from there to `high` as one."""
    if not low:
        return after
    share = low / high
    innate, adapted = (share * np.array(before[1:3]) + (1 - share) * np.array(after[1:3])).tolist()
    return after._replace(innate=innate, adapted=adapted, diverged=before.diverged + after.diverged)
