"""Images made smaller: means over areas, exactly."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.tasks.pixels import stretched


@settings(max_examples=40)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_each_area_has_the_mean_of_what_lies_in_it(h: int, w: int, channels: int, size: int, seed: int) -> None:
    x = np.random.default_rng(seed).integers(0, 256, (h, w, channels), dtype=np.uint8)
    fine = x.astype(np.int64).repeat(size, axis=0).repeat(size, axis=1)  # areas end between pixels here
    sums = fine.reshape(size, h, size, w, channels).sum(axis=(1, 3))
    assert (stretched(x, size) == (sums.ravel() / (255.0 * h * w)).astype(np.float32)).all()


def test_an_image_of_that_size_stays_as_it_is() -> None:
    x = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert (stretched(x, 4) == (x.ravel() / 255.0).astype(np.float32)).all()
