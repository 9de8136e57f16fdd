"""From a recipe to a toolbox: which variations there are, and that DEAP's own algorithms run on it."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest
from deap import algorithms, tools

from evometa.errors import InputError
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual, fitness_class
from evometa.seeding import Draws
from operators.genomes import any_share
from operators.toolbox import make_toolbox
from tests.searching import NETWORK, appraise, recipe, shapes


def toolbox_of(**sections: Any) -> Any:
    config = recipe(**sections)
    return make_toolbox(config, shapes(config))


def draws(seed: int = 0) -> Draws:
    return Draws(np.random.default_rng(seed))


def first(toolbox: Any, seed: int = 0) -> Genome:
    return toolbox.genome(draws(seed))


def varied(variation: Any, *genomes: Genome, seed: int = 0) -> tuple[Genome, ...]:
    return variation.vary(*genomes, rng=draws(seed))


def text(genome: Genome, chromosome: str) -> str:
    return str(json.loads(genome.to_json())[chromosome])


def test_only_what_evolves_is_varied() -> None:
    names = {v.name for v in toolbox_of().variations}
    assert names == {
        *("crossover", "mutate subtree", "mutate node", "mutate insert", "mutate shrink", "mutate constant"),
        *("crossover coefficients", "mutate coefficients", "crossover weights", "mutate weights"),
        *("crossover plasticity", "mutate plasticity"),
    }
    more = {"mutate_block": 0.1, "mutate_state": 0.1, "mutate_simplify": 0.1}
    assert {v.name for v in toolbox_of(variation=more).variations} - names == {
        *("mutate block", "mutate state", "mutate simplify")
    }
    rule_alone = toolbox_of(
        coefficients={"mode": "fixed", "values": (0.1, 0.2)},
        weights={"mode": "drawn"},
        plasticity={"mode": "fixed"},
    )
    assert {v.name.split()[-1] for v in rule_alone.variations} == {
        *("crossover", "subtree", "node", "insert", "shrink", "constant")
    }
    numbers_alone = toolbox_of(
        rule={"slots": ("update",), "init": {"update": "-c0 * grad"}, "fixed": ("update",)},
        plasticity={"count": 0},
        variation={"crossover": 0.5, "mutate_weights": 0.3, "mutate_coefficients": 0.1},
    )
    shares = {v.name: v.share for v in numbers_alone.variations}
    assert shares == pytest.approx(
        {
            **{"crossover coefficients": 0.125, "mutate coefficients": 0.1},
            **{"crossover weights": 0.375, "mutate weights": 0.3},
        }
    )


def test_operators_with_no_share_are_left_out() -> None:
    names = {v.name for v in toolbox_of(variation={"crossover": 0.0, "mutate_shrink": 0.0}).variations}
    assert not any("crossover" in name or "shrink" in name for name in names)


def test_each_variation_touches_its_own_chromosome_alone() -> None:
    texts = {"update": "0.5 * grad + w", "s1": "0.9 * s1"}
    toolbox = toolbox_of(strategy={"mode": "fixed"}, rule={"init": texts})
    parents = [first(toolbox, seed) for seed in (1, 2)]
    for variation in toolbox.variations:
        children = [varied(variation, *parents[: variation.parents], seed=seed)[0] for seed in range(30)]
        touched = variation.name.split()[-1]
        part = touched if touched in ("coefficients", "weights", "plasticity") else "rule"
        for name in ("rule", "coefficients", "weights", "plasticity", "strategy"):
            changed = any(text(child, name) != text(parents[0], name) for child in children)
            assert changed == (name == part), (variation.name, name)


def test_subtrees_stay_in_their_slot() -> None:
    toolbox = toolbox_of(
        rule={"signals": {"update": ("grad", "s1"), "s1": ("w", "s1")}, "constants": ()},
        plasticity={"count": 0},
    )
    genomes = [first(toolbox, seed) for seed in range(6)]
    rng = random.Random(0)
    for step in range(400):
        variation = toolbox.variations[step % len(toolbox.variations)]
        child = varied(variation, *rng.sample(genomes, variation.parents), seed=step)[0]
        genomes[step % 6] = child
        assert child.rule["update"].signals() <= {"grad", "s1"}
        assert child.rule["s1"].signals() <= {"w", "s1"}
        assert list(child.rule) == ["update", "s1"]


def test_a_mutation_step_varies_before_it_is_used() -> None:
    parent = first(toolbox_of())
    for kind, index in (("coefficients", 1), ("weights", 2), ("plasticity", 3)):
        for mode in ("evolved", "fixed"):
            toolbox = toolbox_of(strategy={"mode": mode, "sigma": 0.1})
            (variation,) = [v for v in toolbox.variations if v.name == f"mutate {kind}"]
            (child,) = varied(variation, parent)
            moved = child.strategy != parent.strategy
            assert moved.tolist() == [place == index and mode == "evolved" for place in range(4)]


def test_half_the_mutations_of_weights_touch_all_and_the_others_any_share() -> None:
    shares = any_share(1000, 4000, np.random.default_rng(0))
    partial = shares[shares < 1.0]
    assert len(partial) == pytest.approx(2000, abs=150)
    assert partial.min() >= 1e-3
    assert (partial < 1000**-0.5).sum() == pytest.approx(len(partial) / 2, abs=100)
    toolbox = toolbox_of()
    (variation,) = [v for v in toolbox.variations if v.name == "mutate weights"]
    parent = first(toolbox)
    touched = {int((varied(variation, parent, seed=s)[0].weights != parent.weights).sum()) for s in range(60)}
    assert max(touched) == NETWORK.synapses
    assert min(touched) < NETWORK.synapses / 4


def test_first_genomes_follow_the_recipe() -> None:
    toolbox = toolbox_of(
        rule={"init": {"update": "-c0 * grad"}},
        coefficients={"values": (0.1, 0.9)},
        plasticity={"low": 2.0, "high": 3.0},
    )
    genome, other = first(toolbox), first(toolbox, 1)
    assert str(genome.rule["update"]) == str(other.rule["update"]) == "mul(neg(c0), grad)"
    assert genome.rule["s1"] != other.rule["s1"]
    assert genome.coefficients.tolist() == [np.float32(0.1), np.float32(0.9)]
    assert genome.topology is NETWORK
    assert genome.weights is not None
    assert genome.weights.shape == (NETWORK.synapses,)
    assert genome.plasticity.shape == (2, 4)
    assert 2 <= genome.plasticity.min() <= genome.plasticity.max() <= 3
    assert genome.strategy.tolist() == [np.float32(0.1)] * 4
    rng = draws()
    rules = {str(toolbox.immigrant(rng).rule["update"]) for _ in range(20)}
    assert len(rules) > 10


def test_each_number_of_a_synapse_may_have_a_range_of_its_own() -> None:
    toolbox = toolbox_of(plasticity={"low": [-6.0, 0.0], "high": [-5.0, 0.0]})
    parent = first(toolbox)
    assert -6 <= parent.plasticity[0].min() < parent.plasticity[0].max() <= -5
    assert not parent.plasticity[1].any()
    (variation,) = [v for v in toolbox.variations if v.name == "mutate plasticity"]
    children = [varied(variation, parent, seed=seed)[0] for seed in range(20)]
    assert any((child.plasticity[0] != parent.plasticity[0]).any() for child in children)
    assert not any(child.plasticity[1].any() for child in children)  # steps are in units of the range


def test_fixed_numbers_are_the_same_in_all_genomes() -> None:
    toolbox = toolbox_of(plasticity={"mode": "fixed"}, coefficients={"mode": "fixed", "count": 1, "values": (0.5,)})
    assert np.shares_memory(first(toolbox).plasticity, first(toolbox, 1).plasticity)
    assert toolbox.genomes(draws(), 9).plasticity.strides[0] == 0
    assert first(toolbox).coefficients.tolist() == [0.5]


def test_texts_beyond_the_limits_and_signals_that_no_slot_reads_are_refused() -> None:
    with pytest.raises(InputError, match=r"rule\.max_nodes"):
        toolbox_of(rule={"init": {"update": "add(grad, w)"}, "max_nodes": 2})
    with pytest.raises(InputError, match=r"rule\.signals"):
        toolbox_of(rule={"slots": ("update", "loss"), "signals": ("grad", "w")})
    with pytest.raises(InputError, match=r"rule\.init\.update"):
        toolbox_of(rule={"init": {"update": "grad * * w"}})


@pytest.mark.parametrize("scheme", ["plus", "front", "lexicase", "ageing", "nsga2"])
def test_deaps_own_algorithms_run_on_the_toolbox(scheme: str) -> None:
    objectives = ("adapted_loss", "size") if scheme == "nsga2" else ("adapted_loss",)
    toolbox = toolbox_of(evolution={"scheme": scheme}, fitness={"objectives": objectives})
    fitness = fitness_class((1.0, -1.0)[: len(objectives)])
    rng = draws()
    people = [Individual(toolbox.genome(rng), fitness(), id) for id in range(20)]

    def evaluate(individual: Individual) -> tuple[float, ...]:
        appraise([individual])
        return individual.fitness.values

    toolbox.register("evaluate", evaluate)
    hall = tools.HallOfFame(3, similar=lambda one, other: one.signature == other.signature)
    appraise(people)
    start = max(one.fitness.values[0] for one in people)
    random.seed(0)
    last, log = algorithms.eaMuPlusLambda(people, toolbox, 20, 20, 0.3, 0.6, 5, halloffame=hall, verbose=False)
    assert len(last) == 20
    assert len(log) == 6
    assert hall[0].fitness.values[0] > start
