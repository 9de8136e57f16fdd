"""Which lives GPUs know: others are the processor's under `auto`, and refused by name where `cupy` insists."""

from __future__ import annotations

from typing import Any

import pytest

from evometa.config.load import load
from evometa.errors import InputError
from tests.evolution.test_acting import BANDIT
from tests.small import recipe
from tests.tasks.families.test_environment import SMALL

UNKNOWN: dict[str, Any] = {"students": "teacher", "environments of one's own": SMALL}


def test_lives_in_worlds_of_equations_are_known() -> None:
    assert load(BANDIT).config.backend == "auto"
    assert load(recipe(BANDIT, run={"backend": "cupy"})).config.backend == "cupy"


@pytest.mark.parametrize("what", UNKNOWN)
def test_students_and_environments_are_the_processors(what: str) -> None:
    assert load(UNKNOWN[what]).config.backend == "numba"
    with pytest.raises(InputError, match=f"GPUs do not know {what}, where lives act"):
        load(UNKNOWN[what], ["run.backend=cupy"])
