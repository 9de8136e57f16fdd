"""The symmetries of square images."""

from __future__ import annotations

import numpy as np

from evometa.tasks.symmetries import COUNTS, places, turned


def test_the_eight_symmetries_of_a_square() -> None:
    image = np.arange(18).reshape(3, 3, 2)
    found = {image.ravel()[place].tobytes() for place in places(3, 2)}
    by_hand = {
        np.ascontiguousarray(one).tobytes()
        for turn in range(4)
        for one in (np.rot90(image, turn), np.rot90(image, turn).transpose(1, 0, 2))
    }
    assert len(found) == 8
    assert found == by_hand
    assert (places(3, 2)[0] == np.arange(18)).all()
    turns = {np.rot90(image, turn).tobytes() for turn in range(4)}
    assert {image.ravel()[place].tobytes() for place in places(3, 2)[: COUNTS["turns"]]} == turns


def test_images_are_turned_each_by_its_own() -> None:
    images = np.random.default_rng(0).random((16, 12), np.float32)
    before, symmetries = images.copy(), np.arange(16) % 8
    found = turned(images, symmetries, places(2, 3))
    assert all((found[i] == images[i][places(2, 3)[i % 8]]).all() for i in range(16))
    assert (images == before).all()
