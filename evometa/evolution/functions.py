"""Functions of the user's own that a recipe names in place of objectives, operators and selections.

They are looked for where the tasks' own are, and known again by their text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.objectives import objectives_of, try_objective
from evometa.system.functions import imported, lies_in, statements
from evometa.tasks.content import digest
from evometa.tasks.location import EDITED, Places

Functions = Mapping[str, Callable[..., Any]]
NONE: Functions = MappingProxyType({})


def named(config: Config) -> dict[str, str]:
    """Return the functions that a recipe names, `module:function`, each with the key that names it."""
    keys = dict.fromkeys(config.fitness.objectives, "fitness.objectives")
    keys |= dict.fromkeys(config.variation.own, "variation.own")
    keys |= {str(getattr(config.evolution, key)): f"evolution.{key}" for key in ("parents", "survivors")}
    return {name: key for name, key in keys.items() if ":" in name}


def open_functions(config: Config, places: Places) -> Functions:
    """Import the functions that a recipe names, and try its objectives.

    Raises InputError where one is missing, is not what the run began with, or does not do what it should.
    """
    functions = {name: _open(name, key, places) for name, key in named(config).items()}
    for row in objectives_of(config.fitness.objectives, functions):
        if row.name in functions:
            try_objective(row, checkpoints=1 if config.evolution.inheritance == "darwin" else 3)
    return functions


def texts(functions: Functions) -> dict[str, str]:
    """Return what a run should know its functions by: a digest of each one's text, empty where it has none."""
    found = {name: statements(function) for name, function in functions.items()}
    return {name: "" if text is None else digest(np.array(text)) for name, text in found.items()}


def _open(name: str, key: str, places: Places) -> Callable[..., Any]:
    """Import a function from the first place where its text is the one that is known."""
    folders = list(dict.fromkeys(folder.absolute() for folder in places.folders()))
    passed: dict[Path, str] = {}
    for folder in [folder for folder in folders if lies_in(folder, name)] or folders[:1]:
        function = imported(name, folder, key)
        if places.functions.get(name) in (None, texts({name: function})[name]):
            return function
        passed[folder] = f"another text in {folder}"
    raise InputError(f"the function {name} that this run began with", "; ".join(passed.values()), key, EDITED)
