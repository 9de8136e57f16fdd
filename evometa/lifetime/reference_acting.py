"""Lives that act in plain NumPy: slow, obvious, and the judge. The steps are those of evometa/spec/acting.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.native import fmaf
from evometa.language.program import birth_states, evaluate
from evometa.language.worlds.program import BEST, DONE, OVER, REWARD, TALLY, WORTH
from evometa.lifetime import DIVERGED, F32, NONE, OK, SILENT, Plan, Tasks
from evometa.lifetime.acting import FAULTY, ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.acting_check import check_acting
from evometa.lifetime.reference_choice import allowed, by_shares, by_size, hopeful, largest, numbered, of_action, shares
from evometa.lifetime.reference_steps import Steps
from evometa.lifetime.reference_world import WorldLives
from evometa.spec.acting import LAST, MEASURES, TICKS
from evometa.spec.states import LANE

ZERO, ONE = np.float32(0), np.float32(1)


def act(actors: Actors, lives: Lives, plan: ActingPlan) -> ActingOutcomes:
    """Live every life of the batch (contract: evometa.lifetime.acting). Raises ContractError."""
    check_acting(actors, lives, plan)
    genomes, lanes = len(actors), lives.lanes
    measures = np.zeros((len(MEASURES), genomes, len(plan.windows), lanes), np.float32)
    status = np.zeros((genomes, lanes), np.uint8)
    weights = []
    with np.errstate(all="ignore"):
        for g in range(genomes):
            actor = Actor(actors, g, lives, plan)
            actor.live(measures[:, g])
            sound = np.isfinite(actor.w).all(axis=0) & np.isfinite(measures[:, g]).all(axis=(0, 1))
            status[g] = np.where(actor.faulty, FAULTY, np.where(sound, OK, DIVERGED))
            weights.append(actor.w[:, 0].copy())
    return ActingOutcomes(measures, status, weights if plan.keep_weights else None)


class Actor(Steps):
    """One genome's lives in all lanes, tick by tick.

    `action i64[L]`, `previous` that of the tick before, −1 where there is none; `may bool[A, L]`: what may be chosen;
    `z f32[A, L]`: net inputs of actions; `lane`: signals of the lane by name, f32[L]; `expected f32[L]`: what is
    `before` in the next tick; `felt f32[L]`: the reward with what is intrinsic.
    """

    tick: int
    measures: F32

    def __init__(self, actors: Actors, g: int, lives: Lives, plan: ActingPlan) -> None:
        order, nothing = np.zeros((plan.ticks, 1, lives.lanes), np.int32), np.zeros((1, 1, lives.lanes), np.float32)
        own = Plan(order, plan.windows, "linear", plan.credit, float(actors.bound[g]))
        super().__init__(actors.phenotypes, g, Tasks(nothing, nothing, nothing, nothing), actors.births, own)
        self.first_critic = self.first_output + lives.world.answers
        self.w0 = np.where(hopeful(self.graph, lives.world.answers)[:, None], self.w0 + actors.optimism[g], self.w0)
        self.states = birth_states(self.w0, (self.graph.traits & SILENT > 0)[:, None])
        self.acting, self.lives, self.order = plan, lives, actors.order
        self.slots = None if actors.lane[g] == NONE else actors.lanes[actors.lane[g]]
        self.world = WorldLives(lives.world, lives.parameters, lives.noise[0])
        self.met = np.zeros((max(lives.world.ids, 1), self.lanes), np.float32)
        self.faulty = ~np.isfinite(self.world.states).all(axis=0)
        none = np.zeros(self.lanes, np.float32)
        names = ("value", "before", "done", "trial", "greedy", "visits", "surprise", "m", *(row.name for row in LANE))
        self.lane: dict[str, F32] = {**dict.fromkeys(names, none), "cut": none + ONE, "start": none + ONE}
        self.reward = self.earned = none
        self.action = self.previous = np.full(self.lanes, -1)
        self.over = np.ones(self.lanes, bool)
        self.expected = none
        self.foretold = np.zeros((0 if plan.projection is None else len(plan.projection), self.lanes), np.float32)

    def live(self, measures: F32) -> None:
        """Live tick by tick; write measures f32[M, C, L]."""
        self.measures = measures
        for tick in range(self.acting.ticks):
            self.tick = tick
            self.take(TICKS[self.order])
        if self.order == "next tick":
            self.tick = self.acting.ticks
            self.take(LAST)

    def show(self) -> None:
        """See the world, and count the visits of its state."""
        self.previous, self.action = self.action, np.full(self.lanes, -1)
        x, legal, ids = self.world.show(self.tick)
        self.faulty |= ~self.world.sound
        self.may = allowed(legal, self.lives.world.actions, self.lanes)
        self.lane |= {"start": self.over.astype(np.float32), "trial": self.world.trial}
        if ids is not None:
            self.met[ids, np.arange(self.lanes)] += ONE
            self.lane["visits"] = self.met[ids, np.arange(self.lanes)]
        self.ways = np.split(x, self.lives.world.actions) if self.lives.world.afterstates else [x]
        self.see(self.ways[0])

    def see(self, x: F32) -> None:
        """See what the world shows, f32[I, L], and what else the plan says."""
        seen = [x, *([self.earned[None]] if self.acting.see_reward else [])]
        seen += [self.one_hot(self.previous)] if self.acting.see_action else []
        self.x = np.concatenate(seen)[None].astype(np.float32)

    def perceive(self) -> None:
        """Put what is seen in place; what was there before is forgotten where a trial starts, if the plan says so."""
        if self.acting.forget:
            self.act = np.where(self.lane["start"] > 0, ZERO, self.act)
        super().perceive()

    def forward(self) -> None:
        """Answer what is seen; with afterstates what would be seen of each action in turn."""
        z = []
        for x in self.ways:
            self.respond(x)
            z.append(self.act[self.first_output : self.first_critic, 0].copy())
        self.z = np.concatenate(z)

    def respond(self, x: F32) -> None:
        """Go forward for what is seen; recurrent synapses read what was there before this tick."""
        self.see(x)
        self.act = self.before
        super().perceive()
        super().forward()

    def adopt(self) -> None:
        """Let activations be those of the afterstate of the action taken."""
        if self.lives.world.afterstates:
            self.respond(of_action(self.ways, self.action))

    def appraise(self) -> None:
        """Turn net inputs of actions into shares, say what is expected, and what was not."""
        actions = slice(self.first_output, self.first_critic)
        if self.acting.policy == "softmax":
            self.act[actions, 0] = shares(self.z, self.may)
        critic = self.acting.critic > 0
        value = self.act[self.first_critic, 0] if critic else largest(self.z, self.may)
        ended = self.lane["done"] > 0
        self.lane |= {"before": self.expected,
                      "value": np.where(ended, ZERO, value) if self.order == "next tick" else value}  # fmt: skip
        self.expected = value
        self.missed = np.where(self.lane["start"] > 0, ZERO, self.foretold - self.seen()).astype(np.float32)
        self.foretold = self.act[self.first_critic + critic :, 0].copy()
        if len(self.missed):
            total = np.zeros(self.lanes, np.float32)
            for row in self.missed:
                total = total + row * row
            self.lane["surprise"] = total / np.float32(len(self.missed))

    def seen(self) -> F32:
        """Return what the predicting outputs of the tick before were to say, f32[H, L]."""
        projection = self.acting.projection
        rows = np.zeros((0 if projection is None else len(projection), self.lanes), np.float32)
        for row, weights in zip(rows, projection if projection is not None else (), strict=True):
            total = np.zeros(self.lanes, np.float32)
            for weight, seen in zip(weights, self.x[0, : len(weights)], strict=True):
                total = fmaf(weight, seen, total)
            row[:] = total
        return rows

    def drawn(self) -> F32:
        """Return the numbers of this tick that are chosen by, f32[2, L]."""
        return self.lives.draws[self.tick]

    def choose(self) -> None:
        """Choose an action, by numbers drawn before the life."""
        u, v = self.drawn()
        if self.acting.policy == "softmax":
            own = by_shares(self.act[self.first_output : self.first_critic, 0], self.may, v)
        else:
            own = by_size(self.z, self.may, v, self.acting.ties)
        self.action = np.where(u < np.float32(self.acting.epsilon), numbered(self.may, v), own)
        taken = self.z[self.action, np.arange(self.lanes)]
        self.lane["greedy"] = (taken == largest(self.z, self.may)).astype(np.float32)
        if not self.acting.critic > 0:
            self.expected = taken

    def move(self) -> None:
        """Make the world's step, and measure what came of it."""
        noise = self.lives.noise[min(self.tick, self.acting.ticks - 1) + 1]
        given = self.world.step(self.action.astype(np.float32), noise)
        sound = np.isfinite(given[:OVER]).all(axis=0) & np.isfinite(self.world.states).all(axis=0)
        self.faulty |= ~sound
        self.over = given[OVER] > 0
        self.reward = self.earned = given[REWARD]
        self.lane |= {"done": given[DONE], "cut": (self.over & ~(given[DONE] > 0)).astype(np.float32)}
        self.measure(given)

    def measure(self, given: F32) -> None:
        """Add what a step has given, f32[6, L], to the window of this tick."""
        window = int(np.searchsorted(self.acting.windows, self.tick, side="right"))
        for name, place in (("reward", REWARD), ("worth", WORTH), ("best", BEST), ("trials", OVER)):
            self.measures[MEASURES.code(name), window] += given[place]
        visited = (self.met > 0).sum(axis=0) if self.lives.world.id >= 0 else np.zeros(self.lanes)
        self.measures[MEASURES.code("tally"), window] = given[TALLY]
        self.measures[MEASURES.code("visited"), window] = visited

    def modulate(self) -> None:
        """Run the slots of the lane."""
        self.felt = self.reward
        if self.slots is None:
            return
        found = evaluate(self.slots, {**self.lane, **self.numbers(), "reward": self.reward})
        rows = {name: np.broadcast_to(np.asarray(value, np.float32), self.lanes) for name, value in found.items()}
        self.felt = self.reward + rows["intrinsic"] if "intrinsic" in rows else self.reward
        self.lane["m"] = rows.get("modulator", self.lane["m"])
        self.memories = {row.name: rows[row.name] for row in LANE if row.name in rows}

    def blame(self) -> None:
        """Set the errors of the outputs, with the action taken as the target."""
        self.err, taken = np.zeros_like(self.act), self.at_outputs(self.action)
        actions, critic = slice(self.first_output, self.first_critic), self.acting.critic > 0
        self.err[actions, 0] = (self.act[actions, 0] if self.acting.policy == "softmax" else ZERO) - taken
        if critic:
            self.err[self.first_critic] = -np.float32(self.acting.critic)
        self.err[self.first_critic + critic :, 0] = self.missed

    def bound(self) -> None:
        """Change weights and states; what the modulator remembers changes when everybody has read it."""
        super().bound()
        if self.slots is not None:
            self.lane |= self.memories

    def known(self) -> dict[str, Any]:
        """Return what a rule can read, by name."""
        nodes = {name: self.of_nodes(action)[self.dst] for name, action in
                 (("act", self.action), ("acted", self.previous))}  # fmt: skip
        return {
            "pre": self.pre(0), "post": self.act[self.dst, 0], "err": self.err[self.dst, 0], "grad": self.grad,
            "w0": self.w0, **self.lane, **self.numbers(), "reward": self.felt, **nodes, **self.states,
            **{f"p{i}": p[:, None] for i, p in enumerate(self.plasticity)},
        }  # fmt: skip

    def numbers(self) -> dict[str, Any]:
        """Return what is the same in all lanes: age, the task, and coefficients."""
        ticks, now = self.acting.ticks, min(self.tick, self.acting.ticks - 1)
        task, place = divmod(now, self.acting.task or ticks)
        own = {"age": np.float32(now) / np.float32(max(ticks - 1, 1)), "novel": np.float32(place == 0)}
        return {**own, "task": np.float32(task), **{f"c{i}": c for i, c in enumerate(self.coefficients)}}

    def one_hot(self, action: Any) -> F32:
        """Return 1 in the row of each lane's action, f32[A, L]; −1 is none."""
        return (np.arange(self.lives.world.actions)[:, None] == action).astype(np.float32)

    def at_outputs(self, action: Any) -> F32:
        """Return 1 at the output that stands for each lane's action, f32[A, L]; with afterstates at the only one."""
        return (action >= 0).astype(np.float32)[None] if self.lives.world.afterstates else self.one_hot(action)

    def of_nodes(self, action: Any) -> F32:
        """Return 1 at the node of each lane's action, f32[N, L]."""
        rows = np.zeros((self.graph.nodes, self.lanes), np.float32)
        rows[self.first_output : self.first_critic] = self.at_outputs(action)
        return rows
