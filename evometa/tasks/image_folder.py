"""Images of a user's folder with a folder for each class, whatever their sizes and modes; read with Pillow."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from os.path import exists, isdir
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.lifetime import F32
from evometa.system import machine
from evometa.system.disk import opened
from evometa.tasks.episodes import I64
from evometa.tasks.pixels import stretched

if TYPE_CHECKING:
    from PIL.Image import Image

WHERE = "tasks.path"
KINDS = (".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
LAYOUT = "a folder with one folder of images for each class"


@dataclass(frozen=True)
class Images:
    """Rows of each class by its name, in the order of names and of files, and all images `x f32[R, I]`, 0 to 1."""

    members: dict[str, I64]
    x: F32
    notes: tuple[str, ...]


@dataclass
class _Seen:
    """What was met while reading: images by mode, and those that are no squares."""

    grey: int = 0
    colour: int = 0
    oblong: int = 0


def read_folder(path: Path, size: int, colour: bool, parts: tuple[str, ...] = ()) -> Images:
    """Read all images, each stretched to `size` × `size`; `parts`: folders in which those of the classes lie.

    Classes are named by their folders, with that of the part before ("train/cat"). Hidden folders and files that are no
    images by their names are left out. Raises InputError for a folder of another layout, a class without images, an
    image that cannot be read, and for more of them than fit into memory.
    """
    try:
        files = _files(path, parts)
    except OSError as error:
        raise InputError(f"{LAYOUT}, that can be read", str(error), f"{path} ({WHERE})") from None
    count, channels = sum(map(len, files.values())), 3 if colour else 1
    need, limit = 4 * count * size * size * channels, machine.memory()
    if need > limit:
        expected, found = f"images that fit into {_gib(limit)} of memory", f"{_gib(need)} for {count:,} of them"
        raise InputError(expected, found, f"{path} ({WHERE})", "Lower tasks.size.")
    x, seen, row = np.empty((count, size * size * channels), np.float32), _Seen(), 0
    members = {}
    for name, own in files.items():
        members[name] = np.arange(row, row + len(own))
        for file in own:
            x[row] = stretched(_pixels(file, colour, seen), size)
            row += 1
    return Images(members, x, tuple(_notes(seen, count, colour)))


def _files(path: Path, parts: tuple[str, ...]) -> dict[str, list[Path]]:
    """Return the files of each class, in order."""
    if not isdir(path):
        found = "a file" if exists(path) else "no such folder"
        raise InputError(LAYOUT, found, f"{path} ({WHERE})")
    classes: dict[str, Path] = {}
    for part in parts or ("",):
        folder = path / part
        if not isdir(folder):
            expected = f"folders {', '.join(parts)} in it, as tasks.divide says"
            raise InputError(expected, f"no folder {part}", f"{path} ({WHERE})", 'Set tasks.divide = "classes".')
        classes |= {f"{part}/{one.name}" if part else one.name: one for one in _folders(folder)}
    if not classes:
        loose = sum(1 for one in path.iterdir() if one.suffix.lower() in KINDS)
        raise InputError(LAYOUT, f"no folder, {loose} images beside" if loose else "an empty one", f"{path} ({WHERE})")
    files = {name: list(_images(folder)) for name, folder in classes.items()}
    empty = next((name for name, own in files.items() if not own), None)
    if empty is not None:
        expected = f"images in the folder of each class ({' '.join(KINDS)})"
        raise InputError(expected, "none", str(classes[empty]), "Add some, or remove the folder.")
    return files


def _folders(path: Path) -> list[Path]:
    return sorted((one for one in path.iterdir() if one.is_dir() and one.name[0] != "."), key=lambda one: one.name)


def _images(folder: Path) -> Iterator[Path]:
    """Yield the images of a class, those of folders within it too."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        chosen = sorted(name for name in names if Path(name).suffix.lower() in KINDS and name[0] != ".")
        yield from (Path(place) / name for name in chosen)


def _pixels(path: Path, colour: bool, seen: _Seen) -> NDArray[np.uint8]:
    """Return an image as people see it, u8[H, W, C]: turned as its camera says, what is transparent white."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        remedy = "Run `pip install pillow`."
        raise InputError("Pillow, which reads images", "no such package", "tasks of family images", remedy) from error
    with opened(path, "an image") as file, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(file) as image:
                upright = ImageOps.exif_transpose(image)
                mode = upright.mode
                flat = _opaque(upright, path)
                found = np.asarray(flat.convert("RGB" if colour else "L"), np.uint8)
        except InputError:
            raise
        except Exception as error:  # each format's reader raises what it likes
            other = isinstance(error, UnidentifiedImageError)
            words = "something else" if other else f"{type(error).__name__}: {error}"
            raise InputError("an image that can be read", words, str(path)) from error
    grey = mode in ("1", "L", "LA") or mode.startswith("I")
    seen.grey, seen.colour = seen.grey + grey, seen.colour + (not grey)
    seen.oblong += found.shape[0] != found.shape[1]
    return found.reshape(*found.shape[:2], -1)


def _opaque(image: Image, path: Path) -> Image:
    """Return an image of eight bits a channel without transparency, laid on white."""
    from PIL import Image

    if image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > 65535:
            raise InputError("an image of 8 or 16 bits a channel", f"mode {image.mode}", str(path))
        return Image.fromarray(((values.astype(np.int64) + 128) // 257).astype(np.uint8))
    if image.has_transparency_data:
        solid = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", solid.size, "white"), solid)
    return image


def _notes(seen: _Seen, count: int, colour: bool) -> Iterator[str]:
    """Say what people should know of how their images were read."""
    if seen.oblong:
        yield f"{seen.oblong} of {count} images are no squares: they are stretched to one"
    if seen.grey and seen.colour:
        read = "in colour" if colour else "as grey"
        yield f"{seen.grey} of {count} images are grey and the others have colours: all are read {read}"


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"
