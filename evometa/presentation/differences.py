"""What differs between two genomes, in words: “Δw: + 0.3·w; c0 0.05 → 0.031; 12 of 96 innate weights by 0.02”."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from evometa.genetics.genome import Genome
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import graph_key
from evometa.language.algebra import readable, tame, terms, to_sympy
from evometa.language.printer import show
from evometa.language.signals import EVERY_SLOT
from evometa.language.tree import Tree
from evometa.lifetime import F32, Graph
from evometa.presentation.descent import changes, pairs, turned

FEW = 4  # terms that differ; more are shown as a subtree that took another's place
LONGEST = 60  # characters of one part
TOLERANCE = 1e-6  # relative difference of numbers that count as equal


def differences(before: Genome, after: Genome) -> str:
    """Return in words what became of one genome into another."""
    parts = [*_rules(before, after), *_coefficients(before, after), *_arrays(before, after), *_networks(before, after)]
    if not parts and not np.array_equal(before.strategy, after.strategy):
        parts = ["its own mutation steps only"]
    return "; ".join(parts) or "nothing"


def distance(before: Genome, after: Genome) -> int:
    """Return how many nodes of the rules take part in the change, both rules together."""
    total = 0
    for slot in before.rule.keys() | after.rule.keys():
        old, new = before.rule.get(slot, Tree()), after.rule.get(slot, Tree())
        if old != new:
            total += sum(map(len, changed_part(old, new))) if old and new else len(old) + len(new)
    return total


def changed_part(old: Tree, new: Tree) -> tuple[Tree, Tree]:
    """Return the smallest subtrees that one tree must give and the other take to become equal."""
    return _narrowed(old, new)[-1]


def _narrowed(old: Tree, new: Tree) -> list[tuple[Tree, Tree]]:
    """Return subtrees that one tree must give and the other take to become equal, from the whole to the smallest."""
    found = [(old, new)]
    while old[0] is new[0] and old[0].arity:
        pairs = [(a, b) for a, b in zip(old.arguments(), new.arguments(), strict=True) if a != b]
        if len(pairs) != 1:
            break
        old, new = pairs[0]
        found.append((old, new))
    return found


def _rules(before: Genome, after: Genome) -> Iterator[str]:
    for name, slot in EVERY_SLOT.items():
        old, new = before.rule.get(name), after.rule.get(name)
        if old == new:
            continue
        if old is None or new is None:
            yield f"slot {name} {'new' if old is None else 'gone'}"
            continue
        yield f"{slot.symbol}: {_shorter(_by_terms(old, new), _by_parts(old, new))}"


def _shorter(by_terms: str, by_parts: str) -> str:
    """Prefer terms, which tell the whole formula, where they do not take more room."""
    room = LONGEST if by_terms.count(", ") < 2 else 0
    return by_terms if by_terms and len(by_terms) <= max(room, len(by_parts)) else by_parts


def _by_terms(old: Tree, new: Tree) -> str:
    """Return the terms that came, went or changed their number; nothing where that would be no help."""
    if not (tame(old) and tame(new)):
        return ""
    mine, theirs = _terms(new), _terms(old)
    changed = [m for m in mine if m in theirs and not _equal(mine[m], theirs[m])]
    gone, come = [m for m in theirs if m not in mine], [m for m in mine if m not in theirs]
    if not (changed or gone or come):
        return f"the same formula, {len(old)} → {len(new)} nodes"
    ratios = {m: mine[m] / theirs[m] for m in changed}
    if len(changed) == len(mine) > 1 and not gone and len({f"{ratio:.4g}" for ratio in ratios.values()}) == 1:
        return f"× {_number(ratios[changed[0]])}"
    if len(changed) + len(gone) + len(come) > FEW:
        return ""
    if len(gone) == len(come) == 1 and not changed:
        old_term, new_term = (_term(v, m) for v, m in ((theirs[gone[0]], gone[0]), (mine[come[0]], come[0])))
        return f"{_short(old_term)} → {_short(new_term)}"
    words = [_renumbered(theirs[m], mine[m], m) for m in changed]
    words += [_signed(-theirs[m], m) for m in gone] + [_signed(mine[m], m) for m in come]
    return ", ".join(_short(text) for text in words)


@lru_cache(maxsize=512)
def _terms(tree: Tree) -> dict[Any, float]:
    return terms(to_sympy(tree))


def _by_parts(old: Tree, new: Tree) -> str:
    """Return the smallest parts that tell the change; where a number gives way to a signal, that is what it acts on."""
    found = _narrowed(old, new)
    gone, come = found[-1]
    if bool(gone.signals()) != bool(come.signals()):  # “grad → age·grad”, rather than “1 → age”
        both = [pair for pair in found if pair[0].signals() and pair[1].signals()]
        gone, come = both[-1] if both else found[-1]
    return f"{_part(gone)} → {_part(come)}"


def _part(tree: Tree) -> str:
    if len(tree) > 2 * LONGEST:
        return f"{len(tree)} nodes"
    return _short(show(to_sympy(tree)) if readable(tree) else str(tree))


def _signed(number: float, monomial: Any) -> str:
    """Spell a term that is added, or taken away."""
    text = _term(number, monomial)
    return f"− {text[1:]}" if text.startswith("−") else f"+ {text}"


def _term(number: float, monomial: Any) -> str:
    """Spell a term with its sign; 1·x is written x."""
    text = show(monomial)
    sign = "−" if (number < 0) != text.startswith("−") else ""
    size, text = _number(abs(number)), text.removeprefix("−")
    return sign + (size if monomial == 1 else text if size == "1" else f"{size}·{text}")


def _renumbered(old: float, new: float, monomial: Any) -> str:
    """Spell a term whose number has changed: “2 → 3·w”; where it has or had none, “w → 3·w”."""
    if monomial == 1:
        return f"{_number(old)} → {_number(new)}"
    if 1.0 in (abs(old), abs(new)):
        return f"{_term(old, monomial)} → {_term(new, monomial)}"
    return f"{_number(old)} → {_number(new)}·{show(monomial)}"


def _coefficients(before: Genome, after: Genome) -> Iterator[str]:
    read = {name for tree in after.rule.values() for name in tree.signals()}
    for place, (old, new) in enumerate(zip(before.coefficients, after.coefficients, strict=False)):
        if old != new and f"c{place}" in read:
            yield f"c{place} {_number(float(old))} → {_number(float(new))}"


def _arrays(before: Genome, after: Genome) -> Iterator[str]:
    weights, numbers = (before.weights, after.weights), (before.plasticity, after.plasticity)
    old, new = before.topology, after.topology
    if isinstance(old, Topology) and isinstance(new, Topology):  # of the genes that both have
        one, other = pairs(old, new)
        weights = old.weight[one], new.weight[other]
        numbers = old.plasticity[one], new.plasticity[other]
    for what, (then, now) in (("innate weights", weights), ("plasticity numbers", numbers)):
        if then is None or now is None or then.shape != now.shape:
            continue
        yield from _moved(what, then, now)


def _moved(what: str, old: F32, new: F32) -> Iterator[str]:
    moved = old != new
    if moved.any():
        with np.errstate(all="ignore"):
            size = float(np.abs(new[moved].astype(np.float64) - old[moved]).mean())
        some = f"all {old.size:,}" if moved.all() and old.size > 1 else f"{int(moved.sum()):,} of {old.size:,}"
        yield f"{some} {what} by {_number(size)}"


def _networks(before: Genome, after: Genome) -> Iterator[str]:
    if isinstance(before.topology, Topology) and isinstance(after.topology, Topology):
        yield from changes(before.topology, after.topology)
        return
    old, new = before.topology, after.topology
    if not (isinstance(old, Graph) and isinstance(new, Graph)):
        return
    if graph_key(old) == graph_key(new):
        yield from turned(new, before.plastic, after.plastic)
        return
    counts = (("nodes", new.nodes - old.nodes), ("synapses", new.synapses - old.synapses))
    words = [f"{'+' if more > 0 else '−'}{abs(more)} {what}" for what, more in counts if more]
    yield f"network: {', '.join(words) or 'other connections'}"


def _equal(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
