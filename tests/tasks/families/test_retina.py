"""Objects on a retina."""

from __future__ import annotations

import numpy as np

from evometa.tasks import open_family
from evometa.tasks.families.retina import COUNTS, RetinaTasks, truths
from tests.tasks.contract import arrays, check_contract, lane_bytes

# A published left object, as Clune, Mouret & Lipson 2013 draw it: rows of two pixels, # is black.
LEFT_OBJECTS = {"#./..", "../#.", "#./#.", "##/#.", "##/.#", "#./##", ".#/##", "##/##"}


def drawn(pattern: int, columns: tuple[int, int]) -> str:
    """Draw two columns of a pattern as two rows."""
    rows = ["".join(".#"[pattern >> 2 * column + row & 1] for column in columns) for row in (0, 1)]
    return "/".join(rows)


def mirrored(text: str) -> str:
    return "/".join(row[::-1] for row in text.split("/"))


def test_contract() -> None:
    check_contract(open_family(RetinaTasks(), 1))
    family = open_family(RetinaTasks(patterns=255), 2)
    assert family.queries == dict.fromkeys(COUNTS, 1)
    assert [family.limit(split) for split in COUNTS] == [64, 16, 48]


def test_the_published_tasks_are_among_them() -> None:
    left = np.array([drawn(p, (0, 1)) in LEFT_OBJECTS for p in range(256)])
    right = np.array([mirrored(drawn(p, (2, 3))) in LEFT_OBJECTS for p in range(256)])
    tables = {table.tobytes() for table in truths()}
    assert (left & right).tobytes() in tables
    assert (left | right).tobytes() in tables
    assert left.sum() == right.sum() == 128


def test_tasks_differ_and_none_is_in_two_splits() -> None:
    assert len({table.tobytes() for table in truths()}) == sum(COUNTS.values()) == 128
    family = open_family(RetinaTasks(), 0)
    seen: set[bytes] = set()
    for split, count in COUNTS.items():
        tasks = family.sample(split, count, np.random.default_rng(0))
        x, y = (np.concatenate([s, q]) for s, q in zip(arrays(tasks)[:2], arrays(tasks)[2:], strict=True))
        pattern = ((x > 0) * 2 ** np.arange(8)[:, None]).sum(axis=1)
        assert (np.sort(pattern, axis=0) == np.arange(256)[:, None]).all()  # each is shown or asked for, once
        table = np.ascontiguousarray(np.take_along_axis(y[:, 0], np.argsort(pattern, axis=0), axis=0))
        assert not seen & lane_bytes(table)
        seen |= lane_bytes(table)
    assert len(seen) == 128


def test_splits_depend_on_the_seed() -> None:
    first, second = (open_family(RetinaTasks(), seed).sample("test", 48, np.random.default_rng(0)) for seed in (0, 1))
    assert first.query_x.tobytes() == second.query_x.tobytes()
    assert first.query_y.tobytes() != second.query_y.tobytes()
