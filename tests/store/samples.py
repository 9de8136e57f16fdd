"""Made-up runs for the store's tests: generation n always has the same rows, whoever writes it."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from evometa.store import EvaluationRow, IndividualRow, Writer, create, genome_key

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = {"name": "sample", "seed": 7, "run": {"generations": 5}}
ENVIRONMENT: dict[str, Any] = {"python": "3", "note": "größer"}
BORN = 4  # individuals a generation


def rows(generation: int, text_size: int = 200) -> dict[str, Any]:
    """Return the arguments of `Writer.commit` for a generation; those born before it are met again."""
    draw = random.Random(generation)
    individuals, evaluations, genomes = [], [], {}
    for number in range(generation * BORN, (generation + 1) * BORN):
        text = f'{{"rule":"mul(pre, {draw.random()})","weights":"{"x" * text_size}"}}'
        genomes[genome_key(text)] = text
        parents = tuple(sorted({max(0, number - BORN), number % 2})) if generation else ()
        individuals.append(IndividualRow(number, parents, "cx+mut", genome_key(text), draw.randbytes(8)))
    for number in range(max(0, generation - 1) * BORN, (generation + 1) * BORN):
        measures = {"size": draw.randrange(9), "gain": draw.random()}
        fitness = (draw.random(), -draw.random() * 1e300)
        evaluations.append(EvaluationRow(number, fitness, draw.random(), draw.random(), 20, 1, measures))
    return {
        "generation": generation,
        "individuals": individuals,
        "evaluations": evaluations,
        "state": {"generation": generation + 1, "hall": [generation * BORN], "note": "größer"},
        "statistics": {"best": draw.random()},
        "timing": {"evaluate_seconds": draw.random()},
        "genomes": genomes,
        "graphs": {f"graph {generation // 2}": f'{{"inputs": {generation // 2}}}'},
    }


def write(folder: Path, generations: int, report: bool = True) -> Path:
    """Make a finished run of so many generations and return its file."""
    with create(folder, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, generations)
        if report:
            writer.report({"champion": 3})
    return folder / "run.db"


def go_on(writer: Writer, generations: int) -> None:
    """Commit what is missing of so many generations."""
    for generation in range(writer.last_generation + 1, generations):
        writer.commit(**rows(generation))


def expected_digest(generations: int, folder: Path) -> str:
    """Return the digest of an undisturbed run."""
    with create(folder, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, generations)
        return writer.reader.digest()


def content(path: Path) -> str:
    """Return a hash of every value in every table, read with nothing but SQLite."""
    digest = sha256()
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        tables = "meta", "generations", "graphs", "individuals", "genomes", "evaluations", "reports"
        for table in tables:
            digest.update(repr(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()).encode())
    return digest.hexdigest()


def half_written(path: Path, copy: Path) -> Path:
    """Copy a run file as a power cut leaves it in mid-commit where there is no log; return the copy."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the commit
        connection.execute("BEGIN")
        connection.execute("UPDATE genomes SET text = text || 'x'")
        connection.execute("DELETE FROM individuals")
        connection.execute("UPDATE evaluations SET innate = 0")
        copy.mkdir()
        for name in ("run.db", "run.db-journal"):
            (copy / name).write_bytes(path.with_name(name).read_bytes())
    assert (copy / "run.db").read_bytes() != path.read_bytes()
    return copy / "run.db"


def python(code: str, *arguments: object, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start Python on a text, with the repository importable; `before`: a command to run it under."""
    command = [*before, sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
