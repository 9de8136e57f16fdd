"""A classic rule and a little more: “Oja's rule × 0.11, plus 0.02·w”, by algebra, or by what a rule does on probes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.algebra import Coefficients, tame, terms, to_sympy
from evometa.language.matching import STATES, Candidate, number, ratio, without_common
from evometa.language.printing import show
from evometa.language.probes import Changes, likeness, probe_signals
from evometa.language.signals import COEFFICIENTS
from evometa.language.tree import Tree

MOST = 2  # terms that may be added
SYMBOLS = 2  # signals in each of them
LEAST = 0.5  # R² of the classic rule alone: it must be the main thing
TRIED = 6  # candidates that terms are fitted to
SIMPLE = ("pre", "post", "target", "err", "w", "w0", "reward")  # signals that fitted terms are made of


@dataclass(frozen=True)
class Addition:
    """A classic rule, `scale` times, and more in words; `r2`: what all of it explains, `without`: the rule alone."""

    candidate: Candidate
    scale: float
    times: str
    more: str
    r2: float
    without: float


def by_algebra(
    slots: Mapping[str, Tree], known: Coefficients, mine: Changes, classic: Sequence[Candidate]
) -> Addition | None:
    """Find the rule that is the update but for one or two simple terms, and explains at least half of it."""
    if not all(tame(tree) for tree in slots.values()):
        return None
    memory = [name for name in STATES if name in slots]
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
            addition = Addition(candidate, scale, "" if common == 1 else show(common), more, 1.0, without)
            found.append((-len(extra), len(theirs), addition))
    return max(found, key=lambda entry: (entry[0], entry[1], entry[2].without))[2] if found else None


def _simple(monomial: Any) -> bool:
    names = {symbol.name for symbol in monomial.free_symbols} - set(COEFFICIENTS)
    return len(names) <= SYMBOLS and not names & set(STATES)


def by_behaviour(
    slots: Mapping[str, Tree], mine: Changes, classic: Sequence[Candidate], alike: float
) -> Addition | None:
    """Find the rule that, with one simple term fitted to it, explains the share `alike` of the weight changes."""
    near = sorted(((likeness(mine, one.changes())[1], one) for one in classic), key=lambda e: (-e[0], e[1].size))
    best: Addition | None = None
    for without, candidate in near[:TRIED]:
        if without < LEAST:
            break
        for name, values in _terms(slots):
            fitted = _fit(mine, candidate.changes(), values)
            if fitted and fitted[2] >= alike and (best is None or round(fitted[2], 6) > round(best.r2, 6)):
                more = _words(fitted[1], name)
                best = Addition(candidate, fitted[0], "", more, fitted[2], without)
    return best


def _terms(slots: Mapping[str, Tree]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield simple terms over the signals that a rule reads, with their values on the probes."""
    read = frozenset().union(*(tree.signals() for tree in slots.values()))
    names = [name for name in SIMPLE if name in read]
    signals = {name: probe_signals()[name].astype(np.float64) for name in names}
    yield "", np.ones_like(probe_signals()["w"], np.float64)
    yield from signals.items()
    for a, b in combinations_with_replacement(names, 2):
        yield f"{a}²" if a == b else f"{a}·{b}", signals[a] * signals[b]


def _fit(mine: Changes, first: Changes, second: Changes) -> tuple[float, float, float] | None:
    """Return (a, b, R²) of the least-squares fit mine ≈ a·first + b·second, where all are finite."""
    sound = np.isfinite(mine) & np.isfinite(first) & np.isfinite(second)
    if sound.mean() < 0.8:
        return None
    y, x, z = mine[sound], first[sound], second[sound]
    with np.errstate(all="ignore"):
        xx, zz, xz, xy, zy = float(x @ x), float(z @ z), float(x @ z), float(x @ y), float(z @ y)
        determinant, total = xx * zz - xz * xz, float(y @ y)
    if not np.isfinite(determinant * total) or determinant <= 1e-9 * xx * zz or total == 0:
        return None
    a, b = (xy * zz - zy * xz) / determinant, (zy * xx - xy * xz) / determinant
    rest = y - a * x - b * z
    return a, b, max(0.0, 1.0 - float(rest @ rest) / total)


def _more(value: float, monomial: Any) -> str:
    import sympy

    text = show(sympy.Float(repr(value)) * monomial)
    return f", minus {text[1:]}" if text.startswith("−") else f", plus {text}"


def _words(value: float, name: str) -> str:
    return f", {'minus' if value < 0 else 'plus'} {number(abs(value))}{'·' if name else ''}{name}"
