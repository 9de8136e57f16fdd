"""Flipped bits, cut tails, foreign files: noticed, named, resumed from the last generation that verifies."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.store import Verification, open_reader, open_writer, verify
from evometa.store.schema import PAGE
from tests.store.samples import (
    CONFIG,
    content,
    expected_digest,
    go_on,
    write,
)

GENERATIONS = 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run file without fault, of about 50 pages."""
    return write(tmp_path_factory.mktemp("whole"), GENERATIONS)


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest after two more generations, undisturbed."""
    return expected_digest(GENERATIONS + 2, tmp_path_factory.mktemp("undisturbed"))


def copied(whole: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(whole, folder / "run.db"))


def resumed(path: Path, digest: str) -> bool:
    """Resume a damaged run: True when it came to the undisturbed digest, False when it was refused."""
    before = path.read_bytes()
    found = verify(path)
    assert found.problem is not None
    refusal = None
    try:
        writer = open_writer(path)
    except InputError as error:
        refusal = error
    if refusal:
        assert "something can be saved" in str(refusal)
        assert path.read_bytes() == before
        assert sorted(file.name for file in path.parent.iterdir()) == ["run.db", "run.lock"]
        return False
    with writer:
        assert writer.last_generation >= found.last_good_generation
        assert found.problem in writer.notes[0]
        assert "kept as run.db.damaged-1" in writer.notes[0]
        assert (path.parent / "run.db.damaged-1").read_bytes() == before
        go_on(writer, GENERATIONS + 2)
        assert writer.reader.digest() == digest
    assert verify(path) == Verification(GENERATIONS + 1, None)
    return True


def test_flipped_bits_are_noticed_or_change_nothing(whole: Path, digest: str, memory: Path) -> None:
    draw = random.Random(1)
    data, intact = whole.read_bytes(), content(whole)
    noticed = saved = 0
    # everywhere, and more often where it hurts most: in the header and the definitions
    offsets = [draw.randrange(len(data)) for _ in range(250)]
    offsets += [draw.randrange(110) for _ in range(40)] + [draw.randrange(PAGE // 2, PAGE) for _ in range(40)]
    for trial, offset in enumerate(offsets):
        path = copied(whole, memory / f"{trial}")
        damaged = bytearray(data)
        damaged[offset] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        if verify(path).problem is None:
            assert content(path) == intact, f"byte {offset} was changed unnoticed"
        else:
            noticed += 1
            saved += resumed(path, digest)
        shutil.rmtree(path.parent)
    assert noticed > 100
    assert saved > 0.8 * noticed


def test_whole_pages_of_rubbish_are_noticed_and_survived(whole: Path, digest: str, memory: Path) -> None:
    data = whole.read_bytes()
    saved = 0
    for page in range(len(data) // PAGE):
        path = copied(whole, memory / f"{page}")
        path.write_bytes(data[: page * PAGE] + bytes(PAGE) + data[(page + 1) * PAGE :])
        saved += resumed(path, digest)
    assert saved == len(data) // PAGE - 1  # all but the page with the configuration


def test_cut_tails_are_noticed_and_survived(whole: Path, digest: str, memory: Path) -> None:
    draw = random.Random(2)
    size = whole.stat().st_size
    lengths = [size - 1, size - PAGE, size // 2, 2 * PAGE, 2 * PAGE - 1, PAGE, PAGE - 1]
    saved = 0
    for trial, length in enumerate(lengths + [draw.randrange(2 * PAGE, size) for _ in range(23)]):
        path = copied(whole, memory / f"{trial}")
        path.write_bytes(whole.read_bytes()[:length])
        saved += resumed(path, digest)
    assert saved >= 23


def test_what_is_damaged_is_named(whole: Path, memory: Path) -> None:
    """Changes that SQLite itself cannot see, made with SQLite."""
    changes = {
        "UPDATE generations SET statistics = '{}' WHERE number = 2": (1, "statistics of generation 3"),
        "UPDATE generations SET state = '{}' WHERE number = 2": (1, "generation 3 does not fit its chain"),
        "UPDATE generations SET chain = x'00' WHERE number = 2": (1, "generation 3 does not fit its chain"),
        "UPDATE generations SET seal = 3 WHERE number = 2": (1, "generation 3 holds something unreadable"),
        "UPDATE contents SET first = 13 WHERE generation = 3": (2, "generation 4 does not fit its chain"),
        "UPDATE contents SET born = 3 WHERE generation = 3": (2, "generation 4 does not fit its chain"),
        "UPDATE contents SET genomes = x'00' WHERE generation = 3": (2, "generation 4 does not fit its chain"),
        "UPDATE contents SET first = x'00' WHERE generation = 3": (2, "generation 4 holds something unreadable"),
        "DELETE FROM contents WHERE generation = 3": (2, "generation 4 does not fit its chain"),
        "UPDATE pieces SET data = CAST(data || x'00' AS BLOB) WHERE kind = 'evaluations' AND generation = 2": (
            1,
            "the evaluations of",
        ),
        "UPDATE pieces SET seal = x'00' WHERE kind = 'individuals' AND generation = 2": (1, "the individuals of gen"),
        "UPDATE pieces SET whole = 0 WHERE kind = 'genomes' AND generation = 4": (3, "the genomes of generation 5"),
        "UPDATE pieces SET data = NULL WHERE kind = 'genomes' AND generation = 4": (3, "generation 5 holds something"),
        "UPDATE pieces SET kind = 'x' WHERE kind = 'genomes' AND generation = 4": (3, "the genomes of generation 5"),
        "UPDATE pieces SET number = 1 WHERE kind = 'genomes' AND generation = 4": (3, "does not fit its seal"),
        "UPDATE pieces SET data = (SELECT data FROM pieces p WHERE p.generation = 2 AND p.kind = pieces.kind)"
        " WHERE generation = 4": (3, "the individuals of generation 5 cannot be read: a piece does not fit its seal"),
        "DELETE FROM pieces WHERE kind = 'genomes' AND generation = 0": (-1, "the genomes of generation 1 cannot be"),
        "INSERT INTO pieces SELECT 99, kind, number, whole, data, seal FROM pieces": (11, "generation 13 is missing"),
        "UPDATE graphs SET text = 'x' WHERE key = 'graph 1'": (1, "generation 3 does not fit its chain"),
        "DELETE FROM generations WHERE number = 1": (0, "generation 2 is missing"),
        "DELETE FROM generations WHERE number = 11": (10, "generation 12 is missing"),
        "UPDATE meta SET value = '{}' WHERE key = 'config'": (11, "entry “config” is damaged"),
        "UPDATE meta SET value = '9' WHERE key = 'format'": (11, "entry “format” is damaged"),
        "DELETE FROM meta WHERE key = 'environment'": (11, "entry “environment” is damaged"),
        "UPDATE reports SET value = '{}'": (11, "report “final”"),
        "DROP INDEX contents_by_first": (-1, "definition of a table is damaged"),
        "DROP TABLE graphs": (-1, "definition of a table is damaged"),
    }
    for number, (change, expected) in enumerate(changes.items()):
        path = copied(whole, memory / f"{number}")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(change)
            connection.commit()
        found = verify(path)
        assert found.problem is not None
        assert found.last_good_generation == expected[0], change
        assert expected[1] in found.problem, change


def test_the_note_says_from_where_the_run_goes_on(whole: Path, memory: Path) -> None:
    for change, expected in (
        (
            "UPDATE contents SET born = 3 WHERE generation = 2",
            "goes on after generation 2, the last one that verif",
        ),
        ("DELETE FROM pieces WHERE generation = 0", "starts again"),
        ("UPDATE generations SET timing = '{}' WHERE number = 4", "goes on after generation 4, "),
        ("UPDATE reports SET value = '{}'", "goes on after generation 12"),
    ):
        path = copied(whole, memory / "run")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(change)
            connection.commit()
        with open_writer(path) as writer:
            assert re.search(f"run.db was damaged: .*The run {expected}", writer.notes[0])
            assert writer.reader.report() is None
            assert writer.reader.config == CONFIG
        with open_writer(path) as writer:
            assert writer.notes == []
    kept = sorted(file.name for file in path.parent.iterdir())
    assert kept == ["run.db", *(f"run.db.damaged-{n}" for n in (1, 2, 3, 4)), "run.lock"]


def test_a_reader_notices_what_it_touches(whole: Path, memory: Path) -> None:
    path = copied(whole, memory)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE contents SET born = 3 WHERE generation = 3")
        connection.execute("UPDATE pieces SET data = x'00' WHERE generation = 0 AND kind = 'genomes'")
        connection.execute("UPDATE generations SET state = '{}' WHERE number = 1")
        connection.execute("UPDATE reports SET value = '{}'")
        connection.commit()
    reader = open_reader(path)
    assert reader.evaluation(0, 0).id == 0
    remedy = "`evometa resume .*` goes on from the last generation that verifies"
    for touch in (
        lambda: reader.individual(1),
        lambda: reader.individual(13),
        lambda: reader.ancestors(13),
        lambda: reader.evaluation(13, 3),
        lambda: reader.state(1),
        reader.statistics,
        reader.report,
    ):
        with pytest.raises(InputError, match=remedy):
            touch()
