"""Adam on many genomes at once: as PyTorch has it, genome by genome, and schedules."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.config.gradient import Gradient
from evometa.evolution.adam import Adam, schedule, warmth
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.parameters import Parameters
from evometa.language.text import parse
from evometa.lifetime import F32

RULE = {"update": parse("-c0 * grad")}
SIZE = 6


def adam_of(count: int, **settings: float) -> Adam:
    """Return the optimizer of genomes with SIZE coefficients each."""
    rng = np.random.default_rng(0)
    genomes = [Genome(RULE, coefficients=rng.standard_normal(SIZE).astype(np.float32)) for _ in range(count)]
    parameters = Parameters.of(Genomes.of(genomes), ("coefficients",), ())
    return Adam.of(parameters, Gradient(steps=1, **settings))  # type: ignore[arg-type]


def gradients(count: int, steps: int) -> F32:
    return 3 * np.random.default_rng(1).standard_normal((steps, count * SIZE)).astype(np.float32)


def test_each_genome_goes_as_with_pytorch() -> None:
    torch = pytest.importorskip("torch")
    adam = adam_of(3, beta1=0.8, beta2=0.95, clip=5.0)
    started = adam.values.reshape(3, SIZE)
    rates = np.full(3 * SIZE, 0.01, np.float32)
    for gradient in gradients(3, 20):
        norms = adam.step(gradient, rates)
        assert norms == pytest.approx(np.linalg.norm(gradient.reshape(3, SIZE).astype(float), axis=1))
    for g in range(3):
        own = torch.tensor(started[g], requires_grad=True)
        optimizer = torch.optim.Adam([own], lr=0.01, betas=(0.8, 0.95))
        for gradient in gradients(3, 20):
            own.grad = torch.tensor(gradient.reshape(3, SIZE)[g])
            torch.nn.utils.clip_grad_norm_([own], 5.0)
            optimizer.step()
        assert adam.values.reshape(3, SIZE)[g] == pytest.approx(own.detach().numpy(), abs=1e-6)


def test_a_genome_goes_its_way_whoever_goes_beside_it() -> None:
    both, alone = adam_of(2), adam_of(1)
    rates = np.full(2 * SIZE, 0.01, np.float32)
    for gradient in gradients(2, 5):
        both.step(gradient, rates)
        alone.step(gradient[:SIZE], rates[:SIZE])
    for name in ("values", "first", "second"):
        assert getattr(both, name)[:SIZE].tobytes() == getattr(alone, name).tobytes()


def test_a_gradient_that_is_not_finite_moves_nothing() -> None:
    adam = adam_of(2)
    before = adam.values.copy()
    gradient = gradients(2, 1)[0]
    gradient[2] = np.nan
    norms = adam.step(gradient, np.full(2 * SIZE, 0.01, np.float32))
    assert np.isnan(norms[0])
    assert np.array_equal(adam.values[:SIZE], before[:SIZE])
    assert not adam.first[:SIZE].any()
    assert (adam.values[SIZE:] != before[SIZE:]).all()
    assert adam.steps.tolist() == [0, 1]


def test_a_slope_too_steep_for_float32_moves_nothing_unless_it_is_clipped() -> None:
    for clip, moved in ((0.0, [0, 1]), (10.0, [1, 1])):
        adam = adam_of(2, clip=clip)
        gradient = gradients(2, 1)[0]
        gradient[2] = 1e25
        adam.step(gradient, np.full(2 * SIZE, 0.01, np.float32))
        assert adam.steps.tolist() == moved
        assert np.isfinite(adam.second).all()


def test_rates_rise_with_steps_and_fall_with_generations() -> None:
    assert [schedule(Gradient(), generation) for generation in (0, 9)] == [1.0, 1.0]
    falling = [schedule(Gradient(decay=10), generation) for generation in (0, 5, 10, 20)]
    assert falling == pytest.approx([1.0, 0.505, 0.01, 0.01])
    assert warmth(Gradient(warmup=4), np.array([0, 1, 3, 9], np.int32)).tolist() == [0.25, 0.5, 1.0, 1.0]
    assert warmth(Gradient(), np.array([0, 1], np.int32)).tolist() == [1.0, 1.0]
