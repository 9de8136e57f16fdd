"""The exact gradient of learning against JAX's: `python -m benchmarks.meta_gradient_speed` (needs the extra `bench`).

Work: 256 tasks, net 1-40-40-1 (ReLU), five updates w ← w − exp(p)·gradient on 10 examples, weights and log-rates tuned
for each synapse, the loss of 10 queries before the first update and after each: MAML's work (Finn et al. 2017) with
Meta-SGD's rates (Li et al. 2017). Ours walks a general edge list through an interpreted rule; JAX knows that the net
is dense and what the rule is, differentiates a scan over the updates in reverse, and goes over blocks of tasks by
lax.map (blocks of 8, 16, 32 and all at once are tried; the best stands in the last line). On one thread seconds are
those of the processor, which others on the machine do not change much; on two they are those of the clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.timing import table, take_turns
from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_program
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotype, Plan, Slopes, Tasks, in_all_lanes
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba.descent import cpu

LANES, SHOTS, STEPS, WIDTH = 256, 10, 5, 40
BLOCKS = (8, 16, 32, LANES)


class Work:
    """The work, as both take it: weights and log-rates of each layer, and tasks."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.graph = layered(1, (WIDTH, WIDTH), 1, "relu")
        sizes = [(1, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)]
        self.layers = [
            ((rng.standard_normal(size) / np.sqrt(size[0])).astype(np.float32), np.zeros(size[1], np.float32))
            for size in sizes
        ]
        self.rates = [
            tuple(rng.uniform(-6, -4, part.shape).astype(np.float32) for part in layer) for layer in self.layers
        ]
        amplitude, phase = rng.uniform(0.1, 5, LANES), rng.uniform(0, np.pi, LANES)
        x, qx = (rng.uniform(-5, 5, (SHOTS, 1, LANES)).astype(np.float32) for _ in range(2))
        y, qy = ((amplitude * np.sin(a - phase)).astype(np.float32) for a in (x, qx))
        self.tasks = Tasks(x, y, qx, qy)
        rule = {"update": parse("-exp(p0) * grad")}
        one = Phenotype(
            self.graph, compile_rule(rule), self.flat(self.layers), np.zeros(0, np.float32), self.flat(self.rates)[None]
        )
        self.phenotypes, self.adjoints = batch_of([one]), [adjoint_program(rule)]
        order = in_all_lanes(np.tile(np.arange(SHOTS, dtype=np.int32), (STEPS, 1)), LANES)
        self.plan = Plan(order, np.arange(STEPS + 1, dtype=np.int32), "linear", "backprop", 1e9)
        self.weights = np.ones((1, STEPS + 1), np.float32)

    def flat(self, layers: Any) -> np.ndarray:
        """Return what stands by layer, (weights [I, O], those of the constant [O]), by synapse."""
        found = np.zeros(self.graph.synapses, np.float32)
        for number, (w, b) in enumerate(layers):
            found[self.graph.group == 2 * number] = np.asarray(w).T.reshape(-1)
            found[self.graph.group == 2 * number + 1] = b
        return found

    def ours(self, threads: int) -> Slopes:
        """Return what we find."""
        return cpu.descend(
            self.phenotypes, self.tasks, Births(), self.plan, self.adjoints, self.weights, threads=threads
        )

    def jax(self, block: int) -> Callable[[], Any]:
        """Return JAX's form, over blocks of so many tasks: losses [U + 1], slopes of weights and of log-rates."""
        import jax
        import jax.numpy as jnp

        def loss(layers: Any, x: jax.Array, y: jax.Array) -> Any:
            (w1, b1), (w2, b2), (w3, b3) = layers
            answer = jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3
            return jnp.mean((answer - y) ** 2)

        def life(numbers: Any, x: jax.Array, y: jax.Array, qx: jax.Array, qy: jax.Array) -> Any:
            layers, rates = numbers

            def update(layers: Any, _: Any) -> Any:
                slopes = jax.grad(loss)(layers, x, y)
                return jax.tree.map(lambda w, p, g: w - jnp.exp(p) * g, layers, rates, slopes), loss(layers, qx, qy)

            layers, losses = jax.lax.scan(update, layers, None, length=STEPS)
            return jnp.append(losses, loss(layers, qx, qy))

        def total(numbers: Any, *tasks: jax.Array) -> Any:
            losses = jax.vmap(life, (None, 0, 0, 0, 0))(numbers, *tasks).sum(axis=0)
            return losses.sum(), losses

        t = self.tasks
        tasks = [
            jnp.asarray(a.transpose(2, 0, 1).reshape(LANES // block, block, *a.shape[:2]))
            for a in (t.support_x, t.support_y, t.query_x, t.query_y)
        ]
        slope = jax.grad(total, has_aux=True)
        numbers = jax.tree.map(jnp.asarray, (self.layers, self.rates))

        @jax.jit
        def run(numbers: Any) -> Any:
            found = jax.lax.map(lambda some: slope(numbers, *some), tasks)
            return jax.tree.map(lambda each: each.sum(axis=0) / LANES, found)

        return lambda: jax.block_until_ready(run(numbers))


def measure(threads: int) -> None:
    """Compare on so many threads, in a process that has no more."""
    work = Work()
    rivals = {f"JAX, {block} tasks at a time": work.jax(block) for block in BLOCKS}
    (weights, rates), losses = next(iter(rivals.values()))()
    ours = work.ours(threads)
    pairs = [
        (ours.losses[0].mean(-1), losses),
        (ours.innate[0], work.flat(weights)),
        (ours.plasticity[0][0], work.flat(rates)),
    ]
    for name, (a, b) in zip(("losses", "slopes of weights", "slopes of rates"), pairs, strict=True):
        print(f"{name}: relative difference to JAX {np.linalg.norm(a - b) / np.linalg.norm(b):.1e}")
    clock = time.perf_counter if threads > 1 else time.process_time
    seconds = take_turns({**rivals, "evometa": lambda: work.ours(threads)}, clock=clock)
    best = min(rivals, key=lambda name: float(np.median(seconds[name])))
    print(f"{threads} thread{'s' * (threads > 1)}:")
    table(seconds, best)
    print(f"evometa / JAX's best: {np.median(seconds['evometa'] / seconds[best]):.2f}")


def main() -> None:
    """Measure on one thread and on two, each in a process of its own: JAX takes what threads it finds at its start."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
        return
    for threads in (1, 2):
        flags = (
            f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'} intra_op_parallelism_threads={threads}"
        )
        subprocess.run(
            [sys.executable, "-m", "benchmarks.meta_gradient_speed", str(threads)], check=True,
            env=os.environ | {"XLA_FLAGS": flags, "OMP_NUM_THREADS": str(threads)},
        )  # fmt: skip


if __name__ == "__main__":
    main()
