"""Lives taken up and put down: learn from some examples now, answer, and learn on from there later.

`live` of the contract goes through whole lifetimes. Here the states between two updates are in the caller's hands, so
that lives can last for as long as examples come, and can be watched while they last. What runs is the very kernel of
`live`, all its lanes filled, so the bits are the same too. Axis letters as in the contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from evometa.language.program import birth_states, compile_rule
from evometa.language.signals import SIGNALS
from evometa.lifetime import F32, I32, SILENT, Births, Graph, Outcomes, Phenotype, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import batch_of, born
from evometa.lifetime.columns import CODE_END, SYNAPSES
from evometa.lifetime.comparison import PLAIN, Metric
from evometa.lifetime.lanes import Lanes, as_met, by_lanes, comparison_of, cut, in_a_row, remembered
from evometa.lifetime.memory import NO_MEMORY, Memory
from evometa.lifetime.numba.arena import A_ERR, A_GRAD, A_REWARD, region
from evometa.lifetime.numba.cpu import Learners, States
from evometa.lifetime.numba.vector import LANES, lanes_of
from evometa.lifetime.reference import Learner
from evometa.lifetime.reference_memory import empty
from evometa.lifetime.validation import check_births, check_learners, check_metric
from evometa.spec import CREDITS, HEADS
from evometa.spec.states import GATE, SYNAPSE

FLOATS = 1 << 22  # floats of examples that are laid out in lanes at a time (16 MiB)
PIECE = 5e8  # operations done at a time: some 100 ms, so that Ctrl-C is heard soon
LEFT = sum(1 << SIGNALS[name].register for name in ("err", "grad", "reward"))  # made only where they are read


State = dict[str, F32]
"""One learner's lives between two updates, by the names of STATES: of synapses f32[E, L], of nodes f32[N, B, L],
of a memory as `reference_memory` has them."""


class Lives:
    """Base learners, each with as many lives as there are `lanes`; `head`, `credit`, `bound`, `synapse_cost` and
    `metric` as in `Plan`.

    `reads`: signals that are made although no rule reads them, a bit each; `memory`: of each life.
    Raises ContractError.
    """

    def __init__(self, phenotypes: Phenotypes, births: Births, lanes: int, *, head: str, credit: str, bound: float,
                 synapse_cost: float = 0.0, reads: int = 0, metric: Metric = PLAIN,
                 memory: Memory = NO_MEMORY) -> None:  # fmt: skip
        check_learners(phenotypes, credit, 1)
        if HEADS[head].comparison:
            check_metric(phenotypes, head, metric)
        check_births(phenotypes, births, lanes)
        self._phenotypes, self._births, self._lanes = phenotypes, births, lanes
        self._learners = Learners(phenotypes, births, LANES, reads, memory)
        self._memory = memory
        self._head, self._credit, self._bound, self._metric = head, CREDITS.code(credit), bound, metric
        self._synapse_cost = np.float32(synapse_cost)
        self._graphs = [phenotypes.graphs[place] for place in phenotypes.graph]

    def birth(self) -> list[State]:
        """Return the states in which nothing has been learned yet."""
        weights = (born(self._phenotypes, g, self._births, self._lanes) for g in range(len(self._graphs)))
        return [
            {**at_birth(graph, w), **empty(self._memory, self._lanes)}
            for graph, w in zip(self._graphs, weights, strict=True)
        ]

    def learn(
        self, states: Sequence[State], x: F32, y: F32, order: I32, done: int, length: int, task: int = 0
    ) -> list[State]:
        """Make the updates of `order i32[U, B, L]` on x f32[S, I, L], y f32[S, O, L]; return the states afterwards.

        `done` updates were made before, in lives of `length` updates: that gives the age, which stays 1 after their
        end; `task`: those of each of their tasks (0: there is one). Where the last batch had another size, recurrent
        synapses read its stream 0, as queries do.
        """
        carried = self._carried(states, order.shape[1])
        step = self._step(order.shape[1])
        for part in np.split(order, range(step, len(order), step)):
            self._learners.live(self._met(x, y, part), self._bound, span=(done, length, task), states=carried)
            done += len(part)
        return self._put_down(carried, order.shape[1])

    def live(self, states: Sequence[State], tasks: Tasks, plan: Plan, threads: int = 0) -> tuple[Outcomes, list[State]]:
        """Live a plan to its end, from states on, with its checkpoints; return what became of lives, and their states.

        Head, metric, bound and the like are the plan's.
        """
        carried, lanes = self._carried(states, plan.order.shape[1]), cut(tasks, plan, LANES, share=True)
        span = (0, *plan.life)
        found = self._learners.live(lanes, plan.bound, span=span, states=carried, threads=threads)
        scores = np.ascontiguousarray(found.scores[..., : self._lanes])
        status = np.ascontiguousarray(found.status[:, : self._lanes])
        return Outcomes(scores, status), self._put_down(carried, plan.order.shape[1])

    def step(self, state: State, x: F32, y: F32, update: int, life: tuple[int, int]) -> tuple[State, F32, F32, F32]:
        """Make one update of the first learner on x f32[B, I, L], y f32[B, O, L]; return its state afterwards.

        And what the steps left: errors f32[N, B, L], gradients f32[E, L], reward f32[L], if somebody reads them.
        """
        batch, graph = len(x), self._graphs[0]
        carried, lanes = self._carried([state], batch), self._met(x, y, np.arange(batch, dtype=np.int32)[None, :, None])
        room, results = self._learners.room(lanes), self._learners.results(lanes)
        pieces = []
        for piece in range(len(lanes.support_x)):
            item = np.array([[0, piece]])
            self._learners.run(item, lanes, self._bound, room, results, span=(update, *life), states=carried)
            pieces.append([region(room, place, LANES) for place in (A_ERR, A_GRAD, A_REWARD)])
        err, grad, reward = (in_a_row(np.stack(rows), self._lanes) for rows in zip(*pieces, strict=True))
        return self._put_down(carried, batch)[0], err.reshape(graph.nodes, batch, self._lanes), grad, reward[0]

    def answer(self, states: Sequence[State], x: F32) -> F32:
        """Return the answers f32[G, Q, O, L] to queries x f32[Q, I, L] as lifetimes give them; nothing is learned.

        Under a head that compares, these are embeddings: what there is to compare them with, the caller knows.
        """
        outputs, head = self._graphs[0].outputs, "linear" if HEADS[self._head].comparison else self._head
        found = np.empty((len(self._graphs), len(x), outputs, self._lanes), np.float32)
        carried = self._carried(states, 1)
        step = max(1, FLOATS // x[0].size) if len(x) else 1
        for first in range(0, len(x), step):
            queries = by_lanes(x[first : first + step], LANES)
            pieces, count, inputs, _ = queries.shape
            nothing = np.zeros((pieces, 0, inputs, LANES), np.float32)
            unknown = np.zeros((pieces, count, outputs, LANES), np.float32)
            lanes = Lanes(nothing, nothing, queries, unknown, np.zeros((1, 0, 1, 1), np.int32), np.zeros(1, np.int32),
                          np.array([[0, count]], np.int32), HEADS.code(head), self._credit,
                          memory=remembered(self._memory))  # fmt: skip
            replies = self._learners.live(lanes, self._bound, answers=True, states=carried).answers[:, 0]
            found[:, first : first + step] = in_a_row(replies.swapaxes(0, 1), self._lanes)
        return found

    def _met(self, x: F32, y: F32, order: I32) -> Lanes:
        """Return the examples of `order` as the kernel takes them, laid out as they are met; nothing is asked."""
        x, y = (by_lanes(part, LANES) for part in as_met(order, x, y))
        nothing = np.zeros((len(x), 0, 1, LANES), np.float32)
        numbers = np.arange(x.shape[1], dtype=np.int32).reshape(1, *order.shape[:2], 1)
        return Lanes(x, y, nothing, nothing, numbers, np.zeros(0, np.int32), np.zeros((0, 2), np.int32),
                     HEADS.code(self._head), self._credit, self._synapse_cost,
                     *comparison_of(self._head, y.shape[2], self._metric), remembered(self._memory))  # fmt: skip

    def _step(self, batch: int) -> int:
        """Return how many updates to make at a time."""
        lanes = lanes_of(self._lanes)
        laid_out = batch * lanes * (self._graphs[0].inputs + self._graphs[0].outputs)
        synapses, instructions = self._learners.packed.genomes[:, [SYNAPSES, CODE_END]].T
        cost = lanes * float((synapses * (6.0 * batch + instructions)).sum())
        return max(1, int(min(FLOATS / laid_out, PIECE / max(cost, 1.0))))

    def _carried(self, states: Sequence[State], batch: int) -> States:
        """Return states as the kernel takes them, copied: rows of synapses, nodes, memory, of each piece of lanes."""
        pieces = []
        for state in states:
            act = state["act"]
            if act.shape[1] != batch:
                act = np.repeat(act[:, :1], batch, axis=1)
            held = (state[name].reshape(-1, self._lanes) for name in empty(self._memory, 0))
            rows = np.concatenate([*(state[row.name] for row in SYNAPSE), act.reshape(-1, self._lanes), *held])
            pieces.append(by_lanes(rows, LANES).reshape(-1))
        begins = np.cumsum([0, *(len(piece) for piece in pieces[:-1])], dtype=np.int64)
        return States(begins, np.concatenate(pieces))

    def _put_down(self, carried: States, batch: int) -> list[State]:
        """Return the states that the kernel has put down."""
        states = []
        for graph, piece in zip(self._graphs, np.split(carried.rows, carried.begins[1:]), strict=True):
            shapes = {row.name: (graph.synapses,) for row in SYNAPSE} | {"act": (graph.nodes, batch)}
            shapes |= {name: part.shape[:-1] for name, part in empty(self._memory, 0).items()}
            ends = np.cumsum([prod(shape) for shape in shapes.values()])
            rows = np.split(in_a_row(piece.reshape(-1, ends[-1], LANES), self._lanes), ends[:-1])
            parts = zip(shapes.items(), rows, strict=True)
            states.append({name: part.reshape(*shape, self._lanes) for (name, shape), part in parts})
        return states


def at_birth(graph: Graph, w: F32) -> State:
    """Return the state in which nothing has been learned yet, given weights f32[E, L]."""
    silent = (graph.traits & SILENT > 0)[:, None]
    return {**birth_states(w, silent), "act": np.zeros((graph.nodes, 1, w.shape[1]), np.float32)}


def answer(graph: Graph, head: str, state: State, x: F32) -> F32:
    """Return the answers f32[Q, O] of one life (L = 1) to queries x f32[Q, I], as `Lives.answer` has it.

    Each lane takes a share of them.
    """
    nothing = np.zeros((0, graph.synapses), np.float32)
    one = Phenotype(graph, compile_rule({}), state["w"][:, 0], nothing[:, 0], nothing)
    gated = 1 << SIGNALS[SYNAPSE[GATE].name].register  # whatever gates have come to
    lives = Lives(batch_of([one]), Births(), LANES, head=head, credit="local", bound=1.0, reads=gated)
    alike = {name: np.repeat(part, LANES, axis=-1) for name, part in state.items()}
    answers = lives.answer([alike], by_lanes(x.T, LANES))[0]
    return np.ascontiguousarray(answers.swapaxes(1, 2).reshape(-1, graph.outputs)[: len(x)])


def watch(phenotypes: Phenotypes, g: int, tasks: Tasks, births: Births, plan: Plan) -> Iterator[Learner]:
    """Live genome g's lifetimes update by update; yield the learner, as the reference has it, after each.

    The kernel makes the steps. What the rule read and gave in them (`signals`, `results`) is put together by the
    reference's own step, of the same bits.
    """
    learner = Learner(phenotypes, g, tasks, births, plan)
    lives = Lives(phenotypes.take([g]), births, tasks.lanes, head=plan.head, credit=plan.credit, bound=plan.bound,
                  synapse_cost=plan.synapse_cost, reads=LEFT, metric=plan.metric, memory=plan.memory)  # fmt: skip
    (state,) = lives.birth()
    for update in range(len(plan.order)):
        learner.meet(update)
        learner.perceive()
        state, learner.err, learner.grad, learner.reward = lives.step(state, learner.x, learner.y, update, plan.life)
        learner.act = state["act"]
        with np.errstate(all="ignore"):
            learner.execute()
        learner.states = {row.name: state[row.name] for row in SYNAPSE}
        learner.memory = {name: state[name] for name in learner.memory}
        yield learner
