"""Which lives GPUs know: others are the processor's under `auto`, and refused by name where `cupy` insists."""

from __future__ import annotations

from typing import Any

import pytest

from evometa.config.load import load
from evometa.errors import InputError
from tests.evolution.test_acting import BANDIT
from tests.tasks.families.test_environment import SMALL


@pytest.mark.parametrize("known", [BANDIT, "teacher"], ids=["world", "students"])
def test_lives_in_worlds_of_equations_and_students_are_known(known: Any) -> None:
    assert load(known).config.backend == "auto"
    assert load(known, ["run.backend=cupy"]).config.backend == "cupy"


def test_environments_of_ones_own_are_the_processors() -> None:
    assert load(SMALL).config.backend == "numba"
    with pytest.raises(InputError, match="GPUs do not know environments of one's own, where lives act"):
        load(SMALL, ["run.backend=cupy"])
