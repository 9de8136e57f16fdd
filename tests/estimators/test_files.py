"""Estimators as files: what is loaded is what was saved, and nothing else is let in."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.estimators import RuleClassifier, RuleRegressor
from evometa.estimators import files as saving
from evometa.genetics.topology import graph_json, layered
from tests.estimators.examples import blobs, delta, momentum, regressor, same

NETWORK = layered(4, (3,), 3)
LABELS = [["b", "a", "ü<"], np.array(["b", "a", "c"], object), [3, 1, 2], [1.0, 5.0, 3.0]]


def fitted(**more: Any) -> RuleClassifier:
    return momentum(epochs=3, **more).fit(*blobs())


@pytest.mark.parametrize("labels", LABELS, ids=["text", "objects", "whole", "numbers"])
def test_what_is_loaded_is_what_was_saved(tmp_path: Path, labels: Any) -> None:
    x, y = blobs()
    found = momentum(epochs=3, coefficients=np.array([0.05]), hidden=[4, np.int64(3)], learning_rate=np.float32(0.5))
    found.fit(x, np.asarray(labels)[y])
    found.save(tmp_path / "my file")
    again = RuleClassifier.load(tmp_path / "my file")
    assert [path.name for path in tmp_path.iterdir()] == ["my file"]
    assert same(found, again)
    assert again.classes_.tolist() == found.classes_.tolist()
    assert again.classes_.dtype == found.classes_.dtype
    assert np.array_equal(again.predict_proba(x), found.predict_proba(x))
    assert again.n_features_in_ == 4
    assert again.get_params()["hidden"] == (4, 3)
    assert again.get_params()["rule"] == found.get_params()["rule"]
    assert same(found.partial_fit(x, np.asarray(labels)[y]), again.partial_fit(x, np.asarray(labels)[y]))
    assert same(found.fit(x, np.asarray(labels)[y]), again.fit(x, np.asarray(labels)[y]))


def test_a_regressor_and_arrays_among_the_parameters_are_kept(tmp_path: Path) -> None:
    x, y = blobs()
    graph = layered(4, (3,), 1)
    weights = np.linspace(-1, 1, graph.synapses, dtype=np.float32)
    found = regressor(
        topology=graph_json(graph), innate_weights=weights, hidden=None, plasticity=np.ones((1, 4)), epochs=2
    )
    found.fit(x, 1000.0 * y)
    found.save(tmp_path / "one")
    again = RuleRegressor.load(str(tmp_path / "one"))
    assert np.array_equal(again.innate_weights, weights)
    assert np.array_equal(again.plasticity, np.ones((1, 4)))
    assert np.array_equal(again.predict(x), found.predict(x))
    assert again.learned_.inherits


def test_gates_are_kept_and_files_of_before_them_are_open(tmp_path: Path) -> None:
    x, y = blobs()
    found = fitted(rule={"update": "-c0*grad", "gate": "abs(w) - 0.2"})
    found.save(tmp_path / "gated")
    again = RuleClassifier.load(tmp_path / "gated")
    assert (found.learned_.state["gate"] > 0).mean() < 0.9
    assert np.array_equal(again.predict_proba(x), found.predict_proba(x))
    assert same(found.partial_fit(x, y), again.partial_fit(x, y))
    plain = fitted()
    plain.save(tmp_path / "plain")
    arrays = {name: array for name, array in np.load(tmp_path / "plain").items() if name not in ("gate", "digest")}
    arrays["digest"] = np.frombuffer(saving._digest(arrays), np.uint8)
    (tmp_path / "older").write_bytes(packed(**arrays))
    assert same(plain, RuleClassifier.load(tmp_path / "older"))


def test_names_of_columns_are_kept(tmp_path: Path) -> None:
    found = fitted()
    found.feature_names_in_ = np.array(["<i>", "b", "c", "größe"], object)
    found.save(tmp_path / "one")
    assert RuleClassifier.load(tmp_path / "one").feature_names_in_.tolist() == ["<i>", "b", "c", "größe"]


def test_one_that_has_learned_nothing_is_kept_too(tmp_path: Path) -> None:
    delta(random_state=None).save(tmp_path / "one")
    again = RuleClassifier.load(tmp_path / "one")
    assert again.get_params() == delta(random_state=None).get_params()
    assert not hasattr(again, "learned_")


@pytest.mark.parametrize(
    ("wrong", "said"), [({"random_state": np.random.RandomState(0)}, "a whole number or None"), ({"batch": 0}, "batch")]
)
def test_what_json_cannot_hold_is_refused(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        fitted().set_params(**wrong).save(tmp_path / "one")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in ("no/where", "folder"):
        with pytest.raises(InputError, match=place):
            fitted().save(tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_file_that_has_been_edited_is_refused(tmp_path: Path) -> None:
    fitted().save(tmp_path / "one")
    with np.load(tmp_path / "one") as archive:
        arrays = dict(archive)
    with (tmp_path / "one").open("wb") as file:
        np.savez(file, **{**arrays, "w": arrays["w"] + 1})
    with pytest.raises(InputError, match="changed since"):
        RuleClassifier.load(tmp_path / "one")


def packed(**arrays: Any) -> bytes:
    page = io.BytesIO()
    np.savez(page, **arrays)
    return page.getvalue()


def about(**more: Any) -> Any:
    return np.frombuffer(json.dumps({"format": saving.FORMAT, "version": saving.VERSION, **more}).encode(), np.uint8)


FOREIGN = {
    "nothing": b"",
    "text": b"rule: grad",
    "pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.",
    "an array": (lambda page: (np.save(page, np.zeros(3)), page.getvalue())[1])(io.BytesIO()),
    "other arrays": packed(a=np.zeros(3)),
    "pickled arrays": packed(about=np.array([{}], object)),
    "another format": packed(about=np.frombuffer(b'{"format": "x", "version": 1}', np.uint8), digest=np.zeros(32)),
    "a newer version": packed(about=about(version=2), digest=np.zeros(32, np.uint8)),
    "no JSON": packed(about=np.frombuffer(b"{", np.uint8), digest=np.zeros(32)),
    "a list": packed(about=np.frombuffer(b"[]", np.uint8), digest=np.zeros(32)),
    "too deep": packed(about=np.frombuffer(b"[" * 100_000, np.uint8), digest=np.zeros(32)),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one").write_bytes(content)
    with pytest.raises(InputError, match="one: expected"):
        RuleClassifier.load(tmp_path / "one")


def test_no_file_a_folder_and_the_other_kind_are_refused(tmp_path: Path) -> None:
    fitted().save(tmp_path / "one")
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(InputError):
            RuleClassifier.load(path)
    with pytest.raises(InputError, match=r"RuleClassifier\.load"):
        RuleRegressor.load(tmp_path / "one")


def test_a_file_that_unfolds_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted().save(tmp_path / "one")
    monkeypatch.setattr(saving, "LARGEST", 1000)
    with pytest.raises(InputError, match="at most 1000 bytes"):
        RuleClassifier.load(tmp_path / "one")


def test_damage_anywhere_is_noticed_or_does_no_harm(tmp_path: Path) -> None:
    x, _ = blobs()
    found = fitted(hidden=())
    found.save(tmp_path / "one")
    whole = (tmp_path / "one").read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        (tmp_path / "one").write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            again = RuleClassifier.load(tmp_path / "one")
        except InputError:
            refused += 1
        else:
            assert np.array_equal(again.predict_proba(x), found.predict_proba(x))
    assert refused > len(whole) // 7 / 2
    for length in range(0, len(whole), 97):
        (tmp_path / "one").write_bytes(whole[:length])
        with pytest.raises(InputError):
            RuleClassifier.load(tmp_path / "one")


FORGED: list[dict[str, Any]] = [
    {"w": np.zeros(3, np.float32)},
    {"w": np.zeros(27)},
    {"act": np.zeros((0, 0), np.float32)},
    {"act": np.zeros(11, np.float32)},
    {"act": np.zeros((11, 0), np.float32)},
    {"shift": np.zeros(5)},
    {"classes": np.arange(2)},
    {"classes": np.zeros((3, 3))},
    {"w": None},
    {"about": b'"seed":'},
    {"about": b'"graph": "'},
    {"about": b'"head": "'},
    {"about": b'"epochs": '},
    {"about": b'"rule": '},
]


@pytest.mark.parametrize("change", FORGED, ids=[str(change)[:40] for change in FORGED])
def test_what_does_not_belong_together_is_refused(change: dict[str, Any]) -> None:
    arrays = saving.contents(fitted(hidden=(3,)))
    for name, value in change.items():
        if isinstance(value, bytes):
            text = arrays[name].tobytes()
            assert value in text
            arrays[name] = np.frombuffer(
                text.replace(value, value + b"-7x" if value[-1:] == b'"' else value + b'"x", "y": '), np.uint8
            )
        else:
            arrays[name] = value
    with pytest.raises((InputError, *saving.DAMAGE)):
        saving.restored(RuleClassifier, arrays, "a file")


def test_the_file_holds_plain_arrays(tmp_path: Path) -> None:
    fitted().save(tmp_path / "one")
    with zipfile.ZipFile(tmp_path / "one") as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
        assert not any(b"O" in archive.read(name)[:80].split(b"descr")[1][:8] for name in archive.namelist())
