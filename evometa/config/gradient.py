"""Configuration of gradients: which numbers of newborn genomes are tuned, on what, how far, and how fast."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from evometa.config.reals import Real, Scale
from evometa.config.section import Section, each_once, show
from evometa.errors import InputError

NUMBERS = ("weights", "plasticity", "coefficients", "constants")
"""Kinds of numbers that have a gradient."""
NumberNames = Annotated[
    tuple[Literal["weights", "plasticity", "coefficients", "constants"], ...], AfterValidator(each_once)
]


Tasks = Annotated[int, Field(ge=1, le=1_000_000)]
Updates = Annotated[int, Field(ge=0, le=1_000_000)]
Points = Annotated[tuple[Updates, ...], Field(max_length=1000)]
First = Annotated[Scale, Field(le=1e6)]
Rate = Annotated[Scale, Field(le=1e6)]


def _generation(text: str) -> str:
    """Return the number of a generation, as a key has it; InputError for another text."""
    if not re.fullmatch("[1-9][0-9]{0,7}", text):
        raise InputError("generations from 1 on, in digits", show(text), "gradient.later", "For example: 60.")
    return text


Generation = Annotated[str, AfterValidator(_generation)]


class Later(Section):
    """Keys of section `gradient` that are otherwise from a generation on; one that is left out stays as it was."""

    steps: int | None = Field(default=None, ge=1, le=1_000_000)
    tasks: Tasks | None = None
    checkpoints: Points | None = None
    first: First | None = None
    updates: Updates | None = None
    order: Literal[1, 2] | None = None
    weight_rate: Rate | None = None
    rate: Rate | None = None


class Gradient(Section):
    """How numbers of newborn genomes are tuned before they are judged: by Adam (Kingma & Ba 2015), along the exact
    gradient of what they lose after learning, through all of a lifetime (or what stands in for it: `order`). What Adam
    knows of a number is inherited with it.
    """

    steps: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="steps that each newborn takes in its generation, each on new train tasks; 0: none",
    )
    tasks: Tasks = Field(default=16, description="train tasks of each set that a step is made on")
    numbers: NumberNames = Field(
        default=(),
        description="what is tuned: weights (those at birth), plasticity (p0, p1, …), coefficients (c0, c1, …), "
        "constants of the rule's evolving slots; []: all of these that evolve",
    )
    individuals: int = Field(
        default=1,
        ge=0,
        le=10_000,
        description="how many of each island, the best that have not had one, have a child that is a copy of them: "
        "it is tuned further, one of the offspring",
    )
    checkpoints: Points = Field(
        default=(),
        description="numbers of weight updates after which losses count; []: those of lifetime.checkpoints and the "
        "last (with darwin 0 alone)",
    )
    first: First = Field(default=1.0, description="how many times as much the first of several counts")
    balance: Literal["relative", "absolute"] = Field(
        default="relative",
        description="relative: a loss is divided by its own running mean, so that small ones count as much as large "
        "ones; absolute: losses are added as they are",
    )
    updates: Updates = Field(
        default=0,
        description="how many weight updates are lived where numbers are tuned: the first of a life; 0: all of them",
    )
    order: Literal[0, 1, 2] = Field(
        default=2,
        description="2: exact; 1: as if gradients that lives learn from did not depend on weights (FOMAML): cheaper; "
        "0: no gradient, weights at birth move towards those that lives end with (Reptile)",
    )
    weight_rate: Rate = Field(default=1e-3, description="learning rate of weights at birth")
    rate: Rate = Field(
        default=1e-2,
        description="learning rate of the others: of plasticity as it is, of coefficients by coefficients.scale (log: "
        "of their size; linear: of their range), of constants of their size",
    )
    beta1: float = Field(default=0.9, ge=0, lt=1, description="share of the mean of gradients that a step leaves")
    beta2: float = Field(default=0.99, ge=0, lt=1, description="the same of the mean of their squares")
    clip: Real = Field(
        default=10.0, ge=0, le=1e30, description="largest norm of a genome's gradient, which is shortened to it; 0: any"
    )
    warmup: int = Field(
        default=0, ge=0, le=1_000_000, description="steps over which the rates of a line of descent rise from 0"
    )
    decay: int = Field(
        default=0,
        ge=0,
        le=10_000_000,
        description="generations in which rates fall to a hundredth, as half a cosine does, and stay there; 0: none",
    )
    later: dict[Generation, Later] = Field(
        default={},
        description="keys of this section that are otherwise from a generation on, in a table for each: "
        f"[gradient.later.60] with updates = 10, say; of {', '.join(Later.model_fields)}",
    )

    def at(self, generation: int) -> Gradient:
        """Return the section as it is in a generation, with nothing later."""
        given: dict[str, Any] = {"later": {}}
        for begin in sorted(map(int, self.later)):
            if begin <= generation:
                given |= self.later[str(begin)].model_dump(exclude_none=True)
        return self.model_copy(update=given)

    def all(self) -> dict[str, Gradient]:
        """Return the section as it is at first and whenever it changes, by the table that says so."""
        later = {f"gradient.later.{begin}": self.at(begin) for begin in sorted(map(int, self.later))}
        return {"gradient": self.at(0), **later}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for where, own in self.all().items():
            points = own.checkpoints
            if any(a >= b for a, b in pairwise(points)):
                raise InputError("ascending numbers of updates", show(points), f"{where}.checkpoints", "Sort them.")
            if points and not own.order:
                raise InputError(
                    "[] with gradient.order = 0, as weights go by where lives end", show(points),
                    f"{where}.checkpoints", "Remove it, or set gradient.order = 2.",
                )  # fmt: skip
            if own.order and not self.order:
                raise InputError(
                    "gradient.order above 0, or none later: weights move in one way or the other", "0 and 1 or 2",
                    f"{where}.order", "Remove it.",
                )  # fmt: skip
            if own.updates and points and points[-1] > own.updates:
                raise InputError(
                    f"numbers of at most {where}.updates ({own.updates})", str(points[-1]), f"{where}.checkpoints",
                    "Remove it, or allow more updates.",
                )  # fmt: skip
        return self

    def chosen(self, evolved: Collection[str]) -> tuple[str, ...]:
        """Return which of NUMBERS are tuned where these chromosomes evolve; InputError where none is, or one cannot."""
        there = {name: ("rule" if name == "constants" else name) in evolved for name in NUMBERS}
        for name in self.numbers:
            if name != "weights" and not self.order:
                raise InputError(
                    '["weights"] with gradient.order = 0, which moves weights alone', f'"{name}"', "gradient.numbers",
                    "Remove it, or set gradient.order = 2.",
                )  # fmt: skip
            if not there[name]:
                fixed = "every slot of the rule is fixed" if name == "constants" else "they are no part of the genome"
                remedy = "Take a slot out of rule.fixed" if name == "constants" else f'Set {name}.mode = "evolved"'
                remedy += f" and {name}.count above 0" if name in ("plasticity", "coefficients") else ""
                raise InputError(
                    "numbers that evolve, as only these are inherited", f'"{name}": {fixed}', "gradient.numbers",
                    f"{remedy}, or remove it.",
                )  # fmt: skip
        found = tuple(name for name in self.numbers or (NUMBERS if self.order else ("weights",)) if there[name])
        if not found:
            raise InputError(
                f"numbers that evolve ({', '.join(NUMBERS)}), as gradient.steps is above 0", "none", "gradient.steps",
                'Set weights.mode = "evolved", or gradient.steps = 0.',
            )  # fmt: skip
        return found


def check_gradient(config: Any) -> None:
    """Refuse, with InputError, a whole configuration whose section `gradient` does not fit the others."""
    own: Gradient = config.gradient
    if not own.steps:
        return
    own.chosen(config.evolved)
    if not own.order and config.evolution.inheritance == "darwin":
        raise InputError(
            'gradient.order = 1 or 2 with evolution.inheritance = "darwin", as nothing is learned before it judges',
            "0", "gradient.order", "Use one of these.",
        )  # fmt: skip
    if config.tuning.every:
        raise InputError(
            "one way to tune numbers: gradient.steps, or tuning.every, which needs no slope",
            f"gradient.steps = {own.steps} and tuning.every = {config.tuning.every}", "tuning.every", "Set it to 0.",
        )  # fmt: skip
    bred = (config.evolution.offspring - config.evolution.newcomers) // config.evolution.islands
    if own.individuals > bred:
        raise InputError(
            f"at most an island's children ({bred}), of whom they are", str(own.individuals), "gradient.individuals",
            "Lower it or evolution.immigrants, or raise evolution.offspring.",
        )  # fmt: skip
