"""Checks against the tables of the language and the opened tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.errors import InputError
from evometa.evolution.check import check_names, check_tasks, readable
from evometa.tasks import Family, open_family
from tests.tasks.characters import omniglot_file


def families(recipe: str, settings: tuple[str, ...]) -> list[Family]:
    """Open the families of a recipe."""
    config = load(recipe, settings).config
    return [open_family(tasks.settings, config.seed, tasks.splits) for tasks in config.tasks]


@pytest.mark.parametrize("name", sorted(recipes()))
def test_built_in_recipes_pass(name: str, tmp_path: Path) -> None:
    settings: tuple[str, ...] = ()
    if name.endswith("omniglot"):  # else it would be fetched
        settings = (f"tasks.path={omniglot_file(tmp_path)}",)
    if name == "sequence":
        settings = tuple(f"tasks.{number}.path={omniglot_file(tmp_path)}" for number in range(2))
    if name == "stream_omniglot":  # of which that file has too few characters
        settings += "tasks.other_tests=[]", "tasks.ways=5", "tasks.validation_ways=5", "tasks.train_ways=5"
        settings += "tasks.shots=2", "tasks.queries=1"
    loaded = load(name, settings)
    trees = check_names(loaded)
    check_tasks(loaded, families(name, settings))
    assert set(trees) == set(loaded.config.rule.texts)


def test_a_slot_reads_what_the_recipe_lists_and_the_slot_knows() -> None:
    config = load("delta", ["rule.slots=[update, loss]", "rule.signals=[grad, target, output]"]).config
    assert readable(config, "update") == ("grad", "target")
    assert readable(config, "loss") == ("target", "output")
    config = load("delta", ["rule.signals={update = ['pre']}"]).config
    assert readable(config, "update") == ("pre",)


@pytest.mark.parametrize(
    ("recipe", "settings", "message"),
    [
        ("digits", ["rule.signals=[grd]"], '"grd". Did you mean grad?'),
        ("digits", ["rule.signals={update = ['grd'], s1 = ['w']}"], "Did you mean grad?"),
        ("digits", ["rule.primitives=[add, multiply]"], "Did you mean mul?"),
        ("digits", ["champion.baselines=[adm]"], "Did you mean adam?"),
        ("digits", ["rule.init.update=-c0*grod"], "Nearest: grad"),
        ("digits", ["rule.init.update=exp(grad"], "closing parenthesis"),
        ("digits", ["rule.init.update=-c0*pre"], "may be read here"),
        ("digits", ["rule.max_nodes=2"], "at most rule.max_nodes (2) nodes; found 4"),
        ("digits", ["rule.max_depth=1"], "at most rule.max_depth (1) levels"),
        (
            "digits",
            ["rule.init=random", "rule.signals=[pre, w]"],
            "found pre. Remove it, or set lifetime.batch = 1.",
        ),
        ("digits", ["rule.init.update=-c0*err", "rule.fixed=[update]"], "found err. Remove it"),
        ("digits", ["champion.baselines=[delta]"], "found delta, which reads post, pre, target"),
        ("delta", ["champion.baselines=[abcd]"], "found abcd, which reads p0, p1, p2, p3"),
        ("digits", ["coefficients.count=2"], "c0 to c1 only, as coefficients.count is 2; found c2."),
        ("delta", ["rule.signals=[pre, p0]"], "no p0, as plasticity.count is 0"),
        ("delta", ["rule.signals=[pre, s2]"], "s2, which nothing writes"),
        ("delta", ["rule.signals=[output]"], "none of them"),
        (
            "sinusoid_evolution",
            ["rule.slots=[update, loss]", "rule.signals={loss = ['output', 'pre']}"],
            "Known: output, target",
        ),
        (
            "delta",
            ["rule.slots=[update, loss]", "rule.signals={update = ['pre'], loss = ['output']}"],
            "through them only",
        ),
        ("digits", ["network.credit=local"], 'found "local"'),
    ],
)
def test_names_and_contradictions_are_refused(recipe: str, settings: list[str], message: str) -> None:
    with pytest.raises(InputError) as error:
        check_names(load(recipe, settings))
    assert message in str(error.value)


@pytest.mark.parametrize(
    "settings",
    [
        ["rule.init=random", "rule.signals=[pre, w]", "lifetime.batch=1", "champion.baselines=[sgd]"],
        ["rule.init=random", "network.credit=local", "lifetime.batch=1", "rule.signals=[grad, pre]"],
        [
            "rule.slots=[update]",
            "rule.init={update = '-c0*grad*err'}",
            "rule.fixed=[update]",
            "lifetime.batch=1",
            "weights.mode=evolved",
        ],
    ],
)
def test_what_has_a_meaning_passes(settings: list[str]) -> None:
    check_names(load("digits", settings))


def test_the_slot_loss_reads_targets_of_any_batch() -> None:
    signals = "{update = ['grad'], s1 = ['grad'], loss = ['output', 'target']}"
    settings = ["rule.slots=[update, s1, loss]", "rule.init=random", f"rule.signals={signals}"]
    check_names(load("digits", settings))


def test_a_fixed_slot_may_be_larger_than_what_evolves() -> None:
    text = "grad + grad + grad + grad + grad"
    check_names(load("digits", ["rule.max_nodes=3", f"rule.init={{update = '{text}'}}", "rule.fixed=[update]"]))


@pytest.mark.parametrize(
    ("recipe", "settings", "message"),
    [
        ("sinusoid", ["network.head=softmax"], "ask for numbers"),
        ("delta", ["network.head=softmax"], "have one output"),
        ("sinusoid", ["fitness.objectives=[adapted_accuracy]"], "have no classes"),
        ("digits", ["fitness.objectives=[adapted_accuracy]", "network.head=linear"], "by a linear head"),
        ("sinusoid", ["run.until.accuracy=1"], "have no classes"),
        ("sinusoid", ["champion.measure=accuracy"], "--set champion.measure=accuracy: expected a measure for numbers"),
        ("digits", ["lifetime.batch=26"], "at most 25, the support examples"),
        ("digits", ["lifetime.batch=26"], 'Set it to "all", lower it, or change tasks.shots or tasks.ways.'),
    ],
)
def test_what_the_tasks_cannot_do_is_refused(recipe: str, settings: list[str], message: str) -> None:
    with pytest.raises(InputError) as error:
        check_tasks(load(recipe, settings), families(recipe, tuple(settings)))
    assert message in str(error.value)


@pytest.mark.parametrize(("part", "settings"), [("weights", {"mode": "evolved"}), ("plasticity", {"count": 1})])
def test_numbers_of_each_synapse_need_networks_of_one_shape(part: str, settings: dict[str, object]) -> None:
    tables = [{"family": "boolean", "inputs": 5}, {"family": "boolean", "inputs": 6}]
    loaded = load({"tasks": tables, part: settings})
    opened = [open_family(tasks.settings, 0) for tasks in loaded.config.tasks]
    with pytest.raises(InputError, match="found 5-1 and 6-1"):
        check_tasks(loaded, opened)
    check_tasks(load({"tasks": tables}), opened)
