"""Functions of tasks that a Python caller gives as they are: a configuration holds their names alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

GIVEN: dict[str, Callable[..., Any]] = {}
"""Those that no other process could import (of a notebook, a function's own, a lambda), by the names they got here."""


def with_names(recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a recipe with the names of functions, module:function, in place of those in its sets of tasks."""
    tasks = recipe.get("tasks")
    if isinstance(tasks, (list, tuple)):
        return {**recipe, "tasks": [_with_name(table) for table in tasks]}
    return {**recipe, "tasks": _with_name(tasks)} if "tasks" in recipe else recipe


def _with_name(table: Any) -> Any:
    function = table.get("function") if isinstance(table, Mapping) else None
    return {"family": "function", **table, "function": _name(function)} if callable(function) else table


def _name(function: Callable[..., Any]) -> str:
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
