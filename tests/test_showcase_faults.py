"""What may be wrong with a showcase run is noticed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from evometa.presentation.audit import KEY
from evometa.store.seals import get_meta, put_meta
from tests.showcase import LISTED, MOST, SHOWCASE, problems


def with_a_log(run: Path) -> None:
    (run / "run.db-wal").touch()


def without_report(run: Path) -> None:
    (run / "report.html").unlink()


def too_large(run: Path) -> None:
    with (run / "report.html").open("a") as file:
        file.write(" " * MOST)


def logging(run: Path) -> None:
    with closing(sqlite3.connect(run / "run.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def without_its_audit(run: Path) -> None:
    with closing(sqlite3.connect(run / "run.db")) as connection, connection:
        listed = get_meta(connection)["reports"]
        put_meta(connection, "reports", {name: seal for name, seal in listed.items() if name != KEY})
        connection.execute("DELETE FROM reports WHERE key = ?", (KEY,))


def with_another_fitness(run: Path) -> None:
    with closing(sqlite3.connect(run / "run.db")) as connection, connection:
        connection.execute("UPDATE pieces SET data = x'00' WHERE kind = 'evaluations' AND generation = 1")


def without_its_test(run: Path) -> None:
    with closing(sqlite3.connect(run / "run.db")) as connection, connection:
        connection.execute("DELETE FROM reports")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (with_a_log, "files"),
        (without_report, "files"),
        (too_large, "bytes"),
        (logging, "write-ahead log"),
        (with_another_fitness, "damage"),
        (without_its_test, "is missing"),
        (without_its_audit, "no audit"),
    ],
)
def test_what_is_wrong_is_noticed(spoil: Callable[[Path], None], told: str, tmp_path: Path) -> None:
    run = Path(shutil.copytree(SHOWCASE / "delta", tmp_path / "run"))
    spoil(run)
    assert told in " ".join(problems(run, LISTED["delta"]))


@pytest.mark.parametrize("key", ["digest", "formula", "recognised", "meta_test", "champion", "generations"])
def test_another_result_is_noticed(key: str) -> None:
    (found,) = problems(SHOWCASE / "delta", {**LISTED["delta"], key: "other"})
    assert found.startswith(key)
