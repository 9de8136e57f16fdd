"""The record of a run: its settings as a recipe, the versions, and commands that give the same run again.

Folders of the machine that the run was made on are left out: a report is there to be given away.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import tomlkit

from evometa.config.load import load, restore
from evometa.config.recipes import recipes
from evometa.config.template import toml
from evometa.errors import InputError
from evometa.store.records import Json

if TYPE_CHECKING:
    from evometa.presentation.run import Run


def settings_toml(config: Json) -> str:
    """Return a resolved configuration as TOML: a recipe that gives the same run."""
    return tomlkit.dumps(_known(shared(config)))


def shared(config: Json) -> Json:
    """Return a configuration with the names of files, but not of the folders that they were in."""
    told = dict(config)
    tasks = told.get("tasks")
    if isinstance(tasks, (list, tuple)):
        told["tasks"] = [_without_folders(one) for one in tasks]
    return told


def _without_folders(tasks: Any) -> Any:
    if not isinstance(tasks, Mapping):
        return tasks
    path = tasks.get("path")
    if not isinstance(path, str) or not path:
        return dict(tasks)
    name = "." if tasks.get("family") == "function" else PurePath(path.replace("\\", "/")).name
    return {**tasks, "path": name}


def _known(value: Any) -> Any:
    """Leave keys out that are None, for which TOML has no word."""
    if isinstance(value, Mapping):
        return {str(key): _known(inner) for key, inner in value.items() if inner is not None}
    return [_known(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def commands(run: Run) -> list[str]:
    """Return the commands that give this very run again, from a built-in recipe or from the settings as a file."""
    name, seed = run.settings.name, run.settings.seed
    options = _options(name, run.config)
    if options is None:
        return [f"evometa run {shlex.quote(name + '.toml')}"]
    generations = run.settings.run.generations
    sets = "".join(f" --set {shlex.quote(option)}" for option in options)
    return [f"evometa run {name} --seed {seed} --generations {generations}{sets}"]


def _options(name: str, config: Json) -> list[str] | None:
    """Return the `--set` of a built-in recipe that give this configuration; None where there are none that do."""
    if name not in recipes():
        return None
    try:
        wanted = restore(dict(config), name)
        options = list(_differences((), load(name).config.model_dump(mode="json"), dict(config)))
        kept = [option for option in options if not option.startswith(("seed=", "run.generations="))]
        again = load(name, kept, seed=wanted.seed, generations=wanted.run.generations)
    except (InputError, KeyError, TypeError):
        return None
    if again.config != wanted:
        return None
    for option in list(kept):  # some follow from others
        fewer = [other for other in kept if other != option]
        with suppress(InputError):
            kept = (
                fewer
                if load(name, fewer, seed=wanted.seed, generations=wanted.run.generations).config == wanted
                else kept
            )
    return kept


def _differences(path: tuple[str, ...], base: Any, wanted: Any) -> Iterator[str]:
    """Yield `key=value` for each value that is another one than in the recipe."""
    if isinstance(base, Mapping) and isinstance(wanted, Mapping):
        for key in wanted:
            yield from _differences((*path, str(key)), base.get(key), wanted[key])
    elif path == ("tasks",) and len(base or ()) == len(wanted) == 1:
        yield from _differences(path, base[0], wanted[0])
    elif base != wanted and wanted is not None:
        yield f"{'.'.join(path)}={toml(_known(wanted))}"


def versions(run: Run) -> dict[str, str]:
    """Return with what the run was begun: Python, packages, the kind of machine."""
    known = run.environment
    found = dict(known.versions)
    first = {"evometa": found.pop("evometa", "unknown"), "python": known.python or "unknown"}
    return {**first, **found, "platform": _machine(known.platform or "unknown")}


def _machine(platform: str) -> str:
    """Return the system and the kind of processor; the rest of its name would tell more than anyone needs."""
    kinds = [part for part in platform.split("-") if part in ("x86_64", "AMD64", "arm64", "aarch64", "riscv64")]
    return " ".join([platform.split("-")[0], *kinds[:1]])
