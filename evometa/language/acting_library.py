"""Classic rules of learning from reward, in the rule language: seeds for evolution, and baselines.

−grad is what makes the action taken more likely (softmax), or its net input larger (greedy): (act − post)·pre and
act·pre where there are no hidden nodes. c0 is the rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evometa.language.acting import Order
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.language.tree import Tree


@dataclass(frozen=True)
class ClassicAgent:
    """A rule of the literature, with what it needs around it.

    `coefficients`: usual values of c0, c1, …, of which those numbered in `scales` may be of any size, and the others
    are shares from 0 to 1; `order`: of a tick; `policy`: how actions are chosen, `ties` among equal
    ones, and any of them how often (`epsilon`); `critic`: the error of a value node, 0 for none; `optimism`: added to
    innate weights; `bound`: of weights.
    """

    name: str
    title: str
    slots: Mapping[str, Tree]
    meaning: str
    source: str
    coefficients: tuple[float, ...]
    scales: tuple[int, ...] = (0,)
    order: Order = "next tick"
    policy: str = "softmax"
    critic: float = 0.0
    epsilon: float = 0.0
    optimism: float = 0.0
    bound: float = 20.0

    @property
    def ties(self) -> Literal["first", "random"]:
        """How one of several actions with the largest net input is chosen: blank learners know nothing else."""
        return "random" if self.policy == "greedy" else "first"


_DELTA = "reward + c2*value - before"  # what was not expected: the error of temporal differences
_Q = {"update": "c0*m*s1", "modulator": _DELTA, "s1": "max(c1*greedy*s1, -grad)"}
_QUALITY = "div(1 + s1, 2 + s2)"  # the mean of a Beta distribution that began even

_ROWS = (
    ClassicAgent(
        "reinforce", "REINFORCE", {}, "makes what was done more likely where the reward is above its running mean",
        "Williams 1992, Machine Learning 8, with a trace", (1.0, 0.0, 0.1),
    ),
    ClassicAgent(
        "actor_critic", "actor–critic", {}, "the same, where more comes than its value node expects and learns",
        "Barto, Sutton & Anderson 1983; with shared traces Sutton & Barto 2018, section 13.5", (0.5, 0.855, 0.95),
        critic=0.3,
    ),
    ClassicAgent(
        "q_lambda", "Q(λ)", {}, "expects of each action the reward and what the best one behind it is worth",
        "Watkins 1989, with replacing traces of Singh & Sutton 1996", (1.0, 0.475, 0.95), policy="greedy", optimism=0.5,
    ),
    ClassicAgent(
        "count_bonus", "Q(λ) with a bonus for what is new", {}, "is rewarded by itself where a state was seldom met",
        "Strehl & Littman 2008, J. Computer and System Sciences 74", (1.0, 0.475, 0.95, 0.1), scales=(0, 3),
        policy="greedy", optimism=1.0,
    ),
    ClassicAgent(
        "r_stdp", "reward-modulated Hebbian learning", {}, "strengthens what led to a reward above its running mean",
        "after Izhikevich 2007, Cerebral Cortex 17, and Florian 2007, Neural Computation 19", (1.0, 0.0, 0.1),
        bound=6.0,
    ),
    ClassicAgent(
        "r_stdp_level", "reward-modulated Hebbian learning above a level", {},
        "the same, above a reward that stays as it is, within a bound: what was rewarded is done again at once",
        "after Soltoggio et al. 2008, ALife XI",
        (32.0, 0.0, 0.7), scales=(0, 2), bound=6.0,
    ),
    ClassicAgent(
        "jordan", "policy gradient against a fixed reward", {}, "REINFORCE whose baseline is the largest reward",
        "after Jordan et al. 2021", (2.0, 0.0, 1.0), scales=(0, 2),
    ),
    ClassicAgent(
        "rescorla_wagner", "delta rule of rewards", {}, "each action is worth what it paid of late, times a sharpness",
        "Rescorla & Wagner 1972; with softmax Sutton & Barto 2018, section 2.5", (0.5, 4.0), scales=(0, 1),
        order="same tick",
    ),
    ClassicAgent(
        "sample_average", "sample averages", {}, "each action is worth its mean reward so far",
        "Sutton & Barto 2018, section 2.2", (), order="same tick", policy="greedy", optimism=1.0,
    ),
    ClassicAgent(
        "index", "index of mean and width", {}, "mean reward of an action, and a bonus for how little is known of it, "
        "which shrinks with the life", "close to the finite-horizon index of Gittins 1979, J. Royal Stat. Soc. B 41",
        (2.0,), order="same tick", policy="greedy", optimism=0.5,
    ),
    ClassicAgent(
        "self_play", "TD of games with oneself", {}, "a position is worth the opposite of the best one behind it",
        "Samuel 1959, IBM J. 3; as afterstates Sutton & Barto 2018, section 6.8", (0.1,), policy="greedy", epsilon=0.1,
    ),
    ClassicAgent(
        "ase_ace", "ASE and ACE", {}, "a searching and a critical element, with traces of their own",
        "Barto, Sutton & Anderson 1983, IEEE Trans. Systems, Man, and Cybernetics 13", (1000.0, 0.5, 0.9, 0.8, 0.95),
        scales=(0, 1), policy="greedy", critic=1.0, bound=1e6,
    ),
)  # fmt: skip

_SLOTS: dict[str, dict[str, str]] = {
    "reinforce": {"update": "c0*m*s1", "s1": "c1*s1 - grad", "modulator": "reward - m1",
                  "m1": "m1 + c2*(reward - m1)"},
    "actor_critic": {"update": "c0*m*s1", "s1": "c1*s1 - grad", "modulator": _DELTA},
    "q_lambda": _Q,
    "count_bonus": {**_Q, "intrinsic": "div(c3, sqrtabs(visits))"},
    "r_stdp": {"update": "c0*m*s1", "s1": "c1*s1 + act*pre", "modulator": "reward - m1",
               "m1": "m1 + c2*(reward - m1)"},
    "r_stdp_level": {"update": "c0*m*s1", "s1": "c1*s1 + act*pre", "modulator": "reward - c2"},
    "jordan": {"update": "c0*m*s1", "s1": "c1*s1 - grad", "modulator": "reward - c2"},
    "rescorla_wagner": {"update": "act*c0*(c1*reward - w)"},
    "sample_average": {"update": "div(s1*(reward - w), max(s2, 1))", "s1": "act*pre", "s2": "s2 + act*pre"},
    "index": {"update": f"{_QUALITY} + c0*(1 - age)*sqrtabs(div({_QUALITY}*(1 - {_QUALITY}), 3 + s2)) - w",
              "s1": "s1 + act*reward", "s2": "s2 + act"},
    "self_play": {"update": "c0*m*s1", "modulator": "reward - value - before", "s1": "-grad"},
    # −err − act is above 0 at the value node alone
    "ase_ace": {"update": "m*select(-err - act, c1*s2, c0*s1)", "modulator": "reward + c4*value - before",
                "s1": "c2*s1 + (1 - c2)*(2*act - 1)*pre", "s2": "select(start, 0, c3*s2) + (1 - c3)*pre"},
}  # fmt: skip

AGENTS: dict[str, ClassicAgent] = {
    row.name: ClassicAgent(**{**vars(row), "slots": parse_rule(_SLOTS[row.name], row.name, ACTING_SLOTS)})
    for row in _ROWS
}
