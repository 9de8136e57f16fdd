"""Configuration of the genome's numbers: coefficients, innate weights, plasticity, mutation steps."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from evometa.config.reals import Real, Reals, Scale, check_range
from evometa.config.section import Section, show
from evometa.errors import InputError

Ranges = tuple[tuple[float, ...], tuple[float, ...]]


class Coefficients(Section):
    """The rule's numbers c0, c1, …: learning rates and the like, one set for each genome."""

    mode: Literal["evolved", "fixed"] = Field(default="evolved", description="part of the genome, or the same for all")
    count: int = Field(default=0, ge=0, le=8, description="how many: c0 to c7")
    values: tuple[Real, ...] = Field(
        default=(),
        max_length=8,
        description="their values (fixed) or first values (evolved); [] draws them from low to high",
    )
    low: Reals = Field(
        default=1e-3, description="lowest value that evolution may give: of all, or a list with that of each"
    )
    high: Reals = Field(
        default=1.0,
        description="highest value that evolution may give; steps are shares of the range, so a discount wants a "
        "narrower one than a rate",
    )
    scale: Literal["log", "linear"] = Field(default="log", description="drawn and varied evenly on this scale")

    @model_validator(mode="before")
    @classmethod
    def _counted(cls, data: Any) -> Any:
        if isinstance(data, dict) and "count" not in data and isinstance(data.get("values"), (list, tuple)):
            return {**data, "count": len(data["values"])}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for low, high in zip(*self.ranges, strict=True):
            check_range("coefficients", low, high, self.scale)
        if self.values and len(self.values) != self.count:
            raise InputError(
                f"{self.count} numbers (coefficients.count)",
                f"{len(self.values)}",
                "coefficients.values",
                "Leave count out, and the values are counted.",
            )
        if self.mode == "fixed" and len(self.values) != self.count:
            raise InputError(
                'a value for each coefficient of coefficients.count, as coefficients.mode = "fixed"',
                "none",
                "coefficients.values",
                "Give them, or evolve them.",
            )
        return self

    @property
    def ranges(self) -> Ranges:
        """The lowest and the highest value of each coefficient; those of all, where there is none."""
        return _ranges("coefficients", "c", self.count, self.low, self.high)


class Weights(Section):
    """The weights that a base learner is born with."""

    mode: Literal["evolved", "fixed", "drawn"] = Field(
        default="drawn",
        description="part of the genome, drawn once for the whole run, or drawn anew for each lifetime",
    )
    init: Literal["normal", "uniform", "he", "glorot", "zeros", "binary"] = Field(
        default="glorot",
        description="distribution of first weights, around 0; he and glorot go by the number of synapses; binary: 0 or "
        "scale, evenly, which is for weights that evolve",
    )
    scale: Real = Field(
        default=1.0,
        ge=0,
        le=1e6,
        description="standard deviation (normal), half width (uniform), factor (he, glorot), or the other of two "
        "values (binary)",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.init == "binary" and self.mode != "evolved":
            raise InputError(
                'weights.mode = "evolved" with weights.init = "binary"', f'"{self.mode}"', "weights.init",
                'Use "normal", or let weights evolve.',
            )  # fmt: skip
        return self


class Plasticity(Section):
    """The per-synapse numbers p0, p1, … that a rule may read."""

    mode: Literal["evolved", "fixed"] = Field(default="evolved", description="part of the genome, or the same for all")
    count: int = Field(default=0, ge=0, le=4, description="how many for each synapse: p0 to p3")
    low: Reals = Field(default=-1.0, description="lowest first value: of all, or a list with that of each")
    high: Reals = Field(default=1.0, description="highest first value; new synapses have such values, too")
    tie: Literal["synapse", "group"] = Field(
        default="synapse",
        description="each synapse has its own, or the weights and the biases of a layer share theirs",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for low, high in zip(*self.ranges, strict=True):
            check_range("plasticity", low, high)
        return self

    @property
    def ranges(self) -> Ranges:
        """The lowest and the highest first value of each number; those of all, where there is none."""
        return _ranges("plasticity", "p", self.count, self.low, self.high)


class Strategy(Section):
    """The genome's own mutation step for its numbers."""

    mode: Literal["evolved", "fixed"] = Field(default="evolved", description="self-adapted, or the same for all")
    sigma: Scale = Field(
        default=0.1, le=1e6, description="first mutation step, as a share of a number's range or scale"
    )
    tau: Real = Field(
        default=0.2, ge=0, le=10, description="how fast the step itself varies (its log-normal deviation)"
    )
    low: Scale = Field(default=1e-4, le=1e6, description="smallest step")
    high: Scale = Field(default=1.0, le=1e6, description="largest step")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_range("strategy", self.low, self.high)
        if not self.low <= self.sigma <= self.high:
            raise InputError(
                f"a step from strategy.low ({self.low:g}) to strategy.high ({self.high:g})",
                f"{self.sigma:g}",
                "strategy.sigma",
                "Move it into the range, or widen the range.",
            )
        return self


def _ranges(section: str, letter: str, count: int, low: Reals, high: Reals) -> Ranges:
    """Return the lowest and the highest of each of so many numbers, one at least. Raises InputError."""
    for name, given in (("low", low), ("high", high)):
        if isinstance(given, tuple) and (len(given) != count or not count):
            raise InputError(
                f"a number, or {count} of them ({section}.count)" if count else f"a number, as {section}.count is 0",
                show(given), f"{section}.{name}", f"Give one for each of {letter}0, {letter}1, …, or one for all.",
            )  # fmt: skip
    lowest, highest = (given if isinstance(given, tuple) else (given,) * max(count, 1) for given in (low, high))
    return lowest, highest
