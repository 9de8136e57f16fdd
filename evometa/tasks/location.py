"""Where the data of a run's tasks lies: where its recipe says, beside the run, or where one is told; known by content.

So a run may be carried elsewhere, and never goes on with other data than it began with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import exists, isfile
from pathlib import Path
from typing import Any

from evometa.config.schema import Config
from evometa.config.tasks import FamilySettings
from evometa.errors import InputError
from evometa.system.functions import lies_in
from evometa.tasks import Family, open_family
from evometa.tasks.content import Content, changes
from evometa.tasks.families.function import FunctionTasks
from evometa.tasks.in_a_row import of_lives

PARENTS = 4  # folders above a run that are looked into
REMEDY = "Say where they lie with --data PATH."
EDITED = "Take back what was changed, begin a new run, or say with --data PATH where the function lies as it was."


@dataclass(frozen=True)
class Places:
    """Where the tasks' data of a run may lie.

    `base`: the folder of its recipe; `run`: the run's own; `data`: a file or folder that one is told to take instead.
    Of when the run began, `contents`: what each set of tasks was made of; `functions`: digests of the texts of the
    user's own operators and objectives; `guesses`: rules that were read; `files`: digests of what other files held, by
    the key that names each (none: it is not known, and not compared).
    """

    base: Path
    run: Path | None = None
    data: Path | None = None
    contents: Sequence[Content] = ()
    functions: Mapping[str, str] = field(default_factory=dict)
    guesses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def folders(self) -> Iterator[Path]:
        """Yield the folders where modules of the user's own could lie, the likeliest first."""
        if self.data is not None:
            yield self.data.parent if isfile(self.data) else self.data
            return
        yield self.base
        yield from [] if self.run is None else [self.run, *list(self.run.parents)[:PARENTS], Path.cwd()]

    def candidates(self, settings: FamilySettings) -> Iterator[Path]:
        """Yield the places where the file or folder of a set of tasks could lie, the likeliest first."""
        path = Path(getattr(settings, "path", None) or ".")
        if self.data is not None:
            if isfile(self.data):
                yield self.data.parent if isinstance(settings, FunctionTasks) else self.data
            elif settings.folder:
                yield self.data
            folders = [self.data]
        else:
            yield self.base / path
            _, *folders = self.folders()
        for folder in folders:
            if not path.is_absolute():
                yield folder / path
            yield folder / path.name
            if isinstance(settings, FunctionTasks):
                yield folder


def open_families(config: Config, places: Places) -> list[Family]:
    """Open the families of all sets of tasks. Raises InputError where data is missing or not what it was."""
    contents = places.contents if len(places.contents) == len(config.tasks) else [None] * len(config.tasks)
    return [
        of_lives(_open(each.settings, config.seed, each.splits, places, known), config)
        for each, known in zip(config.tasks, contents, strict=True)
    ]


def _open(settings: FamilySettings, seed: int, splits: Sequence[str], places: Places, known: Content | None) -> Family:
    """Open a family from the first place with the content that is known; see `open_families`."""
    if getattr(settings, "path", None) is None:
        others: dict[Path, str] = {}
        for folder in [each for each in places.folders() if settings.lies_in(each)] or [places.base]:
            family = open_family(settings, seed, splits, folder)
            other = "" if known is None else changes(known, family.content())
            if not other:
                return family
            others[folder] = f"others ({other})"
        raise _refusal(list(others.values()), f"tasks of family {settings.family}")
    passed: dict[Path, str] = {}
    tried = list(dict.fromkeys(place.absolute() for place in places.candidates(settings)))
    present = [place for place in tried if _holds(place, settings)] or tried[:1]
    for place in present:
        try:
            family = open_family(settings.model_copy(update={"path": str(place)}), seed, splits, places.base)
        except InputError as error:
            if places.run is None:
                raise
            if len(present) == 1:
                remedy = f"{error.remedy} {REMEDY}".lstrip()
                raise InputError(error.expected, error.found, error.where, remedy) from None
            passed[place] = f"{error.expected} expected, {error.found} found, in {error.where or place}"
            continue
        other = "" if known is None else changes(known, family.content())
        if not other:
            return family
        passed[place] = f"other content in {place}: {other}"
    if isinstance(settings, FunctionTasks):
        raise _refusal(list(passed.values()), "tasks.function", EDITED)
    raise _refusal(list(passed.values()), "tasks.path")


def _refusal(found: Sequence[str], where: str, remedy: str = REMEDY) -> InputError:
    return InputError("the tasks that this run began with", "; ".join(found), where, remedy)


def _holds(place: Path, settings: FamilySettings) -> bool:
    """Tell whether a place holds something by the name that is looked for."""
    return lies_in(place, settings.function) if isinstance(settings, FunctionTasks) else exists(place)
