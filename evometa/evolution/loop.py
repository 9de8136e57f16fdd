"""The outer loop, ask and tell. It knows genomes only through a DEAP toolbox, and evaluation not at all.

    while evolution.generation < generations:
        individuals = evolution.ask()           # the first population, later the offspring of each island
        evaluate(individuals)                   # sets fitness.values, and what selection asks for
        evolution.tell(individuals)             # survivors, migration, hall of fame

Every draw comes from the stream of (seed, generation, purpose): nothing random is carried from one generation
to the next, so `restore(state)` and `ask()` give the same offspring, bit for bit, as if never interrupted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import chain
from typing import Any

from deap import base

from evometa.errors import InputError
from evometa.evolution.islands import migrate, restart, survivors
from evometa.evolution.roles import Companion, Judge, Settings, Tuner
from evometa.genetics.guesses import family_of
from evometa.genetics.individual import Brood, Individual
from evometa.seeding import Draws, stream
from evometa.store.records import Json

Individuals = list[Individual]


def evolve(
    evolution: Evolution,
    evaluate: Callable[[Individuals], None],
    generations: int,
    after_each: Callable[[Evolution, Individuals], None] | None = None,
) -> None:
    """Evolve until `generations` are done, the first population being one of them."""
    while evolution.generation < generations:
        individuals = evolution.ask()
        evaluate(individuals)
        evolution.tell(individuals)
        if after_each is not None:
            after_each(evolution, individuals)


class Evolution:
    """The population, on one or several islands, between two generations.

    `generation`: how many are done; `islands`: survivors of each; `hall`: the best ever, best first, one of
    each signature. `reevaluate`: whether parents are judged anew in each generation (tasks are drawn anew).
    `race`: what judges go by besides the living, None where nothing.
    """

    def __init__(
        self,
        toolbox: base.Toolbox,
        settings: Settings,
        seed: int,
        fitness: type[base.Fitness],
        reevaluate: bool = False,
    ) -> None:
        self.toolbox, self.settings, self.seed, self.fitness = toolbox, settings, seed, fitness
        self.reevaluate = reevaluate
        self.generation = 0
        self.islands: list[Individuals] = []
        self.hall: Individuals = []
        self.tuner: Tuner | None = None
        self.race: Judge | None = None
        self._tuned: set[int] = set()  # ids of those whom the tuner has taken
        self._next_id = 0
        self._young: list[Individuals] = []

    @property
    def population(self) -> Individuals:
        """All survivors, island after island."""
        return [individual for island in self.islands for individual in island]

    def ask(self) -> Individuals:
        """Return who must be evaluated now, each once; the same until they are told."""
        if not self._young:
            make = self._first if self.generation == 0 else self._offspring
            self._young = [make(island) for island in range(self.settings.islands)]
        young = [individual for brood in self._young for individual in brood]
        old = self.population if self.reevaluate and not self._renewed else []
        return young + list({individual.id: individual for individual in old}.values())

    def tell(
        self, individuals: Sequence[Individual], solvers: Sequence[int] = (), dropouts: Set[int] = frozenset()
    ) -> None:
        """Take the evaluated individuals of the last `ask` in: survivors, migration, hall of fame.

        `solvers`: ids of those that solve the task; the first heads the hall, though another may be better by fitness.
        `dropouts`: ids of the young that were judged on fewer tasks than the others, and live on only where these leave
        places.
        """
        self._check(individuals)
        survive, parents = self.toolbox.survive, self.islands or [[] for _ in self._young]
        self.islands = [
            survivors(survive, [*old, *young], self._share(self.settings.population, island), dropouts)
            for island, (old, young) in enumerate(zip(parents, self._young, strict=True))
        ]
        self.generation += 1
        if len(self.islands) > 1 and self.generation % self.settings.migrate_every == 0:
            migrate(self.islands, self.settings.movers)
        if self.settings.reset_every and self.generation % self.settings.reset_every == 0:
            self.islands = restart(self.islands, Draws(stream(self.seed, self.generation, "restart")))
        first = [one for one in individuals if one.id in solvers[:1]]
        best = self._best([*self.hall, *(one for one in individuals if one.id not in dropouts)])
        self.hall = [*first, *(one for one in best if one not in first)][: self.settings.hall]
        for group in (self.hall, *self.islands):
            self.toolbox.settle(group)
        self._young = []

    @property
    def _renewed(self) -> bool:
        """Whether no parent can live on, so that none need be judged again."""
        enough = self.settings.offspring >= self.settings.population
        return enough and self.race is None and getattr(self.toolbox, "renewing", False)

    @property
    def known(self) -> Individuals:
        """Those who have been judged on the tasks that are met next."""
        return [] if self.reevaluate else self.population

    @property
    def born(self) -> int:
        """How many individuals were born so far."""
        return self._next_id

    @property
    def species(self) -> dict[str, int]:
        """How many members each species had among those who bred last, by its label: one of all islands' species."""
        heritage = getattr(self.toolbox, "heritage", None)
        labels = [] if heritage is None else heritage.labels
        count = len(labels)
        sizes = Counter(label * count + island for island, own in enumerate(labels) for label in own)
        return {str(label): sizes[label] for label in sorted(sizes)}

    def state(self) -> Json:
        """Return, in plain JSON types, all that `restore` needs besides the individuals themselves."""
        tuned = sorted(self._tuned.intersection([one.id for one in self.population]))
        return {
            "generation": self.generation,
            "next_id": self._next_id,
            "islands": [[one.id for one in island] for island in self.islands],
            "hall": [one.id for one in self.hall],
            **({"tuned": tuned} if tuned else {}),
            **{name: companion.state() for name, companion in self._companions().items()},
        }

    def needs(self, state: Json) -> set[int]:
        """Return the ids of the individuals that `restore` needs: the living, the hall, and whom companions go by."""
        others = [each.needs(state[name]) for name, each in self._companions().items() if name in state]
        return {id for group in (*state["islands"], state["hall"], *others) for id in group}

    def restore(self, state: Json, individuals: Mapping[int, Individual]) -> None:
        """Go back to a state; `individuals` by id. InputError where one is missing."""
        wanted = self.needs(state)
        if missing := sorted(wanted - individuals.keys()):
            raise InputError(f"{len(wanted)} individuals", f"{len(missing)} missing, such as {missing[0]}", "restore")
        self.generation, self._next_id = state["generation"], state["next_id"]
        self.islands = [[individuals[id] for id in island] for island in state["islands"]]
        self.hall = [individuals[id] for id in state["hall"]]
        self._tuned = set(state.get("tuned", ()))
        for name, companion in self._companions().items():
            if name in state:
                companion.restore(state[name], individuals)
        self._young = []

    def _companions(self) -> dict[str, Companion]:
        """Return what goes on beside the population, by the name that it has in the state."""
        named = {"heritage": getattr(self.toolbox, "heritage", None), "race": self.race}
        return {name: companion for name, companion in named.items() if companion is not None}

    def _check(self, individuals: Sequence[Individual]) -> None:
        """Refuse what could not be ranked: missing individuals, no fitness, or one that is not finite."""
        if missing := {one.id for one in self.ask()}.difference([one.id for one in individuals]):
            raise InputError("every individual of the last ask", f"{len(missing)} missing", "tell")
        worth = [one.fitness.wvalues for one in individuals]
        if not (all(worth) and all(map(math.isfinite, chain.from_iterable(worth)))):
            bad = next(one for one in individuals if not (w := one.fitness.wvalues) or not all(map(math.isfinite, w)))
            expected = "a finite fitness for each individual"
            raise InputError(expected, repr(bad), "tell", "Give the lost the worst value.")

    def _first(self, island: int) -> Individuals:
        """Make an island's first population."""
        rng = Draws(stream(self.seed, 0, f"first population {island}"))
        count = self._share(self.settings.population, island)
        return self._born(self.toolbox.population(count, rng=rng, island=island))

    def _offspring(self, island: int) -> Individuals:
        """Make an island's offspring, some of them tuned, some newcomers."""
        rng = Draws(stream(self.seed, self.generation, f"offspring {island}"))
        tuned = self._born(self._better(island))
        newcomers = self._share(self.settings.newcomers, island)
        children = self._share(self.settings.offspring, island) - newcomers - len(tuned)
        if children + newcomers == 0:
            return tuned
        place = {"island": island, "generation": self.generation}
        return tuned + self._born(self.toolbox.breed(self.islands[island], children, newcomers, rng=rng, **place))

    def _better(self, island: int) -> Brood:
        """Let the tuner make better genomes of an island's best that it has not taken yet."""
        fresh = [one for one in self.islands[island] if one.id not in self._tuned]
        pairs = [] if self.tuner is None else self.tuner.tune(fresh, self.generation)
        self._tuned |= {one.id for one, _ in pairs}
        return Brood([genome for _, genome in pairs], [(one.id,) for one, _ in pairs], ["tuned"] * len(pairs))

    def _born(self, brood: Brood) -> Individuals:
        """Give each of a brood its id, one after the other."""
        first, self._next_id = self._next_id, self._next_id + len(brood.genomes)
        ids, generation = range(first, self._next_id), self.generation
        families = {one.id: one.family for one in self.population}
        return [
            Individual(
                genome, self.fitness(), id, parents, generation, operator,
                families[parents[0]] if parents else family_of(operator),
            )
            for id, genome, parents, operator in zip(ids, *brood, strict=True)
        ]  # fmt: skip

    def _share(self, total: int, island: int) -> int:
        """An island's part of a total that need not divide evenly."""
        return total // self.settings.islands + (island < total % self.settings.islands)

    def _best(self, individuals: Individuals) -> Individuals:
        """The hall: best first, then smaller, then older; one of each signature."""
        known = {one.id if one.signature is None else one.signature: one.fitness.wvalues for one in self.hall}
        if len(known) == self.settings.hall:  # who is worse than all of them cannot come in
            least = min(known.values())
            individuals = [one for one in individuals if one.fitness.wvalues >= least]
        ranked = sorted(individuals, key=merit, reverse=True)
        found: dict[Any, Individual] = {}
        for one in ranked:
            found.setdefault(one.id if one.signature is None else one.signature, one)
        return list(found.values())[: self.settings.hall]


def merit(one: Individual) -> tuple[tuple[float, ...], int, int]:
    """Return what individuals are ranked by, more is better: fitness, then smaller, then older."""
    return one.fitness.wvalues, -one.size, -one.id
