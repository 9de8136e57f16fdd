"""What a final report keeps in JSON, as those who make it and those who show it know it (see `store.records`)."""

from __future__ import annotations

from evometa.evolution.measures import lower_is_better
from evometa.judging.analyses import Analysis
from evometa.judging.scores import Over, Score, SetScore, finite
from evometa.store.records import Real, Record, Text, Whole


class Comparison(Score):
    """How a stock learner did by one measure; `difference`: champion − learner, on the same tasks."""

    difference: Score | None = None


class Point(Score):
    """A score after so many updates."""

    updates: Whole = 0


class StreamCourse(Record):
    """How streams of classes go: accuracy over all classes at the `end`; `learned`: of those met last, when they were;
    `backward`: of the same, at the end minus then; `memory`: floats that the learner has at the end.

    `matrix`: at each of some moments the accuracy on each group of classes met by then, in the order of time.
    """

    memory: Whole | None = None
    end: Score = Score()
    learned: Score = Score()
    backward: Score = Score()
    matrix: list[list[float]] = []


class RowCourse(Record):
    """How lives of many tasks in a row go: accuracy, or of worlds their `measure`, on the `first` tasks (of worlds: the
    first) and on the `later` half; of worlds on the `last`, too, and what that is more than on the first (`gain`).

    `forward`: on the later half, minus that of the same learner born anew for each task; `backward`: on first tasks
    when they are met again at the end, minus when they were new; `permuted`: as forward, on tasks that are each the
    first behind an earlier half whose labels are permuted; `curve`: on each task in turn; `reset`: on each, born anew.
    """

    measure: Text = None
    memory: Whole | None = None
    first: Score = Score()
    later: Score = Score()
    last: Score | None = None
    gain: Score | None = None
    forward: Score = Score()
    backward: Score | None = None
    permuted: Score | None = None
    curve: list[float] = []
    reset: list[float] = []


class Baseline(Comparison):
    """A stock learner, by the recipe's measure (no mean: it gives no such thing) and, in `also`, by others.

    In streams of classes `memory`, in floats, and `stream`, in lives of many tasks `row`.
    Of a tuned rule: `dials`, the value of each, `rate` among them; `at_edge`, those that were best at an end of what
    was tried; `tuned_on`, how many train tasks; `sets`: its score on each of several sets of tasks. Of habits: `rule`,
    their texts by slot.
    """

    name: str
    also: dict[str, Comparison] = {}
    rate: Real = None
    dials: dict[str, float] = {}
    at_edge: list[str] = []
    tuned_on: Whole | None = None
    sets: list[SetScore] = []
    curve: list[Point] = []
    rule: dict[str, str] = {}
    memory: Whole | None = None
    stream: StreamCourse | None = None
    row: RowCourse | None = None

    @property
    def dials_told(self) -> dict[str, float]:
        """Its dials; reports of older versions tell of the rate alone; none of plain learners."""
        return self.dials or ({} if self.rate is None else {"rate": self.rate})


class OtherTest(Score):
    """The champion by the recipe's measure on a further test ("20-way 1-shot"), beside plain learners.

    `name`: with that of its set, where there are several; `also`: the champion's scores by other measures.
    """

    name: str = ""
    also: dict[str, Score] = {}
    baselines: list[Baseline] = []
    memory: Whole | None = None
    stream: StreamCourse | None = None

    def strongest(self, measure: str | None) -> Baseline | None:
        """The best of the plain learners by the recipe's measure; None where none has a score."""
        sign = -1.0 if lower_is_better(measure) else 1.0
        scores = [(sign * mean, row) for row in self.baselines if (mean := finite(row.mean)) is not None]
        return max(scores, key=lambda each: each[0], default=(0.0, None))[1]


class Overlap(Record):
    """How many of the test `tasks` of all sets were met: `train` in evolution or tuning, `validation` in the choice.

    `compared`: how many train tasks were looked at: those of the first and last generation, of the panel and of tuning.
    """

    tasks: Whole = 0
    train: Whole = 0
    validation: Whole = 0
    compared: Whole = 0


class Behaviour(Record):
    """Which classic rule changes weights most like the champion's in a few of its lifetimes.

    `text`: that in words; `name`, `title`, `scale` (the mean step), `steps` (first and last), `r2`: of the rule that
    explains most, if it explains enough (else `name` is None); `updates`, `lifetimes`: how much was watched; `sign`: 1
    where no weight ever falls, −1 where none rises.
    """

    text: Text = None
    name: Text = None
    title: str = ""
    scale: float = 0.0
    steps: list[float] = []
    r2: float = 0.0
    updates: Whole = 0
    lifetimes: Whole = 0
    sign: Whole = 0


class Episode(Record):
    """A held-out task of images, with a learner's answers; numbers of classes are those of the task.

    `shape`: height, width, channels; `classes`: those shown; `examples`: an image of each, as hexadecimal bytes;
    `queries`, with the class of each (`right`) and what it was taken for (`answers`).
    """

    shape: list[Whole] = []
    classes: list[Whole] = []
    examples: list[str] = []
    queries: list[str] = []
    right: list[Whole] = []
    answers: list[Whole] = []


class Report(Record):
    """The report on a champion: its scores and the stock learners'; `lived`: lifetimes by purpose.

    `over`: what the intervals are over; `overlap`: test tasks that were met before; `also`: the champion's scores by
    other measures; `instances`: its accuracy in sequences, on the first image of each class, on the second, and so on;
    `other_tests`: further tests of it; `behaviour`: None where nothing is learned, and for networks that are too large;
    `stream`, `row`: in streams of classes, and in lives of many tasks.
    """

    champion: Whole
    measure: Text = None
    meta_validation: Score | Real = None
    meta_test: Score | Real = None
    innate: Score | Real = None
    also: dict[str, Score] = {}
    over: Over | None = None
    overlap: Overlap | None = None
    diverged: Whole = 0
    lifetimes: Whole = 0
    curve: list[Point] = []
    instances: list[Score] = []
    sets: list[SetScore] = []
    baselines: list[Baseline] = []
    other_tests: list[OtherTest] = []
    lived: dict[str, Whole] = {}
    behaviour: Behaviour | None = None
    analysis: Analysis | None = None
    stream: StreamCourse | None = None
    row: RowCourse | None = None
    episode: Episode | None = None

    @property
    def rivals(self) -> dict[str, dict[str, float]]:
        """The dials of each stock rule that was tuned; learners of streams, whose memory is told, are none."""
        return {row.name: row.dials_told for row in self.baselines if row.dials_told and row.memory is None}

    @property
    def validation(self) -> Score:
        """The champion's score on validation tasks."""
        return _score(self.meta_validation)

    @property
    def test(self) -> Score:
        """The champion's score on test tasks."""
        return _score(self.meta_test)

    @property
    def birth(self) -> Score:
        """The champion's score on test tasks before it learned anything."""
        return _score(self.innate)


def _score(value: Score | Real) -> Score:
    """Return a score that may have been kept as a number alone."""
    return value if isinstance(value, Score) else Score(mean=value)
