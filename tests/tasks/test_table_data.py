"""Tables as people have them: encodings, delimiters, decimal commas; and columns that must not become inputs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.tasks.families.table import TableTasks
from evometa.tasks.table_data import Rows, read_table

VALUES = [[1.5, -2.0], [0.25, 3e-2], [4.0, 0.5], [1.5, 7.25]]
KINDS = ["x", "y", "x", "y"]
PLAIN = "a,b,kind\n" + "".join(f"{a},{b},{kind}\n" for (a, b), kind in zip(VALUES, KINDS, strict=True))


def beside(column: list[object]) -> str:
    """The table with one more column in front."""
    return "\n".join(f"{cell},{row}" for cell, row in zip(column, PLAIN.splitlines(), strict=True))


def read(path: Path, text: str | bytes, **settings: object) -> Rows:
    """Write a table and read it."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path, TableTasks(**{"path": str(path), "target": "kind", **settings}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", ",\n"),
        PLAIN.replace("\n", "\n\n") + ",,\n",
        PLAIN.encode("utf-16"),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace(",", " , "),
        "".join(f'"{row.replace(",", chr(34) + "," + chr(34))}"\n' for row in PLAIN.splitlines()),
        beside(["", 0, 1, 2, 3]),
        beside(["Unnamed: 0", 3, 1, 2, 0]),
        beside(["no", 1, 2, 3, 4]),
        beside(["c", 7, 7, 7, 7]),
        "\n".join(
            f"{i},{row}" for i, row in zip(["key", "k\u00e91", "b", "c", "d"], PLAIN.splitlines(), strict=True)
        ).encode("latin-1"),
        "\n".join(
            f"{i},{row}" for i, row in zip(["id", "2001_017", "2001_9", "1_2", "1_1"], PLAIN.splitlines(), strict=True)
        ),
    ],
)
def test_ugly_tables_are_read_as_what_they_are(tmp_path: Path, text: str | bytes) -> None:
    """The same numbers, whatever stands around them; index, identifier and constant are left out."""
    rows = read(tmp_path / "t.csv", text)
    assert rows.x.tolist() == VALUES
    assert rows.columns == ("a", "b")
    assert rows.target.tolist() == KINDS


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    """With the reason; a column that is listed is taken."""
    text = "\n".join(
        f"{i},{row},5" for i, row in zip(["", 0, 1, 2, 3], PLAIN.replace("kind", "kind,c", 1).splitlines(), strict=True)
    )
    text = text.replace("kind,c,5", "kind,c")
    rows = read(tmp_path / "t.csv", text)
    assert "the column without a name (it numbers the rows), c (the same in all rows)" in rows.notes[0]
    assert read(tmp_path / "t.csv", text, features=("a", "c")).columns == ("a", "c")


@pytest.mark.parametrize("number", ["2001_017", "\u0661\u0662", "0x10", "1e", "", "NA", "inf", "1,5,0"])
def test_what_is_no_number_is_none(tmp_path: Path, number: str) -> None:
    """Python's float() takes some of them."""
    with pytest.raises(InputError, match=r"row 3, column a: expected a finite number"):
        read(tmp_path / "t.csv", f'a,kind\n1,x\n"{number}",y\n1,x\n')


def test_whole_numbers_that_rise_are_asked_about(tmp_path: Path) -> None:
    """They may be identifiers, which give rows away, or measured."""
    text = "a,kind\n" + "".join(f"{n * n},{'xy'[n % 2]}\n" for n in range(30))
    with pytest.raises(InputError, match=r"column 'a': an identifier, or measured.*tasks.features"):
        read(tmp_path / "t.csv", text)
    assert read(tmp_path / "t.csv", text, features=("a",)).x[3] == 9
    assert read(tmp_path / "t.csv", text.replace("a,kind\n", "a,kind\n7000,x\n")).x[4] == 9  # they fall, and rise


def test_a_column_mistyped_brings_the_nearest(tmp_path: Path) -> None:
    """In case or by a letter."""
    with pytest.raises(InputError, match="Did you mean kind"):
        read(tmp_path / "t.csv", PLAIN, target="Kind")


def test_nothing_is_read_without_a_bound(tmp_path: Path) -> None:
    """Devices and pipes are refused at once, for both formats."""
    os.mkfifo(tmp_path / "t.csv")
    os.mkfifo(tmp_path / "t.npz")
    for path in (tmp_path / "t.csv", tmp_path / "t.npz", Path("/dev/zero")):
        with pytest.raises(InputError, match=r"a regular file; found a (pipe|device)"):
            read_table(path, TableTasks(path=str(path), target="kind"))
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / ("n" * 300), TableTasks(path="n", target="kind"))
