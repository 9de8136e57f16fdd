"""Draw the characters anew: `python -m evometa.tasks.alphabets.drawing [--check]`, with Matplotlib and Pillow.

Writes FILE; with `--check` nothing is written, and exit status 1 says that these versions of Matplotlib and Pillow draw
something else. Matplotlib only brings the fonts, DejaVu. Each drawing has a stream of its own, named by its character
and its number: characters that come or go change no other.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

from evometa.seeding import stream
from evometa.tasks.alphabets import DRAWINGS, FILE, GREYS, SIDE, SPLITS, U8, Characters, packed

FONTS = ("Sans", "Sans-Oblique", "Sans-Bold", "Serif", "Serif-Italic", "SansMono")
PREFIXES = {"Old Italic": "OLD ITALIC", "Canadian": "CANADIAN SYLLABICS", "N'Ko": "NKO"}  # of names in Unicode
VARIANTS = (" WITH ", "LIGATURE", "FORM", "SMALL CAPITAL")  # in names of letters that are left out
POINTS, CANVAS, MOST = 64, 112, 72  # size of the font, of the canvas, and of the largest glyph on it, in pixels
STROKES, SHARES = (-1, 0, 1), (0.25, 0.5, 0.25)  # pixels that ink loses or gains all round, and how often
ROTATION, SCALE, SHEAR, SHIFT = 0.22, 0.15, 0.2, 3.3  # deviations: radians, of log, of slope, pixels of the canvas


class Fonts:
    """The fonts of DejaVu that Matplotlib brings, and what each can draw."""

    def __init__(self) -> None:
        from matplotlib import get_data_path
        from matplotlib.ft2font import FT2Font
        from PIL import ImageFont

        folder = Path(get_data_path()) / "fonts/ttf"
        paths = [folder / f"DejaVu{name}.ttf" for name in FONTS]
        layout = ImageFont.Layout.BASIC  # no shaping: what it does depends on libraries of the machine
        self._fonts = [ImageFont.truetype(path, POINTS, layout_engine=layout) for path in paths]
        self._known = [frozenset(FT2Font(path).get_charmap()) for path in paths]

    def letters(self, script: str) -> list[str]:
        """Return the letters of a script that the first font has: no accents, ligatures or forms by position."""
        prefix = PREFIXES.get(script, script.upper()) + " "
        found = []
        for letter in map(chr, sorted(self._known[0])):
            name = unicodedata.name(letter, "")
            if unicodedata.category(letter) in ("Lo", "Ll", "Lu") and name.startswith(prefix):
                found += [] if any(variant in name for variant in VARIANTS) else [letter]
        return found

    def having(self, letter: str) -> list[Any]:
        """Return the fonts that have a letter."""
        return [font for font, known in zip(self._fonts, self._known, strict=True) if ord(letter) in known]

    def outline(self, letter: str) -> tuple[Any, ...]:
        """Return what a letter looks like in the first font, wherever it stands on its line."""
        mask = self._fonts[0].getmask(letter, mode="L")
        return (*mask.size, bytes(mask))


def drawing(letter: str, number: int, fonts: Fonts) -> U8:
    """Draw a letter, u8[28, 28], ink 15: a font, a thickness, and a random affine distortion about its middle."""
    from PIL import Image, ImageDraw, ImageFilter

    rng = stream(0, number, f"alphabets {ord(letter):04X}")
    having = fonts.having(letter)
    font = having[int(rng.integers(len(having)))]
    stroke = int(rng.choice(STROKES, p=SHARES))
    noise = rng.standard_normal(6)
    image = Image.new("L", (CANVAS, CANVAS), 0)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = draw.textbbox((0, 0), letter, font=font)
    middle = CANVAS / 2
    draw.text((middle - (left + right) / 2, middle - (top + bottom) / 2), letter, font=font, fill=255)
    if stroke:
        image = image.filter((ImageFilter.MaxFilter if stroke > 0 else ImageFilter.MinFilter)(3))
    back = _inverse(noise, min(1.0, MOST / max(right - left, bottom - top)))
    start = middle - back @ (middle + SHIFT * noise[4:])
    terms = (back[0, 0], back[0, 1], start[0], back[1, 0], back[1, 1], start[1])
    image = image.transform((CANVAS, CANVAS), Image.Transform.AFFINE, terms, Image.Resampling.BILINEAR)
    block = CANVAS // SIDE
    sums = np.asarray(image, np.int64).reshape(SIDE, block, SIDE, block).sum(axis=(1, 3))
    whole = 255 * block * block
    return ((GREYS * sums + whole // 2) // whole).astype(np.uint8)


def _inverse(noise: Any, size: float) -> Any:
    """Return the matrix f64[2, 2] from the distorted drawing back to the glyph."""
    cosine, sine = np.cos(ROTATION * noise[0]), np.sin(ROTATION * noise[0])
    turned = np.array([[cosine, -sine], [sine, cosine]])
    sheared = np.array([[1.0, SHEAR * noise[3]], [0.0, 1.0]])
    return np.linalg.inv(turned @ sheared @ np.diag(size * np.exp(SCALE * noise[1:3])))


def drawn() -> Characters:
    """Draw all characters."""
    fonts = Fonts()
    pairs = [(script, letter) for scripts in SPLITS.values() for script in scripts for letter in fonts.letters(script)]
    first: dict[tuple[Any, ...], int] = {}
    forms = np.array([first.setdefault(fonts.outline(letter), c) for c, (_, letter) in enumerate(pairs)], np.int64)
    x = np.array([[drawing(letter, number, fonts) for number in range(DRAWINGS)] for _, letter in pairs])
    return Characters(tuple(script for script, _ in pairs), tuple(letter for _, letter in pairs), forms, x)


def main() -> int:
    """Write the file where it holds something else, or say so (`--check`)."""
    path, content = Path(__file__).with_name(FILE), packed(drawn())
    if path.exists() and path.read_bytes() == content:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{path} differs")
        return 1
    path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
