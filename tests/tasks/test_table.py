"""A user's own table: what is accepted, how it is divided, and how everything wrong in it is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.config.tasks import TableTasks
from evometa.errors import InputError
from evometa.tasks import Family, open_family
from tests.tasks.contract import check_contract, examples

ROWS = 12


def write_classes(path: Path, classes: int = 6) -> None:
    """A CSV with `classes` kinds of ROWS rows each; column a numbers the rows, b is noise, c is constant."""
    rng = np.random.default_rng(0)
    lines = ["a, b ,c,kind"]
    lines += [f"{k},{rng.normal():.4f},7,sort{k // ROWS}" for k in range(classes * ROWS)]
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8-sig")


def write_groups(path: Path, groups: int = 10) -> None:
    """A CSV with one line through the plane for each patient, y = slope x."""
    rng = np.random.default_rng(0)
    lines = ["patient,x,y,kind"]
    for g in range(groups):
        slope = rng.normal()
        lines += [f"p{g},{x:.5f},{slope * x:.5f},{'high' if x > 0 else 'low'}" for x in rng.normal(size=ROWS)]
    path.write_text("\n".join(lines))


def opened(path: Path, **settings: object) -> Family:
    """Open the table at `path`, target kind unless said otherwise."""
    return open_family(TableTasks(**{"path": str(path), "target": "kind", **settings}), 0)  # type: ignore[arg-type]


def rows_met(family: Family, count: int = 200) -> dict[str, set[int]]:
    """Numbers of the rows that each split draws, from an unscaled first column that numbers them."""
    return {
        split: {
            int(np.frombuffer(row, np.float32)[0])
            for row in examples(family.sample(split, count, np.random.default_rng(0)))
        }
        for split in family.splits
    }


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """A table of six classes."""
    write_classes(tmp_path / "kinds.csv")
    return tmp_path / "kinds.csv"


@pytest.fixture
def grouped(tmp_path: Path) -> Path:
    """A table of ten groups."""
    write_groups(tmp_path / "patients.csv")
    return tmp_path / "patients.csv"


def test_contract_by_class(csv: Path) -> None:
    family = opened(csv, shots=2, queries=1)
    assert (family.inputs, family.outputs, family.support, family.head) == (3, 2, 4, "softmax")
    check_contract(family)


def test_contract_by_group(grouped: Path) -> None:
    family = opened(grouped, group="patient", target="y", kind="regression", features=("x",))
    assert (family.inputs, family.outputs, family.support, family.head) == (1, 1, 5, "linear")
    check_contract(family)
    classes = opened(grouped, group="patient", features=("x",))
    assert (classes.outputs, classes.head) == (2, "softmax")
    check_contract(classes)


def test_paths_start_from_the_base(csv: Path) -> None:
    check_contract(
        open_family(TableTasks(path=csv.name, target="kind", shots=1, queries=1), 0, base=csv.parent)
    )


def test_classes_divide_by_share(csv: Path) -> None:
    met = rows_met(opened(csv, shots=1, queries=1, standardise=False))
    kinds = {split: {row // ROWS for row in rows} for split, rows in met.items()}
    assert kinds["train"] == kinds["validation"]
    assert not kinds["train"] & kinds["test"]
    assert len(kinds["test"]) == 2
    assert not met["train"] & met["validation"]
    assert set.union(*met.values()) == set(range(6 * ROWS))


def test_classes_divide_by_list(csv: Path) -> None:
    lists = {"train": ("sort0", "sort5"), "validation": ("sort1", "sort2"), "test": ("sort3", "sort4")}
    met = rows_met(opened(csv, shots=1, queries=1, standardise=False, **lists))
    assert [{row // ROWS for row in rows} for rows in met.values()] == [{0, 5}, {1, 2}, {3, 4}]
    del lists["validation"]
    met = rows_met(opened(csv, shots=1, queries=1, standardise=False, **lists))
    assert [{row // ROWS for row in rows} for rows in met.values()] == [{0, 5}, {0, 5}, {3, 4}]
    assert not met["train"] & met["validation"]


@pytest.mark.parametrize("validation", [("p3",), ()])
def test_groups_divide_by_share_and_by_list(grouped: Path, validation: tuple[str, ...]) -> None:
    family = opened(grouped, group="patient", target="y", kind="regression", features=("x",))
    assert [text.split()[0] for text in family.splits.values()] == ["5", "2", "3"]
    lists = {"train": ("p0", "p1", "p2"), "validation": validation, "test": ("p9",)}
    family = opened(grouped, group="patient", target="y", kind="regression", features=("x",), **lists)
    parts = [set(text[text.index("(") + 1 : text.index(")")].split()) for text in family.splits.values()]
    assert parts[2] == {"p9"}
    assert not parts[0] & parts[1]
    assert parts[0] | parts[1] == {"p0", "p1", "p2", *validation}
    assert parts[1] == set(validation) or not validation


def test_each_lane_is_one_group_and_no_row_is_asked_that_was_shown(grouped: Path) -> None:
    family = opened(
        grouped,
        group="patient",
        target="y",
        kind="regression",
        features=("x",),
        standardise=False,
        shots=6,
        queries=6,
    )
    seen: dict[str, set[float]] = {}
    for split in family.splits:
        tasks = family.sample(split, 60, np.random.default_rng(0))
        x = np.concatenate([tasks.support_x, tasks.query_x])[:, 0]
        slopes = np.concatenate([tasks.support_y, tasks.query_y])[:, 0] / x
        assert np.allclose(slopes, np.median(slopes, axis=0), atol=0.02)
        assert all(len(set(lane)) == 12 for lane in x.T)
        seen[split] = set(x.ravel().tolist())
    assert sum(map(len, seen.values())) == len(set.union(*seen.values())) == 120


def test_scaling_uses_the_meta_train_rows_alone(csv: Path) -> None:
    lists = {"train": ("sort0", "sort1"), "validation": ("sort2", "sort3"), "test": ("sort4", "sort5")}
    family = opened(csv, shots=6, queries=6, **lists)
    a = family.sample("train", 1, np.random.default_rng(0))
    column = np.concatenate([a.support_x, a.query_x])[:, :, 0]
    assert np.allclose(column[:, :2].mean(axis=0), 0, atol=1e-6)
    assert np.allclose(column[:, :2].std(axis=0), 1, atol=1e-6)
    assert (column[:, 2] == 0).all()
    far = family.sample("test", 1, np.random.default_rng(0))
    rows = np.arange(24.0)
    expected = {round(float(v), 3) for v in (np.arange(48, 72) - rows.mean()) / rows.std()}
    assert {round(float(v), 3) for v in np.concatenate([far.support_x, far.query_x])[:, 0, 0]} == expected


def test_a_numeric_target_is_scaled_too(grouped: Path) -> None:
    lists = {"train": ("p0",), "validation": ("p1",), "test": ("p2",)}
    family = opened(
        grouped, group="patient", target="y", kind="regression", features=("x",), shots=6, queries=6, **lists
    )
    tasks = family.sample("train", 1, np.random.default_rng(0))
    y = np.concatenate([tasks.support_y, tasks.query_y])
    assert abs(y.mean()) < 1e-6
    assert abs(y.std() - 1) < 1e-6


def test_npz_gives_what_csv_gives(csv: Path) -> None:
    rows = [line.split(",") for line in csv.read_text(encoding="utf-8-sig").split("\n")[1:-2]]
    x, y = np.array([[float(v) for v in row[:3]] for row in rows]), np.array([row[3] for row in rows])
    np.savez(csv.with_suffix(".npz"), x=x, y=y)
    a = opened(csv, shots=2, queries=2).sample("train", 3, np.random.default_rng(0))
    b = opened(csv.with_suffix(".npz"), target="y", shots=2, queries=2).sample(
        "train", 3, np.random.default_rng(0)
    )
    assert a.support_x.tobytes() == b.support_x.tobytes()
    np.savez(csv.with_suffix(".npz"), x=x, kind=np.arange(len(y)) % 3, patient=np.arange(len(y)) % 4)
    check_contract(opened(csv.with_suffix(".npz"), group="patient"))


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
        ('1,0,"0,sort0', 9, r"a readable CSV .*Error: unexpected end of data"),
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
        ("a;kind\n1;x\n", {}, "save the file with commas"),
        ("a,a,kind\n1,1,x\n", {}, r"each column name once; found 'a' twice"),
        ("a,kind\n", {}, "rows of data under the header; found none"),
        ("", {}, "found the columns of an empty file"),
        ("a,kind\n1,x\n2,x\n", {}, "column kind: expected at least two classes; found only x"),
    ],
)
def test_wrong_tables_are_named(tmp_path: Path, text: str, settings: dict[str, object], words: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        opened(tmp_path / "t.csv", **settings)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"missing.csv \(tasks.path\): expected a CSV or npz file; found no such file"
    ):
        opened(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="IsADirectoryError"):
        opened(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x80\n\x81")
    with pytest.raises(InputError, match=r"readable CSV \(UTF-8, commas\).*UnicodeDecodeError"):
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
        ({"target": "b", "group": "kind", "kind": "regression", "test_fraction": 0.79}, "at least 3 groups"),
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
