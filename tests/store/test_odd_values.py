"""Odd values in every column of every table, as damage and as forgeries that verify: named, never a traceback."""

from __future__ import annotations

import io
import itertools
import json
import lzma
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

import evometa
from evometa.errors import InputError
from evometa.export import export
from evometa.presentation.comparison import compare
from evometa.presentation.listing import print_listing
from evometa.store import open_writer, population, verify
from evometa.store.schema import OLDER, SCHEMA
from tests.properties import some
from tests.small import DELTA
from tests.store.samples import content

DATA = Path(__file__).parent / "data"
DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000
ODD = {
    "nothing": None, "infinity": 9e999, "a fraction": 0.5, "negative": -3, "large": 2**62, "bytes": b"\xff\x00\x81",
}  # fmt: skip
VALUES = [*ODD]
KEYS = {
    "meta": "key", "generations": "number", "graphs": "key", "reports": "key", "contents": "generation",
    "pieces": "rowid", "individuals": "id", "genomes": "id", "evaluations": "id",
}  # fmt: skip


@pytest.fixture(scope="module", params=["columns", "rows"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    if request.param == "columns":
        return evometa.run({**DELTA, "run": {"generations": 2, "keep_genomes": "all"}}, out=folder).path
    folder.mkdir()
    (folder / "run.db").write_bytes(lzma.decompress((DATA / "format-2-delta.db.xz").read_bytes()))
    return folder / "run.db"


def schema_of(path: Path) -> tuple[str, ...]:
    with closing(sqlite3.connect(path)) as connection:
        older = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'individuals'").fetchall()
    return OLDER if older else SCHEMA


def columns(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every column of every table."""
    with closing(sqlite3.connect(path)) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master").fetchall()}
        for table in there & KEYS.keys():
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
        population.individuals(reader, some)

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


@pytest.mark.parametrize(("value", "everywhere"), some(itertools.product(VALUES, (False, True)), 3))
def test_damage_in_any_column_is_named(whole: Path, memory: Path, value: str, everywhere: bool) -> None:
    schema = schema_of(whole)
    intact, tried = content(whole, schema), 0
    for table, column in columns(whole):
        folder = memory / f"{table}-{column}"
        folder.mkdir()
        path = Path(shutil.copy(whole, folder / "run.db"))
        if spoil(path, table, column, ODD[value], everywhere) and content(path, schema) != intact:
            tried += 1
            assert verify(path).problem is not None, f"{table}.{column}"
            check_looks(folder)
        shutil.rmtree(folder)
    assert tried > 20
