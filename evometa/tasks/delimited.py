"""A text file of rows and cells as people have them: its encoding and separator found out, empty lines passed over.

What a cell means is not decided here: every cell stays a text (see `numerals` and `columns`).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from evometa.errors import InputError
from evometa.system import machine
from evometa.system.disk import read_bounded

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
CELL = 24  # bytes of memory, at most about, for a byte of the file
OTHER_KINDS = {
    b"PK\x03\x04": ("an Excel or zip file", "Save the sheet as CSV."),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "Save the sheet as CSV."),
    b"\x1f\x8b": ("a gzip file", "Unpack it first."),
    b"PAR1": ("a Parquet file", "Write it as CSV: pandas.read_parquet(...).to_csv(..., index=False)."),
}


@dataclass(frozen=True)
class Sheet:
    """Rows of cells under a header: `lines[r]` is the line of the file that row r ends in; `notes`: what is assumed."""

    path: Path
    header: list[str]
    lines: list[int]
    rows: list[list[str]]
    notes: list[str]

    def column(self, name: str) -> list[str]:
        """Return the cells of a column, top down."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]


def read_delimited(path: Path, wanted: Collection[str]) -> Sheet:
    """Read a delimited text file; `wanted`: names that its header should hold, by which its separator is known.

    Rows without anything in their cells are passed over, so are columns without a name and anything in them. A first
    column that the header forgot has the name "". Raises InputError with file and row.
    """
    where, notes = f"{path} (tasks.path)", []
    text, encoding = _decoded(read_bounded(path, machine.memory() // CELL, "a table", where), where)
    if encoding:
        notes.append(f"{path.name} is not UTF-8 and was read as {encoding}")
    first, _, rest = text.partition("\n")
    skipped = 1 if first.strip()[:4] == "sep=" and len(first.strip()) == 5 else 0  # a line that Excel writes for itself
    separator, text = (first.strip()[4], rest) if skipped else (_separator(text, wanted), text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    lines, rows = [], []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                lines.append(reader.line_num + skipped)
                rows.append(cells)
    except csv.Error as error:
        place = f"{path}, row {reader.line_num + skipped}"
        raise InputError(f"cells separated by {SEPARATORS.get(separator, separator)}", str(error), place) from None
    header, lines, rows = (rows[0], lines[1:], rows[1:]) if rows else ([], [], [])
    _straighten(header, rows)
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(header):
            expected = f"{len(header)} columns, as in the header"
            raise InputError(expected, str(len(row)), f"{path}, row {line}", "Complete the row.")
    empty = {i for i, name in enumerate(header) if not name and not any(row[i] for row in rows)}
    if empty:
        header, *rows = [[cell for i, cell in enumerate(row) if i not in empty] for row in (header, *rows)]
    return Sheet(path, header, lines, rows, notes)


def _decoded(content: bytes, where: str) -> tuple[str, str]:
    """Return a file's text, and the encoding that was assumed for it if it is neither UTF-8 nor says so itself."""
    for mark, (kind, remedy) in OTHER_KINDS.items():
        if content.startswith(mark):
            raise InputError("a text file (CSV)", kind, where, remedy)
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = [("utf-16", "")] if marked else [("utf-8-sig", ""), ("cp1252", "Windows-1252")]
    for encoding, told in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n"), told
    raise InputError("text in UTF-8", "bytes that are no text in it", where, "Save the file as CSV in UTF-8.")


def _separator(text: str, wanted: Collection[str]) -> str:
    """Return the separator by which the header has the most of the wanted names, and of those the most columns."""

    def merit(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        try:
            names = next(([cell.strip() for cell in row] for row in reader if any(map(str.strip, row))), [])
        except csv.Error:  # cells longer than any cell may be
            names = []
        return len(set(wanted) & set(names)), len(names)

    return max(SEPARATORS, key=merit)


def _straighten(header: list[str], rows: Sequence[list[str]]) -> None:
    """Even out what whole files have at their sides: separators at all ends of lines, a first column without a name."""
    widths = {len(row) for row in rows}
    if widths == {len(header) + 1}:
        if any(row[-1] for row in rows):
            header.insert(0, "")
        else:
            header.append("")
    elif widths == {len(header) - 1} and not header[-1]:
        header.pop()
