"""What was committed is known beside the log, too: damage to the log is noticed, and no kill is taken for damage."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import evometa
from evometa.store import create, open_reader, open_writer, verify
from evometa.store.watermark import SIZE, Claim, claimed
from tests.store.samples import CONFIG, ENVIRONMENT, expected_digest, go_on, write

DONE = 6


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The folder of a run as a kill leaves it: its newest generations lie in the log alone."""
    with create(tmp_path / "live", CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        go_on(writer, DONE)
        shutil.copytree(tmp_path / "live", tmp_path / "killed")
    return tmp_path / "killed"


def flipped(log: Path) -> None:
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)


def headless(log: Path) -> None:
    log.write_bytes(bytes(32) + log.read_bytes()[32:])


def cut(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-1])


def emptied(log: Path) -> None:
    log.write_bytes(b"")


DAMAGE: list[Callable[[Path], None]] = [flipped, headless, cut, emptied, Path.unlink]


def test_a_kill_is_no_damage(killed: Path, tmp_path: Path) -> None:
    assert verify(killed).problem is None
    with open_writer(killed) as writer:
        assert (writer.last_generation, writer.notes) == (DONE - 1, [])


@pytest.mark.parametrize("damage", DAMAGE)
def test_generations_that_are_lost_with_a_log_are_named(
    killed: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(killed / "run.db-wal")
    left = open_reader(killed).last_generation + 1
    assert left < DONE
    found = verify(killed)
    assert found.last_good_generation == left - 1
    assert found.problem is not None
    assert found.problem.startswith(f"generation {left + 1}")
    assert "was committed and is missing" in found.problem
    with open_writer(killed) as writer:
        assert found.problem in writer.notes[0]
        assert f"goes on after generation {left}" in writer.notes[0]
        go_on(writer, DONE)
        assert writer.reader.digest() == expected_digest(DONE, tmp_path / "whole")
    assert verify(killed).problem is None
    with open_writer(killed) as writer:
        assert writer.notes == []


def test_any_flipped_bit_of_a_log_is_noticed_or_changes_nothing(killed: Path, memory: Path) -> None:
    draw = random.Random(5)
    data = (killed / "run.db-wal").read_bytes()
    noticed = 0
    for trial in range(60):
        copy = Path(shutil.copytree(killed, memory / str(trial)))
        damaged = bytearray(data)
        damaged[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        (copy / "run.db-wal").write_bytes(damaged)
        if verify(copy).problem is None:
            assert open_reader(copy).digest() == open_reader(killed).digest()
        else:
            noticed += 1
        shutil.rmtree(copy)
    assert noticed > 40


def test_a_report_that_is_lost_with_a_log_is_named(tmp_path: Path) -> None:
    with create(tmp_path / "live", CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.report({"champion": 1})
        shutil.copytree(tmp_path / "live", tmp_path / "killed")
    emptied(tmp_path / "killed" / "run.db-wal")
    assert verify(tmp_path / "killed").problem == (
        "what was committed after generation 2 is missing: its log is damaged, or gone"
    )


def test_a_run_that_is_shown_says_so(killed: Path) -> None:
    emptied(killed / "run.db-wal")
    damage = evometa.load(killed).damage
    assert damage is not None
    assert "was committed and is missing" in damage


@pytest.mark.parametrize("text", [b"", b"x" * SIZE * 2, b"\xff" * 50, Claim("0" * 32, 9, 9).line()])
def test_a_record_that_cannot_be_believed_says_nothing(killed: Path, text: bytes) -> None:
    line = (killed / "run.committed").read_bytes()
    assert claimed(killed / "run.db") is not None
    (killed / "run.committed").write_bytes(text)
    assert verify(killed).problem is None
    (killed / "run.committed").write_bytes(line.replace(b"6 ", b"7 "))
    assert claimed(killed / "run.db") is None
    with open_writer(killed) as writer:
        assert writer.notes == []


def test_a_run_that_is_closed_leaves_none(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    assert sorted(file.name for file in path.parent.iterdir()) == ["run.db", "run.lock"]


def test_a_record_is_never_ahead_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        for done in range(1, 5):
            go_on(writer, done)
            claim = claimed(path)
            assert claim is not None
            assert (claim.generations, verify(path).problem) == (done, None)
