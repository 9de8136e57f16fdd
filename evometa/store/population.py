"""What whole populations did, in few queries, for pictures: samples of bounded size, whatever the run's.

These rows are not checked against the chain of hashes, row by row, as that would mean to read the whole file; what
cannot be read as what it should be raises InputError.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from evometa.store.reader import Reader

F64 = NDArray[np.float64]


def births(reader: Reader) -> list[tuple[int, int, int]]:
    """Return, for each generation, its number, how many were born, and how many different behaviours they have."""
    query = "SELECT generation, count(*), count(DISTINCT signature) FROM individuals GROUP BY generation ORDER BY 1"
    with reader.reading() as connection:
        return [(int(n), int(born), int(different)) for n, born, different in connection.execute(query).fetchall()]


def fitness_in(reader: Reader, generation: int, most: int) -> F64:
    """Return the fitness of those evaluated in a generation, f64[at most `most`, objectives], evenly picked."""
    with reader.reading() as connection:
        (count,) = connection.execute("SELECT count(*) FROM evaluations WHERE generation = ?", (generation,)).fetchone()
        step = -(-count // most) or 1
        query = "SELECT fitness FROM evaluations WHERE generation = ? AND id % ? = 0"
        return _table([row[0] for row in connection.execute(query, (generation, step)).fetchall()])


def fitness_of(reader: Reader, ids: Iterable[int], generation: int) -> dict[int, tuple[float, ...]]:
    """Return the fitness of individuals as it stood after a generation: judged in it, or else when they were born."""
    asked = json.dumps(sorted({int(id) for id in ids}))
    again = "SELECT id, fitness FROM evaluations WHERE generation = ?2 AND id IN (SELECT value FROM json_each(?1))"
    first = (
        "SELECT e.id, e.fitness FROM json_each(?1) JOIN individuals i ON i.id = value"
        " JOIN evaluations e ON e.generation = i.generation AND e.id = i.id WHERE i.generation <= ?2"
    )
    with reader.reading() as connection:
        found: dict[int, tuple[float, ...]] = {}
        for query in (first, again):
            rows = connection.execute(query, (asked, generation)).fetchall()
            found |= {int(id): tuple(_table([blob])[0].tolist()) for id, blob in rows}
        return found


def survivors(reader: Reader, generation: int) -> list[list[int]]:
    """Return who was alive after a generation, island by island (those remembered, where that is all there is)."""
    with reader.reading():
        state = reader.state(generation)
        groups = state.get("islands") or [state.get("hall", [])]
        return [[int(id) for id in group] for group in groups]


def sample(reader: Reader, most: int) -> list[int]:
    """Return the numbers of at most `most` individuals, evenly picked from all that ever lived."""
    with reader.reading() as connection:
        (count,) = connection.execute("SELECT count(*) FROM individuals").fetchone()
        step = -(-count // most) or 1
        return [row[0] for row in connection.execute("SELECT id FROM individuals WHERE id % ? = 0", (step,)).fetchall()]


def signatures(reader: Reader, ids: Iterable[int]) -> dict[int, bytes]:
    """Return what tells the behaviours of individuals apart (empty where it was not kept)."""
    query = "SELECT id, signature FROM individuals WHERE id IN (SELECT value FROM json_each(?))"
    with reader.reading() as connection:
        return dict(connection.execute(query, (json.dumps(list(ids)),)).fetchall())


def rules(reader: Reader, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the texts of individuals' rules by slot; those whose genomes were not kept are left out."""
    query = "SELECT id, text FROM genomes WHERE id IN (SELECT value FROM json_each(?))"
    with reader.reading() as connection:
        rows = connection.execute(query, (json.dumps(list(ids)),)).fetchall()
        return {id: _texts(text) for id, text in rows if isinstance(text, str)}


def _texts(genome: str) -> dict[str, str]:
    return {str(slot): str(text) for slot, text in json.loads(genome)["rule"].items()}


def _table(blobs: Sequence[bytes]) -> F64:
    """Turn stored fitness into f64[n, objectives]."""
    if not blobs:
        return np.zeros((0, 1))
    return np.frombuffer(b"".join(blobs), "<f8").reshape(len(blobs), -1).astype(np.float64)
