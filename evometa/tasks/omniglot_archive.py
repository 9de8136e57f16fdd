"""Where Omniglot's images come from: the authors' archives, fetched with a checksum, or an npz file."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from io import BytesIO
from os.path import exists
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError, RunFailed
from evometa.system import cache
from evometa.tasks.archive import arrays

SIDE, DRAWINGS = 28, 20
REMEDY = "Give a file in tasks.path instead, or try again with a network connection."


@dataclass(frozen=True)
class Archive:
    """One of the authors' zip files: its address and its MD5 checksum."""

    url: str
    md5: str


SOURCE = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python"
ARCHIVES = (
    Archive(f"{SOURCE}/images_background.zip", "68d2efa1b9178cc56df9314c21c6e718"),
    Archive(f"{SOURCE}/images_evaluation.zip", "6b91aef0f799c5bb55b94e3f2daec811"),
)


@dataclass(frozen=True)
class Characters:
    """All characters: `x u8[C, D, 28, 28]`, ink bright; `keys` like images_background/Greek/character01."""

    x: NDArray[np.uint8]
    keys: tuple[str, ...]


def fetched(archives: tuple[Archive, ...] = ARCHIVES) -> Characters:
    """Return the characters of the authors' archives, fetched on first use and kept as one small npz file.

    Raises InputError (Pillow is missing) and RunFailed (no network, wrong checksum, unwritable folder).
    """
    folder = cache.preferred()
    kept = folder / f"omniglot{SIDE}-{'-'.join(archive.md5[:8] for archive in archives)}.npz"
    if kept.exists():
        return read(kept)
    try:
        characters = _converted([_fetch(archive, folder) for archive in archives])
        _keep(characters, kept)
    except OSError as error:
        raise RunFailed(
            f"Omniglot could not be kept in {folder}: {error}. Set EVOMETA_CACHE to a writable folder."
        ) from error
    return characters


def _fetch(archive: Archive, folder: Path) -> Path:
    """Return the archive's file in the cache, fetched and checked unless it is there."""
    import pooch
    from requests.exceptions import RequestException

    name = archive.url.rpartition("/")[2]
    try:
        return Path(pooch.retrieve(archive.url, f"md5:{archive.md5}", fname=name, path=folder))
    except RequestException as error:
        raise RunFailed(
            f"Omniglot could not be fetched from {archive.url}: {type(error).__name__}. {REMEDY}"
        ) from error
    except ValueError as error:  # pooch's word for a wrong checksum
        raise RunFailed(f"{archive.url} has not the known checksum (md5 {archive.md5}). {REMEDY}") from error


def _converted(paths: list[Path]) -> Characters:
    """Read every drawing of the archives (PNG, 105×105, ink dark) as 28×28 with ink bright (Lanczos)."""
    drawings: dict[str, list[NDArray[np.uint8]]] = {}
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if n.endswith(".png") and "__MACOSX" not in n):
                with archive.open(name) as file:
                    drawings.setdefault(name.rpartition("/")[0], []).append(_resized(file))
    return Characters(np.array(list(drawings.values()), dtype=np.uint8), tuple(drawings))


def _resized(file: IO[bytes]) -> NDArray[np.uint8]:
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise InputError(
            "Pillow, which reads Omniglot's original images",
            "no such package",
            "tasks of family omniglot",
            "Run `pip install pillow`, or give an npz file in tasks.path.",
        ) from error
    with Image.open(BytesIO(file.read())) as image:
        small = ImageOps.invert(image.convert("L")).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(small, dtype=np.uint8)


def _keep(characters: Characters, path: Path) -> None:
    """Write the npz beside its final name, then move it there: no reader ever meets half a file."""
    part = path.with_name(f"{path.stem}-{os.getpid()}.part.npz")
    np.savez_compressed(part, x=characters.x, keys=np.array(characters.keys))
    part.replace(path)


def read(path: Path) -> Characters:
    """Read characters from an npz file with `x` and `keys`; raises InputError for anything else."""
    where = f"{path} (tasks.path)"
    if not exists(path):
        raise InputError("an npz file", "no such file", where, "Leave tasks.path out to fetch Omniglot.")
    try:
        if not exists(path):
            raise FileNotFoundError(path)
        with arrays(path) as data:
            missing = [name for name in ("x", "keys") if name not in data]
            if missing:
                raise InputError("arrays x and keys", f"no array {missing[0]}", where)
            x, keys = data["x"], data["keys"]
    except InputError:
        raise
    except (OSError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError("an npz file with x and keys", f"{type(error).__name__}: {error}", where) from error
    if x.dtype != np.uint8 or x.ndim != 4 or x.shape[2:] != (SIDE, SIDE) or 0 in x.shape:
        raise InputError(f"x as uint8[characters, drawings, {SIDE}, {SIDE}]", f"{x.dtype}{list(x.shape)}", where)
    if keys.shape != x.shape[:1] or keys.dtype.kind != "U":
        raise InputError(f"keys as {len(x)} texts, one for each character", f"{keys.dtype}{list(keys.shape)}", where)
    bad = next((k for k in keys.tolist() if len(k.split("/")) != 3), None)
    if bad is not None:
        raise InputError("keys of the form images_background/ALPHABET/CHARACTER", bad, where)
    if len(set(keys.tolist())) < len(keys):
        raise InputError("each key once", "a key twice", where)
    return Characters(x, tuple(keys.tolist()))
