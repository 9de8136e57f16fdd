"""Tasks from a Python function of the user's own, checked at every call."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os.path import isdir
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from evometa.config.tasks import FamilySettings, FilePath
from evometa.errors import EvometaError, InputError, RunFailed
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.system.functions import NAME, imported, statements
from evometa.tasks.content import Content, digest
from evometa.tasks.family import SPLITS, Family

NAMES = ("support_x", "support_y", "query_x", "query_y")
PROBE = 2
SAMPLE = 16  # tasks of each split by which a run knows the function again


class FunctionTasks(FamilySettings):
    """Tasks from a Python function of your own: f(split, count, rng) returns support and query arrays."""

    family: Literal["function"] = "function"
    function: str = Field(
        pattern=NAME,
        description="module:function, called as f(split, count, rng); returns support_x[count, S, I], "
        "support_y[count, S] or [count, S, O], query_x, query_y",
    )
    kind: Kind = Field(  # type: ignore[misc]  # a key here, and a constant elsewhere
        "regression", description="targets are numbers, or classes (one-hot, 0/1, or 0 to classes - 1)"
    )
    classes: int | None = Field(
        None, ge=2, le=100_000, description="number of classes when targets are whole numbers 0, 1, 2, …"
    )
    path: FilePath | None = Field(
        None, description="folder that the module is imported from; left out: the recipe's own"
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Function:
        return Function(self, seed, base)


class Function(Family):
    """Tasks of `f(split, count, rng)`: support_x[count, S, I], support_y[count, S(, O)], query_x, query_y.

    At opening it is called for two tasks of each split, and once more for train: the shapes become the
    family's, and the same generator must give the same tasks. What is wrong is an InputError then, and a
    RunFailed later.
    """

    def __init__(self, settings: FunctionTasks, seed: int, base: Path) -> None:
        folder = base / settings.path if settings.path is not None else base
        self._settings, self._opening = settings, True
        self._warned: set[tuple[object, ...]] = set()
        if not isdir(folder):
            raise InputError("a folder to import from", f"no folder {folder}", "tasks.path")
        self._call = imported(settings.function, folder, "tasks.function", "; tasks.path names another folder")
        self._shapes: dict[str, list[tuple[int, ...]]] = {}
        probes = {split: self._ask(split, PROBE, stream(seed, 0, "tasks/function/probe")) for split in SPLITS}
        again = self._ask("train", PROBE, stream(seed, 0, "tasks/function/probe"))
        if any(a.tobytes() != b.tobytes() for a, b in zip(probes["train"], again, strict=True)):
            raise self._wrong("train", "the same tasks from the same rng", "other tasks", "Draw from rng alone.")
        self._shapes = {split: [a.shape[:2] for a in arrays] for split, arrays in probes.items()}
        support, target, query, _ = self._shapes["train"]
        for split, shapes in self._shapes.items():
            if shapes[:2] != [support, target] or shapes[2][1] != query[1]:
                raise self._wrong(split, f"S, I and O as for train {[support, target]}", f"{shapes[:2]}")
        self._opening = False
        super().__init__(
            name="function",
            kind=settings.kind,
            inputs=support[1],
            outputs=target[1],
            support=support[0],
            queries={split: shapes[2][0] for split, shapes in self._shapes.items()},
            splits={split: f"what {settings.function} gives for {split}" for split in SPLITS},
        )

    def content(self) -> Content:
        parts: Content = {}
        if (text := statements(self._call)) is not None:
            parts["the function's text"] = digest(np.array(text))
        for split in self.splits:
            tasks = self._ask(split, SAMPLE, stream(0, 0, "tasks/function/content"))
            parts[f"what it returns for split {split}"] = digest(*tasks)
        return parts

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        return Tasks(*self._ask(split, count, rng))

    def _ask(self, split: str, count: int, rng: np.random.Generator) -> list[F32]:
        """Call the function and return its checked arrays with lanes last, in the order of NAMES."""
        try:
            with self._warning_once():
                returned = self._call(split, count, rng)
        except (Exception, SystemExit) as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            found = f"{type(error).__name__}: {error} ({frame.filename}, line {frame.lineno})"
            raise self._wrong(split, "four arrays", found) from error
        if not isinstance(returned, tuple | list) or len(returned) != len(NAMES):
            found = f"{len(returned)} values" if isinstance(returned, tuple | list) else type(returned).__name__
            raise self._wrong(split, f"four arrays ({', '.join(NAMES)})", found)
        arrays = [self._numbers(split, name, value) for name, value in zip(NAMES, returned, strict=True)]
        lanes_last = [np.ascontiguousarray(a.transpose(1, 2, 0)) for a in self._checked(split, count, arrays)]
        shapes = [a.shape[:2] for a in lanes_last]
        if split in self._shapes and shapes != self._shapes[split]:
            raise self._wrong(split, f"shapes as at opening, {self._shapes[split]}", f"{shapes}")
        return lanes_last

    @contextmanager
    def _warning_once(self) -> Iterator[None]:
        """Let each warning through once for this family, however often the function is called."""
        with warnings.catch_warnings(record=True) as caught:
            yield
        for one in caught:
            key = (one.category, str(one.message), one.filename, one.lineno)
            if key not in self._warned:
                self._warned.add(key)
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)

    def _checked(self, split: str, count: int, arrays: list[F32]) -> list[F32]:
        """Check the arrays against each other and give targets their third axis."""
        sx, sy, qx, qy = arrays
        for name, array in (("support_x", sx), ("query_x", qx)):
            if array.ndim != 3 or array.shape[0] != count or 0 in array.shape:
                raise self._wrong(split, f"{name}[{count}, examples, inputs]", f"{name}{list(array.shape)}")
        if qx.shape[2] != sx.shape[2]:
            raise self._wrong(split, f"query_x with {sx.shape[2]} inputs, as support_x", f"query_x{list(qx.shape)}")
        sy, qy = self._targets(split, "support_y", sy, sx), self._targets(split, "query_y", qy, qx)
        if sy.shape[2] != qy.shape[2]:
            raise self._wrong(split, f"query_y with {sy.shape[2]} outputs, as support_y", f"query_y{list(qy.shape)}")
        return [sx, sy, qx, qy]

    def _numbers(self, split: str, name: str, value: Any) -> F32:
        """Return an array of finite float32."""
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise self._wrong(split, f"{name} as an array", str(error)) from error
        if array.dtype.kind not in "biuf":
            raise self._wrong(split, f"{name} of numbers", f"values of type {array.dtype}")
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            place = ", ".join(map(str, bad[0]))
            raise self._wrong(
                split, f"finite numbers in {name}", f"{array[tuple(bad[0])]} at [{place}] ({len(bad)} such)"
            )
        return array

    def _targets(self, split: str, name: str, y: F32, x: F32) -> F32:
        """Return targets f32[count, S, O]; whole numbers become one-hot when `classes` is given."""
        classes = self._settings.classes if self._settings.kind == "classification" else None
        if y.ndim not in (2, 3) or y.shape[:2] != x.shape[:2] or 0 in y.shape:
            raise self._wrong(split, f"{name}{list(x.shape[:2])}, perhaps with outputs", f"{name}{list(y.shape)}")
        if classes is not None and y.ndim == 2:
            if not np.isin(y, np.arange(classes)).all():
                raise self._wrong(
                    split, f"whole numbers from 0 to {classes - 1} in {name}", f"{np.unique(y)[:8].tolist()}"
                )
            return np.eye(classes, dtype=np.float32)[y.astype(np.int64)]
        y = y if y.ndim == 3 else y[:, :, None]
        if self._settings.kind == "classification":
            whole = np.isin(y, (0, 1)).all()
            if not whole or (y.shape[2] > 1 and not (y.sum(axis=2) == 1).all()):
                remedy = "" if y.shape[2] > 1 else "Give tasks.classes if these are class numbers."
                found = f"{np.unique(y)[:8].tolist()}" if not whole else "a row without just one 1"
                raise self._wrong(split, f"0 and 1 in {name}, one-hot if there are several outputs", found, remedy)
        return y

    def _wrong(self, split: str, expected: str, found: str, remedy: str = "") -> EvometaError:
        """Make the error that says what the function should have done for a split and what it did."""
        where = f"{self._settings.function} for {split}"
        if self._opening:
            return InputError(expected, found, where, remedy)
        return RunFailed(f"{where}: expected {expected}; found {found}. {remedy}".rstrip())
