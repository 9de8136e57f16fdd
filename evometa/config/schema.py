"""The whole configuration, `Config`: what a recipe says and a run keeps; its sections lie in other files."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from evometa.config.learner import Lifetime, Network, Rule, Width
from evometa.config.parameters import Coefficients, Plasticity, Strategy, Weights
from evometa.config.reals import Scale
from evometa.config.search import Champion, Evolution, Fitness, Run, Sampling, Variation
from evometa.config.section import Section, show, with_tuples
from evometa.config.tasks import SPLITS, Split, TaskSettings
from evometa.errors import InputError

NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class TaskSet(Section):
    """One [tasks] table: a family's own settings, and what every set of tasks has in common."""

    settings: TaskSettings
    hidden: tuple[Width, ...] | None = Field(
        default=None,
        max_length=16,
        description="width of each hidden layer for this set; left out: as in [network]",
    )
    splits: tuple[Split, ...] = Field(
        default=SPLITS,
        min_length=1,
        description="what this set serves for: train (evolution), validation, test",
    )
    weight: Scale = Field(default=1.0, le=1e6, description="weight of this set among several in the fitness")

    @model_validator(mode="before")
    @classmethod
    def _apart(cls, data: Any) -> Any:
        """Take the common keys out of the flat table; the others are the family's."""
        if not isinstance(data, dict) or "settings" in data:
            return data
        common = {key: data[key] for key in ("hidden", "splits", "weight") if key in data}
        return {**common, "settings": {key: value for key, value in data.items() if key not in common}}

    @model_serializer(mode="wrap")
    def _flat(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data = handler(self)
        return {**data.pop("settings"), **data}

    def layers(self, network: Network) -> tuple[int, ...]:
        """Return the widths of the hidden layers for this set."""
        return network.hidden if self.hidden is None else self.hidden


class Config(Section):
    """Everything that determines a run; the same Config and version give the same run, bit for bit."""

    name: str = Field(
        default="custom",
        pattern=f"^{NAME.pattern}$",
        description="short name, used for the run's folder: letters, digits, - and _",
    )
    description: str = Field(default="", description="what this run is to show, in a sentence")
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="every random draw follows from it")
    run: Run = Run()
    tasks: tuple[TaskSet, ...] = Field(min_length=1, max_length=64)
    sampling: Sampling = Sampling()
    network: Network = Network()
    lifetime: Lifetime = Lifetime()
    rule: Rule = Rule()
    coefficients: Coefficients = Coefficients()
    weights: Weights = Weights()
    plasticity: Plasticity = Plasticity()
    strategy: Strategy = Strategy()
    evolution: Evolution = Evolution()
    variation: Variation = Variation()
    fitness: Fitness = Fitness()
    champion: Champion = Champion()

    @model_validator(mode="before")
    @classmethod
    def _normal(cls, data: Any) -> Any:
        data = with_tuples(data)
        if isinstance(data, dict) and isinstance(data.get("tasks"), dict):
            return {**data, "tasks": (data["tasks"],)}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._check_evolving()
        self._check_inheritance()
        self._check_splits()
        return self

    @property
    def evolved(self) -> frozenset[str]:
        """Chromosomes that evolve, among rule, coefficients, weights, plasticity."""
        parts = {
            "rule": bool(self.rule.evolving),
            "coefficients": self.coefficients.mode == "evolved" and self.coefficients.count > 0,
            "weights": self.weights.mode == "evolved",
            "plasticity": self.plasticity.mode == "evolved" and self.plasticity.count > 0,
        }
        return frozenset(name for name, evolves in parts.items() if evolves)

    def serving(self, split: Split) -> tuple[TaskSet, ...]:
        """Return the task sets that serve for a split."""
        return tuple(tasks for tasks in self.tasks if split in tasks.splits)

    def _check_evolving(self) -> None:
        if not self.evolved:
            raise InputError(
                "something that evolves",
                "a fixed rule and no evolved coefficients, weights or plasticity",
                "rule.fixed",
                'Take a slot out of rule.fixed, or set weights.mode = "evolved".',
            )
        operators = {
            "rule": ("subtree", "node", "insert", "shrink", "constant"),
            **{name: (name,) for name in ("coefficients", "weights", "plasticity")},
        }
        usable = [f"mutate_{name}" for part in operators if part in self.evolved for name in operators[part]]
        if not any((*(getattr(self.variation, key) for key in usable), *self.variation.own.values())):
            raise InputError(
                f"a mutation above 0 for what evolves ({', '.join(sorted(self.evolved))})",
                "only zeros",
                f"variation.{usable[0]}",
                f"Raise one of {', '.join(usable)}.",
            )

    def _check_inheritance(self) -> None:
        kind = self.evolution.inheritance
        if kind != "baldwin" and "weights" not in self.evolved:
            reason = (
                "what was learned is written into them" if kind == "lamarck" else "nothing else counts without learning"
            )
            raise InputError(
                f'weights.mode = "evolved" with evolution.inheritance = "{kind}": {reason}',
                f'"{self.weights.mode}"',
                "weights.mode",
                'Set weights.mode = "evolved", or evolution.inheritance = "baldwin".',
            )
        shapes = {tasks.layers(self.network) for tasks in self.tasks}
        if "weights" in self.evolved and len(shapes) > 1:
            raise InputError(
                "networks of one shape, as innate weights evolve",
                f"hidden layers {', '.join(show(s) for s in sorted(shapes))}",
                "tasks.hidden",
                'Give all sets the same, or set weights.mode = "drawn".',
            )

    def _check_splits(self) -> None:
        for split in SPLITS:
            if not self.serving(split):
                raise InputError(
                    f"a set of tasks for {split}",
                    "none",
                    "tasks.splits",
                    f'Add "{split}" to a set, or add a set.',
                )
