"""How far lives carry weights, in place of a gradient (Reptile, Nichol, Achiam & Schulman 2018, arXiv:1803.02999).

Weights at birth move towards those that learning makes of them: slopes are w₀ − w_U, the mean over lanes. Nothing is
differentiated, so rules, losses and activations need no slope, and queries count for nothing.
"""

from __future__ import annotations

import numpy as np

from evometa.lifetime import F32, NONE, OK, Births, Phenotypes, Plan, Slopes, Tasks
from evometa.lifetime.numba.stepwise import Lives
from evometa.lifetime.slopes import mean_of_lanes
from evometa.lifetime.validation import check


def displacement(
    phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, weights: F32, *, threads: int = 0
) -> Slopes:  # fmt: skip
    """Return w₀ − w_U of each genome as the slopes of its weights at birth, and 0 for all other numbers.

    Arguments as in `descend` (contract: evometa.lifetime.slopes); what checkpoints weigh is not read. Raises
    ContractError.
    """
    check(phenotypes, tasks, births, plan)
    lives = Lives(
        phenotypes, births, tasks.lanes, head=plan.head, credit=plan.credit, bound=plan.bound,
        synapse_cost=plan.synapse_cost, metric=plan.metric, memory=plan.memory,
    )  # fmt: skip
    born = lives.birth()
    lived, learned = lives.live(born, tasks, plan, threads)
    innate: list[F32 | None] = []
    for g, (before, after) in enumerate(zip(born, learned, strict=True)):
        own = phenotypes.innate[g] != NONE
        innate.append(mean_of_lanes(before["w"] - after["w"], lived.status[g] == OK) if own else None)
    plasticity = [np.zeros_like(phenotypes.plasticities[place]) for place in phenotypes.plasticity]
    return Slopes(lived.loss, innate, plasticity, np.zeros_like(phenotypes.coefficients), lived.status)
