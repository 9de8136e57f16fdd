"""From a recipe to a DEAP toolbox: which variations there are, how often each, and how parents and survivors are picked.

The toolbox has the aliases that DEAP's algorithms ask for (`clone`, `mate`, `mutate`, `select`) and those that
`evometa.evolution` asks for: `genome(rng)` and `immigrant(rng)` make new genomes, `variations` lists the ways to make
a child, `survive(individuals, k)` picks who lives on. Tree operators draw from Python's global `random`; numeric
ones from `rng`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from operator import methodcaller
from typing import Any, NamedTuple, Protocol

import numpy as np
from deap import base, tools

from evometa.errors import InputError
from evometa.genome import STEPS, Genome, Shapes
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.language.tree import Tree
from operators import numbers, rules, selection, strategy

Generator = np.random.Generator

DEEPEST_FIRST = 4  # largest depth of the first random trees


class Settings(Protocol):
    """The sections of a recipe that the toolbox reads (`evometa.config.schema.Config` has them)."""

    rule: Any
    coefficients: Any
    weights: Any
    plasticity: Any
    strategy: Any
    evolution: Any
    variation: Any


class Variation(NamedTuple):
    """One way to make a child: `vary(*genomes, rng=…)` of that many `parents`; `share`: how often, relatively."""

    name: str
    share: float
    parents: int
    vary: Callable[..., Genome]


def make_toolbox(settings: Settings, shapes: Shapes = Shapes()) -> base.Toolbox:
    """Return the toolbox of a recipe; InputError where its texts or vocabulary do not fit."""
    vocabularies = {slot: _vocabulary(settings, slot) for slot in settings.rule.evolving}
    texts = {slot: _text_tree(settings, slot) for slot in settings.rule.texts}
    variations = [v for v in (*_of_rules(settings, vocabularies), *_of_numbers(settings, shapes)) if v.share > 0]
    toolbox = base.Toolbox()
    toolbox.variations = _shared_out(variations, settings.variation.crossover)
    toolbox.register("genome", _genome, settings, shapes, vocabularies, texts)
    fixed = {slot: tree for slot, tree in texts.items() if slot in settings.rule.fixed}
    toolbox.register("immigrant", _genome, settings, shapes, vocabularies, fixed)
    toolbox.register("clone", methodcaller("clone"))
    toolbox.register("mate", _mate, [v for v in toolbox.variations if v.parents == 2])
    toolbox.register("mutate", _mutate, [v for v in toolbox.variations if v.parents == 1])
    scheme, size = settings.evolution.scheme, settings.evolution.tournament
    select, survive = {
        "plus": (partial(tools.selTournament, tournsize=size), selection.selBestDistinct),
        "nsga2": (partial(selection.selTournamentNSGA2, tournsize=size), selection.selDistinctNSGA2),
        "lexicase": (selection.selEpsilonLexicase, selection.selBestDistinct),
        "ageing": (partial(tools.selTournament, tournsize=size), selection.selYoungest),
    }[scheme]
    toolbox.register("select", select)
    toolbox.register("survive", survive)
    return toolbox


def _vocabulary(settings: Settings, slot: str) -> rules.Vocabulary:
    """What trees of a slot may be built of: the recipe's signals, as far as the slot can read them."""
    given = settings.rule.signals
    names = given[slot] if isinstance(given, dict) else given
    readable = [name for name in names if name in SLOTS[slot].signals]
    if not readable:
        raise InputError(
            f"signals that slot {slot} can read ({', '.join(SLOTS[slot].signals)})",
            ", ".join(names) or "none",
            "rule.signals",
            "Give a table with a list for each slot.",
        )
    return rules.Vocabulary(readable, settings.rule.primitives, tuple(settings.rule.constants))


def _text_tree(settings: Settings, slot: str) -> Tree:
    """Read a slot's text; one that evolves must keep the limits, or no child of it ever would."""
    where = f"rule.init.{slot}"
    tree = parse(settings.rule.texts[slot], SLOTS[slot].signals, where=where)
    nodes, depth = settings.rule.max_nodes, settings.rule.max_depth
    if slot in settings.rule.evolving and not rules.within(tree, nodes, depth):
        raise InputError(
            f"at most {nodes} nodes and depth {depth} (rule.max_nodes, rule.max_depth)",
            f"{len(tree)} nodes, depth {tree.depth}",
            where,
            "Raise the limits, or shorten the text.",
        )
    return tree


def _genome(
    settings: Settings,
    shapes: Shapes,
    vocabularies: dict[str, rules.Vocabulary],
    texts: dict[str, Tree],
    rng: Generator,
) -> Genome:
    """Draw a genome: the texts given, random trees in the other slots, first values for all numbers."""
    rule, c, p = settings.rule, settings.coefficients, settings.plasticity
    deepest = min(DEEPEST_FIRST, rule.max_depth)
    trees = {
        slot: texts[slot] if slot in texts else rules.genRule(vocabularies[slot], 1, deepest, rule.max_nodes)
        for slot in rule.slots
    }
    if c.values:
        coefficients = np.array(c.values, np.float32)
    else:
        coefficients = numbers.initNumbers(c.count, c.low, c.high, rng, log=c.scale == "log")
    plasticity = shapes.plasticity
    if plasticity is None and p.count:
        plasticity = numbers.initNumbers((p.count, shapes.columns), p.low, p.high, rng)
    weights = None
    if shapes.weights is not None:
        noise = numbers.initNumbers(len(shapes.weights.deviation), -np.sqrt(3), np.sqrt(3), rng)
        if not shapes.weights.uniform:
            noise = rng.standard_normal(len(shapes.weights.deviation), dtype=np.float32)
        weights = noise * shapes.weights.deviation
    steps = strategy.initStrategy(len(STEPS), settings.strategy.sigma)
    return Genome(trees, shapes.topology, weights, coefficients, plasticity, steps)


def _of_rules(settings: Settings, vocabularies: dict[str, rules.Vocabulary]) -> list[Variation]:
    """Variations of one slot's tree; the slot is drawn by its size, so that every node is as likely to be met."""
    if not vocabularies:
        return []
    slots, v = settings.rule.evolving, settings.variation
    limited = partial(rules.limited, max_nodes=settings.rule.max_nodes, max_depth=settings.rule.max_depth)

    def drawn(genome: Genome) -> str:
        if len(slots) == 1:
            return slots[0]
        return random.choices(slots, [len(genome.rule[slot]) for slot in slots])[0]

    def mutation(operator: Callable[..., tuple[Tree, ...]], worded: bool = True) -> Callable[..., Genome]:
        within = limited(operator)

        def vary(genome: Genome, rng: Generator) -> Genome:
            slot = drawn(genome)
            arguments = {"vocabulary": vocabularies[slot]} if worded else {}
            return genome.replace(rule={**genome.rule, slot: within(genome.rule[slot], **arguments)[0]})

        return vary

    exchange = limited(rules.cxSubtree)

    def cross(genome1: Genome, genome2: Genome, rng: Generator) -> Genome:
        slot = drawn(genome1)
        return genome1.replace(rule={**genome1.rule, slot: exchange(genome1.rule[slot], genome2.rule[slot])[0]})

    unit = max(map(abs, settings.rule.constants), default=1.0)

    def shift(genome: Genome, rng: Generator) -> Genome:
        genome = _stepped(genome, "constants", settings)
        slot = drawn(genome)
        sigma = float(genome.strategy[STEPS.index("constants")])
        return genome.replace(rule={**genome.rule, slot: rules.mutConstant(genome.rule[slot], sigma, unit)[0]})

    return [
        Variation("crossover", v.crossover, 2, cross),
        Variation("mutate subtree", v.mutate_subtree, 1, mutation(rules.mutSubtree)),
        Variation("mutate node", v.mutate_node, 1, mutation(rules.mutNode)),
        Variation("mutate insert", v.mutate_insert, 1, mutation(rules.mutInsert)),
        Variation("mutate shrink", v.mutate_shrink, 1, mutation(rules.mutShrink, worded=False)),
        Variation("mutate constant", v.mutate_constant, 1, shift),
    ]
