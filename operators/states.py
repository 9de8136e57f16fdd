"""Variation of a rule's slots together: a state with its reader in one step, and the rule without what nobody feels.

A state that no weight depends on changes nothing, and neither does the reader of a state that is never written: taken
alone, each step is in vain. For any DEAP program; a rule is a tree for each slot, and comes back as it is, the very
object, where nothing fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from evometa.language.algebra import substitute
from evometa.language.liveness import felt_signals, living
from evometa.language.text import parse
from evometa.language.tree import Tree, leaf
from evometa.spec.states import STORES

from .rules import FREE, within
from .stock import GLOBAL
from .vocabulary import Limits, Vocabulary

Rule = Mapping[str, Tree]

STATE, PLACE = "s1", "output"  # what stands in the texts below for the state, and for what is put in
SOURCES = (
    *("grad", "square(grad)", "abs(grad)", "sign(grad)", "w", "w - w0"),
    *("pre", "post", "pre*post", "err", "err*pre", "square(post)", "target - post"),
)
"""What a new state follows."""
TRACES = ("0.9*s1 + output", "0.9*s1 + 0.1*output", "c1*s1 + output", "c1*s1 + (1 - c1)*output", "max(0.9*s1, output)")
"""How it follows it."""
READERS = (
    *("output + 0.1*s1", "output - 0.1*s1", "output*(1 + 0.1*s1)", "output*(1 - 0.1*s1)"),
    *("aq(output, s1)", "output*(1 + 0.1*(sign(grad)*sign(s1)))"),
)
"""How a part of `update` comes to read it: nearly as it was, so that what was good stays so, and selection can tell."""


class Memory(NamedTuple):
    """What may become of one state: trees that write it, and those that read it, with PLACE where the old part goes."""

    traces: Sequence[Tree]
    readers: Sequence[Tree]


def memories(vocabularies: Mapping[str, Vocabulary]) -> dict[str, Memory]:
    """Return, of each state whose slot and `update` both have a vocabulary, what these can say."""
    found = {}
    for state in STORES:
        if state not in vocabularies or "update" not in vocabularies:
            continue
        own, update = vocabularies[state], vocabularies["update"]
        sources = [tree for tree in map(parse, SOURCES) if own.says(tree)]
        traces = [
            trace
            for form in map(parse, TRACES)
            for source in sources
            if own.says(trace := substitute(form, {STATE: leaf(state), PLACE: source}))
        ]
        forms = [substitute(parse(text), {STATE: leaf(state)}) for text in READERS]
        readers = [form for form in forms if update.says(substitute(form, {PLACE: leaf(state)}))]
        if traces and readers:
            found[state] = Memory(traces, readers)
    return found


def mutState(rule: Rule, memories: Mapping[str, Memory], rng: Random = GLOBAL, limits: Limits = FREE) -> tuple[Rule]:
    """Let a state that no weight depends on follow something, and a random part of `update` read it, in one step."""
    update, free = rule["update"], sorted(memories.keys() - felt_signals(rule))
    for _ in range(limits.chances if free else 0):
        state = rng.choice(free)
        trace, reader = rng.choice(memories[state].traces), rng.choice(memories[state].readers)
        start = rng.randrange(len(update))
        end = update.end(start)
        part = substitute(reader, {PLACE: Tree(update[start:end])})
        new = Tree((*update[:start], *part, *update[end:]))
        if all(within(tree, limits.nodes, limits.depth) for tree in (new, trace)):
            return ({**rule, "update": new, state: trace},)
    return (rule,)


def mutSimplify(
    rule: Rule, vocabularies: Mapping[str, Vocabulary], still: Rule, rng: Random = GLOBAL, limits: Limits = FREE
) -> tuple[Rule]:
    """Leave out what no weight depends on, and fold constants: the same weight changes, bit for bit, from less.

    Slots with a vocabulary change; a state that nobody reads is kept as it is born, as `still` says.
    """
    less = living(rule)
    new = {slot: less.get(slot, still.get(slot, tree)) for slot, tree in rule.items() if slot in vocabularies}
    whole = {**rule, **new}
    said = all(vocabularies[slot].says(new[slot]) for slot in new.keys() & less.keys())
    kept = felt_signals(whole).isdisjoint(still.keys() & new.keys() - less.keys())  # a fixed slot may read a state
    simpler = whole != rule and sum(map(len, whole.values())) <= sum(map(len, rule.values()))
    if simpler and said and kept and all(within(tree, limits.nodes, limits.depth) for tree in new.values()):
        return (whole,)
    return (rule,)
