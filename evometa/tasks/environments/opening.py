"""From a name to lanes: an id of Gymnasium, a class, a function; single environments, a vector, or a batch."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from evometa.errors import InputError
from evometa.seeding import stream
from evometa.system.functions import GIVEN, NAME, called, imported
from evometa.tasks.environments.protocol import Beat, Wrong
from evometa.tasks.environments.single import Singles
from evometa.tasks.environments.spec import EnvironmentSpec
from evometa.tasks.environments.vector import Vector

WHERE = "environment"
_COUNTS = ("lanes", "num_envs")  # arguments by which whoever makes a batch is told how many


def made(spec: EnvironmentSpec, lanes: Sequence[int], seed: int, generation: int, beat: Beat) -> Any:
    """Return an environment with so many lanes, by their numbers, from which `vary` takes what they differ in.

    Raises InputError, FunctionFailed for what the user's own code raises, and Wrong.
    """
    maker = maker_of(spec)
    counted = next((name for name in _COUNTS if name in _arguments(maker)), "")
    if counted or _is("vector", "VectorEnv", maker):
        if spec.vary:
            raise Wrong("single environments, where lanes are to vary", f"{spec.name}, which makes many at once")
        whole = called(spec.name, maker, "an environment", **spec.keywords, **{counted or "num_envs": len(lanes)})
        return as_batch(whole, len(lanes))
    keywords = varied(spec, lanes, seed, generation)
    beat(0)
    first = called(spec.name, maker, "an environment", **keywords[0])
    if not _is("", "Env", first):
        return as_batch(first, len(lanes))
    environments = [first]
    for lane in range(1, len(lanes)):
        beat(lane)
        environments.append(called(spec.name, maker, "an environment", **keywords[lane]))
    return Singles(environments, beat)


def as_batch(found: Any, lanes: int) -> Any:
    """Return a batch of lanes, or a vector environment as one. Raises Wrong for anything else."""
    if _is("vector", "VectorEnv", found):
        return Vector(found, lanes)
    missing = [name for name in ("inputs", "actions", "reset", "step") if not hasattr(found, name)]
    if missing:
        raise Wrong("a gymnasium.Env, a VectorEnv, or what has inputs, actions, reset and step",
                    f"{type(found).__name__} without {', '.join(missing)}")  # fmt: skip
    for name in ("inputs", "actions"):
        value = getattr(found, name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise Wrong(f"{name}, a whole number from 1 on", repr(value))
    return found


def maker_of(spec: EnvironmentSpec) -> Callable[..., Any]:
    """Return what makes an environment. Raises InputError."""
    name, folder = located(spec.name, spec.folder)
    if spec.name in GIVEN:
        raise InputError("a function that another process can import", spec.name, WHERE,
                         "Put it into a module of its own.")  # fmt: skip
    if re.fullmatch(NAME, name):
        return imported(name, folder, WHERE)
    gymnasium = _gymnasium()
    try:
        gymnasium.spec(spec.name)
    except Exception as error:
        raise InputError("module:function, or an id that Gymnasium knows", f"{spec.name!r} ({error})", WHERE) from error
    return partial(gymnasium.make, spec.name)


def located(name: str, folder: Path) -> tuple[str, Path]:
    """Return `mine.py:name` as `mine:name`, and the folder that it is imported from."""
    place, _, own = name.rpartition(":")
    if not place.endswith(".py"):
        return name, folder
    path = folder / place
    return f"{path.stem}:{own}", path.parent


def varied(spec: EnvironmentSpec, lanes: Sequence[int], seed: int, generation: int) -> list[dict[str, Any]]:
    """Return the keywords of every lane; lanes of one number have the same."""
    own: dict[int, dict[str, Any]] = {}
    vary = imported(*located(spec.vary, spec.folder), f"{WHERE}, vary") if spec.vary else None
    for lane in lanes if vary else ():
        if lane not in own:
            rng = stream(seed, generation, f"environments/vary/{lane}")
            given = called(spec.vary, vary, "keywords by name", rng) if vary else {}
            if not isinstance(given, dict) or not all(isinstance(name, str) for name in given):
                raise Wrong("keywords by name from vary", f"{given!r:.80}", lane)
            own[lane] = given
    return [{**spec.keywords, **own.get(lane, {})} for lane in lanes]


def _gymnasium() -> Any:
    try:
        import gymnasium
    except ImportError as error:
        raise InputError("Gymnasium, for environments by their ids", "none installed", WHERE,
                         "Install it: pip install 'evometa[gymnasium]'.") from error  # fmt: skip
    return gymnasium


def _is(module: str, name: str, found: Any) -> bool:
    """Tell whether an object or a class is of a class of Gymnasium's; where nobody imported that, nothing is."""
    own = getattr(sys.modules.get(f"gymnasium.{module}" if module else "gymnasium"), name, None)
    return own is not None and (isinstance(found, own) or (isinstance(found, type) and issubclass(found, own)))


def _arguments(maker: Callable[..., Any]) -> set[str]:
    try:
        return set(inspect.signature(maker).parameters)
    except (TypeError, ValueError):
        return set()
