"""From a recipe to a DEAP toolbox: which variations there are, how often each, and how parents and survivors
are picked.

The toolbox has the aliases that DEAP's algorithms ask for (`clone`, `mate`, `mutate`, `select`) and those
that `evometa.evolution.loop` asks for: `population(count, …)` makes first genomes, `breed(individuals, …)` the next
ones, `settle(individuals)` lets others' go (see breeding.py), `survive(individuals, k)` picks who lives on,
`grow(genome, count, rng)` adds factors of 1 (see factors.py); `cases`:
whether a selection goes by single tasks; `renewing`: whether no parent lives on where there are enough offspring. These
are made of `genomes(rng, n)` and `immigrants(rng, n)`, new genomes
(`genome(rng)`, `immigrant(rng)`: one), `founders(rng, n)` and `newcomers(rng, n)`, who come without parents (see
starts.py), `variations`, the ways to make a child, and `select(individuals, k, rng=…)`,
which picks parents. `rng` is an `evometa.seeding.Draws`; DEAP's algorithms, which give none, draw from Python's global
`random`.

A toolbox whose breeding goes by more than the living has a `heritage`, kept in the loop's state: an object with
`state()`, plain JSON, `needs(state)`, the ids of individuals that it refers to, and `restore(state, individuals)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import methodcaller
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from deap import base

from evometa.errors import InputError
from evometa.genetics.genome import STEPS, Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.guesses import Form, building_blocks
from evometa.genetics.shapes import Shapes
from evometa.genetics.topology import first_weights
from evometa.language.codes import Trees
from evometa.language.habits import NO_HABITS, Habits, own_habits
from evometa.language.signals import slots_of
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.seeding import Draws, stream

from . import breeding, factors, guiding, neat, numbers, own, rules, starts, strategy, switches
from .repertoire import Variation, limits_of, variations
from .stock import GLOBAL
from .vocabulary import Vocabulary

DEEPEST_FIRST = 4  # largest depth of the first random trees


class Settings(Protocol):
    """The sections of a recipe that the toolbox reads (`evometa.config.schema.Config` has them)."""

    rule: Any
    habits: Any
    coefficients: Any
    weights: Any
    plasticity: Any
    strategy: Any
    topology: Any
    lifetime: Any
    network: Any
    evolution: Any
    species: Any
    variation: Any

    @property
    def acts(self) -> bool: ...

    @property
    def searches(self) -> bool: ...


def make_toolbox(
    settings: Settings,
    shapes: Shapes,
    functions: Mapping[str, Callable[..., Any]] = MappingProxyType({}),
    guesses: Mapping[str, Sequence[Form]] = MappingProxyType({}),
    habits: Habits = NO_HABITS,
) -> base.Toolbox:
    """Return the toolbox of a recipe; `functions`: the user's own, by the names that the recipe has for them.

    `guesses`: the rules that it starts with, by the names of its starts (see starts.py); `habits`: by which it goes.

    Raises InputError where texts or vocabulary do not fit, and where a function does not do what it should.
    """
    vocabularies = {slot: _vocabulary(settings, slot) for slot in settings.rule.evolving}
    texts = {slot: _text_tree(settings, slot) for slot in settings.rule.texts}
    toolbox = base.Toolbox()
    users = own.variations(settings, functions, {slot: _readable(settings, slot) for slot in settings.rule.evolving})
    toolbox.variations = (*variations(settings, shapes, vocabularies), *(Variation(*one) for one in users))
    fixed = {slot: tree for slot, tree in texts.items() if slot in settings.rule.fixed}
    for alias, given in (("genome", texts), ("immigrant", fixed)):
        toolbox.register(f"{alias}s", _genomes, settings, shapes, vocabularies, given)
        toolbox.register(alias, _genome, getattr(toolbox, f"{alias}s"))
    toolbox.register("clone", methodcaller("clone"))
    toolbox.register("mate", _mate, [v for v in toolbox.variations if v.parents == 2])
    toolbox.register("mutate", _mutate, [v for v in toolbox.variations if v.parents == 1])
    for name, _, parents, vary in users:
        own.try_variation(name, vary, [toolbox.genome(Draws(stream(0, 0, f"parent {n}"))) for n in range(parents)])
    for alias, key in (("select", "parents"), ("survive", "survivors")):
        row = own.selection(settings.evolution, key, functions)
        arguments = {name: getattr(settings.evolution, given) for name, given in row.arguments.items()}
        toolbox.register(alias, row.pick, **arguments)
        toolbox.cases = row.cases or getattr(toolbox, "cases", False)
        toolbox.renewing = row.renewing  # in the end the survivors'
    starts.register(toolbox, settings, guesses)
    toolbox.register("grow", factors.grown, factors.factors(vocabularies), limits_of(settings.rule))
    toolbox.register("population", breeding.population, toolbox)
    toolbox.register("breed", breeding.breed, toolbox)
    guiding.register(toolbox, settings, habits)
    toolbox.register("settle", breeding.settle)
    neat.register(toolbox, settings, shapes.start)
    return toolbox


def _readable(settings: Settings, slot: str) -> list[str]:
    """Return the recipe's signals, as far as a slot can read them."""
    given = settings.rule.signals
    names = given[slot] if isinstance(given, dict) else given
    readable = [name for name in names if name in slots_of(settings)[slot].signals]
    if not readable:
        expected = f"signals that slot {slot} can read ({', '.join(slots_of(settings)[slot].signals)})"
        raise InputError(
            expected, ", ".join(names) or "none", "rule.signals", "Give a table with a list for each slot."
        )
    return readable


def _vocabulary(settings: Settings, slot: str) -> Vocabulary:
    """What trees of a slot may be built of; blocks of classic rules only where they are asked for."""
    rule, asked = settings.rule, settings.variation.mutate_block > 0
    blocks = [tree for tree in building_blocks(settings) if len(tree) <= rule.max_nodes] if asked else []
    return Vocabulary(_readable(settings, slot), rule.primitives, tuple(rule.constants), blocks)


def _text_tree(settings: Settings, slot: str) -> Tree:
    """Read a slot's text; one that evolves must keep the limits, or no child of it ever would."""
    where = f"rule.init.{slot}"
    tree = parse(settings.rule.texts[slot], slots_of(settings)[slot].signals, where=where)
    nodes, depth = settings.rule.max_nodes, settings.rule.max_depth
    if slot in settings.rule.evolving and not rules.within(tree, nodes, depth):
        raise InputError(
            f"at most {nodes} nodes and depth {depth} (rule.max_nodes, rule.max_depth)",
            f"{len(tree)} nodes, depth {tree.depth}",
            where,
            "Raise the limits, or shorten the text.",
        )
    return tree


def _genome(draw: Callable[..., Genomes], rng: Draws) -> Genome:
    return draw(rng, 1)[0]


def _genomes(
    settings: Settings, shapes: Shapes, vocabularies: dict[str, Vocabulary], texts: dict[str, Tree], rng: Draws, n: int
) -> Genomes:
    """Draw n genomes: the texts given, random trees in the other slots, first values for all numbers."""
    rule, c, p = settings.rule, settings.coefficients, settings.plasticity
    deepest = min(DEEPEST_FIRST, rule.max_depth)
    trees = {
        slot: Trees.of([texts[slot]]).take(np.zeros(n, np.int64))
        if slot in texts
        else rules.genRules(vocabularies[slot], n, 1, deepest, rule.max_nodes, rng)
        for slot in rule.slots
    }
    if settings.habits.mode == "own":
        first = {slot: Trees.of([tree]).take(np.zeros(n, np.int64)) for slot, tree in own_habits().items()}
        trees = {**trees, **first}
    if c.values:
        coefficients = np.tile(np.array(c.values, np.float32), (n, 1))
    else:
        low, high = np.array(c.ranges)[:, : c.count]
        coefficients = numbers.initNumbers((n, c.count), low, high, rng.arrays, log=c.scale == "log")
    if shapes.plasticity is not None:
        plasticity = np.broadcast_to(shapes.plasticity, (n, *shapes.plasticity.shape))
    else:
        shape = (p.count, shapes.columns) if p.count and shapes.start is None else (0, 0)
        low, high = np.array(p.ranges)[:, : shape[0], None]
        plasticity = numbers.initNumbers((n, *shape), low, high, rng.arrays)
    weights: Any = None
    if shapes.weights is not None:
        weights = np.stack([first_weights(shapes.weights, rng.arrays) for _ in range(n)])
    steps = np.broadcast_to(strategy.initStrategy(len(STEPS), settings.strategy.sigma), (n, len(STEPS)))
    plastic = None
    if shapes.plastic is not None:
        plastic = switches.first_plastic(shapes.plastic, settings.topology.plastic_share, n, rng)
    return Genomes(trees, shapes.topology, weights, coefficients, plasticity, steps, plastic=plastic)


def _mate(crossovers: Sequence[Variation], one: Any, other: Any) -> tuple[Any, Any]:
    """Cross two individuals in place, for DEAP's algorithms: each gets a new genome."""
    if crossovers:
        cross = _draw(crossovers)
        one.genome, other.genome = cross.vary(one.genome, other.genome, rng=_global())
    return one, other


def _mutate(mutations: Sequence[Variation], one: Any) -> tuple[Any]:
    """Mutate an individual in place, for DEAP's algorithms: it gets a new genome."""
    apart, beside = ([way for way in mutations if way.beside is kind] for kind in (False, True))
    for way in [*([_draw(apart)] if apart else ()), *(way for way in beside if GLOBAL.random() < way.share)]:
        (one.genome,) = way.vary(one.genome, rng=_global())
    return (one,)


def _draw(variations: Sequence[Variation]) -> Variation:
    return GLOBAL.choices(variations, [variation.share for variation in variations])[0]


def _global() -> Draws:
    """Return draws that follow from the global generator's state."""
    return Draws(np.random.default_rng(GLOBAL.getrandbits(64)))
