"""Recipes whose numbers cannot be tuned along a gradient, each refused by the name of what is in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check import check_names, check_tasks
from evometa.evolution.check_search import remarks
from evometa.tasks.location import Places, open_families
from tests.small import GRADIENT
from tests.small import recipe as changed

STEPS = {"gradient": {"steps": 2, "tasks": 4}}
FIXED_RULE = {"rule": {"fixed": ["update", "s1", "loss"]}}
NO_NUMBERS = {
    "weights": {"mode": "drawn"},
    "plasticity": {"count": 0},
    "coefficients": {"mode": "fixed", "values": [0.1]},
}
PLAIN = {"slots": ["update"], "signals": ["grad"], "init": {"update": "-0.1 * grad"}}


def checked(**sections: Any) -> Any:
    """Check a recipe as a run does before anything is lived."""
    loaded = load(changed(changed(GRADIENT, **STEPS), **sections))
    check_names(loaded)
    check_tasks(loaded, families := open_families(loaded.config, Places(Path())))
    return remarks(loaded.config, families)


def test_what_has_a_slope_is_accepted() -> None:
    assert checked() == []
    assert checked(gradient={"numbers": ["weights", "constants"], "checkpoints": [0, 1]}) == []
    assert checked(network={"hidden": [], "activation": "step"}) == []  # no unit has that activation
    assert (
        checked(network={"activation": "step"}, gradient={**STEPS["gradient"], "order": 0}) == []
    )  # Reptile asks none


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"network": {"activation": "step"}}, r"network\.activation.*have a slope.*tanh.*found \"step\""),
        (
            {"topology": {"mode": "evolved", "activations": ["tanh", "step"]}, "weights": {"init": "normal"},
             "plasticity": {"tie": "synapse"}},
            r"topology\.activations.*found \"step\"",
        ),
        ({"rule": {"init": {**GRADIENT["rule"]["init"], "loss": "step(output - target)"}, "fixed": ["loss"]}},
         r"rule\.init\.loss.*a loss with a slope"),
        ({"gradient": {"numbers": ["plasticity"]}, "plasticity": {"mode": "fixed"}},
         r"gradient\.numbers.*\"plasticity\""),
        ({"gradient": {"numbers": ["constants"]}, **FIXED_RULE}, r"gradient\.numbers.*every slot of the rule is fixed"),
        ({"gradient": {"numbers": ["coefficients"]}, "rule": {**PLAIN, "fixed": []}},
         r"gradient\.numbers.*coefficients: no slot reads c0"),
        ({"gradient": {"numbers": ["plasticity"]}, "evolution": {"inheritance": "darwin"}},
         r"gradient\.numbers.*before anything is learned"),
        ({"gradient": {"numbers": ["plasticity"], "checkpoints": [0]}},
         r"gradient\.numbers.*losses count only before anything is learned"),
        ({"gradient": {"checkpoints": [0, 1]}, "evolution": {"inheritance": "darwin"}},
         r"gradient\.checkpoints.*darwin judges before anything is learned.*found \[0, 1\]"),
        ({"gradient": {"checkpoints": [3]}}, r"gradient\.checkpoints.*at most 2"),
        ({"gradient": {"updates": 3}}, r"gradient\.updates.*at most 2"),
        ({"gradient": {"updates": 1, "checkpoints": [2]}}, r"gradient\.checkpoints.*gradient\.updates \(1\)"),
        ({"gradient": {"checkpoints": [2, 1]}}, r"gradient\.checkpoints.*ascending"),
        ({"gradient": {"later": {"7": {"updates": 3}}}}, r"gradient\.later\.7\.updates.*at most 2"),
        ({"gradient": {"updates": 1, "later": {"7": {"checkpoints": [2]}}}},
         r"gradient\.later\.7\.checkpoints.*at most gradient\.later\.7\.updates \(1\)"),
        ({"gradient": {"later": {"0": {"updates": 1}}}}, r"gradient\.later.*generations from 1 on.*\"0\""),
        ({"gradient": {"later": {"7": {"beta1": 0.5}}}}, r"gradient\.later\.7.*unknown key"),
        ({"tuning": {"every": 2}}, r"tuning\.every.*one way to tune numbers"),
        ({"gradient": {"individuals": 13}}, r"gradient\.individuals.*at most an island's children \(12\)"),
        ({"gradient": {"rate": 0.0}}, r"gradient\.rate"),
        ({"gradient": {"order": 3}}, r"gradient\.order"),
        ({"gradient": {"order": 0, "numbers": ["weights", "constants"]}}, r"gradient\.numbers.*moves weights alone"),
        ({"gradient": {"order": 0}, "weights": {"mode": "drawn"}}, r"weights\.mode"),
        ({"gradient": {"order": 0, "checkpoints": [1]}}, r"gradient\.checkpoints.*where lives end"),
        ({"gradient": {"order": 0}, "evolution": {"inheritance": "darwin"}}, r"gradient\.order.*nothing is learned"),
        ({"gradient": {"beta2": 1.0}}, r"gradient\.beta2"),
    ],
)  # fmt: skip
def test_what_has_none_is_refused(sections: dict[str, Any], said: str) -> None:
    own = {**sections, "gradient": {**STEPS["gradient"], **sections.get("gradient", {})}}
    with pytest.raises(InputError, match=said):
        checked(**own)


def test_a_recipe_in_which_nothing_could_be_tuned_is_refused() -> None:
    topology = {"mode": "evolved", "add_node": 0.1}
    with pytest.raises(InputError, match=r"gradient\.steps.*numbers that evolve"):
        checked(rule={**PLAIN, "fixed": ["update"]}, topology=topology, **NO_NUMBERS)
    with pytest.raises(InputError, match=r"gradient\.numbers.*before anything is learned"):
        checked(
            evolution={"inheritance": "darwin"}, topology=topology, weights={"mode": "evolved", "init": "normal"},
            plasticity={"tie": "synapse"}, gradient={**STEPS["gradient"], "numbers": ["coefficients"]},
        )  # fmt: skip


def test_objectives_without_a_slope_are_no_obstacle_but_said() -> None:
    digits = load("xor", ["gradient.steps=1", "fitness.objectives=[adapted_accuracy]"])
    (text,) = [each for each in remarks(digits.config, []) if "tuned" in each]
    assert "selected by adapted_accuracy" in text
