"""Hidden rules: random trees that are worth recovering, each other than all before. Axis letter: P probes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.tree import Tree, constant, node
from evometa.spec.arrays import F32
from evometa.spec.primitives import PRIMITIVES

F64 = NDArray[np.float64]
EASY, ALIKE = 0.9, 0.98  # squared cosines to a single signal, product or difference; to another hidden rule
FLAT, STEEP = 1e-3, 1e4  # spread and size of answers that can be told and compared
ATTEMPTS = 2000  # for each rule wanted


def answers(tree: Tree, probes: F32) -> F64:
    """Return what a tree gives on probes f32[R, P], f64[P]."""
    stack: list[F32] = []
    with np.errstate(all="ignore"):
        for item in reversed(tree):
            if item.arity:
                stack.append(FUNCTIONS[item.opcode](*[stack.pop() for _ in range(item.arity)]))
            else:
                number = np.full(probes.shape[1], item.value, np.float32) if item.constant else None
                stack.append(probes[item.register] if number is None else number)
    return stack[0].astype(np.float64)


def unit(given: F64) -> F64 | None:
    """Return answers at length 1; None where they are not finite, or hardly differ."""
    if not np.isfinite(given).all() or given.std() < FLAT or np.abs(given).max() > STEEP:
        return None
    return given / float(np.sqrt((given * given).sum()))


def random_tree(
    signals: Sequence[str],
    primitives: Sequence[str],
    constants: tuple[float, float],
    depth: int,
    rng: np.random.Generator,
) -> Tree:
    """Draw a tree by Koza's "grow", of at most that depth, with a primitive at its root."""

    def grow(left: int) -> list[str | float]:
        leaves = len(signals) + 1
        if left == 0 or (left < depth and rng.random() < leaves / (leaves + len(primitives))):
            place = int(rng.integers(leaves))
            return [signals[place] if place < len(signals) else float(f"{rng.uniform(*constants):.2g}")]
        name = primitives[int(rng.integers(len(primitives)))]
        return [name, *(item for _ in range(PRIMITIVES[name].arity) for item in grow(left - 1))]

    return Tree(node(item) if isinstance(item, str) else constant(item) for item in grow(depth))


def hidden_rules(
    signals: Sequence[str], primitives: Sequence[str], constants: tuple[float, float], sizes: tuple[int, int],
    probes: F32, count: int, rng: np.random.Generator,
) -> tuple[list[Tree], F64]:  # fmt: skip
    """Return so many rules of two signals or more, and their answers at length 1, f64[count, P].

    None of them is close to a single signal, a product or a difference of two, or to another. InputError where there
    are not so many.
    """
    simple = [node(one) for one in signals]
    pairs = [
        Tree((node(op), a, b)) for op in ("mul", "sub") for a in simple for b in simple if op == "mul" or a is not b
    ]
    known = [
        own for tree in [*(Tree((one,)) for one in simple), *pairs] if (own := unit(answers(tree, probes))) is not None
    ]
    easy, found, trees = len(known), list(known), list[Tree]()
    for _ in range(ATTEMPTS * count):
        if len(trees) == count:
            break
        tree = random_tree(signals, primitives, constants, int(rng.integers(2, 6)), rng)
        if not sizes[0] <= len(tree) <= sizes[1] or len(tree.signals()) < 2:
            continue
        own = unit(answers(tree, probes))
        if own is None:
            continue
        likeness = (np.stack(found) @ own) ** 2
        if (likeness[:easy] > EASY).any() or (likeness[easy:] > ALIKE).any():
            continue
        trees.append(tree)
        found.append(own)
    if len(trees) < count:
        raise InputError(
            f"signals, primitives and sizes of which {count} different rules can be made", str(len(trees)),
            "tasks.signals", "Give it more, or ask for fewer rules.",
        )  # fmt: skip
    return trees, np.stack(found[easy:])
