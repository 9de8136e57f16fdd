"""Genomes of all kinds in one batch live the same lives, bit for bit, as each alone: layers, graphs, genes, gates."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.config.load import load
from evometa.evolution.courses import lessons, open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genes import ENABLED
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.phenotype import Mixture, express, network_keys
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import group_count, layered
from evometa.language.text import parse
from evometa.lifetime import F32
from evometa.lifetime.numba import cpu

OWN = layered(2, (4,), 1, "sigmoid")
OTHER = layered(2, (2,), 1, "tanh", recurrent=True)
GRAPH = layered(2, (3,), 1, "tanh")


def rule(**texts: str) -> dict[str, Any]:
    return {slot: parse(text) for slot, text in texts.items()}


def numbers(*shape: int, seed: int = 0) -> F32:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def genes(seed: int, rows: int = 0) -> Topologies:
    """Genes of which some are disabled, with so many numbers of each synapse."""
    plasticity = numbers(1, rows, GRAPH.synapses, seed=seed + 1) if rows else None
    found = topologies_of(GRAPH, numbers(1, GRAPH.synapses, seed=seed), plasticity)
    found.traits[[1, 4]] &= ~np.uint8(ENABLED)
    return found


DELTA = rule(update="-0.5 * grad")
GROUPED = numbers(1, group_count(layered(2, (3,), 1)))
KINDS = {
    "the set's network": Genome(DELTA),
    "another rule": Genome(rule(update="-c0 * grad - 0.1 * s1", s1="grad"), coefficients=np.float32([0.3])),
    "per-group numbers": Genome(rule(update="-p0 * grad"), plasticity=GROUPED),
    "its own graph": Genome(DELTA, OWN),
    "its own weights": Genome(DELTA, OWN, numbers(OWN.synapses)),
    "another graph": Genome(rule(update="-0.2 * grad", loss="output - target"), OTHER, numbers(OTHER.synapses)),
    "genes": Genome(DELTA, genes(1)[0]),
    "equal genes": Genome(DELTA, genes(1)[0]),
    "genes with numbers": Genome(rule(update="-p0 * grad"), genes(2, 1)[0]),
    "gates": Genome(rule(update="-c1 * grad", gate="grad*grad - 0.01"), genes(1)[0], coefficients=np.float32([9, 1])),
}
SETTINGS = [("drawn", "backprop"), ("drawn", "feedback"), ("evolved", "backprop"), ("fixed", "feedback")]


def evaluator(mode: str, credit: str) -> Evaluator:
    config = load(
        {
            "tasks": {"family": "parity"}, "sampling": {"repeats": 3}, "weights": {"mode": mode, "init": "normal"},
            "network": {"hidden": [3], "credit": credit}, "lifetime": {"batch": 1, "epochs": 3, "checkpoints": [5]},
            "plasticity": {"tie": "group"},
        }
    ).config  # fmt: skip
    return Evaluator(config, open_courses(config), cpu.live)


def lives(one: Evaluator, genomes: Any) -> tuple[Any, Any]:
    """Return what becomes of genomes, and what the kernel lived."""
    (course,) = one.courses
    lesson = lessons(course, one.config, "train", 0, 1, fresh=True)
    phenotypes = express(genomes, course.world)
    found = cpu.live(phenotypes, lesson.tasks, lesson.births(phenotypes), lesson.plan)
    return np.concatenate([found.scores.view(np.uint32), found.status[None, :, None].astype(np.uint32)
                           .repeat(found.scores.shape[2], 2)]), phenotypes  # fmt: skip


@cache
def alone(key: tuple[str, str], name: str) -> Any:
    """Return what becomes of a genome by itself."""
    return lives(evaluator(*key), [KINDS[name]])[0][:, 0]


@given(st.sampled_from(SETTINGS), st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_mixture_lives_the_lives_that_each_lives_alone(key: tuple[str, str], names: list[str]) -> None:
    found, _ = lives(evaluator(*key), [KINDS[name] for name in names])
    for g, name in enumerate(names):
        assert np.array_equal(found[:, g], alone(key, name)), name


@pytest.mark.parametrize("key", SETTINGS)
def test_every_kind_at_once_and_parts_that_are_alike_once(key: tuple[str, str]) -> None:
    names = [*KINDS, *reversed(KINDS)]
    found, phenotypes = lives(evaluator(*key), [KINDS[name] for name in names])
    assert isinstance(phenotypes, Mixture)
    assert len(phenotypes.graphs) == 3 + 2 * 4  # equal graphs once, equal genes not, as they may be born otherwise
    assert len({found[:, g].tobytes() for g in range(len(names))}) == len(KINDS) - 1  # the equal genes
    for g, name in enumerate(names):
        assert np.array_equal(found[:, g], alone(key, name)), name
        assert np.array_equal(lives(evaluator(*key), [KINDS[name]])[1][0].plasticity, phenotypes[g].plasticity)


def test_a_mixture_has_the_signatures_that_each_has_alone() -> None:
    one, genomes = evaluator("drawn", "backprop"), list(KINDS.values())
    found = one.signatures(genomes)
    assert found == [one.signatures([each])[0] for each in genomes]
    assert found == [one.signatures(Genomes.of([each]))[0] for each in genomes]
    assert len(set(found)) == len(genomes) - 1  # the equal genes
    keys = network_keys(genomes, inherited=True, marked=True)
    assert [bool(key) for key in keys] == [name in list(KINDS)[6:] for name in KINDS]


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("key", SETTINGS)
def test_a_population_in_another_order_lives_the_same_lives(key: tuple[str, str], gated: bool) -> None:
    """Of 40 networks that evolved, equal ones among them; with a gate the disabled genes are candidates."""
    rng = np.random.default_rng(5)
    every = topologies_of(GRAPH, numbers(40, GRAPH.synapses)).take(np.minimum(rng.permutation(40), 36))
    every.traits[rng.random(len(every.traits)) < 0.3] &= ~np.uint8(ENABLED)
    trees = rule(update="-0.5 * grad", gate="gate + grad*grad - 0.01") if gated else DELTA
    population = Genomes.of([Genome(trees, one, strategy=np.zeros(4, np.float32)) for one in every])
    one, order = evaluator(*key), rng.permutation(40)
    whole, permuted = lives(one, population)[0], lives(one, population.take(order))[0]
    assert len({whole[:, g].tobytes() for g in range(40)}) > 20
    assert np.array_equal(permuted, whole[:, order])
    assert [one.signatures(population)[g] for g in order] == one.signatures(population.take(order))
