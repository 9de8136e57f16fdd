"""Configuration of habits: by which formulas a search goes, and how deep searches of searches are nested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, create_model

from evometa.config.section import Section, show
from evometa.errors import InputError
from evometa.spec.habits import HABITS

if TYPE_CHECKING:
    from evometa.config.schema import Config

_Named = create_model(  # words of Python, which cannot stand in a class
    "_Named",
    __base__=Section,
    **{
        "from": (
            str | None,
            Field(
                default=None, min_length=1, max_length=4096,
                description="the folder of a run of habits, whose champion says how this search goes",
            ),
        ),
        "self": (
            bool,
            Field(default=False, description="where habits evolve: the outer search goes by the best that are known"),
        ),
    },
)  # type: ignore[call-overload]  # fmt: skip


class Habits(_Named):  # type: ignore[misc, valid-type]
    """How a search goes: which nodes are met, by which variations, how far numbers move, who breeds, who survives."""

    mode: Literal["fixed", "own", "evolved"] = Field(
        default="fixed",
        description="fixed: as section variation and evolution.tournament say, or as `from` says; own: each genome has "
        "habits of its own, which mutate before they make its children; evolved: genomes are habits, each judged by "
        'searches that go by it (tasks.family = "recover" or "recipe")',
    )
    depth: int = Field(
        default=2, ge=2, le=4,
        description="where habits evolve, how deep: 2: their lives are searches for rules; 3: searches for habits, "
        "whose lives are searches for rules; and so on. Each level multiplies the cost",
    )  # fmt: skip
    inner_population: int = Field(
        default=6, ge=2, le=1000, description="habits in a search for habits, from depth 3 on"
    )
    inner_generations: int = Field(
        default=4, ge=1, le=1000, description="generations of such a search, the first included"
    )
    inner_tasks: int = Field(default=4, ge=1, le=1000, description="searches that habits there are judged by")
    most_hours: float = Field(
        default=24.0, gt=0, le=1e6,
        description="processor hours that a run with evolved habits may be reckoned to take: one that would take more "
        "is refused before it starts",
    )  # fmt: skip
    mutation: float = Field(
        default=0.3, ge=0, le=1, description="with habits of one's own: chance that those of a child mutate"
    )

    @property
    def origin(self) -> str | None:
        """The run that habits are taken from."""
        found: str | None = getattr(self, "from")
        return found

    @property
    def reflexive(self) -> bool:
        """Whether the outer search goes by the best habits that are known."""
        return bool(self.self)


def check_habits(config: Config) -> None:
    """Refuse, with InputError, what habits do not go together with."""
    own, evolved = config.habits, config.habits.mode == "evolved"
    if evolved != config.searches:
        expected = (
            'tasks.family = "recover" or "recipe", as habits.mode = "evolved"'
            if evolved
            else 'habits.mode = "evolved", as the tasks are searches'
        )
        found = sorted({tasks.settings.family for tasks in config.tasks}) if evolved else own.mode
        where = "tasks.family" if evolved else "habits.mode"
        raise InputError(expected, show(found), where, "Take the recipe habits, or habits_of_recipes, as it is.")
    slots = [slot for slot in config.rule.slots if (slot in HABITS) != evolved]
    if slots:
        expected = f"habits ({', '.join(HABITS)})" if evolved else "slots of a learning rule"
        raise InputError(expected, slots[0], "rule.slots", "Remove it.")
    for wrong, expected, value, where in _faults(config):
        if wrong:
            raise InputError(
                f"{expected}, with habits.mode = {show(own.mode)}", show(value), where, "Change or remove it."
            )


def _faults(config: Config) -> Iterator[tuple[bool, str, object, str]]:
    """Yield what habits do not go together with: whether it is so, what is expected, what is there, and where."""
    own, evolved = config.habits, config.habits.mode == "evolved"
    defaults = Habits()
    if not evolved:
        yield own.reflexive, "false", True, "habits.self"
        for name in ("depth", "inner_population", "inner_generations", "inner_tasks"):
            value = getattr(own, name)
            yield value != getattr(defaults, name), "no value: it is of habits that evolve", value, f"habits.{name}"
    if own.mode == "own":
        yield own.origin is not None, "none, as each genome has its own", own.origin, "habits.from"
        yield not config.rule.evolving, "a rule that evolves", "none", "rule.fixed"
    guided = own.mode == "own" or own.origin is not None or own.reflexive
    if guided:
        yield (
            config.topology.mode == "evolved",
            '"fixed": networks that evolve vary by chances of their own',
            config.topology.mode,
            "topology.mode",
        )
        yield config.species.by != "none", '"none", as species pick parents themselves', config.species.by, "species.by"
        several = config.fitness.objectives
        yield (
            own.mode != "own" and len(several) > 1,
            "one objective, by which habits rank",
            several,
            "fitness.objectives",
        )
    if evolved:
        yield from _faults_of_searches(config)


def _faults_of_searches(config: Config) -> Iterator[tuple[bool, str, object, str]]:
    """Yield the same where lives are searches."""
    own, vary = config.habits, config.variation
    life, names = config.lifetime, config.evolved - {"rule"}
    yield (
        own.reflexive and own.origin is not None,
        "false, or no habits.from: one of them says how the search goes",
        True,
        "habits.self",
    )
    yield bool(names), "nothing else that evolves", sorted(names), "coefficients.mode"
    yield bool(config.gradient.steps), "0, as a search has no slope", config.gradient.steps, "gradient.steps"
    yield bool(config.tuning.every), "0, as habits have no numbers of lives", config.tuning.every, "tuning.every"
    yield config.evolution.inheritance != "baldwin", '"baldwin"', config.evolution.inheritance, "evolution.inheritance"
    yield (
        config.sampling.repeats != 1,
        "1: raise the number of tasks instead",
        config.sampling.repeats,
        "sampling.repeats",
    )
    yield life.updates is not None, "no number, as a life is a search", life.updates, "lifetime.updates"
    yield (life.epochs or 1) != 1, "1, as a life is a search", life.epochs, "lifetime.epochs"
    yield bool(life.checkpoints), "[]", life.checkpoints, "lifetime.checkpoints"
    yield config.network.head != "auto", '"auto"', config.network.head, "network.head"
    yield bool(config.network.memory.slots), "0", config.network.memory.slots, "network.memory.slots"
    yield config.champion.updates is not None, "no number", config.champion.updates, "champion.updates"
    yield bool(config.run.until), "{}", config.run.until, "run.until"
    yield config.run.backend == "cupy", '"numba" or "auto"', config.run.backend, "run.backend"
    yield config.fitness.synapse_cost > 0, "0", config.fitness.synapse_cost, "fitness.synapse_cost"
    for name in ("block", "state", "simplify", "factor", "term"):
        value = getattr(vary, f"mutate_{name}")
        yield value > 0, "0, as it knows learning rules alone", value, f"variation.mutate_{name}"
