"""From outcomes to fitness: what is measured, and that not a number never wins."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from deap import tools
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.evolution import fitness
from evometa.evolution.check_measures import of_searches
from evometa.evolution.extents import Extents
from evometa.evolution.fitness import Judgements
from evometa.evolution.measures import LARGE, MEASURES
from evometa.evolution.objectives import LOST, OBJECTIVES, fitness_weights, objectives_of, of_acting
from evometa.genetics.individual import Individual, fitness_class
from evometa.lifetime import DIVERGED, OK, Outcomes
from operators import selection
from tests.evolution.outcomes import outcomes_of, wild_outcomes
from tests.searching import individual

EVERY = tuple(name for name in OBJECTIVES if not of_acting(name) and not of_searches(name))


def judge(outcomes: Any, sizes: Any, objectives: Any, *arguments: Any, **named: Any) -> Judgements:
    """Judge by objectives of these names; genomes of `sizes` have twice as many synapses, and half as many nodes."""
    size = np.array(sizes, np.float64)
    return fitness.judge(outcomes, Extents(size, 2 * size, size / 2), objectives_of(objectives), *arguments, **named)


def test_every_objective_by_hand() -> None:
    # one genome, three checkpoints, two lanes
    judged = judge(outcomes_of([[[1.0, 0.5], [0.5, 0.25], [0.25, 0.125]]]), [7], EVERY)
    expected = {
        "adapted_loss": 0.1875,
        "adapted_accuracy": 1 - 0.1875,
        "adapted_closeness": 1 - 0.1875 / 2,
        "squared_closeness": (1 - 0.1875 / 2) ** 2,
        "gain": 0.75 - 0.1875,
        "auc": (0.75 + 0.375 + 0.1875) / 3,
        "course_loss": (0.375 + 0.1875) / 2,
        "worst_decile": 0.25,
        "trials_left": 1.0,
        "size": 7.0,
        "synapses": 14.0,
        "nodes": 3.5,
        "open_synapses": 1.5,
        "geometric_loss": float(np.log(0.1875)),
        "relative_loss": 0.1875,
        "innate_loss": 0.75,
    }
    assert dict(zip(EVERY, judged.values[0].tolist(), strict=True)) == expected
    assert judged.innate.tolist() == [0.75]
    assert judged.adapted.tolist() == [0.1875]
    assert judged.cases.tolist() == [[0.25, 0.125]]
    assert judged.cases.dtype == np.float32
    assert judged.diverged.tolist() == [0]
    assert judged.reasons == {}


def test_the_error_of_the_best_is_over_tasks() -> None:
    lanes = np.array([[1.0, 1.0, 1.0, 1.0], [0.25, 0.5, 0.5, 0.25], [0.25, 0.25, 0.5, 0.5]], np.float32)
    judged = judge(outcomes_of([[each, each] for each in lanes]), [1, 1, 1], ("adapted_loss",), repeats=2)
    expected = np.std([0.25, 0.5], ddof=1) / np.sqrt(2)
    assert judged.values[:, 0].tolist() == [1.0, 0.375, 0.375]
    assert np.isnan(judged.errors[0])  # not among the best
    assert judged.errors[1:] == pytest.approx([0.0, expected])  # the tasks' means are equal, and are not


def test_errors_of_several_sets_add_up_by_their_weights() -> None:
    rng = np.random.default_rng(0)
    sets = [rng.random((1, 2, count)).astype(np.float32) for count in (5, 8)]
    judged = judge([outcomes_of(each) for each in sets], [1], ("adapted_loss",), shares=[3.0, 1.0])
    parts = [each[0, 1].std(ddof=1) / np.sqrt(each.shape[-1]) for each in sets]
    assert judged.errors[0] == pytest.approx(np.hypot(0.75 * parts[0], 0.25 * parts[1]))
    assert np.isnan(judge(outcomes_of(sets[0]), [1], ("worst_decile",)).errors).all()  # no mean
    assert np.isnan(judge(outcomes_of(sets[0]), [1], ("size",)).errors).all()
    assert np.isnan(judge(outcomes_of(sets[0][:, :, :1]), [1], ("adapted_loss",)).errors).all()  # a single task


def test_the_worst_decile_is_the_mean_of_the_worst_tenth() -> None:
    lanes = np.arange(30, dtype=np.float32)
    judged = judge(outcomes_of([[lanes, lanes[::-1]]]), [1], ("worst_decile",))
    assert judged.values.tolist() == [[28.0]]


def test_cases_and_performance_follow_the_first_objective() -> None:
    outcomes = outcomes_of([[[0.5, 1.0], [0.25, 0.5]]])
    accuracy = judge(outcomes, [1], ("adapted_accuracy", "size"))
    assert accuracy.cases.tolist() == [[-0.75, -0.5]]
    assert (accuracy.innate.item(), accuracy.adapted.item()) == (0.25, 0.625)
    closeness = judge(outcomes, [1], ("adapted_closeness",))
    assert (closeness.innate.item(), closeness.adapted.item()) == (0.625, 0.8125)
    assert judge(outcomes, [1], ("gain",)).cases.tolist() == [[-0.25, -0.5]]


def test_before_learning_counts_alone_with_darwin() -> None:
    lived = outcomes_of([[[0.5, 1.0], [np.nan, 0.0]]], status=[[DIVERGED, OK]])
    alone = outcomes_of([[[0.5, 1.0]]])
    for name in EVERY:
        values = [judge(o, [3], (name,), "darwin").values.item() for o in (lived, alone)]
        assert values[0] == values[1], name
    judged = judge(lived, [3], ("adapted_loss",), "darwin")
    assert judged.values.item() == 0.75
    assert judged.diverged.tolist() == [0]


def test_a_lost_lifetime_counts_as_the_worst_and_is_told_by_cause() -> None:
    outcomes = outcomes_of([[[1.0, 1.0, 1.0, 1.0], [0.5, 0.5, np.inf, 0.5]]], status=[[OK, DIVERGED, OK, OK]])
    judged = judge(outcomes, [3], ("adapted_loss", "adapted_accuracy", "gain", "auc", "innate_loss"))
    assert judged.values.tolist() == [[(2 * LARGE + 1) / 4, 0.25, (1 - 2 * LARGE) / 4, (2 * LARGE + 1.5) / 4, 1.0]]
    assert judged.diverged.tolist() == [2]
    assert list(judged.reasons.values()) == [1, 1]
    assert judged.innate.item() == 1.0


def test_a_loss_beyond_all_measure_counts_as_the_worst() -> None:
    judged = judge(outcomes_of([[[1.0], [3e38]]], mae=[[[0.5], [3e38]]]), [3], ("adapted_loss", "adapted_closeness"))
    assert judged.values.tolist() == [[LARGE, 0.0]]


def test_a_bad_start_is_no_gain() -> None:
    born = outcomes_of([[[np.inf], [0.5]], [[0.5], [0.5]]])
    values = judge(born, [3, 3], ("gain",)).values[:, 0]
    assert values[0] < values[1]


@pytest.mark.parametrize("name", EVERY)
def test_a_genome_that_lost_all_its_lifetimes_is_worse_than_any_other(name: str) -> None:
    sound = outcomes_of(
        [[[3e38] * 3, [3e38] * 3]] * 2,
        mae=[[[3e38] * 3] * 2] * 2,
        status=[[DIVERGED, OK, OK], [DIVERGED] * 3],
    )
    values = judge(sound, [50, 1], (name,)).values[:, 0] * OBJECTIVES[name].weight
    assert values[1] < values[0]
    assert abs(OBJECTIVES[name].lost) <= LOST


def test_means_are_added_lane_after_lane() -> None:
    lanes = (10 ** np.random.default_rng(0).uniform(-12, 5, 1000)).astype(np.float32)
    total = 0.0
    for lane in lanes.tolist():
        total += lane
    assert judge(outcomes_of([[lanes, lanes]]), [1], ("adapted_loss",)).values.item() == total / 1000
    assert total != lanes.astype(np.float64).sum()  # which adds in an order of its own


def test_task_sets_are_averaged_by_their_shares() -> None:
    one, other = outcomes_of([[[1.0, 1.0], [0.5, 0.5]]]), outcomes_of([[[1.0], [0.1]]])
    judged = judge([one, other], [3], ("adapted_loss",), shares=(3.0, 1.0))
    assert judged.values.item() == pytest.approx(0.4)
    assert judged.cases.shape == (1, 3)
    assert judge([one, other], [3], ("adapted_loss",)).values.item() == pytest.approx(0.3)


def test_performance_is_rounded_to_the_resolution_but_sizes_are_not() -> None:
    judged = judge(outcomes_of([[[1.0], [0.512]], [[1.0], [0.488]]]), [3, 4], ("adapted_loss", "size"), resolution=0.1)
    assert judged.values.tolist() == [[0.5, 3.0], [0.5, 4.0]]
    assert judged.cases[:, 0].tolist() == [np.float32(0.512), np.float32(0.488)]


def test_every_objective_is_about_a_measure() -> None:
    assert {row.measure for row in OBJECTIVES.values()} == set(MEASURES)


@given(wild_outcomes(), st.lists(st.sampled_from(EVERY), min_size=1, max_size=3, unique=True))
def test_nothing_that_is_not_finite_comes_out(outcomes: Outcomes, objectives: list[str]) -> None:
    genomes = len(outcomes.loss)
    judged = judge(outcomes, [3] * genomes, objectives, synapse_cost=0.1, gated=True)
    for part in (judged.values, judged.cases, judged.innate, judged.adapted):
        assert np.isfinite(part).all()
    assert judged.values.shape == (genomes, len(objectives))


@given(wild_outcomes(), st.randoms(use_true_random=False))
def test_no_bit_depends_on_the_other_genomes(outcomes: Outcomes, shuffler: random.Random) -> None:
    order = list(range(len(outcomes.loss)))
    shuffler.shuffle(order)
    cost: dict[str, Any] = {"synapse_cost": 0.1, "gated": True}
    whole = judge(outcomes, order, EVERY, **cost)

    def some(rows: list[int]) -> Outcomes:
        opened = outcomes.opened
        return Outcomes(
            outcomes.scores[:, rows], outcomes.status[rows], opened=None if opened is None else opened[rows]
        )

    moved = judge(some(order), [order[i] for i in order], EVERY, **cost)
    assert moved.values.tobytes() == whole.values[order].tobytes()
    alone = [judge(some([row]), [order[row]], EVERY, **cost).values.tobytes() for row in order]
    assert alone == [whole.values[row].tobytes() for row in order]


def population_of(outcomes: Outcomes, objectives: tuple[str, ...]) -> list[Individual]:
    """Return individuals with the judged fitness; `diverged` is how many lanes were lost."""
    judged = judge(outcomes, [5] * len(outcomes.loss), objectives)
    made = []
    for row, values in enumerate(judged.values.tolist()):
        one = individual(0.0, id=row, cases=judged.cases[row], diverged=int(judged.diverged[row]))
        one.fitness = fitness_class(fitness_weights(objectives))(tuple(values))
        made.append(one)
    return made


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.sampled_from((np.nan, np.inf, -np.inf)))
def test_the_lost_are_never_selected_while_others_are_there(seed: int, lost: int, value: float) -> None:
    rng = np.random.default_rng(seed)
    loss = rng.random((16, 2, 3)).astype(np.float32)
    accuracy = rng.random((16, 2, 3)).astype(np.float32)
    gone = rng.permutation(16)[:lost]
    loss[gone, 1] = value
    accuracy[gone, 1] = 1.0  # answers that are not numbers may look right
    outcomes = outcomes_of(loss, accuracy)
    for objectives in (("adapted_accuracy",), ("adapted_loss", "size"), ("gain", "size", "auc")):
        people = population_of(outcomes, objectives)
        sound = 16 - lost
        random.seed(seed)
        random.shuffle(people)
        assert all(one.diverged == 0 for one in tools.selBest(people, sound))
        assert all(one.diverged == 0 for one in selection.selBestDistinct(people, sound))
        for one in tools.selTournament(people, 20, 16 * 16):  # a missed draw of all sound ones is out of reach
            assert one.diverged == 0
        assert all(one.diverged == 0 for one in selection.selEpsilonLexicase(people, 20, 0.0))
        if len(objectives) > 1:
            assert all(one.diverged == 0 for one in tools.selNSGA2(people, sound, nd="log"))
            assert all(one.diverged == 0 for one in selection.selDistinctNSGA2(people, sound))


def test_resolution_makes_equals_of_near_equals() -> None:
    several = outcomes_of([[[1.0, 1.0], [0.101, 0.101]], [[1.0, 1.0], [0.109, 0.109]], [[1.0, 1.0], [0.13, 0.13]]])
    coarse = judge(several, [1, 2, 3], ["adapted_loss", "size"], resolution=0.02).values
    assert coarse[0, 0] == coarse[1, 0] != coarse[2, 0]
    assert coarse[:, 1].tolist() == [1, 2, 3]


def test_geometric_loss_is_of_the_means_of_the_sets() -> None:
    one, other = outcomes_of([[[1.0, 1.0], [0.1, 0.3]]]), outcomes_of([[[1.0, 1.0], [0.02, 0.06]]])
    found = judge([one, other], [1], ["geometric_loss"]).values[0, 0]
    assert found == pytest.approx(np.log(np.sqrt(0.2 * 0.04)), rel=1e-6)
