"""The adjoint of a rule, or of an evolved loss, as one more program: reverse mode over the values of its program.

The table's differentials are linear in `d`. Forwards, `d` is the differential of an argument and the result its share
of the whole's; backwards, `d` is the adjoint of the whole and the result its share of the argument's: the same texts
serve both ways (Griewank & Walther 2008, chapter 3). What the rule itself computes is shared, so an adjoint is linear
in the rule's size, and every interpreter of programs runs it.

What runs is differentiated, as in calculus.py. At a corner the branch taken counts. A branch that is not taken has the
adjoint 0; where it divides by 0 or is infinite, 0·∞ makes it NaN, as in every reverse mode: such a life has diverged.
States that no weight depends on are not differentiated.
"""

from __future__ import annotations

from collections.abc import Mapping

from evometa.language.calculus import differential
from evometa.language.liveness import ROOTS
from evometa.language.numbering import LOSS_RATES, RULE_RATES, Numbering
from evometa.language.program import LOSS_RESULTS, Program, assemble, compile_loss, compile_rule
from evometa.language.rewrites import ADD, AQ, DIV, MUL, NEG, SUB
from evometa.language.signals import COEFFICIENTS, INPUTS, SIGNAL_COUNT, SLOTS, TASKS
from evometa.language.tree import Tree
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY, RULE

DATA = ("target", "age", *TASKS)  # signals that no number of a learner has a part in
ADJOINTS = tuple(name for name in SLOTS["update"].signals if name not in DATA)
LOSS_ADJOINTS = ("output", *COEFFICIENTS)

_SEEDS = {RULE: {slot: f"d_{slot}" for slot in RULE}, LOSS_RESULTS: {"derivative": "d_loss"}}
_PRIMITIVES = tuple(PRIMITIVES.values())
_MAGNITUDE = 0x7FFFFFFF
_MOST = 1 << 12  # adjoints that are remembered
_known: dict[bytes, Program] = {}


def adjoint_program(rule: Mapping[str, Tree]) -> Program:
    """Return the program of the adjoints of ADJOINTS, given the rule's signals and the seed `d_<slot>` of each slot.

    States are read as `compile_rule` has it: as they were by their own slots, as they have become by `update`; a seed
    of a slot that the rule has not is not read. An output is -1 where the adjoint is 0 everywhere.
    """
    return adjoint_of(compile_rule(rule))


def loss_adjoint_program(tree: Tree) -> Program:
    """Return the program of the adjoints of LOSS_ADJOINTS, given `output`, `target`, coefficients and `d_loss`.

    The seed is the adjoint of the loss's slope ∂loss/∂output: what learning takes of a loss. So the adjoint of `output`
    is the second derivative times the seed.
    """
    return adjoint_of(compile_loss(tree))


def adjoint_of(program: Program) -> Program:
    """Return the adjoint of a compiled rule or loss; the same object for equal programs, until there are too many."""
    found = _known.get(program.key)
    if found is None:
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[program.key] = _adjoint(program)
    return found


def _adjoint(program: Program) -> Program:
    names, values = (
        (LOSS_ADJOINTS, Numbering(LOSS_RATES)) if program.names == LOSS_RESULTS else (ADJOINTS, Numbering(RULE_RATES))
    )
    held = _values(program, values)
    reverse = _Reverse(values)
    seeds = _SEEDS[program.names]
    results = dict(zip(program.names, (held.get(register) for register in program.outputs.tolist()), strict=True))
    for name in _felt(results, values):
        if name in seeds:
            reverse.add(results[name], INPUTS[seeds[name]].register)  # type: ignore[arg-type]
    reverse.sweep()
    return assemble(values, tuple(reverse.adjoints.get(INPUTS[name].register) for name in names), names)


def _values(program: Program, values: Numbering) -> dict[int, int]:
    """Number what a program computes; return the value that each register holds at its end."""
    held = {register: register for register in range(SIGNAL_COUNT)}
    constants = program.constants.view("u4").tolist()
    held |= {SIGNAL_COUNT + k: values.constant(bits) for k, bits in enumerate(constants)}
    for op, target, a, b, c in program.code.tolist():
        held[target] = values.operation(op, held[a], held[b], held[c])
    return held


def _felt(results: Mapping[str, int | None], values: Numbering) -> list[str]:
    """Return the slots whose result something hangs on: a state that no weight depends on has the adjoint 0 for ever.

    It is left out, as 0 times an infinite derivative would be NaN, and the life lost for what it never felt.
    """
    present = {name: value for name, value in results.items() if value is not None}
    reads = {name: _inputs_of(value, values) for name, value in present.items()}
    felt = [name for name in present if name not in MEMORY or name in ROOTS]
    for name in felt:  # grows while it is gone through
        felt += [state for state in present if state not in felt and INPUTS[state].register in reads[name]]
    return [name for name in present if name in felt]


def _inputs_of(value: int, values: Numbering) -> set[int]:
    """Return the registers of the inputs that a value depends on."""
    waiting, seen = [value], set[int]()
    while waiting:
        one = waiting.pop()
        if one >= 0 and one not in seen:
            seen.add(one)
            waiting += values.ops[one - values.inputs][1:] if one >= values.inputs else ()
    return {one for one in seen if one < values.inputs}


class _Reverse:
    """Adjoints of values, each a value of the same numbering; none where it is 0 everywhere, or of a constant."""

    def __init__(self, values: Numbering) -> None:
        self.values, self.zero = values, values.constant(0)
        self.adjoints: dict[int, int] = {}

    def sweep(self) -> None:
        """Go from the last operation to the first, and give its arguments their shares of its adjoint."""
        operations = list(enumerate(self.values.ops, SIGNAL_COUNT))
        for value, (op, *operands) in reversed(operations):
            if value not in self.adjoints:
                continue
            primitive = _PRIMITIVES[op]
            filling = dict(zip(("p0", "p1", "p2", "p3"), (*operands, self.adjoints[value]), strict=True))
            for place, operand in enumerate(operands[: primitive.arity]):
                if operand >= 0 and primitive.derivative[place] != "0":
                    self.add(operand, self._filled(differential(primitive.name, place), filling))

    def add(self, value: int, share: int) -> None:
        """Add a share to the adjoint of a value."""
        if value >= 0 and not self._is_zero(share):
            known = self.adjoints.get(value)
            self.adjoints[value] = share if known is None else self._operation(ADD, [known, share])

    def _filled(self, template: Tree, filling: Mapping[str, int]) -> int:
        """Return the value of a differential."""
        stack: list[int] = []
        for item in reversed(template):
            if item.arity:
                stack.append(self._operation(item.opcode, [stack.pop() for _ in range(item.arity)]))
            else:
                stack.append(self.values.constant(item.bits) if item.constant else filling[item.name])
        return stack[0]

    def _operation(self, op: int, arguments: list[int]) -> int:
        """Return a primitive over values, zeros left out where they do nothing (as numbers: 0·x is 0 here)."""
        first, last = arguments[0], arguments[-1]
        if (op in (MUL, AQ, DIV, NEG) and self._is_zero(first)) or (op == MUL and self._is_zero(last)):
            return self.zero
        if op == ADD and self._is_zero(first):
            return last
        if op in (ADD, SUB) and self._is_zero(last):
            return first
        method = (self.values.unary, self.values.binary, self.values.ternary)[len(arguments) - 1]
        return method(op, *arguments)

    def _is_zero(self, value: int) -> bool:
        return value < 0 and not self.values.bits[~value] & _MAGNITUDE
