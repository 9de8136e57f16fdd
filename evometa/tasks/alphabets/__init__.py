"""Drawings of the characters of thirteen scripts, in the package: `drawing` made them, README.md says how."""

from __future__ import annotations

import bz2
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

SIDE = 28  # pixels
DRAWINGS = 20
GREYS = 15  # the brightest ink, in four bits
FILE = "drawings.bz2"

SPLITS: dict[str, tuple[str, ...]] = {
    "train": ("Canadian", "Arabic", "Latin", "Cyrillic", "Greek", "Old Italic"),
    "validation": ("Tifinagh", "Lisu"),
    "test": ("Georgian", "Armenian", "Hebrew", "Lao", "N'Ko"),
}
"""Which scripts each split has."""


@dataclass(frozen=True)
class Characters:
    """All characters C: `scripts` and `letters`, and 20 drawings of each, `x u8[C, 20, 28, 28]`, ink 15, paper 0.

    `forms i64[C]`: the first character that the fonts draw with the same outline, often the character itself.
    """

    scripts: tuple[str, ...]
    letters: tuple[str, ...]
    forms: NDArray[np.int64]
    x: U8

    @property
    def names(self) -> tuple[str, ...]:
        """What each is called, as a folder may be, too: its script and its code point."""
        return tuple(f"{s} {ord(letter):04X}" for s, letter in zip(self.scripts, self.letters, strict=True))


def packed(characters: Characters) -> bytes:
    """Return the content of FILE: a line of JSON, then two rows of pixels in each row of bytes; bz2.

    The line has the letters of each script as one text, and `forms`. A byte has the pixel of an even row in its upper
    four bits, that of the row below in its lower.
    """
    texts: dict[str, str] = {}
    for script, letter in zip(characters.scripts, characters.letters, strict=True):
        texts[script] = texts.get(script, "") + letter
    header = json.dumps({"scripts": texts, "forms": characters.forms.tolist()}, ensure_ascii=True)
    x = characters.x
    return bz2.compress(header.encode() + b"\n" + (x[..., ::2, :] << 4 | x[..., 1::2, :]).tobytes(), 9)


def unpacked(content: bytes) -> Characters:
    """Return the characters of what `packed` has written."""
    line, _, pixels = bz2.decompress(content).partition(b"\n")
    header: dict[str, Any] = json.loads(line)
    scripts = tuple(script for script, letters in header["scripts"].items() for _ in letters)
    pairs = np.frombuffer(pixels, np.uint8).reshape(len(scripts), DRAWINGS, SIDE // 2, 1, SIDE)
    x = np.concatenate([pairs >> 4, pairs & GREYS], axis=3).reshape(-1, DRAWINGS, SIDE, SIDE)
    x.flags.writeable = False
    letters = tuple("".join(header["scripts"].values()))
    return Characters(scripts, letters, np.array(header["forms"], np.int64), x)


@cache
def characters() -> Characters:
    """Return all characters, read from the package (in a quarter of a second)."""
    return unpacked((resources.files(__name__) / FILE).read_bytes())


def classes(characters: Characters) -> dict[str, dict[str, NDArray[np.int64]]]:
    """Return the characters (positions) of each class of each split, by the name of the first, in the order of names.

    A class is a form: characters that the fonts draw alike (A of Latin, Greek and Cyrillic) are one class, as nobody
    could tell them apart. A form is in one split: a form of the test in no other, one of the validation not in train.
    """
    found: dict[str, dict[str, NDArray[np.int64]]] = {}
    names, taken = characters.names, set[int]()
    for split in reversed(SPLITS):
        scripts = SPLITS[split]
        own = [c for c, script in enumerate(characters.scripts) if script in scripts]
        forms: dict[int, list[int]] = {}
        for c in own:
            if (form := int(characters.forms[c])) not in taken:
                forms.setdefault(form, []).append(c)
        ordered = sorted(forms.values(), key=lambda same: names[same[0]])
        found[split] = {names[same[0]]: np.array(same) for same in ordered}
        taken |= forms.keys()
    return {split: found[split] for split in SPLITS}
