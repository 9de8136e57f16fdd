"""Lives in an environment, as lessons draw them: which lanes, seeded by what, for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors
from evometa.tasks.environments.protocol import Facts
from evometa.tasks.environments.spec import EnvironmentSpec


@dataclass(frozen=True)
class EnvironmentLives:
    """So many lanes from number `first` on, seeded by `seed`; `ticks` of a life, `facts` of the environment."""

    spec: EnvironmentSpec
    facts: Facts
    ticks: int
    seed: int
    lanes: int
    first: int = 0

    @property
    def inputs(self) -> int:
        """Numbers that are seen."""
        return self.facts.inputs

    def take(self, lanes: NDArray[np.int64]) -> EnvironmentLives:
        """Return the lives of some lanes that lie beside each other."""
        begin, count = int(lanes[0]), len(lanes)
        assert (lanes == np.arange(begin, begin + count)).all(), "lanes that lie beside each other"
        return replace(self, first=self.first + begin, lanes=count)

    def live(self, actors: Actors, plan: ActingPlan, progress: Any) -> ActingOutcomes:
        """Live every learner's lives. Raises RunFailed where the environment hangs, dies or fails."""
        from evometa.tasks.environments.acting import act_in  # compiled, which who looks at a recipe has no need of

        return act_in(
            self.spec, actors, plan, lanes=self.lanes, seed=self.seed, first=self.first, progress=progress
        )  # fmt: skip

    def fault(self, actors: Actors, plan: ActingPlan, lane: int) -> str:
        """Let one life of a learner go again; return what was not finite, and in which tick. Raises RunFailed."""
        from evometa.tasks.environments.acting import fault_in

        return fault_in(self.spec, actors, plan, seed=self.seed, lane=self.first + lane)
