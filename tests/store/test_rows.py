"""Runs of format 2, a row for each individual: shown as they lie there, and gone on with in columns."""

from __future__ import annotations

import lzma
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

import evometa
from evometa.evolution.stored import StoredGenomes, take
from evometa.report import write_report
from evometa.store import open_writer, population, verify
from evometa.store.schema import PAGE

DATA = Path(__file__).parent / "data"
DIGESTS = {  # of three generations of tests.small's DELTA (population 8) and GRADIENT, with seed 1
    "delta": "1979b921608712694574155c4bde6bb0f1d4dabead8b32fab1584c3920d7c60a",
    "gradient": "2b2f62e5fd7aafcc87de069fca80495795dce8f441e3291df95d242c9783e59c",
}


@pytest.fixture(params=DIGESTS)
def digest(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The digest of the run that lies in `path`."""
    (tmp_path / "run").mkdir()
    data = lzma.decompress((DATA / f"format-2-{request.param}.db.xz").read_bytes())
    (tmp_path / "run" / "run.db").write_bytes(data)
    return DIGESTS[request.param]


@pytest.fixture
def path(digest: str, tmp_path: Path) -> Path:
    """A run file of format 2."""
    return tmp_path / "run" / "run.db"


def everyone(run: evometa.presentation.run.Run) -> list[int]:
    return population.sample(run.reader, 10**6)


def test_a_run_is_shown_as_it_lies_there(path: Path, digest: str) -> None:
    before = path.read_bytes()
    run = evometa.load(path)
    assert (run.generation, run.digest, run.damage, run.finished) == (3, digest, None, True)
    for number in everyone(run):
        stored, evaluation = run.reader.individual(number), run.reader.evaluation(number)
        assert evaluation is not None
        assert (len(stored.signature), len(evaluation.fitness)) == (16, 1)
        genome = run.individual(number).genome
        assert (None if genome is None else genome.to_json()) == stored.genome
    assert run.champion is not None
    assert run.champion.genome is not None
    assert run.lineage()[0].id == run.champion.id
    assert sum(born for _, born, _ in population.births(run.reader)) == len(everyone(run))
    write_report(run, path.parent / "report.html")
    assert path.read_bytes() == before


def test_a_run_goes_on_in_columns(path: Path, digest: str, tmp_path: Path) -> None:
    again = Path(shutil.copytree(path.parent, tmp_path / "again"))
    resumed = evometa.resume(path, generations=5)
    assert (resumed.generation, resumed.reader.digest(2), resumed.damage) == (5, digest, None)
    evometa.resume(again, generations=4)
    assert evometa.resume(again, generations=5).digest == resumed.digest
    assert [number for number, *_ in population.births(resumed.reader)] == [0, 1, 2, 3, 4]
    found = [resumed.reader.individual(number) for number in everyone(resumed)]
    assert {one.generation for one in found} == set(range(5))
    assert {type(one.genome) for one in found if one.generation < 3} <= {str, type(None)}
    assert all(resumed.reader.evaluation(one.id) is not None for one in found)
    parents = {parent for one in found if one.generation == 3 for parent in one.parents}
    assert any(resumed.reader.individual(parent).generation < 3 for parent in parents)
    assert all(resumed.reader.children(parent) for parent in parents)


@pytest.mark.parametrize("goes_on", [False, True])
def test_without_its_first_page_a_run_is_saved(path: Path, digest: str, goes_on: bool, tmp_path: Path) -> None:
    """That page says where which table lies; a run that has gone on has more of them."""
    whole = evometa.resume(Path(shutil.copytree(path.parent, tmp_path / "whole")), generations=4)
    if goes_on:
        evometa.resume(path, generations=4)
    data = path.read_bytes()
    path.write_bytes(bytes(PAGE) + data[PAGE:])
    with open_writer(path) as writer:
        assert writer.last_generation == (3 if goes_on else 2)
        assert "was damaged" in writer.notes[0]
        assert writer.reader.digest(2) == digest
    assert evometa.resume(path, generations=4).digest == whole.digest
    assert verify(path).problem is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE individuals SET parents = '[1]' WHERE id = 13", "generation 2 does not fit its chain"),
        ("UPDATE individuals SET generation = 1 WHERE id = 1", "generation 1 does not fit its chain"),
        ("DELETE FROM individuals WHERE generation = 2 AND id % 2", "generation 3 does not fit its chain"),
        ("UPDATE evaluations SET adapted = 1.0 WHERE generation = 1", "generation 2 does not fit its chain"),
        ("UPDATE genomes SET text = 'x' WHERE id = 3", "the genome of individual 3 (generation 1) does not fit its"),
        ("DELETE FROM genomes WHERE id = 0", "the genome of individual 0 (generation 1) does not fit its hash"),
        ("DROP INDEX individuals_of_generation", "the definition of a table is damaged"),
    ],
)
def test_damage_to_rows_is_noticed(path: Path, change: str, problem: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    found = verify(path).problem
    assert found is not None
    assert found.startswith(problem)


def test_rows_and_columns_are_pruned_alike(path: Path, digest: str) -> None:
    evometa.resume(path, generations=4)
    with open_writer(path) as writer:
        kept = [one for one in population.sample(writer.reader, 1000) if writer.reader.individual(one).genome]
        keep = {kept[0], kept[-1]}
        assert writer.prune(keep, partial(take, graphs=StoredGenomes(writer.reader).graphs)) == len(kept) - 2
        left = [one for one in kept if writer.reader.individual(one).genome]
        assert set(left) == keep
        assert writer.reader.digest(2) == digest
    assert verify(path).problem is None
