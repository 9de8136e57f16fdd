"""A user's own table: what is accepted, and how it is divided."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.tasks import Family, open_family
from evometa.tasks.families.table import TableTasks
from tests.tasks.contract import check_contract, examples

ROWS = 12
NAMED = {"features": ("a", "b", "c")}  # taken as they are, row numbers and a constant included


def write_classes(path: Path, classes: int = 6) -> None:
    """A CSV with `classes` kinds of ROWS rows each; column a numbers the rows, b is noise, c is constant."""
    rng = np.random.default_rng(0)
    lines = ["a, b ,c,kind"]
    lines += [f"{k}.5,{rng.normal():.4f},0.1,sort{k // ROWS}" for k in range(classes * ROWS)]
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
    """Open the table at `path`, target kind unless said otherwise; of kinds.csv all columns, the constant one too."""
    if path.name == "kinds.csv" and "group" not in settings:
        settings.setdefault("features", ("a", "b", "c"))
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
    family = opened(csv, shots=2, queries=1, **NAMED)
    assert (family.inputs, family.outputs, family.support["test"], family.head) == (3, 2, 4, "softmax")
    check_contract(family)


def test_contract_by_group(grouped: Path) -> None:
    family = opened(grouped, group="patient", target="y", kind="regression", features=("x",))
    assert (family.inputs, family.outputs, family.support["test"], family.head) == (1, 1, 5, "linear")
    check_contract(family)
    classes = opened(grouped, group="patient", features=("x",))
    assert (classes.outputs, classes.head) == (2, "softmax")
    check_contract(classes)


def test_paths_start_from_the_base(csv: Path) -> None:
    check_contract(open_family(TableTasks(path=csv.name, target="kind", shots=1, queries=1), 0, base=csv.parent))


def test_classes_divide_by_share(csv: Path) -> None:
    met = rows_met(opened(csv, shots=1, queries=1, standardise=False, **NAMED))
    kinds = {split: {row // ROWS for row in rows} for split, rows in met.items()}
    assert kinds["train"] == kinds["validation"]
    assert not kinds["train"] & kinds["test"]
    assert len(kinds["test"]) == 2
    assert not met["train"] & met["validation"]
    assert set.union(*met.values()) == set(range(6 * ROWS))


def test_classes_divide_by_list(csv: Path) -> None:
    lists = {"train": ("sort0", "sort5"), "validation": ("sort1", "sort2"), "test": ("sort3", "sort4")}
    met = rows_met(opened(csv, shots=1, queries=1, standardise=False, **NAMED, **lists))
    assert [{row // ROWS for row in rows} for rows in met.values()] == [{0, 5}, {1, 2}, {3, 4}]
    del lists["validation"]
    met = rows_met(opened(csv, shots=1, queries=1, standardise=False, **NAMED, **lists))
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
    family = opened(csv, shots=6, queries=6, **NAMED, **lists)
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
    a = opened(csv, shots=2, queries=2, **NAMED).sample("train", 3, np.random.default_rng(0))
    b = opened(csv.with_suffix(".npz"), target="y", shots=2, queries=2).sample("train", 3, np.random.default_rng(0))
    assert a.support_x.tobytes() == b.support_x.tobytes()
    np.savez(csv.with_suffix(".npz"), x=x, kind=np.arange(len(y)) % 3, patient=np.arange(len(y)) % 4)
    check_contract(opened(csv.with_suffix(".npz"), group="patient"))


def test_the_same_classes_serve_all_splits_when_rows_are_divided(csv: Path) -> None:
    """Each split has rows of its own of every class, and no row is in two."""
    family = opened(csv, shots=1, queries=1, standardise=False, divide="rows", ways=6)
    met = rows_met(family)
    assert sum(map(len, met.values())) == 6 * ROWS
    assert met["train"] | met["validation"] | met["test"] == set(range(6 * ROWS))
    assert all({row // ROWS for row in rows} == set(range(6)) for rows in met.values())
    check_contract(family)


def test_rows_are_divided_only_where_nothing_else_says_what_is_held_out(grouped: Path) -> None:
    """Not with groups, and not with lists."""
    for settings in ({"group": "patient"}, {"train": ("low",), "test": ("high",)}):
        with pytest.raises(ValueError, match=r"tasks\.divide"):
            opened(grouped, divide="rows", features=("x",), **settings)
