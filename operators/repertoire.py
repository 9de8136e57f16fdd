"""The ways to make a child that a recipe names: of each chromosome that evolves its crossover and its mutations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from evometa.genetics.genome import Genome
from evometa.genetics.shapes import Shapes

from . import factors, genomes, linkage, rules, starts, states, strategy, switches, terms
from .vocabulary import Limits, Vocabulary, words_of

TREES = ("subtree", "node", "insert", "shrink", "constant", "block")  # mutations of one tree, by the kinds of trees.py
SWITCHES = {"plastic": switches.SYNAPSE, "plastic layer": switches.LAYER}
BESIDE = frozenset(("term", *SWITCHES))  # mutations that may meet every child


class Variation(NamedTuple):
    """One way to make a child of so many `parents`: `vary(*genomes, rng=Draws(…))[0]`; `share`: how often.

    Any function will do; a `genomes.Kind` makes the children of a generation all at once. `beside`: it may meet every
    child, whatever else has made it, and `share` is its chance.
    """

    name: str
    share: float
    parents: int
    vary: Callable[..., tuple[Genome, ...]]
    beside: bool = False


def variations(settings: Any, shapes: Shapes, vocabularies: Mapping[str, Vocabulary]) -> tuple[Variation, ...]:
    """List the variations of everything that evolves; crossover's share is divided as the mutations' are."""
    crossovers: dict[str, genomes.Operator] = {}
    mutations: dict[str, dict[str, genomes.Kind]] = {}
    if vocabularies:
        trees, whole = _trees(settings, vocabularies), _whole(settings, vocabularies)
        kinds = {name: genomes.Kind(trees, kind) for kind, name in enumerate(TREES, start=1)}
        crossovers["rule"], mutations["rule"] = trees, {**kinds, **whole}
    for name, shift in _shifts(settings, shapes).items():
        crossovers[name] = genomes.Numbers(name, shift, _adapt(settings))
        mutations[name] = {name: genomes.Kind(crossovers[name], genomes.MUTATION)}
    given = settings.variation
    shares = {name: {one: getattr(given, f"mutate_{one}") for one in some} for name, some in mutations.items()}
    if shapes.plastic is not None:
        crossovers["plastic"] = turning = switches.Switches()
        mutations["plastic"] = {one: genomes.Kind(turning, kind) for one, kind in SWITCHES.items()}
        shares["plastic"] = {one: getattr(settings.topology, f"mutate_{one}".replace(" ", "_")) for one in SWITCHES}
    total, found = max(sum(sum(some.values()) for some in shares.values()), 1e-300), []
    for name, operator in crossovers.items():
        crossover = "crossover" if name == "rule" else f"crossover {name}"
        share = given.crossover * sum(shares[name].values()) / total
        found.append(Variation(crossover, share, 2, genomes.Kind(operator)))
        found += [
            Variation(f"mutate {one}", shares[name][one], 1, kind, one in BESIDE)
            for one, kind in mutations[name].items()
        ]
    if linked := [name for name in _by_synapse(settings) if name in crossovers]:
        crossing = genomes.Kind(linkage.OnePoint(linked))
        found.append(Variation("crossover synapses", given.crossover_synapses, 2, crossing))
    return tuple(variation for variation in found if variation.share > 0)


def _by_synapse(settings: Any) -> tuple[str, ...]:
    """Return the chromosomes that say something of each synapse of a network, where they evolve."""
    return ("weights", "plastic", *(("plasticity",) if settings.plasticity.tie == "synapse" else ()))


def _trees(settings: Any, vocabularies: Mapping[str, Vocabulary]) -> genomes.Rules:
    """Return what varies the trees of the slots that evolve."""
    rule = settings.rule
    words = words_of([vocabularies[slot] for slot in rule.evolving])
    unit = max(map(abs, rule.constants), default=1.0)
    return genomes.Rules(rule.evolving, words, limits_of(rule), unit, _adapt(settings))


def _whole(settings: Any, vocabularies: Mapping[str, Vocabulary]) -> dict[str, genomes.Kind]:
    """Return what varies the slots of a rule together."""
    limits, memories = limits_of(settings.rule), states.memories(vocabularies)
    operator = genomes.Whole((
        partial(states.mutState, memories=memories, limits=limits),
        partial(states.mutSimplify, vocabularies=vocabularies, still=starts.still_of(settings), limits=limits),
        partial(factors.mutFactor, factors=factors.factors(vocabularies), limits=limits),
    ))  # fmt: skip
    found = {name: genomes.Kind(operator, kind) for kind, name in enumerate(("state", "simplify", "factor"))}
    if "update" in vocabularies:
        update = vocabularies["update"]
        numbers = terms.numbers_of(settings, update)
        found["term"] = genomes.Kind(terms.Terms(terms.terms(update, memories), memories, numbers, limits))
    return found


def limits_of(rule: Any) -> Limits:
    """Return the limits of a recipe's trees."""
    return Limits(rule.max_nodes, rule.max_depth, rules.CHANCES)


def _shifts(settings: Any, shapes: Shapes) -> dict[str, Callable[..., Any]]:
    """Return what mutates each chromosome of numbers that evolves."""
    c, p = settings.coefficients, settings.plasticity
    found: dict[str, Callable[..., Any]] = {}
    if c.mode == "evolved" and c.count:
        lowest, highest = np.array(c.ranges)
        found["coefficients"] = partial(genomes.coefficients, low=lowest, high=highest, log=c.scale == "log")
    if shapes.weights is not None:
        found["weights"] = partial(genomes.many, unit=shapes.weights.unit)
    if p.mode == "evolved" and p.count and shapes.start is None:
        low, high = np.array(p.ranges)
        found["plasticity"] = partial(genomes.many, unit=np.repeat(high - low, shapes.columns))
    return found


def _adapt(settings: Any) -> genomes.Adapt | None:
    """Self-adaptation of the mutation steps, or None where they are the same for all."""
    s = settings.strategy
    return partial(strategy.stepped, tau=s.tau, low=s.low, high=s.high) if s.mode == "evolved" else None
