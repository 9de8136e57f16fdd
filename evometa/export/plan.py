"""What the templates ask of a learner's network and surroundings, decided once for all of them."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from evometa.export.layers import Layers, layers_of
from evometa.export.subject import Subject
from evometa.language.formulas import HELPERS
from evometa.language.signals import READABLE, TASKS
from evometa.lifetime import F32, FIXED, I32, SILENT
from evometa.lifetime.memory import Memory
from evometa.lifetime.reference_memory import Storage
from evometa.spec import ACTIVATIONS, CREDITS, HEADS
from evometa.spec.credits import Credit

ACCESS = "tanh_f(z); sigmoid_f(z); exp_f(z - max z); sum z; log_f(p)"  # what an access to a memory calls


class Plan:
    """The features of one learner that its file is made for. InputError where its network or head cannot be told."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.setting = subject, subject.setting
        self.graph, self.reads = self.setting.graph, subject.reads
        if told := sorted(self.reads & TASKS.keys()):
            found = f"one that reads {' and '.join(told)}, which nobody tells it there"
            raise subject.refusal("code", found, "latex, networkx, graphml, json")
        self.layers: Layers | None = layers_of(self.graph)
        self.head = HEADS[self.setting.plan.head]
        self.batch = self.setting.plan.order.shape[1]
        self.updates = len(self.setting.plan.order)
        self.init, self.scale = subject.config.weights.init, subject.config.weights.scale
        self.draws = self.setting.drawn

    @property
    def sized(self) -> bool:
        """Whether the learner can have any number of nodes: nothing is known of single synapses."""
        loose = not (self.subject.plastic and not self.subject.tied)
        return self.draws and self.layers is not None and loose and not self.memory.slots

    @cached_property
    def memory(self) -> Memory:
        """The external memory of each life, its numbers as the learner has them; NO_MEMORY where there is none."""
        own = self.setting.plan.memory
        if not own.slots:
            return own
        storage = Storage(own, self.setting.phenotypes[0].coefficients)
        return Memory(own.slots, own.cells, float(storage.focus), float(storage.sharpness))

    @property
    def given(self) -> int:
        """How many inputs the learner is given: what a memory gives lies behind these."""
        return self.graph.inputs - self.memory.cells

    @property
    def stacked(self) -> bool:
        """Whether the network is a stack of layers as every framework has them ready-made."""
        return self.layers is not None and not self.recurrent and "torch.nn" in ACTIVATIONS[self.layers.activation].own

    @property
    def innate(self) -> F32 | None:
        """Weights at birth f32[E], where they are the same in every life."""
        return None if self.draws else self.setting.weights

    @cached_property
    def kinds(self) -> list[str]:
        """The activations of hidden nodes."""
        used = np.unique(self.graph.activation[self.graph.inputs + 1 : self.graph.nodes - self.graph.outputs])
        return [ACTIVATIONS.names[kind] for kind in used]

    @property
    def mixed(self) -> bool:
        """Whether hidden nodes differ in their activation."""
        return len(self.kinds) > 1

    @property
    def kind(self) -> I32:
        """The activation of each node, i32[N], as its place in `kinds` (0 where it has none)."""
        names = [ACTIVATIONS.names[kind] for kind in self.graph.activation]
        return np.array([self.kinds.index(name) if name in self.kinds else 0 for name in names], np.int32)

    @property
    def grus(self) -> I32:
        """GRUs, i32[n]: each reads its gate, the node before it, and its candidate, the one before that."""
        return np.array(self.graph.grus, np.int32)

    @property
    def wiring(self) -> dict[str, F32 | I32]:
        """A network of any form as arrays: its synapses, hidden nodes' activations, and the numbers of each synapse."""
        graph, subject = self.graph, self.subject
        arrays: dict[str, F32 | I32] = {"SRC": graph.src, "DST": graph.dst}
        arrays |= {"KIND": self.kind} if self.mixed else {}
        arrays |= {"GRU": self.grus} if self.graph.grus else {}
        arrays |= {"LEARNS": self.learns} if self.fixed else {}
        arrays |= {} if self.draws else {"WEIGHTS": self.setting.weights}
        arrays |= {} if self.gate is None else {"GATE": self.gate}
        for name, values in subject.plasticity.items():
            arrays[name.upper()] = values[graph.group] if subject.tied else values
        feedback = self.setting.phenotypes[0].feedback
        return arrays | ({"FEEDBACK": feedback} if self.credit.back == "feedback" and feedback is not None else {})

    @property
    def gate(self) -> F32 | None:
        """The gate of each synapse at birth, f32[E]: 1, or 0 for silent ones; None where all are open."""
        silent = self.graph.traits & SILENT > 0
        return np.where(silent, 0, 1).astype(np.float32) if silent.any() else None

    @property
    def fixed(self) -> bool:
        """Whether no rule changes some synapses."""
        return not self.learns.all()

    @property
    def learns(self) -> I32:
        """Which synapses the rule changes, i32[E]: 1, or 0 for those that are fixed."""
        return (self.graph.traits & FIXED == 0).astype(np.int32)

    @cached_property
    def recurrent(self) -> bool:
        """Whether some synapses read the activations of the update before."""
        return self.graph.recurrent

    @property
    def errs(self) -> bool:
        """Whether the rule reads errors."""
        return bool({"err", "grad"} & self.reads)

    @property
    def acts(self) -> bool:
        """Whether an update needs the forward pass: the rule reads anything of it, or a memory does."""
        return bool({"pre", "post", "err", "grad", "reward"} & self.reads) or self.memory.slots > 0

    @property
    def credit(self) -> Credit:
        """How errors reach hidden nodes; "local" where none do, or nobody asks."""
        return CREDITS[self.subject.config.network.credit if self.errs and self.kinds else "local"]

    @property
    def single(self) -> bool:
        """Whether the learner takes one example at a time."""
        return any(READABLE[name].single for name in self.reads) or self.memory.slots > 0

    @property
    def rows(self) -> int:
        """How many examples an update of the file's example of use has."""
        return 1 if self.single else self.batch

    @property
    def texts(self) -> str:
        """The rows of evometa/spec that the network itself calls, as one text."""
        head = self.head
        errors = [head.through if self.subject.loss else head.error, self.credit.hidden or ""] if self.errs else []
        rewards = [text for name, text in head.scores.items() if name in head.reward and "reward" in self.reads]
        remembered = [ACCESS] if self.memory.slots else []
        kinds = [ACTIVATIONS[kind].value for kind in self.kinds]
        return "; ".join([head.answer, *kinds, *errors, *rewards, *remembered])

    @property
    def formulas(self) -> list[str]:
        """Our formulas that the network itself calls."""
        return [name for name in HELPERS if f"{name}(" in self.texts]
