"""Forgeries: every hash made anew, as by somebody who has read the code; refused or shown, never a traceback."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.errors import InputError
from evometa.report import write_report
from evometa.store import verify
from evometa.store.cells import GRAPHS
from evometa.store.columns import Blob, inflated, unpack
from evometa.store.contents import CONTENTS, put_pieces
from evometa.store.rows import ROWS
from evometa.store.schema import FIRST_LINK, KINDS, OLDER, canonical_rows, generation_seal
from evometa.store.seals import identity_of, put_meta, report_seal
from tests.properties import some
from tests.store.test_odd_values import DEEP, ODD, VALUES, check_looks, columns, schema_of, spoil, whole

__all__ = ["whole"]  # a fixture


def forge(path: Path) -> None:
    """Make all hashes of a run file fit what is in it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        identity, chain, before = identity_of(connection), FIRST_LINK, FIRST_LINK
        older = schema_of(path) == OLDER
        for id, text in connection.execute("SELECT id, text FROM genomes").fetchall() if older else ():
            if isinstance(text, str):
                key = sha256(text.encode()).digest()
                connection.execute("UPDATE individuals SET genome = ? WHERE id = ?", (key, id))
        for number, *texts in connection.execute(
            "SELECT number, state, statistics, timing FROM generations"
        ).fetchall():
            queries = ROWS.values() if older else (GRAPHS, CONTENTS)
            rows = [connection.execute(query, (number,)).fetchall() for query in queries]
            rows = rows if older else [rows[0], *rows[1]]
            chain = sha256(chain + canonical_rows([number, *rows, texts[0]]).encode()).digest()
            before = generation_seal(identity, before, chain, *(t if isinstance(t, bytes) else str(t) for t in texts))
            connection.execute("UPDATE generations SET chain = ?, seal = ? WHERE number = ?", (chain, before, number))
        listed = {}
        for key, generation, value, _ in connection.execute("SELECT * FROM reports").fetchall():
            its_seal = report_seal(identity, str(key), generation, str(value))
            connection.execute("UPDATE reports SET seal = ? WHERE key = ?", (its_seal, key))
            listed[str(key)] = its_seal.hex()
        put_meta(connection, "reports", listed, identity)


def forged_columns(path: Path, kind: str, forge_them: Callable[[dict[str, np.ndarray]], object]) -> None:
    """Change the columns of the last generation, and make all hashes fit."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (last,) = connection.execute("SELECT max(generation) FROM contents").fetchone()
        query = "SELECT data FROM pieces WHERE generation = ? AND kind = ? ORDER BY number"
        pieces = [data for (data,) in connection.execute(query, (last, kind)).fetchall()]
        columns = dict(unpack(b"".join(inflated(pieces))))
        forge_them(columns)
        blob = Blob.of(columns)
        connection.execute("DELETE FROM pieces WHERE generation = ? AND kind = ?", (last, kind))
        put_pieces(connection, identity_of(connection), last, kind, blob.pieces)
        connection.execute(f"UPDATE contents SET {kind} = ? WHERE generation = ?", (blob.hash, last))
    forge(path)


ODD_COLUMNS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "of another length": lambda column: column[:-1],
    "without anything": lambda column: column[:0],
    "of another shape": lambda column: column[..., None],
    "of one number": lambda column: np.array(3, column.dtype),
    "of texts": lambda column: np.full(column.shape, b"x"),
    "of large numbers": lambda column: np.full(column.shape, 2**62),
    "of negative numbers": lambda column: np.full(column.shape, -3),
    "of no numbers": lambda column: np.full(column.shape, np.nan),
    "in another order": lambda column: column[::-1],
    "that is missing": lambda column: column,
}


@pytest.mark.parametrize(("kind", "odd"), some(itertools.product(KINDS, ODD_COLUMNS), 3))
@pytest.mark.parametrize("whole", ["columns"], indirect=True)
def test_forged_columns_are_no_traceback(whole: Path, memory: Path, kind: str, odd: str) -> None:
    names: list[str] = []
    forged_columns(Path(shutil.copy(whole, memory / "names.db")), kind, names.extend)
    for name in names:
        (memory / name).mkdir()
        path = Path(shutil.copy(whole, memory / name / "run.db"))

        def spoil(columns: dict[str, np.ndarray], name: str = name) -> None:
            column = columns.pop(name)
            columns |= {} if odd == "that is missing" else {name: ODD_COLUMNS[odd](column)}

        forged_columns(path, kind, spoil)
        assert verify(path).problem is None
        check_looks(memory / name)


@pytest.mark.parametrize("value", some(VALUES, 3))
def test_a_forgery_in_any_column_is_no_traceback(whole: Path, memory: Path, value: str) -> None:
    for table, column in columns(whole):
        if table == "meta" or column in ("seal", "chain"):
            continue
        folder = memory / f"{table}-{column}"
        folder.mkdir()
        path = Path(shutil.copy(whole, folder / "run.db"))
        if spoil(path, table, column, ODD[value], False):
            forge(path)
            check_looks(folder)
        shutil.rmtree(folder)


def test_a_forged_report_is_no_traceback_of_the_page(whole: Path, memory: Path) -> None:
    folder = memory / "run"
    for text in ("[]", "{}", '{"champion": "x"}', '{"champion": 1, "baselines": 3}', DEEP):
        folder.mkdir()
        path = Path(shutil.copy(whole, folder / "run.db"))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE reports SET value = ?", (text,))
        forge(path)
        with suppress(InputError):
            write_report(evometa.load(folder), folder / "report.html")
        shutil.rmtree(folder)
