"""Images as inputs of networks: made smaller by block means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32


def shrunk(x: NDArray[np.uint8], size: int, brightest: int) -> F32:
    """Average blocks of pixels: u8[C, D, H, H] to f32[C · D, size²], 0 to 1 (whole numbers sum exactly)."""
    block = x.shape[-1] // size
    sums = sum(x[..., i::block, j::block].astype(np.uint16) for i in range(block) for j in range(block))
    return (np.asarray(sums).reshape(-1, size * size) / (float(brightest) * block * block)).astype(np.float32)
