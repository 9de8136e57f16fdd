"""Whether a device computes what the processor does: every primitive on numbers that tell compilers apart.

A compiler that flushes denormals, fuses what is to stay apart, or divides and takes roots by approximation gives other
bits here. A GPU that fails is not used. Lives of heads that compare and of a memory are lived once, and the kernels of
gradients, of worlds and of students go once through lives that have all their parts.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np

from evometa.language.acting import compile_acting
from evometa.language.adjoint import adjoint_of
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.program import compile_rule
from evometa.language.signals import ACTING_SLOTS, SIGNAL_COUNT, SIGNALS
from evometa.language.text import parse, parse_rule
from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.world import World
from evometa.lifetime import (
    F32,
    Births,
    Graph,
    Metric,
    Phenotype,
    Phenotypes,
    Plan,
    Tasks,
    acting,
    reference,
    reference_acting,
    reference_descent,
    reference_teaching,
)
from evometa.lifetime.acting import ActingPlan, Actors
from evometa.lifetime.batch import batch_of
from evometa.lifetime.comparison import PLAIN
from evometa.lifetime.cuda import streaming
from evometa.lifetime.cuda.acting import act
from evometa.lifetime.cuda.descent import descend
from evometa.lifetime.cuda.device import Device
from evometa.lifetime.cuda.launch import answers
from evometa.lifetime.cuda.teaching import teach
from evometa.lifetime.memory import NO_MEMORY, Memory
from evometa.lifetime.sample import teaching_sample
from evometa.lifetime.slopes import BLOCK
from evometa.spec import ACTIVATIONS, HEADS
from evometa.spec.acting import POLICIES
from evometa.spec.primitives import ARGUMENTS, PRIMITIVES
from evometa.spec.states import MEMORY

# zeros, the smallest denormals and normals, ones and their neighbours, powers that under- and overflow, infinities, NaN
TELLING = (
    0.0, -0.0, 1e-45, -1e-45, 1.1e-39, -3e-39, 1.17549435e-38, 2.3e-38, -4.1e-20, 1.0, 1.0000001, -0.99999994, 0.1, 3.0,
    -7.7, 88.3, -103.0, 1e6, 16777217.0, 1.8e19, -3.4028235e38, float("inf"), float("-inf"), float("nan"),
)  # fmt: skip
SOURCES = ("pre", "post", "w")
HEADS_COMPARED = tuple(row.name for row in HEADS.values() if row.comparison)


TOLD_APART = World(
    "told apart", observe=("lookup(table, place)", "place*tick"), actions=3, ticks=5, cut="3", noise=("luck",),
    id="place", ids=4, legal="rows(3) + chance - 0.5", reward="lookup(pay, action) + luck",
    tables={"table": [0.5, -1, 3]}, parameters={"pay": "uniform(-1, 1, 3)", "chance": "uniform(0, 1)"},
    start={"place": "trial"}, next={"place": "place + action*luck"}, end="place - 3",
)  # fmt: skip
HABITS = {
    "update": "c0*m*s1 - 0.01*w*surprise", "s1": "0.5*s1 - grad + acted*pre", "m1": "m1 + 0.1*reward",
    "modulator": "reward + value - before - m1", "intrinsic": "div(1, 1 + visits)",
}  # fmt: skip


def telling_numbers() -> F32:
    """Return triples of numbers, f32[3, P]: all pairs of TELLING with a third, and random ones."""
    rng = np.random.default_rng(7)
    pairs = np.array(list(product(TELLING, TELLING)), np.float32).T
    third = np.resize(np.array(TELLING[::-1], np.float32), pairs.shape[1])
    random = (rng.standard_normal((3, 2000)) * 10.0 ** rng.uniform(-40, 30, (3, 2000))).astype(np.float32)
    return np.concatenate([np.vstack([pairs, third]), random], axis=1)


def first_difference(device: Device) -> str | None:
    """Return the first primitive (or `mul, then add`) that the device computes otherwise; None if there is none."""
    numbers = telling_numbers()
    texts = [f"{p.name}({', '.join(SOURCES[: p.arity])})" for p in PRIMITIVES.values()] + ["add(mul(pre, post), w)"]
    with np.errstate(all="ignore"):
        expected = [FUNCTIONS[p.opcode](*numbers[: p.arity]) for p in PRIMITIVES.values()]
        expected.append(numbers[0] * numbers[1] + numbers[2])
    none, nothing = np.zeros(0, np.int32), np.zeros((0, 0), np.float32)
    graph = Graph(0, 0, np.zeros(1, np.int32), none, np.zeros(0, np.uint8), none)
    programs = [compile_rule({"update": parse(text)}) for text in texts]
    phenotypes = batch_of([Phenotype(graph, program, None, nothing.reshape(-1), nothing) for program in programs])
    signals = np.zeros((SIGNAL_COUNT, numbers.shape[1]), np.float32)
    for source, row in zip(SOURCES, numbers, strict=True):
        signals[SIGNALS[source].register] = row
    names = [*PRIMITIVES, "mul, then add"]
    for name, ours, theirs in zip(names, answers(device, phenotypes, signals)[:, 0], expected, strict=True):
        if not ((ours.view(np.int32) == theirs.view(np.int32)) | (np.isnan(ours) & np.isnan(theirs))).all():
            return name
    return None


class Lives(NamedTuple):
    """A batch whose lives or slopes tell devices apart, and what they are, in words."""

    what: str
    batch: tuple[Phenotypes, Tasks, Births, Plan]


def lives_differ(device: Device) -> str | None:
    """Return what of lives the device computes otherwise than the reference, None if there is nothing."""
    for lives in (*map(compared_lives, HEADS_COMPARED), remembered_lives()):
        ours, theirs = streaming.live(device, *lives.batch), reference.live(*lives.batch)
        if not (np.array_equal(ours.scores, theirs.scores) and np.array_equal(ours.status, theirs.status)):
            return lives.what
    return None


def slopes_differ(device: Device) -> str | None:
    """Return in which lives, gone through in two parts, the device finds other slopes than the reference, if in any."""
    for lives in (plain_lives(), *map(compared_lives, HEADS_COMPARED), remembered_lives()):
        adjoints, weights = [adjoint_of(each) for each in lives.batch[0].programs], np.ones((1, 2), np.float32)
        ours = descend(device, *lives.batch, adjoints, weights, length=2)
        theirs = reference_descent.descend(*lives.batch, adjoints, weights)
        parts: list[list[Any]] = [
            [each.losses, each.innate[0], each.plasticity[0], each.coefficients] for each in (ours, theirs)
        ]
        if not all(map(np.array_equal, *parts)):
            return lives.what
    return None


def agents_differ(device: Device) -> str | None:
    """Return what of lives in a world the device computes otherwise than the reference, None if there is nothing."""
    for policy in POLICIES:
        batch = acted_lives(policy)
        ours, theirs = act(device, *batch), reference_acting.act(*batch)
        if not (np.array_equal(ours.measures, theirs.measures) and np.array_equal(ours.status, theirs.status)):
            return f"lives in a world, {policy}"
    return None


def students_differ(device: Device) -> str | None:
    """Return what of students that are taught the device computes otherwise than the reference, if anything."""
    one = teaching_sample()
    batch = one.classes, one.lives, one.plan
    ours, theirs = teach(device, *batch), reference_teaching.teach(*batch)
    same = all(np.array_equal(getattr(ours, name), getattr(theirs, name)) for name in ("results", "status", "lessons"))
    return None if same else "lessons in a game"


def acted_lives(policy: str) -> tuple[Actors, acting.Lives, ActingPlan]:
    """Return lives in a world that looks up, cuts trials and forbids actions, of a learner with all that there is."""
    place, rng, lanes, half = open_world(TOLD_APART), np.random.default_rng(7), BLOCK + 4, np.full(1, 0.5, np.float32)
    habits = compile_acting(parse_rule(HABITS, slots=ACTING_SLOTS), "next tick")
    assert habits.lane is not None
    graph, projection = _layers(6, 2, 5), rng.standard_normal((1, 2)).astype(np.float32)
    weights = rng.standard_normal(graph.synapses).astype(np.float32)
    learner = Phenotype(graph, habits.rule, weights, np.ones(1, np.float32), np.zeros((0, graph.synapses), np.float32))
    actors = Actors(batch_of([learner]), [habits.lane], np.zeros(1, np.int32), half, 8 * half)
    noise, draws = (rng.random((rows, count, lanes), np.float32) for rows, count in ((6, 1), (5, 2)))
    lives = acting.Lives(place.program, np.concatenate([*place.draw(lanes, rng).values()]), noise, draws)
    plan = ActingPlan(np.array([2, 5], np.int32), policy, "backprop", 0.2, "random", 0.5, projection, True, True)
    return actors, lives, plan


def plain_lives() -> Lives:
    """Return lives of a network 1-2-1."""
    ends, sources = np.array([0, 0, 0, 2, 4, 7], np.int32), np.array([0, 1, 0, 1, 1, 2, 3], np.int32)
    activations, none = np.array([0, 0, 1, 2, 0], np.uint8), np.zeros(7, np.uint8)
    return _lives("lives of layers", Graph(1, 1, ends, sources, activations, none.astype(np.int32), none), "linear")


def compared_lives(head: str) -> Lives:
    """Return lives of a head that compares three classes, with a metric that goes by two coefficients."""
    what = f"lives of the head {head}"
    return _lives(what, _layers(2, 3, 3), head, batch=5, metric=Metric(scale_by=0, norm_by=1, ridge_by=1))


def remembered_lives() -> Lives:
    """Return lives with an external memory."""
    memory = Memory(3, 2, 2.0, 1.5, focus_by=1)
    return _lives("lives with a memory", _layers(1 + memory.cells, memory.nodes, 1), "linear", batch=1, memory=memory)


def _layers(inputs: int, hidden: int, outputs: int) -> Graph:
    """Return a network whose nodes read all of the layer before, and the constant; hidden ones by tanh."""
    first = inputs + 1 + hidden
    sources = [np.arange(inputs + 1)] * hidden + [np.arange(inputs, first)] * outputs
    ends = np.cumsum([0] * (inputs + 2) + [len(each) for each in sources]).astype(np.int32)
    activations = np.zeros(first + outputs, np.uint8)
    activations[inputs + 1 : first] = ACTIVATIONS.code("tanh")
    none = np.zeros(ends[-1], np.uint8)
    return Graph(inputs, outputs, ends, np.concatenate(sources).astype(np.int32), activations, none.astype(np.int32),
                 none)  # fmt: skip


def _lives(what: str, graph: Graph, head: str, batch: int = 6, metric: Metric = PLAIN,
           memory: Memory = NO_MEMORY) -> Lives:  # fmt: skip
    """Return a learner of three updates, in more lanes than one block has."""
    rng = np.random.default_rng(7)

    def numbers(*shape: int) -> F32:
        return rng.standard_normal(shape).astype(np.float32)

    def targets(count: int) -> F32:
        if not HEADS[head].comparison:
            return numbers(count, 1, lanes)
        return np.eye(3, dtype=np.float32)[rng.integers(0, 3, (count, lanes))].swapaxes(1, 2)

    lanes, state = BLOCK + 4, MEMORY[0]
    rule = compile_rule({"update": parse(f"-exp(p0)*{state} - 0.01*w"), state: parse(f"c0*{state} + grad")})
    learner = Phenotype(graph, rule, numbers(graph.synapses), numbers(2), numbers(1, graph.synapses) - 2)
    inputs = graph.inputs - memory.cells
    tasks = Tasks(numbers(6, inputs, lanes), targets(6), numbers(7, inputs, lanes), targets(7))
    order = rng.integers(0, 6, (3, batch, lanes)).astype(np.int32)
    plan = Plan(order, np.array([0, 3], np.int32), head, "backprop", metric=metric, memory=memory)
    return Lives(what, (batch_of([learner]), tasks, Births(), plan))


assert len(ARGUMENTS) == len(SOURCES)
