"""Random batches of lives that act: every world, network, rule, policy and order of a tick, for comparing backends."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from evometa.language.acting import ORDERS, compile_acting
from evometa.language.program import Program
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.language.worlds.drawing import Place, open_world
from evometa.language.worlds.in_a_row import Row
from evometa.language.worlds.world import World
from evometa.lifetime import NONE, Births, Graph, Phenotype
from evometa.lifetime.acting import TIES, ActingPlan, Actors, Lives
from evometa.lifetime.batch import batch_of
from evometa.spec import CREDITS
from evometa.spec.acting import POLICIES
from tests.lifetime.acting.learners import F, lives_in, place
from tests.lifetime.strategies import random_graph, random_text

Batch = tuple[Actors, Lives, ActingPlan]
STOCK: dict[str, dict[str, float]] = {
    "bandit": {"arms": 3},
    "bandit_reversing": {},
    "tmaze_double": {},
    "rooms": {"size": 3, "length": 20, "goals": 2},
    "deepsea": {"size": 2},
    "coverage": {"size": 2},
    "cartpole": {},
    "tictactoe": {"perfect": 0.5, "canonical": 1},
}
WILD = World(
    "wild",
    observe=("place", "seen", "tick"),
    actions=3,
    cut="2 + 3*luck_of_life",
    noise=("luck", "chance"),
    id="abs(place)",
    ids=5,
    legal="less(chosen, 2) + rows(3)",
    reward="lookup(ways, place*luck) - action",
    worth="next(place) - lasting",
    end="place - 3",
    best="largest(ways)",
    tally="next(lasting)",
    tables={"constants": [0.5, -1, 3, 2, -0.0, 7]},
    parameters={"ways": "uniform(-2, 4, 3)", "luck_of_life": "uniform(0, 1)"},
    birth={"lasting": "lookup(ways, 3*luck)"},
    start={"place": "trial*luck", "three": "rows(3) - ways", "chosen": 0},
    let={"seen": "lookup(three, lasting)", "step_of": "lookup(constants, 6*luck) + lookup(three, action)"},
    next={
        "place": "place + step_of*chance",
        "three": "three*chance + ways",
        "lasting": "lasting + next(place)*0.1",
        "chosen": "action",
    },
)


FORESEEN = World(
    "foreseen",
    observe=("lookup(ways, action)*place", "next(place) - tick", "place"),
    actions=3,
    cut=4,
    noise=("luck",),
    id="abs(place)",
    ids=5,
    legal="less(chosen, 2) + rows(3)",
    reward="lookup(ways, action)*luck",
    end="place - 3",
    best="largest(ways)",
    parameters={"ways": "uniform(-2, 4, 3)"},
    start={"place": "trial*luck", "chosen": 0},
    next={"place": "place + lookup(ways, action)", "chosen": "action"},
    let={"unused": "action*luck"},
    afterstates=True,
)


@cache
def worlds() -> tuple[Place, ...]:
    """Return small worlds of all kinds."""
    row = open_world(replace(WILD, ticks=2), Row(4, frozenset({"luck_of_life"})))
    return (open_world(WILD), open_world(FORESEEN), row, *(place(name, **settings) for name, settings in STOCK.items()))


def random_habit(rng: np.random.Generator) -> dict[str, Tree]:
    """Return random trees for a random choice of slots."""
    slots = ["update", *(slot for slot in ACTING_SLOTS if slot != "update" and rng.random() < 0.5)]
    depths = {slot: int(rng.integers(0, 4)) for slot in slots}
    texts = {slot: random_text(rng, list(ACTING_SLOTS[slot].signals), depth) for slot, depth in depths.items()}
    if rng.random() < 0.5:
        texts |= {"update": "0.3*m*s1", "s1": "0.5*s1 - grad + 0.1*act*pre", "modulator": "reward + value - before"}
    return {slot: parse(text, ACTING_SLOTS[slot].signals) for slot, text in texts.items()}


def random_acting_batch(seed: int) -> Batch:
    """Return a small batch of lives that act, drawn at random."""
    rng = np.random.default_rng(seed)
    own, order = worlds()[int(rng.integers(len(worlds())))], ORDERS[int(rng.integers(2))]
    lanes, ticks = int(rng.integers(1, 20)), int(rng.integers(1, 7))

    def numbers(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(F)

    foreseen = own.program.afterstates
    projection = numbers(int(rng.integers(1, 3)), own.program.shown) if rng.random() < 0.3 and not foreseen else None
    windows = np.array(sorted({ticks, int(rng.integers(1, ticks + 1))}), np.int32)
    see_reward, see_action, forget = (bool(each) for each in rng.random(3) < 0.4)
    plan = ActingPlan(
        windows, "greedy" if foreseen else str(rng.choice(POLICIES.names)), str(rng.choice(CREDITS.names)),
        float(rng.choice([0, 0, 0.4])), TIES[int(rng.integers(2))], 0.0 if foreseen else float(rng.choice([0, 0.3])),
        projection, see_reward, see_action and not foreseen, forget, True,
        int(rng.integers(4)),
    )  # fmt: skip
    inputs, outputs = plan.inputs(own.program), plan.outputs(own.program)
    learners, lane = [], []
    lanes_of: list[Program] = []
    weights: dict[Graph, tuple[np.ndarray, np.ndarray]] = {}
    for _ in range(int(rng.integers(1, 4))):
        graph = random_graph(rng, inputs, int(rng.integers(0, 4)), outputs, bool(rng.random() < 0.4), True, True)
        habits, fresh = compile_acting(random_habit(rng), order), rng.random() < 0.4
        born = weights.setdefault(graph, (numbers(graph.synapses, lanes), numbers(graph.synapses)))
        innate = None if fresh else numbers(graph.synapses) * F(rng.choice([0, 1]))
        learners.append(Phenotype(graph, habits.rule, innate, numbers(8), numbers(4, graph.synapses), born[1]))
        lane.append(NONE if habits.lane is None else len(lanes_of))
        lanes_of += [] if habits.lane is None else [habits.lane]
    phenotypes = batch_of(learners)
    optimism, bound = (rng.choice(choices, len(learners)).astype(F) for choices in ([0.0, 0.5], [0.5, 3.0, 20.0]))
    births = Births([weights[graph][0] for graph in phenotypes.graphs])
    actors = Actors(phenotypes, lanes_of, np.array(lane, np.int32), optimism, bound, order, births)
    return actors, lives_in(own, lanes, ticks, seed), plan
