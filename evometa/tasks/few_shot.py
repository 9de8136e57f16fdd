"""Families of few-shot episodes: a few classes, a few examples of each to learn from, others to be asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import NamedTuple, Self

import numpy as np
from pydantic import Field, PrivateAttr, model_validator

from evometa.config.section import Section
from evometa.config.tasks import SPLITS, FamilySettings, Queries, Shots, Ways
from evometa.config.topology import Chance
from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.tasks.episodes import I64, Pool, few_shot
from evometa.tasks.family import Family
from evometa.tasks.symmetries import COUNTS, Symmetries
from evometa.tasks.variety import Variety, disturbed


class Episodes(NamedTuple):
    """What episodes are made of: W `ways`, and of each class so many `shots` and `queries`."""

    ways: int
    shots: int
    queries: int

    def __str__(self) -> str:
        return f"{self.ways}-way {self.shots}-shot"


class OtherTest(Section):
    """Episodes of a further test: what is left out is as in the main one."""

    ways: Ways | None = Field(default=None, description="classes in a task")
    shots: Shots | None = Field(default=None, description="support examples of each class")


class EpisodeSettings(FamilySettings):
    """What episodes are made of in each split: those of evolution may be harder than those of the test."""

    ways: Ways = 5
    shots: Shots = 5
    queries: Queries = 10
    validation_ways: Ways | None = Field(
        default=None, description="classes in a task that the champion is chosen on; left out: ways"
    )
    train_ways: Ways | None = Field(default=None, description="classes in a task of evolution; left out: ways")
    train_shots: Shots | None = Field(
        default=None, description="support examples of each class in a task of evolution; left out: shots"
    )
    train_queries: Queries | None = Field(
        default=None, description="query examples of each class in a task of evolution; left out: queries"
    )
    train_symmetries: Symmetries = Field(
        default="none",
        description="in evolution, classes are also those that there are with all images turned alike, by quarters "
        "(turns: four times as many), or mirrored, too (all: eight times)",
    )
    train_mixtures: Chance = Field(
        default=0.0,
        description="in evolution, chance of each class of a task to be a mixture of two: over each image lies one of "
        "the other class, pixel by pixel the brighter of both",
    )
    train_shift: int = Field(
        default=0,
        ge=0,
        le=16,
        description="in evolution, by how many pixels at most each image is moved, up or down and to a side, as drawn "
        "for it; what comes in is 0",
    )
    outputs: Ways | None = Field(
        default=None,
        description="outputs of a head that has one for each class, of which tasks may leave some without a class; "
        "left out: as many as the widest episode has classes",
    )
    other_tests: tuple[OtherTest, ...] = Field(
        default=(), max_length=16, description="further tests of the champion, such as [{ ways = 20, shots = 1 }]"
    )

    _sequential: bool = PrivateAttr(default=False)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        known = {self.episodes("test")}
        for other in self.others():
            if other in known:
                expected = "further tests that differ from the main one and from one another"
                raise InputError(expected, f"{other} twice", "tasks.other_tests", "Remove one.")
            known.add(other)
        if self.outputs is not None and self.outputs < self.widest:
            expected = f"at least {self.widest}, the classes of the widest task"
            raise InputError(expected, str(self.outputs), "tasks.outputs", "Raise it, or leave it out.")
        return self

    def episodes(self, split: str) -> Episodes:
        """Return what the episodes of a split are made of."""
        main = Episodes(self.ways, self.shots, self.queries)
        if split == "validation":
            return main._replace(ways=self.validation_ways or main.ways)
        if split != "train":
            return main
        return Episodes(
            self.train_ways or main.ways, self.train_shots or main.shots, self.train_queries or main.queries
        )

    def key(self, what: str, split: str) -> str:
        """Return the key that says how many `ways`, `shots` or `queries` the episodes of a split have."""
        own = f"{split}_{what}"
        return f"tasks.{what if getattr(self, own, None) is None else own}"

    @property
    def sequential(self) -> bool:
        """Whether shots are instances in a sequence; the one query is then drawn where a class has it, never asked."""
        return self._sequential

    def in_sequence(self) -> Self:
        """Return the same, sequential."""
        other = self.model_copy()
        other._sequential = True
        return other

    @property
    def symmetries(self) -> int:
        """How many classes of evolution each class makes."""
        return COUNTS[self.train_symmetries]

    def variety(self, image: tuple[int, int, int]) -> Variety | None:
        """Return what train tasks of images (height, width, channels) are drawn by; None: as they are."""
        if self.symmetries == 1 and not self.train_mixtures and not self.train_shift:
            return None
        return Variety(self.symmetries, self.train_mixtures, self.train_shift, image)

    def others(self) -> list[Episodes]:
        """Return what the episodes of further tests are made of."""
        return [
            Episodes(other.ways or self.ways, other.shots or self.shots, self.queries) for other in self.other_tests
        ]

    @property
    def widest(self) -> int:
        """The most classes that any episode has."""
        return max(each.ways for each in (*map(self.episodes, SPLITS), *self.others()))


class FewShot(Family):
    """Episodes from the pools of each split, over one array of `examples` f32[R, I].

    Targets are as wide as the widest episode of all: in others the last outputs are no class; with `narrow`, of heads
    that have no output for a class, each task's are as wide as its own classes are many. `members`: the rows of
    each class of each split, by the class's name; `splits`: those served; `words`: those for a class and for its
    examples, in the plural; `where`: what messages name; `told`: what a split is made of, in words; `image`: height,
    width and channels of examples. Raises InputError for too few classes or examples.
    """

    narrow = False

    def __init__(
        self,
        settings: EpisodeSettings,
        splits: Sequence[str],
        examples: F32,
        members: Mapping[str, Mapping[str, I64]],
        words: tuple[str, str],
        where: str,
        told: Callable[[Pool], str],
        image: tuple[int, int, int],
    ) -> None:
        self._examples, self._pools = examples, {split: Pool.of(dict(members[split])) for split in splits}
        self._episodes = {split: settings.episodes(split) for split in splits}
        self.image, self._image, self._variety = image, image, settings.variety(image)
        others = settings.others() if "test" in splits else []
        for split, one in [*self._episodes.items(), *(("test", other) for other in others)]:
            what = f"{split} {words[0]}", f"{split} {words[1]}"
            remedies = _remedies("other_tests" if one in others else split, settings)
            symmetries = settings.symmetries if split == "train" else 1
            each = one.shots if settings.sequential else one.shots + one.queries
            counted = "instances" if settings.sequential else "shots + queries"
            self._pools[split].check(-(-one.ways // symmetries), each, what, where, *remedies, counted=counted)
        if settings.sequential:  # a query takes part in the draw, so that adding none left all sequences as they were
            left = {split: int(self._pools[split].size.min()) - one.shots for split, one in self._episodes.items()}
            self._episodes = {
                split: one._replace(queries=min(one.queries, left[split])) for split, one in self._episodes.items()
            }
        super().__init__(
            name=settings.family,
            kind=settings.kind,
            inputs=examples.shape[1],
            outputs=settings.outputs or settings.widest,
            support={split: one.ways * one.shots for split, one in self._episodes.items()},
            queries={split: one.ways * one.queries for split, one in self._episodes.items()},
            splits={split: told(pool) for split, pool in self._pools.items()},
        )
        self.others = {str(other): self._with(other) for other in others}

    def shifts(self) -> Mapping[str, Family]:
        """Return the same test classes with images that evolution did not meet the like of, and of other ways."""
        found: dict[str, Family] = {}
        pool, main = self._pools["test"], self._episodes["test"]
        own = {"test": replace(pool, rows=np.arange(len(pool.rows)))}
        for name, changed in disturbed(self._examples[pool.rows], self._image).items():
            other = self._with(main)
            other._examples, other._pools = changed, own
            found[name] = other
        for ways in (main.ways - 2, main.ways + 2):
            if 2 <= ways <= min(self.outputs, len(pool.names)):
                found[f"{ways} classes"] = self._with(main._replace(ways=ways))
        return found

    def richer(self, factor: int) -> FewShot | None:
        main = self._episodes["test"]
        more = main._replace(shots=factor * main.shots)
        return self._with(more) if self._pools["test"].size.min() >= more.shots + more.queries else None

    def _with(self, episodes: Episodes) -> FewShot:
        """Return the same family with other episodes in the test."""
        other = copy(self)
        other._episodes = {"test": episodes}
        other.support = {"test": episodes.ways * episodes.shots}
        other.queries = {"test": episodes.ways * episodes.queries}
        other.splits = {"test": self.splits["test"]}
        return other

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        pool, ways = self._pools[split], self._episodes[split].ways
        if split == "train" and self._variety is not None:
            return self._variety.choose(pool, ways, count, rng)
        return pool.choose(ways, count, rng)

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        pool, episodes = self._pools[split], self._episodes[split]
        outputs = episodes.ways if self.narrow else self.outputs
        if split == "train" and self._variety is not None:
            return self._variety.draw(self._examples, pool, episodes, count, rng, outputs)
        return few_shot(self._examples, pool, *episodes, count, rng, outputs)


def _remedies(what: str, settings: EpisodeSettings) -> tuple[str, str]:
    """Say which keys to lower where a split, or one of the further tests, has too few classes, or too few of one."""
    if what == "other_tests":
        return "Lower its ways in tasks.other_tests.", "Lower its shots in tasks.other_tests, or tasks.queries."
    ways, shots, queries = (settings.key(name, what) for name in Episodes._fields)
    if settings.sequential:
        return f"Lower {ways}.", f"Lower {shots.replace('shots', 'instances')}."
    folder = ", or remove the folder of that class" if settings.folder else ""
    return f"Lower {ways}.", f"Lower {shots} or {queries}{folder}."
