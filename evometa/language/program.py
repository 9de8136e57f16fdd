"""The compiler: a rule's trees become one short register program, the form in which rules run.

    trees -> values, each computed once (numbering.py) -> dead code dropped, sections by rate, registers (registers.py)

A program's results are the same bits as evaluating its trees node by node (NaN payloads aside).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Any

import numpy as np

from evometa.language.calculus import derivative
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.numbering import LOSS_RATES, Numbering
from evometa.language.registers import allocate
from evometa.language.signals import INPUTS, SIGNAL_COUNT, SIGNALS
from evometa.language.tree import Tree
from evometa.spec.arrays import F32, I32
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY, RULE, SYNAPSE

_NAMES = tuple(INPUTS)
_ARITY = tuple(p.arity for p in PRIMITIVES.values())
LOSS_RESULTS = ("value", "derivative")


@dataclass(frozen=True, eq=False)
class Program:
    """A rule as it runs.

    `code`: opcode, destination and operand registers a, b, c (an unused operand repeats a; a destination
    may be one of its operands). Instructions [0, birth_end) run once a lifetime, [birth_end, node_end) once for each
    target node and update, the rest for each synapse and update. Registers: signals (SIGNAL_COUNT, seeds among them),
    then constants, then `n_rows` rows of lanes (results at birth and node rate), then `n_tiles` temporaries of the
    synapse section. A row of the birth section that is read later is never written again.
    `outputs`: the register of each of `names` (RULE, LOSS_RESULTS, or those of their adjoints), -1 where there is none.
    Any register can be an output: a signal, a constant or a row too; so read all before any state is written.
    `reads`: names of the signals that instructions or outputs read.
    """

    code: Annotated[I32, "P 5"]
    birth_end: int
    node_end: int
    constants: Annotated[F32, "NC"]
    outputs: Annotated[I32, "slots"]
    reads: frozenset[str]
    n_rows: int
    n_tiles: int
    names: tuple[str, ...] = RULE

    @property
    def registers(self) -> int:
        """Number of registers, signals and constants included."""
        return SIGNAL_COUNT + len(self.constants) + self.n_rows + self.n_tiles

    @cached_property
    def key(self) -> bytes:
        """16 bytes that are equal for equal programs (operand order of commuting primitives aside)."""
        sizes = (self.birth_end, self.node_end, self.n_rows, self.n_tiles, len(self.constants), self.names)
        parts = (repr(sizes).encode(), self.outputs.tobytes(), self.constants.tobytes(), self.code.tobytes())
        return blake2b(b"".join(parts), digest_size=16).digest()

    @cached_property
    def mask(self) -> int:
        """The signals that are read, a bit for each register."""
        return sum(1 << INPUTS[name].register for name in self.reads)


def compile_rule(rule: Mapping[str, Tree]) -> Program:
    """Compile the slots of a rule that write states (each optional); other slots are not looked at.

    States are read as they were by their own slots, and as they have become by `update`.
    """
    values = Numbering()
    memory = {name: values.number(rule[name]) for name in MEMORY if name in rule}
    for name, value in memory.items():
        values.leaf[SIGNALS[name].register] = value
    update = values.number(rule["update"]) if "update" in rule else None
    return assemble(values, (update, *map(memory.get, MEMORY)), RULE)


def compile_loss(tree: Tree) -> Program:
    """Compile a loss over `output` and `target`: its value and its derivative with respect to `output`."""
    values = Numbering(LOSS_RATES)
    value = values.number(tree)
    return assemble(values, (value, values.number(derivative(tree, "output"))), LOSS_RESULTS)


def birth_states(innate: Any, silent: Any = False) -> dict[str, Any]:
    """Return each state of synapses as it is at birth, given their innate weights and which of them are `silent`."""
    nothing = np.zeros_like(innate)
    born = {"innate": innate, "zero": nothing, "open": np.where(silent, nothing, nothing + np.float32(1))}
    return {state.name: born[state.born] for state in SYNAPSE}


def assemble(values: Numbering, outputs: tuple[int | None, ...], names: tuple[str, ...]) -> Program:
    """Give every live value a register and write the code."""
    made = allocate(values, outputs)
    reads = frozenset(_NAMES[register] for register in made.reads)
    return Program(
        made.code, made.birth_end, made.node_end, made.constants, made.outputs, reads, made.rows, made.temporaries,
        names,
    )  # fmt: skip


def evaluate(program: Program, signals: Mapping[str, Any]) -> dict[str, Any]:
    """Run a program in NumPy, slowly and obviously; returns arrays by output name.

    `signals`: arrays by signal name, of any shapes that broadcast. KeyError where one that the program reads is
    missing.
    """
    known: dict[int, Any] = {INPUTS[name].register: np.asarray(signals[name], np.float32)[()] for name in program.reads}
    known.update(enumerate(program.constants, SIGNAL_COUNT))
    for op, target, *operands in program.code.tolist():
        known[target] = FUNCTIONS[op](*(known[r] for r in operands[: _ARITY[op]]))
    return {name: known[int(r)] for name, r in zip(program.names, program.outputs, strict=True) if r >= 0}
