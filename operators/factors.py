"""A factor e^(0·x) joins a part of a rule, which changes no bit of what that part is; the exponent's number is tuned.

What a part should be multiplied by is a question of orders of magnitude: a weight decay that falls with age, that is
smaller for biases or for small weights, a step that grows where the gradient agrees with a state. An exponent asks it
on the scale on which numbers are tuned (section `tuning`), and at 0 nothing that was tuned before is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from evometa.genetics.genome import Genome
from evometa.language.liveness import felt_slots
from evometa.language.text import parse
from evometa.language.tree import Tree

from .rules import FREE, within
from .states import PLACE, Rule
from .stock import GLOBAL
from .vocabulary import Limits, Vocabulary

FACTOR = "output*exp(0*(c0))"  # PLACE for the part, c0 for what the exponent goes by
EXPONENTS = (
    *("age", "square(age)", "abs(sign(w0))", "sign(grad)*sign(w)"),
    *(f"log(0.01 + abs({name}))" for name in ("w", "grad", "w - w0", "s1", "s2")),
    *(f"sign(grad)*sign({name})" for name in ("s1", "s2")),
)
"""What exponents go by: of size 1 or so."""


def factors(vocabularies: Mapping[str, Vocabulary]) -> dict[str, list[Tree]]:
    """Return, of each slot but the loss, the factors that it can say: trees with PLACE where the part goes."""
    found: dict[str, list[Tree]] = {}
    for slot, vocabulary in vocabularies.items():
        known = Vocabulary((*vocabulary.signals, PLACE), vocabulary.primitives, vocabulary.constants)
        forms = [_put(parse(FACTOR), "c0", parse(text)) for text in EXPONENTS] if slot != "loss" else []
        if said := [form for form in forms if known.says(form)]:
            found[slot] = said
    return found


def mutFactor(
    rule: Rule, factors: Mapping[str, Sequence[Tree]], rng: Random = GLOBAL, limits: Limits = FREE
) -> tuple[Rule]:
    """Let a factor that is 1 join a random part of a slot that weights depend on, no number and no whole exponent."""
    slots = [slot for slot in felt_slots(rule) if slot in factors]
    for _ in range(limits.chances if slots else 0):
        slot = rng.choice(slots)
        tree, form = rule[slot], rng.choice(factors[slot])
        start = rng.choice(range(len(tree)))
        end = tree.end(start)
        if tree[start].constant or (start and tree[start - 1].name == "exp"):
            continue
        new = Tree((*tree[:start], *_put(form, PLACE, Tree(tree[start:end])), *tree[end:]))
        if within(new, limits.nodes, limits.depth):
            return ({**rule, slot: new},)
    return (rule,)


def grown(
    factors: Mapping[str, Sequence[Tree]], limits: Limits, genome: Genome, count: int, rng: Random = GLOBAL
) -> Genome:
    """Return a genome with so many factors more, as far as there is room."""
    rule: Rule = genome.rule
    for _ in range(count):
        (rule,) = mutFactor(rule, factors, rng, limits)
    return genome if rule is genome.rule else genome.replace(rule=dict(rule))


def _put(form: Tree, name: str, part: Tree) -> Tree:
    """Return a tree with a part in the place of a leaf."""
    return Tree(item for own in form for item in (part if own.name == name else (own,)))
