"""Whether a device computes what the processor does: every primitive on numbers that tell compilers apart.

A compiler that flushes denormals, fuses what is to stay apart, or divides and takes roots by approximation gives other
bits here. A GPU that fails is not used. The kernel of gradients goes once through lives that have all its sweeps.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from evometa.language.adjoint import adjoint_of
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.program import compile_rule
from evometa.language.signals import SIGNAL_COUNT, SIGNALS
from evometa.language.text import parse
from evometa.lifetime import F32, Births, Graph, Phenotype, Plan, Tasks, reference_descent
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda.descent import descend
from evometa.lifetime.cuda.device import Device
from evometa.lifetime.cuda.launch import answers
from evometa.lifetime.slopes import BLOCK
from evometa.spec.primitives import ARGUMENTS, PRIMITIVES
from evometa.spec.states import MEMORY

# zeros, the smallest denormals and normals, ones and their neighbours, powers that under- and overflow, infinities, NaN
TELLING = (
    0.0, -0.0, 1e-45, -1e-45, 1.1e-39, -3e-39, 1.17549435e-38, 2.3e-38, -4.1e-20, 1.0, 1.0000001, -0.99999994, 0.1, 3.0,
    -7.7, 88.3, -103.0, 1e6, 16777217.0, 1.8e19, -3.4028235e38, float("inf"), float("-inf"), float("nan"),
)  # fmt: skip
SOURCES = ("pre", "post", "w")


def telling_numbers() -> F32:
    """Return triples of numbers, f32[3, P]: all pairs of TELLING with a third, and random ones."""
    rng = np.random.default_rng(7)
    pairs = np.array(list(product(TELLING, TELLING)), np.float32).T
    third = np.resize(np.array(TELLING[::-1], np.float32), pairs.shape[1])
    random = (rng.standard_normal((3, 2000)) * 10.0 ** rng.uniform(-40, 30, (3, 2000))).astype(np.float32)
    return np.concatenate([np.vstack([pairs, third]), random], axis=1)


def first_difference(device: Device) -> str | None:
    """Return the first primitive (or `mul, then add`) that the device computes otherwise; None if there is none."""
    numbers = telling_numbers()
    texts = [f"{p.name}({', '.join(SOURCES[: p.arity])})" for p in PRIMITIVES.values()] + ["add(mul(pre, post), w)"]
    with np.errstate(all="ignore"):
        expected = [FUNCTIONS[p.opcode](*numbers[: p.arity]) for p in PRIMITIVES.values()]
        expected.append(numbers[0] * numbers[1] + numbers[2])
    none, nothing = np.zeros(0, np.int32), np.zeros((0, 0), np.float32)
    graph = Graph(0, 0, np.zeros(1, np.int32), none, np.zeros(0, np.uint8), none)
    programs = [compile_rule({"update": parse(text)}) for text in texts]
    phenotypes = batch_of([Phenotype(graph, program, None, nothing.reshape(-1), nothing) for program in programs])
    signals = np.zeros((SIGNAL_COUNT, numbers.shape[1]), np.float32)
    for source, row in zip(SOURCES, numbers, strict=True):
        signals[SIGNALS[source].register] = row
    names = [*PRIMITIVES, "mul, then add"]
    for name, ours, theirs in zip(names, answers(device, phenotypes, signals)[:, 0], expected, strict=True):
        if not ((ours.view(np.int32) == theirs.view(np.int32)) | (np.isnan(ours) & np.isnan(theirs))).all():
            return name
    return None


def slopes_differ(device: Device) -> bool:
    """Tell whether the device finds other slopes than the reference, of a network 1-2-1 that learns in two parts."""
    rng = np.random.default_rng(7)

    def numbers(*shape: int) -> F32:
        return rng.standard_normal(shape).astype(np.float32)

    ends, sources = np.array([0, 0, 0, 2, 4, 7], np.int32), np.array([0, 1, 0, 1, 1, 2, 3], np.int32)
    activations = np.array([0, 0, 1, 2, 0], np.uint8)
    graph = Graph(1, 1, ends, sources, activations, np.zeros(7, np.int32), np.zeros(7, np.uint8))
    state = MEMORY[0]
    rule = compile_rule({"update": parse(f"-exp(p0)*{state} - 0.01*w"), state: parse(f"c0*{state} + grad")})
    learner = Phenotype(graph, rule, numbers(7), numbers(1), numbers(1, 7) - 2)
    lanes = BLOCK + 4
    tasks = Tasks(*(numbers(count, 1, lanes) for count in (6, 6, 7, 7)))
    order = rng.integers(0, 6, (3, 6, lanes)).astype(np.int32)
    plan = Plan(order, np.array([0, 3], np.int32), "linear", "backprop")
    given = batch_of([learner]), tasks, Births(), plan, [adjoint_of(rule)], np.ones((1, 2), np.float32)
    ours, theirs = descend(device, *given, length=2), reference_descent.descend(*given)
    parts: list[list[Any]] = [
        [each.losses, each.innate[0], each.plasticity[0], each.coefficients] for each in (ours, theirs)
    ]
    return not all(map(np.array_equal, *parts))


assert len(ARGUMENTS) == len(SOURCES)
