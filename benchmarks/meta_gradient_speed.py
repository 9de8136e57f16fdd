"""The exact gradient of learning against JAX's: `python -m benchmarks.meta_gradient_speed` (needs the extra `bench`).

Work: 256 tasks, net 1-40-40-1 (ReLU), five updates w ← w − exp(p)·gradient on 10 examples, weights and log-rates tuned
for each synapse, the loss of 10 queries before the first update and after each: MAML's work (Finn et al. 2017) with
Meta-SGD's rates (Li et al. 2017). Ours walks a general edge list through an interpreted rule; JAX knows that the net
is dense and what the rule is, differentiates a scan over the updates in reverse, and goes over blocks of tasks by
lax.map (blocks of 8, 16, 32 and all at once are tried; the best stands in the last line). Seconds are those of the
clock and those of the processor (of all threads together), which others on the machine change less.

Then a population: sixteen forms of that size, which differ in widths and activations, as evolution brings them forth.
Ours go into one call, whose machine code is that of any other form; to JAX each is a program of its own. The first
call is compared with later ones. `--quick`: three turns instead of fifteen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.timing import table, take_turns_by
from evometa.genetics.topology import layered
from evometa.language.adjoint import adjoint_program
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotype, Plan, Slopes, Tasks, in_all_lanes
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba.descent import cpu, kernel

LANES, SHOTS, STEPS, WIDTH = 256, 10, 5, 40
BLOCKS = (8, 16, 32, LANES)
FORMS = [(WIDTH - form, ("relu", "tanh", "sigmoid")[form % 3]) for form in range(16)]
CLOCKS = {"clock": time.perf_counter, "processor": time.process_time}


class Work:
    """The work, as both take it: weights and log-rates of each layer, and tasks."""

    def __init__(self, width: int = WIDTH, activation: str = "relu") -> None:
        rng = np.random.default_rng(0)
        self.graph, self.activation = layered(1, (width, width), 1, activation), activation
        sizes = [(1, width), (width, width), (width, 1)]
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
        self.learner, self.phenotypes, self.adjoints = one, batch_of([one]), [adjoint_program(rule)]
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

        activate = {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}[self.activation]

        def loss(layers: Any, x: jax.Array, y: jax.Array) -> Any:
            (w1, b1), (w2, b2), (w3, b3) = layers
            answer = activate(activate(x @ w1 + b1) @ w2 + b2) @ w3 + b3
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


def measure(threads: int, turns: int) -> None:
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
    found = take_turns_by(CLOCKS, {**rivals, "evometa": lambda: work.ours(threads)}, turns)
    for clock, seconds in found.items():
        best = min(rivals, key=lambda name: float(np.median(seconds[name])))
        print(f"\n{threads} thread{'s' * (threads > 1)}, seconds of the {clock}:")
        table(seconds, best)
        print(f"evometa / JAX's best: {np.median(seconds['evometa'] / seconds[best]):.2f}")
    population(threads, {"evometa": found["clock"]["evometa"]})


def population(threads: int, alone: dict[str, np.ndarray]) -> None:
    """Print what a population of sixteen forms takes at first and later, `alone` being one form of ours."""
    forms = [Work(*form) for form in FORMS]
    people = batch_of([form.learner for form in forms])
    work, compiled = forms[0], len(kernel.descend.overloads)

    def ours() -> Slopes:
        weights = np.ones((len(forms), STEPS + 1), np.float32)
        return cpu.descend(people, work.tasks, Births(), work.plan, work.adjoints, weights, threads=threads)

    programs = [form.jax(BLOCKS[1]) for form in forms]
    rows = {"evometa": ours, "JAX": lambda: [run() for run in programs]}
    print(f"\n{len(forms)} forms, {threads} thread{'s' * (threads > 1)}, seconds of the clock (of the processor):")
    for name, run in rows.items():
        calls = []
        for _ in range(4):
            begins = [now() for now in CLOCKS.values()]
            run()
            calls.append([now() - begin for now, begin in zip(CLOCKS.values(), begins, strict=True)])
        (first, first_cpu), (later, later_cpu) = calls[0], np.median(calls[1:], axis=0)
        print(f"{name:8} first call {first:7.2f} ({first_cpu:6.2f}), later calls {later:7.2f} ({later_cpu:6.2f})")
    more = len(kernel.descend.overloads) - compiled
    print(f"evometa compiled {more} functions for them; one form alone takes {np.median(alone['evometa']):.3f} s")
    if more:
        raise SystemExit("a population of many forms must cost no compilation")


def main() -> None:
    """Measure on one thread and on two, each in a process of its own: JAX takes what threads it finds at its start."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    quick = [option for option in sys.argv[1:] if option == "--quick"]
    if numbers := [int(option) for option in sys.argv[1:] if option != "--quick"]:
        measure(numbers[0], 3 if quick else 15)
        return
    for threads in (1, 2):
        flags = (
            f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'} intra_op_parallelism_threads={threads}"
        )
        subprocess.run(
            [sys.executable, "-m", "benchmarks.meta_gradient_speed", str(threads), *quick], check=True,
            env=os.environ | {"XLA_FLAGS": flags, "OMP_NUM_THREADS": str(threads)},
        )  # fmt: skip


if __name__ == "__main__":
    main()
