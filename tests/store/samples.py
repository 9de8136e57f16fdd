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

import numpy as np

from evometa.store import Columns, Evaluation, Evaluations, Individual, Individuals, Writer, create
from evometa.store.schema import SCHEMA, Definition

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = {"name": "sample", "seed": 7, "run": {"generations": 5}}
ENVIRONMENT: dict[str, Any] = {"python": "3", "note": "größer"}
BORN = 4  # individuals a generation


def texts(genomes: list[str]) -> Columns:
    """Return genomes as columns, which are their caller's business."""
    data = [text.encode() for text in genomes]
    begins = np.cumsum([0, *map(len, data)])
    return {"text": np.frombuffer(b"".join(data), np.uint8), "begins": begins}


def take(columns: Columns, rows: np.ndarray) -> Columns:
    """Return the columns of some rows."""
    begins, data = columns["begins"], columns["text"].tobytes()
    return texts([data[begins[row] : begins[row + 1]].decode() for row in rows.tolist()])


def text_of(individual: Individual) -> str | None:
    """Return the text of a genome, whatever it is stored in."""
    if individual.genome is None or isinstance(individual.genome, str):
        return individual.genome
    return take(individual.genome.columns, np.array([individual.genome.row]))["text"].tobytes().decode()


def rows(generation: int, text_size: int = 200) -> dict[str, Any]:
    """Return what `commit` takes of a generation; those born before it are met again."""
    draw = random.Random(generation)
    parents, genomes, signatures, evaluations = [], [], [], []
    for number in range(generation * BORN, (generation + 1) * BORN):
        filler = f"{draw.getrandbits(4 * text_size):0{text_size}x}"  # which zlib cannot make much smaller
        genomes.append(f'{{"rule":"mul(pre, {draw.random()})","weights":"{filler}"}}')
        parents.append(tuple(sorted({max(0, number - BORN), number % 2})) if generation else ())
        signatures.append(draw.randbytes(8))
    for number in range(max(0, generation - 1) * BORN, (generation + 1) * BORN):
        fitness = (draw.random(), -draw.random() * 1e300)
        cases = np.float32([draw.random(), draw.random()])
        evaluations.append(Evaluation(number, fitness, draw.random(), draw.random(), 20, 1, cases))
    return {
        "generation": generation,
        "individuals": Individuals.of(generation * BORN, parents, ["cx+mut"] * BORN, signatures),
        "genomes": genomes,
        "evaluations": evaluations,
        "state": {"generation": generation + 1, "hall": [generation * BORN], "note": "größer"},
        "statistics": {"best": draw.random()},
        "timing": {"evaluate_seconds": draw.random()},
        "graphs": {f"graph {generation // 2}": f'{{"inputs": {generation // 2}}}'},
    }


def commit(writer: Writer, *, individuals: Individuals, genomes: list[str], **more: Any) -> None:
    """Commit a generation of `rows`."""
    evaluations = Evaluations.of(more.pop("evaluations"))
    writer.encode(individuals, texts(genomes))
    writer.commit(evaluations=evaluations, **more)


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
        commit(writer, **rows(generation))


def expected_digest(generations: int, folder: Path) -> str:
    """Return the digest of an undisturbed run."""
    with create(folder, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, generations)
        return writer.reader.digest()


def content(path: Path, schema: tuple[str, ...] = SCHEMA) -> str:
    """Return a hash of every value in every table, read with nothing but SQLite."""
    digest = sha256()
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        for type, table, _ in map(Definition.of, schema):
            if type == "table":
                digest.update(repr(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()).encode())
    return digest.hexdigest()


def place_of(path: Path, generation: int, kind: str = "genomes") -> int:
    """Return where in a run file something of a generation's columns lies."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        query = "SELECT data FROM pieces WHERE generation = ? AND kind = ?"
        (data,) = connection.execute(query, (generation, kind)).fetchone()
    return path.read_bytes().index(data[:64]) + 32


def half_written(path: Path, copy: Path) -> Path:
    """Copy a run file as a power cut leaves it in mid-commit where there is no log; return the copy."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the commit
        connection.execute("BEGIN")
        connection.execute("UPDATE pieces SET data = data || 'x'")
        connection.execute("DELETE FROM contents")
        connection.execute("UPDATE generations SET statistics = 0")
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
