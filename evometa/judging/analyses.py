"""What an analysis keeps in JSON of a learner's parts, signals, network and lifetimes (see `store.records`)."""

from __future__ import annotations

from pydantic import ValidationError

from evometa.judging.scores import Over, Score
from evometa.store.records import Real, Record, Whole
from evometa.system.arguments import Kind


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


class Ancestor(Effect):
    """An ancestor in the line of descent, on the same tasks; `gain`: of the next in that line over it, by task."""

    id: Whole = -1
    gain: Score = Score()


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


class Gates(Record):
    """Which synapses are open when lives on held-out tasks of one set end, `lives` in all.

    `graph`: the key of the network; `share`: of lives in which each of its synapses is open; `shown`: numbers of those
    that differ most between tasks; `wirings`: for each task, the share of its lives in which each of these is open;
    `within`, `between`: the mean overlap (Jaccard) of the open synapses of two lives of one task, and of different
    tasks; `difference`: the first − the second, by task.
    """

    set: str = ""
    graph: str = ""
    lives: Whole = 0
    share: list[float] = []
    shown: list[Whole] = []
    wirings: list[list[float]] = []
    within: Score = Score()
    between: Score = Score()
    difference: Score = Score()


class Plasticity(Record):
    """How much each synapse changes in lives on held-out tasks of one set, `lives` in all.

    `graph`: the key of the network; `change`: the root mean square over lives of each synapse's change from birth to
    the end.
    """

    set: str = ""
    graph: str = ""
    lives: Whole = 0
    change: list[float] = []


class Journey(Record):
    """Where a learner went in one held-out life in a world of so many numbered `states`, 0: they have no numbers.

    `side`: rows and columns of the places that states are of, 0 where nobody knows; `early`, `late`, `visits`: each
    state met in the first and in the last fifth of the life, and in all of it, with how often; `modulator`: the mean of
    m at moments that are named, in the first `followed` ticks; none where there is no modulator.
    """

    world: str = ""
    states: Whole = 0
    side: Whole = 0
    ticks: Whole = 0
    early: list[list[Whole]] = []
    late: list[list[Whole]] = []
    visits: list[list[Whole]] = []
    followed: Whole = 0
    modulator: dict[str, Real] = {}


class Curriculum(Record):
    """The lessons of one held-out student, in order.

    `boards`: of each lesson, squares row by row, x who began, o the other, a dot for none; `moves`: the square that is
    taught, from 0 on; `insisted`: by what the student's step was multiplied; `lessons`: how many there were, of which
    the first are here; `unbeatable`: whether nobody can beat the student then.
    """

    boards: list[str] = []
    moves: list[Whole] = []
    insisted: list[Real] = []
    lessons: Whole = 0
    unbeatable: bool = False


class Move(Record):
    """A legal move on a board: its square, what the learner values it at, and whether it keeps what the board is worth
    between perfect players."""

    square: Whole = 0
    value: Real = None
    sound: bool = True


class Position(Record):
    """A board that a learner plays on after its life; `name`: what there is about it.

    `board`: squares row by row, x its own, o the other's, a dot for none; `moves`: the legal ones; `played`: the square
    of the one it makes.
    """

    name: str = ""
    board: str = ""
    moves: list[Move] = []
    played: Whole = 0


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
    gates: Gates | None = None
    plasticity: Plasticity | None = None
    descent: list[Ancestor] = []
    sensitivity: list[Signal] = []
    curves: list[Curve] = []
    biography: Biography = Biography()
    journey: Journey | None = None
    curriculum: Curriculum | None = None
    positions: list[Position] = []
    notes: list[str] = []


def _is_analysis(value: object) -> bool:
    try:
        Analysis.model_validate(value)
    except ValidationError:
        return False
    return True


ANALYSIS = Kind("an analysis, as run.analyse() makes it", _is_analysis, plain=Analysis.model_validate)
