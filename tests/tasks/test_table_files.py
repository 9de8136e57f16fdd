"""Tables as people have them: what is read all the same, what is left out and said, what is refused and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.tasks import open_family
from evometa.tasks.columns import LISTED
from evometa.tasks.families.table import Table, TableTasks
from evometa.tasks.numerals import decimal_mark, numeral

ROWS, CLASSES = 6, 4
NUMBERS = np.random.default_rng(0).normal(1, 0.4, (ROWS * CLASSES, 2))
PLAIN = [["width", "height", "kind"], *([f"{a:.3f}", f"{b:.1f}", f"k{r // ROWS}"] for r, (a, b) in enumerate(NUMBERS))]


def text(rows: list[list[str]], separator: str = ",", end: str = "\n") -> bytes:
    """Rows as a file."""
    return "".join(separator.join(row) + end for row in rows).encode()


def comma(rows: list[list[str]]) -> list[list[str]]:
    """Rows with decimal commas."""
    return [[cell.replace(".", ",") for cell in row] for row in rows]


def with_column(name: str, cells: Callable[[int], object], place: int = 0) -> bytes:
    """The table with one more column, of what `cells` gives for each row."""
    more = [name, *(str(cells(r)) for r in range(len(PLAIN) - 1))]
    return text([[*row[:place], cell, *row[place:]] for row, cell in zip(PLAIN, more, strict=True)])


def with_cell(cell: str) -> bytes:
    """The table with one width replaced, in row 5 of the file."""
    return text([*PLAIN[:4], [cell, *PLAIN[4][1:]], *PLAIN[5:]])


def opened(tmp_path: Path, content: bytes, **settings: object) -> Table:
    """Open a table of that content."""
    (tmp_path / "t.csv").write_bytes(content)
    wanted = {"path": str(tmp_path / "t.csv"), "target": "kind", "shots": 2, "queries": 1, **settings}
    family = open_family(TableTasks(**wanted), 0)  # type: ignore[arg-type]
    assert isinstance(family, Table)
    return family


def drawn(family: Table) -> bytes:
    """The bytes of some tasks."""
    return family.sample("train", 9, np.random.default_rng(0)).support_x.tobytes()


READ = {
    "semicolons and decimal commas": text(comma(PLAIN), ";"),
    "tabs and decimal commas": text(comma(PLAIN), "\t"),
    "quoted decimal commas": text([[f'"{cell}"' for cell in row] for row in comma(PLAIN)]),
    "tabs": text(PLAIN, "\t"),
    "bars": text(PLAIN, "|"),
    "spaces after separators": text(PLAIN, ", "),
    "Windows line ends": text(PLAIN, end="\r\n"),
    "old Macintosh line ends": text(PLAIN, end="\r"),
    "a byte order mark": b"\xef\xbb\xbf" + text(PLAIN),
    "UTF-16": text(PLAIN, "\t").decode().encode("utf-16"),
    "Excel's own first line": b"sep=;\n" + text(PLAIN, ";"),
    "a trailing separator in every line": text([[*row, ""] for row in PLAIN]),
    "a trailing separator in every line but the header": text([PLAIN[0], *([*row, ""] for row in PLAIN[1:])]),
    "a trailing separator in the header": text([[*PLAIN[0], ""], *PLAIN[1:]]),
    "empty lines": text([["", "", ""], PLAIN[0], [" "], *PLAIN[1:9], [], *PLAIN[9:], [], ["", "", ""]]),
    "all cells in quotes": text([[f'"{cell}"' for cell in row] for row in PLAIN]),
    "a header with other separators in it": text([["width, mean, of all, in cm", *PLAIN[0][1:]], *PLAIN[1:]], ";"),
    "no line end at the end": text(PLAIN).rstrip(),
}
LEFT_OUT = {
    "an index as pandas writes it": (with_column("", lambda r: r), "without a name (it numbers the rows)"),
    "an index of rows that were sorted": (
        with_column("", lambda r: r * 7 % 24),
        "without a name (it numbers the rows)",
    ),
    "an index of joined tables": (with_column("", lambda r: r % 12), "without a name (it numbers the rows)"),
    "row names as R writes them": (
        text([PLAIN[0], *([str(r), *row] for r, row in enumerate(PLAIN[1:], 1))]),
        "without a name (it numbers the rows)",
    ),
    "an index read and written again": (with_column("Unnamed: 0", lambda r: r * 7 % 24), "Unnamed: 0 (it numbers"),
    "numbers of rows in another order": (with_column("order", lambda r: 3 + r * 7 % 24), "order (it numbers the rows)"),
    "numbers of rows": (with_column("n", lambda r: 100 + 2 * r), "n (it numbers the rows)"),
    "numbered identifiers": (with_column("Sample_ID", lambda r: r * r + 17), "Sample_ID (it numbers the rows)"),
    "identifiers that Python reads as numbers": (
        with_column("code", lambda r: f"2001_{r:03}"),
        "code (a name of its own",
    ),
    "names": (with_column("who", lambda r: f"person {r}", 1), "who (a name of its own in each row)"),
    "a constant": (with_column("site", lambda r: "north", 2), "site (the same in all rows)"),
    "an empty column": (with_column("remarks", lambda r: "", 3), "remarks (nothing in any row)"),
    "remarks over several lines": (with_column("said", lambda r: f'"so {r},\n""well"""'), "said (a name of its own"),
}
REFUSED = {
    "digits of another script": (with_cell("٣"), r"row 5, column width: expected a finite number; found '٣'"),
    "a number as Python code has it": (with_cell("1_0"), "row 5, column width: .*found '1_0'"),
    "a code with leading zeros": (with_cell("007"), "row 5, column width: .*found '007'"),
    "a missing value": (with_cell("NA"), r"row 5, column width: .*found \'NA\'.*leave the column out: tasks.omit"),
    "missing values": (
        text([PLAIN[0], *(["?" if r % 2 else row[0], *row[1:]] for r, row in enumerate(PLAIN[1:]))]),
        r"row 3, column width: .*found '\?' \(no number in 12 of 24 rows\)",
    ),
    "numbers with units": (with_column("mass", lambda r: f"{r + 1} kg"), "column mass: expected numbers; found text"),
    "words": (
        with_column("colour", lambda r: ("red", "blue")[r % 2]),
        "found text of 2 values .*'red', 'blue'.*0 and 1",
    ),
    "marks for thousands": (with_cell('"1.234,5"'), "row 5, column width: .*found '1.234,5'"),
    "two decimal marks": (text([*PLAIN[:9], *comma(PLAIN[9:])], ";"), "one decimal mark .*found .* and "),
    "commas that may be thousands": (
        text([PLAIN[0], *([f"{r + 1},{r:03}", *row[1:2], row[2]] for r, row in enumerate(PLAIN[1:]))], ";").replace(
            b".", b""
        ),
        r"decimal mark is plain; found '1,000', which may be thousands as well.*tasks.decimal",
    ),
    "the target in other words": (with_column("kind_no", lambda r: 9 - r // ROWS), "'kind_no', which is the target"),
    "fractions without a name": (with_column("", lambda r: r / 7), "a name for each column that is no index"),
    "a row too long": (text([*PLAIN[:3], [*PLAIN[3], "1"], *PLAIN[4:]]), "row 4: expected 3 columns.*found 4"),
    "two columns of one name": (with_column("height", lambda r: r / 7), "each column name once; found 'height' twice"),
    "no header": (text([[*row[:2], row[0]] for row in PLAIN[1:]]), "Its first row must name the columns"),
    "an Excel file": (b"PK\x03\x04rest", "a text file .CSV.; found an Excel or zip file.* Save the sheet as CSV"),
    "a gzip file": (b"\x1f\x8brest", "found a gzip file"),
    "no text": (b"width,kind\n\x81,\x00\n", "expected text in UTF-8"),
    "a cell without end": (b'width,kind\n1,"' + b"x" * 200_000, "cells separated by commas; found field larger"),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_what_is_read_gives_the_tasks_of_the_plain_table(tmp_path: Path, content: bytes) -> None:
    """The same bytes, and nothing needs to be said."""
    family = opened(tmp_path, content)
    assert drawn(family) == drawn(opened(tmp_path, text(PLAIN)))
    assert family.notes == ()


@pytest.mark.parametrize("content, words", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_no_input_is_left_out_and_said(tmp_path: Path, content: bytes, words: str) -> None:
    """The tasks are those of the table without it."""
    family = opened(tmp_path, content)
    assert drawn(family) == drawn(opened(tmp_path, text(PLAIN)))
    assert len(family.notes) == 1
    assert family.notes[0].startswith("t.csv: left out of the inputs: ")
    assert words in family.notes[0]


@pytest.mark.parametrize("content, words", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_told_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """By file, row and column."""
    with pytest.raises(InputError, match=rf"(?s)t\.csv.*{words}"):
        opened(tmp_path, content)


def test_columns_that_are_named_are_taken_as_they_are(tmp_path: Path) -> None:
    """Row numbers as well, and what gives the target away; those in `omit` never are."""
    content = with_column("n", lambda r: r)
    assert opened(tmp_path, content, features=("n", "width")).inputs == 2
    assert opened(tmp_path, with_column("kind_no", lambda r: r // ROWS), features=("kind_no",)).inputs == 1
    family = opened(tmp_path, with_column("kind_no", lambda r: r // ROWS), omit=("kind_no", "height"))
    assert family.inputs == 1
    assert family.notes == ()


def test_a_decimal_mark_may_be_said(tmp_path: Path) -> None:
    """Where it cannot be found out."""
    rows = [PLAIN[0], *([f"{r + 1},{r:03}", "1,500", row[2]] for r, row in enumerate(PLAIN[1:]))]
    family = opened(tmp_path, text(rows, ";"), decimal=",", features=("width",), standardise=False)
    assert family.sample("train", 9, np.random.default_rng(0)).support_x.max() < 25
    with pytest.raises(InputError, match="found text of 24 values"):
        opened(tmp_path, text(rows, ";"), decimal=".", features=("width",))


def test_another_encoding_is_said(tmp_path: Path) -> None:
    """As older Windows programs write."""
    content = text(PLAIN).decode().replace("k0", "Käfer").encode("latin-1")
    family = opened(tmp_path, content)
    assert family.notes == ("t.csv is not UTF-8 and was read as Windows-1252",)
    assert "Käfer" in " ".join(family.splits.values())


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"target": "Kind"}, r"a column 'Kind' \(tasks.target\); .*Did you mean kind\?"),
        ({"group": "knid"}, "Did you mean kind?"),
        ({"features": ("widht",)}, "Did you mean width?"),
        ({"omit": ("heigth",)}, "Did you mean height?"),
        ({"omit": ("kind",)}, r"'kind' in two roles \(target, omit\)"),
        ({"train": ("K0", "k1"), "test": ("k2", "k3")}, "found K0. Did you mean k0"),
    ],
)
def test_names_that_are_nearly_right_are_offered(tmp_path: Path, settings: dict[str, object], words: str) -> None:
    """Columns and classes."""
    with pytest.raises(InputError, match=words):
        opened(tmp_path, text(PLAIN), **settings)


def test_many_columns_are_read_and_those_left_out_are_listed_briefly(tmp_path: Path) -> None:
    """600 of them, half constant."""
    rng = np.random.default_rng(1)
    names = [f"x{i}" for i in range(600)]
    rows = [[f"{v:.4f}" if i % 2 else "0" for i, v in enumerate(rng.normal(size=600))] for _ in PLAIN[1:]]
    body = [[*names, "kind"], *([*row, plain[2]] for row, plain in zip(rows, PLAIN[1:], strict=True))]
    family = opened(tmp_path, text(body))
    assert family.inputs == 300
    assert f"and {300 - LISTED} more" in family.notes[0]


def test_only_one_kind_of_mark_makes_a_number() -> None:
    """The other is no number then, nor is what has both."""
    assert [numeral(cell, ",") for cell in ("1,5", "-,5e3", "1.5", "1,2,3", "12")] == ["1.5", "-.5e3", None, None, "12"]
    assert [numeral(cell, ".") for cell in ("1.5", "-.5E-3", "1,5", "+0", "00", "0.", "1 ", "inf", "0x1")] == [
        "1.5", "-.5E-3", None, "+0", None, "0.", None, None, None,
    ]  # fmt: skip
    assert decimal_mark([["a,b", "c"], ["1", "NA"]], "here") == "."  # text holds commas, too
    assert decimal_mark([["1,500", "0,250"]], "here") == ","


def test_no_special_file_is_read(tmp_path: Path) -> None:
    """A device has no end, and a pipe no writer."""
    import os

    os.mkfifo(tmp_path / "pipe.csv")
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "zero.npz").symlink_to("/dev/zero")
    for path, what in (
        ("/dev/zero", "a device"),
        ("pipe.csv", "a pipe"),
        ("pipe.npz", "a pipe"),
        ("zero.npz", "a device"),
    ):
        with pytest.raises(InputError, match=f"a regular file; found {what}"):
            open_family(TableTasks(path=path), 0, base=tmp_path)
    with pytest.raises(InputError, match="no such file"):
        open_family(TableTasks(path="x" * 300), 0, base=tmp_path)


def test_a_table_beyond_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its cells are made."""
    monkeypatch.setattr("evometa.system.machine.memory", lambda: 2400)
    with pytest.raises(InputError, match="a table of at most 100 bytes; found a larger one"):
        opened(tmp_path, text(PLAIN))
