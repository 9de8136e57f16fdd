"""A learner that acts, for whoever has a world: `act(observation)` and `learn(reward)`, saved without pickle.

It lives on as lifetimes do, by the reference's own steps, bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from evometa.errors import ContractError, InputError
from evometa.estimators.files import DAMAGE, packed, unpacked
from evometa.estimators.lone_life import LoneLife
from evometa.genetics.topology import graph_from_json, graph_json
from evometa.language.acting import Order, compile_acting
from evometa.language.acting_library import AGENTS
from evometa.language.signals import ACTING_SLOTS, PLASTICITY
from evometa.language.text import parse_rule
from evometa.lifetime import F32, NONE, Graph, Phenotype
from evometa.lifetime.acting import ActingPlan, Actors
from evometa.lifetime.batch import batch_of
from evometa.system.disk import replacement
from evometa.version import __version__

FORMAT, VERSION = "evometa agent", 1
_PLAN = ("policy", "credit", "epsilon", "ties", "critic", "see_reward", "see_action", "forget", "task")  # beside arrays


@dataclass(frozen=True)
class Nature:
    """What a learner that acts is born with.

    `slots`: texts of the rule by slot; `innate f32[E]`, `coefficients f32[K]`, `plasticity f32[4, E]` (None: zeros),
    `feedback f32[E]` where the credit mode wants it; `optimism` and `bound` as in Actors; `order` of a tick.
    """

    graph: Graph
    slots: Mapping[str, str]
    innate: F32
    coefficients: Sequence[float] = ()
    plasticity: F32 | None = None
    feedback: F32 | None = None
    optimism: float = 0.0
    bound: float = 20.0
    order: Order = "next tick"

    def actors(self) -> Actors:
        """Return it as a batch of one. Raises InputError for texts that are no rule."""
        habits = compile_acting(parse_rule(dict(self.slots), "agent", ACTING_SLOTS), self.order)
        zeros = np.zeros((len(PLASTICITY), self.graph.synapses), np.float32)
        one = Phenotype(self.graph, habits.rule, np.asarray(self.innate, np.float32),
                        np.array(self.coefficients, np.float32), zeros if self.plasticity is None else self.plasticity,
                        self.feedback)  # fmt: skip
        lanes = [] if habits.lane is None else [habits.lane]
        optimism, bound = (np.array([number], np.float32) for number in (self.optimism, self.bound))
        return Actors(batch_of([one]), lanes, np.array([0 if lanes else NONE], np.int32), optimism, bound, self.order)


class Agent:
    """One life: call `act` and `learn` in turn, for as long as you like.

    `actions`: how many there are; `plan`: how it lives; after its T ticks age stays 1. `states`: how many states the
    world numbers, for `visits` (0: none). `seed`: of what is chosen by. `afterstates`: it is shown what each action
    would make of the state, and its network has one output, which says what that is worth. Raises InputError for what
    does not fit.
    """

    def __init__(self, nature: Nature, plan: ActingPlan, actions: int, states: int = 0, seed: int = 0, *,
                 afterstates: bool = False) -> None:  # fmt: skip
        self.nature, self.plan, self.actions, self.states, self.seed = nature, plan, actions, states, seed
        self.afterstates = afterstates
        self.inputs = nature.graph.inputs - plan.see_reward - plan.see_action * actions
        if actions < 1 or self.inputs < 1:
            raise InputError("an action, and an input, at least", f"{actions} and {self.inputs}", "agent")
        try:
            self._life = LoneLife(nature.actors(), plan, self.inputs, actions, states, seed, afterstates)
        except ContractError as error:
            raise InputError(error.expected, error.found, f"agent, {error.where}") from error

    @classmethod
    def classic(cls, name: str, inputs: int, actions: int, ticks: int, *, states: int = 0, seed: int = 0,
                coefficients: Sequence[float] | None = None, afterstates: bool = False) -> Self:  # fmt: skip
        """Return a classic rule (language/acting_library.py) with a weight from each input to each output.

        `ticks`: of a life; `coefficients`: other numbers than the usual ones; `inputs`: with `afterstates` those that
        are seen of one action. Raises InputError.
        """
        rule = AGENTS.get(name)
        if rule is None:
            raise InputError(f"a classic rule ({', '.join(AGENTS)})", repr(name), "agent")
        outputs = (1 if afterstates else actions) + (rule.critic > 0)
        ptr = np.maximum(np.arange(inputs + 1 + outputs + 1) - inputs - 1, 0) * inputs
        src = np.tile(np.arange(inputs), outputs)
        graph = Graph(inputs, outputs, ptr.astype(np.int32), src.astype(np.int32), np.zeros(len(ptr) - 1, np.uint8),
                      np.zeros(len(src), np.int32), np.zeros(len(src), np.uint8))  # fmt: skip
        numbers = rule.coefficients if coefficients is None else coefficients
        nature = Nature(graph, {slot: str(tree) for slot, tree in rule.slots.items()}, np.zeros(len(src), np.float32),
                        numbers, optimism=rule.optimism, bound=rule.bound, order=rule.order)  # fmt: skip
        plan = ActingPlan(np.array([ticks], np.int32), rule.policy, epsilon=rule.epsilon, ties=rule.ties,
                          critic=rule.critic)  # fmt: skip
        return cls(nature, plan, actions, states, seed, afterstates=afterstates)

    @property
    def ticks(self) -> int:
        """How many actions have been learned from."""
        return self._life.tick

    @property
    def weights(self) -> F32:
        """The weights as they are now, f32[E]."""
        return self.synapses("w")

    def synapses(self, state: str) -> F32:
        """Return what a state of synapses is now, f32[E]."""
        found: F32 = self._life.states[state][:, 0].copy()
        return found

    @property
    def sound(self) -> bool:
        """Whether its weights, and all that it was told, are finite."""
        return bool(np.isfinite(self._life.w).all() and not self._life.faulty.any())

    def act(self, observation: Any, legal: Any = None, state: int = 0) -> int:
        """Return the action for what is seen: so many numbers, or the number of the only one that is 1.

        With afterstates: what would be seen of each action, f32[A, I], finite where one is not legal, too.
        `legal`: true where an action may be chosen (None: all may); `state`: its number, where states are numbered.
        """
        if self._life.waiting:
            raise InputError("what the last action came to, by learn(reward)", "another observation", "agent, act")
        x, alone = np.asarray(observation), self.inputs > 1 and not self.afterstates
        expected = f"an observation of {self.inputs} numbers"
        expected += f" of each of {self.actions} actions" if self.afterstates else ""
        if x.dtype.kind not in "biuf":
            raise InputError(expected + ", or one number" * alone, str(observation)[:40], "agent, act")
        if x.ndim == 0 and alone and not (0 <= x < self.inputs and x == int(x)):
            raise InputError(f"a whole number below {self.inputs}", str(observation), "agent, act")
        if not 0 <= state < max(self.states, 1):
            raise InputError(f"a state from 0 to {max(self.states, 1) - 1}", str(state), "agent, act")
        if x.ndim == 0 and alone:
            state = int(x) if self.states else state
            x = np.arange(self.inputs) == x
        if x.size != self.inputs * (self.actions if self.afterstates else 1):
            raise InputError(expected, f"{x.size}", "agent, act")
        if legal is not None:
            legal = np.asarray(legal, np.float32).reshape(-1)
            if len(legal) != self.actions:
                raise InputError(f"{self.actions} actions that are legal, or not", f"{len(legal)}", "agent, act")
        return self._life.decide(x.astype(np.float32).reshape(-1), legal, state)

    def learn(self, reward: float, ended: bool = False, cut: bool = False) -> None:
        """Say what the last action came to: its reward, and whether the trial has ended or was cut.

        The next observation is then the first one of a new trial.
        """
        if not self._life.waiting:
            raise InputError("an action to learn of, by act(observation)", "none", "agent, learn")
        try:
            given = float(reward)
        except (TypeError, ValueError):
            raise InputError("a reward that is a number", repr(reward)[:40], "agent, learn") from None
        self._life.feel(given, bool(ended), bool(cut))

    def save(self, path: Path | str) -> None:
        """Write the agent as it is now, between two ticks, to exactly that file. Raises InputError."""
        if self._life.waiting:
            raise InputError("an agent that has learned of its last action", "one that has not", "agent, save")
        nature, plan = self.nature, self.plan
        about: dict[str, Any] = {"format": FORMAT, "version": VERSION, "evometa": __version__, "tick": self.ticks,
                                 "actions": self.actions, "states": self.states, "seed": self.seed,
                                 "afterstates": self.afterstates}  # fmt: skip
        about["nature"] = {"graph": graph_json(nature.graph), "slots": dict(nature.slots), "optimism": nature.optimism,
                           "bound": nature.bound, "order": nature.order}  # fmt: skip
        about["plan"] = {name: getattr(plan, name) for name in _PLAN}
        arrays = {"coefficients": np.array(nature.coefficients, np.float32), "born": np.asarray(nature.innate),
                  "plasticity": nature.plasticity, "feedback": nature.feedback, "windows": plan.windows,
                  "projection": plan.projection, **self._life.put_down()}  # fmt: skip
        given = {name: value for name, value in arrays.items() if value is not None}
        with replacement(Path(path), replace=True) as scratch, scratch.open("wb") as file:
            np.savez_compressed(file, **packed(given, about))

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Return the agent that a file holds, to live on. Raises InputError for any other file."""
        try:
            return cls._restored(unpacked(Path(path), FORMAT, VERSION, "an agent"), str(path))
        except InputError:
            raise
        except DAMAGE as error:
            found = f"something else ({type(error).__name__}: {error})"
            raise InputError("an agent as save() writes it", found, str(path)) from None

    @classmethod
    def _restored(cls, arrays: dict[str, Any], where: str) -> Self:
        about = json.loads(arrays["about"].tobytes())
        told = about["nature"]
        nature = Nature(graph_from_json(told["graph"], where), told["slots"], arrays["born"],
                        arrays["coefficients"].tolist(), arrays.get("plasticity"), arrays.get("feedback"),
                        told["optimism"], told["bound"], told["order"])  # fmt: skip
        own = {"task": 0, **about["plan"]}  # agents of older versions had one world
        plan = ActingPlan(arrays["windows"], projection=arrays.get("projection"), **{name: own[name] for name in _PLAN})
        agent = cls(nature, plan, about["actions"], about["states"], about["seed"],
                    afterstates=about.get("afterstates", False))  # fmt: skip
        agent._life.take_up(arrays, about["tick"])
        return agent
