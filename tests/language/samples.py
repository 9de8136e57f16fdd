"""Numbers and trees that the tests of the language share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.signals import SLOTS
from evometa.language.tree import Tree, constant, join, leaf
from evometa.spec.primitives import PRIMITIVES

F32 = NDArray[np.float32]

SPECIAL = np.array(
    [0.0, -0.0, 1e-45, -1e-45, 1e-40, -1e-40, 1.1754944e-38, -1.1754944e-38, np.inf, -np.inf, np.nan, 3.4028235e38,
     -3.4028235e38, 1.0, -1.0, 0.5, -0.5, 2.0, 1e-3, 8.1, -8.1, 9.0, 87.0, 88.0, 89.0, -87.0, -88.0, 1e5, -1e5,
     0.70710677],
    np.float32,
)  # fmt: skip
NUMBERS = SPECIAL[np.isfinite(SPECIAL)]


def operands(seed: int, count: int = 10_000) -> tuple[F32, F32, F32]:
    """Three arrays: every pair of special values, random bits, and numbers of ordinary size (whole vectors of 16)."""
    rng = np.random.default_rng(seed)

    def random() -> F32:
        bits = rng.integers(0, 2**32, count, dtype=np.uint32).view(np.float32)
        return np.concatenate([bits, rng.normal(0, 4, count).astype(np.float32)])

    a = np.concatenate([np.repeat(SPECIAL, len(SPECIAL)), random()])
    b = np.concatenate([np.tile(SPECIAL, len(SPECIAL)), random()])
    length = len(a) // 16 * 16
    a, b = a[:length], b[:length]
    return a, b, rng.permutation(a)


def same_bits(x: object, y: object) -> bool:
    """Whether two float32 results are the same bit for bit, any NaN being any other."""
    a, b = np.broadcast_arrays(np.asarray(x, np.float32), np.asarray(y, np.float32))
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    return bool(np.all((a.view(np.uint32) == b.view(np.uint32)) | (np.isnan(a) & np.isnan(b))))


FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)
TELLING = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.4e38, 1e-45])


def trees(signals: tuple[str, ...] = SLOTS["update"].signals, leaves: int = 14) -> st.SearchStrategy[Tree]:
    """Random trees over all primitives, the given signals and constants."""
    ends = st.one_of(
        st.sampled_from(signals).map(leaf), st.one_of(TELLING, FINITE).map(lambda value: Tree((constant(value),)))
    )

    def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.sampled_from(list(PRIMITIVES.values())).flatmap(
            lambda p: st.tuples(*[inner] * p.arity).map(lambda arguments: join(p.name, *arguments))
        )

    return st.recursive(ends, grown, max_leaves=leaves)


def by_hand(tree: Tree, values: dict[str, Any]) -> Any:
    """A tree evaluated node by node, with nothing shared, folded or rewritten."""
    stack: list[Any] = []
    for item in reversed(tree):
        if item.arity:
            stack.append(FUNCTIONS[item.opcode](*(stack.pop() for _ in range(item.arity))))
        else:
            stack.append(np.float32(item.value) if item.constant else values[item.name])
    return stack[0]


def random_tree(rng: np.random.Generator, signals: Sequence[str], names: Sequence[str], depth: int) -> Tree:
    """One random tree over these signals and primitives, a third of its leaves constants, most of them telling."""
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.7:
            return leaf(signals[rng.integers(len(signals))])
        return leaf(float(NUMBERS[rng.integers(len(NUMBERS))] if rng.random() < 0.6 else rng.normal(0, 2)))
    name = names[rng.integers(len(names))]
    return join(name, *(random_tree(rng, signals, names, depth - 1) for _ in range(PRIMITIVES[name].arity)))
