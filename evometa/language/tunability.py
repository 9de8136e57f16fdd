"""Which numbers of a rule have a slope that they can be tuned by, and why others have none.

A rule is looked at as it stands, node by node: a number has a slope where every primitive above it passes slopes on
(the table's differentials that are not "0"), in a slot that weight changes depend on in such a way. It may still be 0
in this or that life. The gate's threshold passes no slope on: a gate has one where `update` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from evometa.language.adjoint import ADJOINTS, LOSS_ADJOINTS
from evometa.language.calculus import derivative
from evometa.language.lifting import Place
from evometa.language.liveness import FELT, felt_slots, folded
from evometa.language.signals import COEFFICIENTS
from evometa.language.tree import Node, Tree, leaf, node
from evometa.spec import ACTIVATIONS, SCORES
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY

_STANDIN = "p0"  # a signal that no loss reads
_ZERO = leaf(0.0)
LARGE = 1e6  # K from which on K·x/√(1 + (K·y)²) is x/|y| in float32, for y of a thousandth or more
_FLAT = "which changes weights through flat primitives or thresholds only"


def reach(rule: Mapping[str, Tree]) -> dict[str, frozenset[int]]:
    """Return the slots that slopes reach from the weight changes, and in each the positions of nodes that they reach.

    In a loss these are numbers and coefficients that the errors' own slopes depend on.
    """
    found: dict[str, frozenset[int]] = {}
    waiting = ["update"] if "update" in rule else []
    while waiting:
        slot = waiting.pop()
        found[slot] = frozenset(_blockers(rule[slot], within=False))
        read = {rule[slot][at].name for at in found[slot]}
        waiting += [name for name in MEMORY if name in read and name in rule and name not in found]
    if "loss" in rule and any(rule[slot][at].name in FELT for slot in found for at in found[slot]):
        found["loss"] = _bending(rule["loss"])
    return found


def tunable(rule: Mapping[str, Tree]) -> frozenset[str]:
    """Return the signals of ADJOINTS that have a slope in a rule."""
    names = {(slot == "loss", rule[slot][at].name) for slot, places in reach(rule).items() for at in places}
    return frozenset(name for loss, name in names if name in (LOSS_ADJOINTS[1:] if loss else ADJOINTS))


def numbers_with_slope(rule: Mapping[str, Tree]) -> list[Place]:
    """Return where numbers stand in a rule that have a slope, in the order of its slots.

    A number of LARGE or more that a quotient cancels has none to speak of.
    """
    reached, found = reach(rule), list[Place]()
    for slot, tree in rule.items():
        gone = {at for at in cancelled(tree) if tree[at].constant and abs(float(tree[at].value)) >= LARGE}
        found += [Place(slot, at) for at in sorted(reached.get(slot, ())) if tree[at].constant and at not in gone]
    return found


def only_cancelled(rule: Mapping[str, Tree]) -> frozenset[str]:
    """Return the coefficients that stand in a rule as factors that quotients cancel, and nowhere else.

    Where such a coefficient is LARGE, as K = 1/ε of Adam and RMSprop (`Dial.inverse`), its slope is lost in rounding.
    """
    places = [(tree[at].name, at in cancelled(tree)) for tree in rule.values() for at in range(len(tree))]
    return frozenset(COEFFICIENTS) & (
        {name for name, gone in places if gone} - {name for name, gone in places if not gone}
    )


def cancelled(tree: Tree) -> frozenset[int]:
    """Return the positions of K in quotients K·x/√(1 + (K·y)²): leaves that are factors on both sides of one.

    The larger K·y, the less the quotient depends on K: by 1/(2·(K·y)²) of itself.
    """
    found: set[int] = set()
    for at, item in enumerate(tree):
        if item.name == "aq":
            above, below = _factors(tree, at + 1), _factors(tree, at + 1 + len(tree.subtree(at + 1)))
            for leaf_, places in above.items():
                both = min(len(places), len(below.get(leaf_, ())))
                found.update(places[:both], below.get(leaf_, [])[:both])
    return frozenset(found)


def _factors(tree: Tree, at: int) -> dict[Node, list[int]]:
    """Return the leaves that a subtree is a multiple of, each with its positions."""
    found: dict[Node, list[int]] = {}
    waiting = [at]
    while waiting:
        place = waiting.pop()
        item = tree[place]
        if not item.arity:
            found.setdefault(item, []).append(place)
        elif item.name in ("mul", "neg"):
            waiting.append(place + 1)
            waiting += [place + 1 + len(tree.subtree(place + 1))] if item.arity == 2 else []
    return found


def why_not(rule: Mapping[str, Tree], name: str) -> str:
    """Return why a signal of ADJOINTS has no slope in a rule; "" where it has one."""
    if name in tunable(rule):
        return ""
    if "update" not in rule:
        return "the rule has no slot `update`, so no weight changes"
    slots = [slot for slot in felt_slots(rule) if name in rule[slot].signals()]
    if not slots:
        return f"no slot that weight changes depend on reads {name}"
    if slots == ["loss"]:
        flat = "and errors do not depend on it with a slope" if "loss" in reach(rule) else _FLAT
        return f"{name} stands in the loss alone, {flat}"
    within: set[str] = set()
    for slot in slots:
        tree = rule[slot]
        above = _blockers(tree, within=True)
        within |= {word for at, item in enumerate(tree) if item.name == name for word in above.get(at, ())}
    if not within:
        read = ", ".join(f"`{slot}`" for slot in slots)
        return f"{name} stands in {read} alone, {_FLAT}"
    return f"{name} stands only within {', '.join(sorted(within))}, whose slope is 0"


def flat_activation(name: str) -> str:
    """Return why nothing can be tuned through units of an activation; "" where it can."""
    return f"units of activation {name} have slope 0" if ACTIVATIONS[name].flat else ""


def flat_score(name: str) -> str:
    """Return why nothing can be tuned by a score of SCORES; "" where it can."""
    return f"{name} changes in steps, so that its slope is 0" if SCORES[name].flat else ""


def flat_loss(tree: Tree) -> str:
    """Return why no error is felt of an evolved loss; "" where there is one."""
    slope = folded(derivative(tree, "output"))
    return f"the loss {tree} has slope 0 in what the output answers" if slope == _ZERO else ""


def _blockers(tree: Tree, within: bool) -> dict[int, tuple[str, ...]]:
    """Return the positions that slopes reach (none above them), or that they do not (`within`): what stops them."""
    found: dict[int, tuple[str, ...]] = {}
    stack: list[tuple[str, ...]] = [()]
    for at, item in enumerate(tree):
        above = stack.pop()
        if bool(above) == within:
            found[at] = above
        primitive = PRIMITIVES.get(item.name) if item.arity else None
        if primitive is not None:
            for place in reversed(range(item.arity)):
                word = item.name if primitive.flat else f"the condition of {item.name}"
                stack.append((*above, word) if primitive.derivative[place] == "0" else above)
    return found


@lru_cache(maxsize=4096)
def _bending(tree: Tree) -> frozenset[int]:
    """Return the positions of numbers and coefficients in a loss that its slope depends on."""
    return frozenset(at for at, item in enumerate(tree) if not item.arity and _bends(tree, at))


def _bends(tree: Tree, at: int) -> bool:
    """Whether a loss's slope in what the output answers depends on the leaf at a position, with a slope of its own."""
    if not (tree[at].constant or tree[at].name in COEFFICIENTS):
        return False
    moved = Tree((*tree[:at], node(_STANDIN), *tree[at + 1 :]))
    return folded(derivative(derivative(moved, "output"), _STANDIN)) != _ZERO
