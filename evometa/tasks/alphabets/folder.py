"""Write the characters as a folder of images: `python -m evometa.tasks.alphabets.folder FOLDER`, 28×28, ink white.

FOLDER/SPLIT/CLASS/NUMBER.png: the layout of the family `images` with `divide = "folders"`, which draws the same
episodes from it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from evometa.tasks.alphabets import GREYS, Characters, characters, classes


def write(folder: Path, found: Characters) -> int:
    """Write a file for each drawing, and return how many there are."""
    from PIL import Image

    count = 0
    for split, forms in classes(found).items():
        for name, same in forms.items():
            place = folder / split / name
            place.mkdir(parents=True)
            for number, ink in enumerate(found.x[same].reshape(-1, *found.x.shape[2:])):
                Image.fromarray(ink * (255 // GREYS)).save(place / f"{number:03}.png")
                count += 1
    return count


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m evometa.tasks.alphabets.folder FOLDER")
    print(f"{write(Path(sys.argv[1]), characters()):,} drawings")
