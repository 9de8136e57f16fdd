"""Searches that are runs of recipes in small form: what habits of search are judged by where rules learn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from evometa.config.load import Loaded
from evometa.config.tasks import SPLITS, FamilySettings, NameList
from evometa.errors import InputError
from evometa.lifetime import Tasks
from evometa.lifetime.searches import Recipes, Searches
from evometa.spec.arrays import I64
from evometa.spec.heads import Kind
from evometa.tasks.content import Content, digest
from evometa.tasks.family import Family
from evometa.tasks.small_forms import Size, form_of, said, small_form


class RecipeTasks(FamilySettings):
    """Searches that are runs of recipes in small form, judged by what they find; no recipe is in two splits."""

    family: Literal["recipe"] = "recipe"
    kind: ClassVar[Kind] = "search"
    train: NameList = Field(
        default=("delta", "bandit", "rewire"), max_length=64,
        description="recipes for evolution, by their names or as TOML files, whose rule evolves",
    )  # fmt: skip
    validation: NameList = Field(default=("reversal",), max_length=64, description="recipes for validation")
    test: NameList = Field(default=("tmaze", "digits"), max_length=64, description="recipes for the test")
    search_population: int = Field(
        default=16, ge=2, le=10_000, description="genomes that survive a generation of a search, and are born in one"
    )
    search_generations: int = Field(
        default=10, ge=2, le=10_000, description="generations of a search, the first included"
    )
    search_tasks: int = Field(default=8, ge=1, le=10_000, description="tasks that a genome there is judged on")
    search_validation: int = Field(
        default=32, ge=1, le=100_000, description="validation tasks of a recipe by which what a search finds is judged"
    )
    tournament: int = Field(
        default=5, ge=1, le=10_000, description="of fixed habits: genomes that compete to be a parent"
    )
    references: int = Field(
        default=12, ge=2, le=10_000,
        description="searches by fixed habits on each recipe that say what a search there is worth",
    )  # fmt: skip
    shuffled: bool = Field(
        default=False,
        description="a control: in searches fitness is dealt out anew among those who were judged, so that there is "
        "nothing to go by",
    )
    other_tests: dict[str, dict[str, Any]] = Field(
        default={},
        max_length=16,
        description='further tests, each by a name with keys that are other, such as test = ["tmaze"]',
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        met = set[str]()
        for split in SPLITS:
            for name in getattr(self, split):
                if name in met:
                    remedy = "A recipe never met is in no other split: keep it in one."
                    raise InputError("recipes that are in one split alone", name, f"tasks.{split}", remedy)
                met.add(name)
        for name, own in self.other_tests.items():
            if "other_tests" in own or "family" in own:
                raise InputError("keys of tasks", "other_tests or family", f"tasks.other_tests.{name}", "Remove it.")
            self.changed(**own)
        return self

    def changed(self, **keys: Any) -> RecipeTasks:
        """Return the same with other keys, without further tests."""
        own = self.model_dump(exclude={"other_tests"})
        return RecipeTasks.model_validate(
            {key: tuple(value) if isinstance(value, list) else value for key, value in {**own, **keys}.items()}
        )

    def lies_in(self, folder: Path) -> bool:
        files = [name for split in SPLITS for name in getattr(self, split) if name.endswith(".toml")]
        return bool(files) and all((folder / name).is_file() for name in files)

    def open(self, seed: int, splits: Sequence[str], base: Path) -> RecipeFamily:
        if self.other_tests and "test" not in splits:
            expected = "nothing, as this set does not serve for test"
            raise InputError(expected, "some tests", "tasks.other_tests", 'Remove it, or add "test" to splits.')
        family = RecipeFamily(self, splits, base)
        family.others = {
            name: RecipeFamily(self.changed(**own), ("test",), base) for name, own in self.other_tests.items()
        }
        return family


class RecipeFamily(Family):
    """Runs of recipes in small form, which depend on the settings alone, so that all seeds of a run meet the same.

    Intervals are over recipes; where a split has one alone, over searches: they say something of that recipe.
    """

    unit = "recipe"

    def __init__(self, settings: RecipeTasks, splits: Sequence[str], base: Path) -> None:
        self.settings, self.base = settings, base
        size = Size(
            settings.search_population, settings.search_generations, settings.search_tasks,
            settings.search_validation, settings.tournament,
        )  # fmt: skip
        self.forms: dict[str, list[Loaded]] = {
            split: [small_form(name, size, base, f"tasks.{split}") for name in getattr(settings, split)]
            for split in SPLITS
            if split in splits
        }
        for split, forms in self.forms.items():
            if not forms:
                raise InputError("recipes, as this set serves for it", "none", f"tasks.{split}", "Name some.")
        self.unit = "search" if len(self.forms.get("test", ())) == 1 else type(self).unit
        super().__init__(
            name="recipe", kind="search", inputs=1, outputs=1, support=settings.search_generations,
            queries=dict.fromkeys(splits, 0),
            splits={
                split: f"searches on {', '.join(form.config.name for form in forms)}, each a run of "
                f"{size.population} × {size.generations} genomes on {size.tasks} tasks"
                for split, forms in self.forms.items()
            },
        )  # fmt: skip

    @property
    def head(self) -> str:
        """There is none."""
        return ""

    @cached_property
    def grounds(self) -> dict[str, Recipes]:
        """What searches of each split are on."""
        own = self.settings
        return {
            split: Recipes(
                tuple(form_of(form, own.shuffled) for form in forms), own.tournament, own.search_population,
                own.search_generations, own.references,
            )
            for split, forms in self.forms.items()
        }  # fmt: skip

    def changed(self, **keys: Any) -> RecipeFamily:
        """Return the searches of the test with other settings."""
        return RecipeFamily(self.settings.changed(**keys), ("test",), self.base)

    def content(self) -> Content:
        return {
            f"recipe {name}": digest(np.array(said(form)))
            for split, forms in self.forms.items()
            for name, form in zip(getattr(self.settings, split), forms, strict=True)
        }

    def floats(self, split: str) -> int:
        return 1  # populations are there for one search at a time alone

    def rules(self, split: str, count: int, rng: np.random.Generator) -> I64:
        """Return the numbers of the small forms that so many searches of a split are on: all of them, and again."""
        forms = len(self.forms[split])
        return np.concatenate([rng.permutation(forms) for _ in range(-(-count // forms))])[:count]

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        rules = self.rules(split, count, rng)
        seeds = rng.integers(1 << 64, size=count, dtype=np.uint64)
        nothing = np.empty((count, 0))
        return Searches(self.grounds[split], nothing, nothing, seeds, rules)  # type: ignore[return-value]  # as lessons take it

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        alone = len(self.forms[split]) == 1
        return (np.arange(count) if alone else self.rules(split, count, rng))[None]
