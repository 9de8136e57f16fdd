"""Gradients of lifetimes in Numba have the bits of the reference's, whatever the graphs, rules, threads and parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import config

from evometa.errors import ContractError
from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotype, Phenotypes, Plan, Slopes, Tasks, in_all_lanes, reference_descent
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba.descent import cpu, kernel
from evometa.spec import ACTIVATIONS, CREDITS
from tests.lifetime.comparisons import comparing, comparing_batch, wide_batch
from tests.lifetime.memories import remembering_batch
from tests.lifetime.strategies import LONG, asked_batch, deep_batch, random_batch, sparse_batch
from tests.lifetime.test_parity import same_bits
from tests.properties import examples

Batch = tuple[Phenotypes, Tasks, Births, Plan]
SEEDS = st.integers(0, 2**32 - 1)


def arguments(batch: Batch, seed: int) -> tuple[Any, ...]:
    """Return what `descend` takes: the batch, its adjoints, weights of checkpoints, an order."""
    phenotypes, _, _, plan = batch
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((len(phenotypes), len(plan.checkpoints))).astype(np.float32)
    weights[rng.random(weights.shape) < 0.2] = 0
    adjoints, losses = ([adjoint_of(each) for each in own] for own in (phenotypes.programs, phenotypes.losses))
    return *batch, adjoints, weights, losses, int(rng.choice([1, 2, 2]))


def split(given: tuple[Any, ...]) -> tuple[Any, ...]:
    return given[:4], *given[4:]


def assert_same(ours: Slopes, theirs: Slopes) -> None:
    assert same_bits(ours.losses, theirs.losses)
    assert np.array_equal(ours.status, theirs.status)
    assert same_bits(ours.coefficients, theirs.coefficients)
    assert all(map(same_bits, ours.plasticity, theirs.plasticity))
    for mine, other in zip(ours.innate, theirs.innate, strict=True):
        assert (mine is None) == (other is None)
        assert mine is None or other is None or same_bits(mine, other)


@examples(120)
@given(SEEDS)
def test_numba_equals_reference(seed: int) -> None:
    given = arguments(asked_batch(seed), seed)
    assert_same(cpu.descend(*given), reference_descent.descend(*given))


@examples(40)
@given(SEEDS)
def test_slopes_of_what_compares_are_those_of_the_reference(seed: int) -> None:
    batch = comparing(deep_batch(seed), seed) if seed % 8 == 0 else comparing_batch(seed)
    given = arguments(batch, seed)
    assert_same(cpu.descend(*given), reference_descent.descend(*given))


def test_slopes_of_embeddings_wider_than_twice_their_classes() -> None:
    given = arguments(wide_batch(16), 16)
    assert_same(cpu.descend(*given), reference_descent.descend(*given))


@examples(30)
@given(SEEDS, st.integers(1, 3), st.integers(0, 3))
def test_slopes_of_what_remembers_are_those_of_the_reference(seed: int, threads: int, length: int) -> None:
    given = arguments(remembering_batch(seed), seed)
    assert_same(cpu.descend(*given, threads=threads, length=length), reference_descent.descend(*given))


@examples(30)
@given(SEEDS)
def test_calls_that_follow_have_the_bits_of_a_first(seed: int) -> None:
    """Numbers and tasks change from call to call, and what a caller gave is left alone."""
    (phenotypes, tasks, births, plan), adjoints, weights, losses, order = split(arguments(random_batch(seed), seed))
    repeated = cpu.Repeated(adjoints, losses, order, threads=1)
    first = repeated(phenotypes, tasks, births, plan, weights)
    packed = [one.packed for _, one in repeated._parts]
    own = replace(
        phenotypes, innates=[0.5 * each for each in phenotypes.innates],
        plasticities=[0.5 * each for each in phenotypes.plasticities], coefficients=-phenotypes.coefficients,
    )  # fmt: skip
    others = replace(tasks, support_y=tasks.support_y[..., ::-1].copy())
    assert_same(repeated(own, others, births, plan, weights),
                cpu.descend(own, others, births, plan, adjoints, weights, losses, order))  # fmt: skip
    assert births.weights or all(one.packed is known for (_, one), known in zip(repeated._parts, packed, strict=True))
    assert_same(repeated(phenotypes, tasks, births, plan, weights), first)
    other = replace(phenotypes, graph=phenotypes.graph[:1], program=phenotypes.program[:1], loss=phenotypes.loss[:1],
                    innate=phenotypes.innate[:1], plasticity=phenotypes.plasticity[:1],
                    coefficients=phenotypes.coefficients[:1])  # fmt: skip
    alone = repeated(other, tasks, births, plan, weights[:1])
    assert same_bits(alone.losses, first.losses[:1])
    with pytest.raises(ContractError):
        repeated(other, tasks, births, plan, np.ones((2, len(plan.checkpoints)), np.float32))


def test_a_call_that_follows_with_another_memory_has_the_bits_of_a_first() -> None:
    phenotypes, tasks, births, plan, adjoints, weights, losses, _ = arguments(remembering_batch(12), 12)
    repeated = cpu.Repeated(adjoints, losses, threads=1)
    repeated(phenotypes, tasks, births, plan, weights)
    other = replace(plan, memory=plan.memory._replace(slots=plan.memory.slots + 2, sharpness=1.1))
    found = repeated(phenotypes, tasks, births, other, weights)
    assert_same(found, cpu.descend(phenotypes, tasks, births, other, adjoints, weights, losses))
    assert not same_bits(found.losses, repeated(phenotypes, tasks, births, plan, weights).losses)


@LONG
@examples(10)  # large networks
@given(SEEDS, st.sampled_from([deep_batch, sparse_batch]))
def test_numba_equals_reference_in_large_networks(seed: int, make: Callable[[int], Batch]) -> None:
    given = arguments(make(seed), seed)
    assert_same(cpu.descend(*given), reference_descent.descend(*given))


@examples(40)
@given(SEEDS)
def test_numba_equals_reference_in_layers(seed: int) -> None:
    """Nodes that read the same nodes are taken two at a time, examples in fives."""
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray:
        return np.float32(0.7) * rng.standard_normal(shape).astype(np.float32)

    inputs, lanes, updates = (int(rng.integers(1, top)) for top in (4, 40, 5))
    hidden, batch = tuple(rng.integers(1, 8, rng.integers(1, 4)).tolist()), int(rng.choice([1, 2, 5, 6, 10, 11]))
    graph = layered(inputs, hidden, 2, str(rng.choice(ACTIVATIONS.names)))
    rule = {"update": parse("-exp(p0)*s1 - c1*w"), "s1": parse("c0*s1 + grad")}
    one = Phenotype(graph, compile_rule(rule), numbers(graph.synapses), numbers(2), numbers(1, graph.synapses) - 2,
                    numbers(graph.synapses))  # fmt: skip
    queries = int(rng.integers(1, 23))
    tasks = Tasks(*(numbers(count, size, lanes) for count in (batch + 2, queries) for size in (inputs, 2)))
    order = rng.integers(0, batch + 2, (updates, batch, lanes)).astype(np.int32)
    plan = Plan(order, np.array([0, updates], np.int32), "linear", str(rng.choice(CREDITS.names)))
    given = arguments((batch_of([one]), tasks, Births(), plan), seed)
    assert_same(cpu.descend(*given), reference_descent.descend(*given))


@examples(40)
@given(SEEDS, st.integers(1, 3), st.integers(1, 3))
def test_neither_threads_nor_parts_matter(seed: int, threads: int, length: int) -> None:
    given = arguments(random_batch(seed), seed)
    assert_same(cpu.descend(*given, threads=threads, length=length), cpu.descend(*given, threads=1))


@examples(25)
@given(SEEDS, st.randoms(use_true_random=False))
def test_genomes_do_not_meet(seed: int, random: Any) -> None:
    phenotypes, tasks, births, plan, adjoints, weights, *others = arguments(random_batch(seed), seed)
    places = list(range(len(phenotypes))) * 2
    random.shuffle(places)
    whole = cpu.descend(phenotypes, tasks, births, plan, adjoints, weights, *others)
    mixed = cpu.descend(phenotypes.take(places), tasks, births, plan, adjoints, weights[places], *others)
    expected = Slopes(
        whole.losses[places], [whole.innate[g] for g in places], [whole.plasticity[g] for g in places],
        whole.coefficients[places], whole.status[places],
    )  # fmt: skip
    assert_same(mixed, expected)


def population(forms: int, updates: int) -> tuple[Any, ...]:
    """Return what `descend` takes of so many different forms, each with a rule and a graph of its own."""
    rng = np.random.default_rng(forms)

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    learners, rules = [], []
    for form in range(forms):
        graph = layered(1, (4 + form % 5, 3), 1, ("tanh", "relu", "sigmoid")[form % 3])
        rules.append({"update": parse(f"-{0.01 + 0.001 * form} * s1"), "s1": parse("c0*s1 + exp(p0)*grad")})
        learners.append(
            Phenotype(graph, compile_rule(rules[-1]), numbers(graph.synapses), np.full(1, 0.5, np.float32),
                      numbers(1, graph.synapses) - 2)
        )  # fmt: skip
    tasks = Tasks(*(numbers(10, 1, 33) for _ in range(4)))
    order = in_all_lanes(rng.integers(0, 10, (updates, 10)).astype(np.int32), 33)
    plan = Plan(order, np.array([0, updates // 2, updates], np.int32), "linear", "backprop")
    phenotypes = batch_of(learners)
    adjoints = [adjoint_of(program) for program in phenotypes.programs]
    return phenotypes, tasks, Births(), plan, adjoints, np.ones((forms, 3), np.float32)


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")
def test_a_population_of_many_forms_costs_no_compilation() -> None:
    cpu.descend(*population(1, 3), threads=1)
    compiled = len(kernel.descend.overloads)
    given = population(16, 3)
    assert_same(cpu.descend(*given, threads=2), reference_descent.descend(*given))
    assert len(kernel.descend.overloads) == compiled


def test_sums_are_kept_for_a_part_of_the_genomes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given = population(3, 2)
    whole = cpu.descend(*given)
    monkeypatch.setattr(cpu, "SUMS", 1000)
    assert_same(cpu.descend(*given), whole)


@LONG
def test_long_lives_are_lived_again_in_parts() -> None:
    """200 updates take the memory of 15, and their beginnings; the bits are those of a life kept whole."""
    given = population(1, 200)
    whole = cpu.descend(*given, length=200)
    assert_same(cpu.descend(*given), whole)
    assert whole.status.sum() == 0
    assert cpu.part_of(200) == 15
    assert cpu.part_of(16) == 16
    assert cpu.part_of(0) == 1


def test_what_cannot_be_differentiated_is_refused() -> None:
    phenotypes, tasks, births, plan, adjoints, weights = population(1, 2)
    with pytest.raises(ContractError):
        cpu.descend(phenotypes, tasks, births, plan, [], weights)
    with pytest.raises(ContractError):
        cpu.descend(phenotypes, tasks, births, plan, adjoints, weights[:, :2])


@pytest.mark.parametrize("seed", range(12))
def test_rewards_and_errors_add_to_answers_in_the_order_of_the_steps(seed: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    rule = compile_rule(
        {"update": parse("-0.05*c0*grad*(1 + reward) + 0.01*reward*p0")}
    )  # random rules seldom read both
    people = replace(phenotypes, programs=[rule] * len(phenotypes.programs))
    given = arguments((people, tasks, births, replace(plan, head="linear")), seed)
    assert_same(cpu.descend(*given), reference_descent.descend(*given))
