"""What a final report keeps in JSON, as those who make it and those who show it know it (see `store.records`)."""

from __future__ import annotations

from math import isfinite

from pydantic import ValidationError

from evometa.store.records import Real, Record, Text, Whole
from evometa.system.arguments import Kind


def finite(value: float | None) -> float | None:
    """Return a number as JSON has it: None where it is not finite."""
    return float(value) if value is not None and isfinite(value) else None


class Score(Record):
    """A mean over tasks with half its 95 % interval (None: there is none), and how many tasks it is of."""

    mean: Real = None
    ci95: Real = None
    n: Whole | None = None


class SetScore(Score):
    """A score on one of several sets of tasks."""

    set: str = ""


class Comparison(Score):
    """How a stock learner did by one measure; `difference`: champion − learner, on the same tasks."""

    difference: Score | None = None


class Baseline(Comparison):
    """A stock learner, by the recipe's measure (no mean: it gives no such thing) and, in `also`, by others.

    Of a tuned rule: `dials`, the value of each, `rate` among them; `at_edge`, those that were best at an end of what
    was tried; `tuned_on`, how many train tasks; `sets`: its score on each of several sets of tasks.
    """

    name: str
    also: dict[str, Comparison] = {}
    rate: Real = None
    dials: dict[str, float] = {}
    at_edge: list[str] = []
    tuned_on: Whole | None = None
    sets: list[SetScore] = []


class Over(Record):
    """What intervals are over: the units of each set; how many tasks, and lifetimes on each."""

    unit: str = "task"
    units: list[Whole] = []
    tasks: Whole | None = None
    repeats: Whole | None = None


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


class Effect(Score):
    """What becomes of a learner without one of its parts or signals; `difference`: whole − changed, by task."""

    difference: Score = Score()
    diverged: Whole = 0


class Part(Effect):
    """A part of the rule, removed or held (see `analysis.change`)."""

    slot: str = ""
    term: str = ""
    kind: str = ""
    change: str = ""
    formula: str = ""
    size: Real = None


class Removal(Effect):
    """A hidden node ("n7") or a synapse ("x1 → n7") of a network that evolved, taken out; `kind`: which of the two."""

    kind: str = ""
    part: str = ""


class Signal(Effect):
    """A signal, held at its mean (`usual`); `share`, `slope`: see `analysis.signals`."""

    signal: str = ""
    meaning: str = ""
    change: str = ""
    usual: Real = None
    share: Real = None
    slope: Real = None


class Course(Record):
    """One quantity at each point of a life: its mean, with tenth and ninetieth percentile."""

    mean: list[Real] = []
    low: list[Real] = []
    high: list[Real] = []


class Curve(Record):
    """How fast a learner learns: its mean after so many updates, with half the 95 % interval."""

    name: str = ""
    updates: list[Whole] = []
    mean: list[Real] = []
    ci95: list[Real] = []


class Biography(Record):
    """What happens within lifetimes of the first task set, update by update.

    `loss`, and `error` where the recipe measures accuracy or closeness, on the queries; `weights` (|w|) and `change`
    (|Δw|) over synapses and lifetimes.
    """

    set: str = ""
    updates: list[Whole] = []
    error: Course = Course()
    loss: Course = Course()
    lifetimes: Whole = 0
    weights: Course = Course()
    change: Course = Course()


class Analysis(Record):
    """What a learner is made of (see `analysis.analyse`)."""

    tasks: Whole = 0
    over: Over | None = None
    measure: str = "score"
    lower_is_better: bool = False
    whole: Score = Score()
    innate: Score = Score()
    diverged: Whole = 0
    lifetimes: Whole = 0
    ablation: list[Part] = []
    ablation_left_out: Whole = 0
    wiring: list[Removal] = []
    wiring_left_out: Whole = 0
    sensitivity: list[Signal] = []
    curves: list[Curve] = []
    biography: Biography = Biography()
    notes: list[str] = []


class Point(Score):
    """The champion's score after so many updates."""

    updates: Whole = 0


class Report(Record):
    """The report on a champion: its scores and the stock learners'; `lived`: lifetimes by purpose.

    `over`: what the intervals are over; `overlap`: test tasks that were met before; `also`: the champion's scores by
    other measures; `behaviour`: None where nothing is learned, and for networks that are too large.
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
    sets: list[SetScore] = []
    baselines: list[Baseline] = []
    lived: dict[str, Whole] = {}
    behaviour: Behaviour | None = None
    analysis: Analysis | None = None

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


def _is_analysis(value: object) -> bool:
    try:
        Analysis.model_validate(value)
    except ValidationError:
        return False
    return True


ANALYSIS = Kind("an analysis, as run.analyse() makes it", _is_analysis, plain=Analysis.model_validate)
