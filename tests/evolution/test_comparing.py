"""Memory of heads that compare is reckoned before anything is built, and a refusal names the shots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.evolution.memory import check_memory
from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_rule
from evometa.lifetime import Births, Phenotype
from evometa.lifetime.batch import batch_of
from evometa.lifetime.memory import NO_MEMORY
from evometa.lifetime.numba import kernel
from evometa.lifetime.numba.compared import Compared
from evometa.lifetime.numba.cpu import BLOCK
from evometa.lifetime.numba.descent.cpu import Descents
from evometa.lifetime.numba.vector import LANES
from tests.evolution.test_memory import opened, part, parts

HEAD = ("rule.fixed=['update']", "network.hidden=[4]", "network.embedding=3", "run.threads=1")


def recipe(head: str, *more: str) -> tuple[str, ...]:
    own = "digits", f'network.head="{head}"', 'rule.init={ update = "0" }', "tasks.ways=3", "lifetime.updates=0"
    return (*own, 'lifetime.batch="all"', 'weights.mode="evolved"', "champion.baselines=[]", *HEAD, *more)


@pytest.mark.parametrize("batch", [1, 20, 150])
@pytest.mark.parametrize("solved", [False, True])
def test_examples_that_are_compared_take_what_is_reckoned(solved: bool, batch: int) -> None:
    """Of a life's arena and of its gradient's: what a head that compares adds to one that does not."""
    graph, ways, room, length = layered(7, (4,), 6), 3, 150, 2
    weights = np.zeros(graph.synapses, np.float32)
    one = batch_of(
        [Phenotype(graph, compile_rule({}), weights, weights[:0], np.zeros((0, graph.synapses), np.float32))]
    )
    own = Descents(one, Births(), NO_MEMORY, [adjoint_of(each) for each in one.programs], [])
    scratch, compared = kernel.new_scratch(own.packed.genomes), Compared(6, ways, room, solved)
    lives = [
        int(kernel.longest_arena(own.packed.genomes, scratch, LANES, batch, BLOCK, *form))
        for form in ((ways, room, solved), (0, 0, False))
    ]
    targets = graph.outputs * (batch + BLOCK)
    assert lives[0] - lives[1] == LANES * (compared.rows(batch) - targets)
    tapes = [own._room(batch, BLOCK, *form, length, 1)[0].size for form in ((ways, room, solved), (0, 0, False))]
    both = LANES * (compared.rows(batch) + compared.tape(batch, length))
    assert 0.8 * both < tapes[0] - tapes[1] < both


def test_what_does_not_compare_keeps_no_examples() -> None:
    assert not [purpose for purpose in parts("digits") if purpose.startswith("examples that are compared")]


def test_pairs_of_examples_grow_with_both_and_with_threads_but_not_on_a_gpu() -> None:
    few, many = (part("examples that are compared", *recipe("ridge", f"tasks.shots={n}", "tasks.queries=1"))
                 for n in (5, 50))  # fmt: skip
    assert 30 < many / few < 100
    assert (
        part("examples that are compared", *recipe("ridge", "tasks.shots=50", "tasks.queries=1", "run.threads=6"))
        == 6 * many
    )
    wider = part(
        "examples that are compared",
        *recipe("ridge", "tasks.shots=5", "tasks.queries=1", "tasks.other_tests=[{shots = 50}]"),
    )
    assert wider == many
    assert (
        part("examples that are compared", *recipe("ridge", "tasks.shots=50", 'run.backend="cupy"', "tasks.queries=1"))
        == 0
    )


def test_more_shots_than_fit_are_refused_by_name(tmp_path: Path) -> None:
    """Two classes of 5,000 rows each, and a system of as many equations: 20 GB a thread."""
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "big.npz", x=rng.normal(size=(60_000, 2)).astype(np.float32), y=np.arange(60_000) % 2)
    table = ("tasks.family='table'", f"tasks.path='{tmp_path / 'big.npz'}'", "tasks.divide='rows'", "tasks.ways=2")
    only = ("evolution.population=2", "evolution.offspring=2", "sampling.tasks=1", "sampling.validation_tasks=2",
            "sampling.test_tasks=2", "sampling.panel_tasks=0")  # fmt: skip
    config, families = opened(*recipe("ridge", *table, "tasks.shots=5000", "tasks.queries=5", *only))
    with pytest.raises(
        InputError, match=r"for examples that are compared: .*Lower tasks\.shots, tasks\.ways, "
    ) as told:
        check_memory(config, families, 16 << 30)
    assert "evolution" not in str(told.value)
    assert "sampling" not in str(told.value)
    check_memory(config, families, 64 << 30)
