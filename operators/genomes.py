"""Operators on whole genomes: each varies one chromosome and returns new genomes that share all the others.

An operator that finds nothing to change returns the very genome that it was given.
`adapt(strategy, index, rng=…)` mutates the genome's own step before it is used (see strategy.py); None leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from evometa.genetics.genome import STEPS, Genome
from evometa.language.tree import Tree
from evometa.seeding import Draws

from .numbers import cxArithmetic, cxUniform, mutBounded, mutGaussian
from .rules import mutConstant

Adapt = Callable[..., tuple[Any]]


def slot_by_size(genome: Genome, slots: Sequence[str], rng: Random) -> str:
    """Draw a slot with the probability of its share of nodes, so that every node is as likely to be met."""
    if len(slots) == 1:
        return slots[0]
    return rng.choices(slots, [len(genome.rule[slot]) for slot in slots])[0]


def cxRule(
    genome1: Genome,
    genome2: Genome,
    slots: Sequence[str],
    exchange: Callable[..., tuple[Tree, ...]],
    rng: Draws,
) -> tuple[Genome, Genome]:
    """Exchange subtrees between two trees of the same slot."""
    slot = slot_by_size(genome1, slots, rng)
    tree1, tree2 = exchange(genome1.rule[slot], genome2.rule[slot], rng=rng)
    return _with_tree(genome1, slot, tree1), _with_tree(genome2, slot, tree2)


def mutRule(
    genome: Genome,
    slots: Sequence[str],
    mutations: Mapping[str, Callable[..., tuple[Tree, ...]]],
    rng: Draws,
) -> tuple[Genome]:
    """Mutate the tree of one slot by that slot's operator."""
    slot = slot_by_size(genome, slots, rng)
    return (_with_tree(genome, slot, mutations[slot](genome.rule[slot], rng=rng)[0]),)


def mutRuleConstant(
    genome: Genome, slots: Sequence[str], unit: float, rng: Draws, adapt: Adapt | None = None
) -> tuple[Genome]:
    """Shift one number among the slots that have any."""
    numbered = [slot for slot in slots if any(item.constant for item in genome.rule[slot])]
    if not numbered:
        return (genome,)
    stepped, sigma = _stepped(genome, "constants", adapt, rng)
    slot = slot_by_size(genome, numbered, rng)
    (tree,) = mutConstant(genome.rule[slot], sigma, unit, rng)
    return (genome if tree == genome.rule[slot] else _with_tree(stepped, slot, tree),)


def mutCoefficients(
    genome: Genome,
    low: float,
    high: float,
    log: bool,
    rng: Draws,
    adapt: Adapt | None = None,
    indpb: float = 0.5,
) -> tuple[Genome]:
    """Shift the rule's coefficients within their bounds, each with probability `indpb`."""
    genome, sigma = _stepped(genome, "coefficients", adapt, rng)
    (values,) = mutBounded(genome.coefficients, sigma, low, high, rng.arrays, log, indpb)
    return (genome.replace(coefficients=values),)


def mutWeights(
    genome: Genome, unit: Any, rng: Draws, adapt: Adapt | None = None, indpb: float | None = None
) -> tuple[Genome]:
    """Shift the innate weights by Gaussian noise in units `unit f32[E]`, each with probability `indpb`.

    None draws it anew each time (`any_share`).
    """
    weights = genome.weights
    assert weights is not None, "innate weights are not inherited"
    genome, sigma = _stepped(genome, "weights", adapt, rng)
    indpb = any_share(weights.size, rng) if indpb is None else indpb
    return (genome.replace(weights=mutGaussian(weights, sigma, unit, rng.arrays, indpb)[0]),)


def mutPlasticity(
    genome: Genome, unit: float, rng: Draws, adapt: Adapt | None = None, indpb: float | None = None
) -> tuple[Genome]:
    """Shift the per-synapse coefficients by Gaussian noise in units `unit`, as `mutWeights` does."""
    genome, sigma = _stepped(genome, "plasticity", adapt, rng)
    indpb = any_share(genome.plasticity.size, rng) if indpb is None else indpb
    return (genome.replace(plasticity=mutGaussian(genome.plasticity, sigma, unit, rng.arrays, indpb)[0]),)


def any_share(size: int, rng: Random) -> float:
    """Draw the share of numbers that a mutation touches: half the time all, else of any order of magnitude.

    Shares without a scale (Doerr et al. 2017) let a good genome improve whose own step is too large for all its
    numbers at once. Measured on a quadratic of 25 weights: touching all of them stalled at 3e-3 for ever, this
    passed 1e-4 within 100 generations; on 1761 weights it was 5 % behind after 200.
    """
    return 1.0 if rng.random() < 0.5 else float(size) ** -rng.random()


def cxNumbers(genome1: Genome, genome2: Genome, chromosome: str, rng: Draws) -> tuple[Genome, Genome]:
    """Recombine an array chromosome: number by number, or on the line between the parents, half and half."""
    values1, values2 = getattr(genome1, chromosome), getattr(genome2, chromosome)
    new1, new2 = (cxUniform if rng.random() < 0.5 else cxArithmetic)(values1, values2, rng.arrays)
    return genome1.replace(**{chromosome: new1}), genome2.replace(**{chromosome: new2})


def _with_tree(genome: Genome, slot: str, tree: Tree) -> Genome:
    if tree == genome.rule[slot]:
        return genome
    return genome.replace(rule={**genome.rule, slot: tree})


def _stepped(genome: Genome, kind: str, adapt: Adapt | None, rng: Random) -> tuple[Genome, float]:
    """Let the genome's step of this kind mutate; return both."""
    index = STEPS.index(kind)
    if adapt is not None:
        genome = genome.replace(strategy=adapt(genome.strategy, index, rng=rng)[0])
    return genome, float(genome.strategy[index])
