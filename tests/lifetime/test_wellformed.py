"""Graphs and programs pass the door exactly where the obvious reading of the contract, element by element, lets them.

A sound one is changed in one place at random; whether it still keeps the contract is said by loops over each node and
each instruction, which share nothing with the checks of whole batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import ContractError
from evometa.language.adjoint import ADJOINTS, LOSS_ADJOINTS, adjoint_of
from evometa.language.program import LOSS_RESULTS, Program, compile_loss, compile_rule
from evometa.language.signals import INPUTS, RATES, SIGNAL_COUNT, SLOTS
from evometa.language.text import parse
from evometa.lifetime import Graph
from evometa.lifetime.graph_check import check_graphs
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.wellformed import check_programs
from evometa.spec import ACTIVATIONS
from evometa.spec.arrays import arrays_of
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import RULE
from tests.lifetime.strategies import random_graph, random_rule, random_text
from tests.properties import examples

SEEDS = st.integers(0, 2**32 - 1)


def keeps_to_graphs(graph: Graph) -> bool:
    """Tell whether a graph is as its docstring says, node by node."""
    nodes, ptr, src = len(graph.ptr) - 1, graph.ptr.tolist(), graph.src.tolist()
    if graph.inputs < 1 or graph.outputs < 1 or nodes < graph.inputs + 1 + graph.outputs:
        return False
    if len(graph.activation) != nodes or len(graph.group) != len(src) or (ptr[0], ptr[-1]) != (0, len(src)):
        return False
    if any(begin > end for begin, end in pairwise(ptr)) or ptr[graph.inputs + 1] != 0:
        return False
    for node in range(nodes):
        sources = src[ptr[node] : ptr[node + 1]]
        if any(one >= other for one, other in pairwise(sources)) or not all(0 <= s < nodes for s in sources):
            return False
    outputs = range(nodes - graph.outputs, nodes)
    if any(source in outputs for j in outputs for source in src[ptr[j] : ptr[j + 1]] if source < j):
        return False
    if len(graph.traits) != len(src) or max(graph.traits.tolist(), default=0) > 3:
        return False
    return min(graph.group.tolist(), default=0) >= 0 and max(graph.activation.tolist()) < len(ACTIVATIONS)


def changed_graph(graph: Graph, rng: np.random.Generator) -> Graph:
    """Return a graph with one number changed, or one array or size that is larger or smaller by one."""
    name = str(rng.choice(["ptr", "src", "activation", "group", "traits", "inputs", "outputs"]))
    if name in ("inputs", "outputs"):
        return replace(graph, **{name: int(rng.integers(-1, 5))})
    array = getattr(graph, name).copy()
    if rng.random() < 0.2:
        return replace(graph, **{name: array[:-1] if rng.random() < 0.5 else np.append(array, array[-1:])})
    least = 0 if name in ("activation", "traits") else -2
    array[rng.integers(len(array))] = rng.integers(least, {"activation": 8, "ptr": len(graph.src) + 3}.get(name, 9))
    return replace(graph, **{name: array})


def refused(check: Callable[..., None], *arguments: Any) -> str | None:
    """Return what a check says against something, or None where it says nothing."""
    try:
        check(*arguments)
    except ContractError as error:
        return error.where
    return None


@examples(400)
@given(SEEDS)
def test_a_graph_passes_where_each_of_its_nodes_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graphs = [random_graph(rng, int(rng.integers(1, 4)), int(rng.integers(0, 4)), 2, seed % 2 > 0) for _ in range(3)]
    check_graphs(graphs)
    place = int(rng.integers(3))
    graphs[place] = changed_graph(graphs[place], rng)
    told = refused(check_graphs, graphs)
    assert told == (None if keeps_to_graphs(graphs[place]) else f"graph {place}")
    lengths = [(len(g.activation) - g.nodes, len(g.group) - len(g.src), len(g.traits) - len(g.src)) for g in graphs]
    if not np.any(lengths):  # so that they can stand side by side
        assert refused(check_graphs, Graphs.of(graphs)) == told


@pytest.mark.parametrize("name", [*arrays_of(Graphs)])
def test_flat_graphs_of_other_lengths_or_types_are_refused(name: str) -> None:
    rng = np.random.default_rng(0)
    graphs = Graphs.of([random_graph(rng, 2, 3, 2, False) for _ in range(3)])
    array = getattr(graphs, name)
    for other in (array[:-1], np.append(array, array[-1:]), array.astype(np.float64), array[:, None]):
        assert refused(check_graphs, replace(graphs, **{name: other}))


@pytest.mark.parametrize("name", ["begins", "node_begins"])
@pytest.mark.parametrize(("place", "number"), [(0, 1), (1, -1), (2, 10_000)])
def test_flat_graphs_whose_begins_fall_are_refused(name: str, place: int, number: int) -> None:
    rng = np.random.default_rng(0)
    graphs = Graphs.of([random_graph(rng, 2, 3, 2, False) for _ in range(3)])
    begins = getattr(graphs, name).copy()
    begins[place] = number
    assert refused(check_graphs, replace(graphs, **{name: begins})) == "graphs"


RULE_READS, LOSS_READS = SLOTS["update"].signals, SLOTS["loss"].signals
ALLOWED = {
    RULE: RULE_READS, ADJOINTS: (*RULE_READS, *(f"d_{slot}" for slot in RULE)), LOSS_RESULTS: LOSS_READS,
    LOSS_ADJOINTS: (*LOSS_READS, "d_loss"),
}  # fmt: skip


def keeps_to_programs(program: Program, names: tuple[str, ...]) -> bool:
    """Tell whether a program is as its docstring says, instruction by instruction."""
    length, rows = len(program.code), SIGNAL_COUNT + len(program.constants)
    tiles, top = rows + program.n_rows, rows + program.n_rows + program.n_tiles
    if not 0 <= program.birth_end <= program.node_end <= length or min(program.n_rows, program.n_tiles) < 0:
        return False
    allowed = ALLOWED[names]
    if program.names != names or len(program.outputs) != len(names) or not program.reads <= set(allowed):
        return False
    for place, (operation, target, *operands) in enumerate(program.code.tolist()):
        section = (place >= program.birth_end) + (place >= program.node_end)
        own = range(tiles, top) if section == 2 else range(rows, tiles)
        if operation not in range(len(PRIMITIVES)) or target not in own:
            return False
        if not all(register in range(top) for register in operands):
            return False
        for register in operands:
            if register >= tiles and section < 2:
                return False
            if register < SIGNAL_COUNT and not may_read(program, register, section, names):
                return False
    known = [register for register in program.outputs.tolist() if register != -1]
    said = all(name_of(register) in program.reads for register in known if 0 <= register < SIGNAL_COUNT)
    return said and all(register in range(top) for register in known)


def may_read(program: Program, register: int, section: int, names: tuple[str, ...]) -> bool:
    """Tell whether a signal is known in a section, and said to be read."""
    signal = INPUTS[name_of(register)]
    first = RATES.index(signal.rate)
    if names in (LOSS_RESULTS, LOSS_ADJOINTS) and first:
        first = 2  # all but coefficients is a row for each example
    return section >= first and signal.name in program.reads


def name_of(register: int) -> str:
    return list(INPUTS)[register]


def some_register(program: Program, rng: np.random.Generator) -> int:
    """Return a register of any kind, each as often, or one that is not there."""
    ends = np.cumsum([-2, SIGNAL_COUNT + 2, len(program.constants), program.n_rows, program.n_tiles, 3])
    kinds = [(low, high) for low, high in pairwise(ends.tolist()) if low < high]
    return int(rng.integers(*kinds[rng.integers(len(kinds))]))


def changed_program(program: Program, rng: np.random.Generator) -> Program:
    """Return a program with one number of its code, outputs or sizes changed, or with other reads."""
    fields = {name: getattr(program, name) for name in program.__dataclass_fields__}
    name = str(rng.choice(["code", "code", "code", "code", "outputs", "birth_end", "node_end", "n_rows", "n_tiles",
                           "reads", "names"]))  # fmt: skip
    if name in ("code", "outputs"):
        array = fields[name].copy()
        if array.size:
            array.flat[rng.integers(array.size)] = some_register(program, rng)
        fields[name] = array
    elif name == "reads":
        fields[name] = program.reads ^ {str(rng.choice(list(INPUTS)))}
    elif name == "names":
        fields[name] = next(names for names in ALLOWED if names != program.names)
    else:
        fields[name] = max(-1, fields[name] + int(rng.integers(-2, 3)))
    return Program(**fields)


def random_program(rng: np.random.Generator, loss: bool) -> Program:
    if loss:
        return compile_loss(parse(random_text(rng, ["output", "target", "c0"], 3), signals=SLOTS["loss"].signals))
    return compile_rule(random_rule(rng, single=True))


@examples(600)
@given(SEEDS, st.booleans(), st.booleans())
def test_a_program_passes_where_each_of_its_instructions_does(seed: int, loss: bool, adjoint: bool) -> None:
    rng = np.random.default_rng(seed)
    programs = [random_program(rng, loss) for _ in range(3)]
    programs = [adjoint_of(program) for program in programs] if adjoint else programs
    names = programs[0].names
    check_programs(programs, names)
    place = int(rng.integers(3))
    programs[place] = changed_program(programs[place], rng)
    told = refused(check_programs, programs, names)
    if keeps_to_programs(programs[place], names):
        assert told is None
    else:
        assert told in (f"program {place}", "outputs of the programs")


def test_the_changes_break_some_and_spare_some() -> None:
    """Else one of the two answers would never have been asked for."""
    rng = np.random.default_rng(0)
    graphs = [keeps_to_graphs(changed_graph(random_graph(rng, 2, 3, 2, True), rng)) for _ in range(100)]
    programs = [keeps_to_programs(changed_program(random_program(rng, False), rng), RULE) for _ in range(100)]
    assert 5 < sum(graphs) < 95
    assert 5 < sum(programs) < 95


def test_no_programs_are_sound_ones() -> None:
    check_programs([], LOSS_RESULTS)
