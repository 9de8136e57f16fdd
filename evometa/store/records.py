"""What a run file keeps in JSON, as those who write it and those who show it know it: one record for each kind.

Older versions kept fewer keys, newer ones keep more; and a file may be sealed and hold anything all the same. So a
key may be missing, but is of no other type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evometa.config.acting import Acting
from evometa.config.learner import Lifetime
from evometa.config.network import Network
from evometa.config.parameters import Plasticity, Weights
from evometa.config.run import Run
from evometa.config.search import Fitness, Sampling
from evometa.config.section import with_tuples
from evometa.config.topology import Topology
from evometa.errors import InputError
from evometa.errors.text import legible
from evometa.spec.acting import FAULT
from evometa.store.schema import Json as Json

Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]  # what SQLite has, and what any format can write
Real = float | None
Text = str | None


@contextmanager
def _refusal(path: Path, what: str) -> Iterator[None]:
    """Turn what a model says of a value into an InputError for people."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        said = f"{place + ': ' if place else ''}{first['msg'][:1].lower()}{first['msg'][1:]}"
        found = f"{what} of another form ({said})"
        raise InputError("an intact run file", found, str(path), "Nothing of it can be shown.") from None


class Record(BaseModel, Mapping[str, Any]):  # type: ignore[misc]
    """A JSON object of a run file: by attribute with a default for what it lacks, by key just as it is there."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    def __getitem__(self, key: str) -> Any:
        if key not in self.model_fields_set:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return (key for key in (*type(self).model_fields, *(self.model_extra or ())) if key in self.model_fields_set)

    def __len__(self) -> int:
        return len(self.model_fields_set)

    __eq__ = Mapping.__eq__

    @classmethod
    def read(cls, value: object, path: Path, what: str) -> Self:
        """Return a value of a run file as a record. Raises InputError that names what has another form."""
        with _refusal(path, what):
            return cls.model_validate(value)

    def plain(self) -> Json:
        """Return it as JSON has it, without what it lacks."""
        return self.model_dump(exclude_unset=True)

    def legible(self) -> Self:
        """Return it with texts that may stand in a line of a terminal."""
        return type(self).model_validate(legible(self.plain()))


class Settings(BaseModel):
    """Of a stored configuration what is shown or handed on: its sections are the schema's, with the schema's defaults.

    A run that cannot go on, as its tasks or their like are of another version, can be looked at all the same.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    name: str
    seed: Whole
    run: Run
    description: Text = None
    tasks: tuple[Json, ...] = ()
    network: Network = Network()
    lifetime: Lifetime = Lifetime()
    acting: Acting = Acting()
    weights: Weights = Weights()
    plasticity: Plasticity = Plasticity()
    topology: Topology = Topology()
    fitness: Fitness = Fitness()
    sampling: Sampling = Sampling()

    @model_validator(mode="before")
    @classmethod
    def _normal(cls, data: Any) -> Any:
        data = with_tuples(data)
        one = isinstance(data, dict) and isinstance(data.get("tasks"), dict)
        return {**data, "tasks": (data["tasks"],)} if one else data

    @classmethod
    def read(cls, stored: object, path: Path) -> Self:
        """Return the settings of a stored configuration; keys of another version are left out. Raises InputError."""
        with _refusal(path, "a configuration"):
            return cls.model_validate(stored, extra="ignore")

    @property
    def families(self) -> tuple[str, ...]:
        """The names of the families that its tasks are of, each once."""
        return tuple(dict.fromkeys(str(one["family"]) for one in self.tasks if "family" in one))

    @property
    def acts(self) -> bool:
        """Whether learners live in worlds, and act there."""
        return bool({"world", "environment", "teaching"} & {*self.families})

    @property
    def searches(self) -> bool:
        """Whether lives are searches, and genomes are habits that these go by."""
        return bool({"recover", "recipe"} & {*self.families})

    @property
    def tournament(self) -> int:
        """By tournaments of how many fixed habits pick parents, in searches."""
        return next((own for one in self.tasks if type(own := one.get("tournament")) is int), 5)


Texts = dict[str, str | list[float]]
"""A rule: a text for each slot, and its coefficients."""


class Environment(Record):
    """With what, and where, a run was begun; `guesses`: rules that it started from, by the run or file.

    `files`: digests of what other files held, by the key that names each.
    """

    python: str = ""
    platform: str = ""
    base: str = "."
    versions: dict[str, str] = {}
    tasks: list[dict[str, str | int | list[str]]] = []
    functions: dict[str, str] = {}
    guesses: dict[str, dict[str, Texts]] = {}
    files: dict[str, str] = {}

    @property
    def sources(self) -> tuple[Any, ...]:
        """What it was begun with from elsewhere, in the order in which `Places` has it."""
        return self.tasks, self.functions, self.guesses, self.files


Label = Annotated[str, Field(pattern=r"^\d{1,12}$")]  # of a species


class Statistics(Record):
    """What a generation came to, and how long it took.

    `twins`: how many of those `born` behave like one that was known, and lived no life of their own; `best_error`:
    standard error of the best's fitness over its tasks, in races all those that it ever met (it says nothing of the
    luck of who is best of many);
    `species`: how many members each has, by its label; `families`: how many of the living descend from each guess, or
    from random rules, by first parents, empty where nothing but random rules was there at the start; `units`: what a
    reference loses on each set, where losses are judged by that; `validation_best`: the best figure so far, and
    `validation_age`: for how many generations it has not been bettered. Where numbers are tuned by gradients, of the
    newborn: `gradient_norm`, mean loss `gradient_before` and `gradient_after` (medians), and `plastic`, the mean share
    of synapses that learn; where these evolve without gradients, the same of the living. `fault`: which equation of a
    world was not finite, and when, in the first life of all that was its world's fault and not its learner's.
    """

    generation: Whole = 0
    best: Real = None
    best_error: Real = None
    best_id: Whole | None = None
    best_size: Whole | None = None
    panel: Real = None
    panel_lifetimes: Whole = 0
    validation: Real = None
    validation_best: Real = None
    validation_age: Whole = 0
    validation_lifetimes: Whole = 0
    units: list[Real] = []
    unit_lifetimes: Whole = 0
    tuning_lifetimes: Whole = 0
    gradient_norm: Real = None
    gradient_before: Real = None
    gradient_after: Real = None
    plastic: Real = None
    median: Real = None
    innate: Real = None
    adapted: Real = None
    behaviours: Whole | None = None
    diverged: Whole = 0
    lifetimes: Whole = 0
    known: Whole | None = None
    born: Whole | None = None
    twins: Whole | None = None
    solved_after: Whole | None = None
    reasons: dict[str, Whole] = {}
    fault: str = ""
    species: dict[Label, Whole] = {}
    families: dict[str, Whole] = {}
    evaluate_seconds: float = 0.0
    total_seconds: float = 0.0

    @property
    def faults(self) -> int:
        """How many lifetimes were ended by their world's own fault."""
        return self.reasons.get(FAULT, 0)


class State(Record):
    """Who was alive after a generation."""

    hall: list[Whole] = []
    islands: list[list[Whole]] = []
