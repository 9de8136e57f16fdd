"""Classic rules of learning from reward in stock worlds, and their speed: `python -m benchmarks.acting [--quick]`.

Each rule has the usual numbers of the library (evometa/language/acting_library.py), but where a row says otherwise; in
brackets is what an independent program came to with settings of its own, or what was published. Intervals are 95 %
over lives. Speed: steps a second of Q(λ) in rooms, learning switched on, beside Gymnasium's vector environment of
cart-pole without any learner, where that is installed. These are other worlds: the ratio says how far one gets.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.timing import table, take_turns
from evometa.language.acting import compile_acting
from evometa.language.acting_library import AGENTS, ClassicAgent
from evometa.language.worlds.drawing import open_world
from evometa.lifetime import F32, NONE, Graph, Phenotype
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba.acting import cpu
from evometa.tasks.worlds import find_world


def lives_in(name: str, lanes: int, ticks: int, seed: int = 1, **settings: float) -> Lives:
    """Draw lives in a stock world."""
    place, rng = open_world(find_world(name, {**settings, "ticks": ticks})), np.random.default_rng(seed)
    drawn = [*place.draw(lanes, rng).values(), np.zeros((0, lanes), np.float32)]
    noise = rng.random((ticks + 1, place.program.noise, lanes), np.float32)
    return Lives(place.program, np.concatenate(drawn), noise, rng.random((ticks, 2, lanes), np.float32))


def direct(inputs: int, outputs: int) -> Graph:
    """Return a network of one synapse from each input to each output: with one-hot inputs, a table."""
    ptr = np.concatenate([np.zeros(inputs + 1), np.arange(outputs + 1) * inputs]).astype(np.int32)
    src = np.tile(np.arange(inputs, dtype=np.int32), outputs)
    nothing = np.zeros(len(src), np.int32)
    return Graph(inputs, outputs, ptr, src, np.zeros(inputs + 1 + outputs, np.uint8), nothing, nothing.astype(np.uint8))


def agent(
    name: str | ClassicAgent, lives: Lives, *windows: int, genomes: int = 1, **more: Any
) -> tuple[Actors, ActingPlan]:
    """Return a rule (classic ones by name) with one weight for each input and output, and how it lives."""
    rule, world = AGENTS[name] if isinstance(name, str) else name, lives.world
    graph = direct(len(world.observe), world.actions + (rule.critic > 0))
    habits = compile_acting(rule.slots, rule.order)
    numbers: F32 = np.array(more.pop("coefficients", rule.coefficients), np.float32)
    optimism = np.full(genomes, more.pop("optimism", rule.optimism), np.float32)
    one = Phenotype(graph, habits.rule, np.zeros(graph.synapses, np.float32), numbers,
                    np.zeros((4, graph.synapses), np.float32))  # fmt: skip
    lanes = [] if habits.lane is None else [habits.lane]
    actors = Actors(batch_of([one] * genomes), lanes, np.full(genomes, 0 if lanes else NONE, np.int32), optimism,
                    np.full(genomes, rule.bound, np.float32), rule.order)  # fmt: skip
    ends = np.array([*windows, len(lives.draws)], np.int32)
    return actors, ActingPlan(ends, rule.policy, ties="random", critic=rule.critic, **more)


def lived(name: str, lives: Lives, *windows: int, **more: Any) -> ActingOutcomes:
    """Live a classic rule."""
    actors, plan = agent(name, lives, *windows, **more)
    return cpu.act(actors, lives, plan)


def mean(values: Any) -> str:
    """Return the mean over lives and its interval, as text."""
    return f"{values.mean():8.2f} ± {1.96 * values.std() / len(values) ** 0.5:.2f}"


def bandits(lanes: int) -> None:
    """Print regrets of bandits."""
    known = {2: "1.66 index of Gittins, 2.84 Thompson", 5: "4.51, 8.25", 10: "7.02, 13.8"}
    for arms, others in known.items():
        lives = lives_in("bandit", lanes, 100, arms=arms)
        print(f"\nbandit of {arms} arms, 100 pulls: regret ({others})")
        for name in ("index", "jordan", "r_stdp", "reinforce", "sample_average"):
            print(f"  {AGENTS[name].title:36}{mean(lived(name, lives).regret[0, 0])}")


def grids(quick: bool) -> None:
    """Print shares of the optimum in rooms, and dives until the tenth treasure."""
    lanes = 20 if quick else 100
    for goals, ticks in ((1, 2000), (4, 4000)):
        lives = lives_in("rooms", lanes, ticks, goals=goals, length=ticks)
        found = lived("q_lambda", lives, 4 * ticks // 5, coefficients=(1.0, 0.475, 0.95))
        share = found.measure("worth")[0].sum(axis=0) / found.measure("best")[0].sum(axis=0)
        print(f"\nrooms, {goals} goals one after the other: share of the optimum (0.60)")
        print(f"  {AGENTS['q_lambda'].title:36}{mean(share)}, in the last fifth {mean(found.share[0, 1])}")
    for size, others in ((6, "46, 34"), (10, "110, 86"), (14, "205, 175")):
        lives = lives_in("deepsea", 20, size * 40 * size, size=size)
        print(f"\ndeep sea of {size}: dive of the tenth treasure, median ({others})")
        for name in ("q_lambda", "count_bonus"):
            numbers = (1.0, 0.0, 1.0, 0.1)[: len(AGENTS[name].coefficients)]
            tenth = lived(name, lives, coefficients=numbers, optimism=1.0).measure("tally")[0, 0]
            met = tenth <= 40 * size
            print(f"  {AGENTS[name].title:36}{np.median(tenth[met]):8.0f}, in {met.mean():.0%} of lives")


def poles(quick: bool) -> None:
    """Print mean lengths of trials by quarter of the life."""
    ticks = 4000 if quick else 20_000
    lives = lives_in("cartpole_boxes", 60, ticks)
    quarters = [ticks * k // 4 for k in range(1, 4)]
    trials = lived("ase_ace", lives, *quarters).measure("trials")[0]
    lengths = ticks / 4 / np.maximum(trials, 1)
    print(f"\ncart-pole, hidden length and sign, {ticks} ticks: mean length of trials by quarter (145, 346, 417, 433)")
    print(f"  {AGENTS['ase_ace'].title:36}" + " ".join(f"{each:8.0f}" for each in lengths.mean(axis=1)))


def speed(quick: bool) -> None:
    """Print steps a second."""
    genomes, lanes, ticks = 64, 32, 100 if quick else 400
    rooms = lives_in("rooms", lanes, ticks)
    actors, plan = agent("q_lambda", rooms, genomes=genomes)
    contestants: dict[str, Any] = {"rooms with Q(λ)": lambda: cpu.act(actors, rooms, plan)}
    steps = {"rooms with Q(λ)": genomes * lanes * ticks}
    if find_spec("gymnasium"):
        import gymnasium

        envs = gymnasium.make_vec("CartPole-v1", lanes, vectorization_mode="vector_entry_point")
        chosen = np.random.default_rng(0).integers(0, 2, (ticks, lanes))

        def stepped() -> None:
            envs.reset(seed=0)
            for action in chosen:
                envs.step(action)

        contestants["Gymnasium, no learner"], steps["Gymnasium, no learner"] = stepped, lanes * ticks
    print(f"\nsteps of {lanes} lives side by side")
    table(
        take_turns(contestants, 5), "rooms with Q(λ)", lambda name, s: f"{steps[name] / s / 1e6:.2f} million a second"
    )


def main(arguments: list[str]) -> None:
    """Print all tables."""
    quick = "--quick" in arguments
    bandits(200 if quick else 2000)
    grids(quick)
    poles(quick)
    speed(quick)


if __name__ == "__main__":
    main(sys.argv[1:])
