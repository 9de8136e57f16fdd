"""Starts: where genomes without parents come from, and how many of a generation's come from each.

"init": the recipe's own first rules (texts of rule.init, else random trees); "random": random trees; any other name
stands for guesses, such as those of the library. Of these each form comes as often as any other, and each point of its
grid once before one comes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from deap import base

from evometa.genetics.genomes import Genomes
from evometa.genetics.guesses import Form, Guess, operator_of
from evometa.genetics.individual import Brood
from evometa.language.codes import Trees
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.language.tree import Tree, constant, node
from evometa.seeding import Draws
from evometa.spec.states import MEMORY, STORES

from . import breeding

INIT = "init"  # as the recipe says; any other start without guesses draws random rules


class Start(NamedTuple):
    """One start: its share of the genomes without parents, and the forms of its guesses, none where it has none."""

    name: str
    share: float
    forms: Sequence[Form] = ()


def register(toolbox: base.Toolbox, settings: Any, guesses: Mapping[str, Sequence[Form]]) -> None:
    """Give a toolbox `founders(rng, n)` and `newcomers(rng, n)`, who come without parents, as a recipe's starts say."""
    shares = sorted(settings.evolution.start.items())  # as a stored recipe's tables are
    origins = [Start(name, share, guesses.get(name, ())) for name, share in shares]
    still = {state: tree for state, tree in still_of(settings).items() if state not in settings.rule.texts}
    for alias, make in (("founders", founders), ("newcomers", newcomers)):
        toolbox.register(alias, make, toolbox, still, origins)


def founders(
    toolbox: base.Toolbox, still: Mapping[str, Tree], starts: Sequence[Start], rng: Draws, count: int
) -> Brood:
    """Return the first genomes of an island, the guesses among them as they are as far as they go, and varied then."""
    broods = []
    for start, number in zip(starts, quotas([start.share for start in starts], count), strict=True):
        if not number:
            continue
        if start.forms:
            broods.append(_guessed(toolbox, still, start, rng, number, anew=False))
        else:
            draw = toolbox.genomes if start.name == INIT else toolbox.immigrants
            broods.append(breeding.without_parents(draw(rng, number), "first"))
    return breeding.joined(broods)


def newcomers(
    toolbox: base.Toolbox, still: Mapping[str, Tree], starts: Sequence[Start], rng: Draws, count: int
) -> Brood:
    """Return genomes that come among an island's offspring: random ones, and guesses varied once.

    Which start the odd ones come from is drawn.
    """
    shares = np.array([start.share for start in starts])
    counts = rng.arrays.multinomial(count, shares / shares.sum()) if len(starts) > 1 else np.array([count])
    broods = []
    for start, number in zip(starts, counts.tolist(), strict=True):
        if not number:
            continue
        if start.forms:
            broods.append(_guessed(toolbox, still, start, rng, number, anew=True))
        else:
            broods.append(breeding.without_parents(toolbox.immigrants(rng, number), "random immigrant"))
    return breeding.joined(broods)


def quotas(shares: Sequence[float], count: int) -> list[int]:
    """Divide a count by shares, what is left going to the largest remainders; none of the sum is lost."""
    exact = np.asarray(shares, np.float64) / sum(shares) * count
    whole = np.floor(exact).astype(int)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: count - whole.sum()]] += 1
    return whole.tolist()  # type: ignore[no-any-return]


def still_of(settings: Any) -> dict[str, Tree]:
    """Return what keeps each state as it is born."""
    rule = settings.rule
    given = {slot: rule.signals[slot] if isinstance(rule.signals, dict) else rule.signals for slot in rule.slots}
    return {
        state: Tree((node(state) if state in given[state] else constant(0.0 if state in STORES else 1.0),))
        for state in MEMORY
        if state in rule.slots
    }


def _guessed(
    toolbox: base.Toolbox, still: Mapping[str, Tree], start: Start, rng: Draws, count: int, anew: bool
) -> Brood:
    """Return so many guesses of a start, as they are; those that come again, or are to be new, are varied once."""
    guesses, first = _drawn(start.forms, count, rng.arrays)
    plain = 0 if anew else first
    genomes = _genomes(toolbox.genomes(rng, count), guesses, still)
    names = [operator_of(guess, start.name) for guess in guesses]
    variations = breeding.apart(toolbox.variations)
    shares = np.array([one.share if one.parents == 1 else 0.0 for one in variations])
    if plain < count and shares.any():
        rows = np.arange(plain, count)
        chosen = breeding.drawn(np.broadcast_to(shares, (len(rows), len(shares))), rng.arrays)
        varied = breeding.vary(variations, genomes, rows, rows.copy(), chosen, rng)
        genomes = Genomes.join([genomes.take(np.arange(plain)), varied]) if plain else varied
        names[plain:] = [f"{name}, varied" for name in names[plain:]]
    return Brood(genomes, [()] * count, names)


def _drawn(forms: Sequence[Form], count: int, rng: np.random.Generator) -> tuple[list[Guess], int]:
    """Draw guesses: form after form, and of each its points, in drawn orders; return them, and how many come first.

    Those that come again stand behind them.
    """
    order, rounds = rng.permutation(len(forms)), -(-count // len(forms))
    points = [rng.permutation(len(form.guesses)) for form in forms]
    turns = [(turn, form) for turn in range(rounds) for form in order.tolist()]
    again = [turn >= len(points[form]) for turn, form in turns]
    ranked = [turns[place] for place in np.argsort(again, kind="stable")[:count]]
    guesses = [forms[form].guesses[points[form][turn % len(points[form])]] for turn, form in ranked]
    return guesses, min(count, again.count(False))


def _genomes(drawn: Genomes, guesses: Sequence[Guess], still: Mapping[str, Tree]) -> Genomes:
    """Return genomes with the rules of guesses; what these do not say is as in `drawn`, and states stay as born."""
    rules = {
        slot: Trees.of([guess.slots.get(slot) or still.get(slot) or trees[row] for row, guess in enumerate(guesses)])
        for slot, trees in drawn.rules.items()
    }
    coefficients = np.array(drawn.coefficients)
    for row, guess in enumerate(guesses):
        for name, value in guess.coefficients.items():
            coefficients[row, COEFFICIENTS.index(name)] = value
    plasticity = np.array(drawn.plasticity)
    for row, guess in enumerate(guesses):
        for name, value in guess.plasticity.items():
            plasticity[row, PLASTICITY.index(name)] = value
    return drawn.replace(rules=rules, coefficients=coefficients, plasticity=plasticity)
