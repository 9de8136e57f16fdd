"""Configuration of lives that act: how actions are chosen, when rewards come, and what a life is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from evometa.config.coefficient import CoefficientName, check_coefficients
from evometa.config.reals import Real, Scale
from evometa.config.section import Section, show
from evometa.config.teaching import check_teaching
from evometa.errors import InputError
from evometa.spec.choices import PolicyName
from evometa.spec.states import LANE_RULE

if TYPE_CHECKING:
    from evometa.config.schema import Config


class Acting(Section):
    """How a learner lives in a world."""

    order: Literal["next tick", "same tick"] = Field(
        default="next tick",
        description="when the reward of an action comes: with what is seen next, where update reads states as they "
        "were; or at once, where it reads them as they have become (bandits)",
    )
    policy: PolicyName = Field(
        default="softmax", description="how actions are chosen: drawn by shares of a softmax, or the best one (greedy)"
    )
    epsilon: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0, description="how often any action that is legal is taken instead"
    )
    ties: Literal["first", "random"] = Field(
        default="random", description="which of several best actions a greedy learner takes"
    )
    critic: Real = Field(
        default=0.0,
        ge=0,
        le=1e6,
        description="error of a further output, which says what is expected (signals value and before); 0: there is "
        "none, and the largest net input of an action stands for it",
    )
    predictions: int = Field(
        default=0,
        ge=0,
        le=4096,
        description="further outputs that are to say what is seen next, in a random projection (signal surprise)",
    )
    optimism: Real | CoefficientName = Field(
        default=0.0,
        description="added to the innate weights of synapses that enter action nodes, a number or a coefficient such "
        "as c0: what was never tried then looks good",
    )
    bound: Scale | CoefficientName | None = Field(
        default=None,
        description="weights are kept within plus and minus this, a number or a coefficient; left out: lifetime.bound",
    )
    see_reward: bool = Field(default=False, description="the last reward is an input, too")
    see_action: bool = Field(default=False, description="the last action is an input, too, one for each action")
    forget: bool = Field(default=False, description="activations of recurrent networks begin anew with each trial")
    windows: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="equal parts of a life of which each is reported by itself; of worlds in a row each world is one",
    )
    judged: Literal["life", "late"] = Field(
        default="life",
        description="what a life is judged by: all of it, or its last window; of worlds in a row the later half",
    )

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The coefficients that are read by more than the rule."""
        return tuple(value for value in (self.optimism, self.bound) if isinstance(value, str))


def check_acting(config: Config) -> None:
    """Refuse, with InputError, what worlds do not go together with, and what has a meaning in worlds alone.

    Of students, too.
    """
    check_teaching(config)
    slots = [slot for slot in config.rule.slots if slot in LANE_RULE]
    if not config.acts:
        if slots:
            raise InputError(
                "slots of lives with examples", f"{slots[0]}, which is of lives in a world", "rule.slots",
                'Remove it, or set tasks.family = "world".',
            )  # fmt: skip
        if config.acting != Acting():
            raise InputError(
                "no keys of lives in a world", "some", "acting", 'Remove them, or set tasks.family = "world".'
            )  # fmt: skip
        return
    check_coefficients(config.acting, config.coefficients.count, "acting")
    for wrong, expected, found, where in _faults(config):
        if wrong:
            raise InputError(f"{expected}, where lives act", show(found), where, "Change or remove it.")


def outside(config: Config) -> bool:
    """Tell whether learners live in environments of a user's own, which run where Python does."""
    return any(tasks.settings.family == "environment" for tasks in config.tasks)


def _faults(config: Config) -> Iterator[tuple[bool, str, object, str]]:
    """Yield what worlds do not go together with: whether it is so, what is expected, what is there, and where."""
    families = {tasks.settings.family: getattr(tasks.settings, "kind", "") for tasks in config.tasks}
    others = sorted(family for family, kind in families.items() if kind != "acting")
    life, vary = config.lifetime, config.variation
    same = any(getattr(tasks.settings, "same", ()) for tasks in config.tasks)
    row = life.tasks > 1
    yield from (
        (same and not row, "none, as a life has one world (lifetime.tasks)", "some", "tasks.same"),
        (row and config.teaches, "1, as a student lives once", life.tasks, "lifetime.tasks"),
        (row and bool(life.corrections), "0, as no answers are told", life.corrections, "lifetime.corrections"),
        (row and bool(life.test_again), "0, as worlds do not come again", life.test_again, "lifetime.test_again"),
        (bool(others), "worlds alone, or none", ", ".join(others), "tasks.family"),
        ("loss" in config.rule.slots, "no loss, as answers are actions", "loss", "rule.slots"),
        (life.batch != 1, "1, as each tick is an update", life.batch, "lifetime.batch"),
        (life.updates is not None, "no number, as a life has an update a tick", life.updates, "lifetime.updates"),
        ((life.epochs or 1) != 1, "1, as a life is lived once", life.epochs, "lifetime.epochs"),
        (bool(life.checkpoints), "[], as a life has windows (acting.windows)", life.checkpoints,
         "lifetime.checkpoints"),
        (life.synapse_cost > 0, "0, as actions have no loss", life.synapse_cost, "lifetime.synapse_cost"),
        (config.sampling.repeats != 1, "1: raise the number of tasks instead", config.sampling.repeats,
         "sampling.repeats"),
        (config.evolution.inheritance == "darwin", '"baldwin" or "lamarck", as lives are judged',
         config.evolution.inheritance, "evolution.inheritance"),
        (config.evolution.inheritance == "lamarck" and config.acting.optimism != 0,
         "0 with evolution.inheritance = \"lamarck\", as what was learned begins with it", config.acting.optimism,
         "acting.optimism"),
        ("gate" in config.rule.slots and config.fitness.synapse_cost > 0, "0 with a slot gate",
         config.fitness.synapse_cost, "fitness.synapse_cost"),
        ("environment" in families and config.run.on != "local", '"local", as environments of one\'s own are here',
         config.run.on, "run.on"),
        (bool(config.gradient.steps), "0, as what an action brings has no slope", config.gradient.steps,
         "gradient.steps"),
        (bool(config.network.memory.slots), "0: worlds know no external memory", config.network.memory.slots,
         "network.memory.slots"),
        (config.network.head != "auto", '"auto", as acting.policy says what becomes of outputs', config.network.head,
         "network.head"),
        (config.champion.updates is not None, "no number, as a life ends with its world", config.champion.updates,
         "champion.updates"),
        (bool(config.run.until), "{}", config.run.until, "run.until"),
        (config.run.backend == "cupy" and "environment" in families,
         '"numba" or "auto": GPUs do not know environments of one\'s own', config.run.backend, "run.backend"),
        *(
            (getattr(vary, f"mutate_{name}") > 0, "0, as it knows lives with examples alone",
             getattr(vary, f"mutate_{name}"), f"variation.mutate_{name}")
            for name in ("block", "state", "simplify", "factor", "term")
        ),
    )  # fmt: skip
