"""The keys of the family `table`, for all that reads a table."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from evometa.config.tasks import FamilySettings, FilePath, NameList, Share, Ways, check_lists
from evometa.errors import InputError
from evometa.spec.heads import Kind


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
    time: str | None = Field(
        None,
        min_length=1,
        description="column (or npz array) of numbers or dates by which rows follow each other: a task is `shots` rows "
        "to learn from and the `queries` that follow them; without a group the table is one series, whose first part "
        "is for train and whose last is for the test",
    )
    features: NameList = Field(
        (),
        description="columns to predict from; []: all but target, group, time, omit, and those that number or name the "
        "rows or are the same in all of them",
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
        if self.kind == "regression" and self.group is None and self.time is None:
            raise InputError(
                "a group column for regression: each group of rows is one task",
                "none",
                "tasks.group",
                "Name the column that tells the tasks apart, or in tasks.time that by which rows follow each other.",
            )
        if self.time is not None and self.group is None:
            lists = [key for key in ("train", "validation", "test") if getattr(self, key)]
            if self.divide == "rows" or lists:
                key = "divide" if self.divide == "rows" else lists[0]
                expected = "left out, as rows are divided by time"
                raise InputError(expected, "something else", f"tasks.{key}", "Remove it, or name a group column.")
        if self.divide == "rows" and (self.group is not None or self.train or self.test):
            raise InputError(
                '"classes", as groups or lists of classes say what is held out',
                '"rows"',
                "tasks.divide",
                'Leave out tasks.group and the lists, or leave tasks.divide at "classes".',
            )
        check_lists(self.train, self.validation, self.test, self.validation_fraction, self.test_fraction)
        return self
