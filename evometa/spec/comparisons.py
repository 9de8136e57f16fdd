"""THE table of comparisons: what the answers of a metric-based head are made of, beside a network's own outputs.

The outputs of the network are an *embedding*. What a comparison computes of the embeddings of queries and of the
support set stands in evometa/lifetime/comparison.py, which every backend has for itself.
To add one: append a row (positions are codes), write it in the reference, in Numba and in CUDA, run the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

from evometa.spec.table import Table

EPSILON = 1e-12  # is added to the square of a length, so that an embedding of zeros has a direction: none
ABSENT = -1e30  # net input of a class without an example
ROUNDING = 2.0**-22  # of each example's squared length, times their number, is added to λ: what float32 cannot tell


@dataclass(frozen=True)
class Comparison:
    """One row: net inputs of classes come from squared distances to `keys`: of each class one, or of each example.

    `solves`: the keys are weights that a system of equations is solved for, and net inputs are products with them.
    """

    name: str
    keys: str
    meaning: str
    source: str
    solves: bool = False


COMPARISONS = Table(
    Comparison(
        "prototype", "class", "minus the squared distance to the mean of each class", "Snell, Swersky & Zemel 2017",
    ),
    Comparison(
        "matching", "example", "attention to each example by its squared distance, summed up over classes",
        "Vinyals et al. 2016",
    ),
    Comparison(
        "ridge", "class", "ridge regression from embeddings to classes, solved in closed form for each task",
        "Bertinetto et al. 2019", solves=True,
    ),
)  # fmt: skip
