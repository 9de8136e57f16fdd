"""Searches for hidden rules, told by their answers to probes alone: what habits of search are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from evometa.config.learner import Names
from evometa.config.parameters import Strategy
from evometa.config.reals import Real
from evometa.config.search import Variation
from evometa.config.section import show, with_tuples
from evometa.config.tasks import SPLITS, FamilySettings
from evometa.errors import InputError
from evometa.language.signals import SIGNALS
from evometa.lifetime import Tasks
from evometa.lifetime.searches import Ground, Searches
from evometa.seeding import stream
from evometa.spec.arrays import I64
from evometa.spec.habits import OPERATORS
from evometa.spec.heads import Kind
from evometa.spec.primitives import PRIMITIVES
from evometa.tasks.family import Family
from evometa.tasks.hidden_rules import hidden_rules

PRIMITIVES_OF_DELTA = ("add", "sub", "mul", "aq", "neg", "abs", "sign", "square", "tanh", "min", "max")
FORMS: dict[str, dict[str, Any]] = {
    "F1": {},
    "F2": {
        "signals": ("grad", "w", "s1", "age", "reward", "err"), "least": 9, "most": 23, "largest": 2.0, "max_nodes": 32,
        "max_depth": 8,
    },
    "F3": {
        "signals": ("pre", "post", "w"), "primitives": ("add", "sub", "mul", "div", "exp", "step", "sqrtabs", "neg"),
        "noise": 0.1,
    },
}  # fmt: skip
"""Three kinds of hidden rules: of single neurons; larger, of other signals; of other primitives, told with noise."""

Count = Annotated[int, Field(ge=1, le=10_000)]
Signals = Annotated[Names, Field(min_length=1, max_length=16)]


class RecoverTasks(FamilySettings):
    """Searches for hidden rules, known by their answers to probes; judged by how much a genome's habits recover."""

    family: Literal["recover"] = "recover"
    kind: ClassVar[Kind] = "search"
    form: Literal["F1", "F2", "F3"] = Field(
        default="F1",
        description="which rules are hidden, where nothing else is said: F1, of single neurons; F2, larger ones of "
        "other signals; F3, of other primitives, told with noise",
    )
    signals: Signals = Field(default=("pre", "post", "target", "w"), description="what hidden rules read")
    primitives: Annotated[Names, Field(min_length=1)] = Field(
        default=PRIMITIVES_OF_DELTA, description="what they are built of"
    )
    least: int = Field(default=7, ge=3, le=1000, description="nodes of a hidden rule, at least")
    most: int = Field(default=17, ge=3, le=1000, description="nodes of a hidden rule, at most")
    largest: Real = Field(default=4.0, gt=0, le=1e6, description="new constants lie within plus and minus this")
    noise: Real = Field(
        default=0.0, ge=0, le=100, description="deviation of the noise in answers, in units of their own deviation"
    )
    max_nodes: int = Field(default=24, ge=3, le=1000, description="largest number of nodes of a rule in a search")
    max_depth: int = Field(default=7, ge=1, le=80, description="largest depth of a rule in a search")
    probes: int = Field(default=128, ge=16, le=4096, multiple_of=16, description="probes; a multiple of 16")
    search_population: int = Field(
        default=50, ge=2, le=10_000, description="rules that survive a generation of a search"
    )
    search_generations: int = Field(
        default=16, ge=2, le=10_000, description="generations of a search, the first included"
    )
    tournament: int = Field(
        default=5, ge=1, le=10_000, description="of fixed habits: rules that compete to be a parent"
    )
    immigrants: float = Field(default=0.05, ge=0, lt=1, description="share of each brood that are new random rules")
    train_rules: Count = Field(default=120, description="hidden rules for evolution")
    validation_rules: Count = Field(default=60, description="hidden rules for validation")
    test_rules: Count = Field(default=60, description="hidden rules for the test")
    shuffled: bool = Field(
        default=False, description="a control: answers are told in another order, so that there is nothing to recover"
    )
    other_tests: dict[str, dict[str, Any]] = Field(
        default={},
        max_length=16,
        description='further tests, each by a name with keys that are other, such as form = "F2"',
    )

    @model_validator(mode="before")
    @classmethod
    def _of_its_form(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {**FORMS.get(str(data.get("form", "F1")), {}), **with_tuples(data)}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key, names, table in (("signals", self.signals, SIGNALS), ("primitives", self.primitives, PRIMITIVES)):
            if unknown := [name for name in names if name not in table]:
                raise InputError(
                    f"{key} of learning rules", show(unknown[0]), f"tasks.{key}", f"See `evometa list {key}`."
                )
        if self.least > self.most:
            raise InputError(f"at most tasks.most ({self.most})", str(self.least), "tasks.least", "Lower it.")
        if self.most > self.max_nodes:
            raise InputError(f"at most tasks.max_nodes ({self.max_nodes})", str(self.most), "tasks.most", "Lower it.")
        for name, own in self.other_tests.items():
            if "other_tests" in own or "family" in own:
                raise InputError("keys of tasks", "other_tests or family", f"tasks.other_tests.{name}", "Remove it.")
            type(self).model_validate({"family": "recover", **own})
        return self

    def open(self, seed: int, splits: Sequence[str], base: Path) -> RecoverFamily:
        if self.other_tests and "test" not in splits:
            expected = "nothing, as this set does not serve for test"
            raise InputError(expected, "some tests", "tasks.other_tests", 'Remove it, or add "test" to splits.')
        family = RecoverFamily(self, splits)
        others = {
            name: type(self).model_validate({"family": "recover", **own}) for name, own in self.other_tests.items()
        }
        family.others = {name: RecoverFamily(other, ("test",)) for name, other in others.items()}
        return family


class RecoverFamily(Family):
    """Searches on one ground. Hidden rules depend on the settings alone, so that all seeds of a run meet the same."""

    unit = "rule"

    def __init__(self, settings: RecoverTasks, splits: Sequence[str]) -> None:
        self.settings = settings
        self.counts: dict[str, int] = {split: getattr(settings, f"{split}_rules") for split in SPLITS}
        self.ground = _ground(settings)
        rng = stream(0, 0, f"hidden rules {settings.form}")
        span = (-settings.largest, settings.largest)
        self.trees, self.truths = hidden_rules(
            settings.signals, settings.primitives, span, (settings.least, settings.most), self.ground.probes,
            sum(self.counts.values()), rng,
        )  # fmt: skip
        super().__init__(
            name="recover", kind="search", inputs=1, outputs=1, support=settings.search_generations,
            queries=dict.fromkeys(splits, 0),
            splits={split: _said(settings, self.counts[split]) for split in SPLITS if split in splits},
        )  # fmt: skip

    @property
    def head(self) -> str:
        """There is none."""
        return ""

    def changed(self, **keys: Any) -> RecoverFamily:
        """Return the searches of the test with other settings."""
        own = self.settings.model_dump(exclude={"other_tests"})
        return RecoverFamily(RecoverTasks.model_validate({**own, **keys}), ("test",))

    def floats(self, split: str) -> int:
        own = self.settings
        return 4 * own.probes  # populations are there for some searches at a time alone

    def rules(self, split: str, count: int, rng: np.random.Generator) -> I64:
        """Return the numbers of the hidden rules that so many searches of a split are for: all of them, and again."""
        first = sum(self.counts[each] for each in SPLITS[: SPLITS.index(split)])  # type: ignore[arg-type]
        rounds = -(-count // self.counts[split])
        return first + np.concatenate([rng.permutation(self.counts[split]) for _ in range(rounds)])[:count]

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        rules = self.rules(split, count, rng)
        truths = self.truths[rules]
        told, own = truths, self.settings
        if own.noise:
            told = told + own.noise * truths.std(axis=1, keepdims=True) * rng.standard_normal(truths.shape)
        if own.shuffled:
            told = rng.permuted(told, axis=1)
        seeds = rng.integers(1 << 64, size=count, dtype=np.uint64)
        return Searches(self.ground, told, truths, seeds, rules)  # type: ignore[return-value]  # as lessons take it

    def _units(self, split: str, count: int, rng: np.random.Generator) -> I64:
        return self.rules(split, count, rng)[None]


def _ground(own: RecoverTasks) -> Ground:
    """Return where rules are hidden; probes are drawn once, in the ranges that signals have in lives."""
    rng = stream(0, 0, f"probes {own.probes}")
    probes = np.zeros((len(SIGNALS), own.probes), np.float32)
    for name in sorted(own.signals):
        row = {
            "target": lambda: rng.choice([0.0, 1.0], own.probes),
            "pre": lambda: rng.uniform(-1, 1, own.probes), "reward": lambda: rng.uniform(-1, 1, own.probes),
            "post": lambda: rng.uniform(0, 1, own.probes), "age": lambda: rng.uniform(0, 1, own.probes),
        }.get(name, lambda: rng.standard_normal(own.probes))()  # fmt: skip
        probes[SIGNALS[name].register] = row
    variation, step = Variation(), Strategy()
    shares = tuple(
        variation.crossover if name == "crossover" else float(getattr(variation, f"mutate_{name}"))
        for name in OPERATORS
    )
    return Ground(
        own.signals, own.primitives, (-own.largest, own.largest), own.max_nodes, own.max_depth, probes, shares,
        (step.sigma, step.tau, step.low, step.high), own.tournament, own.search_population, own.search_generations,
        round(own.immigrants * own.search_population),
    )  # fmt: skip


def _said(own: RecoverTasks, count: int) -> str:
    """Say in words what searches of a split are."""
    told = " told in another order" if own.shuffled else f" with noise {own.noise:g}" if own.noise else ""
    return (
        f"searches for {count} hidden rules of {own.least} to {own.most} nodes over {', '.join(own.signals)}, "
        f"answers{told} to {own.probes} probes, {own.search_population} × {own.search_generations} rules each"
    )
