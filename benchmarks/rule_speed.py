"""Rules as data against rules as compiled code: `python -m benchmarks.rule_speed` (needs the extra `bench`).

Work: 256 genomes × 32 lanes, net 8-16-2 without biases, 200 trials, rule 0.01·(err·pre − 0.5·post²·w) with err the
first output's on hidden nodes. One rule: ours against JAX compiled for that rule. 256 different rules: ours
against JAX with a compilation for each (one measured, scaled), and against a NumPy lambda for each genome (two
measured, scaled). 256 random rules: the rate of the interpreter.
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.timing import table, take_turns
from evometa.language.primitives import PRIMITIVES
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Graph, Phenotypes, Plan, Tasks, cpu

GENOMES, LANES, TRIALS, INPUTS, HIDDEN, OUTPUTS = 256, 32, 200, 8, 16, 2
MIX = ("add", "sub", "mul", "aq", "neg", "tanh", "sign", "max", "min", "abs", "square")
RULE = "0.01 * ((post - target) * pre - 0.5 * (square(post) * w))"


def network() -> Graph:
    """Return 8-16-2 without biases (the constant node has no synapses)."""
    first = INPUTS + 1
    src = [*list(range(INPUTS)) * HIDDEN, *list(range(first, first + HIDDEN)) * OUTPUTS]
    fans = [0] * first + [INPUTS] * HIDDEN + [HIDDEN] * OUTPUTS
    activation = np.array([0] * first + [1] * HIDDEN + [0] * OUTPUTS, np.uint8)
    ptr = np.concatenate([[0], np.cumsum(fans)]).astype(np.int32)
    return Graph(INPUTS, OUTPUTS, ptr, np.array(src, np.int32), activation, np.zeros(len(src), np.int32))


def main() -> None:
    """Run and print both tables."""
    rng = np.random.default_rng(0)
    graph = network()
    weights = (rng.standard_normal((GENOMES, graph.synapses)) * 0.1).astype(np.float32)
    x = rng.standard_normal((TRIALS, INPUTS, LANES)).astype(np.float32)
    y = np.tanh(rng.standard_normal((TRIALS, OUTPUTS, LANES))).astype(np.float32)
    tasks = Tasks(x, y, x[:1], y[:1])
    plan = Plan(np.arange(TRIALS, dtype=np.int32)[:, None], np.array([TRIALS], np.int32), "linear", "local", 10.0)

    def batch(texts: list[str]) -> Phenotypes:
        programs = {text: compile_rule({"update": parse(text)}) for text in set(texts)}
        none = np.zeros((0, graph.synapses), np.float32)
        return Phenotypes(
            graphs=[graph] * GENOMES,
            programs=[programs[text] for text in texts],
            innate=list(weights),
            coefficients=np.zeros((GENOMES, 0), np.float32),
            plasticity=[none] * GENOMES,
            feedback=[None] * GENOMES,
            losses=[None] * GENOMES,
        )

    one = batch([RULE] * GENOMES)

    def life(w: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
        w1 = w[: INPUTS * HIDDEN].reshape(HIDDEN, INPUTS)
        w2 = w[INPUTS * HIDDEN :].reshape(OUTPUTS, HIDDEN)

        def step(carry, xy):
            w1, w2 = carry
            x, y = xy
            h = jnp.tanh(w1 @ x)
            o = w2 @ h
            d2 = 0.01 * ((o - y)[:, None] * h[None] - 0.5 * (o * o)[:, None] * w2)
            d1 = 0.01 * ((h - y[0])[:, None] * x[None] - 0.5 * (h * h)[:, None] * w1)
            return (jnp.clip(w1 + d1, -10, 10), jnp.clip(w2 + d2, -10, 10)), None

        w1, w2 = jax.lax.scan(step, (w1, w2), (x, y))[0]
        return jnp.mean((w2 @ jnp.tanh(w1 @ x[0]) - y[0]) ** 2)

    begin = time.perf_counter()
    compiled = jax.jit(jax.vmap(jax.vmap(life, (None, 2, 2)), (0, None, None)))
    theirs = np.asarray(compiled(weights, x, y))
    compile_seconds = time.perf_counter() - begin
    ours = cpu.live(one, tasks, Births(), plan).loss[:, 0]
    print(f"largest difference of the two results: {np.abs(ours - theirs).max() / np.abs(theirs).max():.1e}\n")

    work = GENOMES * LANES * TRIALS * graph.synapses
    seconds = take_turns({
        "JAX, compiled for this rule": lambda: compiled(weights, x, y).block_until_ready(),
        "evometa, one rule": lambda: cpu.live(one, tasks, Births(), plan),
    })  # fmt: skip
    table(seconds, "JAX, compiled for this rule")
    different = [RULE.replace("0.01", f"{rate:.6f}") for rate in rng.uniform(0.005, 0.015, GENOMES)]
    random = [long_rule(rng) for _ in range(GENOMES)]
    programs = [compile_rule({"update": parse(text)}) for text in random]
    compiled_random = batch(random)
    instructions = sum(len(program.code) - program.node_end for program in programs) / GENOMES
    seconds = take_turns({
        "different": lambda: cpu.live(batch(different), tasks, Births(), plan),
        "NumPy, 2 rules": lambda: [numpy_life(weights[g], x, y) for g in range(2)],
        "random": lambda: cpu.live(compiled_random, tasks, Births(), plan),
    }, turns=7)  # fmt: skip
    ours_s, numpy_s, random_s = (float(np.median(values)) for values in seconds.values())
    jax_s = GENOMES * compile_seconds
    print(f"\n256 different rules of that length, from their texts: {ours_s * 1e3:.0f} ms")
    print(f"  JAX, 256 × (compilation {compile_seconds:.2f} s): {jax_s:.0f} s = {jax_s / ours_s:.0f} ×")
    print(f"  NumPy lambda for each genome: {numpy_s * 128:.2f} s = {numpy_s * 128 / ours_s:.1f} ×")
    rate = work * instructions / random_s / 1e9
    print(f"256 random rules of {instructions:.1f} instructions a synapse: {random_s * 1e3:.0f} ms,"
          f" {rate:.1f} G instructions·lane/s")  # fmt: skip


def long_rule(rng: np.random.Generator) -> str:
    """Return a random rule of 10 to 14 instructions a synapse, all of these primitives as likely."""

    def grow(depth: int) -> str:
        if depth == 0 or rng.random() < 0.1:
            return str(rng.choice(["pre", "w", "post", "target"]))
        name = str(rng.choice(MIX))
        return f"{name}({', '.join(grow(depth - 1) for _ in range(PRIMITIVES[name].arity))})"

    while True:
        text = f"0.01 * {grow(6)}"
        program = compile_rule({"update": parse(text)})
        if 10 <= len(program.code) - program.node_end <= 14:
            return text


def numpy_life(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """Live one genome's lifetimes with a rule as a NumPy function."""
    rule = lambda pre, post, target, w: 0.01 * ((post - target) * pre - 0.5 * (post * post * w))  # noqa: E731
    w1 = np.repeat(w[: INPUTS * HIDDEN].reshape(HIDDEN, INPUTS, 1), LANES, 2)
    w2 = np.repeat(w[INPUTS * HIDDEN :].reshape(OUTPUTS, HIDDEN, 1), LANES, 2)
    for t in range(TRIALS):
        h = np.tanh(np.einsum("jil,il->jl", w1, x[t]))
        o = np.einsum("jil,il->jl", w2, h)
        w1 = np.clip(w1 + rule(x[t][None], h[:, None], y[t][:1][None], w1), -10, 10)
        w2 = np.clip(w2 + rule(h[None], o[:, None], y[t][:, None], w2), -10, 10)


if __name__ == "__main__":
    main()
