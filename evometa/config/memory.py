"""Configuration of the external memory of lives, and what it does not go together with yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from evometa.config.coefficient import CoefficientName, check_coefficients
from evometa.config.reals import Scale
from evometa.config.section import Section, show
from evometa.errors import InputError

if TYPE_CHECKING:
    from evometa.config.schema import Config


class Memory(Section):
    """Slots beside the network, which it writes, and reads from where they are alike or lie next to each other.

    An evolvable neural Turing machine (Greve, Jacobsen & Risi 2016).
    """

    slots: int = Field(default=0, ge=0, le=1024, description="slots of the memory of each life; 0: there is none")
    cells: int = Field(default=4, ge=1, le=256, description="numbers that a slot holds, each within −1 and 1")
    focus: Scale | CoefficientName = Field(
        default=10.0,
        description="how near to what is looked for a slot must be to be found: what squared distances are multiplied "
        "by, a number or a coefficient such as c0",
    )
    sharpness: Scale | CoefficientName = Field(
        default=2.0, description="power to which shares of attention are raised at each tick; 1: they blur by and by"
    )

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The coefficients that it goes by, where there is a memory."""
        return tuple(value for value in (self.focus, self.sharpness) if isinstance(value, str) and self.slots)


def check_external(config: Config) -> None:
    """Refuse, with InputError, a memory beside what does not know of memories, and coefficients that there are not."""
    own = config.network.memory
    if not own.slots:
        return
    instead = "Change it, or set network.memory.slots = 0."
    check_coefficients(own, config.coefficients.count, "network.memory")
    faults = (
        (config.lifetime.batch != 1, "1, as a memory is accessed with each example", config.lifetime.batch,
         "lifetime.batch"),
        (config.network.compares, "a head that does not compare, beside a memory", config.network.head, "network.head"),
        (config.topology.mode != "fixed", '"fixed", as the last hidden nodes say what becomes of a memory',
         config.topology.mode, "topology.mode"),
    )  # fmt: skip
    for wrong, expected, found, where in faults:
        if wrong:
            raise InputError(expected, show(found), where, instead)
