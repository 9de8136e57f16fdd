"""What whole populations did, for pictures: samples of bounded size, whatever the run's.

What cannot be read as what it should be raises InputError.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from evometa.store.evaluations import F64
from evometa.store.individuals import Individual
from evometa.store.reader import Reader
from evometa.store.source import spans


def births(reader: Reader) -> list[tuple[int, int, int]]:
    """Return, for each generation, its number, how many were born, and how many different behaviours they have."""
    with reader.reading() as connection:
        found = spans(connection)
        return [(number, born, len(_different(reader.individuals(number).signatures))) for number, _, born in found]


def fitness_in(reader: Reader, generation: int, most: int) -> F64:
    """Return the fitness of those evaluated in a generation, f64[at most `most`, objectives], evenly picked."""
    with reader.reading():
        if not 0 <= generation <= reader.last_generation:
            return np.zeros((0, 1))
        found = reader.evaluations(generation)
        return found.fitness[found.ids % (-(-len(found.ids) // most) or 1) == 0]


def fitness_of(reader: Reader, ids: Iterable[int], generation: int) -> dict[int, tuple[float, ...]]:
    """Return the fitness of individuals as it stood after a generation: judged in it, or else when they were born."""
    with reader.reading():
        found: dict[int, tuple[float, ...]] = {}
        now = reader.evaluations(generation)
        for born, numbers in by_birth(reader, ids).items():
            if born <= generation:
                then = reader.evaluations(born)
                for number in numbers:
                    one = now.evaluation(number) or then.evaluation(number)
                    found |= {number: one.fitness} if one is not None else {}
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
        found = spans(connection)
        step = -(-sum(born for *_, born in found) // most) or 1
        return [id for _, first, born in found for id in range(first + -first % step, first + born, step)]


def signatures(reader: Reader, ids: Iterable[int]) -> dict[int, bytes]:
    """Return what tells the behaviours of individuals apart (empty where it was not kept)."""
    found: dict[int, bytes] = {}
    with reader.reading():
        for born, numbers in by_birth(reader, ids).items():
            all_of_them = reader.individuals(born)
            found |= {id: all_of_them.signatures[id - all_of_them.first].tobytes() for id in numbers}
    return found


def individuals(reader: Reader, ids: Iterable[int]) -> list[Individual]:
    """Return individuals with their genomes, generation by generation."""
    found: list[Individual] = []
    with reader.reading():
        for generation, numbers in by_birth(reader, ids).items():
            born, kept = reader.individuals(generation), reader.genomes(generation)
            rows = [number - born.first for number in numbers]
            found += [born.individual(row, generation, kept.genome(row)) for row in rows]
    return found


def founders(reader: Reader, ids: Iterable[int]) -> dict[int, str]:
    """Return of each individual what made the one without parents that it descends from by first parents."""
    found: dict[int, str] = {}
    line = {int(id): int(id) for id in ids}  # of each, the ancestor that its line has been followed to
    with reader.reading():
        for generation in reversed(reader.generations()):
            if len(found) == len(line):
                break
            born = reader.individuals(generation)
            for id, ancestor in line.items():
                row = ancestor - born.first
                if id in found or not 0 <= row < len(born):
                    continue
                one = born.individual(row, generation, None)
                if one.parents:
                    line[id] = one.parents[0]
                else:
                    found[id] = one.operator
    return found


def by_birth(reader: Reader, ids: Iterable[int]) -> dict[int, list[int]]:
    """Return the generations in which individuals were born, ascending, with the numbers of each."""
    with reader.reading() as connection:
        all_spans = [span for span in spans(connection) if span[2]]
    firsts = [first for _, first, _ in all_spans]
    found: defaultdict[int, list[int]] = defaultdict(list)
    for id in sorted({int(id) for id in ids}):
        place = bisect_right(firsts, id) - 1
        if place >= 0 and id < firsts[place] + all_spans[place][2]:
            found[all_spans[place][0]].append(id)
    return dict(found)


def _different(signatures: NDArray[np.uint8]) -> set[bytes]:
    return {row.tobytes() for row in signatures}
