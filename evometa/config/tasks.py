"""Settings of tasks: what the families share, and how each family's own are found.

A family is a file of `evometa/tasks/families` by its name, and brings the model of its keys. Tasks lie above
configuration, which imports none of them: it lists that folder, and asks for a family by its name when a recipe does.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SerializeAsAny
from pydantic_core import PydanticKnownError

from evometa.config.section import Section, each_once
from evometa.errors import InputError
from evometa.errors.text import legible
from evometa.spec.heads import Kind

FAMILIES = "evometa.tasks.families"

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

FilePath = Annotated[str, Field(min_length=1, max_length=4096)]
Ways = Annotated[int, Field(ge=2, le=10_000, description="classes in a task")]
Shots = Annotated[int, Field(ge=1, le=100_000, description="support examples of each class")]
Queries = Annotated[int, Field(ge=1, le=100_000, description="query examples of each class")]
Share = Annotated[float, Field(gt=0, lt=1)]
NameList = Annotated[tuple[str, ...], AfterValidator(each_once)]


class FamilySettings(Section):
    """The keys of one family; its docstring says what its tasks are."""

    family: str
    kind: ClassVar[Kind]
    folder: ClassVar[bool] = False  # whether `path` names a folder of data, which may be given itself for it

    def lies_in(self, folder: Path) -> bool:
        """Tell whether a folder holds a file of one's own that the settings name; without such a file, False."""
        return False

    @abstractmethod
    def open(self, seed: int, splits: Sequence[str], base: Path) -> Any:
        """Return the family (`evometa.tasks.family.Family`); `base`: where paths start from. Raises InputError."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all families: those of their files."""
    package, _, folder = FAMILIES.partition(".")
    files = (resources.files(package) / folder.replace(".", "/")).iterdir()
    return tuple(sorted(one.name[:-3] for one in files if one.name.endswith(".py") and one.name[0] != "_"))


@cache
def model(name: str) -> type[FamilySettings]:
    """Return the model of a family's keys, from its file."""
    module = import_module(f"{FAMILIES}.{name}")
    models = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, FamilySettings)]
    return next(one for one in models if one.__module__ == module.__name__)


def families() -> dict[str, type[FamilySettings]]:
    """Return the models of all families by name."""
    return {name: model(name) for name in names()}


def _by_family(data: Any) -> Any:
    """Read settings by the model of the family that they name."""
    if not isinstance(data, dict):
        return data
    name = data.get("family")
    if name is None:
        raise PydanticKnownError("union_tag_not_found", {"discriminator": "'family'"})
    if name not in names():
        known = ", ".join(map(repr, names()))
        raise PydanticKnownError(
            "union_tag_invalid", {"discriminator": "'family'", "tag": legible(str(name)), "expected_tags": known}
        )
    return model(name).model_validate(data)


TaskSettings = Annotated[SerializeAsAny[FamilySettings], BeforeValidator(_by_family)]


def check_lists(
    train: tuple[str, ...],
    validation: tuple[str, ...],
    test: tuple[str, ...],
    validation_share: float,
    test_share: float,
) -> None:
    """Refuse lists of classes or groups of which one is missing, and shares that leave train nothing. InputError."""
    check_apart({"train": train, "validation": validation, "test": test})
    if bool(train) != bool(test) or (validation and not train):
        key = "train" if not train else "test"
        raise InputError("both train and test, or neither", "one of them", f"tasks.{key}", f"Give tasks.{key} too.")
    if not train and validation_share + test_share >= 1:
        raise InputError(
            "shares that leave something for train",
            f"{validation_share:g} + {test_share:g}",
            "tasks.test_fraction",
            "Lower one of the two.",
        )


def check_apart(lists: dict[str, tuple[int | str, ...]]) -> None:
    """Refuse a class or group that is in two of the lists with InputError."""
    seen: dict[int | str, str] = {}
    for key, values in lists.items():
        for value in values:
            if value in seen:
                raise InputError(
                    f"classes or groups that are not in {seen[value]}",
                    str(value),
                    f"tasks.{key}",
                    "A task never appears in two splits: keep it in one of the two lists.",
                )
            seen[value] = key
