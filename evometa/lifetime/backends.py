"""What lifetimes are computed on: chosen by name, said in one line, and warmed up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from evometa.errors import InputError
from evometa.language.program import Program
from evometa.lifetime import F32, Births, Outcomes, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.sample import acting_sample, sample, teaching_sample
from evometa.lifetime.searches import F64
from evometa.lifetime.teaching import Classes, TeachingLives, TeachingOutcomes
from evometa.system.machine import processors

if TYPE_CHECKING:
    from evometa.lifetime.cuda.gpu import Gpu

LOADING = 3.0  # seconds: loading compiled kernels takes less, compiling them more


class Backend(Protocol):
    """A function that lives a batch of lifetimes (contract: evometa.lifetime)."""

    def __call__(
        self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> Outcomes: ...  # fmt: skip


class Act(Protocol):
    """A function that lives a batch of lives in a world (contract: evometa.lifetime.acting)."""

    def __call__(
        self, actors: Actors, lives: Lives, plan: ActingPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> ActingOutcomes: ...  # fmt: skip


def act(
    actors: Actors, lives: Lives, plan: ActingPlan, *,
    threads: int = 0, progress: Callable[[int, int], None] | None = None,
) -> ActingOutcomes:  # fmt: skip
    """Live a batch of lives in a world on this machine's processor."""
    from evometa.lifetime.numba.acting import cpu

    return cpu.act(actors, lives, plan, threads=threads, progress=progress)


class Teach(Protocol):
    """A function that lives a batch of lives in which students are taught (contract: evometa.lifetime.teaching)."""

    def __call__(
        self, classes: Classes, lives: TeachingLives, plan: ActingPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> TeachingOutcomes: ...  # fmt: skip


def teach(
    classes: Classes, lives: TeachingLives, plan: ActingPlan, *,
    threads: int = 0, progress: Callable[[int, int], None] | None = None,
) -> TeachingOutcomes:  # fmt: skip
    """Let teachers teach a batch of students on this machine's processor."""
    from evometa.lifetime.numba.teaching import cpu

    return cpu.teach(classes, lives, plan, threads=threads, progress=progress)


class Descend(Protocol):
    """A function that gives the slopes of batches of lifetimes (contract: evometa.lifetime.slopes)."""

    def __call__(
        self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, weights: F32
    ) -> Slopes: ...  # fmt: skip


Prepare = Callable[[Sequence[Program], Sequence[Program], int], Descend]
"""What gives such a function, of the adjoint programs of rules and of losses, and the order."""


@dataclass(frozen=True)
class Executor:
    """What lives lifetimes (`live`) and gives their slopes (`prepare`), and a `line` that says what it is, and why.

    `act`: what lives those that act; `teach`: those of students; `search(way, habits, searches, plan, progress)`: what
    lives searches in a given way elsewhere (None: they are lived here); `close` ends what was opened for it; `shown`:
    what there is to tell of its state, by name; `warm`: whether kernels are compiled already.
    """

    live: Backend
    prepare: Prepare
    line: str
    close: Callable[[], None] = lambda: None
    shown: Callable[[], Mapping[str, str]] = lambda: {}
    warm: bool = False
    act: Act = act
    teach: Teach = teach
    search: Callable[..., F64] | None = None

    def warm_up(self, note: Callable[[str], None], prepare: Prepare | None = None, lives: str = "examples") -> None:
        """Compile or load this machine's kernels now (see `warm_up`), of lives with examples, of lessons, or that act.

        The few of searches are compiled when they are first asked for.
        """
        if self.warm:
            return
        if lives == "lessons":
            warm_up_teaching(self.teach, note)
        elif lives == "acting":
            warm_up_acting(self.act, note)
        elif lives == "examples":
            warm_up(self.live, note, prepare)


def open_executor(name: str, threads: int, note: Callable[[str], None] | None = None) -> Executor:
    """Return what computes on this machine, by the name of a backend (see `choose_backend`)."""
    live, line = choose_backend(name, threads, note)
    return Executor(live, choose_descent(name, threads), line, act=choose_acting(name), teach=choose_teaching(name))


def choose_backend(name: str, threads: int, note: Callable[[str], None] | None = None) -> tuple[Backend, str]:
    """Return the backend of that name (`auto`, `numba`, `cupy`) and a line that says what it is, and why.

    `auto` takes the GPU where there is one that works; `note` is told if its kernels take long to compile. Raises
    InputError for `cupy` where there is none.
    """
    from evometa.lifetime.numba import cpu

    count = threads or processors()
    line = f"numba on {count} thread{'s' if count > 1 else ''}"
    if name == "numba":
        return cpu.live, line
    from evometa.lifetime.cuda import gpu

    with slow(note, "compiling the GPU's kernels, once on this machine …"):
        found = gpu.find()
    if found.gpu is not None:
        return found.gpu.live, f"cupy on {found.reason} ({'as asked' if name == 'cupy' else 'found, and it works'})"
    if name == "cupy":
        raise InputError(
            "a GPU that CuPy can use", found.reason, "run.backend", f"{found.remedy} Or use --backend numba."
        )
    return cpu.live, f"{line} ({found.reason})"


def choose_descent(name: str, threads: int) -> Prepare:
    """Return what gives the slopes of lifetimes that the backend of that name lives.

    It compiles at its first call, which `warm_up` makes.
    """
    from evometa.lifetime.numba.descent import cpu

    gpu = gpu_of(name)
    return partial(cpu.Repeated, threads=threads) if gpu is None else partial(Anew, gpu.descend)


def choose_acting(name: str) -> Act:
    """Return what lives those that act, on the backend of that name. It compiles at its first call."""
    gpu = gpu_of(name)
    return act if gpu is None else gpu.act


def choose_teaching(name: str) -> Teach:
    """Return what teaches students, on the backend of that name. It compiles at its first call."""
    gpu = gpu_of(name)
    return teach if gpu is None else gpu.teach


def gpu_of(name: str) -> Gpu | None:
    """Return the GPU that the backend of that name computes on, if there is one."""
    if name == "numba":
        return None
    from evometa.lifetime.cuda import gpu

    return gpu.find().gpu


class Anew:
    """What gives slopes by a function of the contract (evometa.lifetime.slopes), which is told everything each time."""

    def __init__(
        self, descend: Callable[..., Slopes], adjoints: Sequence[Program], loss_adjoints: Sequence[Program], order: int
    ) -> None:
        self.descend, self.adjoints, self.loss_adjoints, self.order = descend, adjoints, loss_adjoints, order

    def __call__(self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, weights: F32) -> Slopes:
        """Differentiate every lifetime."""
        return self.descend(
            phenotypes, tasks, births, plan, self.adjoints, weights, self.loss_adjoints, self.order
        )  # fmt: skip


@contextmanager
def slow(note: Callable[[str], None] | None, text: str) -> Iterator[None]:
    """Say so if what is done in the block takes long."""
    timer = threading.Timer(LOADING, note or (lambda text: None), [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def warm_up(backend: Backend, note: Callable[[str], None], prepare: Prepare | None = None) -> None:
    """Live a few small lifetimes, so that kernels are compiled or loaded now; say so if it takes long.

    And find their slopes, if there is something that does.
    """
    from evometa.lifetime.probe import answers

    one = sample()
    with slow(note, "compiling kernels, once on this machine; this takes some 40 seconds …"):
        backend(one.phenotypes, one.tasks, one.births, one.plan)
        answers(one.programs, one.phenotypes.coefficients)
    if prepare:
        with slow(note, "compiling the kernels of gradients, once on this machine; this takes some 40 seconds …"):
            prepare(one.adjoints, [], 2)(one.phenotypes, one.tasks, one.births, one.plan, one.weights)


def warm_up_acting(act: Act, note: Callable[[str], None]) -> None:
    """Live a few small lives in a world, so that their kernels are compiled or loaded now; say so if it takes long."""
    one = acting_sample()
    with slow(note, "compiling the kernels of worlds, once on this machine; this takes some 30 seconds …"):
        act(one.actors, one.lives, one.plan)


def warm_up_teaching(teach: Teach, note: Callable[[str], None]) -> None:
    """Give a few lessons, so that their kernels are compiled or loaded now; say so if it takes long."""
    one = teaching_sample()
    with slow(note, "compiling the kernels of lessons, once on this machine; this takes some 30 seconds …"):
        teach(one.classes, one.lives, one.plan)
