"""Networks as genes: the chromosome of NEAT (Stanley & Miikkulainen 2002), a population of it as flat arrays.

Every gene bears a *mark*, its historical marking: genes of one mark stem from one structural change, so that crossover
and distances match genes by it. Marks of nodes: inputs 0 … I−1, the constant I, outputs I+1 … I+O, hidden ones from
there. Each hidden node keeps the *place* in (0, 1) that it was born at, the middle of the synapse it split (inputs and
the constant lie at 0, outputs at 1). All genomes order two nodes alike, by (place, mark), so no mixture of genes has a
cycle: a synapse is recurrent where its source does not come before its target.
Axis letters: T topologies, E synapse genes of all, H hidden nodes of all, K per-synapse coefficients.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.genetics.float_text import decode, encode, whole_numbers
from evometa.genetics.genes import F64, I64, Genes
from evometa.genetics.validity import check
from evometa.lifetime.ragged import gathered
from evometa.spec import ACTIVATIONS
from evometa.spec.arrays import F32, U8

GENES = ("mark", "source", "target", "weight", "plasticity", "traits")
SYNAPSES = (*GENES, "moments")  # fields with a row for each synapse gene
NODES = ("node", "place", "activation")  # fields with a row for each hidden node
DTYPES: dict[str, Any] = dict.fromkeys(("begins", "mark", "source", "target", "node_begins", "node"), np.int64) | {
    **dict.fromkeys(("weight", "plasticity", "moments"), np.float32),
    **dict.fromkeys(("traits", "activation"), np.uint8),
    "place": np.float64,
}


@dataclass(frozen=True, eq=False)
class Topologies(Sequence["Topology"]):
    """T networks of I inputs and O outputs as genes, a sequence of views; the arrays are never changed in place.

    Synapse genes of topology t are rows `begins[t]` to `begins[t + 1]`, ascending by `mark`: nodes `source` and
    `target` by their marks, `weight`, `plasticity`, `traits` (ENABLED, PLASTIC). Its hidden nodes are rows
    `node_begins[t]` to `node_begins[t + 1]`, ascending by (place, mark): `node`, their marks; `activation`, codes of
    ACTIVATIONS. `moments` of the gradients of `weight` and `plasticity`, as a gradient's optimizer has them (see
    moments.py): no columns where none has been at work.
    """

    inputs: int
    outputs: int
    begins: I64  # [T+1]
    mark: I64  # [E]
    source: I64  # [E]
    target: I64  # [E]
    weight: F32  # [E]
    plasticity: F32  # [E, K]
    traits: U8  # [E]
    node_begins: I64  # [T+1]
    node: I64  # [H]
    place: F64  # [H]
    activation: U8  # [H]
    moments: F32 = None  # type: ignore[assignment]  # [E, 2·(1 + K)], or [E, 0]

    def __post_init__(self) -> None:
        if self.moments is None or not self.moments.shape[1]:
            object.__setattr__(self, "moments", np.zeros((len(self.mark), 0), np.float32))

    def __len__(self) -> int:
        return len(self.begins) - 1

    @overload
    def __getitem__(self, row: int) -> Topology: ...
    @overload
    def __getitem__(self, row: slice) -> Topologies: ...
    def __getitem__(self, row: int | slice) -> Topology | Topologies:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        if not -len(self) <= row < len(self):
            raise IndexError(f"topology {row} of {len(self)}")
        return Topology(self, row % len(self))

    def __iter__(self) -> Iterator[Topology]:
        return (Topology(self, row) for row in range(len(self)))

    def take(self, rows: Any) -> Topologies:
        """Return the topologies at some rows, in that order; rows may repeat."""
        rows = np.asarray(rows, np.int64)
        begins, synapses = gathered(self.begins, rows)
        node_begins, nodes = gathered(self.node_begins, rows)
        parts = {name: getattr(self, name)[synapses] for name in SYNAPSES}
        parts |= {name: getattr(self, name)[nodes] for name in NODES}
        return replace(self, begins=begins, node_begins=node_begins, **parts)

    def keep(self, chosen: NDArray[np.bool_]) -> Topologies:
        """Return the topologies with the chosen synapse genes only, bool[E]."""
        parts = {name: getattr(self, name)[chosen] for name in SYNAPSES}
        return replace(self, begins=np.concatenate([[0], np.cumsum(chosen)])[self.begins], **parts)

    @classmethod
    def join(cls, batches: Sequence[Topologies]) -> Topologies:
        """Return the topologies of one batch or more, one behind the other; inputs, outputs and K must be alike."""
        if len(batches) == 1:
            return batches[0]
        columns = max(each.moments.shape[1] for each in batches)
        batches = [
            each if each.moments.shape[1] else replace(each, moments=np.zeros((len(each.mark), columns), np.float32))
            for each in batches
        ]
        parts: dict[str, Any] = {
            name: np.concatenate([getattr(each, name) for each in batches]) for name in (*SYNAPSES, *NODES)
        }
        for name in ("begins", "node_begins"):
            sizes = np.concatenate([np.diff(getattr(each, name)) for each in batches])
            parts[name] = np.concatenate([[0], np.cumsum(sizes)])
        return replace(batches[0], **parts)

    @classmethod
    def of(cls, topologies: Iterable[Topology]) -> Topologies:
        """Gather one topology or more, of one batch or of many, into a batch."""
        where: dict[Topologies, tuple[list[int], list[int]]] = {}  # of each batch: rows, and their places here
        count = 0
        for count, one in enumerate(topologies, 1):
            rows, places = where.setdefault(one.batch, ([], []))
            rows.append(one.row)
            places.append(count - 1)
        if not count:
            raise ValueError("one topology or more expected")
        joined = cls.join([batch.take(rows) for batch, (rows, _) in where.items()])
        order = np.empty(count, np.int64)
        order[np.concatenate([places for _, places in where.values()])] = np.arange(count)
        return joined if len(where) == 1 else joined.take(order)

    @property
    def arrays(self) -> Genes:
        """The fields, for compiled functions."""
        return Genes(*(getattr(self, name) for name in Genes._fields))

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, as a file stores them."""
        return {name: getattr(self, name) for name in DTYPES if name != "moments" or self.moments.shape[1]}

    @classmethod
    def from_columns(cls, inputs: int, outputs: int, columns: Mapping[str, NDArray[Any]]) -> Topologies:
        """Return the topologies of stored arrays; they are copied where they could not be compiled for."""
        own = {**columns, "moments": columns.get("moments", np.zeros((len(columns["mark"]), 0), np.float32))}
        parts: dict[str, Any] = {name: np.require(own[name], dtype, ["C", "W"]) for name, dtype in DTYPES.items()}
        return cls(inputs, outputs, **parts)


class Topology:
    """One network as genes: a view on row `row` of a batch; equal where the genes are, number for number."""

    def __init__(self, batch: Topologies, row: int) -> None:
        self.batch, self.row = batch, row

    def __getattr__(self, name: str) -> Any:
        """Return a field of the batch, as far as it is this topology's."""
        if name in SYNAPSES:
            begins = self.batch.begins
        elif name in NODES:
            begins = self.batch.node_begins
        else:
            raise AttributeError(name)
        return getattr(self.batch, name)[begins[self.row] : begins[self.row + 1]]

    @property
    def inputs(self) -> int:
        """Number of inputs I, the constant not among them."""
        return self.batch.inputs

    @property
    def outputs(self) -> int:
        """Number of outputs O."""
        return self.batch.outputs

    @property
    def genes(self) -> Topologies:
        """This topology as a batch of one."""
        return self.batch if len(self.batch) == 1 else self.batch.take([self.row])

    @cached_property
    def key(self) -> bytes:
        """32 bytes that are equal for equal genes, whatever their moments."""
        digest = blake2b(repr((self.inputs, self.outputs)).encode(), digest_size=32)
        for name in (*GENES, *NODES):
            part = getattr(self, name)
            digest.update(f"{name}{part.dtype}{part.shape}".encode())
            digest.update(part.tobytes())
        return digest.digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Topology) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __reduce__(self) -> tuple[Any, ...]:
        others = {name: value for name, value in vars(self).items() if name not in ("batch", "row", "key")}
        return type(self), (self.genes, 0), others  # without the rest of its batch

    def __repr__(self) -> str:
        return f"Topology({len(self.node)} hidden nodes, {len(self.mark)} synapse genes)"

    def to_json(self) -> str:
        """Return the canonical text, without moments: equal genes give the same characters, numbers are exact."""
        return json.dumps(
            {
                "activation": [ACTIVATIONS.names[code] for code in self.activation],
                "inputs": self.inputs,
                "mark": self.mark.tolist(),
                "node": self.node.tolist(),
                "outputs": self.outputs,
                "place": self.place.tolist(),
                "plasticity": [self.plasticity.shape[1], encode(self.plasticity)],
                "source": self.source.tolist(),
                "target": self.target.tolist(),
                "traits": self.traits.tolist(),
                "weight": encode(self.weight),
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str, where: str = "a stored topology") -> Topology:
        """Return the topology of a canonical text; InputError where the text is not one of valid genes."""
        try:
            data = json.loads(text)
            mark, source, target, node = (
                whole_numbers(data[name], np.int64) for name in ("mark", "source", "target", "node")
            )
            columns, plasticity = data["plasticity"]
            (inputs, outputs, columns) = whole_numbers([data["inputs"], data["outputs"], columns], np.int64).tolist()
            genes = Topologies(
                *(inputs, outputs, np.array([0, len(mark)]), mark, source, target),
                decode(data["weight"]),
                decode(plasticity).reshape(len(mark), columns),
                whole_numbers(data["traits"], np.uint8),
                np.array([0, len(node)]),
                node,
                np.array([float(place) for place in data["place"]]),
                np.array([ACTIVATIONS.code(name) for name in data["activation"]], np.uint8),
            )
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError, binascii.Error) as error:
            raise InputError("the text of a topology", f"{type(error).__name__}: {error}", where) from None
        check(genes, where)
        return cls(genes, 0)
