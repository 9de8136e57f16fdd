"""Functions of the user's own: named `module:function`, imported from a folder, known again by their text."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from os.path import exists, samefile
from pathlib import Path
from typing import Any, cast

from evometa.errors import FunctionFailed, InputError

NAME = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$"

GIVEN: dict[str, Callable[..., Any]] = {}
"""Those that no other process could import (of a notebook, a function's own, a lambda), by the names they got here."""


def name_of(function: Callable[..., Any]) -> str:
    """Return the name of a function, which is kept in GIVEN where another process could not import it by that."""
    module = getattr(function, "__module__", None) or "__main__"
    own = getattr(function, "__qualname__", None) or type(function).__name__
    name = f"{module}:{re.sub(r'<locals>[.]|[<>]', '', own)}"
    try:
        importable = module != "__main__" and reduce(getattr, own.split("."), sys.modules[module]) is function
    except (AttributeError, KeyError):
        importable = False
    if not importable:
        GIVEN[name] = function
    return name


def statements(function: Callable[..., Any]) -> list[str] | None:
    """Return the lines of a function's text that are not empty and no comments; None where it has no text in Python."""
    try:
        lines = inspect.getsource(inspect.unwrap(function)).splitlines()
    except (OSError, TypeError):  # written in a console, or not in Python
        return None
    return [line.rstrip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def lies_in(folder: Path, name: str) -> bool:
    """Tell whether a folder has the module of `module:function`, or the package that it is of."""
    package = name.partition(":")[0].partition(".")[0]
    return exists(folder / f"{package}.py") or exists(folder / package)


def imported(name: str, folder: Path, where: str, elsewhere: str = "") -> Callable[..., Any]:
    """Import `module:function` from a folder or the environment. Raises InputError.

    `where`: the key that names it; `elsewhere`: what could be said of another folder.
    """
    found = imported_object(name, folder, where, elsewhere)
    if not callable(found):
        raise InputError("a function", f"{type(found).__name__}", f"{where} = {name}")
    return cast(Callable[..., Any], found)


def imported_object(name: str, folder: Path, where: str, elsewhere: str = "", what: str = "a function") -> Any:
    """Import whatever `module:name` is; as `imported`. `what` it should be."""
    if name in GIVEN:
        return GIVEN[name]
    module_name, _, attribute = name.partition(":")
    if module_name == "__main__":
        raise InputError(
            f"{what} that can be imported", f"{attribute} of a script or notebook that is not this one",
            where, "Put it into a module of its own, and name that when a run is begun.",
        )  # fmt: skip
    with _importing_from(folder):
        _forget_namesake(module_name.partition(".")[0], folder)
        try:
            found: Any = importlib.import_module(module_name)
        except (Exception, SystemExit) as error:
            raise InputError(
                f"a module {module_name} that can be imported", f"{type(error).__name__}: {error}", where,
                f"It was looked for in {folder} and in the environment{elsewhere}.",
            ) from error  # fmt: skip
    for part in attribute.split("."):
        if not hasattr(found, part):
            known = ", ".join(sorted(n for n in vars(found) if not n.startswith("_"))[:12])
            raise InputError(
                f"{what} {attribute} in {module_name}", f"only {known or 'nothing'}", where,
                "A function within a function, or a lambda, serves only the process that it was given in.",
            )  # fmt: skip
        found = getattr(found, part)
    return found


def called(name: str, function: Callable[..., Any], expected: str, *arguments: Any, **named: Any) -> Any:
    """Return what a function gives; whatever it raises is a FunctionFailed that says where, and what was `expected`."""
    try:
        return function(*arguments, **named)
    except (Exception, SystemExit) as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        found = f"{type(error).__name__}: {error} ({frame.filename}, line {frame.lineno})"
        raise FunctionFailed(name, expected, found) from error


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Put a folder first on `sys.path`, and take it away again."""
    entry = str(folder.resolve())
    sys.path.insert(0, entry)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with suppress(ValueError):
            sys.path.remove(entry)


def _forget_namesake(package: str, folder: Path) -> None:
    """Forget a module that was imported from another folder, where this one has its own by that name."""
    here = [folder / f"{package}.py", folder / package / "__init__.py"]
    origin = getattr(sys.modules.get(package), "__file__", None)
    if origin is None or package in sys.stdlib_module_names or not any(place.is_file() for place in here):
        return
    if not (exists(origin) and any(place.exists() and samefile(place, origin) for place in here)):
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]
