"""Learners of all cases, made once for all tests of exports."""

from __future__ import annotations

from functools import cache

import pytest

from evometa.export import export
from evometa.export.setting import Setting
from evometa.lifetime.reference import Learner as Reference
from evometa.presentation.learner import Learner
from tests.export.cases import ALL
from tests.export.exported import Lives, Made, Written, learner_of, lived, setting_of


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The learner of a case, by its name."""
    folder = tmp_path_factory.mktemp("runs")

    @cache
    def make(name: str) -> Learner:
        return learner_of(folder, ALL[name], name)

    return make


@pytest.fixture(scope="session")
def written(made: Made) -> Written:
    """The text of a case in a format."""

    @cache
    def write(name: str, format: str) -> str:
        return str(export(made(name), format))

    return write


@pytest.fixture(scope="session")
def lives(made: Made) -> Lives:
    """The surroundings of a case, and the reference after its whole lifetime (not to be changed)."""

    @cache
    def live(name: str) -> tuple[Setting, Reference]:
        setting = setting_of(made(name))
        return setting, lived(setting)

    return live
