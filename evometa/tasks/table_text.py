"""The text of a CSV file as people have it: encoding, delimiter, numbers; and which columns are no inputs."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from evometa.disk import read_bounded
from evometa.errors import InputError

LIMIT = 1_000_000_000  # bytes of a file
DELIMITERS = ",;\t|"
POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)  # float() takes 1_7 and other alphabets' digits
COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
UNNAMED = re.compile(r"|Unnamed: 0")  # what pandas' to_csv writes over an index, and what read_csv makes of it


@dataclass(frozen=True)
class Cells:
    """A file's header and rows, all texts; `lines`: where each row ends in the file; `comma`: decimals have one."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    comma: bool

    def number(self, text: str) -> float:
        """Return a text as a number, NaN where it is none."""
        text = text.strip()
        if POINT.fullmatch(text):
            return float(text)
        return float(text.replace(",", ".")) if self.comma and COMMA.fullmatch(text) else float("nan")


def read_cells(path: Path) -> Cells:
    """Read a file with a header. Raises InputError, UnicodeError and csv.Error."""
    content = read_bounded(path, LIMIT, "a CSV or npz file", f"{path} (tasks.path)")
    text = _decoded(content)
    if "\0" in text:
        raise InputError("a CSV file, or an npz file by the name of .npz", "no text", f"{path} (tasks.path)")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if not header:
            header = [name.strip() for name in row]
            continue
        lines.append(reader.line_num)
        rows.append(row)
    if header and not header[-1] and all(len(row) == len(header) and not row[-1].strip() for row in rows):
        header, rows = header[:-1], [row[:-1] for row in rows]  # a delimiter at the end of every line
    return Cells(header, rows, lines, delimiter != ",")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def no_inputs(cells: Cells, names: Sequence[str], path: Path) -> dict[str, str]:
    """Return which of the columns are no inputs, with the reason: constants, row numbers, texts that are all different.

    Raises InputError for whole numbers that are all different, which may be identifiers or may be measured.
    """
    reasons: dict[str, str] = {}
    for name in names:
        column = cells.header.index(name)
        texts = [row[column].strip() for row in cells.rows]
        different = len(set(texts))
        if different == 1 and texts[0] and len(texts) > 1:
            reasons[name] = "always the same"
        if different < len(texts) or "" in texts or len(texts) < 3:
            continue
        numbers = [cells.number(text) for text in texts]
        if any(number != number for number in numbers):
            if all(number != number for number in numbers):
                reasons[name] = "a text of its own in every row"
        elif all(number.is_integer() for number in numbers):
            if max(numbers) - min(numbers) == len(numbers) - 1:
                reasons[name] = "numbers the rows"
            elif len(numbers) >= 20:
                raise InputError(
                    "columns to predict from",
                    f"whole numbers that are all different in column {name!r}: an identifier, or measured?",
                    str(path),
                    "List the columns to predict from in tasks.features, this one too if it was measured.",
                )
    return reasons
