"""What newborn cannot race with is refused before a run."""

from __future__ import annotations

import pytest

from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check_search import check_search
from evometa.operators import SCHEMES, SELECTIONS
from tests.evolution.test_racing import RACE, engine_of
from tests.small import recipe


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["racing.rungs=[8, 8]"], "ascending numbers of tasks"),
        (["racing.rungs=[8, 4]"], "ascending numbers of tasks"),
        (["racing.rungs=[8, 32]"], "--set racing.rungs=[8, 32]: expected numbers of tasks below sampling.tasks (32)"),
        (["racing.rungs=[8]", "sampling.validation_tasks=7"], "as many tasks to choose the champion on as the last"),
        (["racing.rungs=[2, 4, 8]", "evolution.offspring=26"], "27 or more"),
        (["racing.rungs=[8]", "sampling.resample=never"], 'sampling.resample = "generation" with racing.rungs'),
        (["racing.rungs=[8]", "evolution.inheritance=lamarck", "weights.mode=evolved"], "baldwin or darwin"),
        (["racing.rungs=[8]", "fitness.objectives=[worst_decile]"], "worst_decile"),
        (
            ["racing.rungs=[8]", "fitness.objectives=[geometric_loss]"],
            "a first objective that is a mean over lifetimes",
        ),
        (
            ["racing.rungs=[8]", "evolution.scheme=nsga2", "fitness.objectives=[adapted_loss, innate_loss]"],
            "innate_loss",
        ),
        (["racing.rungs=[8]", "evolution.scheme=lexicase"], "another selection with racing.rungs"),
        (["racing.rungs=[8]", "evolution.parents=lexicase"], "evolution.parents=lexicase: expected another selection"),
        (
            ["racing.rungs=[8]", "rule.slots=[update, gate]", "fitness.synapse_cost=0.1"],
            "how many synapses are open differs between tasks",
        ),
    ],
)
def test_what_cannot_race_is_refused(settings: list[str], message: str) -> None:
    with pytest.raises(InputError) as error:
        check_search(load("digits", settings), SELECTIONS, SCHEMES)
    assert message in str(error.value)


@pytest.mark.parametrize(("key", "split"), [("train_tasks", "train"), ("validation_tasks", "validation")])
def test_sets_with_too_few_tasks_are_refused(key: str, split: str) -> None:
    least = {"train": 6, "validation": 5}[split]
    with pytest.raises(InputError, match=f"{least} {split} tasks or more"):
        engine_of(recipe(RACE, tasks={**RACE["tasks"], key: least - 1}))
    engine_of(recipe(RACE, tasks={**RACE["tasks"], key: least}))


@pytest.mark.parametrize("scheme", [name for name in SCHEMES if name != "lexicase"])
def test_all_other_schemes_can_race(scheme: str) -> None:
    several = SELECTIONS["parents"][SCHEMES[scheme].parents].several
    check_search(load("digits", [
        "racing.rungs=[8]", f"evolution.scheme={scheme}",
        *(["fitness.objectives=[adapted_loss, size]"] if several else []),
    ]), SELECTIONS, SCHEMES)  # fmt: skip
