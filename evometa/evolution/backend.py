"""Choosing what lifetimes run on, and saying so in one line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import numpy as np

from evometa.errors import InputError
from evometa.evolution.descent import Prepare
from evometa.evolution.evaluation import Backend
from evometa.genetics.topology import layered
from evometa.language.codes import Trees
from evometa.language.library import RULES
from evometa.language.program import Program
from evometa.lifetime import F32, Births, Phenotype, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.batch import batch_of
from evometa.system.machine import processors

LOADING = 3.0  # seconds: loading compiled kernels takes less, compiling them more


def choose_backend(name: str, threads: int, note: Callable[[str], None] | None = None) -> tuple[Backend, str]:
    """Return the backend of that name (`auto`, `numba`, `cupy`) and a line that says what it is, and why.

    `auto` takes the GPU where there is one that works; `note` is told if its kernels take long to compile. Raises
    InputError for `cupy` where there is none.
    """
    from evometa.lifetime.numba import cpu

    count = threads or processors()
    line = f"numba on {count} thread{'s' if count > 1 else ''}"
    if name == "numba":
        return cpu.live, line
    from evometa.lifetime.cuda import gpu

    with slow(note, "compiling the GPU's kernels, once on this machine …"):
        found = gpu.find()
    if found.gpu is not None:
        return found.gpu.live, f"cupy on {found.reason} ({'as asked' if name == 'cupy' else 'found, and it works'})"
    if name == "cupy":
        raise InputError(
            "a GPU that CuPy can use", found.reason, "run.backend", f"{found.remedy} Or use --backend numba."
        )
    return cpu.live, f"{line} ({found.reason})"


def choose_descent(name: str, threads: int) -> Prepare:
    """Return what gives the slopes of lifetimes that the backend of that name lives.

    It compiles at its first call, which `warm_up` makes.
    """
    from evometa.lifetime.numba.descent import cpu

    if name != "numba":
        from evometa.lifetime.cuda import gpu

        found = gpu.find()
        if found.gpu is not None:
            return partial(Anew, found.gpu.descend)
    return partial(cpu.Repeated, threads=threads)


class Anew:
    """What gives slopes by a function of the contract (evometa.lifetime.slopes), which is told everything each time."""

    def __init__(
        self, descend: Callable[..., Slopes], adjoints: Sequence[Program], loss_adjoints: Sequence[Program], order: int
    ) -> None:
        self.descend, self.adjoints, self.loss_adjoints, self.order = descend, adjoints, loss_adjoints, order

    def __call__(self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, weights: F32) -> Slopes:
        """Differentiate every lifetime."""
        return self.descend(
            phenotypes, tasks, births, plan, self.adjoints, weights, self.loss_adjoints, self.order
        )  # fmt: skip


@contextmanager
def slow(note: Callable[[str], None] | None, text: str) -> Iterator[None]:
    """Say so if what is done in the block takes long."""
    timer = threading.Timer(LOADING, note or (lambda text: None), [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def warm_up(backend: Backend, note: Callable[[str], None], prepare: Prepare | None = None) -> None:
    """Live one tiny lifetime, so that kernels are compiled or loaded now; say so if it takes long.

    And find its slopes, if there is something that does.
    """
    from evometa.language.adjoint import adjoint_of
    from evometa.language.batch_compiler import compile_batch
    from evometa.lifetime.probe import answers

    with slow(note, "compiling kernels, once on this machine; this takes some 40 seconds …"):
        graph = layered(1, (), 1)
        programs, _ = compile_batch({slot: Trees.of([rule]) for slot, rule in RULES["sgd"].slots.items()}).distinct()
        none = np.zeros((0, graph.synapses), np.float32)
        innate = np.zeros(graph.synapses, np.float32)
        phenotypes = batch_of([Phenotype(graph, programs[0], innate, np.zeros(1, np.float32), none)])
        examples = np.zeros((1, 1, 1), np.float32)
        tasks = Tasks(examples, examples, examples, examples)
        plan = Plan(np.zeros((1, 1, 1), np.int32), np.array([0, 1], np.int32), "linear", "backprop")
        backend(phenotypes, tasks, Births(), plan)
        answers(programs, np.zeros((1, 1), np.float32))
    if prepare:
        with slow(note, "compiling the kernels of gradients, once on this machine; this takes some 40 seconds …"):
            weights = np.ones((1, 2), np.float32)
            prepare([adjoint_of(programs[0])], [], 2)(phenotypes, tasks, Births(), plan, weights)
