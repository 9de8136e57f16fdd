"""The compiler: a rule's trees become one short register program, the form in which rules run.

    trees -> values, each computed once (numbering.py) -> dead code dropped, sections by rate -> registers

A program's results are the same bits as evaluating its trees node by node (NaN payloads aside).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Any

import numpy as np

from evometa.language.calculus import derivative
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.numbering import LOSS_RATES, Numbering
from evometa.language.signals import INPUTS, SIGNAL_COUNT, SIGNALS
from evometa.language.tree import Tree
from evometa.spec.arrays import F32, I32
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY, RULE, SYNAPSE

_NAMES = tuple(INPUTS)
_ARITY = tuple(p.arity for p in PRIMITIVES.values())
LOSS_RESULTS = ("value", "derivative")
_NEVER = 1 << 30


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


def _order(values: Numbering, outputs: tuple[int | None, ...]) -> tuple[list[int], list[int], list[int]]:
    """Return the operations that outputs need, operands first, by rate (depth first from the outputs)."""
    ops, rates = values.ops, values.rates
    sections: tuple[list[int], list[int], list[int]] = ([], [], [])
    seen: set[int] = set()
    stack = [v for v in reversed(outputs) if v is not None and v >= SIGNAL_COUNT]
    while stack:
        value = stack[-1]
        if value in seen:
            stack.pop()
            continue
        ready = True
        _, a, b, c = ops[value - SIGNAL_COUNT]
        if c != a and c >= SIGNAL_COUNT and c not in seen:
            stack.append(c)
            ready = False
        if b >= SIGNAL_COUNT and b not in seen:
            stack.append(b)
            ready = False
        if a >= SIGNAL_COUNT and a not in seen:
            stack.append(a)
            ready = False
        if ready:
            seen.add(value)
            stack.pop()
            sections[rates[value]].append(value)
    return sections


def assemble(values: Numbering, outputs: tuple[int | None, ...], names: tuple[str, ...]) -> Program:
    """Give every live value a register and write the code."""
    ops = values.ops
    sections = _order(values, outputs)
    last: dict[int, int] = {}
    place = 0
    for section in sections:
        for value in section:
            _, a, b, c = ops[value - SIGNAL_COUNT]
            last[a] = last[b] = last[c] = place
            place += 1
    for output in outputs:
        if output is not None:
            last[output] = _NEVER
    register = {}
    free_at = SIGNAL_COUNT
    read = []
    for value in last:
        if value < 0:
            register[value] = free_at
            free_at += 1
        elif value < SIGNAL_COUNT:
            register[value] = value
            read.append(_NAMES[value])
    constants = array("I", [values.bits[~v] for v in last if v < 0])
    code: list[int] = []
    base, place = free_at, 0
    # Rows: nodes reuse rows that are dead at the end of birth, but no row that birth leaves for later.
    free: list[int] = []
    rows = base
    for section in sections[:2]:
        rows = _allocate(section, ops, last, register, code, free, rows, place)
        place += len(section)
    top = _allocate(sections[2], ops, last, register, code, [], rows, place)
    birth_end = len(sections[0])
    return Program(
        code=np.frombuffer(array("i", code), np.int32).reshape(-1, 5),
        birth_end=birth_end,
        node_end=birth_end + len(sections[1]),
        constants=np.frombuffer(constants, np.float32),
        outputs=np.array([-1 if v is None else register[v] for v in outputs], np.int32),
        reads=frozenset(read),
        n_rows=rows - base,
        n_tiles=top - rows,
        names=names,
    )


def _allocate(section: list[int], ops: list[tuple[int, int, int, int]], last: dict[int, int],
              register: dict[int, int], code: list[int], free: list[int], top: int, place: int) -> int:  # fmt: skip
    """Append a section's instructions, reusing registers of its own values after their last use; return the new top."""
    mine = set()
    for value in section:
        op, a, b, c = ops[value - SIGNAL_COUNT]
        ra, rb, rc = register[a], register[b], register[c]
        # in operand order, not in that of a set of values: equal programs get equal registers
        if last[a] == place and a in mine:
            free.append(ra)
        if b != a and last[b] == place and b in mine:
            free.append(rb)
        if c != a and c != b and last[c] == place and c in mine:
            free.append(rc)
        mine.add(value)
        if free:
            target = free.pop()
        else:
            target = top
            top += 1
        register[value] = target
        code += (op, target, ra, rb, rc)
        place += 1
    return top


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
