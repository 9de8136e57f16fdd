"""A population's genomes as arrays, chromosome by chromosome; each of them is a `Genome`, a view on its row.

The arrays are never changed in place. One whose rows are all the same lies there once (stride 0).
Axis letters: G genomes, E synapses, K per-synapse coefficients, C columns of the plasticity (groups of the graph, or
E), Kc coefficients of the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.genetics.genome import Genome, counted
from evometa.genetics.moments import Moments
from evometa.genetics.rows import AXES, alike, check_arrays, fits, joined, taken
from evometa.genetics.topologies import Topologies, Topology
from evometa.genetics.topology import graph_key
from evometa.genetics.validity import check
from evometa.language.codes import Trees, offsets, translated, vocabulary
from evometa.language.programs import Programs
from evometa.language.tree import Tree
from evometa.lifetime import F32, Graph
from evometa.spec.arrays import I64, U8

NUMBERS = tuple(AXES)  # chromosomes that are arrays, plastic and weights perhaps None
SPARE = 4  # genomes that may be copied for each that is gathered: quicker than to pick them out batch by batch
CHROMOSOMES = ("moments", "rule", "topology", *NUMBERS)


@dataclass(frozen=True, eq=False)
class Genomes(Sequence[Genome]):
    """G genomes with chromosomes of the same shapes (see `Genome`): `rules` of each slot, and the `topology`.

    That is one graph for all, or as many topologies as there are genomes.
    """

    rules: Mapping[str, Trees]
    topology: Graph | Topologies | None
    weights: F32 | None  # [G, E]
    coefficients: F32  # [G, Kc]
    plasticity: F32  # [G, K, C]
    strategy: F32  # [G, 4]
    moments: Moments | None = None  # None where no gradient has been at work
    plastic: U8 | None = None  # [G, E]

    def __len__(self) -> int:
        return len(self.strategy)

    @overload
    def __getitem__(self, row: int) -> Genome: ...
    @overload
    def __getitem__(self, row: slice) -> Genomes: ...
    def __getitem__(self, row: int | slice) -> Genome | Genomes:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        if not -len(self) <= row < len(self):
            raise IndexError(f"genome {row} of {len(self)}")
        return Genome.view(self, row % len(self))

    def __iter__(self) -> Iterator[Genome]:
        return map(Genome.view, repeat(self), range(len(self)), self.sizes.tolist())

    def part(self, name: str, row: int) -> Any:
        """Return one genome's chromosome."""
        if name == "rule":
            return {slot: trees[row] for slot, trees in self.rules.items()}
        if name not in CHROMOSOMES:
            raise AttributeError(name)
        found = getattr(self, name)
        return found if found is None or isinstance(found, Graph) else found[row]

    @cached_property
    def sizes(self) -> I64:
        """Nodes of each rule, all slots together, habits beside it left out, i64[G]."""
        return np.sum([self.rules[slot].sizes for slot in counted(self.rules)], axis=0, dtype=np.int64)

    @cached_property
    def programs(self) -> Programs:
        """The compiled rules, all slots but `loss`."""
        from evometa.language.batch_compiler import compile_batch

        return compile_batch({slot: self.rules[slot] for slot in counted(self.rules)})

    def take(self, rows: Any) -> Genomes:
        """Return the genomes at some rows, in that order; rows may repeat."""
        rows = np.asarray(rows, np.int64)
        numbers: dict[str, Any] = {name: taken(getattr(self, name), rows) for name in NUMBERS}
        if isinstance(self.topology, Topologies):
            numbers["topology"] = self.topology.take(rows)
        numbers["moments"] = self.moments and self.moments.take(rows)
        new = replace(self, rules={slot: trees.take(rows) for slot, trees in self.rules.items()}, **numbers)
        if "programs" in vars(self):  # they need not be compiled again
            vars(new)["programs"] = self.programs.take(rows)
        return new

    def replace(self, **chromosomes: Any) -> Genomes:
        """Return the genomes with some chromosomes replaced, the others shared."""
        return replace(self, **chromosomes)

    @classmethod
    def join(cls, batches: Sequence[Genomes]) -> Genomes:
        """Return the genomes of several batches, one behind the other. ValueError where chromosomes differ in shape."""
        first = batches[0]
        if len(batches) == 1:
            return first
        if any(each.shape != first.shape for each in batches):
            raise ValueError("genomes with chromosomes of the same shapes expected")
        rules = {slot: Trees.join([each.rules[slot] for each in batches]) for slot in first.rules}
        numbers: dict[str, Any] = {name: joined([getattr(each, name) for each in batches]) for name in NUMBERS}
        numbers["moments"] = Moments.join([each.moments for each in batches], list(map(len, batches)))
        if isinstance(first.topology, Topologies):
            numbers["topology"] = Topologies.join([each.topology for each in batches])  # type: ignore[misc]
        return replace(first, rules=rules, **numbers)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What must be alike in genomes that lie in one batch."""
        numbers = [getattr(self, name) for name in NUMBERS]
        key = _kind(self.topology)
        return frozenset(self.rules), key, *(None if array is None else array.shape[1:] for array in numbers)

    @classmethod
    def of(cls, genomes: Iterable[Genome]) -> Genomes:
        """Gather one genome or more: views of any batches, and genomes made by hand. ValueError as `join` raises it."""
        if isinstance(genomes, Genomes):
            return genomes
        found = list(genomes)
        if not found:
            raise ValueError("one genome or more expected")
        batches: list[Any] = [one._batch for one in found]
        rows = [one._row for one in found]
        number = {batch: place for place, batch in enumerate(dict.fromkeys(batches))}
        if len(number) == 1:
            return _gathered(found) if batches[0] is None else batches[0]._some(rows)
        which, where = np.fromiter(map(number.__getitem__, batches), np.int64, len(rows)), np.array(rows)
        lengths = [len(found) if batch is None else len(batch) for batch in number]
        if None not in number and sum(lengths) <= SPARE * len(found):
            return cls.join(list(number)).take(offsets(lengths)[which] + where)
        order = np.argsort(which, kind="stable")
        parts = []
        for batch, place in number.items():
            here = np.flatnonzero(which == place)
            parts.append(_gathered([found[one] for one in here]) if batch is None else batch.take(where[here]))
        return cls.join(parts).take(np.argsort(order))

    def _some(self, rows: list[int]) -> Genomes:
        return self if rows == list(range(len(self))) else self.take(rows)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, as a file stores them: what is the same for all in one row, topologies as keys."""
        found: dict[str, NDArray[Any]] = {"names": vocabulary([trees.codes for trees in self.rules.values()])}
        for slot, trees in self.rules.items():
            found |= {f"rule.{slot}": trees.codes, f"rule.{slot}.begins": trees.begins}
        if isinstance(self.topology, Topologies):
            found["topologies"] = np.array([self.topology.inputs, self.topology.outputs])
            found |= {f"topologies.{name}": array for name, array in self.topology.columns().items()}
        elif self.topology is not None:
            found["topology"] = np.frombuffer(graph_key(self.topology).encode(), np.uint8)
        for name in NUMBERS:
            array = getattr(self, name)
            if array is not None:
                found[name] = array[:1] if alike(array) else array
        return found | (self.moments.columns() if self.moments else {})

    @classmethod
    def from_columns(
        cls, columns: Mapping[str, NDArray[Any]], graphs: Mapping[str, Graph] | None = None, where: str = "genomes"
    ) -> Genomes:
        """Return the genomes of stored arrays, topologies from `graphs` by key. InputError for arrays that are none."""
        try:
            rules = {
                name.removeprefix("rule."): Trees(translated(columns, name), columns[f"{name}.begins"])
                for name in columns
                if name.startswith("rule.") and not name.endswith(".begins")
            }
            count = len(next(iter(rules.values())))
            topology = _topology(columns, graphs or {}, where)
            numbers: dict[str, Any] = {
                name: np.broadcast_to(array, (count, *array.shape[1:]))
                for name in NUMBERS
                if (array := columns.get(name)) is not None
            }
            moments = Moments.from_columns(count, columns)
            found = cls(rules, topology, **{"weights": None, **numbers}, moments=moments)
            found._check(count)
        except (LookupError, ValueError, TypeError, StopIteration, RecursionError) as error:
            raise InputError("the columns of genomes", f"{type(error).__name__}: {error}", where) from None
        return found

    def _check(self, count: int) -> None:
        """Raise ValueError for arrays whose kinds or lengths are not those of genomes."""
        check_arrays({name: getattr(self, name) for name in NUMBERS})
        if self.plastic is not None and not (isinstance(self.topology, Graph) and fits(self.plastic, self.topology)):
            raise ValueError("plastic of other synapses than the network's, or neither 0 nor 1")
        for trees in self.rules.values():
            trees.check()
            if len(trees) != count:
                raise ValueError(f"{len(trees)} trees of {count}")
        if isinstance(self.topology, Topologies) and len(self.topology) != count:
            raise ValueError(f"{len(self.topology)} topologies of {count}")


def _kind(topology: Graph | Topologies | Topology | None) -> Any:
    """What must be alike in topologies that lie in one batch: all of a graph, the shape of those that evolve."""
    if topology is None or isinstance(topology, Graph):
        return topology and graph_key(topology)
    return topology.inputs, topology.outputs, topology.plasticity.shape[1]


def _topology(
    columns: Mapping[str, NDArray[Any]], graphs: Mapping[str, Graph], where: str
) -> Graph | Topologies | None:
    """Return the topology of stored arrays."""
    if "topology" in columns:
        return graphs[columns["topology"].tobytes().decode()]
    if "topologies" not in columns:
        return None
    inputs, outputs = columns["topologies"].tolist()
    own = {name.removeprefix("topologies."): array for name, array in columns.items() if name.startswith("topologies.")}
    found = Topologies.from_columns(inputs, outputs, own)
    check(found, where)
    return found


def _gathered(genomes: Sequence[Genome]) -> Genomes:
    """Return genomes made by hand as a batch."""
    rules: list[dict[str, Tree]] = [one.rule for one in genomes]
    numbers: dict[str, Any] = {}
    for name in NUMBERS:
        rows = [getattr(one, name) for one in genomes]
        if len({None if row is None else row.shape for row in rows}) > 1:
            raise ValueError(f"{name} of the same shape expected")
        if rows[0] is not None and all(row is rows[0] for row in rows):
            numbers[name] = np.broadcast_to(rows[0], (len(rows), *rows[0].shape))
        else:
            numbers[name] = None if rows[0] is None else np.stack(rows)
    keys = {_kind(one.topology) for one in genomes}
    if len(keys) > 1 or any(rule.keys() != rules[0].keys() for rule in rules):
        raise ValueError("the same topology and the same slots expected")
    numbers["moments"] = Moments.join([one.moments for one in genomes], [1] * len(genomes))
    own, first = [one.topology for one in genomes if isinstance(one.topology, Topology)], genomes[0].topology
    topology = Topologies.of(own) if isinstance(first, Topology) else first
    return Genomes({slot: Trees.of([rule[slot] for rule in rules]) for slot in rules[0]}, topology, **numbers)
