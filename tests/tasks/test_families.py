"""The registry, and what the base class promises for every family."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from evometa.config.tasks import TaskSettings, families
from evometa.errors import InputError
from evometa.tasks import open_family
from evometa.tasks.families.boolean import BooleanTasks
from evometa.tasks.families.dataset import DatasetTasks
from evometa.tasks.families.sinusoid import SinusoidTasks


def test_every_family_has_a_meaning_and_settings_that_name_it() -> None:
    assert {
        "boolean",
        "sinusoid",
        "digits",
        "omniglot",
        "table",
        "function",
        "dataset",
        "distractors",
        "retina",
        "parity",
    } <= set(families())
    assert all((model.__doc__ or "").endswith(".") and len(model.__doc__ or "") < 120 for model in families().values())
    required = {
        "table": {"path": "a.csv"},
        "images": {"path": "shapes"},
        "function": {"function": "a:b"},
        "environment": {"environment": "a:B"},
        "world": {"world": "bandit"},
        "dataset": {"name": "wine"},
    }
    for family in families():
        settings = TypeAdapter(TaskSettings).validate_python({"family": family, **required.get(family, {})})
        assert settings.family == family
        for name, field in type(settings).model_fields.items():
            inner = " ".join(getattr(m, "description", None) or "" for m in field.metadata)
            assert name == "family" or field.description or inner.strip(), f"{family}.{name} has no description"


@pytest.mark.parametrize(
    "data",
    [
        {"family": "boolean", "inputs": 11},
        {"family": "boolean", "inputs": "5"},
        {"family": "boolean", "shots": 5},
        {"family": "dataset"},
        {"family": "chess"},
        {"family": "function", "function": "os.system('ls')"},
        {"family": "omniglot", "size": 21},
        {"family": "table"},
    ],
)
def test_wrong_settings_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(TaskSettings).validate_python(data)


@pytest.mark.parametrize(
    "data, words",
    [
        ({"family": "boolean", "inputs": 2, "patterns": 4, "queries": "unseen"}, "at most 3 patterns"),
        ({"family": "digits", "train_classes": (0, 1, 2, 3, 5)}, "tasks.test_classes.*found 5"),
        ({"family": "digits", "train_classes": (0, 1, 2, 3, 3)}, "3 twice"),
        ({"family": "digits", "ways": 6}, "at least 6 classes"),
        ({"family": "digits", "validation_classes": (9,)}, "found 9"),
        ({"family": "table", "path": "a.csv", "kind": "regression"}, "a group column for regression"),
        ({"family": "table", "path": "a.csv", "train": ("a",)}, "both train and test"),
        ({"family": "table", "path": "a.csv", "train": ("a",), "test": ("a",)}, "two splits"),
        ({"family": "table", "path": "a.csv", "test_fraction": 0.9}, "something for train"),
    ],
)
def test_contradictions_are_refused_with_numbers(data: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(TaskSettings).validate_python(data)


def test_one_generator_state_never_gives_one_task_in_two_splits() -> None:
    family = open_family(SinusoidTasks(test_queries="random"), 0)
    drawn = [family.sample(split, 5, np.random.default_rng(0)).support_y.tobytes() for split in family.splits]
    assert len(set(drawn)) == 3


def test_a_split_that_is_not_served_is_refused() -> None:
    family = open_family(BooleanTasks(), 0, splits=("train",))
    with pytest.raises(InputError, match=r"serve for \(train\)"):
        family.sample("test", 1, np.random.default_rng(0))
    with pytest.raises(InputError, match=r"serve for \(train\)"):
        family.limit("test")


def test_heads_follow_kind_and_outputs() -> None:
    assert open_family(BooleanTasks(), 0).head == "sigmoid"
    assert open_family(SinusoidTasks(), 0).head == "linear"
    assert open_family(DatasetTasks(name="moons"), 0).head == "softmax"


def test_opening_light_families_does_not_import_heavy_packages() -> None:
    code = (
        "import sys; from evometa.tasks import open_family; from evometa.tasks.families.boolean import BooleanTasks; "
        "open_family(BooleanTasks(), 0); "
        "print([m for m in ('sklearn', 'scipy', 'numba', 'pooch', 'PIL', 'sympy') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
