"""The classic rule that explains weight changes best, where both read the same signals: by least squares.

A rule may be off by a factor: one number, or one that changes with `age` alone, as a step that falls does. States of a
classic rule begin at 0 and follow the given signals; the decay rate of its first state is fitted, too.
Axis letters: U weight updates, S synapses (of all lifetimes looked at), D decay rates tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.library import RULES, ClassicRule
from evometa.language.matching import number, title_of
from evometa.language.program import birth_states, compile_rule, evaluate
from evometa.language.tree import Tree
from evometa.spec.states import MEMORY

F64 = NDArray[np.float64]
Signals = Mapping[str, NDArray[np.float32]]
"""Arrays f32[U, S], or of a shape that broadcasts to it, by the names of signals."""

ALIKE = 0.99  # share of the weight changes from which a rule behaves like another
_FINITE = 0.8  # share of finite weight changes that a comparison needs
_DECAYS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
_DEGREE = 3  # of the polynomial in age that a step may be
_PLAIN = 0.1  # share of what is left unexplained that a plainer explanation may leave besides
_ADDED = ("pre", "post", "target", "err", "w", "w0")  # signals that an added term is made of
_LEAST = 0.5  # share that a rule must explain alone, to be added to


@dataclass(frozen=True)
class Fit:
    """A classic rule with coefficients (c0 = 1), `steps f64[U]` times, and in words what is added (`more`).

    `r2`: the share of the weight changes that this explains, `steady` whether the steps are all one number.
    """

    rule: ClassicRule
    coefficients: dict[str, float]
    steps: F64
    steady: bool
    r2: float
    updates: int
    more: str = ""

    @property
    def cost(self) -> int:
        """How much there is to say: nodes of the rule, and a step that changes, a fitted coefficient, a term more."""
        usual = self.rule.values(self.updates)
        fitted = sum(name != "c0" and value != usual[name] for name, value in self.coefficients.items())
        own = 12 * (not self.steady) + 4 * fitted + 8 * bool(self.more)
        return sum(map(len, self.rule.slots.values())) + own

    @property
    def words(self) -> str:
        """What it is: “gradient descent whose step falls from 0.49 to 0.17”."""
        return f"{title_of(self.rule, self.coefficients, self.updates)}{steps_in_words(self.steps)}{self.more}"


def steps_in_words(steps: Sequence[float] | F64) -> str:
    """Spell a factor that may change with age; 1 is not spelled."""
    values = [float(f"{step:.3g}") for step in steps]
    first, last = values[0], values[-1]
    if min(values) == max(values):
        return "" if first == 1 else f" × {number(first)}"
    turn = max(values) if max(values) > max(first, last) else min(values) if min(values) < min(first, last) else None
    if turn is not None and abs(turn - first) > 0.05 * abs(first) and abs(turn - last) > 0.05 * abs(last):
        return f" whose step goes from {number(first)} over {number(turn)} to {number(last)}"
    moves = "falls" if first > last >= 0 else "rises" if 0 <= first < last else "goes"
    return f" whose step {moves} from {number(first)} to {number(last)}"


def best_fit(changes: F64, signals: Signals, updates: int, reads: Set[str] = frozenset()) -> Fit | None:
    """Return the plainest of the explanations that are about as good as any; None where nothing explains anything.

    `changes f64[U, S]`: weight changes; `signals`: arrays that broadcast to [U, S], at least `age`, of lifetimes with
    so many `updates`. Rules that read other signals are not compared; of equals, the one that reads what the rule at
    hand `reads` comes first.
    """
    known = signals.keys() | set(MEMORY)
    compared = [rule for rule in RULES.values() if rule.needs <= known]
    found = [fit for rule in compared for fit in _fits(rule, changes, signals, updates)]
    if not any(fit.r2 for fit in found):
        return None
    best = max(fit.r2 for fit in found)
    if best < ALIKE:
        alone = {fit.rule.name: fit for fit in sorted(found, key=lambda fit: fit.r2) if fit.steady and fit.r2 >= _LEAST}
        found += [more for fit in alone.values() for more in _additions(fit, changes, signals)]
        best = max(fit.r2 for fit in found)
    enough = best - _PLAIN * (1.0 - best) - 1e-3
    if best >= ALIKE:
        enough = max(enough, ALIKE)
    able = [fit for fit in found if fit.r2 >= enough]
    return min(able, key=lambda fit: (fit.cost + 6 * len(fit.rule.needs - reads), -fit.r2))


def run(slots: Mapping[str, Tree], coefficients: Mapping[str, Any], signals: Signals) -> NDArray[np.float32]:
    """Return the weight changes f32[U, …, S] of a rule on given signals f32[U, S], its states beginning at 0."""
    program = compile_rule(slots)
    known = {name: np.asarray(value, np.float32) for name, value in coefficients.items()}
    states = {name: birth_states(np.float32(0))[name] for name in MEMORY}
    rows = []
    with np.errstate(all="ignore"):
        for moment in range(len(signals["age"])):
            now = {name: signals[name][moment] for name in program.reads & signals.keys()}
            results = evaluate(program, {**now, **known, **states})
            states |= {name: results[name] for name in MEMORY if name in results}
            rows.append(results["update"])
    shape = np.broadcast_shapes(*(np.shape(row) for row in rows))
    return np.stack([np.broadcast_to(row, shape) for row in rows])


def _fits(rule: ClassicRule, changes: F64, signals: Signals, updates: int) -> Iterator[Fit]:
    """Fit one rule, with its usual coefficients and, where it has a state, with the best decay rate."""
    usual = {**rule.values(updates), "c0": 1.0}
    yield from _factors(rule, usual, changes, _whole(run(rule.slots, usual, signals), changes), updates)
    if not rule.slots.keys() & set(MEMORY) or "c1" not in usual:
        return
    tried, best = np.array(_DECAYS), None
    for _ in range(4):  # coarsely, then between the neighbours of the best
        rows = run(rule.slots, {**usual, "c1": tried[:, None]}, signals)
        fits = [
            fit
            for place, decay in enumerate(tried)
            for fit in _factors(rule, {**usual, "c1": float(decay)}, changes, _whole(rows[:, place], changes), updates)
        ]
        if not fits:
            return
        best = max(fits, key=lambda fit: fit.r2)
        place = int(np.argmin(np.abs(tried - best.coefficients["c1"])))
        tried = np.linspace(tried[max(0, place - 1)], tried[min(len(tried) - 1, place + 1)], 9)
        yield from fits


def _whole(values: Any, changes: F64) -> F64:
    return np.broadcast_to(values, changes.shape).astype(np.float64)


def _factors(
    rule: ClassicRule, coefficients: dict[str, float], mine: F64, theirs: F64, updates: int
) -> Iterator[Fit]:  # fmt: skip
    """Fit one number, and a polynomial in age, to what a rule must be multiplied by."""
    with np.errstate(all="ignore"):
        sound = np.isfinite(mine) & np.isfinite(theirs) & (np.abs(mine) < 1e100) & (np.abs(theirs) < 1e100)
        y, x = np.where(sound, mine, 0.0), np.where(sound, theirs, 0.0)
        xx, xy, total = (x * x).sum(axis=1), (x * y).sum(axis=1), float((y * y).sum())
    if sound.mean() < _FINITE or total == 0 or xx.sum() == 0:
        return
    count = len(mine)

    def fit(steps: F64, steady: bool) -> Fit:
        rest = total - 2 * float(steps @ xy) + float((steps * steps) @ xx)
        return Fit(rule, coefficients, steps, steady, float(np.clip(1.0 - rest / total, 0.0, 1.0)), updates)

    yield fit(np.full(count, xy.sum() / xx.sum()), True)
    told = xx > 1e-12 * xx.max()
    if told.sum() > 1:
        age = np.linspace(-1.0, 1.0, count)
        powers = np.vander(age, min(_DEGREE, int(told.sum()) - 1) + 1)
        root = np.sqrt(xx[told])
        solved = np.linalg.lstsq(powers[told] * root[:, None], xy[told] / root, rcond=None)[0]
        yield fit(powers @ solved, False)


def _additions(fit: Fit, changes: F64, signals: Signals) -> Iterator[Fit]:
    """Add one simple term to a rule that is off by one number; no term that says more than the rule itself."""
    theirs = _whole(run(fit.rule.slots, fit.coefficients, signals), changes)
    names = [name for name in _ADDED if name in signals]
    values = {name: _whole(signals[name], changes) for name in names}
    terms: dict[str, F64] = {"": np.ones_like(changes), **values}
    for a, b in combinations_with_replacement(names, 2):
        terms[f"{a}²" if a == b else f"{a}·{b}"] = values[a] * values[b]
    for name, term in terms.items():
        sound = np.isfinite(changes) & np.isfinite(theirs) & np.isfinite(term)
        if sound.mean() < _FINITE:
            continue
        both, y = np.stack([theirs[sound], term[sound]], axis=1), changes[sound]
        (scale, share), *_ = np.linalg.lstsq(both, y, rcond=None)
        rest = y - both @ np.array([scale, share])
        more = f", {'minus' if share < 0 else 'plus'} {number(abs(share))}{'·' if name else ''}{name}"
        r2 = max(0.0, 1.0 - float(rest @ rest) / float(y @ y))
        if r2 >= ALIKE and _explained(both[:, 0], y) > _explained(both[:, 1], y):
            yield replace(fit, steps=np.full(len(changes), scale), r2=r2, more=more)


def _explained(x: F64, y: F64) -> float:
    """Return the sum of squares of `y` that a multiple of `x` explains; 0 for no `x`."""
    size = float(x @ x)
    return float(x @ y) ** 2 / size if size > 0 else 0.0
