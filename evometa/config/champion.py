"""Configuration of the champion: how it is chosen, and what it is compared with."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from evometa.config.learner import Names
from evometa.config.reals import Real, check_range
from evometa.config.section import Section


class Rates(Section):
    """The grid of learning rates that stock rules are tuned over."""

    low: Real = Field(default=1e-3, description="lowest learning rate")
    high: Real = Field(default=10.0, description="highest learning rate")
    points: int = Field(default=13, ge=1, le=1000, description="how many learning rates are tried")
    scale: Literal["log", "linear"] = Field(default="log", description="spaced evenly on this scale")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_range("champion.rates", self.low, self.high, self.scale)
        return self


TEACHING_BASELINES = ("own_errors", "widest_gap", "adagrad")
ACTING_BASELINES = ("reinforce", "actor_critic", "q_lambda")


class Champion(Section):
    """How the champion is chosen and what it is compared with."""

    candidates: int = Field(default=20, ge=1, le=10_000, description="best genomes tried on validation tasks")
    share: float = Field(
        default=0.0,
        ge=0,
        le=0.9,
        description="share of all lifetimes that goes into telling the best of them apart, on more validation tasks",
    )
    baselines: Names = Field(
        default=("sgd", "momentum", "nesterov"),
        description="classic rules to compare with, tuned in all their dials on train tasks; "
        "`evometa list rules` explains them",
    )
    measure: Literal[
        "auto",
        "loss",
        "accuracy",
        "closeness",
        "reward",
        "regret",
        "share",
        "trial_length",
        "tally",
        "visited",
        "advantage",
        "advantage_at_end",
        "recovered",
        "lessons",
        "effort",
        "unbeatable",
        "blunders",
        "gap",
    ] = Field(
        default="auto", description="what champion and stock learners are compared by; auto: the first objective's"
    )
    updates: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="weight updates in the champion's test, where it is to live on for longer than in "
        "evolution (its age stays 1 then); the queries are asked after each",
    )
    peers: bool = Field(
        default=True,
        description="also plain learners: nearest prototype, nearest neighbour, a linear model, support vectors, "
        "where they apply",
    )
    tuning_tasks: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="train tasks of each set that the classic rules are tuned on; left out: as many as for validation",
    )
    rates: Rates = Field(default=Rates(), description="learning rates that the classic rules are tuned over")

    def rivals(self, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the classic rules to compare with: where the recipe says nothing, and there are any, the `usual`."""
        return usual if usual and self.baselines == Champion().baselines else self.baselines
