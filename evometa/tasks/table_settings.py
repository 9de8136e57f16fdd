"""The keys of the family `table`, for all that reads a table."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from evometa.config.section import each_once
from evometa.config.tasks import FamilySettings, FilePath, Share, Ways, check_apart
from evometa.errors import InputError
from evometa.spec.heads import Kind

NameList = Annotated[tuple[str, ...], AfterValidator(each_once)]


class TableSettings(FamilySettings):
    """What is asked of a table."""

    family: Literal["table"] = "table"
    path: FilePath = Field(
        description="CSV with a header (commas, semicolons, tabs or bars), or npz with arrays x, y and perhaps a group"
    )
    target: str = Field("y", min_length=1, description="column (or npz array) to be predicted")
    group: str | None = Field(
        None,
        min_length=1,
        description="column (or npz array) that names each row's task; left out: tasks by class",
    )
    features: NameList = Field(
        (),
        description="columns to predict from; []: all but target, group, omit, and those that number or name the rows "
        "or are the same in all of them",
    )
    omit: NameList = Field((), description="columns that are not predicted from")
    decimal: Literal["auto", ".", ","] = Field("auto", description="decimal mark of its numbers; auto: found out")
    kind: Kind = Field(  # type: ignore[misc]  # a key here, and a constant elsewhere
        "classification", description="target is a class (any text) or a number"
    )
    standardise: bool = Field(
        True, description="scale inputs (and a numeric target) by mean and deviation of the meta-train rows"
    )
    ways: Ways = 2
    shots: int = Field(5, ge=1, le=100_000, description="support rows of each class, or of a group")
    queries: int = Field(5, ge=1, le=100_000, description="query rows of each class, or of a group")
    divide: Literal["classes", "rows"] = Field(
        "classes",
        description="what is held out, without a group: whole classes, so that those of the test were never met; or "
        "rows of every class, to learn the same classes anew from few examples",
    )
    train: NameList = Field((), description="classes or groups that evolution meets; []: by share")
    validation: NameList = Field(
        (),
        description="classes or groups for validation; []: by share (of groups; of each train class's rows)",
    )
    test: NameList = Field((), description="classes or groups for test; []: by share")
    validation_fraction: Share = Field(
        0.2, description="share kept for validation (at least enough for a task), without a list"
    )
    test_fraction: Share = Field(0.3, description="share kept for test, without a list")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_apart({key: getattr(self, key) for key in ("train", "validation", "test")})
        if self.kind == "regression" and self.group is None:
            raise InputError(
                "a group column for regression: each group of rows is one task",
                "none",
                "tasks.group",
                "Name the column that tells the tasks apart.",
            )
        if self.divide == "rows" and (self.group is not None or self.train or self.test):
            raise InputError(
                '"classes", as groups or lists of classes say what is held out',
                '"rows"',
                "tasks.divide",
                'Leave out tasks.group and the lists, or leave tasks.divide at "classes".',
            )
        if bool(self.train) != bool(self.test) or (self.validation and not self.train):
            key = "train" if not self.train else "test"
            raise InputError("both train and test, or neither", "one of them", f"tasks.{key}", f"Give tasks.{key} too.")
        if not self.train and self.validation_fraction + self.test_fraction >= 1:
            raise InputError(
                "shares that leave something for train",
                f"{self.validation_fraction:g} + {self.test_fraction:g}",
                "tasks.test_fraction",
                "Lower one of the two.",
            )
        return self
