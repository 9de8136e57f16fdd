"""Learners that act, beside JAX and Gymnasium: `python -m benchmarks.acting_in_jax` (needs the extra `bench`).

The same lives twice: Q(λ) with optimism in rooms, 64 genomes × 32 lives, learning switched on. JAX has its best form:
one program for this rule and this world, compiled once, the table's row gathered instead of multiplied by a one-hot
input, scanned over ticks, batched over genomes and lives; rewards are compared with ours first. And cart-pole: ours
with the adaptive elements of Barto, Sutton and Anderson learning in it, beside Gymnasium's vector environment of the
same equations without any learner. Times are processor time, of all threads, so that other programs do not count; on
two cores steps a second are twice those of ours and of JAX's. Wanted: at least JAX's speed, and a hundred times
Gymnasium's, which has one thread.
"""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np

from benchmarks.acting import agent, lives_in
from benchmarks.claims import claim, options
from benchmarks.timing import table, take_turns
from evometa.language.acting_library import AGENTS
from evometa.lifetime.acting import Lives
from evometa.lifetime.numba.acting import cpu

GENOMES, LANES, SIZE = 64, 32, 9
CELLS = SIZE * SIZE
CUT = 4 * SIZE
OURS, JAX, GYM, POLES = "evometa", "JAX", "Gymnasium", "cart-pole with ASE and ACE"


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

    ticks = 100 if quick else 1000
    lives = lives_in("cartpole", LANES, ticks)
    actors, plan = agent("ase_ace", lives, genomes=GENOMES)
    contestants: dict[str, Any] = {POLES: lambda: cpu.act(actors, lives, plan)}
    steps = {POLES: GENOMES * LANES * ticks}
    for lanes in (LANES, GENOMES * LANES):
        envs = gymnasium.make_vec("CartPole-v1", lanes, vectorization_mode="vector_entry_point")
        chosen = np.random.default_rng(0).integers(0, 2, (ticks, lanes))

        def stepped(envs: Any = envs, chosen: Any = chosen) -> None:
            envs.reset(seed=0)
            for action in chosen:
                envs.step(action)

        contestants[f"{GYM}, {lanes} side by side"], steps[f"{GYM}, {lanes} side by side"] = stepped, lanes * ticks
    seconds = take_turns(contestants, 3 if quick else 7, time.process_time)
    table(seconds, POLES, lambda name, s: f"{steps[name] / s / 1e6:.2f} million steps a second")
    for name in list(contestants)[1:]:
        ratio = float(np.median(seconds[name] / steps[name] / (seconds[POLES] / steps[POLES])))
        claim(f"cart-pole with a learner: {ratio:.3g} × the speed, without one, of {name}", ratio >= 100.0)


def main() -> None:
    """Print both comparisons."""
    chosen = options(__doc__)
    rooms(chosen.quick)
    poles(chosen.quick)


if __name__ == "__main__":
    main()
