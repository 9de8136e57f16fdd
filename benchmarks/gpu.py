"""Lifetimes on an NVIDIA GPU: `python -m benchmarks.gpu` (needs CuPy; JAX on the same GPU beside it, where it is).

Everything is measured in one run, in turns: the card's own ceilings (a large copy, a large product of matrices), the
interpreter's rate, populations against the Numba kernel on two threads, gradient lifetimes and their derivatives, and
JAX's forms of the same. The floor of each piece of work (operations, bytes that must move) is printed beside it. Times
of ours are those of whole calls: packing, copies to and fro, and lifetimes.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.acting import agent, lives_in
from benchmarks.claims import claim, options
from benchmarks.meta_gradient_speed import BLOCKS, LANES, STEPS, Work
from benchmarks.timing import take_turns
from benchmarks.workloads import RULE, GradientWork, RuleWork
from evometa.language.acting_library import AGENTS
from evometa.lifetime import Births
from evometa.lifetime.cuda import gpu
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.acting import cpu as acting
from evometa.lifetime.numba.descent import cpu as derivative

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # else JAX takes most of the card's memory

THREADS = 2


def main() -> None:
    """Measure and print everything; say so where there is no GPU."""
    chosen = options(__doc__)
    found = gpu.find()
    if found.gpu is None:
        print(f"not run, as there is no GPU: {found.reason}. {found.remedy}")
        return
    print(found.reason)
    copy_rate, product_rate = ceilings(found.gpu.cupy, chosen.quick)
    print(f"its ceilings: copies {copy_rate / 1e9:,.0f} GB/s, float32 products {product_rate / 1e12:,.1f} TFLOP/s\n")
    with_jax = jax_has_the_gpu()
    few, many = (8, 16) if chosen.quick else (256, 4096)
    rules(found.gpu.live, few, many, with_jax)
    gradients(found.gpu.live, few, many, with_jax, product_rate, copy_rate)
    slopes(found.gpu.descend, 2 if chosen.quick else 64, with_jax)
    worlds(found.gpu.act, few, many // 4)


def ceilings(cupy: Any, quick: bool) -> tuple[float, float]:
    """Return bytes a second of a large copy (read and written both counted), FLOP/s of a large float32 product."""
    size, side = (1 << 20, 256) if quick else (1 << 30, 8192)
    source, target = cupy.zeros(size // 4, np.float32), cupy.zeros(size // 4, np.float32)
    a = cupy.ones((side, side), np.float32)

    def copied() -> None:
        target[...] = source
        cupy.cuda.Device().synchronize()

    def multiplied() -> None:
        a @ a
        cupy.cuda.Device().synchronize()

    seconds = take_turns({"copy": copied, "product": multiplied}, turns=7)
    return 2 * size / float(np.median(seconds["copy"])), 2 * side**3 / float(np.median(seconds["product"]))


def jax_has_the_gpu() -> bool:
    """Tell, and say, whether JAX is here and uses the GPU."""
    if importlib.util.find_spec("jax") is None:
        print("JAX is not installed: its lines are left out")
        return False
    import jax

    if jax.default_backend() != "gpu":
        print(f"JAX {jax.__version__} has no GPU here ({jax.default_backend()}): its lines are left out")
    return jax.default_backend() == "gpu"


def rules(live: Any, few: int, many: int, with_jax: bool) -> None:
    """Measure rules: the interpreter's rate, one rule and many different ones, a large population."""
    large = RuleWork(many, 32)
    random = large.phenotypes(large.random(min(many, 256)))
    instructions = (
        sum(len(one.code) - one.node_end for one in map(random.programs.__getitem__, random.program.tolist())) / many
    )
    operations = large.changes * instructions
    bytes_ = 4 * (large.weights.size + large.x.size + large.y.size) + 12 * many * large.lanes
    print(f"{many} genomes × {large.lanes} lanes, 8-16-2, {large.trials} trials, random rules of {instructions:.1f} "
          f"instructions; floor: {operations / 1e9:,.1f} G instructions·lane, {bytes_ / 1e6:,.1f} MB")  # fmt: skip
    seconds = take_turns({
        "GPU": lambda: live(random, large.tasks, Births(), large.plan),
        "Numba": lambda: cpu.live(random, large.tasks, Births(), large.plan, threads=THREADS),
    }, turns=5)  # fmt: skip
    rate = report(seconds, "GPU", operations, 1e9, "G instructions·lane/s")
    lifetimes = many * large.lanes / float(np.median(seconds["GPU"]))
    print(f"    {lifetimes:,.0f} lifetimes/s")
    claim("at least 1 T instructions·lane/s in the interpreter", rate >= 1e12)
    claim(f"at least 100 × Numba on {THREADS} threads", ratio(seconds, "Numba", "GPU") >= 100)
    small = RuleWork(few, 32)
    different, one = small.different(), small.phenotypes([RULE] * few)
    print(f"\n{few} genomes × 32 lanes, the same net and trials")
    contestants: dict[str, Callable[[], Any]] = {
        "GPU, one rule": lambda: live(one, small.tasks, Births(), small.plan),
        "GPU, different rules, from texts": lambda: live(
            small.phenotypes(different), small.tasks, Births(), small.plan
        ),
    }
    compiling = 0.0
    if with_jax:
        theirs = small.jax()
        begin = time.perf_counter()
        theirs()
        compiling = time.perf_counter() - begin
        contestants["JAX, one rule, compiled"] = theirs
    seconds = take_turns(contestants, turns=7)
    report(seconds, "GPU, one rule", small.changes, 1e9, "G synapse changes/s")
    if with_jax:
        ours = float(np.median(seconds["GPU, different rules, from texts"]))
        print(f"    JAX, {few} × (compilation {compiling:.2f} s): {few * compiling / ours:,.0f} × ours")
        claim("256 different rules 1000 × JAX with its compilations", few * compiling >= 1000 * ours)


def gradients(live: Any, few: int, many: int, with_jax: bool, product_rate: float, copy_rate: float) -> None:
    """Measure five steps of gradient descent in a multilayer perceptron."""
    for genomes in (few, many):
        work = GradientWork(genomes, 32)
        # weights are born, read and written once at the least
        bytes_ = 4.0 * genomes * work.graph.synapses * (1 + 2 * work.lanes)
        floor = max(work.flops / product_rate, bytes_ / copy_rate)
        print(f"\n{genomes} genomes × 32 lanes, 1-40-40-1, 5 SGD steps on 10 examples; floor: "
              f"{work.flops / 1e9:,.1f} GFLOP, {bytes_ / 1e6:,.1f} MB, {floor * 1e3:.2f} ms")  # fmt: skip
        contestants: dict[str, Callable[[], Any]] = {
            "GPU": partial(live, work.phenotypes, work.tasks, Births(), work.plan),
            "Numba": partial(cpu.live, work.phenotypes, work.tasks, Births(), work.plan, threads=THREADS),
        }
        if with_jax:
            contestants |= {"JAX, vmap": work.jax(whole=True), "JAX, lax.map": work.jax()}
        seconds = take_turns(contestants, turns=5)
        report(seconds, "GPU", work.flops, 1e9, "GFLOP/s")
        if with_jax:
            best = min(ratio(seconds, name, "GPU") for name in seconds if name.startswith("JAX"))
            claim("the multilayer perceptron at least 2 × JAX", best >= 2)
    claim(f"at least 100 × Numba on {THREADS} threads", ratio(seconds, "Numba", "GPU") >= 100)


def slopes(descend: Any, many: int, with_jax: bool) -> None:
    """Measure the derivative of five steps by weights and rates, of one learner and of many (JAX: in turn)."""
    work = Work()
    rivals = {f"JAX, {block} tasks at a time": work.jax(block) for block in BLOCKS} if with_jax else {}
    for count in (1, many):
        print(f"\n{count} genomes × {LANES} lanes, 1-40-40-1, derivative of {STEPS} steps on 10 examples")
        phenotypes, weights = work.phenotypes.take([0] * count), np.repeat(work.weights, count, axis=0)
        given = phenotypes, work.tasks, Births(), work.plan, work.adjoints, weights
        contestants: dict[str, Callable[[], Any]] = {
            "GPU": partial(descend, *given),
            "Numba": partial(derivative.descend, *given, threads=THREADS),
            **{name: partial(repeated, rival, count) for name, rival in rivals.items()},
        }
        seconds = take_turns(contestants, turns=5)
        report(seconds, "GPU", float(count * LANES * STEPS), 1e3, "k updates/s")
        if with_jax:
            best = min(ratio(seconds, name, "GPU") for name in rivals)
            claim(f"the derivative of {count} at least as fast as JAX's best form", best >= 1)
    claim(f"at least 30 × Numba on {THREADS} threads", ratio(seconds, "Numba", "GPU") >= 30)


def worlds(act: Any, few: int, many: int) -> None:
    """Measure Q(λ) in rooms, and poles that are balanced: steps of worlds a second, learning switched on."""
    for name, rule in (("rooms", "q_lambda"), ("cartpole_boxes", "ase_ace")):
        lives = lives_in(name, 64, 200)
        for genomes in (few, many):
            actors, plan = agent(rule, lives, genomes=genomes)
            print(f"\n{genomes} genomes × {lives.lanes} lanes, {name}, {lives.ticks} ticks of {AGENTS[rule].title}")
            contestants: dict[str, Callable[[], Any]] = {
                "GPU": partial(act, actors, lives, plan),
                "Numba": partial(acting.act, actors, lives, plan, threads=THREADS),
            }
            seconds = take_turns(contestants, turns=5)
            report(seconds, "GPU", float(genomes * lives.lanes * lives.ticks), 1e6, "M steps/s")
        claim(f"{name} at least 30 × Numba on {THREADS} threads", ratio(seconds, "Numba", "GPU") >= 30)


def repeated(function: Callable[[], Any], count: int) -> None:
    """Call a function so many times."""
    for _ in range(count):
        function()


def report(seconds: dict[str, np.ndarray], base: str, work: float, unit: float, name: str) -> float:
    """Print every contestant's time, rate and ratio to `base`; return the rate of `base`."""
    for contestant, values in seconds.items():
        median = float(np.median(values))
        print(f"    {contestant:34} {median * 1e3:10.2f} ms {work / median / unit:12,.1f} {name}"
              f"{ratio(seconds, contestant, base):10.2f} × {base}")  # fmt: skip
    return work / float(np.median(seconds[base]))


def ratio(seconds: dict[str, np.ndarray], slower: str, faster: str) -> float:
    """Return the median of the ratios within each turn."""
    return float(np.median(seconds[slower] / seconds[faster]))


if __name__ == "__main__":
    main()
