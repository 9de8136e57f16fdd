"""The reference in float64: its own text, but every float32 in it is a float64, and functions are NumPy's own.

So what is compared with it does not drown in rounding: whoever has the same formulas has the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np

from evometa.language import generated_nodes, generated_numpy, native, program
from evometa.lifetime import (
    Births,
    Phenotypes,
    Tasks,
    batch,
    reference,
    reference_adjoint,
    reference_comparison,
    reference_comparison_adjoint,
    reference_descent,
    reference_head_adjoint,
    reference_keys,
    reference_memory,
    reference_memory_adjoint,
    reference_ridge,
    reference_steps,
    slopes,
)
from tests.lifetime.plain_life import functions

MODULES = (
    native, program, reference, reference_steps, reference_adjoint, reference_head_adjoint, reference_comparison,
    reference_comparison_adjoint, reference_keys, reference_ridge, reference_memory, reference_memory_adjoint,
    reference_descent, slopes, batch,
)  # fmt: skip


class Double:
    """NumPy, whose float32 is float64."""

    float32 = np.float64

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


@contextmanager
def in_double() -> Iterator[None]:
    """Make the reference compute in float64, and check nothing.

    `step` answers as it slopes: as if it were linear. Nothing is added for what float32 cannot tell.
    """
    own = functions(np)
    some = {f"{name}_f": own[name] for name in ("exp", "log", "tanh", "sigmoid")}
    more = {f"{name}_f": own[name] for name in ("sin", "cos")}
    with ExitStack() as stack:
        for module in MODULES:
            stack.enter_context(mock.patch.object(module, "np", Double()))
        for module, names in ((generated_nodes, some), (generated_numpy, some | more)):
            stack.enter_context(mock.patch.dict(vars(module), F=np.float64, **names))
        fused = (reference_steps, reference_adjoint, reference_head_adjoint, reference_comparison)
        compared = (reference_comparison_adjoint, reference_keys, reference_ridge)
        for module in (*fused, *compared, reference_memory, reference_memory_adjoint):
            stack.enter_context(mock.patch.dict(vars(module), fmaf=lambda x, y, z: x * y + z))
        parts = {
            reference_comparison: ("exp_f", "log_f"), reference_memory_adjoint: ("log_f",),
            reference_memory: ("exp_f", "log_f", "tanh_f", "sigmoid_f"),
        }  # fmt: skip
        for module, names_ in parts.items():
            more = {name: own[name.removesuffix("_f")] for name in names_}
            stack.enter_context(mock.patch.dict(vars(module), **more))
        nothing = lambda *arguments: None  # noqa: E731
        stack.enter_context(mock.patch.dict(vars(reference_descent), check=nothing, check_descent=nothing))
        stack.enter_context(mock.patch.object(reference_ridge, "ROUNDING", 0))
        stack.enter_context(mock.patch.dict(reference_steps.ACTIVATE, step=lambda x: x))
        yield


def doubled(phenotypes: Phenotypes, tasks: Tasks, births: Births) -> tuple[Phenotypes, Tasks, Births]:
    """Return a batch's numbers in float64."""

    def double(array: Any) -> Any:
        return None if array is None else np.asarray(array, np.float64)

    people = replace(
        phenotypes, coefficients=double(phenotypes.coefficients), innates=[double(each) for each in phenotypes.innates],
        plasticities=[double(each) for each in phenotypes.plasticities],
        feedback=[double(each) for each in phenotypes.feedback],
    )  # fmt: skip
    names = ("support_x", "support_y", "query_x", "query_y")
    return (
        people,
        Tasks(*(double(getattr(tasks, name)) for name in names)),
        Births([double(each) for each in births.weights]),
    )
