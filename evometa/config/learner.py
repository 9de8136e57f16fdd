"""Configuration of how the base learner lives: its lifetime, and the rule that it learns by."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from evometa.config.reals import Real, Scale
from evometa.config.section import Section, each_once, show
from evometa.errors import InputError
from evometa.spec import PRIMITIVES
from evometa.spec.choices import SlotName
from evometa.spec.habits import HABITS
from evometa.spec.states import MEMORY

Names = Annotated[tuple[str, ...], AfterValidator(each_once)]
Slots = Annotated[tuple[SlotName, ...], AfterValidator(each_once)]


class Lifetime(Section):
    """How one base learner lives through one task."""

    batch: Annotated[int, Field(ge=1, le=1_000_000)] | Literal["all"] = Field(
        default=1, description="support examples for each weight update, all of a task's or so many"
    )
    epochs: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="passes over the support examples; give this or updates, not both",
    )
    updates: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="weight updates in a lifetime; give this or epochs, not both; 0, under a head that compares: "
        "examples are compared, and weights stay",
    )
    order: Literal["shuffled", "fixed", "classes"] = Field(
        default="shuffled",
        description="order of the support examples: shuffled anew in every pass of every lifetime, or as they come "
        "(so are those of sequences always), or class after class in a single pass: a stream",
    )
    tasks: int = Field(
        default=1,
        ge=1,
        le=100_000,
        description="tasks of a lifetime, or worlds, one after another: weights, states and memory are carried from "
        "each into the next, as far as the rule, which may read novel, leaves them; what counts is the later half of "
        "them (of worlds as acting.judged says)",
    )
    validation_tasks: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="tasks of a lifetime where the champion is chosen; left out: as tasks",
    )
    test_tasks: int | None = Field(
        default=None, ge=1, le=100_000, description="tasks of a lifetime in the champion's test; left out: as tasks"
    )
    test_again: int = Field(
        default=0, ge=0, le=100_000, description="so many of a test's first tasks are met again at its end"
    )
    corrections: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="with several tasks, weight updates that follow the queries of each, on these and the support "
        "examples: answers are told once they have been given",
    )
    checkpoints: tuple[Annotated[int, Field(ge=0, le=1_000_000)], ...] = Field(
        default=(),
        max_length=1000,
        description="numbers of weight updates after which the queries are asked, besides none and all: "
        "0 and the last are always among them",
    )
    bound: Scale = Field(default=20.0, description="weights are kept within plus and minus this")
    synapse_cost: Real = Field(
        default=0.0,
        ge=0,
        le=1e6,
        description="what each open synapse adds to the loss that grad is the gradient of, for each unit of |w| (an L1 "
        "penalty); scores are without it",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_epoch(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("epochs") is None and data.get("updates") is None:
            return {**data, "epochs": 1}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.epochs is not None and self.updates is not None:
            raise InputError(
                "either epochs or updates",
                f"epochs = {self.epochs} and updates = {self.updates}",
                "lifetime.updates",
                "Remove one of the two.",
            )
        several = ("validation_tasks", "test_tasks", "test_again", "corrections")
        if self.tasks == 1 and any(getattr(self, key) for key in several):
            key = next(key for key in several if getattr(self, key))
            raise InputError(
                "lifetime.tasks of 2 or more beside it", "1", f"lifetime.{key}", "Raise lifetime.tasks, or remove it."
            )
        if any(a >= b for a, b in zip(self.checkpoints, self.checkpoints[1:], strict=False)):
            raise InputError(
                "ascending numbers of updates", show(self.checkpoints), "lifetime.checkpoints", "Sort them."
            )
        if self.updates is not None and self.checkpoints and self.checkpoints[-1] > self.updates:
            raise InputError(
                f"numbers of at most lifetime.updates ({self.updates})",
                str(self.checkpoints[-1]),
                "lifetime.checkpoints",
                "Remove it, or allow more updates.",
            )
        return self

    def in_a_row(self, split: str) -> int:
        """Return how many tasks a lifetime of a split has."""
        own = {"validation": self.validation_tasks, "test": self.test_tasks}
        return own.get(split) or self.tasks

    def examples(self, support: int) -> int:
        """Return the number of examples in one weight update when a task has `support` of them."""
        return support if self.batch == "all" else self.batch

    def length(self, support: int) -> int:
        """Return the number of weight updates when a task has `support` examples."""
        return (self.epochs or 1) * max(1, support // self.examples(support)) if self.updates is None else self.updates


class Rule(Section):
    """The learning rule: one expression for each slot, over signals and primitives."""

    slots: Slots = Field(
        default=("update",),
        min_length=1,
        description="parts of the rule: update gives the change of a weight, "
        f"{' and '.join(MEMORY)} the next values of a synapse's states, "
        "loss the loss of output and target that is differentiated; in worlds, one number a lane each: modulator the "
        "signal m, m1 and m2 its memories, intrinsic a reward of the learner's own; of searches, habits: "
        f"{', '.join(HABITS)}",
    )
    signals: Names | dict[SlotName, Names] = Field(
        default=("grad", "w"),
        description="what the rule may read: one list for all slots, or a table with a list for each; "
        "`evometa list signals` explains them",
    )
    primitives: Names = Field(
        default=tuple(name for name, row in PRIMITIVES.items() if row.stock),
        min_length=1,
        description="what rules are built of; `evometa list primitives` explains them",
    )
    init: Literal["random"] | dict[SlotName, str] = Field(
        default="random",
        description='rules of the first generation: "random", or a table with a text for each slot, such as '
        '{ update = "-c0 * grad" }; slots without a text start at random',
    )
    fixed: Slots = Field(default=(), description="slots that keep their text from init and do not evolve")
    max_nodes: int = Field(default=32, ge=1, le=1000, description="largest number of nodes in a slot's tree")
    max_depth: int = Field(default=8, ge=1, le=80, description="largest depth of a slot's tree")
    constants: tuple[Real, ...] = Field(
        default=(-2.0, 2.0),
        max_length=2,
        description="range that new constants are drawn from; [] allows none",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if "update" not in self.slots and not {*self.slots} <= {*HABITS}:
            raise InputError("update among the slots", show(self.slots), "rule.slots", "Add it: it moves the weights.")
        texts: dict[Any, str] = {} if self.init == "random" else self.init
        tables = (
            ("init", texts),
            ("signals", self.signals if isinstance(self.signals, dict) else {}),
            ("fixed", self.fixed),
        )
        for key, slots in tables:
            for slot in slots:
                if slot not in self.slots:
                    raise InputError(
                        f"a slot of rule.slots ({', '.join(self.slots)})",
                        slot,
                        f"rule.{key}",
                        "Add it there.",
                    )
        for slot in self.fixed:
            if slot not in texts:
                raise InputError(
                    f"a text for {slot} in rule.init",
                    "none",
                    "rule.fixed",
                    "Give it one: a fixed slot keeps it for ever.",
                )
        for slot in self.slots:
            if isinstance(self.signals, dict) and slot not in self.fixed and not self.signals.get(slot):
                raise InputError(f"signals for the slot {slot}", "none", "rule.signals", "Give a list for each slot.")
        if len(self.constants) == 1 or (self.constants and self.constants[0] > self.constants[1]):
            raise InputError("a lowest and a highest number, or []", show(self.constants), "rule.constants")
        return self

    @property
    def gated(self) -> bool:
        """Whether synapses open and close in life."""
        return "gate" in self.slots

    @property
    def texts(self) -> dict[str, str]:
        """Texts that the recipe gives for slots."""
        return {} if self.init == "random" else {str(k): v for k, v in self.init.items()}

    @property
    def evolving(self) -> tuple[str, ...]:
        """Slots whose trees evolve."""
        return tuple(slot for slot in self.slots if slot not in self.fixed)
