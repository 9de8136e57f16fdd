"""Estimators' files as earlier versions wrote them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.estimators import RuleClassifier
from evometa.estimators import files as saving
from tests.estimators.examples import blobs, same
from tests.estimators.test_files import fitted

BEFORE_GATES = Path(__file__).parent / "data" / "before-gates.npz"  # momentum(epochs=3, hidden=[3]).fit(*blobs())


def test_a_file_written_before_there_were_gates_is_read_as_open_ones(tmp_path: Path) -> None:
    x, y = blobs()
    with np.load(BEFORE_GATES) as archive:
        assert "gate" not in archive.files
        weights = archive["w"]
    again = RuleClassifier.load(BEFORE_GATES)
    assert np.array_equal(again.learned_.state["w"][:, 0], weights)
    assert (again.learned_.state["gate"] == 1).all()
    assert (again.predict(x) == y).mean() > 0.7
    again.save(tmp_path / "new")
    assert same(again.partial_fit(x, y), RuleClassifier.load(tmp_path / "new").partial_fit(x, y))
    assert same(again.fit(x, y), fitted(hidden=[3]))


def test_a_file_without_another_state_is_refused(tmp_path: Path) -> None:
    with np.load(BEFORE_GATES) as archive:
        arrays = {name: archive[name] for name in archive.files if name not in ("s1", "digest")}
    with (tmp_path / "one").open("wb") as file:
        np.savez(file, **arrays, digest=np.frombuffer(saving._digest(arrays), np.uint8))
    with pytest.raises(InputError, match="s1"):
        RuleClassifier.load(tmp_path / "one")
