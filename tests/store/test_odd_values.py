"""Odd values in every column of every table, as damage and as forgeries that verify: named, never a traceback."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

import pytest
from rich.console import Console

import evometa
from evometa.errors import InputError
from evometa.export import export
from evometa.presentation.comparison import compare
from evometa.presentation.listing import print_listing
from evometa.report import write_report
from evometa.store import open_writer, population, verify
from evometa.store.rows import ROWS
from evometa.store.schema import FIRST_LINK, canonical_rows, generation_seal, genome_key
from evometa.store.seals import identity_of, put_meta, report_seal
from tests.small import DELTA
from tests.store.samples import content

DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000
ODD = {
    "nothing": None, "infinity": 9e999, "a fraction": 0.5, "negative": -3, "large": 2**62, "bytes": b"\xff\x00\x81",
}  # fmt: skip
QUICK = {"infinity", "bytes"}  # tried always; the others in the slow tests
VALUES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in ODD]
KEYS = {
    "meta": "key", "generations": "number", "graphs": "key", "individuals": "id", "genomes": "id",
    "evaluations": "id", "reports": "key",
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    return evometa.run({**DELTA, "run": {"generations": 2, "keep_genomes": "all"}}, out=folder).path


def columns(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every column of every table."""
    with closing(sqlite3.connect(path)) as connection:
        for table in KEYS:
            for column in connection.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall():
                yield table, column[0]


def looks(folder: Path) -> dict[str, Callable[[], object]]:
    """Return every way of looking at a run."""

    def shown() -> None:
        evometa.load(folder).render(Console(file=io.StringIO(), width=80, force_terminal=True))

    def pictured() -> None:
        reader = evometa.load(folder).reader
        some = population.sample(reader, 10)
        population.births(reader)
        population.fitness_in(reader, 1, 10)
        population.fitness_of(reader, some, 1)
        population.survivors(reader, 1)
        population.signatures(reader, some)
        population.rules(reader, some)

    def listed() -> None:
        print_listing("runs", Console(file=io.StringIO()), folder.parent)

    return {
        "load": lambda: evometa.load(folder),
        "details": lambda: json.dumps(evometa.load(folder).details()),
        "render": shown,
        "first": lambda: evometa.load(folder).details(individual=0),
        "generation": lambda: evometa.load(folder).details(generation=1),
        "pictures": pictured,
        "compare": lambda: compare([evometa.load(folder)]),
        "export": lambda: export(evometa.load(folder).champion, "json"),  # type: ignore[arg-type]
        "list": listed,
        "resume": lambda: open_writer(folder).close(),
    }


def check_looks(folder: Path) -> None:
    """Look at a run in every way; nothing but an InputError may come of it."""
    for name, look in looks(folder).items():
        try:
            look()
        except InputError:
            pass
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error


def spoil(path: Path, table: str, column: str, value: object, everywhere: bool) -> bool:
    """Put a value into one row, or into all; return whether the table lets that be."""
    key = KEYS[table]
    where = "" if everywhere else f"WHERE {key} = (SELECT max({key}) FROM {table})"
    with closing(sqlite3.connect(path)) as connection:
        try:
            connection.execute(f"UPDATE OR REPLACE {table} SET {column} = ? {where}", (value,))
        except sqlite3.IntegrityError:
            return False
        connection.commit()
    return True


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("value", VALUES)
def test_damage_in_any_column_is_named(whole: Path, memory: Path, value: str, everywhere: bool) -> None:
    intact, tried = content(whole), 0
    for table, column in columns(whole):
        folder = memory / f"{table}-{column}"
        folder.mkdir()
        path = Path(shutil.copy(whole, folder / "run.db"))
        if spoil(path, table, column, ODD[value], everywhere) and content(path) != intact:
            tried += 1
            assert verify(path).problem is not None, f"{table}.{column}"
            check_looks(folder)
        shutil.rmtree(folder)
    assert tried > 20


# Forgeries: every hash made anew, as by somebody who has read the code


def forge(path: Path) -> None:
    """Make all hashes of a run file fit what is in it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        identity, chain, before = identity_of(connection), FIRST_LINK, FIRST_LINK
        for id, text in connection.execute("SELECT id, text FROM genomes").fetchall():
            if isinstance(text, str):
                connection.execute("UPDATE individuals SET genome = ? WHERE id = ?", (genome_key(text), id))
        for number, *texts in connection.execute(
            "SELECT number, state, statistics, timing FROM generations"
        ).fetchall():
            rows = [connection.execute(query, (number,)).fetchall() for query in ROWS.values()]
            chain = sha256(chain + canonical_rows([number, *rows, texts[0]]).encode()).digest()
            before = generation_seal(identity, before, chain, *(t if isinstance(t, bytes) else str(t) for t in texts))
            connection.execute("UPDATE generations SET chain = ?, seal = ? WHERE number = ?", (chain, before, number))
        listed = {}
        for key, generation, value, _ in connection.execute("SELECT * FROM reports").fetchall():
            its_seal = report_seal(identity, str(key), generation, str(value))
            connection.execute("UPDATE reports SET seal = ? WHERE key = ?", (its_seal, key))
            listed[str(key)] = its_seal.hex()
        put_meta(connection, "reports", listed, identity)


@pytest.mark.parametrize("value", VALUES)
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
