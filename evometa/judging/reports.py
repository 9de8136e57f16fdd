"""What a final report keeps in JSON, as those who show it may rely on (see `records`)."""

from __future__ import annotations

from evometa.store.records import Real, Record, Text, Whole


class Score(Record):
    """A mean over tasks with half its 95 % interval."""

    mean: Real = None
    ci95: Real = None
    n: Whole | None = None


class Compared(Score):
    """How a stock learner did by one measure; `difference`: champion − learner, on the same tasks."""

    difference: Score | None = None


class Baseline(Compared):
    """How a stock learner did, and how it was tuned: each dial's value, and those that were best at an end."""

    name: str
    rate: Real = None
    dials: dict[str, float] = {}
    at_edge: list[str] = []
    tuned_on: Whole | None = None
    also: dict[str, Compared] = {}


class Over(Record):
    """What intervals are over: the units of each set; how many tasks, and lifetimes on each."""

    unit: str = "task"
    units: list[Whole] = []
    tasks: Whole | None = None
    repeats: Whole | None = None


class Behaviour(Record):
    """Which classic rule the champion behaves like."""

    text: Text = None
    title: str = ""
    scale: float = 0.0
    r2: float = 0.0


class Change(Score):
    """What becomes of a learner without one of its parts or signals."""

    difference: Score = Score()


class Part(Change):
    """A part of the rule, removed or held."""

    slot: str = ""
    term: str = ""
    change: str = ""
    formula: str = ""


class Signal(Change):
    """A signal, held at its mean."""

    signal: str = ""
    meaning: str = ""
    usual: Real = None
    share: Real = None
    slope: Real = None


class Course(Record):
    """One quantity at each point of a life."""

    mean: list[Real] = []
    low: list[Real] = []
    high: list[Real] = []
    ci95: list[Real] = []


class Curve(Course):
    """How fast a learner learns."""

    name: str = ""
    updates: list[Whole] = []


class Biography(Record):
    """The course of a life."""

    set: str = ""
    updates: list[Whole] = []
    error: Course = Course()
    loss: Course = Course()
    weights: Course = Course()
    change: Course = Course()


class Analysis(Record):
    """What a learner is made of."""

    tasks: Whole = 0
    over: Over | None = None
    overlap: dict[str, Whole] = {}
    measure: str = ""
    lower_is_better: bool = False
    whole: Score = Score()
    innate: Score = Score()
    diverged: Whole = 0
    lifetimes: Whole = 0
    ablation: list[Part] = []
    ablation_left_out: Whole = 0
    sensitivity: list[Signal] = []
    curves: list[Curve] = []
    biography: Biography = Biography()
    notes: list[str] = []


class Report(Record):
    """The report on a champion."""

    champion: Whole
    measure: Text = None
    meta_validation: Score | Real = None
    meta_test: Score | Real = None
    innate: Score | Real = None
    also: dict[str, Score] = {}
    over: Over | None = None
    overlap: dict[str, Whole] = {}
    baselines: list[Baseline] = []
    lived: dict[str, Whole] = {}
    behaviour: Behaviour | None = None
    analysis: Analysis | None = None
