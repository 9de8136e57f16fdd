"""What a run file keeps in JSON, as those who show it may rely on: a key may be missing, but is of no other type.

Older versions kept fewer keys, newer ones keep more; and a file may be sealed and hold anything all the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evometa.errors import InputError

Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]  # what SQLite has, and what any format can write
Real = float | None
Text = str | None
T = TypeVar("T")


class Record(BaseModel):
    """A JSON object of a run file."""

    model_config = ConfigDict(extra="allow", strict=True)


class Length(Record):
    """Of a run, or of a lifetime."""

    generations: Whole = 0
    updates: Whole | None = None


class Run(Length):
    """The section `run` of a configuration."""

    generations: Whole


class Network(Record):
    """The section `network` of a configuration."""

    head: str = ""
    credit: str = ""
    activation: str = ""
    hidden: list[Whole] = []


class Fitness(Record):
    """The section `fitness` of a configuration."""

    objectives: list[str] = []


class Sampling(Record):
    """The section `sampling` of a configuration."""

    resample: str = ""


class Configuration(Record):
    """The resolved configuration of a run."""

    name: str
    seed: Whole
    run: Run
    description: Text = None
    tasks: list[dict[str, Any]] | dict[str, Any] = []
    network: Network = Network()
    lifetime: Length = Length()
    fitness: Fitness = Fitness()
    sampling: Sampling = Sampling()


class Environment(Record):
    """With what, and where, a run was begun."""

    python: str = ""
    platform: str = ""
    base: str = "."
    versions: dict[str, str] = {}
    tasks: list[dict[str, str | int | list[str]]] = []


class Statistics(Record):
    """What a generation came to, and how long it took."""

    best: Real = None
    best_id: Whole | None = None
    best_size: Whole | None = None
    panel: Real = None
    panel_lifetimes: Whole = 0
    median: Real = None
    innate: Real = None
    adapted: Real = None
    behaviours: Whole | None = None
    diverged: Whole = 0
    lifetimes: Whole = 0
    known: Whole | None = None
    reasons: dict[str, Whole] = {}
    evaluate_seconds: float = 0.0
    total_seconds: float = 0.0


class State(Record):
    """Who was alive after a generation."""

    hall: list[Whole] = []
    islands: list[list[Whole]] = []


class Birth(Record):
    """How an individual came to be."""

    id: Whole
    generation: Whole
    operator: str
    parents: tuple[Whole, ...]


class Evaluation(Record):
    """How an individual did."""

    fitness: tuple[float, ...]
    innate: Real
    adapted: Real


def checked(kind: type[Record], value: T, path: Path, what: str) -> T:
    """Return a value of a run file as it is, once it has the form of a kind of record. Raises InputError."""
    try:
        kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        found = f"{what} of another form ({place + ': ' if place else ''}{first['msg'][:1].lower()}{first['msg'][1:]})"
        raise InputError("an intact run file", found, str(path), "Nothing of it can be shown.") from None
    return value
