"""Configuration of tuning: how often numbers of good genomes are searched for better ones, and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from evometa.config.reals import Scale
from evometa.config.section import Section
from evometa.errors import InputError

if TYPE_CHECKING:
    from evometa.config.schema import Config


class Tuning(Section):
    """How numbers of good genomes are tuned between two generations: by CMA-ES, on train tasks drawn for that alone.

    What evolves of constants, coefficients and plasticity of groups, and is read, is multiplied by numbers above 0.
    """

    every: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="numbers are tuned in the last of every so many generations; 0: not at all",
    )
    individuals: int = Field(
        default=2,
        ge=1,
        le=10_000,
        description="how many of each island are tuned, the best that have not been; each has a child with its tuned "
        "numbers, one of the offspring",
    )
    rounds: int = Field(default=6, ge=1, le=10_000, description="steps of the search; in each everyone meets new tasks")
    samples: int = Field(default=12, ge=4, le=10_000, description="genomes that are tried for each one in a round")
    tasks: int = Field(default=32, ge=1, le=1_000_000, description="train tasks of each set that they meet")
    step: Scale = Field(default=0.3, le=10, description="first step: the logarithm of what numbers are multiplied by")
    factors: int = Field(
        default=0,
        ge=0,
        le=100,
        description="factors, each at first 1, that join the rule of everyone who is tuned, as variation.mutate_factor "
        "lets them; their exponents are tuned along",
    )


def check_tuning(config: Config) -> None:
    """Refuse, with InputError, tuning of what does not evolve, or of more genomes than are bred."""
    if not config.tuning.every:
        return
    tied = "plasticity" in config.evolved and config.plasticity.tie == "group"
    if not (tied or config.evolved & {"rule", "coefficients"}):
        raise InputError(
            "constants, coefficients or plasticity of groups that evolve, as tuning.every is set", "none",
            "tuning.every", "Set it to 0.",
        )  # fmt: skip
    bred = (config.evolution.offspring - config.evolution.newcomers) // config.evolution.islands
    if config.tuning.individuals >= bred:
        raise InputError(
            f"fewer than an island's children ({bred}), of whom they are", str(config.tuning.individuals),
            "tuning.individuals",
            "Lower it or evolution.immigrants, raise evolution.offspring, or set tuning.every to 0.",
        )  # fmt: skip
