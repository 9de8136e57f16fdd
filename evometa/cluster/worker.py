"""What runs on a worker: the lives of a slice, and an account of itself."""

from __future__ import annotations

import platform
import time
from functools import cache
from hashlib import sha256
from importlib import metadata
from typing import NamedTuple
from uuid import uuid4

import numpy as np

from evometa.cluster.search_batches import F64, SearchBatch, SearchSlice
from evometa.cluster.slices import Batch, Shared, Slice, whole
from evometa.lifetime import Outcomes, Plan, Slopes, Tasks, acting, teaching
from evometa.lifetime.backends import Executor, open_executor
from evometa.lifetime.sample import acting_sample, sample, teaching_sample
from evometa.version import __version__

Result = Outcomes | Slopes | acting.ActingOutcomes | teaching.TeachingOutcomes | F64
LIBRARIES = ("numpy", "numba", "llvmlite")


class Account(NamedTuple):
    """What a worker says of itself: its evometa, what it computes on, the digest of its sample, other versions, and
    which process it is, as another one may come to the same address."""

    evometa: str
    line: str
    digest: str
    versions: str
    process: str


class Lived(NamedTuple):
    """What has come of a slice, the seconds that it took, and the process that lived it."""

    result: Result
    seconds: float
    process: str


@cache
def executor(backend: str, threads: int) -> Executor:
    """Return what computes on this machine, found once."""
    return open_executor(backend, threads)


@cache
def process() -> str:
    """Return a name of this process that no other has."""
    return uuid4().hex


def account(backend: str, threads: int) -> Account:
    """Live the samples, and the slopes of one, and say what came of them; compiles kernels where need be.

    Bits are what workers must have in common, not versions: these are told for the sake of who has to look for a cause.
    """
    one, agents, pupils, own = sample(), acting_sample(), teaching_sample(), executor(backend, threads)
    lived = own.live(one.phenotypes, one.tasks, one.births, one.plan)
    acted = own.act(agents.actors, agents.lives, agents.plan)
    taught = own.teach(pupils.classes, pupils.lives, pupils.plan)
    slopes = own.prepare(one.adjoints, [], 2)(one.phenotypes, one.tasks, one.births, one.plan, one.weights)
    digest = sha256()
    found = lived.scores, lived.status, slopes.losses, *slopes.innate, *slopes.plasticity, slopes.coefficients
    for array in (*found, acted.measures, acted.status, taught.results, taught.status):
        digest.update(np.ascontiguousarray(array).tobytes())
    versions = [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    python = f"Python {platform.python_version()} on {platform.machine()}"
    return Account(__version__, own.line, digest.hexdigest(), ", ".join([python, *versions]), process())


def live(shared: Shared | SearchBatch, part: Slice | SearchSlice, backend: str, threads: int) -> Lived:
    """Return what comes of a slice, or its slopes where these are asked for."""
    return Lived(*live_whole(whole(shared, part), backend, threads), process())


def live_whole(lives: Batch, backend: str, threads: int) -> tuple[Result, float]:
    """Return what comes of a batch, as `live` does of a slice, and the seconds that it took."""
    started, own = time.perf_counter(), executor(backend, threads)
    result: Result
    if isinstance(lives, SearchBatch):
        result = lives.live()
        return result, time.perf_counter() - started
    if lives.classes is not None:
        assert isinstance(lives.tasks, teaching.TeachingLives)
        assert isinstance(lives.plan, acting.ActingPlan)
        result = own.teach(lives.classes, lives.tasks, lives.plan, threads=threads)
        return result, time.perf_counter() - started
    if lives.actors is not None:
        assert isinstance(lives.tasks, acting.Lives)
        assert isinstance(lives.plan, acting.ActingPlan)
        result = own.act(lives.actors, lives.tasks, lives.plan, threads=threads)
        return result, time.perf_counter() - started
    assert isinstance(lives.tasks, Tasks)
    assert isinstance(lives.plan, Plan)
    batch = lives.phenotypes, lives.tasks, lives.births, lives.plan
    if lives.weights is None:
        result = own.live(*batch, threads=threads)
    else:
        result = own.prepare(lives.adjoints, lives.loss_adjoints, lives.order)(*batch, lives.weights)
    return result, time.perf_counter() - started
