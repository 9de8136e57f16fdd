"""Configuration of a set of tasks: what all families have in common, beside the keys of its own."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from evometa.config.network import Network, Width
from evometa.config.reals import Scale
from evometa.config.section import Section
from evometa.config.tasks import SPLITS, Split, TaskSettings

COMMON = ("hidden", "splits", "weight")  # keys that sets of all families have


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
        common = {key: data[key] for key in COMMON if key in data}
        return {**common, "settings": {key: value for key, value in data.items() if key not in common}}

    @model_serializer(mode="wrap")
    def _flat(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data = handler(self)
        return {**data.pop("settings"), **data}

    def layers(self, network: Network) -> tuple[int, ...]:
        """Return the widths of the hidden layers for this set."""
        return network.hidden if self.hidden is None else self.hidden
