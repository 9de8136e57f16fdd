"""Numbers that become float32: finite there, with room for sums and products, and no denormals."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from evometa.errors import InputError

TINY, HUGE = 1e-30, 1e30
"""Smallest and largest size of a number other than 0; float32 reaches from 1.2e-38 (normal) to 3.4e38."""


def in_float32(value: float) -> float:
    """Return the number; InputError for one that float32 has no room for, or would hold with few digits."""
    if value and not TINY <= abs(value) <= HUGE:
        raise InputError(f"0, or a number from {TINY:g} to {HUGE:g} in size", f"{value:g}", "", "Lives are in float32.")
    return value + 0.0  # −0 is 0: a range from 0 to −0 is no range for NumPy


Real = Annotated[float, AfterValidator(in_float32)]
Reals = Real | tuple[Real, ...]
"""One number for all, or one for each."""
Scale = Annotated[Real, Field(gt=0)]
"""A number that others are multiplied with, or divided by."""
Single = Annotated[float, Field(ge=-3.4028234663852886e38, le=3.4028234663852886e38)]
"""Any finite float32."""


def check_range(section: str, low: float, high: float, scale: str = "linear") -> None:
    """Refuse an empty range, and a logarithmic one that reaches zero, with InputError."""
    if low > high:
        raise InputError(
            f"a number of at most {section}.high ({high:g})",
            f"{low:g}",
            f"{section}.low",
            f"Lower it, or raise {section}.high.",
        )
    if scale == "log" and low <= 0:
        raise InputError(
            "a number above 0 on a logarithmic scale",
            f"{low:g}",
            f"{section}.low",
            f'Raise it, or set {section}.scale = "linear".',
        )
