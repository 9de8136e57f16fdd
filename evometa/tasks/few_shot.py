"""Families of few-shot episodes: a few classes, a few examples of each to learn from, others to be asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from evometa.config.tasks import FamilySettings, Queries, Shots, Ways
from evometa.lifetime import F32, Tasks
from evometa.tasks.episodes import I64, Pool, few_shot
from evometa.tasks.family import Family


class EpisodeSettings(FamilySettings):
    """What an episode is made of."""

    ways: Ways = 5
    shots: Shots = 5
    queries: Queries = 10

    @property
    def each(self) -> int:
        """How many examples of a class an episode takes."""
        return self.shots + self.queries


class FewShot(Family):
    """Episodes of `ways` classes from the pools of each split, over one array of `examples` f32[R, I].

    `members`: the rows of each class of each split, by the class's name; `words`: those for a class and for its
    examples, in the plural; `where`: what messages name; `told`: what a split is made of, in words. Raises InputError
    for too few classes or examples.
    """

    def __init__(
        self,
        settings: EpisodeSettings,
        examples: F32,
        members: Mapping[str, Mapping[str, I64]],
        words: tuple[str, str],
        where: str,
        told: Callable[[Pool], str],
    ) -> None:
        self._settings, self._examples = settings, examples
        self._pools = {split: Pool.of(dict(classes)) for split, classes in members.items()}
        for split, pool in self._pools.items():
            pool.check(settings.ways, settings.each, (f"{split} {words[0]}", f"{split} {words[1]}"), where)
        super().__init__(
            name=settings.family,
            kind=settings.kind,
            inputs=examples.shape[1],
            outputs=settings.ways,
            support=settings.ways * settings.shots,
            queries=dict.fromkeys(members, settings.ways * settings.queries),
            splits={split: told(pool) for split, pool in self._pools.items()},
        )

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        return self._pools[split].choose(self._settings.ways, count, rng)

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        s = self._settings
        return few_shot(self._examples, self._pools[split], s.ways, s.shots, s.queries, count, rng)
