"""Exports of learners with an external memory: the same bits, step by step; formats that know none say which do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.presentation.learner import Learner
from tests.export.exported import answers, examples, imported, learner_of, lived, recipe, run_file, setting_of, tidy
from tests.export.exported import used as used_as_told
from tests.language.samples import same_bits

COPY = recipe(
    {"family": "copy", "bits": 2, "length": 3}, {"update": "0.1*(pre*err)"},
    coefficients={"values": [4.0, 3.0]}, weights={"mode": "evolved"}, lifetime={"updates": None, "order": "fixed"},
    network={"hidden": [5], "activation": "tanh", "recurrent": True,
             "memory": {"slots": 4, "cells": 3, "focus": "c0", "sharpness": "c1"}},
)  # fmt: skip


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Learner:
    return learner_of(tmp_path_factory.mktemp("memory"), COPY)


def test_it_remembers_as_the_lifetime_did_bit_for_bit(learner: Learner, tmp_path: Path) -> None:
    text, setting = str(export(learner, "python")), setting_of(learner)
    copy, reference = imported(text, tmp_path).Learner(), lived(setting)
    for x, y in examples(setting):
        copy.learn(x, y)
    assert np.isfinite(reference.w).all()
    assert not np.array_equal(reference.w, reference.w0)
    assert same_bits(copy.w, reference.w[:, 0])
    assert same_bits(copy.memory.cells, reference.memory["cells"][..., 0])
    assert copy.memory.cells.any()
    queries = setting.tasks.query_x
    assert same_bits(copy.predict(queries[:, :, 0]), answers(reference, queries))


def test_a_step_answers_and_remembers_and_changes_no_weight(learner: Learner, tmp_path: Path) -> None:
    module = imported(str(export(learner, "python")), tmp_path)
    one, other = module.Learner(), module.Learner()
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    asked = [one.predict(x[:1])[0]]
    steps = [one.step(row) for row in x]
    assert same_bits(steps[0], asked[0])
    assert same_bits(one.w, other.w)
    assert not np.array_equal(one.predict(x[:1])[0], asked[0])  # it remembers
    assert not np.array_equal(one.memory.cells, other.memory.cells)


def test_its_file_checks_itself_and_is_tidy(learner: Learner, tmp_path: Path) -> None:
    text = str(export(learner, "python"))
    done = run_file(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "as in the run" in done.stdout
    assert tidy(text, tmp_path) == ""
    assert max(map(len, text.split("\n"))) <= 100
    assert used_as_told(text, tmp_path).count("[") >= 5
    done = run_file(text.replace("np.roll(f, 1)", "np.roll(f, 2)"), tmp_path)
    assert done.returncode == 1
    assert "numbers differ" in done.stderr


def test_formats_that_know_no_memory_say_which_do(learner: Learner) -> None:
    told = json.loads(str(export(learner, "json")))["setting"]["memory"]
    assert told == {"slots": 4, "cells": 3, "focus": 4.0, "sharpness": 3.0}
    for name in ("torch", "optax"):
        with pytest.raises(InputError, match="python, latex, networkx, graphml, json"):
            export(learner, name)
    with pytest.raises(InputError, match="takes a sequence step by step"):
        learner.classifier()
