"""What synapses cost: those of the genome, or those that are open in life."""

from __future__ import annotations

import numpy as np

from evometa.evolution.measures import LARGE
from evometa.lifetime import DIVERGED, OK
from tests.evolution.test_fitness import judge, outcomes_of


def test_a_synapse_costs_in_the_first_objective_alone() -> None:
    outcomes = outcomes_of([[[1.0], [0.5]]] * 2)
    free, dear = (
        judge(outcomes, [3, 5], ("adapted_loss", "adapted_accuracy"), synapse_cost=cost).values for cost in (0.0, 0.25)
    )
    assert (dear[:, 0] - free[:, 0]).tolist() == [1.5, 2.5]
    assert dear[:, 1].tolist() == free[:, 1].tolist()
    more = judge(outcomes, [3, 5], ("adapted_closeness",), synapse_cost=0.25).values[:, 0]
    assert more.tolist() == [0.75 - 1.5, 0.75 - 2.5]


def test_with_a_gate_what_is_open_in_life_costs() -> None:
    # of 8 synapses 8 and 4 are open before learning, 4 and 2 after it
    outcomes = outcomes_of([[[1.0, 0.5], [0.5, 0.25]]])
    free, dear = (
        judge(outcomes, [3], ("adapted_loss",), synapse_cost=c, gated=True).values.item() for c in (0.0, 0.25)
    )
    assert dear - free == 0.25 * (6 + 3) / 2
    at_birth = judge(outcomes, [3], ("adapted_loss",), "darwin", synapse_cost=0.25, gated=True).values.item()
    assert at_birth == 0.75 + 0.25 * (8 + 4) / 2
    shares = judge([outcomes, outcomes_of([[[1.0], [1.0]]])], [3], ("adapted_loss",), shares=(3, 1), synapse_cost=0.25,
                   gated=True).values.item()  # fmt: skip
    assert shares == 0.75 * dear + 0.25 * (1 + 0.25 * 8)


def test_lives_that_are_lost_are_no_cheaper() -> None:
    """Where weights are no numbers gates may well be closed."""
    outcomes = outcomes_of([[[1.0, 1.0], [0.5, 0.0]]], status=[[OK, DIVERGED]])
    free, dear = (judge(outcomes, [3], ("adapted_accuracy",), synapse_cost=c, gated=True).values for c in (0.0, 0.25))
    assert (free - dear).tolist() == [[0.25 * (8 + 4) / 2]]
    assert judge(outcomes, [3], ("adapted_loss", "open_synapses")).values[0, 1] == (4 + LARGE) / 2


def test_a_cost_is_not_rounded() -> None:
    outcomes = outcomes_of([[[1.0], [0.3]]])
    assert judge(outcomes, [3], ("adapted_loss", "open_synapses"), resolution=0.5).values[0].tolist() == [
        0.5, float(np.float32(8) * np.float32(0.3))
    ]  # fmt: skip
