"""Made-up characters in the form of Omniglot's file."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def characters(count: int, alphabets: int, part: str) -> dict[str, np.ndarray]:
    """Made-up characters: key to u8[20, 28, 28], each numbered in two corner pixels."""
    made = {}
    for c in range(count):
        x = np.zeros((20, 28, 28), np.uint8)
        x[:, 0, 0], x[:, 0, 1], x[:, 27, 27] = c, np.arange(20), 255 if part == "images_background" else 128
        made[f"{part}/Alphabet{c * alphabets // count}/character{c:02d}"] = x
    return made


def omniglot_file(folder: Path) -> Path:
    """Write a small file in the known form: 40 characters to learn from, 20 for the test."""
    made = characters(40, 8, "images_background") | characters(20, 4, "images_evaluation")
    np.savez(folder / "small.npz", x=np.array(list(made.values())), keys=np.array(list(made)))
    return folder / "small.npz"
