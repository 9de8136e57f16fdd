"""How configuration finds the task families: by their files, each when a recipe names it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evometa.config import keys, tasks
from evometa.config.load import load
from evometa.errors import InputError
from evometa.tasks import open_family
from tests.test_architecture import ROOT

LINE = '''"""Straight lines."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from evometa.config.tasks import FamilySettings
from evometa.lifetime import Tasks
from evometa.tasks.family import SPLITS, Family


class LineTasks(FamilySettings):
    """Straight lines through 0."""

    family: Literal["line"] = "line"
    shots: int = Field(3, ge=1, le=100, description="support points")

    def open(self, seed, splits, base):
        return Line(self)


class Line(Family):
    def __init__(self, settings):
        queries = dict.fromkeys(SPLITS, settings.shots)
        super().__init__("line", "regression", 1, 1, settings.shots, queries, dict.fromkeys(SPLITS, "lines"))

    def _draw(self, split, count, rng):
        slope, x = rng.normal(size=count), rng.normal(size=(2, self.support[split], 1, count))
        return Tasks(*(a.astype(np.float32) for part in x for a in (part, slope * part)))
'''


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of families in which there is one, `line`."""
    folder = tmp_path / "families_of_test" / "all"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder.parent / "__init__.py").touch()
    (folder / "line.py").write_text(LINE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(tasks, "FAMILIES", "families_of_test.all")
    caches = (tasks.names, tasks.model, keys.keys)
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()


@pytest.mark.usefixtures("line")
def test_a_file_is_a_family() -> None:
    config = load({"tasks": {"family": "line", "shots": 5}}).config
    assert config.model_dump(mode="json")["tasks"][0]["shots"] == 5
    assert open_family(config.tasks[0].settings, 0).support["test"] == 5
    with pytest.raises(InputError, match=r"Did you mean tasks\.shots\?"):
        load({"tasks": {"family": "line", "shot": 5}})
    with pytest.raises(InputError, match=r'tasks\.family: expected the name of a task family; found "lines".*line'):
        load({"tasks": {"family": "lines"}})
    with pytest.raises(InputError, match="found none"):
        load({"tasks": {"shots": 5}})


def test_each_is_named_as_its_file() -> None:
    assert {name: model.model_fields["family"].default for name, model in tasks.families().items()} == {
        name: name for name in tasks.names()
    }


def test_only_the_family_that_is_named_is_imported() -> None:
    code = (
        "import sys; from evometa.config.load import load; "
        "assert not [m for m in sys.modules if m.startswith(('evometa.tasks', 'numpy'))]; "
        "load({'tasks': {'family': 'boolean'}}); "
        "print([m for m in sys.modules if m.startswith('evometa.tasks.families.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "['evometa.tasks.families.boolean']"), done.stderr
