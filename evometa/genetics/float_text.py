"""Numbers as text: base64 of little-endian float32, exact and the same on every machine."""

from __future__ import annotations

import binascii

import numpy as np

from evometa.spec.arrays import F32

_STORED = np.dtype("<f4")


def encode(values: F32) -> str:
    """Return the text of numbers, whatever their shape."""
    return binascii.b2a_base64(values.astype(_STORED, copy=False).tobytes(), newline=False).decode()


def decode(text: str) -> F32:
    """Return the numbers of a text in one row. Raises ValueError (`binascii.Error`) where it is none."""
    return np.frombuffer(binascii.a2b_base64(text, strict_mode=True), _STORED).astype(np.float32)
