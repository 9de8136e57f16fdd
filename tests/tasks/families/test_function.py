"""Tasks from a user's own function: what is accepted, and how everything else is named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError, RunFailed
from evometa.tasks import Family, open_family
from evometa.tasks.families.function import FunctionTasks
from tests.tasks.contract import check_contract

LINES = """
import numpy as np

def f(split, count, rng):
    slope = rng.normal(size=(count, 1, 2))
    sx, qx = rng.normal(size=(count, 6, 2)), rng.normal(size=(count, {queries}, 2))
    return sx, (sx * slope).sum(2), qx, (qx * slope).sum(2)[..., None]
"""
CLASSES = """
import numpy as np

def f(split, count, rng):
    x = rng.normal(size=(count, 8, 3))
    y = {labels}
    return x[:, :5], y[:, :5], x[:, 5:], y[:, 5:]
"""
Open = Callable[..., Family]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Write a module and open a family from its function f."""
    before = set(sys.modules), list(sys.path)

    def open_text(text: str, function: str = "f", **settings: object) -> Family:
        name = f"tasks_{len(sys.modules)}_{len(list(tmp_path.iterdir()))}"
        (tmp_path / f"{name}.py").write_text(text)
        try:
            return open_family(FunctionTasks(function=f"{name}:{function}", **settings), 0, base=tmp_path)  # type: ignore[arg-type]
        finally:
            assert sys.path == before[1]

    yield open_text
    for name in set(sys.modules) - before[0]:
        if name.startswith("tasks_"):
            del sys.modules[name]


def test_contract(opened: Open) -> None:
    family = opened(LINES.format(queries="9 if split == 'test' else 4"))
    assert (family.support["test"], family.inputs, family.outputs, family.head) == (6, 2, 1, "linear")
    assert family.queries == {"train": 4, "validation": 4, "test": 9}
    check_contract(family)


def test_tasks_are_those_of_the_function_with_lanes_last(opened: Open) -> None:
    family = opened(
        "import numpy as np\n"
        "def f(split, count, rng):\n"
        "    x = np.arange(count * 6.0).reshape(count, 3, 2) + rng.random()\n"
        "    return x, x, -x[:, :1], x[:, :1]\n"
    )
    tasks = family.sample("train", 5, np.random.default_rng(0))
    x = tasks.support_x - tasks.support_x[0, 0, 0]
    assert np.allclose(x.transpose(2, 0, 1), np.arange(30).reshape(5, 3, 2), atol=1e-5)
    assert (tasks.query_y == -tasks.query_x).all()


@pytest.mark.parametrize(
    "labels, classes, outputs, head",
    [
        ("rng.integers(0, 2, (count, 8))", None, 1, "sigmoid"),
        ("rng.integers(0, 3, (count, 8))", 3, 3, "softmax"),
        ("np.eye(4)[rng.integers(0, 4, (count, 8))]", None, 4, "softmax"),
    ],
)
def test_three_forms_of_classes(opened: Open, labels: str, classes: int | None, outputs: int, head: str) -> None:
    family = opened(CLASSES.format(labels=labels), kind="classification", classes=classes)
    assert (family.outputs, family.head) == (outputs, head)
    check_contract(family)


GOOD = "x = np.zeros((count, 3, 2)); y = np.zeros((count, 3))"


@pytest.mark.parametrize(
    "body, words",
    [
        ("raise KeyError('oops')", r"KeyError: 'oops' \(.*tasks_.*\.py, line 3\)"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("return None", "four arrays .*found NoneType"),
        (f"{GOOD}; return x, y, x", "four arrays .*found 3 values"),
        (f"{GOOD}; return x[:1], y, x, y", r"support_x\[2, examples, inputs\]; found support_x\[1, 3, 2\]"),
        (f"{GOOD}; return x[..., 0], y, x, y", r"support_x\[2, examples, inputs\]; found support_x\[2, 3\]"),
        (f"{GOOD}; return x, y, x[:, :0], y[:, :0]", r"found query_x\[2, 0, 2\]"),
        (f"{GOOD}; return x, y, x[..., :1], y", "query_x with 2 inputs"),
        (f"{GOOD}; return x, y[:, :2], x, y", r"expected support_y\[2, 3\].*found support_y\[2, 2\]"),
        (f"{GOOD}; return x, y, x, x", "query_y with 1 outputs"),
        (
            f"{GOOD}; x[1, 2, 0] = np.nan; return x, y, x, y",
            r"finite numbers in support_x; found nan at \[1, 2, 0\]",
        ),
        (
            f"{GOOD}; y[1, 1] = 1e300; return x, y, x, y",
            r"finite numbers in support_y; found inf at \[1, 1\]",
        ),
        (f"{GOOD}; return x, y.astype(str), x, y", "support_y of numbers; found values of type <U"),
        (f"{GOOD}; return x, y, [[1], [1, 2]], y", "query_x as an array"),
        (
            f"{GOOD}; x += np.random.random(); return x, y, x, y",
            "same tasks from the same rng; found other tasks",
        ),
        (
            f"{GOOD}; k = 2 + (split == 'test'); return x[:, :k], y[:, :k], x, y",
            "expected S, I and O as for train",
        ),
    ],
)
def test_what_is_wrong_at_opening_is_named(opened: Open, body: str, words: str) -> None:
    with pytest.raises(InputError, match=rf"^tasks_\w+:f for \w+: .*{words}"):
        opened(f"import numpy as np\ndef f(split, count, rng):\n    {body}\n")


@pytest.mark.parametrize(
    "labels, classes, words",
    [
        (
            "rng.integers(0, 3, (count, 8))",
            None,
            r"0 and 1 in support_y.*found \[0.0, 1.0, 2.0\].*Give tasks.classes",
        ),
        ("rng.integers(0, 4, (count, 8))", 3, r"whole numbers from 0 to 2 in support_y; found \[.*3.0\]"),
        ("rng.random((count, 8, 2))", None, "one-hot"),
        ("np.ones((count, 8, 2))", None, "a row without just one 1"),
    ],
)
def test_wrong_classes_are_named(opened: Open, labels: str, classes: int | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        opened(CLASSES.format(labels=labels), kind="classification", classes=classes)


@pytest.mark.parametrize(
    "wrong, words",
    [
        ("raise OSError('disk gone')", "for validation: expected four arrays; found OSError: disk gone"),
        ("x = x[:, :, :1]", "for validation: expected shapes as at opening"),
        ("x = x * np.inf", "for validation: expected finite numbers in support_x"),
        (
            "x = x[:-1]",
            r"for validation: expected support_x\[4, examples, inputs\]; found support_x\[3, 3, 2\]",
        ),
    ],
)
def test_what_is_wrong_in_a_run_fails_the_run(opened: Open, wrong: str, words: str) -> None:
    text = (
        "import numpy as np\n"
        "def f(split, count, rng):\n"
        "    x = rng.normal(size=(count, 3, 2)); y = x.sum(2)\n"
        f"    if count > 2: {wrong}\n"
        "    return x, y[:len(x)], x, y[:len(x)]\n"
    )
    family = opened(text)
    with np.errstate(invalid="ignore"), pytest.raises(RunFailed, match=words):
        family.sample("validation", 4, np.random.default_rng(0))


@pytest.mark.parametrize(
    "text, function, words",
    [
        ("def f(:", "f", "that can be imported; found SyntaxError"),
        ("raise SystemExit", "f", "that can be imported; found SystemExit"),
        ("import absent_module", "f", "No module named 'absent_module'"),
        ("def g(): pass", "f", "expected a function f in tasks_.*; found only g"),
        ("f = 3", "f", "expected a function; found int"),
        ("class A: pass", "A.make", "expected a function A.make"),
    ],
)
def test_what_cannot_be_imported_is_named(opened: Open, text: str, function: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        opened(text, function)


def test_missing_modules_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ModuleNotFoundError.*tasks.path names another folder"):
        open_family(FunctionTasks(function="no_such_module_here:f"), 0, base=tmp_path)
    with pytest.raises(InputError, match=r"tasks.path: expected a folder to import from; found no folder .*nowhere"):
        open_family(FunctionTasks(function="a:f", path="nowhere"), 0, base=tmp_path)


def test_path_is_relative_to_the_base(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code/tasks_in_folder.py").write_text(LINES.format(queries=4))
    family = open_family(FunctionTasks(function="tasks_in_folder:f", path="code"), 0, base=tmp_path)
    assert family.queries["test"] == 4
    del sys.modules["tasks_in_folder"]
