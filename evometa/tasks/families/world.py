"""Lives in a world of equations, whose parameters are drawn for each life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from evometa.config.learner import Lifetime
from evometa.config.reals import Real
from evometa.config.section import each_once
from evometa.config.tasks import FamilySettings
from evometa.errors import InputError
from evometa.language.worlds.drawing import Place, open_world
from evometa.language.worlds.in_a_row import Row
from evometa.language.worlds.world import World
from evometa.lifetime import F32, Tasks
from evometa.lifetime.acting import Lives
from evometa.spec.heads import Kind
from evometa.system.functions import statements
from evometa.tasks.content import Content, digest
from evometa.tasks.family import SPLITS, Family
from evometa.tasks.worlds import find_world

Numbers = dict[str, Real]
ONE: Mapping[str, int] = MappingProxyType({})  # a life has one world


class WorldTasks(FamilySettings):
    """Lives in a world: what is seen and rewarded are equations; parameters are drawn for each life."""

    family: Literal["world"] = "world"
    kind: ClassVar[Kind] = "acting"
    world: str = Field(
        min_length=1, max_length=4096, description="a stock world (`evometa list worlds`), or a file of your own"
    )
    numbers: Numbers = Field(default={}, description="settings of the world that are other than its own")
    validation: Numbers = Field(default={}, description="those that are other again in validation")
    test: Numbers = Field(default={}, description="those that are other again in the test")
    other_tests: dict[str, Numbers] = Field(
        default={}, max_length=16, description="further tests, each by a name with the numbers that are other there"
    )
    same: Annotated[tuple[str, ...], AfterValidator(each_once)] = Field(
        default=(),
        max_length=64,
        description="parameters that all worlds of a life have in common, where it has several (lifetime.tasks); each "
        "has others of its own",
    )

    def lies_in(self, folder: Path) -> bool:
        name = self.world if self.world.endswith(".toml") else self.world.rpartition(":")[0]
        return bool(name) and any((folder / each).is_file() for each in (name, f"{name}.py"))

    def open(self, seed: int, splits: Sequence[str], base: Path) -> WorldFamily:
        for key, split in (("validation", "validation"), ("test", "test"), ("other_tests", "test")):
            if getattr(self, key) and split not in splits:
                expected = f"nothing, as this set does not serve for {split}"
                raise InputError(expected, "some numbers", f"tasks.{key}", f'Remove it, or add "{split}" to splits.')
        found = find_world(self.world, self.numbers, base)
        own = {"train": {}, "validation": self.validation, "test": self.test}
        worlds = {split: found.with_settings(**own[split]) for split in splits}
        family = WorldFamily(worlds, same=self.same)
        if "test" in splits:
            family.others = {
                name: WorldFamily({"test": worlds["test"].with_settings(**numbers)}, same=self.same)
                for name, numbers in self.other_tests.items()
            }
        return family


class WorldFamily(Family):
    """Lives in a world for each split, alike but for their settings; `lacking`: measures that it does not have.

    `afterstates`: networks see what each action would make of a state, and have one output. `counts`: of each split
    how many worlds a life has in a row, where it has several, which all have the parameters `same`.
    """

    def __init__(self, worlds: Mapping[str, World], counts: Mapping[str, int] = ONE, same: Sequence[str] = ()) -> None:
        self.worlds, self.counts, self.same = dict(worlds), dict(counts), frozenset(same)
        rows = {split: Row(count, self.same) for split, count in counts.items()}
        self.places = {split: open_world(world, rows.get(split)) for split, world in worlds.items()}
        self.unit = "lifetime" if counts else type(self).unit
        first = next(iter(self.places.values())).program
        for split, place in self.places.items():
            own, wanted = ((one.shown, one.answers) for one in (place.program, first))
            if own != wanted:
                raise InputError(
                    f"{wanted[0]} inputs and {wanted[1]} outputs in every split, as networks have",
                    f"{own[0]} and {own[1]}", f"tasks.{split}", "Name a world of another size in tasks.other_tests.",
                )  # fmt: skip
        self.named = next(iter(worlds.values()))
        self.content_of = {split: _content(worlds[split], place) for split, place in self.places.items()}
        self.afterstates = first.afterstates
        self.sizes = {split: world.settings.get("size", 0) for split, world in worlds.items()}
        super().__init__(
            name=self.named.name, kind="acting", inputs=first.shown, outputs=first.answers,
            support={split: place.program.ticks for split, place in self.places.items()},
            queries=dict.fromkeys(worlds, 0),
            splits={split: _said(worlds[split], counts.get(split, 1)) for split in SPLITS if split in worlds},
        )  # fmt: skip

    def shifts(self) -> Mapping[str, Family]:
        """Return the worlds of the test with other settings, as the world has them (`World.shifts`)."""
        if "test" not in self.worlds:
            return {}
        own = self.worlds["test"]
        return {name: self._tested(own.with_settings(**numbers)) for name, numbers in own.shifts.items()}

    def lasting(self, ticks: int) -> WorldFamily:
        """Return the worlds of the test, for lives of so many ticks."""
        each = max(1, ticks // self.counts.get("test", 1))
        return self._tested(self.worlds["test"].with_settings(ticks=each))

    def in_a_row(self, lifetime: Lifetime) -> WorldFamily:
        """Return lives in as many of these worlds, one after the other, as a lifetime of each split has."""
        counts = {split: lifetime.in_a_row(split) for split in self.worlds}
        found = WorldFamily(self.worlds, counts, tuple(self.same))
        found.content_of = self.content_of  # a run knows its tasks by what each of them is
        found.others = {
            name: other.in_a_row(lifetime) for name, other in self.others.items() if isinstance(other, WorldFamily)
        }
        return found

    def _tested(self, world: World) -> WorldFamily:
        """Return lives of the test in another world."""
        counts = {split: count for split, count in self.counts.items() if split == "test"}
        return WorldFamily({"test": world}, counts, tuple(self.same))

    @property
    def lacking(self) -> frozenset[str]:
        """Measures that lives in this world do not have, as the world does not say what they are of."""
        own = self.named
        absent = {"regret": own.best == 0, "share": own.best == 0, "tally": own.tally == 0, "visited": own.id == ""}
        return frozenset(name for name, is_absent in absent.items() if is_absent)

    @property
    def side(self) -> int:
        """Rows and columns of the places that states are of, in the test; 0 where the world has no setting `size`, or
        lives have several worlds, whose states have numbers of their own."""
        return 0 if self.counts else int(self.sizes.get("test", 0))

    @property
    def head(self) -> str:
        """There is none."""
        return ""

    def floats(self, split: str) -> int:
        own = self.places[split].program
        return own.parameters + (own.ticks + 1) * (own.noise + 2)

    def content(self) -> Content:
        others = {name: one.content_of["test"] for name, one in self.others.items() if isinstance(one, WorldFamily)}
        return {f"the world of {what}": key for what, key in (self.content_of | others).items()}

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        place = self.places[split]
        drawn = [*place.draw(count, rng).values(), np.zeros((0, count), np.float32)]
        parameters: F32 = np.concatenate(drawn)
        ticks, noise = place.program.ticks, place.program.noise
        return Lives(  # type: ignore[return-value]  # what lessons of this kind take
            place.program, parameters, rng.random((ticks + 1, noise, count), np.float32),
            rng.random((ticks, 2, count), np.float32),
        )  # fmt: skip


def _content(world: World, place: Place) -> str:
    """Return a digest of a world: of its program, and of what draws its parameters."""
    drawing = () if world.draw is None else ("\n".join(statements(world.draw) or ()),)
    texts = [place.program.key.hex(), *(f"{name} = {text}" for name, text in world.parameters.items()), *drawing]
    return digest(np.array([*texts, *(f"{name} {value!r}" for name, value in world.settings.items())]))


def _said(world: World, count: int) -> str:
    """Say in words what lives of a split are."""
    numbers = ", ".join(f"{name} {value:g}" for name, value in world.settings.items())
    row = f"{count} worlds in a row: " if count > 1 else ""
    return f"{row}lives in {world.name}" + (f" ({numbers})" if numbers else "")
