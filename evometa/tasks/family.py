"""What every task family is: a source of tasks of one shape, in three splits that never overlap."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from evometa.config.tasks import SPLITS
from evometa.errors import InputError
from evometa.lifetime import Tasks
from evometa.seeding import stream
from evometa.spec.heads import Kind, default_head
from evometa.tasks.content import Content


class Family(ABC):
    """A source of tasks with `inputs` I, `outputs` O, `support[split]` S examples and `queries[split]` Q examples.

    `splits` says in words what each split is made of; `limits` how many distinct tasks a finite split has; `unit` what
    its tasks are made of that is drawn independently: "task", where each stands for itself, or what tasks share;
    `notes`: what people should know of how its data was read; `others`: families of further tests, by name; `streams`:
    the family that it shares its streams with, where it is a case of another; `image`: height, width and channels, in
    that order, of inputs that are pixels; `sequence`: whether tasks are sequences (see `tasks.sequences`);
    `queries_seen`: whether what is asked may be, on purpose, what was learned from; `whole`: whether each task stands
    for itself in intervals, whatever it shares with others; `hidden`: widths of hidden layers, where those of the
    recipe do not hold; `counts`: of each split, how many tasks a life has, where it has several; `ordered`: support
    examples and queries are in the order of time.
    """

    unit = "task"
    sequence = False
    queries_seen = False
    whole = False
    ordered = False
    streams = ""
    notes: tuple[str, ...] = ()
    others: Mapping[str, Family] = MappingProxyType({})
    image: tuple[int, int, int] | None = None
    hidden: tuple[int, ...] | None = None
    counts: Mapping[str, int] = MappingProxyType({})

    def __init__(
        self,
        name: str,
        kind: Kind,
        inputs: int,
        outputs: int,
        support: int | Mapping[str, int],
        queries: Mapping[str, int],
        splits: Mapping[str, str],
        limits: Mapping[str, int] | None = None,
    ) -> None:
        self.name, self.kind = name, kind
        self.inputs, self.outputs = inputs, outputs
        self.support = dict.fromkeys(queries, support) if isinstance(support, int) else dict(support)
        self.queries, self.splits, self.limits = dict(queries), dict(splits), dict(limits or {})

    @property
    def head(self) -> str:
        """Default output layer."""
        return default_head(self.kind, self.outputs)

    def floats(self, split: str) -> int:
        """Return how many numbers a task of a split is made of."""
        return (self.inputs + self.outputs) * (self.support[split] + self.queries[split])

    def limit(self, split: str) -> int | None:
        """Return the number of distinct tasks in a split, or None when there is no end to them."""
        self._check_split(split)
        return self.limits.get(split)

    def sample(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        """Draw `count` tasks of a split, one a lane; the same state of `rng` gives the same bytes.

        Splits draw from streams of their own, so one generator state never gives one task in two splits.
        Raises InputError for a split that is not served and for a count below 1.
        """
        self._check_split(split)
        if count < 1:
            raise InputError("a count of at least 1", str(count), f"tasks of family {self.name}")
        return self._draw(split, count, self._stream(split, rng))

    def units(self, split: str, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Return which units each task is made of that `sample` draws from the same state of `rng`, i64[M, count].

        The M units of a task are different ones; query q is about unit q mod M. An interval of a mean over tasks is
        over these units.
        """
        self._check_split(split)
        if self.whole:
            return np.arange(count, dtype=np.int64)[None]
        return self._units(split, count, self._stream(split, rng))

    def strata(self, units: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | None:
        """Return the class that each of these units was drawn within, of the same shape; None: within no class."""
        return None

    def in_turn(self, split: str, count: int, tasks: int, rng: np.random.Generator) -> Tasks:
        """Draw so many tasks for each of `count` lives, those of a life behind one another; here any tasks."""
        return self.sample(split, count * tasks, rng)

    def units_in_turn(self, split: str, count: int, tasks: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Return which units each of those lives is made of, i64[M, count]: here each is one of its own."""
        return np.arange(count, dtype=np.int64)[None]

    def check_turns(self, counts: Mapping[str, int]) -> None:
        """Refuse so many tasks a life in each split where there are not so many behind one another. InputError."""
        for split in counts:
            self._check_split(split)

    def shifts(self) -> Mapping[str, Family]:
        """Return families of the same shape whose test tasks lie outside of what these are drawn from, by what is
        different there: an audit asks whether a champion stands it. None here."""
        return {}

    def richer(self, factor: int) -> Family | None:
        """Return the same family with so many times the support examples in the test; None where that cannot be."""
        return None

    def _stream(self, split: str, rng: np.random.Generator) -> np.random.Generator:
        """Return a split's own stream for a state of `rng`, which moves on."""
        return stream(int(rng.integers(2**63)), 0, f"tasks/{self.streams or self.name}/{split}")

    def _units(self, split: str, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Return the units of each task; here every task is one of its own."""
        return np.arange(count, dtype=np.int64)[None]

    def content(self) -> Content:
        """Return what a run should know its tasks' data by; here nothing, as settings and seed say it all."""
        return {}

    @abstractmethod
    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        """Draw `count` tasks of a split that exists, one a lane, float32 and C-contiguous."""

    def _check_split(self, split: str) -> None:
        if split not in self.splits:
            raise InputError(
                f"a split that these tasks serve for ({', '.join(self.splits)})",
                split,
                f"tasks of family {self.name}",
                "Add it to tasks.splits." if split in SPLITS else "",
            )
