"""What every family's tasks must be, checked by each family's tests."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.lifetime import Tasks
from evometa.tasks import Family


def arrays(tasks: Tasks) -> list[np.ndarray]:
    """The four arrays of tasks in order."""
    return [tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y]


def lane_bytes(array: np.ndarray) -> set[bytes]:
    """What each lane holds, as bytes."""
    return {array[..., lane].tobytes() for lane in range(array.shape[-1])}


def examples(tasks: Tasks) -> set[bytes]:
    """Every support and query input of every lane, as bytes."""
    both = np.concatenate([tasks.support_x, tasks.query_x])
    return {row.tobytes() for row in both.transpose(0, 2, 1).reshape(-1, both.shape[1])}


def check_contract(family: Family, splits: tuple[str, ...] = ("train", "validation", "test"), lanes: int = 7) -> None:
    """Check shapes, types, values, determinism and refusals of a family."""
    assert tuple(family.splits) == splits
    for split in splits:
        tasks = family.sample(split, lanes, np.random.default_rng(3))
        queries = family.queries[split]
        assert tasks.support_x.shape == (family.support[split], family.inputs, lanes)
        assert tasks.support_y.shape == (family.support[split], family.outputs, lanes)
        assert tasks.query_x.shape == (queries, family.inputs, lanes)
        assert tasks.query_y.shape == (queries, family.outputs, lanes)
        again = family.sample(split, lanes, np.random.default_rng(3))
        other = family.sample(split, lanes, np.random.default_rng(4))
        for array, same in zip(arrays(tasks), arrays(again), strict=True):
            assert array.dtype == np.float32
            assert array.flags.c_contiguous
            assert np.isfinite(array).all()
            assert array.tobytes() == same.tobytes()
        assert any(a.tobytes() != b.tobytes() for a, b in zip(arrays(tasks), arrays(other), strict=True))
        if family.kind == "classification":
            for y in (tasks.support_y, tasks.query_y):
                assert np.isin(y, (0, 1)).all()
                assert family.head == "sigmoid" or (y.sum(axis=1) == 1).all()
        units = family.units(split, lanes, np.random.default_rng(3))
        assert units.dtype == np.int64
        assert units.shape[1] == lanes
        assert all(len(set(lane)) == len(units) for lane in units.T.tolist())  # different units in each task
        assert family.queries[split] % len(units) == 0
        assert (units == family.units(split, lanes, np.random.default_rng(3))).all()
        with pytest.raises(InputError, match="at least 1"):
            family.sample(split, 0, np.random.default_rng(0))
    with pytest.raises(InputError, match="serve for"):
        family.sample("holdout", 1, np.random.default_rng(0))
    with pytest.raises(InputError, match="serve for"):
        family.units("holdout", 1, np.random.default_rng(0))
