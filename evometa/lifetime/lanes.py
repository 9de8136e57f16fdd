"""Tasks and plan as a kernel takes them: lanes in pieces of one width, examples in the order in which they are met."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from evometa.lifetime import F32, I32, NONE, Memory, Metric, Plan, Tasks, in_all_lanes
from evometa.spec import COMPARISONS, CREDITS, HEADS

LAID_OUT = 1 << 23  # floats of examples that are laid out in the order in which lanes meet them, at most

NUMBER: Any = np.float32


def by_lanes(array: Any, width: int) -> Any:
    """Cut the last axis (lanes) into pieces of `width`: [..., L] → [pieces, ..., width], the last lane repeated."""
    short = -array.shape[-1] % width
    if short:
        last = np.repeat(array[..., -1:], short, axis=-1)
        array = np.concatenate([array, last], axis=-1)
    cut = array.reshape(*array.shape[:-1], array.shape[-1] // width, width)
    return as_taken(np.moveaxis(cut, -2, 0))


def as_taken(array: Any, dtype: Any = None) -> Any:
    """Return an array as kernels take it: contiguous, and its own where it is read-only.

    Numba has another type for arrays that are read-only, and would compile whole kernels once more for them.
    """
    return np.require(array, dtype, ["C", "W"])


def in_a_row(pieces: Any, lanes: int) -> Any:
    """Put pieces of lanes side by side again: [pieces, ..., width] → [..., L]."""
    whole = np.moveaxis(pieces, 0, -2).reshape(*pieces.shape[1:-1], len(pieces) * pieces.shape[-1])
    return np.ascontiguousarray(whole[..., :lanes])


def in_order_met(tasks: Tasks, plan: Plan) -> tuple[Tasks, Plan]:
    """Return the same lives with each lane's support examples laid out as it meets them, if that takes little memory.

    Then all lanes share an order, and a kernel loads whole rows: to gather each lane's own example took up to twice the
    time of a life of one layer.
    """
    updates, batch, lanes = plan.order.shape
    if HEADS[plan.head].comparison:  # queries are compared with all examples, as they are
        return tasks, plan
    floats = plan.order.size * (tasks.support_x.shape[1] + tasks.support_y.shape[1])
    if not 0 < floats <= LAID_OUT or (plan.order == plan.order[..., :1]).all():
        return tasks, plan
    x, y = as_met(plan.order, tasks.support_x, tasks.support_y)
    order = np.arange(updates * batch, dtype=np.int32).reshape(updates, batch)
    return replace(tasks, support_x=x, support_y=y), replace(plan, order=in_all_lanes(order, lanes))


def as_met(order: I32, *parts: F32) -> list[F32]:
    """Return examples f32[S, …, L] in the order [U, B, L] in which each lane meets them, f32[U·B, …, L]."""
    if (order == order[..., :1]).all():
        return [part[order[..., 0].reshape(-1)] for part in parts]
    return [np.take_along_axis(part, order.reshape(-1, 1, order.shape[2]), axis=0) for part in parts]


class Lanes(NamedTuple):
    """Tasks cut into T pieces of `width` lanes, as kernels take them.

    `order`, where kernels know of that, may be i32[1, U, B, 1], which all lanes share. `comparison`, `ways`,
    `metric`: of a head that compares, its position in COMPARISONS, the classes of its answers, and how it does so;
    `memory`: that of each life.
    """

    support_x: Annotated[F32, "T S I width"]
    support_y: Annotated[F32, "T S O width"]
    query_x: Annotated[F32, "T Q I width"]
    query_y: Annotated[F32, "T Q O width"]
    order: Annotated[I32, "T U B width"]
    checkpoints: Annotated[I32, "C"]
    asked: Annotated[I32, "C 2"]
    head: int
    credit: int
    synapse_cost: Any = np.float32(0)
    comparison: int = NONE
    ways: int = 0
    metric: Metric = Metric(NUMBER(1), NUMBER(0), NUMBER(0))
    memory: Memory = Memory(0, 0, NUMBER(1), NUMBER(1))

    @property
    def room(self) -> int:
        """How many examples a head that compares may have to know, else 0."""
        return max(self.support_x.shape[1], self.order.shape[2]) if self.ways else 0

    @property
    def solved(self) -> bool:
        """Whether what a head compares with is solved for."""
        return self.ways > 0 and list(COMPARISONS.values())[self.comparison].solves

    @property
    def answers(self) -> int:
        """How many queries a life answers."""
        return int((self.asked[:, 1] - self.asked[:, 0]).sum())

    @property
    def most(self) -> int:
        """The most queries that a checkpoint is asked."""
        return int((self.asked[:, 1] - self.asked[:, 0]).max(initial=1))


_CUTS: WeakKeyDictionary[Tasks, tuple[Plan, int, bool, Lanes]] = WeakKeyDictionary()  # of each tasks the last


def cut(tasks: Tasks, plan: Plan, width: int, share: bool = False) -> Lanes:
    """Return tasks and plan in the kernel's layout; `share`: for a kernel that knows of orders all lanes share.

    What can no longer change, as all its arrays are read-only, need not be cut again as long as the tasks are there.
    """
    arrays = (
        tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y, plan.order, plan.checkpoints, plan.asked
    )  # fmt: skip
    if any(array is not None and array.flags.writeable for array in arrays):
        return _cut(tasks, plan, width, share)
    last = _CUTS.get(tasks)
    if last is None or last[0] is not plan or last[1:3] != (width, share):
        last = _CUTS[tasks] = plan, width, share, _cut(tasks, plan, width, share)
    return last[3]


def _cut(tasks: Tasks, plan: Plan, width: int, share: bool) -> Lanes:
    if share:
        tasks, plan = in_order_met(tasks, plan)
    first = plan.order[..., :1]
    shared = share and bool((plan.order == first).all())
    return Lanes(
        by_lanes(tasks.support_x, width),
        by_lanes(tasks.support_y, width),
        by_lanes(tasks.query_x, width),
        by_lanes(tasks.query_y, width),
        as_taken(first[None]) if shared else by_lanes(plan.order, width),
        as_taken(plan.checkpoints, np.int32),
        as_taken(plan.asked_of(len(tasks.query_x)), np.int32),
        HEADS.code(plan.head),
        CREDITS.code(plan.credit),
        np.float32(plan.synapse_cost),
        *comparison_of(plan.head, tasks.support_y.shape[1], plan.metric),
        remembered(plan.memory),
    )


def comparison_of(head: str, ways: int, metric: Metric) -> tuple[int, int, Metric]:
    """Return a head's comparison, the ways of its answers and its metric, as kernels take them."""
    taken, name = Metric(*map(NUMBER, metric.numbers), *map(int, metric.by)), HEADS[head].comparison
    return (COMPARISONS.code(name), ways, taken) if name else (NONE, 0, taken)


def remembered(memory: Memory) -> Memory:
    """Return a memory's numbers as kernels take them."""
    slots, cells, focus, sharpness, *by = memory
    return Memory(int(slots), int(cells), NUMBER(focus), NUMBER(sharpness), *map(int, by))
