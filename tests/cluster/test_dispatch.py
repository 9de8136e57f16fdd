"""Whoever comes, leaves, stalls or is lost, slices come to the same; and who may not work gets none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evometa.cluster import dispatch
from evometa.cluster.executor import Cluster
from evometa.cluster.pool import Lost
from evometa.cluster.worker import account, live
from evometa.errors import InputError, RunFailed
from evometa.lifetime.numba import cpu
from evometa.lifetime.sample import sample
from tests.cluster.in_process import HOME, Ticking, Workers, home
from tests.lifetime.numba.test_descent import arguments
from tests.lifetime.numba.test_descent import assert_same as assert_same_slopes
from tests.lifetime.strategies import random_batch
from tests.lifetime.test_parity import assert_same

Answer = Callable[[str, Callable[..., Any], tuple[Any, ...]], Any]


def answer(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """Answer as a worker does, whose account is known already."""
    return home() if function is account else function(*given)


def lost_where(wrong: Callable[[str, Any], bool]) -> Answer:
    """Answer, but for slices with which a worker is lost."""

    def own(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if function is live and wrong(worker, given[1]):
            raise Lost
        return answer(worker, function, given)

    return own


def cluster(pool: Workers, notes: list[str] | None = None, slices: int = 8) -> Cluster:
    """Return a cluster of a pool, as the engine opens it, that cuts any batch into so many slices."""
    found = Cluster(pool, "a pool", "numba", 1, (notes if notes is not None else []).append)
    found.executor()
    found.seconds, found.count = (lambda operations: 1.0), (lambda operations: slices)  # type: ignore[method-assign]
    return found


def batch(genomes: int = 24) -> Any:
    """Return a batch of many genomes."""
    phenotypes, *rest = random_batch(11)
    return phenotypes.take(np.arange(genomes) % len(phenotypes)), *rest


def test_slices_come_to_what_the_batch_does() -> None:
    pool, seen = Workers({"a", "b"}, answer=answer), []
    found = cluster(pool).live(*batch(), progress=lambda *now: seen.append(now))
    assert_same(found, cpu.live(*batch()))
    assert seen[-1] == (len(seen), len(seen))
    assert set(pool.ended) == {"a", "b"}


def test_slopes_come_to_what_those_of_the_batch_do() -> None:
    *lives, adjoints, weights, losses, order = arguments(random_batch(4), 4)
    found = cluster(Workers({"a", "b"}, answer=answer)).prepare(adjoints, losses, order)(*lives, weights)
    from evometa.lifetime.numba.descent import cpu as descent

    assert_same_slopes(found, descent.descend(*lives, adjoints, weights, losses, order))


def test_what_a_lost_worker_had_goes_to_others_and_newcomers_are_put_to_work() -> None:
    notes: list[str] = []
    pool = Workers({"a", "b"}, answer=answer)
    own = cluster(pool, notes)
    done = len(pool.ended)
    pool.events = {done + 1: lambda pool: pool.there.remove("a"), done + 2: lambda pool: pool.there.add("c")}
    assert_same(own.live(*batch()), cpu.live(*batch()))
    assert "worker a is gone" in notes
    assert own.tally.lost > 0
    own.live(*batch())
    assert own.staff.trusted.keys() == {"b", "c"}
    assert "2 workers" in own.standing()
    assert "lost" in own.standing()


def test_all_may_be_lost_at_once_where_others_come() -> None:
    pool = Workers({"a", "b"}, answer=answer)
    own, done = cluster(pool), len(pool.ended)
    pool.events = {done + 1: lambda pool: pool.there.clear()}
    looks = iter(range(5))

    def workers() -> frozenset[str]:
        if not pool.there and next(looks, None) is None:
            pool.there.add("new")
        return frozenset(pool.there)

    pool.workers = workers  # type: ignore[method-assign]
    assert_same(own.live(*batch()), cpu.live(*batch()))


def test_what_is_late_is_given_to_somebody_idle() -> None:
    pool = Workers({"a", "b"}, answer=answer)
    own = cluster(pool)
    pool.stalled.add("a")
    assert_same(own.live(*batch()), cpu.live(*batch()))
    assert own.tally.again > 0
    assert not pool.given  # nobody is left with what nobody needs


def test_a_slice_that_takes_workers_down_is_lived_at_home() -> None:
    notes: list[str] = []
    pool = Workers(set("abcdefgh"), answer=lost_where(lambda worker, part: worker != HOME and part.first == 0))
    assert_same(cluster(pool, notes).live(*batch()), cpu.live(*batch()))
    assert any("were lost with all who lived them" in note for note in notes)
    assert HOME not in pool.there


def test_a_genome_that_takes_every_process_down_ends_the_run_by_its_number() -> None:
    batch_ = batch()
    wanted = 2

    def wrong(worker: str, part: Any) -> bool:
        return bool(part.first <= wanted < part.first + len(part)) if worker != HOME else bool(part.first == wanted)

    pool = Workers(set("abcdefgh"), answer=lost_where(wrong))
    own = cluster(pool, slices=4)  # so that the genome is not alone, nor the first
    with pytest.raises(RunFailed, match=r"genome 2 of a batch of 24: ends every process"):
        own.live(*batch_)
    assert not pool.given


def test_an_error_that_all_workers_have_ends_the_run_by_name() -> None:
    def own(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if function is live:
            raise MemoryError("no more")
        return answer(worker, function, given)

    notes: list[str] = []
    with pytest.raises(RunFailed, match="genome 0 of a batch of 24: MemoryError: no more"):
        cluster(Workers({"a", "b"}, answer=own), notes).live(*batch())
    assert "worker a: MemoryError: no more" in notes


def test_an_error_of_one_worker_is_none_of_another() -> None:
    def own(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if function is live and worker == "a":
            raise OSError("no space left on device")
        return answer(worker, function, given)

    assert_same(cluster(Workers({"a", "b"}, answer=own)).live(*batch()), cpu.live(*batch()))


class Returning(set[str]):
    """Workers that are there again as soon as they are lost."""

    def discard(self, worker: str) -> None: ...


def test_who_never_gives_an_account_is_refused() -> None:
    def own(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if worker == "b" and function is account:
            raise Lost
        return answer(worker, function, given)

    pool, notes = Workers(Returning({"a", "b"}), answer=own), list[str]()
    assert_same(cluster(pool, notes).live(*batch()), cpu.live(*batch()))
    assert any(note.startswith("worker b is refused") for note in notes)


def test_slices_that_took_all_workers_down_are_lived_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "time", Ticking())
    pool = Workers({"a"}, answer=lost_where(lambda worker, part: worker != HOME and part.first == 0))
    assert_same(cluster(pool, slices=1).live(*batch()), cpu.live(*batch()))


def test_who_computes_other_bits_or_has_another_evometa_gets_no_work() -> None:
    forged = {
        "bits": home()._replace(digest="0"), "version": home()._replace(evometa="0.0.1"), "good": home(),
    }  # fmt: skip

    def own(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        assert function is account or worker == "good"
        return forged[worker] if function is account else function(*given)

    notes: list[str] = []
    pool = Workers({*forged}, answer=own)
    assert_same(cluster(pool, notes).live(*batch()), cpu.live(*batch()))
    text = "\n".join(notes)
    assert "worker bits is refused: it computes other bits" in text
    assert "worker version is refused: it has evometa 0.0.1" in text


def test_without_a_worker_that_may_work_nothing_begins() -> None:
    pool = Workers({"a"}, answer=lambda *given: home()._replace(digest="0"))
    with pytest.raises(InputError, match=r"computes the same bits.*a: it computes other bits"):
        cluster(pool)
    assert pool.closed


def test_a_worker_that_cannot_live_the_sample_is_refused() -> None:
    notes: list[str] = []

    def own(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if worker == "b" and function is account:
            raise InputError("a GPU that CuPy can use", "none", "run.backend")
        return answer(worker, function, given)

    assert_same(cluster(Workers({"a", "b"}, answer=own), notes).live(*batch()), cpu.live(*batch()))
    assert any("worker b is refused: it cannot live the sample (InputError" in note for note in notes)


def test_a_run_without_workers_waits_says_so_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "time", Ticking())
    notes: list[str] = []
    pool = Workers({"a"}, answer=answer)
    own = cluster(pool, notes)
    pool.there.clear()
    with pytest.raises(RunFailed, match="no worker has been there"):
        own.live(*batch())
    assert "no worker is ready; waiting for one …" in notes


def test_batches_too_short_for_several_machines_are_named_once() -> None:
    notes: list[str] = []
    own = cluster(Workers({"a"}, answer=answer), notes)
    for _ in range(8):
        own.live(*batch(2))
    assert not notes  # batches are no generations: these may have many
    own.tally.seconds = 1.0  # whatever this machine has taken
    for _ in range(8):
        assert "1 worker" in own.generation()["cluster"]
    assert sum("of work a generation are too few for several machines: one is faster" in note for note in notes) == 1


def test_slices_are_as_many_as_the_work_asks_for() -> None:
    own = Cluster(Workers({"a", "b"}, answer=answer), "a pool", "numba", 1, print)
    own.executor()
    assert own.count(1.0) == 2
    assert own.count(1e15) == 16
    assert 2 < own.count(2e10) < 16


def test_the_sample_tells_bits_apart() -> None:
    one = sample()
    lived = cpu.live(one.phenotypes, one.tasks, one.births, one.plan)
    assert np.isfinite(lived.scores).all()
    assert lived.loss[:, 1].mean() != lived.loss[:, 0].mean()
