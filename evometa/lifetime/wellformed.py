"""Whether programs can be run: checked for all those of a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.adjoint import ADJOINTS, LOSS_ADJOINTS
from evometa.language.numbering import LOSS_RATES, RULE_RATES
from evometa.language.program import LOSS_RESULTS, Program
from evometa.language.program_columns import COLUMNS
from evometa.language.programs import Programs
from evometa.language.signals import ACTING, ACTING_SLOTS, INPUTS, SIGNAL_COUNT, SLOTS
from evometa.lifetime import NONE
from evometa.lifetime.requirements import array_of, broken, forbid, joined, require
from evometa.spec.arrays import arrays_of
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import LANE_RULE, RULE, TEACHER_RULE

RATES: dict[tuple[str, ...], Any] = {
    **dict.fromkeys((RULE, ADJOINTS), np.array(RULE_RATES)),
    **dict.fromkeys((LOSS_RESULTS, LOSS_ADJOINTS, LANE_RULE, TEACHER_RULE), np.array(LOSS_RATES)),
}  # the first section that may read each signal
MAY_READ: dict[tuple[str, ...], int] = {
    names: sum(1 << INPUTS[name].register for name in (*SLOTS[slot].signals, *seeds))
    for names, slot, seeds in (
        (RULE, "update", ()), (ADJOINTS, "update", [f"d_{slot}" for slot in RULE]), (LOSS_RESULTS, "loss", ()),
        (LOSS_ADJOINTS, "loss", ["d_loss"]),
    )
}  # fmt: skip
for names, slot in ((LANE_RULE, "m1"), (TEACHER_RULE, "lesson")):
    MAY_READ[names] = sum(1 << INPUTS[name].register for name in ACTING_SLOTS[slot].signals)
OF_ACTING = sum(1 << row.register for row in ACTING.values())


def check_programs(programs: Sequence[Program], names: tuple[str, ...], also: int = 0) -> None:
    """Refuse programs that do not give `names`, or touch registers that are not there (ContractError).

    `also`: signals that they may read beside those that any such program may, a bit for each.
    """
    if not programs:
        return
    batch, expected = _side_by_side(programs, names), f"three sections of code that give {', '.join(names)}"
    count, outputs = len(batch), batch.outputs
    first, birth, node, length, first_constant, constants, rows, tiles, mask = batch.columns.T
    wrong = (birth < 0) | (node < birth) | (length < node) | (rows < 0) | (tiles < 0) | (first < 0)
    wrong |= (5 * (first + length) > len(batch.code)) | (first_constant < 0)
    wrong |= (constants < 0) | (first_constant + constants > len(batch.constants))
    forbid(wrong, expected, "others", "program")
    forbid(mask & ~(MAY_READ[names] | also) != 0, "signals that such a program may read", "others", "program")
    own, temporary = SIGNAL_COUNT + constants, SIGNAL_COUNT + constants + rows  # first row, first temporary
    top = temporary + tiles
    of = np.repeat(np.arange(count), length)
    number = np.arange(len(of)) - np.repeat(np.cumsum(length) - length, length)
    code = batch.code.reshape(-1, 5)[first[of] + number]
    last = number >= node[of]
    section = (number >= birth[of]).astype(np.int64) + last
    target, operands = code[:, 1], code[:, 2:]
    wrong = (code[:, 0] < 0) | (code[:, 0] >= len(PRIMITIVES))
    wrong |= (target < np.where(last, temporary[of], own[of])) | (target >= np.where(last, top[of], temporary[of]))
    wrong |= _any((operands < 0) | (operands >= top[of, None]))
    wrong = broken(wrong, of, count) | ((outputs < NONE) | (outputs >= top[:, None])).any(axis=1)
    forbid(wrong, "known operations on registers that it has", "others", "program")
    signal = operands < SIGNAL_COUNT
    read = np.where(signal, operands, 0)
    rate = np.where(signal, RATES[names][read], 2 * (operands >= temporary[of, None]))
    wrong = (rate > section[:, None]) | (signal & ((mask[of, None] >> read) & 1 == 0))
    given = (outputs >= 0) & (outputs < SIGNAL_COUNT)
    unsaid = given & ((mask[:, None] >> np.where(given, outputs, 0)) & 1 == 0)
    forbid(broken(_any(wrong), of, count) | unsaid.any(axis=1), "operands that are known by then, and said",
           "others", "program")  # fmt: skip


def _any(operands: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which instructions have such an operand: several times as fast as a reduction over three."""
    first, second, third = operands.T
    return np.asarray(first | second | third)


def _side_by_side(programs: Sequence[Program], names: tuple[str, ...]) -> Programs:
    """Return programs as a batch; refuse those whose arrays are others, or that give other slots."""
    expected = f"three sections of code that give {', '.join(names)}"
    if isinstance(programs, Programs):
        for row in arrays_of(Programs).values():
            array_of(getattr(programs, row.name), row, f"{row.name} of the programs")
        shapes = programs.names, programs.columns.shape[1:], programs.outputs.shape, len(programs.code) % 5
        wanted = names, (COLUMNS,), (len(programs), len(names)), 0
        require(shapes == wanted, expected, programs.names, "programs")
        return programs
    for row in arrays_of(Program).values():
        joined(programs, row, "programs")
    wrong = [p.names != names or p.code.shape[1:] != (5,) or p.outputs.shape != (len(names),) for p in programs]
    forbid(wrong, expected, "others", "program")
    return Programs.of(programs)
