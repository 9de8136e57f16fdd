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

import numpy as np

from benchmarks.timing import table, take_turns
from benchmarks.workloads import HIDDEN, INPUTS, OUTPUTS, RULE, RuleWork
from evometa.lifetime import Births
from evometa.lifetime.numba import cpu

GENOMES, LANES = 256, 32


def main() -> None:
    """Run and print both tables."""
    work = RuleWork(GENOMES, LANES)
    one, theirs = work.phenotypes([RULE] * GENOMES), work.jax()
    begin = time.perf_counter()
    expected = np.asarray(theirs())
    compile_seconds = time.perf_counter() - begin
    ours = cpu.live(one, work.tasks, Births(), work.plan).loss[:, 0]
    print(f"largest difference of the two results: {np.abs(ours - expected).max() / np.abs(expected).max():.1e}\n")
    seconds = take_turns({
        "JAX, compiled for this rule": theirs,
        "evometa, one rule": lambda: cpu.live(one, work.tasks, Births(), work.plan),
    })  # fmt: skip
    table(seconds, "JAX, compiled for this rule")
    different, random = work.different(), work.phenotypes(work.random(GENOMES))
    instructions = (
        sum(len(one.code) - one.node_end for one in map(random.programs.__getitem__, random.program.tolist())) / GENOMES
    )

    def two_in_numpy() -> None:
        for g in range(2):
            numpy_life(work, work.weights[g])

    seconds = take_turns({
        "different": lambda: cpu.live(work.phenotypes(different), work.tasks, Births(), work.plan),
        "NumPy, 2 rules": two_in_numpy,
        "random": lambda: cpu.live(random, work.tasks, Births(), work.plan),
    }, turns=7)  # fmt: skip
    ours_s, numpy_s, random_s = (float(np.median(values)) for values in seconds.values())
    jax_s = GENOMES * compile_seconds
    print(f"\n256 different rules of that length, from their texts: {ours_s * 1e3:.0f} ms")
    print(f"  JAX, 256 × (compilation {compile_seconds:.2f} s): {jax_s:.0f} s = {jax_s / ours_s:.0f} ×")
    print(f"  NumPy lambda for each genome: {numpy_s * 128:.2f} s = {numpy_s * 128 / ours_s:.1f} ×")
    rate = work.changes * instructions / random_s / 1e9
    print(f"256 random rules of {instructions:.1f} instructions a synapse: {random_s * 1e3:.0f} ms,"
          f" {rate:.1f} G instructions·lane/s")  # fmt: skip


def numpy_life(work: RuleWork, w: np.ndarray) -> None:
    """Live one genome's lifetimes with a rule as a NumPy function."""
    rule = lambda pre, post, target, w: 0.01 * ((post - target) * pre - 0.5 * (post * post * w))  # noqa: E731
    x, y = work.x, work.y
    w1 = np.repeat(w[: INPUTS * HIDDEN].reshape(HIDDEN, INPUTS, 1), LANES, 2)
    w2 = np.repeat(w[INPUTS * HIDDEN :].reshape(OUTPUTS, HIDDEN, 1), LANES, 2)
    for t in range(work.trials):
        h = np.tanh(np.einsum("jil,il->jl", w1, x[t]))
        o = np.einsum("jil,il->jl", w2, h)
        w1 = np.clip(w1 + rule(x[t][None], h[:, None], y[t][:1][None], w1), -10, 10)
        w2 = np.clip(w2 + rule(h[None], o[:, None], y[t][:, None], w2), -10, 10)


if __name__ == "__main__":
    main()
