"""Tables of lives that act: how an action is chosen, what is measured of a life, and the steps of a tick."""

from __future__ import annotations

from dataclasses import dataclass

from evometa.spec.steps import Step
from evometa.spec.table import Table

FAULTY = 2  # of a lane's status, beside 0 (sound) and 1 (diverged): its world gave what is not finite
FAULT = "the world gave what is not finite"  # how such lives are counted among those lost


@dataclass(frozen=True)
class Policy:
    """One row: what becomes of the net inputs of the outputs that stand for actions.

    `error`: what each of them is to have done better, with the action taken as its target.
    """

    name: str
    meaning: str
    error: str


POLICIES = Table(
    Policy("softmax", "shares of the legal actions, which sum to 1, and one drawn by them", "share − act"),
    Policy("greedy", "the net inputs themselves, and the legal action with the largest one", "−act"),
)


@dataclass(frozen=True)
class Measure:
    """What is measured in a window of a life: a `sum` over its ticks, or what it has come to at its end."""

    name: str
    meaning: str
    sum: bool


MEASURES = Table(
    Measure("reward", "reward of the world, without what the learner adds of its own", True),
    Measure("worth", "what the actions were worth", True),
    Measure("best", "what the best actions would have been worth", True),
    Measure("trials", "trials that came to their end or were cut", True),
    Measure("tally", "a number that the world keeps", False),
    Measure("visited", "different states that were met so far", False),
)

STEPS = Table(
    Step("show", "world", "x legal visits start", "what is seen, what is legal, how often the state was met"),
    Step("perceive", "x act start", "act before", "what is seen becomes activations of the inputs"),
    Step("forward", "act before states", "act", "net inputs and activations, node after node"),
    Step("appraise", "act legal done", "act value surprise", "shares of actions, what is expected, what was not"),
    Step("choose", "act legal draws", "action greedy acted", "an action, by numbers drawn before the life"),
    Step("adopt", "action act before states", "act", "with afterstates: activations are those of the action taken"),
    Step("move", "action world", "world reward done cut measures", "the world's step, and what is measured of it"),
    Step("modulate", "reward value before done cut start", "intrinsic m m1 m2", "the slots of the lane"),
    Step("blame", "act action", "err", "errors of the outputs, with the action taken as the target"),
    Step("back", "act err states", "err", "errors reach hidden nodes, as the credit mode says"),
    Step("gradient", "act before err states", "grad", "err·pre of each synapse"),
    Step("execute", "act before reward err grad m states", "signals results", "the rule, for each synapse"),
    Step("bound", "results states", "states", "weights change, within the bound; states take their next values"),
)

_THINK = ("show", "perceive", "forward", "appraise", "choose", "adopt")
_LEARN = ("modulate", "blame", "back", "gradient", "execute", "bound")
TICKS = {"next tick": (*_THINK, *_LEARN, "move"), "same tick": (*_THINK, "move", *_LEARN)}
LAST = tuple(name for name in (*_THINK, *_LEARN) if name != "choose")  # brings the last reward of "next tick"
