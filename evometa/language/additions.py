"""A classic rule and a little more: “Oja's rule × 0.11, plus 0.02·w”, by algebra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evometa.language.algebra import Coefficients, tame, terms, to_sympy
from evometa.language.matching import Candidate, ratio, without_common
from evometa.language.printer import show
from evometa.language.probes import Changes, likeness
from evometa.language.signals import COEFFICIENTS
from evometa.language.tree import Tree
from evometa.spec.states import STORES

MOST = 2  # terms that may be added
SYMBOLS = 2  # signals in each of them
LEAST = 0.5  # R² of the classic rule alone: it must be the main thing


@dataclass(frozen=True)
class Addition:
    """A classic rule, `scale` times, and more in words; `without`: the share that the rule alone explains on probes."""

    candidate: Candidate
    scale: float
    times: str
    more: str
    without: float


def by_algebra(
    slots: Mapping[str, Tree], known: Coefficients, mine: Changes, classic: Sequence[Candidate]
) -> Addition | None:
    """Find the rule that is the update but for one or two simple terms, and explains at least half of it."""
    if not all(tame(tree) for tree in slots.values()):
        return None
    memory = [name for name in STORES if name in slots]
    expression = to_sympy(slots["update"], known)
    found: list[tuple[int, int, Addition]] = []
    for candidate in classic:
        if not candidate.fits or sorted(name for name, _ in candidate.states) != memory:
            continue
        common, left = without_common(terms(candidate.ours(expression)), known)
        theirs = candidate.terms()
        extra = [monomial for monomial in left if monomial not in theirs]
        scale = ratio({m: v for m, v in left.items() if m in theirs}, theirs)
        if not scale or not 1 <= len(extra) <= MOST or not all(map(_simple, extra)):
            continue
        _, without = likeness(mine, candidate.changes())
        if without >= LEAST:
            more = "".join(_more(left[m], m * common) for m in sorted(extra, key=str))
            addition = Addition(candidate, scale, "" if common == 1 else show(common), more, without)
            found.append((-len(extra), len(theirs), addition))
    return max(found, key=lambda entry: (entry[0], entry[1], entry[2].without))[2] if found else None


def _simple(monomial: Any) -> bool:
    names = {symbol.name for symbol in monomial.free_symbols} - set(COEFFICIENTS)
    return len(names) <= SYMBOLS and not names & set(STORES)


def _more(value: float, monomial: Any) -> str:
    import sympy

    text = show(sympy.Float(repr(value)) * monomial)
    return f", minus {text[1:]}" if text.startswith("−") else f", plus {text}"
