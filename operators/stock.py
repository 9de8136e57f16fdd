"""DEAP's own functions, drawing from a given generator.

DEAP's modules look for `random` among their globals, and every thread of the process draws from that one. Here each
function of a module is made again from its code, with globals of its own in which `random` is another generator; the
functions of its module that it calls, or has as defaults, are those made again.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import lru_cache, wraps
from random import Random
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

GLOBAL = cast(Random, random)  # the generator that all of the process shares: DEAP's own choice


@lru_cache(maxsize=16)
def functions(module: ModuleType, rng: Random) -> SimpleNamespace:
    """Return the functions of a module, with `rng` where they look for `random`."""
    names: dict[str, Any] = {**vars(module), "random": rng}
    made = {
        item: FunctionType(item.__code__, names, name, item.__defaults__, item.__closure__)
        for name, item in vars(module).items()
        if isinstance(item, FunctionType) and item.__module__ == module.__name__
    }
    for item, new in made.items():
        if item.__defaults__:
            new.__defaults__ = tuple(_replaced(made, value) for value in item.__defaults__)
        names[new.__name__] = new
    return SimpleNamespace(**{new.__name__: new for new in made.values()})


def drawing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of DEAP's with one more argument, the generator `rng` (default: the global one).

    `toolbox.register("select", drawing(tools.selTournament), tournsize=3)`
    """

    @wraps(function)
    def draw(*arguments: Any, rng: Random = GLOBAL, **named: Any) -> Any:
        own = functions(sys.modules[function.__module__], rng)
        return getattr(own, function.__name__)(*arguments, **named)

    return draw


def places(rng: Random, n: int, count: int) -> NDArray[np.int64]:
    """Return what `rng.choice(range(n))` would, `count` times, i64[count], and leave the generator as that would.

    Python takes as many of a word's highest bits as n has, and another word where that is n or more. For n < 2^32;
    IndexError for none.
    """
    if n == 0:
        raise IndexError("nothing to choose from")
    found = np.zeros(0, np.int64)
    while len(found) < count:
        wanted = count - len(found)  # that many words at least are still to be drawn
        words = np.frombuffer(rng.getrandbits(32 * wanted).to_bytes(4 * wanted, "little"), "<u4")
        drawn = words >> np.uint32(32 - n.bit_length())
        found = np.append(found, drawn[drawn < n].astype(np.int64))
    return found


def _replaced(made: dict[FunctionType, FunctionType], value: Any) -> Any:
    return made.get(value, value) if isinstance(value, FunctionType) else value
