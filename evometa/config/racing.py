"""Configuration of racing: how many tasks a newborn meets before its lives are spent on others."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from evometa.config.reals import Real
from evometa.config.section import Section, show
from evometa.errors import InputError

Rung = Annotated[int, Field(ge=2, le=1_000_000)]


class Racing(Section):
    """Newborn race for lives: all meet a few tasks, the better ones more. Fitness is then an estimate from all tasks
    that a genome ever met, relative to one genome that lives in every generation, the pacer.
    """

    rungs: tuple[Rung, ...] = Field(
        default=(),
        max_length=10,
        description="numbers of tasks, ascending and below sampling.tasks, after which some newborn go on; none: all "
        "genomes meet all tasks. Fewer than 16 lifetimes at a time take as long as 16",
    )
    advance: float = Field(
        default=1 / 3,
        gt=0,
        lt=1,
        description="share of newborn that go on from a rung, in the middle of the last generations: of a good brood "
        "more do, of a bad one fewer, from half to twice as many",
    )
    window: int = Field(default=10, ge=1, le=1000, description="generations whose newborn set the hurdle of a rung")
    parents: int = Field(
        default=8,
        ge=0,
        le=1_000_000,
        description="genomes of the population that meet a generation's tasks, those whose merit may be highest",
    )
    spread: Real = Field(
        default=1.0, ge=0, le=100, description="standard errors that are added to merits when these are picked"
    )
    shrink: Real = Field(
        default=32.0,
        ge=0,
        le=1e6,
        description="tasks' worth of doubt: a merit seen on as many tasks counts half, the population's median the "
        "other half",
    )

    memory: int = Field(
        default=10,
        ge=0,
        le=1000,
        description="generations after its last life in which the record of a dead genome goes to newborn that behave "
        "like it",
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.rungs) != sorted(set(self.rungs)):
            raise InputError("ascending numbers of tasks", show(self.rungs), "racing.rungs", "Sort them.")
        return self
