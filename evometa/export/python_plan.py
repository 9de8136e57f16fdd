"""What a Python export must contain: decided once, for all of its parts."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from evometa.export.layers import Layers, layers_of
from evometa.export.subject import Subject
from evometa.language.signals import PLASTICITY
from evometa.lifetime import ACTIVATIONS, F32, I32

ERRORS = frozenset(("err", "grad"))


class FilePlan:
    """The features of one learner that its file is made for."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.setting = subject, subject.setting
        self.graph, self.reads = self.setting.graph, subject.reads
        self.layers: Layers | None = layers_of(self.graph)
        self.head, self.bound = self.setting.plan.head, subject.bound
        self.batch = self.setting.plan.order.shape[1]
        self.updates = len(self.setting.plan.order)
        weights = subject.section("weights")
        self.init, self.scale = str(weights.get("init", "glorot")), float(weights.get("scale", 1.0))
        self.draws = self.setting.drawn

    @property
    def sized(self) -> bool:
        """Whether the learner can have any number of nodes: nothing is known of single synapses."""
        return self.draws and self.layers is not None and not (self.plastic and not self.tied)

    @property
    def plastic(self) -> list[str]:
        """Names of the per-synapse coefficients in use."""
        return [name for name in PLASTICITY if name in self.reads]

    @property
    def tied(self) -> bool:
        """Whether synapses of a group share their coefficients."""
        plasticity = self.subject.genome.plasticity
        return len(plasticity) > 0 and plasticity.shape[1] != self.graph.synapses

    @property
    def plasticity(self) -> dict[str, F32]:
        """The per-synapse coefficients in use, f32[groups] or f32[E]."""
        rows = self.subject.genome.plasticity
        return {name: rows[int(name[1:])] for name in self.plastic}

    @cached_property
    def kinds(self) -> list[str]:
        """The activations of hidden nodes."""
        used = np.unique(self.graph.activation[self.graph.inputs + 1 : self.graph.nodes - self.graph.outputs])
        return [ACTIVATIONS[kind] for kind in used]

    @property
    def mixed(self) -> bool:
        """Whether hidden nodes differ in their activation."""
        return len(self.kinds) > 1

    @property
    def kind(self) -> I32:
        """The activation of each node, i32[N], as its place in `kinds` (0 where it has none)."""
        names = [ACTIVATIONS[kind] for kind in self.graph.activation]
        return np.array([self.kinds.index(name) if name in self.kinds else 0 for name in names], np.int32)

    @cached_property
    def recurrent(self) -> bool:
        """Whether some synapses read the activations of the update before."""
        return bool((self.graph.src >= self.graph.dst).any())

    @property
    def errs(self) -> bool:
        """Whether the rule reads errors."""
        return bool(ERRORS & self.reads)

    @property
    def credit(self) -> str:
        """How errors reach hidden nodes; "local" where none do, or nobody asks."""
        return self.subject.credit if self.errs and self.kinds else "local"

    @property
    def single(self) -> bool:
        """Whether the rule takes one example at a time."""
        return bool({"pre", "post", "target", "err"} & self.reads)

    @property
    def formulas(self) -> frozenset[str]:
        """Our formulas that the network itself calls."""
        of_head = {"sigmoid": {"sigmoid_f"}, "softmax": {"exp_f"}}.get(self.head, set())
        return frozenset(of_head | {f"{kind}_f" for kind in self.kinds if kind in ("tanh", "sigmoid")})
