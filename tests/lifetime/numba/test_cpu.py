"""Work is cut into pieces that cover it, threads take them as they become free, and whatever goes wrong is heard of."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import Size, layered
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotype, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.lifetime.columns import ROWS
from evometa.lifetime.lanes import cut
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.cpu import cut_work, memory, spread
from evometa.lifetime.numba.vector import LANES
from evometa.lifetime.packing import pack
from tests.lifetime.strategies import deep_batch
from tests.properties import examples

WIDTH = 16


def work_of(seed: int, copies: int, piece: float, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], int, int]:
    """Return the pieces of a deep batch, and how many genomes and pieces of lanes there are."""
    phenotypes, tasks, births, plan = deep_batch(seed)
    phenotypes, lanes = phenotypes.take([0, 1, 2] * copies), cut(tasks, plan, WIDTH, share=True)
    with monkeypatch.context() as patch:
        patch.setattr(cpu, "PIECE", piece)
        return cut_work(pack(phenotypes, births, WIDTH), WIDTH, lanes), 3 * copies, len(lanes.support_x)


@pytest.mark.parametrize("piece", [1.0, 3e5, 3e6, 1e30])
@pytest.mark.parametrize("seed", range(3))
def test_pieces_hold_every_life_once(seed: int, piece: float, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, genomes, pieces = work_of(seed, 5, piece, monkeypatch)
    items = [tuple(item) for part in parts for item in part.tolist()]
    assert items == [(g, lane) for g in range(genomes) for lane in range(pieces)]
    assert all(len(part) for part in parts)


def test_pieces_are_as_long_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [len(work_of(0, 20, piece, monkeypatch)[0]) for piece in (1.0, 1e6, 2e6, 1e30)]
    assert counts[0] == 60 * len(work_of(0, 1, 1.0, monkeypatch)[0]) // 3  # each life is a piece
    assert counts[-1] == 1
    assert counts[0] > counts[1] > counts[2] > 1
    assert counts[1] == pytest.approx(2 * counts[2], rel=0.2)


@examples(30)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.integers(1, 4))
def test_each_piece_is_done_once_and_progress_ends_at_the_total(lengths: list[int], threads: int) -> None:
    done: list[int] = []
    heard: list[tuple[int, int]] = []

    def work(part: list[int]) -> int:
        done.append(id(part))
        return len(part)

    parts = [[0] * length for length in lengths]
    spread(work, parts, threads, lambda *told: heard.append(told))
    assert sorted(done) == sorted(map(id, parts))
    assert [total for _, total in heard] == [sum(lengths)] * len(parts)
    counts = [count for count, _ in heard]
    assert counts == sorted(set(counts))
    assert counts[-1] == sum(lengths)


@pytest.mark.parametrize("count", [1, 16, 1000, 1 << 20])
def test_vectors_of_an_arena_lie_in_one_line_of_cache(count: int) -> None:
    floats = cpu.aligned(count)
    assert floats.shape == (count,)
    assert not floats.any()
    assert floats.ctypes.data % (LANES * floats.itemsize) == 0


def test_as_many_threads_as_asked_for_work_at_once() -> None:
    meeting = threading.Barrier(3, timeout=120)  # that breaks unless three are there together
    spread(lambda part: meeting.wait() * 0 + len(part), [[0]] * 3, 3, None)
    lonely = threading.Barrier(2, timeout=0.1)
    with pytest.raises(threading.BrokenBarrierError):
        spread(lambda part: lonely.wait() * 0 + len(part), [[0]] * 2, 1, None)


PARTS = 100


@pytest.fixture
def called_off(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once all of so many pieces have been called off, those that have ended, too."""
    found, count, cancel = threading.Event(), itertools.count(1), Future.cancel

    def counted(piece: Future[int]) -> bool:
        told = cancel(piece)
        if next(count) == PARTS:
            found.set()
        return told

    monkeypatch.setattr(Future, "cancel", counted)
    return found


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_goes_wrong_in_one_piece_ends_the_rest(error: type[BaseException], called_off: threading.Event) -> None:
    started: list[int] = []

    def work(part: list[int]) -> int:
        started.append(part[0])
        if part[0] == 1:
            raise error("a piece")
        return int(part[0] == 0 or called_off.wait(60))  # the piece in hand ends after the others have been called off

    with pytest.raises(error, match="a piece"):
        spread(work, [[number] for number in range(PARTS)], 1, lambda done, total: None)
    assert len(started) <= 3


def test_ctrl_c_while_progress_is_told_ends_the_rest(called_off: threading.Event) -> None:
    started: list[int] = []

    def work(part: list[int]) -> int:
        started.append(part[0])
        return int(part[0] == 0 or called_off.wait(60))

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spread(work, [[number] for number in range(PARTS)], 1, interrupt)
    assert len(started) <= 2


def test_memory_grows_with_all_that_needs_it() -> None:
    base: dict[str, Any] = {"graph": Size(10, 40, 300), "registers": 40, "batch": 4, "lanes": 64, "genomes": 10,
                            "checkpoints": 2, "threads": 2}  # fmt: skip
    least = memory(**base)
    for name, more in {"graph": Size(10, 40, 600), "registers": 800, "batch": 40, "genomes": 1000, "checkpoints": 200,
                       "threads": 4}.items():  # fmt: skip
        assert memory(**{**base, name: more}) > 1.05 * least, name


@pytest.mark.parametrize("seed", range(4))
def test_memory_is_at_least_what_an_arena_takes(seed: int) -> None:
    phenotypes, tasks, births, plan = deep_batch(seed)
    width = cpu.choose_width(phenotypes.graphs, tasks.lanes, plan.order.shape[1])
    arena, _ = cpu.Learners(phenotypes, births, width).room(cut(tasks, plan, width, share=True))
    largest = max(phenotypes.graphs, key=lambda graph: graph.synapses)
    registers = max(program.registers for program in phenotypes.programs)
    roughly = memory(largest, registers, plan.order.shape[1], tasks.lanes, len(phenotypes), 3, threads=1)
    outcomes = 16 * len(phenotypes) * 3 * tasks.lanes
    assert 0.5 * arena.nbytes < roughly - outcomes < 10 * arena.nbytes


def test_memory_counts_what_a_rule_keeps_of_each_node() -> None:
    """Of a network with as few synapses to a node as can be, and a rule of many results of nodes."""
    graph = layered(1, (500,), 1)
    program = compile_rule({"update": parse(" + ".join(f"(w * tanh(post + {i}.5))" for i in range(90)))})
    none, innate = np.zeros((0, graph.synapses), np.float32), np.zeros(graph.synapses, np.float32)
    phenotypes = batch_of([Phenotype(graph, program, innate, np.zeros(1, np.float32), none)])
    example = np.zeros((1, 1, WIDTH), np.float32)
    plan = Plan(np.zeros((1, 1, WIDTH), np.int32), np.array([1], np.int32), "linear", "backprop")
    learners = cpu.Learners(phenotypes, Births(), WIDTH)
    arena, _ = learners.room(cut(Tasks(*[example] * 4), plan, WIDTH))
    results = int(learners.packed.genomes[0, ROWS])
    assert results >= 90
    reckoned = memory(graph, results, 1, WIDTH, 0, 0, threads=1)
    assert arena.nbytes <= reckoned < 3 * arena.nbytes
