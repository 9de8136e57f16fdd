"""Configuration of the tasks: one model for each task family, told apart by the key `family`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from evometa.config.reals import Real
from evometa.config.section import Section, each_once
from evometa.errors import InputError


def _check_apart(lists: dict[str, tuple[int | str, ...]]) -> None:
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


Digit = Annotated[int, Field(ge=0, le=9)]
DigitList = Annotated[tuple[Digit, ...], AfterValidator(each_once)]
NameList = Annotated[tuple[str, ...], AfterValidator(each_once)]
FilePath = Annotated[str, Field(min_length=1, max_length=4096)]
Ways = Annotated[int, Field(ge=2, le=10_000, description="classes in a task")]
Shots = Annotated[int, Field(ge=1, le=100_000, description="support examples of each class")]
Queries = Annotated[int, Field(ge=1, le=100_000, description="query examples of each class")]
Share = Annotated[float, Field(gt=0, lt=1)]


class BooleanTasks(Section):
    """Linearly separable maps of a few bits (Chalmers 1990)."""

    family: Literal["boolean"] = "boolean"
    inputs: int = Field(5, ge=2, le=10, description="bits; there are 2**inputs patterns")
    patterns: int = Field(12, ge=2, le=1024, description="patterns that a task shows, 25 to 75 % of them ones")
    queries: Literal["same", "unseen", "all"] = Field(
        "same", description="patterns asked for afterwards: those shown, those not shown, or all"
    )
    train_tasks: int = Field(20, ge=1, le=100_000, description="distinct tasks that evolution meets")
    validation_tasks: int = Field(10, ge=1, le=100_000, description="distinct tasks that the champion is chosen on")
    test_tasks: int = Field(200, ge=1, le=100_000, description="distinct tasks that the champion is reported on")

    @model_validator(mode="after")
    def _enough_patterns(self) -> Self:
        most = 2**self.inputs - (self.queries == "unseen")
        if self.patterns > most:
            raise InputError(
                f"at most {most} patterns ({self.inputs} inputs, {self.queries} patterns asked for)",
                str(self.patterns),
                "tasks.patterns",
                "Show fewer patterns, or raise tasks.inputs.",
            )
        return self


class SinusoidTasks(Section):
    """Regression on A sin(x - phase), with few points each (Finn 2017)."""

    family: Literal["sinusoid"] = "sinusoid"
    shots: int = Field(10, ge=1, le=100_000, description="support points of a task (K)")
    queries: int = Field(10, ge=1, le=100_000, description="random query points of a task")
    test_queries: Literal["grid", "random"] = Field(
        "grid", description="query points of validation and test tasks: evenly spaced from -5 to 5, or random"
    )
    test_points: int = Field(100, ge=2, le=100_000, description="points of that grid")


class DigitsTasks(Section):
    """Few-shot classification of scikit-learn's 8×8 digits, by classes never seen in evolution."""

    family: Literal["digits"] = "digits"
    ways: Ways = 5
    shots: Shots = 5
    queries: Queries = 10
    train_classes: DigitList = Field((0, 1, 2, 3, 4), min_length=2, description="digits that evolution meets")
    validation_classes: DigitList = Field(
        (), description="digits that the champion is chosen on; []: those of train_classes, other drawings"
    )
    test_classes: DigitList = Field((5, 6, 7, 8, 9), min_length=2, description="digits that it is reported on")
    validation_fraction: Share = Field(
        0.3,
        description="share of each train digit's drawings kept for validation (at least enough for a task), "
        "without validation_classes",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        lists = ("train_classes", "validation_classes", "test_classes")
        _check_apart({key: getattr(self, key) for key in lists})
        for key in lists:
            classes = getattr(self, key)
            if classes and len(classes) < self.ways:
                raise InputError(
                    f"at least {self.ways} classes, as tasks.ways is {self.ways}",
                    str(len(classes)),
                    f"tasks.{key}",
                    "Add classes, or lower tasks.ways.",
                )
        return self


class OmniglotTasks(Section):
    """Few-shot classification of handwritten characters from 50 alphabets (Lake 2015)."""

    family: Literal["omniglot"] = "omniglot"
    path: FilePath | None = Field(
        None,
        description="npz file with x uint8[characters, drawings, 28, 28] (ink bright) and keys "
        "images_background/ALPHABET/CHARACTER; left out: the original archives are fetched once",
    )
    size: Literal[7, 14, 28] = Field(14, description="height and width of the images, by block means")
    split: Literal["official", "random"] = Field(
        "official",
        description="official: background alphabets for train and validation, evaluation alphabets for test; "
        "random: characters of all alphabets, 1200 in 1623 of them for train and validation",
    )
    validation_fraction: Share = Field(
        0.15, description="share of the train alphabets (official) or characters (random) kept for validation"
    )
    ways: Ways = 5
    shots: Shots = 5
    queries: Queries = 10


class TableTasks(Section):
    """A table of your own, CSV or npz: few-shot by class, new ones or the same, or a task for each group of rows."""

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
    kind: Literal["classification", "regression"] = Field(
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
        _check_apart({key: getattr(self, key) for key in ("train", "validation", "test")})
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


class FunctionTasks(Section):
    """Tasks from a Python function of your own: f(split, count, rng) returns support and query arrays."""

    family: Literal["function"] = "function"
    function: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")] = Field(
        description="module:function, called as f(split, count, rng); returns support_x[count, S, I], "
        "support_y[count, S] or [count, S, O], query_x, query_y"
    )
    kind: Literal["classification", "regression"] = Field(
        "regression", description="targets are numbers, or classes (one-hot, 0/1, or 0 to classes - 1)"
    )
    classes: int | None = Field(
        None, ge=2, le=100_000, description="number of classes when targets are whole numbers 0, 1, 2, …"
    )
    path: FilePath | None = Field(
        None, description="folder that the module is imported from; left out: the recipe's own"
    )


class DatasetTasks(Section):
    """Whole classification data sets, a task each: scikit-learn's, two moons, or synthetic ones."""

    family: Literal["dataset"] = "dataset"
    name: Literal["digits", "wine", "breast_cancer", "moons", "synthetic"] = Field(description="which data set")
    support: int | None = Field(
        None, ge=1, le=100_000, description="rows to learn from; left out: half of them (256 for drawn sets)"
    )
    queries: int | None = Field(
        None, ge=1, le=100_000, description="rows asked for; left out: all other rows (256 for drawn sets)"
    )
    noise: Real = Field(0.2, ge=0, le=100, description="deviation of the noise on the two moons")
    inputs: int = Field(16, ge=1, le=1024, description="inputs of a synthetic set")
    classes: int = Field(4, ge=2, le=64, description="classes of a synthetic set")


TaskSettings = Annotated[
    BooleanTasks | SinusoidTasks | DigitsTasks | OmniglotTasks | TableTasks | FunctionTasks | DatasetTasks,
    Field(discriminator="family"),
]
