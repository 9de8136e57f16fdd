"""The genome: what is inherited, one chromosome for each thing that may evolve, and its JSON text.

A genome's parts are never changed in place: variation makes a new genome. Those of a population lie side by side in
arrays (genomes.py), and its genomes are views on them, whose parts are made when they are asked for.
Axis letters: E synapses, K per-synapse coefficients, Kc coefficients of the rule.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from evometa.errors import InputError
from evometa.genetics.genes import ENABLED
from evometa.genetics.moments import Moments
from evometa.genetics.programs import program_of
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import graph_key
from evometa.language.program import Program
from evometa.language.signals import READABLE
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.lifetime import F32, Graph
from evometa.spec.arrays import I64, U8
from evometa.spec.habits import counted

# Positions in the strategy: the mutation step of each kind of number.
STEPS = ("constants", "coefficients", "weights", "plasticity")

NOTHING: F32 = np.zeros(0, np.float32)
NO_ROWS: F32 = np.zeros((0, 0), np.float32)
_STORED = np.dtype("<f4")


class Batch(Protocol):
    """Genomes side by side: the chromosome `name` at `row`, and the nodes of each genome's rule."""

    @property
    def sizes(self) -> I64: ...

    def part(self, name: str, row: int) -> Any: ...


class Genome:
    """Chromosomes of one meta-learner.

    `rule`: a tree for each slot; habits (spec/habits.py) are a chromosome there. `topology`: the network; genes, with
    the numbers of each synapse, where it evolves; or None where each task set brings its own. `weights`: innate weights
    f32[E], or None where they are not inherited, or stand in genes. `coefficients f32[Kc]`: c0, c1, …. `plasticity`:
    p0, p1, …, f32[K, groups of the graph] or f32[K, E], none where they stand in genes. `strategy f32[4]`: its own
    mutation steps (STEPS). `moments`: what the optimizer of gradients knows of its numbers, None where there is none.
    `plastic u8[E]`: 1 for each synapse of a graph that learns, None where the graph itself, or the genes, say so.
    """

    __slots__ = (
        *("_batch", "_row"),  # where the others lie, of a view
        *("_program", "_size", "_text"),  # what has been worked out of the others
        *("coefficients", "moments", "plastic", "plasticity", "rule", "strategy", "topology", "weights"),
    )

    def __init__(
        self,
        rule: dict[str, Tree],
        topology: Graph | Topology | None = None,
        weights: F32 | None = None,
        coefficients: F32 = NOTHING,
        plasticity: F32 | None = None,
        strategy: F32 = NOTHING,
        moments: Moments | None = None,
        plastic: U8 | None = None,
    ) -> None:
        self.rule, self.topology, self.weights, self.plastic = rule, topology, weights, plastic
        self.coefficients, self.strategy, self.moments = coefficients, strategy, moments
        self.plasticity = NO_ROWS if plasticity is None else plasticity
        self._batch: Batch | None = None
        self._row = 0
        self._text: str | None = None
        self._size: int | None = None
        self._program: Program | None = None

    @classmethod
    def view(cls, batch: Batch | None, row: int, size: int | None = None) -> Genome:
        """Return the genome at a row of a batch; `size`: where it is known already."""
        new = cls.__new__(cls)
        new._batch, new._row, new._text, new._size, new._program = batch, row, None, size, None
        return new

    def __getattr__(self, name: str) -> Any:
        """Return a chromosome of a view that was not asked for before."""
        if name.startswith("_") or self._batch is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = self._batch.part(name, self._row)
        setattr(self, name, found)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies, pickled ones too, are genomes of their own: the other genomes of a batch stay behind."""
        parts = {name: getattr(self, name) for name in self._chromosomes(frozenset())}
        return _copy, (type(self), parts)

    def replace(self, **parts: Any) -> Genome:
        """Return a genome with some chromosomes replaced, the others shared."""
        new = Genome(**{name: getattr(self, name) for name in _slots_of(Genome.__mro__, frozenset())})
        for name, part in parts.items():
            setattr(new, name, part)
        return new

    def content(self, without: frozenset[str] = frozenset()) -> bytes:
        """Return bytes that are equal for genomes with equal chromosomes, some of them left aside by name.

        Every attribute is a chromosome, so that none can be forgotten, but what is worked out of others and has a name
        that begins with an underscore. TypeError where one is of a new kind.
        """
        left = without if self.plastic is not None else without | {"plastic"}  # signatures are as they were without it
        parts = [(name, content_of(getattr(self, name))) for name in self._chromosomes(left)]
        return b"".join([b"%s %d:%s" % (name.encode(), len(part), part) for name, part in parts])

    def _chromosomes(self, without: frozenset[str]) -> Sequence[str]:
        """Return the names of all chromosomes but some, in order."""
        names = _slots_of(type(self).__mro__, without)
        own = getattr(self, "__dict__", {}).keys() - without  # of a class that was given no slots
        return sorted({*names, *own}) if own else names

    @property
    def size(self) -> int:
        """Nodes of the rule, all slots together, habits beside it left out."""
        if self._size is None:
            batch = self._batch
            own = 0 if batch is not None else sum(len(self.rule[slot]) for slot in counted(self.rule))
            self._size = own if batch is None else int(batch.sizes[self._row])
        return self._size

    @property
    def synapses(self) -> int:
        """Synapses of a topology that evolves, those switched off not among them; else 0."""
        own = self.topology
        return int(np.count_nonzero(own.traits & ENABLED)) if isinstance(own, Topology) else 0

    @property
    def nodes(self) -> int:
        """Hidden nodes of a topology that evolves, else 0."""
        return len(self.topology.node) if isinstance(self.topology, Topology) else 0

    @property
    def program(self) -> Program:
        """The compiled rule, all slots but `loss`."""
        if self._program is None:
            self._program = program_of(tuple((slot, self.rule[slot]) for slot in counted(self.rule) if slot != "loss"))
        return self._program

    def to_json(self) -> str:
        """Return the canonical text: the same genome always gives the same characters. Moments are left out."""
        if self._text is None:
            rule = ",".join(f'"{slot}":"{_tree_text(self.rule[slot])}"' for slot in sorted(self.rule))
            own = self.topology
            topology = own.to_json() if isinstance(own, Topology) else f'"{graph_key(own)}"' if own else "null"
            weights = "null" if self.weights is None else f'"{_encode(self.weights)}"'
            plastic = "" if self.plastic is None else f'"plastic":"{"".join(map(str, self.plastic.tolist()))}",'
            self._text = (
                f'{{"coefficients":"{_encode(self.coefficients)}",{plastic}'
                f'"plasticity":[{len(self.plasticity)},"{_encode(self.plasticity)}"],"rule":{{{rule}}},'
                f'"strategy":"{_encode(self.strategy)}","topology":{topology},"weights":{weights}}}'
            )
        return self._text

    @classmethod
    def from_json(cls, text: str, graphs: Mapping[str, Graph] | None = None, where: str = "a stored genome") -> Genome:
        """Return the genome of a text, topologies from `graphs` by key; InputError if it cannot be read."""
        try:
            data = json.loads(text)
            rule = {slot: parse(tree, READABLE, where=where) for slot, tree in data["rule"].items()}
            rows, plasticity = data["plasticity"]
            key, weights = data["topology"], data["weights"]
            return cls(
                rule,
                Topology.from_json(json.dumps(key), where)
                if isinstance(key, dict)
                else _known(key, graphs or {}, where),
                None if weights is None else _decode(weights),
                _decode(data["coefficients"]),
                _decode(plasticity).reshape(rows, -1) if rows else None,
                _decode(data["strategy"]),
                plastic=np.array([*map("01".index, data["plastic"])], np.uint8) if "plastic" in data else None,
            )
        except InputError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError, binascii.Error) as error:
            raise InputError("the text of a genome", f"{type(error).__name__}: {error}", where) from None


def _copy(kind: type[Genome], parts: dict[str, Any]) -> Genome:
    new = kind.view(None, 0)
    for name, part in parts.items():
        setattr(new, name, part)
    return new


@lru_cache(maxsize=64)
def _slots_of(kinds: tuple[type, ...], without: frozenset[str]) -> tuple[str, ...]:
    slots = {name for kind in kinds for name in kind.__dict__.get("__slots__", ())}
    return tuple(sorted(name for name in slots - without if not name.startswith("_")))


@lru_cache(maxsize=256)
def form(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    return f"{dtype}{shape}".encode()


def content_of(part: Any) -> bytes:
    """Return bytes that are equal for equal chromosomes."""
    if part is None:
        return b"-"
    if isinstance(part, np.ndarray):
        return form(part.dtype, part.shape) + part.tobytes()
    if isinstance(part, (Graph, Topology, Moments)):
        return part.key
    if isinstance(part, dict):
        return "".join(f"{slot}={_tree_text(part[slot])};" for slot in sorted(part)).encode()
    raise TypeError(f"a chromosome of kind {type(part).__name__}, whose content cannot be compared")


@lru_cache(maxsize=8192)
def _tree_text(tree: Tree) -> str:
    """Text of a tree: letters, digits, brackets, commas, signs and points, so JSON needs no escapes."""
    return str(tree)


def _encode(values: F32) -> str:
    """Base64 of little-endian float32."""
    return binascii.b2a_base64(values.astype(_STORED, copy=False).tobytes(), newline=False).decode()


def _decode(text: str) -> F32:
    return np.frombuffer(binascii.a2b_base64(text, strict_mode=True), _STORED).astype(np.float32)


def _known(key: str | None, graphs: Mapping[str, Graph], where: str) -> Graph | None:
    if key is None:
        return None
    if key not in graphs:
        raise InputError(f"one of the {len(graphs)} stored topologies", f"an unknown one ({key[:12]}…)", where)
    return graphs[key]
