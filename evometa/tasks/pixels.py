"""Images as inputs of networks: made smaller by means over areas, summed in whole numbers: everywhere the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32


def shrunk(x: NDArray[np.uint8], size: int, brightest: int) -> F32:
    """Average blocks of pixels: u8[C, D, H, H] to f32[C · D, size²], 0 to 1 (whole numbers sum exactly)."""
    block = x.shape[-1] // size
    sums = sum(x[..., i::block, j::block].astype(np.uint16) for i in range(block) for j in range(block))
    return (np.asarray(sums).reshape(-1, size * size) / (float(brightest) * block * block)).astype(np.float32)


def stretched(x: NDArray[np.uint8], size: int) -> F32:
    """Average areas of one image of any shape: u8[H, W, C] to f32[size · size · C], 0 to 1.

    Each of size × size equal areas has the mean of what lies in it, pixels at its edge by the share that does.
    """
    height, width, _ = x.shape
    sums = _areas(_areas(x.astype(np.int64), size, 0), size, 1)
    return (sums.ravel() / (255.0 * height * width)).astype(np.float32)


def _areas(x: NDArray[np.int64], size: int, axis: int) -> NDArray[np.int64]:
    """Cut an axis of n pixels into `size` equal parts, and sum each up, a pixel counted `size` times."""
    shape = [(0, 0)] * x.ndim
    shape[axis] = (0, 1)
    open_ended: NDArray[Any] = np.pad(x, shape)
    whole, part = np.divmod(np.arange(size + 1) * x.shape[axis], size)
    part = part.reshape([-1 if a == axis else 1 for a in range(x.ndim)])
    before = np.cumsum(open_ended, axis=axis) - open_ended  # of what lies before each pixel
    found: NDArray[np.int64] = np.diff(before.take(whole, axis) * size + open_ended.take(whole, axis) * part, axis=axis)
    return found
