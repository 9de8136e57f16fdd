"""Whole runs on the GPU backend have the digest of the processor's; and what needs a GPU that is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.errors import RunFailed
from evometa.lifetime.cuda import gpu
from evometa.lifetime.cuda.launch import answers
from evometa.lifetime.cuda.selftest import first_difference
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.acting import cpu as acting
from evometa.lifetime.numba.descent import cpu as gradients
from evometa.lifetime.numba.teaching import cpu as teaching
from evometa.tasks.games import tictactoe
from tests.evolution.test_acting import BANDIT
from tests.evolution.test_teaching import SMALL as TAUGHT
from tests.lifetime.acting.learners import lives_in, place
from tests.lifetime.acting.strategies import random_acting_batch
from tests.lifetime.acting.test_agents import agent
from tests.lifetime.acting.test_random_lives import assert_same as assert_same_lives
from tests.lifetime.comparisons import comparing_batch, wide_batch
from tests.lifetime.cuda.test_teaching import assert_same as assert_same_lessons
from tests.lifetime.cupy_double import CUDARuntimeError, Double
from tests.lifetime.memories import remembering_batch
from tests.lifetime.numba.test_descent import arguments, population
from tests.lifetime.numba.test_descent import assert_same as assert_same_slopes
from tests.lifetime.strategies import deep_batch, random_batch, sparse_batch
from tests.lifetime.test_cuda import lone_programs
from tests.lifetime.test_parity import assert_same, same_bits
from tests.lifetime.test_teaching import RULES, classes_of, end_game, lives_of, plan_of
from tests.small import GRADIENT, SCHEMES, recipe


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
def test_runs_have_the_same_digest_on_both_backends(double: Double, scheme: str, tmp_path: Path) -> None:
    digests = [evometa.run(SCHEMES[scheme], backend=b, out=tmp_path / b).digest for b in ("cupy", "numba")]
    assert digests[0] == digests[1]
    assert any(name == "evometa_live" for name, *_ in double.host.launched)


@pytest.mark.slow
def test_runs_with_gradients_have_the_same_digest_on_both_backends(double: Double, tmp_path: Path) -> None:
    tuned = recipe(GRADIENT, gradient={"steps": 2})
    digests = [evometa.run(tuned, backend=b, out=tmp_path / b).digest for b in ("cupy", "numba")]
    assert digests[0] == digests[1]
    assert any(name == "evometa_descend" for name, *_ in double.host.launched)


@pytest.mark.slow
def test_runs_in_worlds_have_the_same_digest_on_both_backends(double: Double, tmp_path: Path) -> None:
    digests = [evometa.run(BANDIT, backend=b, out=tmp_path / b).digest for b in ("cupy", "numba")]
    assert digests[0] == digests[1]
    assert any(name == "evometa_act" for name, *_ in double.host.launched)


@pytest.mark.slow
def test_runs_of_teachers_have_the_same_digest_on_both_backends(double: Double, tmp_path: Path) -> None:
    few = [*TAUGHT, "run.generations=1", "evolution.population=2"]
    digests = [evometa.run("teacher", settings=few, backend=b, out=tmp_path / b).digest for b in ("cupy", "numba")]
    assert digests[0] == digests[1]
    assert any(name == "evometa_teach" for name, *_ in double.host.launched)


SHORT = [
    "evolution.population=12", "evolution.immigrants=0.17", "run.generations=2", "champion.rates.points=2",
    "champion.candidates=2", "champion.peers=false", "champion.baselines=[sgd]",
    "sampling.tasks=8", "sampling.validation_tasks=8", "sampling.test_tasks=8",
]  # fmt: skip
SHORTER = {
    "delta": ["champion.baselines=[delta]"],
    "digits": ["network.hidden=[3]"],
    "sinusoid": [
        "network.hidden=[4]",
        "evolution.population=4",
        "gradient.steps=2",
        "gradient.tasks=4",
        "gradient.later={}",
    ],
    "optimizer": ["lifetime.updates=3", "lifetime.batch=8", "evolution.offspring=12", "tuning.rounds=1"],
}


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["delta", "digits", "sinusoid", "optimizer"])
def test_recipes_have_the_same_digest_on_both_backends(double: Double, recipe: str, tmp_path: Path) -> None:
    settings = SHORT + SHORTER.get(recipe, [])
    runs = [evometa.run(recipe, settings=settings, backend=b, out=tmp_path / b) for b in ("cupy", "numba")]
    assert runs[0].digest == runs[1].digest
    assert runs[0].champion.scores == runs[1].champion.scores
    assert any(name == "evometa_live" for name, *_ in double.host.launched)


@pytest.mark.slow
def test_a_run_that_lost_its_gpu_goes_on_without_one(double: Double, tmp_path: Path) -> None:
    expected = evometa.run("delta", settings=SHORT, generations=4, backend="numba", out=tmp_path / "whole").digest
    assert gpu.find().gpu is not None  # which has launched kernels to test them
    double.faults["launch"] = (5, CUDARuntimeError("cudaErrorECCUncorrectable"))
    with pytest.raises(RunFailed, match=r"stopped answering.*\d generations are kept; go on with: evometa resume"):
        evometa.run("delta", settings=SHORT, generations=4, backend="cupy", out=tmp_path / "lost")
    assert 0 < evometa.load(tmp_path / "lost").generation < 4
    assert evometa.resume(tmp_path / "lost", backend="numba").digest == expected


@pytest.mark.gpu
def test_every_primitive_on_the_gpu(real_gpu: gpu.Gpu) -> None:
    assert first_difference(real_gpu) is None


@pytest.mark.gpu
@pytest.mark.parametrize("first", range(0, 300, 10))
def test_gpu_equals_numba(real_gpu: gpu.Gpu, first: int) -> None:
    for seed in range(first, first + 10):
        batch = random_batch(seed) if seed % 3 else deep_batch(seed)
        assert_same(real_gpu.live(*batch), cpu.live(*batch))


@pytest.mark.gpu
@pytest.mark.parametrize("first", range(0, 120, 10))
def test_what_compares_and_what_remembers_on_the_gpu_equal_numbas(real_gpu: gpu.Gpu, first: int) -> None:
    for seed in range(first, first + 10):
        make = (comparing_batch, wide_batch, remembering_batch)[seed % 3]
        batch = make(seed)
        assert_same(real_gpu.live(*batch), cpu.live(*batch))


@pytest.mark.gpu
@pytest.mark.parametrize("first", range(0, 200, 10))
def test_gradients_on_the_gpu_equal_numbas(real_gpu: gpu.Gpu, first: int) -> None:
    for seed in range(first, first + 10):
        make = (random_batch, comparing_batch, deep_batch, sparse_batch, wide_batch, remembering_batch)[seed % 6]
        given = arguments(make(seed), seed)
        assert_same_slopes(real_gpu.descend(*given), gradients.descend(*given))


@pytest.mark.gpu
@pytest.mark.parametrize("first", range(0, 300, 10))
def test_lives_in_worlds_on_the_gpu_equal_numbas(real_gpu: gpu.Gpu, first: int) -> None:
    for seed in range(first, first + 10):
        batch = random_acting_batch(seed)
        assert_same_lives(real_gpu.act(*batch), acting.act(*batch))


@pytest.mark.gpu
@pytest.mark.parametrize("lanes", [3, 40, 200])
def test_students_on_the_gpu_are_taught_as_numbas_are(real_gpu: gpu.Gpu, lanes: int) -> None:
    for game, answer in ((end_game(), "drawn"), (tictactoe("canonical"), "favourite"), (tictactoe("board"), "drawn")):
        batch = classes_of(RULES, lanes), lives_of(game, lanes, 20, answer), plan_of(1, 20)
        assert_same_lessons(real_gpu.teach(*batch), teaching.teach(*batch))


@pytest.mark.gpu
def test_many_lives_in_worlds_on_the_gpu_equal_numbas(real_gpu: gpu.Gpu) -> None:
    """More lanes and genomes than blocks, in worlds that fit into shared memory and in one that does not."""
    for name in ("rooms", "tictactoe", "coverage"):
        lives = lives_in(place(name), 200, 50)
        one, plan = agent("q_lambda", lives, 20, keep_weights=True)
        batch = one.take([0] * 300), lives, plan
        assert_same_lives(real_gpu.act(*batch), acting.act(*batch))


@pytest.mark.gpu
def test_long_lives_on_the_gpu_are_lived_again_in_parts(real_gpu: gpu.Gpu) -> None:
    given = population(16, 200)
    assert_same_slopes(real_gpu.descend(*given), gradients.descend(*given))


@pytest.mark.gpu
@pytest.mark.parametrize("first", range(0, 100, 10))
def test_gpu_runs_programs_as_numpy_does(real_gpu: gpu.Gpu, first: int) -> None:
    for seed in range(first, first + 10):
        phenotypes, inputs, results = lone_programs(seed)
        assert same_bits(answers(real_gpu, phenotypes, inputs), results)


@pytest.mark.gpu
@pytest.mark.parametrize("recipe", ["delta", "digits", "sinusoid", "optimizer", "bandit", "rooms"])
def test_recipes_have_the_same_digest_on_the_gpu(real_gpu: gpu.Gpu, recipe: str, tmp_path: Path) -> None:
    short = ["run.generations=2", "evolution.population=50"]
    runs = [evometa.run(recipe, settings=short, backend=b, out=tmp_path / b) for b in ("cupy", "numba")]
    assert runs[0].digest == runs[1].digest
    assert np.isfinite(runs[0].champion.meta_test)
