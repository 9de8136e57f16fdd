"""One lifetime, taken up and put down: learn from some examples now, answer, and learn on from there later.

`live` of the contract goes through whole lifetimes at once. Here the state between two updates is in the caller's
hands, so that a life can last for as long as examples come. Each update is the very kernel function of `live` (all
16 lanes of its vectors hold the one learner), so the bits are the same too. Axis letters as in the contract.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.program import Program, birth_states, compile_rule
from evometa.lifetime import F32, I32, Graph, Phenotype
from evometa.lifetime import columns as k
from evometa.lifetime.batch import batch_of
from evometa.lifetime.lanes import by_lanes
from evometa.lifetime.numba import kernel, sweeps, trial
from evometa.lifetime.numba.arena import A_ACT, A_QACT, A_W, STATE_COUNT, birth, longest_arena, place, point_rule
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.jit import njit
from evometa.lifetime.numba.sweeps import fill
from evometa.lifetime.numba.vector import LANES, address, at, load, number, store
from evometa.lifetime.packing import TILE, pack
from evometa.lifetime.validation import check_learners
from evometa.spec import CREDITS, HEADS
from evometa.spec.states import SYNAPSE

BLOCK = 20  # queries answered in one sweep, in each lane
FLOATS = 1 << 22  # floats of examples that are laid out in lanes at a time (16 MiB)
PIECE = 5e8  # operations done at a time: some 100 ms, so that Ctrl-C is heard soon


State = dict[str, F32]
"""A learner between two updates, by the names of STATES: of synapses f32[E], of nodes f32[N, B] of its last batch."""


class Life:
    """One base learner, and how it learns: `head`, `credit` and `bound` as in `Plan`.

    `innate f32[E]`; `coefficients f32[Kc]`; `plasticity f32[K, E]`; `feedback f32[E]`, where the credit mode reads it;
    `loss`: derivative program of an evolved loss, or None for the head's own.
    """

    def __init__(self, graph: Graph, program: Program, innate: F32, coefficients: F32, plasticity: F32, *,
                 head: str, credit: str, bound: float, feedback: F32 | None = None,
                 loss: Program | None = None) -> None:  # fmt: skip
        one = batch_of([Phenotype(graph, program, innate, coefficients, plasticity, feedback, loss)])
        check_learners(one, credit, 1)
        self._graph, self._innate, self._packed = graph, innate, pack(one, None, LANES, TILE // LANES)
        self._scratch = kernel.new_scratch(self._packed.genomes)
        self._head, self._credit, self._bound = HEADS.code(head), CREDITS.code(credit), np.float32(bound)

    def birth(self) -> State:
        """Return the state in which nothing has been learned yet."""
        return at_birth(self._graph, self._innate)

    def learn(self, state: State, x: F32, y: F32, order: I32, done: int, length: int) -> State:
        """Make the updates of `order i32[U, B]` on examples x f32[S, I], y f32[S, O]; return the state afterwards.

        `done` updates were made before, in a life of `length` updates: that gives the age, which stays 1 after its
        end. Where the last batch had another size, recurrent synapses read its stream 0, as queries do.
        """
        packed, batch = self._packed, order.shape[1]
        act = state["act"].copy() if state["act"].shape[1] == batch else np.repeat(state["act"][:, :1], batch, axis=1)
        synapses = np.stack([state[row.name] for row in SYNAPSE])
        arena = np.zeros(longest_arena(packed.genomes, self._scratch, LANES, batch, 1), np.float32)
        step = self._step(batch)
        for part in np.split(order, range(step, len(order), step)):
            chosen = np.arange(part.size, dtype=np.int32).reshape(part.shape)
            _learn(
                packed.genomes,
                (packed.constants, packed.innate, packed.plasticity, packed.feedback, packed.births),
                packed.coefficients, (packed.code, packed.out),
                (packed.ptr, packed.src, packed.activation, packed.tiles),
                (_in_all_lanes(x, part), _in_all_lanes(y, part)), chosen, (done, length), (self._head, self._credit),
                self._bound, arena, self._scratch, (synapses, act.reshape(-1)),
            )  # fmt: skip
            done += len(part)
        return {**{row.name: values for row, values in zip(SYNAPSE, synapses, strict=True)}, "act": act}

    def _step(self, batch: int) -> int:
        """Return how many updates to make at a time."""
        graph = self._graph
        laid_out = batch * LANES * (graph.inputs + graph.outputs)
        cost = graph.synapses * LANES * (6.0 * batch + self._packed.genomes[0, k.CODE_END])
        return max(1, int(min(FLOATS / laid_out, PIECE / max(cost, 1.0))))


def at_birth(graph: Graph, innate: F32) -> State:
    """Return the state in which nothing has been learned yet."""
    return {**birth_states(innate), "act": np.zeros((graph.nodes, 1), np.float32)}


def answer(graph: Graph, head: str, state: State, x: F32) -> F32:
    """Return the answers f32[Q, O] to queries x f32[Q, I] as a lifetime gives them; nothing is learned."""
    nothing = np.zeros((0, graph.synapses), np.float32)
    one = batch_of([Phenotype(graph, compile_rule({}), state["w"], nothing[:, 0], nothing)])
    check_learners(one, "local", 1)
    packed = pack(one, None, LANES, TILE // LANES)
    scratch = kernel.new_scratch(packed.genomes)
    arena = np.zeros(longest_arena(packed.genomes, scratch, LANES, 1, BLOCK), np.float32)
    before = np.ascontiguousarray(state["act"][:, 0])
    step = max(1, FLOATS // (LANES * graph.inputs)) * LANES
    found = np.empty((len(x), graph.outputs), np.float32)
    for first in range(0, len(x), step):
        part = x[first : first + step]
        queries = by_lanes(part.T, LANES)  # one in each lane: f32[pieces, I, 16]
        out = np.empty((len(queries), graph.outputs, LANES), np.float32)
        _answer(
            packed.genomes, (packed.ptr, packed.src, packed.activation, packed.tiles), queries.reshape(-1),
            len(queries), HEADS.code(head), arena, scratch, (state["w"], before), out.reshape(-1),
        )  # fmt: skip
        found[first : first + step] = out.transpose(0, 2, 1).reshape(-1, graph.outputs)[: len(part)]
    return found


def _in_all_lanes(rows: F32, chosen: I32) -> F32:
    """Return the chosen rows f32[S, width] as one flat array in which every number fills all lanes."""
    return np.repeat(rows[chosen.reshape(-1)].reshape(-1), LANES)


@njit(error_model="numpy", nogil=True, cache=True)
def _learn(genomes: Any, inherited: Any, coefficients: Any, code: Any, graph: Any, examples: Any, order: Any,
           when: Any, modes: Any, bound: Any, arena: Any, scratch: Any, state: Any) -> None:  # fmt: skip
    """Make the updates of `order`; `state`, of synapses f32[S, E], of nodes f32[N·B], is read before and written after.

    Arguments as in `kernel.live`; `when`: updates done before, and in the whole life.
    """
    (done, length), (head, credit), (updates, batch) = when, modes, order.shape
    m, p, offset, stride = address(genomes), address(scratch[0]), address(scratch[1]), address(scratch[2])
    loss_registers = (address(scratch[3]), address(scratch[4]))
    floats, rule = address(arena), (address(code[0]), address(code[1]))
    net = (address(graph[0]), address(graph[1]), address(graph[2]), address(graph[3]))
    x, y = address(examples[0]), address(examples[1])
    born = (address(inherited[0]), address(inherited[1]), address(inherited[2]), address(inherited[3]),
            address(inherited[4]))  # fmt: skip
    place(m, p, LANES, batch, 1)
    birth(
        m, p, floats, born, (address(coefficients), coefficients.shape[1]), 0, (FIXED_CREDIT >> credit) & 1 > 0, LANES
    )
    point_rule(m, p, offset, stride, LANES)
    start = at(m, k.CODE)
    execute(floats, rule[0], start, start + at(m, k.BIRTH_END), offset, stride, 1, LANES)
    for s in range(STATE_COUNT):
        put_rows(floats, at(p, A_W + s), state[0][s])
    put_rows(floats, at(p, A_ACT), state[1])
    for update in range(updates):
        kernel.learn(m, p, net, rule, floats, offset, stride, loss_registers, (x, y, x, y), 0, address(order[update]),
                     False, min(done + update, length - 1), length, head, credit, bound, batch, LANES)  # fmt: skip
    for s in range(STATE_COUNT):
        take_rows(floats, at(p, A_W + s), state[0][s])
    take_rows(floats, at(p, A_ACT), state[1])


@njit(error_model="numpy", nogil=True, cache=True)
def _answer(genomes: Any, graph: Any, x: Any, pieces: int, head: int, arena: Any, scratch: Any, state: Any,
            out: Any) -> None:  # fmt: skip
    """Answer queries x f32[pieces, I, 16], one in each lane; `state`: w f32[E], activations before f32[N]."""
    m, p, floats, results, queries = address(genomes), address(scratch[0]), address(arena), address(out), address(x)
    net = (address(graph[0]), address(graph[1]), address(graph[2]), address(graph[3]))
    place(m, p, LANES, 1, BLOCK)
    put_rows(floats, at(p, A_W), state[0])
    nodes, inputs, outputs = at(m, k.NODES), at(m, k.INPUTS), at(m, k.OUTPUTS)
    act, step = at(p, A_QACT), BLOCK * LANES
    if at(m, k.RECURRENT):
        for node in range(nodes):
            fill(floats, act + (nodes + node) * step, step, state[1][node])
    for begin in range(0, pieces, BLOCK):
        count = min(BLOCK, pieces - begin)
        for i in range(count):
            sweeps.take(floats, act, queries, (begin + i) * inputs * LANES, inputs, BLOCK, i, LANES)
        trial.forward(m, net, floats, at(p, A_W), act, head, BLOCK, count, LANES)
        for i in range(count):
            for o in range(outputs):
                row = act + (nodes - outputs + o) * step + i * LANES
                store(results, ((begin + i) * outputs + o) * LANES, load(floats, row))


@njit(error_model="numpy", nogil=True, cache=True)
def put_rows(arena: Any, start: int, values: Any) -> None:
    """Write each number of a flat array to a row of its own."""
    for i in range(len(values)):
        fill(arena, start + i * LANES, LANES, values[i])


@njit(error_model="numpy", nogil=True, cache=True)
def take_rows(arena: Any, start: int, values: Any) -> None:
    """Read the first lane of as many rows as a flat array has places."""
    for i in range(len(values)):
        values[i] = number(arena, start + i * LANES)
