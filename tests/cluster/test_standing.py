"""How workers stand: which process each is, how far slices are, and whether generations are too short for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from evometa.cluster.worker import account
from evometa.lifetime.numba import cpu
from tests.cluster.in_process import Workers, home
from tests.cluster.test_dispatch import answer, batch, cluster
from tests.lifetime.test_parity import assert_same


def test_generations_of_many_short_batches_are_long() -> None:
    notes: list[str] = []
    own = cluster(Workers({"a"}, answer=answer), notes)
    own.tally.seconds = 1000.0
    for _ in range(8):
        own.generation()
    assert not notes


def test_another_process_at_the_address_of_one_that_was_trusted_shows_itself_first() -> None:
    """What it lived before it was asked does not count, for nobody knows its bits."""
    notes, asked = list[str](), list[str]()
    process = {"a": "first", "b": "other"}

    def own(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if function is account:
            asked.append(worker)
            return home()._replace(process=process[worker])
        found = function(*given)
        wrong = (
            found.result
            if worker == "b" or process["a"] == "first"
            else replace(found.result, scores=-found.result.scores)
        )
        return found._replace(result=wrong, process=process[worker])

    pool = Workers({"a", "b"}, answer=own)
    found = cluster(pool, notes)

    def taken(pool: Workers) -> None:
        process["a"] = "second"

    def computes(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if function is account and process["a"] == "second" and worker == "a":
            asked.append(worker)
            return home()._replace(process="second", digest="0")
        return own(worker, function, given)

    pool.answer = computes
    pool.events = {len(pool.ended) + 1: taken}
    assert_same(found.live(*batch()), cpu.live(*batch()))
    assert "worker a is another process now" in notes
    assert asked.count("a") == 2
    assert any(note.startswith("worker a is refused: it computes other bits") for note in notes)


def test_how_workers_stand_is_shown_while_a_batch_is_under_way() -> None:
    shown: list[str] = []
    pool = Workers({"a", "b"}, answer=answer)
    own = cluster(pool)
    own.show = shown.append
    pool.events = {len(pool.ended) + 3: lambda pool: pool.there.remove("a")}
    assert_same(own.live(*batch()), cpu.live(*batch()))
    assert shown[0] == "2 workers · 0 of 8 slices · 4 under way"
    assert any("lost" in text for text in shown)
    assert len(shown) == len(set(shown))
