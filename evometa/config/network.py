"""Configuration of the base learner's network, and of how its answers come about."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from evometa.config.coefficient import CoefficientName, check_coefficients
from evometa.config.memory import Memory
from evometa.config.reals import Scale
from evometa.config.section import Section, each_once
from evometa.errors import InputError
from evometa.spec import COMPARISONS, CREDITS, HEADS
from evometa.spec.choices import ActivationName, CreditName, HeadChoice

Width = Annotated[int, Field(ge=1, le=65536)]


Layers = Annotated[tuple[Literal["context", "hidden", "output"], ...], AfterValidator(each_once)]

_MODES = [f"{row.meaning} ({row.name})" for row in CREDITS.values()]


class Metric(Section):
    """How heads that compare measure distances: by numbers, or by coefficients that evolve, such as "c0"."""

    scale: Scale | CoefficientName = Field(
        default=1.0,
        description="what squared distances (ridge: answers) are multiplied by, before a softmax of what is left of 0",
    )
    norm: Annotated[float, Field(ge=0, le=1)] | CoefficientName = Field(
        default=0.0,
        description="to what power embeddings are divided by their length: with 0 distances are Euclid's, "
        "with 1 those of directions (cosine)",
    )
    log_ridge: Annotated[float, Field(ge=-20, le=20)] | CoefficientName = Field(
        default=0.0,
        description="natural logarithm of the penalty of ridge regression (head ridge)",
    )

    def coefficients(self, solves: bool) -> tuple[str, ...]:
        """Return the coefficients that a head goes by, which `solves` for what it compares with, or does not."""
        numbers = (self.scale, self.norm, self.log_ridge) if solves else (self.scale, self.norm)
        return tuple(value for value in numbers if isinstance(value, str))


class Network(Section):
    """The base learner's network: layers from inputs to outputs."""

    hidden: tuple[Width, ...] = Field(
        default=(),
        max_length=16,
        description="width of each hidden layer; [] connects the inputs to the outputs",
    )
    activation: ActivationName = Field(default="tanh", description="activation of the hidden nodes")
    recurrent: bool = Field(default=False, description="hidden nodes also read their layer's previous activations")
    bias: bool = Field(
        default=True,
        description="each node of a layer also reads the constant; false: what is learned of one input, as of a state "
        "that a world shows by its number, says nothing of another",
    )
    contexts: int = Field(
        default=0,
        ge=0,
        le=4096,
        description="context nodes (CAVIA): linear, each reads the constant alone, and the first layer reads them all",
    )
    plastic: Layers = Field(
        default=("context", "hidden", "output"),
        min_length=1,
        description="layers that learn: synapses into the others keep the weights that they are born with",
    )
    head: HeadChoice = Field(
        default="auto", description="output layer and standard loss; auto takes the task family's own"
    )
    credit: CreditName = Field(
        default="backprop",
        description=f"how hidden nodes learn of the output error: {', '.join(_MODES[:-1])}, or {_MODES[-1]}",
    )
    embedding: int = Field(
        default=64,
        ge=1,
        le=65536,
        description="outputs of the network under a head that compares: what examples become before they are compared",
    )
    metric: Metric = Field(default=Metric(), description="how distances are measured under a head that compares")

    memory: Memory = Field(default=Memory(), description="an external memory of each life")

    @property
    def compares(self) -> bool:
        """Whether answers come of comparing examples, so that the classes of a task are no outputs of the network."""
        return self.head != "auto" and bool(HEADS[self.head].comparison)

    @property
    def metric_coefficients(self) -> tuple[str, ...]:
        """The coefficients that distances go by, where there are any."""
        return self.metric.coefficients(COMPARISONS[HEADS[self.head].comparison].solves) if self.compares else ()

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The coefficients that are read by more than the rule: by distances, and by a memory."""
        return (*self.metric_coefficients, *self.memory.coefficients)

    def outputs(self, answers: int) -> int:
        """Return how many outputs the network has where tasks ask for so many answers."""
        return self.embedding if self.compares else answers

    def inputs(self, given: int) -> int:
        """Return how many inputs the network has where tasks have so many: what a memory gives lies behind these."""
        return given + (self.memory.cells if self.memory.slots else 0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.plastic == ("context",) and not self.contexts:
            raise InputError(
                "network.contexts of 1 or more, as nothing else learns", "0", "network.contexts",
                "Raise it, or let other layers learn: network.plastic.",
            )  # fmt: skip
        return self


def check_comparison(config: Any) -> None:
    """Refuse, with InputError, lives in which nothing is learned or compared, and coefficients that there are not."""
    if config.lifetime.updates == 0 and not config.network.compares:
        raise InputError(
            "1 or more weight updates, or a head that compares examples: nothing else could be learned", "0",
            "lifetime.updates", 'Raise it, or set network.head = "prototype".',
        )  # fmt: skip
    if config.network.compares and config.lifetime.updates != 0 and config.lifetime.batch == 1:
        raise InputError(
            f'2 or more with the head {config.network.head}: an example alone has none to be compared with', "1",
            "lifetime.batch", 'Set it to "all", or lifetime.updates = 0.',
        )  # fmt: skip
    check_coefficients(config.network.metric, config.coefficients.count, "network.metric")
