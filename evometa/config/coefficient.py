"""Numbers of a section that may be coefficients, which evolve and are tuned, by their names: "c0", "c1", …"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from evometa.config.section import Section, show
from evometa.errors import InputError

NAME = "^c[0-7]$"
CoefficientName = Annotated[str, Field(pattern=NAME)]


def check_coefficients(section: Section, count: int, where: str) -> None:
    """Refuse, with InputError, names of coefficients in a section that there are not; `where`: its keys begin so."""
    there = f"c0 to c{count - 1}" if count > 1 else "c0" if count else "no coefficients"
    for key, value in section:
        if isinstance(value, str) and re.match(NAME, value) and int(value[1:]) >= count:
            raise InputError(
                f"a number, or a coefficient that there is ({there})", show(value), f"{where}.{key}",
                f"Raise coefficients.count to {int(value[1:]) + 1}.",
            )  # fmt: skip
