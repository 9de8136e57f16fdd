"""Choosing what lifetimes run on, and saying so in one line."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from evometa.errors import InputError
from evometa.evaluation import Backend
from evometa.language.library import RULES
from evometa.lifetime import Births, Phenotypes, Plan, Tasks
from evometa.phenotype import program_of
from evometa.topology import layered

PATIENCE = 3.0  # seconds: loading compiled kernels takes less, compiling them more


def choose_backend(name: str, threads: int) -> tuple[Backend, str]:
    """Return the backend of that name (`auto`, `numba`, `cupy`) and a line that says what it is, and why.

    `auto` takes the GPU where there is one that works. Raises InputError for `cupy` where there is none.
    """
    from evometa.lifetime import cpu

    count = threads or cpu.threads_available()
    line = f"numba on {count} thread{'s' if count > 1 else ''}"
    if name == "numba":
        return cpu.live, line
    from evometa.lifetime import gpu

    found = gpu.find()
    if found.gpu is not None:
        return found.gpu.live, f"cupy on {found.reason}"
    if name == "cupy":
        raise InputError(
            "a GPU that CuPy can use", found.reason, "run.backend", f"{found.remedy} Or use --backend numba."
        )
    return cpu.live, f"{line} ({found.reason})"


def warm_up(backend: Backend, note: Callable[[str], None]) -> None:
    """Live one tiny lifetime, so that kernels are compiled or loaded now; say so if it takes long."""
    from evometa.lifetime.probe import answers

    timer = threading.Timer(PATIENCE, note, ["compiling kernels, once on this machine; this takes some 20 seconds …"])
    timer.daemon = True
    timer.start()
    try:
        graph = layered(1, (), 1)
        rule = RULES["sgd"].slots
        phenotypes = Phenotypes(
            [graph], [program_of(tuple(rule.items()))], [np.zeros(graph.synapses, np.float32)],
            np.zeros((1, 1), np.float32), [np.zeros((0, graph.synapses), np.float32)], [None], [None],
        )  # fmt: skip
        examples = np.zeros((1, 1, 1), np.float32)
        tasks = Tasks(examples, examples, examples, examples)
        plan = Plan(np.zeros((1, 1), np.int32), np.array([0, 1], np.int32), "linear", "backprop")
        backend(phenotypes, tasks, Births(), plan)
        answers(phenotypes)
    finally:
        timer.cancel()
