"""Learners that act, beside JAX and Gymnasium: `python -m benchmarks.acting_in_jax` (needs the extra `bench`).

The same lives twice: Q(λ) with optimism in rooms, 64 genomes × 32 lives, learning switched on. JAX has its best form:
one program for this rule and this world, compiled once, the table's row gathered instead of multiplied by a one-hot
input, scanned over ticks, batched over genomes and lives; rewards are compared with ours first. And cart-pole, beside
Gymnasium's two vector environments of the same equations: the one that somebody wrote for arrays (CartPoleVectorEnv),
and the general one, which steps many environments in turn (SyncVectorEnv), as few environments have the first. Ours is
there without a learner, as many lives side by side, each action drawn at random, as theirs are, and the network asked
all the same; and with the adaptive elements of Barto, Sutton and Anderson learning in it. Times are processor time, of
all threads, so that other programs do not count; on two cores steps a second are twice those of ours and of JAX's.
Wanted: at least JAX's speed, and a hundred times Gymnasium's, which has one thread.
"""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from itertools import product
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np

from benchmarks.acting import agent, lives_in
from benchmarks.claims import claim, options
from benchmarks.timing import table, take_turns
from evometa.language.acting_library import AGENTS, ClassicAgent
from evometa.lifetime.acting import Lives
from evometa.lifetime.numba.acting import cpu

GENOMES, LANES, SIZE = 64, 32, 9
CELLS = SIZE * SIZE
CUT = 4 * SIZE
OURS, JAX, LEARNING = "evometa", "JAX", "ours, ASE and ACE learning"
FORMS = {"written for arrays": "vector_entry_point", "in turn": "sync"}  # of Gymnasium's vector environments
RANDOM = ClassicAgent("random", "none", {}, "acts at random", "", (), policy="greedy", epsilon=1.0)


def in_jax(lives: Lives, coefficients: tuple[float, ...], optimism: float, bound: float) -> Any:
    """Return the compiled program that lives these lives, and gives the rewards f32[G, L]."""
    import jax
    import jax.numpy as jnp

    c0, c1, c2 = coefficients
    rows = jnp.asarray(lives.parameters.T)  # walls, what actions mean, where one begins, the goal
    walls, meaning = rows[:, :CELLS], rows[:, CELLS : CELLS + 4].astype(jnp.int32)
    begin, goal = rows[:, CELLS + 4 : CELLS + 6].astype(jnp.int32), rows[:, CELLS + 6].astype(jnp.int32)
    first = SIZE * begin[:, 0] + begin[:, 1]
    down, across = jnp.array([-1, 1, 0, 0]), jnp.array([0, 0, -1, 1])
    lanes = jnp.arange(LANES)

    def tick(carry: Any, chance: Any) -> Any:
        w, s, cell, move, before, reward, done, over, total = carry
        z = w[lanes, cell]
        best = z.max(axis=1)
        ties = z == best[:, None]
        number = jnp.minimum(jnp.floor(chance * ties.sum(axis=1)), ties.sum(axis=1) - 1)
        action = (jnp.cumsum(ties, axis=1) - 1 == number[:, None]).argmax(axis=1)
        value = jnp.where(done, 0.0, best)
        cut = over & ~done
        m = jnp.where(cut, 0.0, reward + c2 * value - before)
        w = jnp.clip(w + c0 * m[:, None, None] * s, -bound, bound)
        s = jnp.where(over[:, None, None], 0.0, jnp.maximum(c1 * s, 0.0)).at[lanes, cell, action].max(1.0)
        way = meaning[lanes, action]
        row = jnp.clip(cell // SIZE + down[way], 0, SIZE - 1)
        column = jnp.clip(cell % SIZE + across[way], 0, SIZE - 1)
        ahead = SIZE * row + column
        ahead = jnp.where(walls[lanes, ahead] > 0, cell, ahead)
        found = ahead == goal
        over = found | (move + 1 >= CUT)
        cell, move = jnp.where(over, first, ahead), jnp.where(over, 0, move + 1)
        reward = found.astype(jnp.float32)
        return (w, s, cell, move, best, reward, found, over, total + reward), None

    def life(hope: Any) -> Any:  # of each genome, so that none is left out
        nothing = jnp.zeros(LANES, jnp.float32)
        w = jnp.full((LANES, CELLS, 4), hope, jnp.float32)
        no = jnp.zeros(LANES, bool)
        start = (w, jnp.zeros_like(w), first, jnp.zeros(LANES, jnp.int32), nothing, nothing, no, ~no, nothing)
        return jax.lax.scan(tick, start, draws)[0][-1]

    draws = jnp.asarray(lives.draws[:, 1])
    many, hopes = jax.jit(jax.vmap(life)), jnp.full(GENOMES, optimism, jnp.float32)
    return lambda: many(hopes).block_until_ready()


def rooms(quick: bool) -> None:
    """Compare rewards, then speed, in rooms."""
    ticks = 100 if quick else 1000
    lives, rule = lives_in("rooms", LANES, ticks, length=ticks), AGENTS["q_lambda"]
    actors, plan = agent("q_lambda", lives, genomes=GENOMES)
    theirs = in_jax(lives, rule.coefficients, rule.optimism, rule.bound)
    ours = cpu.act(actors, lives, plan).measure("reward")[:, 0]
    claim("every reward of every life is JAX's", bool((ours == np.asarray(theirs())).all()))
    seconds = take_turns(
        {OURS: lambda: cpu.act(actors, lives, plan), JAX: theirs}, 3 if quick else 7, time.process_time
    )
    steps = GENOMES * LANES * ticks
    table(seconds, OURS, lambda name, s: f"{steps / s / 1e6:.2f} million steps a second")
    ratio = float(np.median(seconds[JAX] / seconds[OURS]))
    claim(f"rooms with Q(λ) learning: {ratio:.2f} × JAX's speed", ratio >= 1.0)


def poles(quick: bool) -> None:
    """Compare speed in cart-pole."""
    if not find_spec("gymnasium"):
        print("Gymnasium is not installed: its comparison is left out")
        return
    import gymnasium

    contestants, steps = dict[str, Any](), dict[str, int]()
    ticks = 100 if quick else 1000
    for lanes in (LANES, GENOMES * LANES):
        lives = lives_in("cartpole", lanes, ticks)
        actors, plan = agent(RANDOM, lives, epsilon=RANDOM.epsilon)
        name = f"ours, {lanes}"
        contestants[name] = lambda actors=actors, lives=lives, plan=plan: cpu.act(actors, lives, plan)
        steps[name] = lanes * ticks
        for form, mode in FORMS.items():
            envs = gymnasium.make_vec("CartPole-v1", lanes, vectorization_mode=mode)
            turns = ticks if form == "written for arrays" else min(ticks, 40_000 // lanes)
            chosen = np.random.default_rng(0).integers(0, 2, (turns, lanes))

            def stepped(envs: Any = envs, chosen: Any = chosen) -> None:
                envs.reset(seed=0)
                for action in chosen:
                    envs.step(action)

            name = f"Gymnasium {form}, {lanes}"
            contestants[name], steps[name] = stepped, lanes * turns
    lives = lives_in("cartpole", LANES, ticks)
    learners, how = agent("ase_ace", lives, genomes=GENOMES)
    contestants[LEARNING] = lambda: cpu.act(learners, lives, how)
    steps[LEARNING] = GENOMES * LANES * ticks
    seconds = take_turns(contestants, 3 if quick else 7, time.process_time)
    table(seconds, LEARNING, lambda name, s: f"{steps[name] / s / 1e6:.3g} million steps a second")
    for form, lanes in product(FORMS, (LANES, GENOMES * LANES)):
        name = f"Gymnasium {form}, {lanes}"
        for ours in (f"ours, {lanes}", LEARNING):
            ratio = float(np.median(seconds[name] / steps[name] / (seconds[ours] / steps[ours])))
            claim(f"cart-pole, {ours}: {ratio:.3g} × the speed of {name}", ratio >= 100.0)


def main() -> None:
    """Print both comparisons."""
    chosen = options(__doc__)
    rooms(chosen.quick)
    poles(chosen.quick)


if __name__ == "__main__":
    main()
