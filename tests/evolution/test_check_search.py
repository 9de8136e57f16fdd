"""What a recipe selects by: objectives, and ways to pick parents and survivors."""

from __future__ import annotations

import pytest

from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check_search import check_search, remarks
from evometa.evolution.courses import open_courses
from evometa.operators import SCHEMES, SELECTIONS
from tests.small import DELTA, recipe

TWO = "fitness.objectives=[adapted_loss, size]"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["fitness.objectives=[adapted_los]"], "Did you mean adapted_loss"),
        (["fitness.objectives=[chess]"], "--set fitness.objectives=[chess]: expected the name of an objective"),
        (["fitness.objectives=[size]"], "a measure of performance"),
        (
            ["evolution.inheritance=darwin", "weights.mode=evolved", "fitness.objectives=[gain]"],
            "nothing is learned with darwin",
        ),
        (["evolution.scheme=nsga2", "fitness.objectives=[adapted_loss, synapses]"], "networks that do not evolve"),
        (["fitness.synapse_cost=0.1"], 'topology.mode = "evolved"'),
        (["fitness.objectives=[open_synapses]", "rule.slots=[update, gate]"], "a measure of performance"),
        (["evolution.scheme=nsga2", "fitness.objectives=[adapted_loss, open_synapses]"], 'a slot "gate"'),
        (["species.by=behaviour", "sampling.resample=generation"], 'sampling.resample = "never"'),
        (
            ["species.by=behaviour", "sampling.resample=never", "fitness.objectives=[worst_decile]"],
            "goes by single tasks",
        ),
        (["run.patience=5"], "sampling.monitor_tasks: expected 1 or more with run.patience"),
        (["evolution.scheme=nsga3"], "Did you mean nsga2?"),
        (["evolution.parents=tournamnt"], "Did you mean tournament"),
        (["evolution.survivors=tournament"], "evolution.survivors=tournament: expected the name of a selection"),
        (["evolution.scheme=nsga2"], 'at least two objectives with evolution.scheme = "nsga2"'),
        ([TWO], 'one objective with evolution.scheme = "plus"'),
        (["evolution.survivors=nsga2"], 'at least two objectives with evolution.survivors = "nsga2"'),
        (["evolution.scheme=nsga2", "evolution.parents=lexicase", TWO], 'one objective with evolution.parents = "lexi'),
        (["evolution.scheme=lexicase", "fitness.objectives=[worst_decile]"], "each task has of its own"),
        (["evolution.parents=roulette", "fitness.objectives=[adapted_loss]"], "of which more is better"),
        (["evolution.parents=lexicase", "fitness.objectives=[worst_decile]"], "each task has of its own"),
    ],
)
def test_what_cannot_be_selected_by_is_refused(settings: list[str], message: str) -> None:
    with pytest.raises(InputError) as error:
        check_search(load("digits", settings), SELECTIONS, SCHEMES)
    assert message in str(error.value)


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_passes_with_the_objectives_that_it_needs(name: str) -> None:
    several = SELECTIONS["parents"][SCHEMES[name].parents].several
    check_search(load("digits", [f"evolution.scheme={name}", *([TWO] if several else [])]), SELECTIONS, SCHEMES)


def test_parents_and_survivors_are_picked_separately() -> None:
    settings = ["evolution.parents=lexicase", "evolution.survivors=youngest"]
    check_search(load("digits", settings), SELECTIONS, SCHEMES)


def test_open_synapses_may_cost_where_a_gate_decides() -> None:
    gate = ["rule.slots=[update, gate]", "fitness.synapse_cost=0.1"]
    objectives = ["evolution.scheme=nsga2", "fitness.objectives=[adapted_loss, open_synapses]"]
    check_search(load("digits", [*gate, *objectives]), SELECTIONS, SCHEMES)


def test_small_validation_sets_are_named_before_the_run() -> None:
    few = recipe(DELTA, sampling={"validation_tasks": 7})
    config = load(few).config
    families = [course.family for course in open_courses(config)]
    assert remarks(config, families) == ["tasks boolean: 3 validation tasks, fewer than the 7 asked for"]
    assert remarks(load(DELTA).config, families) == []
    more = load(recipe(DELTA, sampling={"monitor_tasks": 4})).config
    assert remarks(more, families) == ["tasks boolean: 3 validation tasks, fewer than the 4 asked for"]
