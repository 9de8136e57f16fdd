"""Everything wrong in a user's table is named by file, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from tests.tasks.families.test_table import opened, write_classes


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A table of six classes."""
    write_classes(tmp_path / "kinds.csv")
    return tmp_path / "kinds.csv"


@pytest.mark.parametrize(
    "row, line, words",
    [
        ("x,0,0,sort0", 5, r"row 5, column a: expected a finite number; found 'x'"),
        ("1,nan,0,sort0", 3, r"row 3, column b: expected a finite number; found 'nan'"),
        ("1,0,-inf,sort0", 2, r"row 2, column c: expected a finite number; found '-inf'"),
        ("1,1e99,0,sort0", 2, r"row 2, column b: expected a finite number; found '1e99'"),
        ("1, ,0,sort0", 9, r"row 9, column b: expected a finite number; found nothing"),
        ("1,0,0", 9, r"row 9: expected 4 columns, as in the header; found 3"),
        ("1,0,0,", 9, r"row 9, column kind: expected a name; found nothing"),
        ('1,0,"0,sort0', 9, r"row \d+: expected cells separated by commas; found unexpected end of data"),
    ],
)
def test_wrong_cells_are_named_by_file_row_and_column(csv: Path, row: str, line: int, words: str) -> None:
    lines = csv.read_text(encoding="utf-8-sig").split("\n")
    lines[line - 1] = row
    csv.write_text("\n".join(lines))
    with pytest.raises(InputError, match=rf"kinds\.csv.*{words}"):
        opened(csv)


@pytest.mark.parametrize(
    "text, settings, words",
    [
        ("a,b\n1,2\n", {}, r"row 1: expected a column 'kind' \(tasks.target\); found the columns a, b"),
        ("a,kind\n1,x\n", {"group": "site"}, r"a column 'site' \(tasks.group\)"),
        ("a,kind\n1,x\n", {"features": ("b",)}, r"a column 'b' \(tasks.features\)"),
        ("a,kind\n1,x\n", {"features": ("a", "kind")}, "'kind' in two roles"),
        ("a,kind\n1,x\n", {"group": "kind"}, "'kind' in two roles"),
        ("kind\nx\n", {}, "at least one column to predict from"),
        ("a:kind\n1:x\n", {}, "separated by commas, semicolons, tabs or bars"),
        ("a,a,kind\n1,1,x\n", {}, r"each column name once; found 'a' twice"),
        ("a,kind\n", {}, "rows of data under the header; found none"),
        ("", {}, "found the columns of an empty file"),
        ("a,kind\n1.5,x\n2,x\n", {}, "column kind: expected at least two classes; found only x"),
    ],
)
def test_wrong_tables_are_named(tmp_path: Path, text: str, settings: dict[str, object], words: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        opened(tmp_path / "t.csv", **settings)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing.csv \(tasks.path\): expected a CSV or npz file; found no such file"):
        opened(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="found a folder"):
        opened(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"\x81\x00\n\x81")
    with pytest.raises(InputError, match="expected text in UTF-8; found bytes that are no text in it"):
        opened(tmp_path / "binary.csv")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04" + bytes(40))
    with pytest.raises(InputError, match="BadZipFile"):
        opened(tmp_path / "cut.npz")


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"ways": 4}, r"at least 8 classes \(4 for train, 4 for test\); found 6"),
        (
            {"shots": 6, "queries": 5},
            r"at least 11 validation rows each \(shots \+ queries\); found 1 in sort\d",
        ),
        (
            {"train": ("sort0", "sort1"), "test": ("sort2", "sort9")},
            r"tasks.test: expected a name that occurs.*found sort9",
        ),
        (
            {"train": ("sort0", "sort1"), "test": ("sort2",), "shots": 1, "queries": 1},
            "at least 2 test classes; found 1",
        ),
        (
            {"target": "b", "group": "kind", "kind": "regression", "features": ("a",), "test_fraction": 0.79},
            "at least 3 groups",
        ),
        ({"target": "kind", "group": "a"}, r"at least 10 train rows each \(shots \+ queries\); found 1 in"),
    ],
)
def test_too_little_data_is_named_with_numbers(csv: Path, settings: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        opened(csv, **settings)


@pytest.mark.parametrize(
    "change, settings, words",
    [
        ({"y": None}, {}, "an array 'y'; found the arrays x, g"),
        ({}, {"group": "h"}, "an array 'h'"),
        ({}, {"features": ("a",)}, "no list of columns for an npz file"),
        ({"x": np.zeros(30)}, {}, r"a matrix of rows and inputs, neither empty; found x\[30\]"),
        ({"y": np.zeros(29)}, {}, r"each of the 30 rows of x; found y\[29\]"),
        ({"x": np.full((30, 2), "a")}, {}, "array x: expected numbers; found values of type <U1"),
        (
            {"x": np.where(np.arange(60) == 17, np.nan, 0).reshape(30, 2)},
            {},
            r"array x, row 8, column 1 \(counted from 0\): .*found nan",
        ),
        (
            {"y": np.where(np.arange(30) == 4, np.inf, 0)},
            {},
            r"array y, row 4 \(counted from 0\): .*found inf",
        ),
        ({"y": np.array([{}] * 30)}, {}, "Object arrays cannot be loaded"),
        ({"y": np.zeros(30, complex)}, {}, "array y: expected texts or numbers"),
    ],
)
def test_wrong_arrays_are_named(
    tmp_path: Path, change: dict[str, np.ndarray | None], settings: dict[str, object], words: str
) -> None:
    arrays = {"x": np.arange(60.0).reshape(30, 2), "y": np.arange(30) % 5, "g": np.arange(30) % 3, **change}
    np.savez(tmp_path / "t.npz", **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(InputError, match=words):
        opened(tmp_path / "t.npz", **{"target": "y", **settings})
