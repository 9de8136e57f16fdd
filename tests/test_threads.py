"""What threads of one process share, and that no run hears of another, or of anybody else."""

from __future__ import annotations

import gc
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.language import tree
from evometa.language.tree import constant
from evometa.system import garbage
from evometa.system.garbage import rare_collection

SCHEMES = ("plus", "lexicase", "nsga2", "ageing")


def digest(folder: Path, seed: int, scheme: str) -> str:
    """Return the digest of a short run in which every operator is used."""
    two = ["fitness.objectives=['adapted_loss','size']"] if scheme == "nsga2" else []
    settings = ["evolution.population=60", "weights.mode=evolved", f"evolution.scheme={scheme}", *two]
    return evometa.run("delta", settings=settings, seed=seed, generations=3, out=folder).digest


@contextmanager
def beside(work: Callable[[], Any]) -> Iterator[None]:
    """Do a thing over and over in another thread, which takes its turn as often as it can."""
    over, often = threading.Event(), sys.getswitchinterval()

    def again() -> None:
        while not over.is_set():
            work()

    thread = threading.Thread(target=again)
    sys.setswitchinterval(1e-5)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(often)


def disturb() -> None:
    random.random()
    random.seed(3)
    np.random.seed(3)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_runs_in_threads_have_the_digests_that_they_have_alone(scheme: str, tmp_path: Path) -> None:
    alone = [digest(tmp_path / f"alone {seed}", seed, scheme) for seed in (1, 2)]
    together: dict[int, str] = {}

    def one(seed: int) -> None:
        together[seed] = digest(tmp_path / f"together {seed}", seed, scheme)

    threads = [threading.Thread(target=one, args=(seed,)) for seed in (1, 2)]
    with beside(disturb):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [together[seed] for seed in (1, 2)] == alone
    assert alone[0] != alone[1]


def test_a_run_leaves_the_generators_of_the_process_alone(tmp_path: Path) -> None:
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]
    digest(tmp_path / "run", 1, "plus")
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # type: ignore[index, union-attr]


def test_a_number_is_one_node_whichever_thread_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    both, made = threading.Barrier(2), []

    class Slow(tree.Node):
        def __init__(self, *parts: Any) -> None:
            super().__init__(*parts)
            with_other = threading.Event()
            with_other.wait(0.05)  # the other thread has its turn

    def make() -> None:
        both.wait()
        made.append(constant(0.12345))

    monkeypatch.setattr(tree, "Node", Slow)
    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made[0] is made[1]


def test_runs_that_overlap_leave_the_collector_as_the_first_one_met_it() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    first, second = rare_collection(), rare_collection()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == garbage.RARE  # one is still under way
    assert gc.get_freeze_count() > frozen
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
