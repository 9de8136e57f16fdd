"""What trees are built of, and their limits, in the form that compiled operators take. Axis letter: S slots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.language.codes import Trees, offsets
from evometa.language.tree import MAX_DEPTH, MAX_NODES, Tree, node
from evometa.spec.arrays import I64
from evometa.spec.primitives import PRIMITIVES


class Words(NamedTuple):
    """What trees of each slot are built of: codes of slot s lie from `…_begins[s]` to `…_begins[s + 1]`.

    `numbers f64[S, 2]`: the lowest and the highest new constant; `fresh i64[S]`: 1 where there are any, else 0. Block b
    is `blocks[begins[b]:begins[b + 1]]`, `begins` being `block_begins`; those of slot s are numbers `slot_blocks[s]` to
    `slot_blocks[s + 1]`.
    """

    leaves: I64
    leaf_begins: I64
    inner: I64
    inner_begins: I64
    numbers: NDArray[np.float64]
    fresh: I64
    blocks: I64
    block_begins: I64
    slot_blocks: I64


class Limits(NamedTuple):
    """The most nodes and the greatest depth of a tree (edges from root to leaf), and how many attempts it has.

    An attempt fails where the tree is beyond the limits or, of a child, equals its parent, which then stands in for it.
    """

    nodes: int = MAX_NODES
    depth: int = MAX_DEPTH
    chances: int = 1


class Vocabulary:
    """What trees of one slot are built of: `signals`, `primitives`, new `constants` from the lowest to the highest.

    () for no constants. `blocks`: trees that may come in whole, of which it keeps those that it can say, each once.
    InputError where no leaf or no primitive is given.
    """

    def __init__(
        self,
        signals: Iterable[str],
        primitives: Iterable[str],
        constants: tuple[float, ...] = (),
        blocks: Iterable[Tree] = (),
    ) -> None:
        self.signals, self.primitives, self.constants = tuple(signals), tuple(primitives), constants
        if not self.signals and not constants:
            raise InputError("at least one signal or constant", "none", "vocabulary of a rule")
        if not self.primitives or not PRIMITIVES.keys() >= {*self.primitives}:
            raise InputError("primitives", str(list(self.primitives)), "vocabulary of a rule")
        self.blocks = tuple(dict.fromkeys(tree for tree in blocks if self.says(tree)))

    def says(self, tree: Tree) -> bool:
        """Tell whether a tree is built of this alone; any number will do where there are constants."""
        names = {*self.signals, *self.primitives}
        return all(bool(self.constants) if item.constant else item.name in names for item in tree)

    @cached_property
    def words(self) -> Words:
        """The same as arrays."""
        return words_of([self])


def words_of(vocabularies: Sequence[Vocabulary]) -> Words:
    """Return the vocabularies of several slots as arrays."""
    leaves = Trees.of(Tree(map(node, one.signals)) for one in vocabularies)
    inner = Trees.of(Tree(map(node, one.primitives)) for one in vocabularies)
    blocks = Trees.of(tree for one in vocabularies for tree in one.blocks)
    return Words(
        leaves.codes,
        leaves.begins,
        inner.codes,
        inner.begins,
        np.array([one.constants or (0.0, 0.0) for one in vocabularies], np.float64).reshape(-1, 2),
        np.array([bool(one.constants) for one in vocabularies], np.int64),
        blocks.codes,
        blocks.begins,
        offsets([len(one.blocks) for one in vocabularies]),
    )
