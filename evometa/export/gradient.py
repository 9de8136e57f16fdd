"""What the exports of gradient rules share: which rules they can hold, and what they need of the run."""

from __future__ import annotations

from contextlib import suppress

from evometa.errors import InputError
from evometa.export.layers import Layers, layers_of
from evometa.export.setting import Setting
from evometa.export.spelling import wrapped
from evometa.export.subject import GRADIENT_LIKE, Subject
from evometa.language.signals import PLASTICITY
from evometa.lifetime import F32


def why_not_gradient(subject: Subject) -> str:
    """Return why a rule cannot be an optimizer that is given gradients, or "" where it can."""
    others = sorted(subject.reads - GRADIENT_LIKE)
    if others:
        return f"one that reads {', '.join(others)}, of which an optimizer is not told"
    if "grad" in subject.reads and subject.credit != "backprop" and subject.hidden:
        return f"one whose gradients come by the credit mode {subject.credit}, not by backpropagation"
    return ""


class GradientPlan:
    """What the file of a gradient rule must contain."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.reads = subject, subject.reads
        self.setting: Setting | None = None
        with suppress(InputError):  # the rule can be written without its tasks
            self.setting = subject.setting
        self.layers: Layers | None = layers_of(self.setting.graph) if self.setting else None
        if self.layers and (self.layers.recurrent or self.layers.activation == "step"):
            self.layers = None  # no framework has such a network ready-made

    @property
    def head(self) -> str:
        """The output layer that the rule evolved with; of softmax where that is not known."""
        return self.setting.plan.head if self.setting else "softmax"

    @property
    def states(self) -> list[str]:
        """The states of a synapse that the rule has, among s1, s2."""
        return [state for state in ("s1", "s2") if state in self.reads or state in self.subject.genome.rule]

    @property
    def plastic(self) -> list[str]:
        """Names of the per-synapse coefficients in use."""
        return [name for name in PLASTICITY if name in self.reads]

    def plasticity(self, name: str) -> F32:
        """Return a per-synapse coefficient as it evolved: f32[groups] or f32[E]."""
        return self.subject.genome.plasticity[int(name[1:])]

    @property
    def tied(self) -> bool:
        """Whether the weights and the biases of each layer share their coefficients."""
        plasticity, setting = self.subject.genome.plasticity, self.setting
        return len(plasticity) > 0 and (setting is None or plasticity.shape[1] != setting.graph.synapses)

    @property
    def innate(self) -> F32 | None:
        """Weights at birth f32[E], where they are the same in every life and fit layers."""
        known = self.layers is not None and self.setting is not None and not self.setting.drawn
        return self.setting.weights if known and self.setting else None


def conditions(plan: GradientPlan) -> str:
    """Return what the rule was used to when it evolved, in words."""
    setting, words = plan.setting, []
    if setting is not None:
        updates, batch, _ = setting.plan.order.shape
        words.append(f"It evolved with batches of {batch} example{'s' * (batch > 1)} and lives of {updates} updates.")
    if plan.subject.loss:
        words.append("The loss, too, evolved: `evolved_loss`.")
    else:
        losses = {"linear": "mean squared error", "sigmoid": "binary cross-entropy", "softmax": "cross-entropy"}
        words.append(f"It learned from the mean {losses[plan.head]}." if setting else "")
    return wrapped(" ".join(words))


def updates_in_words(plan: GradientPlan) -> str:
    """Return what the parameter `updates` of an optimizer is; every rule takes it, so that rules can be exchanged."""
    if "age" not in plan.reads:
        return "not read by this rule."
    told = "" if plan.subject.updates is None else f" (in the run {plan.subject.updates})"
    return f"how many there will be{told}; `age` goes from 0 to 1 with them."
