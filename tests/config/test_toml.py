"""Odd input: whatever a file, a setting or a mapping holds, the answer is a configuration or an InputError."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import evometa
from evometa.config.keys import keys
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check import check_names

SMALL = b"[tasks]\nfamily = 'boolean'\n"


def answer(recipe: Any, given_settings: list[str] | None = None, **options: Any) -> str:
    """Return the refusal, "" where there is none; any other exception passes through."""
    refused = ""
    try:
        check_names(load(recipe, given_settings or [], **options))
    except InputError as error:
        refused = str(error)
    refused.encode()
    assert len(refused) < 2000
    return refused


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"x = " + b"[" * 100_000, "at most 20 deep"),
        (b"x = " + b"[" * 900 + b"]" * 900, "at most 20 deep"),
        (b"a." * 200_000 + b"a = 1", "at most 20 deep"),
        (b"'a' . " * 5_000 + b"a = 1", "at most 20 deep"),
        (b"x = {" + b"a." * 50_000 + b"a = 1}", "at most 20 deep"),
        (b"\n".join(b"[" + b"a." * 90 + b"x%d]" % n for n in range(50)), "at most 20 deep"),
        (b"seed = " + b"9" * 5000, "at most 4000 digits"),
        (b"seed = 0x" + b"f" * 5000, "more than 60 digits"),
        (b"seed = 9223372036854775808", "from 0 to 9_223_372_036_854_775_807"),
        (b"", "a table [tasks] with a family"),
        (bytes(range(256)), "UTF-8"),
        ("seed = 1".encode("utf-16"), "UTF-8"),
        (b"seed = \0", "TOML"),
        (b'description = "\\u0000"', "control characters"),
        (b'description = "\\u001b]0;title\\u0007"', "control characters"),
        (b"description = '" + b"x" * 1_000_000 + b"'", "at most 100000 characters"),
        (b"#" * 5_000_000, "at most 4 MB"),
        (b"x" * 1_000_000 + b" = 1", "at most 100000 characters"),
        (b"\n".join(b"[t%d]" % n for n in range(30_000)), "the unknown key t0"),
        (b"seed = 1\nseed = 2", "there twice"),
        (b"seed = 2020-01-01", "found 2020-01-01"),
        (b"seed = 2020-02-31", "TOML"),
        (b"[tasks]\nfamily = 12:00:00", "found"),
        (b"tasks = [1, [2]]", "tasks"),
        (b"tasks = 3", "tasks"),
        (b"'' = 3\n" + SMALL, "unknown key"),
        (b"[rule]\nsignals = [" + b",".join(b"'x%d'" % n for n in range(50_000)) + b"]\n" + SMALL, "a signal"),
        (b"[rule]\ninit = {update = '" + b"(" * 90_000 + b"'}\n" + SMALL, "rule.init.update"),
        (b"[rule]\ninit = {update = '" + b"-" * 90_000 + b"'}\n" + SMALL, "rule.init.update"),
        (b"[rule]\ninit = {update = '" + b"w+" * 40_000 + b"w'}\n" + SMALL, "rule.init.update"),
    ],
    ids=range(30),
)
def test_an_odd_file_is_refused_in_words(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(raw)
    assert message in answer(path)


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf" + SMALL, SMALL.replace(b"\n", b"\r\n"), SMALL.rstrip()])
def test_marks_and_line_ends_of_other_systems_are_read(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(raw)
    assert answer(path) == ""


@pytest.mark.parametrize(
    "name", ["x" * 256, "x" * 5000, "x/" * 3000, "a\0b", "\udcff", "\x1b[2J", "", ".", "..", "/", "/dev/null", "~"]
)
def test_an_odd_name_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    for recipe in (name, {"base": name}):
        refused = answer(recipe)
        assert refused
        assert "\x1b" not in refused


@pytest.mark.parametrize("name", ["x" * 256, "x" * 5000, "x/" * 3000])
def test_runs_and_folders_have_no_such_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    function = {"family": "function", "function": "a:b", "path": name}
    for attempt in (
        lambda: evometa.run("delta", out=name),
        lambda: evometa.resume(name),
        lambda: evometa.load(name),
        lambda: evometa.run({"tasks": function}, out="run"),
        lambda: evometa.run({"tasks": {"family": "table", "path": name}}, out="run"),
        lambda: evometa.run({"tasks": {"family": "omniglot", "path": name}}, out="run"),
    ):
        with pytest.raises(InputError):
            attempt()


def test_pipes_are_no_recipes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert "a pipe" in answer(tmp_path / "pipe.toml")


@pytest.mark.parametrize(
    "setting",
    [
        "seed=" + "[" * 1000,
        "seed=" + "[" * 1000 + "]" * 1000,
        "seed=" + "[x, " * 1000 + "]" * 1000,
        "seed=" + "9" * 5000,
        "seed=" + "{a=" * 500,
        "x={" + "a." * 100_000 + "a=1}",
        "a." * 100_000 + "b=1",
        "x" * 1_000_000 + "=1",
        "description=" + "x" * 1_000_000,
        "description=\udcff",
        "description=\0",
        "name=" + "x" * 300,
        "tasks.²=1",
        "tasks.²5.ways=1",
        "tasks." + "9" * 5000 + ".ways=1",
        "tasks.0.0.0=1",
        "rule.init.update=" + "(" * 90_000,
        "base=digits",
        "\udcff=1",
    ],
    ids=range(19),
)
def test_an_odd_setting_is_refused_by_its_option(setting: str) -> None:
    assert answer("digits", [setting]).startswith("--set ")


def test_a_setting_of_a_whole_section_goes_with_one_of_its_keys() -> None:
    assert "a table" in answer("digits", ["lifetime.updates=3", "lifetime=3"])
    assert answer("digits", ["lifetime=3", "lifetime.updates=3"]) == ""


def test_values_of_python_are_taken_or_refused() -> None:
    tasks = {"family": "boolean"}
    assert answer({"tasks": tasks, "seed": np.int64(3), "weights": {"scale": np.float32(0.5)}}, seed=np.int32(4)) == ""
    around: dict[str, Any] = {}
    around |= {"a": around, "b": [around]}
    for bad in (None, 3, [], around, {3: 4}, {"tasks": np.zeros(3)}, {"tasks": tasks, "seed": threading.Lock()}):
        assert answer(bad)
    for odd in ([3], "seed=3", [None]):
        assert answer("digits", odd).startswith("settings: ")  # type: ignore[arg-type]
    assert "more than 60 digits" in answer({"tasks": tasks, "seed": 10**5000})


WORDS = st.sampled_from([part for key in keys() for part in key.split(".")])
KEYS = WORDS | st.text(max_size=4)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), WORDS, st.dates(), st.datetimes(),
    st.sampled_from(["grad", "w", "update", "-c0 * grad", "random", "boolean", "table", "dataset", "digits", 10**30]),
)  # fmt: skip
TABLES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
FAMILIES = st.fixed_dictionaries({"family": st.sampled_from(["boolean", "digits", "table", "function", "dataset"])})


@settings(deadline=None, max_examples=300)
@given(data=st.dictionaries(KEYS, TABLES, max_size=5), tasks=st.none() | FAMILIES | st.lists(FAMILIES, max_size=3))
def test_any_mapping_is_a_configuration_or_refused(data: dict[str, Any], tasks: Any) -> None:
    answer(data if tasks is None else {**data, "tasks": tasks})


@settings(deadline=None, max_examples=300)
@given(text=st.text(st.sampled_from("[]{}=.,\"'#\n \t0123456789abcdefx_-+:TZ\\\x00é\ufeff"), max_size=60))
def test_any_text_is_toml_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8")
    answer(path)


@settings(deadline=None, max_examples=300)
@given(
    options=st.lists(
        st.builds("{}={}".format, st.lists(KEYS, min_size=1, max_size=3).map(".".join), st.text(max_size=8) | WORDS)
        | st.builds("{}={}".format, st.sampled_from(sorted(keys())), st.text("[]{}=.,\"' 01-9eax", max_size=12)),
        max_size=4,
    ),
    recipe=st.sampled_from(["digits", "optimizer"]),
)
@example(["lifetime.epochs=1", "lifetime="], "digits")
@example(["tasks=[1]", "tasks.0.ways=1"], "optimizer")
def test_any_settings_are_a_configuration_or_refused(options: list[str], recipe: str) -> None:
    answer(recipe, options)
