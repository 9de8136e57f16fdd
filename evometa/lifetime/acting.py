"""The contract of lives that act: in a world, tick by tick, learning from rewards; for every backend.

A backend has a function `act(actors, lives, plan) -> ActingOutcomes`; all of them give the same bits. Axis letters as
in the contract of lives with examples; T ticks, A actions, P rows of parameters, D rows of noise, C windows, M
measures, H predicting outputs. One example at a time (B = 1), recurrent synapses read the tick before.

**The network's outputs**: a node for each action; then, if `critic` is above 0, one whose answer is the value; then the
predicting ones. Behind what the world shows it sees, if the plan says so, the reward of its last action, and which
action that was, a row for each. Innate weights of synapses that enter action nodes have `optimism` added: with one
input of 1 at a time it is what every action is born to be worth. Those from the constant are left out, as they would
count it once more, but where a node reads nothing else.

**Afterstates**: where the world shows what each action would make of the state, one node stands for all actions. In
`forward` the network is asked about every action in turn, from the same activations of the tick before; z of an action
is that node's net input. Behind `choose`, in step `adopt`, it sees what the action taken makes of the state (zeros
behind the last action, where none is taken) and goes forward once more: that is what `pre`, `post` and errors are of,
and what recurrent synapses read in the next tick. Signals `act` and `acted` are 1 at the node whichever action is
taken. The policy is "greedy", without critic, predictions or `see_action`.

**A tick** (evometa/spec/acting.py). In order "next tick":
1. `show`: x, legal actions, the state's id, whose count of visits grows by 1; `start` in the first tick of a trial;
   reward, done and cut of the last action (at tick 0: reward 0, done 0, cut 1);
2. `perceive` (activations of the tick before are 0 at a start, if the plan forgets), `forward`;
3. `appraise`: with softmax shares y = e/Σe over the legal actions, e = exp_f(z − largest legal z), 0 elsewhere; value
   V: of the value node, else the largest legal z; signal `value` is V, but 0 where done ("next tick" alone); `before`
   is V of the tick before, or, without a value node, z of the action taken then, at first 0. Predicting outputs say
   what is seen next: what they missed is post of the tick before − projection·(what the world shows now) by fused
   multiply-adds in order, and 0 at a start. surprise: Σ missed² over them / H;
4. `choose`: draws u, v of this tick. Where u < epsilon any legal action, each alike: number trunc(v·n) of n, n − 1 at
   most. Else with softmax the first action at which the sum of shares in order exceeds v, the last legal one if none
   does; with greedy the first legal action with the largest z, or with random ties number trunc(v·n) of the n largest.
   `greedy`: z of the action is that largest one. Where nothing is legal, everything is. NaN is never larger;
5. `modulate`: the lane's program: intrinsic, which is added to the reward that everything else reads; m; m1, m2;
6. `blame`: errors of actions, softmax y − act, greedy −act; of the value node −critic; of predicting ones what they
   missed, to which pre of the tick before belongs: a state keeps it (s1 = pre, Δw = −c0·err·s1); `back`, `gradient`,
   and the rule, once for each synapse; weights keep within the genome's bound;
7. `move`: the world's step; `reward` and the other measures are added to the window of this tick, in order of ticks.
After the last action the steps of LAST bring its reward: there act is 0. In order "same tick" `move` comes before
`modulate`: the reward is that of this action, and so are done and cut. What the orders compile to:
evometa/language/acting.py. An actor without a lane program has m, m1, m2 of 0.

age: min(tick, T − 1)/max(T − 1, 1); `novel` and `task` are of that tick, too. A lane whose weights or measures are not
finite is DIVERGED; one whose world gave anything that is not finite (a state, what is shown, legal, the id, reward,
worth, best, tally, `end` or `cut`) is FAULTY, whatever its learner is. A plan has no more ticks than the world says
that a life has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from evometa.language.acting import Order
from evometa.language.worlds.program import WorldProgram
from evometa.lifetime import Births, Phenotypes
from evometa.spec.acting import FAULTY, MEASURES
from evometa.spec.arrays import F32, FINITE, I32, U8

if TYPE_CHECKING:
    from evometa.language.program import Program

__all__ = ["FAULTY", "TIES", "ActingOutcomes", "ActingPlan", "Actors", "Lives", "Ties"]

Ties = Literal["first", "random"]
TIES: tuple[Ties, ...] = ("first", "random")


@dataclass(frozen=True, eq=False)
class Actors:
    """G learners that act: what learners with examples are, and what only these have.

    `phenotypes.programs` and `lanes` are compiled for one `order`; `lane`: the position of each genome's lane program,
    NONE for none. Losses are not looked at.
    """

    phenotypes: Phenotypes
    lanes: Sequence[Program]
    lane: Annotated[I32, "G"]
    optimism: Annotated[F32, "G", FINITE]
    bound: Annotated[F32, "G", FINITE]
    order: Order = "next tick"
    births: Births = field(default_factory=Births)

    def __len__(self) -> int:
        return len(self.phenotypes)

    def take(self, genomes: slice | Sequence[int]) -> Actors:
        """Return some of the learners (repeats allowed); the lists stay."""
        own = {name: getattr(self, name)[genomes] for name in ("lane", "optimism", "bound")}
        return replace(self, phenotypes=self.phenotypes.take(genomes), **own)


@dataclass(frozen=True, eq=False)
class Lives:
    """L lives in one world, one per lane: its parameters, and all that is drawn, the same for every genome.

    `noise[0]` is that of birth, `noise[t + 1]` that of tick t's step, `draws[t]` what is chosen by; all in [0, 1).
    """

    world: WorldProgram
    parameters: Annotated[F32, "P L", FINITE]
    noise: Annotated[F32, "N D L", FINITE]
    draws: Annotated[F32, "T 2 L", FINITE]

    @property
    def lanes(self) -> int:
        """Number of lanes L."""
        return self.draws.shape[2]

    @property
    def ticks(self) -> int:
        """Ticks T of a life."""
        return len(self.draws)

    @property
    def inputs(self) -> int:
        """Numbers that the world shows."""
        return self.world.shown

    def take(self, lanes: NDArray[np.int64]) -> Lives:
        """Return those of the given lanes, in that order."""
        own = (np.ascontiguousarray(each[..., lanes]) for each in (self.parameters, self.noise, self.draws))
        return Lives(self.world, *own)


@dataclass(frozen=True, eq=False)
class ActingPlan:
    """How lives go, the same for the whole batch.

    `windows`: ascending numbers of ticks at which a window ends; the last is T. `policy`: of POLICIES; `credit`: the
    credit mode; `epsilon`: how often any action is taken; `ties`: of those with the largest net input; `critic`: the
    error of the value node, 0: there is none; `projection`: what predicting outputs are to say of the next x (None:
    there are none); `see_reward`, `see_action`: inputs behind what the world shows; `forget`: activations begin anew
    with each trial; `keep_weights`: return the learned weights of lane 0; `task`: the ticks of each of several worlds
    in a row (0: there is one): in the first of each a rule reads `novel` as 1, and always their number as `task`.
    """

    windows: Annotated[I32, "C"]
    policy: str = "softmax"
    credit: str = "local"
    epsilon: float = 0.0
    ties: Ties = "first"
    critic: float = 0.0
    projection: Annotated[F32 | None, "H I", FINITE] = None
    see_reward: bool = False
    see_action: bool = False
    forget: bool = False
    keep_weights: bool = False
    task: int = 0

    @property
    def ticks(self) -> int:
        """Ticks T of a life."""
        return int(self.windows[-1])

    @property
    def checkpoints(self) -> I32:
        """Where parts of a life end, i32[C]: what checkpoints are to other lives."""
        return self.windows

    @property
    def length(self) -> int:
        """Weight updates of a whole life: one a tick."""
        return self.ticks

    @property
    def asked(self) -> None:
        """No queries are asked."""

    def take(self, lanes: NDArray[np.int64]) -> ActingPlan:
        """Return the plan of some lanes: that of all."""
        return self

    def inputs(self, world: WorldProgram) -> int:
        """Return the inputs that a network has in a world."""
        return world.shown + self.see_reward + self.see_action * world.actions

    def outputs(self, world: WorldProgram) -> int:
        """Return the outputs that a network has in a world."""
        return world.answers + (self.critic > 0) + (0 if self.projection is None else len(self.projection))


@dataclass(frozen=True, eq=False)
class ActingOutcomes:
    """What became of every life: MEASURES in each window, `status` (OK, DIVERGED, FAULTY), and weights, where kept."""

    measures: Annotated[F32, "M G C L"]
    status: Annotated[U8, "G L"]
    weights: Annotated[list[F32] | None, "E"] = None

    def measure(self, name: str) -> F32:
        """Return one of MEASURES, f32[G, C, L]."""
        found: F32 = self.measures[MEASURES.code(name)]
        return found

    @property
    def regret(self) -> F32:
        """What the best actions would have been worth more, f32[G, C, L]; NaN where the world says no optimum."""
        return np.where(self.measure("best") == 0, np.float32(np.nan), self.measure("best") - self.measure("worth"))

    @property
    def share(self) -> F32:
        """Share of the optimum, f32[G, C, L]; NaN where the world says no optimum."""
        best = np.where(self.measure("best") == 0, np.float32(np.nan), self.measure("best"))
        return np.asarray(self.measure("worth") / best)
