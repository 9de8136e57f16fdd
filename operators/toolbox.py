"""From a recipe to a DEAP toolbox: which variations there are, how often each, and how parents and survivors
are picked.

The toolbox has the aliases that DEAP's algorithms ask for (`clone`, `mate`, `mutate`, `select`) and those
that `evometa.evolution.loop` asks for: `population(count, …)` makes first genomes, `breed(individuals, …)` the next
ones (see breeding.py), `survive(individuals, k)` picks who lives on; `cases`: whether a selection goes by single tasks.
These are made of `genome(rng)` and `immigrant(rng)`, new genomes, `variations`, the ways to make a child, and
`select(individuals, k, rng=…)`, which picks parents. `rng` is an `evometa.seeding.Draws`; DEAP's algorithms, which give
none, draw from Python's global `random`.

A toolbox whose breeding goes by more than the living has a `heritage`, kept in the loop's state: an object with
`state()`, plain JSON, and `restore(state)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import methodcaller
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
from deap import base

from evometa.errors import InputError
from evometa.genetics.genome import STEPS, Genome
from evometa.genetics.shapes import Shapes
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.seeding import Draws, stream

from . import breeding, genomes, neat, numbers, own, rules, strategy
from .stock import GLOBAL

DEEPEST_FIRST = 4  # largest depth of the first random trees


class Settings(Protocol):
    """The sections of a recipe that the toolbox reads (`evometa.config.schema.Config` has them)."""

    rule: Any
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


class Variation(NamedTuple):
    """One way to make a child of so many `parents`: `vary(*genomes, rng=Draws(…))[0]`; `share`: how often."""

    name: str
    share: float
    parents: int
    vary: Callable[..., tuple[Genome, ...]]


def make_toolbox(
    settings: Settings, shapes: Shapes, functions: Mapping[str, Callable[..., Any]] = MappingProxyType({})
) -> base.Toolbox:
    """Return the toolbox of a recipe; `functions`: the user's own, by the names that the recipe has for them.

    Raises InputError where texts or vocabulary do not fit, and where a function does not do what it should.
    """
    vocabularies = {slot: _vocabulary(settings, slot) for slot in settings.rule.evolving}
    texts = {slot: _text_tree(settings, slot) for slot in settings.rule.texts}
    toolbox = base.Toolbox()
    users = own.variations(settings, functions, {slot: _readable(settings, slot) for slot in settings.rule.evolving})
    toolbox.variations = (*_variations(settings, shapes, vocabularies), *(Variation(*one) for one in users))
    toolbox.register("genome", _genome, settings, shapes, vocabularies, texts)
    fixed = {slot: tree for slot, tree in texts.items() if slot in settings.rule.fixed}
    toolbox.register("immigrant", _genome, settings, shapes, vocabularies, fixed)
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
    toolbox.register("population", breeding.population, toolbox)
    toolbox.register("breed", breeding.breed, toolbox)
    neat.register(toolbox, settings, shapes.start)
    return toolbox


def _readable(settings: Settings, slot: str) -> list[str]:
    """Return the recipe's signals, as far as a slot can read them."""
    given = settings.rule.signals
    names = given[slot] if isinstance(given, dict) else given
    readable = [name for name in names if name in SLOTS[slot].signals]
    if not readable:
        expected = f"signals that slot {slot} can read ({', '.join(SLOTS[slot].signals)})"
        raise InputError(
            expected, ", ".join(names) or "none", "rule.signals", "Give a table with a list for each slot."
        )
    return readable


def _vocabulary(settings: Settings, slot: str) -> rules.Vocabulary:
    """What trees of a slot may be built of."""
    return rules.Vocabulary(_readable(settings, slot), settings.rule.primitives, tuple(settings.rule.constants))


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
    rng: Draws,
) -> Genome:
    """Draw a genome: the texts given, random trees in the other slots, first values for all numbers."""
    rule, c, p = settings.rule, settings.coefficients, settings.plasticity
    deepest = min(DEEPEST_FIRST, rule.max_depth)
    trees = {
        slot: texts[slot] if slot in texts else rules.genRule(vocabularies[slot], 1, deepest, rule.max_nodes, rng)
        for slot in rule.slots
    }
    if c.values:
        coefficients = np.array(c.values, np.float32)
    else:
        coefficients = numbers.initNumbers(c.count, c.low, c.high, rng.arrays, log=c.scale == "log")
    plasticity = shapes.plasticity
    if plasticity is None and p.count and shapes.start is None:
        plasticity = numbers.initNumbers((p.count, shapes.columns), p.low, p.high, rng.arrays)
    weights = shapes.draw_weights(rng.arrays)
    steps = strategy.initStrategy(len(STEPS), settings.strategy.sigma)
    return Genome(trees, shapes.topology, weights, coefficients, plasticity, steps)


def _variations(settings: Settings, shapes: Shapes, vocabularies: dict[str, rules.Vocabulary]) -> tuple[Variation, ...]:
    """List the variations of everything that evolves; crossover's share is divided as the mutations' are."""
    mutations = {
        "rule": _rule_mutations(settings, vocabularies),
        **{name: [variation] for name, variation in _number_mutations(settings, shapes).items()},
    }
    shares = {name: sum(v.share for v in some) for name, some in mutations.items()}
    found = []
    for name, some in mutations.items():
        if name == "rule":
            exchange = _limited(settings, rules.cxSubtree)
            cross = partial(genomes.cxRule, slots=settings.rule.evolving, exchange=exchange)
        else:
            cross = partial(genomes.cxNumbers, chromosome=name)
        label = "crossover" if name == "rule" else f"crossover {name}"
        share = settings.variation.crossover * shares[name] / max(sum(shares.values()), 1e-300)
        found += [Variation(label, share, 2, cross), *some]
    return tuple(variation for variation in found if variation.share > 0)


def _limited(settings: Settings, operator: Callable[..., tuple[Tree, ...]]) -> Callable[..., tuple[Tree, ...]]:
    return rules.limited(operator, settings.rule.max_nodes, settings.rule.max_depth)


def _rule_mutations(settings: Settings, vocabularies: dict[str, rules.Vocabulary]) -> list[Variation]:
    """List the mutations of one slot's tree; none where no slot evolves."""
    slots, v = settings.rule.evolving, settings.variation
    if not slots:
        return []
    shrink = _limited(settings, rules.mutShrink)
    unit = max(map(abs, settings.rule.constants), default=1.0)
    found = []
    for label, share, operator in (
        ("mutate subtree", v.mutate_subtree, rules.mutSubtree),
        ("mutate node", v.mutate_node, rules.mutNode),
        ("mutate insert", v.mutate_insert, rules.mutInsert),
    ):
        own = {slot: partial(_limited(settings, operator), vocabulary=vocabularies[slot]) for slot in slots}
        found.append(Variation(label, share, 1, partial(genomes.mutRule, slots=slots, mutations=own)))
    shift = partial(genomes.mutRuleConstant, slots=slots, unit=unit, adapt=_adapt(settings))
    cut = partial(genomes.mutRule, slots=slots, mutations=dict.fromkeys(slots, shrink))
    return [
        *found,
        Variation("mutate shrink", v.mutate_shrink, 1, cut),
        Variation("mutate constant", v.mutate_constant, 1, shift),
    ]


def _number_mutations(settings: Settings, shapes: Shapes) -> dict[str, Variation]:
    """List the mutation of each chromosome of numbers that evolves."""
    v, adapt = settings.variation, _adapt(settings)
    c, p = settings.coefficients, settings.plasticity
    found = {}
    if c.mode == "evolved" and c.count:
        shift = partial(genomes.mutCoefficients, low=c.low, high=c.high, log=c.scale == "log", adapt=adapt)
        found["coefficients"] = Variation("mutate coefficients", v.mutate_coefficients, 1, shift)
    if shapes.weights is not None:
        shift = partial(genomes.mutWeights, unit=shapes.weights.unit, adapt=adapt)
        found["weights"] = Variation("mutate weights", v.mutate_weights, 1, shift)
    if p.mode == "evolved" and p.count and shapes.start is None:
        shift = partial(genomes.mutPlasticity, unit=p.high - p.low, adapt=adapt)
        found["plasticity"] = Variation("mutate plasticity", v.mutate_plasticity, 1, shift)
    return found


def _adapt(settings: Settings) -> Callable[..., tuple[Any]] | None:
    """Self-adaptation of the mutation steps, or None where they are the same for all."""
    s = settings.strategy
    return partial(strategy.mutStep, tau=s.tau, low=s.low, high=s.high) if s.mode == "evolved" else None


def _mate(crossovers: Sequence[Variation], one: Any, other: Any) -> tuple[Any, Any]:
    """Cross two individuals in place, for DEAP's algorithms: each gets a new genome."""
    if crossovers:
        cross = _draw(crossovers)
        one.genome, other.genome = cross.vary(one.genome, other.genome, rng=_global())
    return one, other


def _mutate(mutations: Sequence[Variation], one: Any) -> tuple[Any]:
    """Mutate an individual in place, for DEAP's algorithms: it gets a new genome."""
    (one.genome,) = _draw(mutations).vary(one.genome, rng=_global())
    return (one,)


def _draw(variations: Sequence[Variation]) -> Variation:
    return GLOBAL.choices(variations, [variation.share for variation in variations])[0]


def _global() -> Draws:
    """Return draws that follow from the global generator's state."""
    return Draws(np.random.default_rng(GLOBAL.getrandbits(64)))
