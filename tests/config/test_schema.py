"""The schema: defaults, what is refused, and that a resolved configuration loads again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from evometa.config.keys import keys
from evometa.config.load import load, restore
from evometa.config.recipes import recipes
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.spec import ACTIVATIONS, CREDITS, HEADS
from evometa.spec.primitives import PRIMITIVES

SMALL = {"tasks": {"family": "boolean"}}


def refusal(*options: str, base: Any = SMALL) -> str:
    """Return the message with which these settings are refused."""
    with pytest.raises(InputError) as error:
        load(base, options)
    return str(error.value)


def test_a_family_is_all_that_is_needed() -> None:
    config = load(SMALL).config
    assert config.tasks[0].settings.family == "boolean"
    assert config.rule.slots == ("update",)
    assert config.lifetime.epochs == 1
    assert config.evolved == {"rule"}


def test_every_key_says_what_it_means() -> None:
    tables = {
        "tasks",
        "run",
        "sampling",
        "network",
        "lifetime",
        "rule",
        "coefficients",
        "weights",
        "plasticity",
    }
    tables |= {"habits", "strategy", "evolution", "variation", "tuning", "gradient", "racing", "fitness", "champion"}
    tables |= {"tasks.family", "topology", "species", "acting"}
    assert [path for path, field in keys().items() if not field.description and path not in tables] == []


def test_the_schema_agrees_with_the_tables_that_it_cannot_import() -> None:
    config = load(SMALL).config
    assert set(config.rule.primitives) == {p.name for p in PRIMITIVES.values() if p.stock and p.name != "div"}
    for words, path in ((ACTIVATIONS, "activation"), (CREDITS, "credit"), (("auto", *HEADS), "head")):
        field = Config.model_fields["network"].annotation.model_fields[path]  # type: ignore[union-attr]
        assert set(field.annotation.__args__) == set(words)


@pytest.mark.parametrize("name", sorted(recipes()))
def test_a_resolved_configuration_loads_again(name: str) -> None:
    config = load(name).config
    stored = json.loads(json.dumps(config.model_dump(mode="json")))
    assert restore(stored, "a run") == config
    assert load(config).config == config


def test_a_configuration_cannot_be_changed() -> None:
    config = load(SMALL).config
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 3


def test_sections_complete_what_is_left_out() -> None:
    assert load(SMALL, ["evolution.population=30"]).config.evolution.offspring == 30
    assert load(SMALL, ["evolution.population=3"]).config.evolution.movers == 1
    assert load(SMALL, ["coefficients.values=[0.1, 0.2]"]).config.coefficients.count == 2
    lifetime = load(SMALL, ["lifetime.updates=7"]).config.lifetime
    assert (lifetime.epochs, lifetime.updates, lifetime.length(12)) == (None, 7, 7)


def test_the_length_of_a_lifetime_counts_whole_batches() -> None:
    assert load(SMALL, ["lifetime.epochs=3", "lifetime.batch=5"]).config.lifetime.length(12) == 6


def test_a_set_of_tasks_has_its_own_layers_or_the_networks() -> None:
    tables = [{"family": "boolean", "hidden": [3]}, {"family": "boolean"}]
    config = load({"tasks": tables, "network": {"hidden": [7, 7]}}).config
    assert [tasks.layers(config.network) for tasks in config.tasks] == [(3,), (7, 7)]


def test_sets_of_tasks_serve_their_splits() -> None:
    config = load("optimizer").config
    assert [tasks.settings.name for tasks in config.serving("test")] == ["wine", "breast_cancer", "moons"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["lifetime.epochs=2", "lifetime.updates=3"], "either epochs or updates"),
        (["lifetime.checkpoints=[3, 1]"], "ascending numbers"),
        (["lifetime.updates=3", "lifetime.checkpoints=[0, 4]"], "at most lifetime.updates"),
        (["rule.slots=[s1]", "rule.signals=[w]"], "update among the slots"),
        (["rule.init={loss = 'output'}"], "a slot of rule.slots"),
        (["rule.signals={update = ['w'], s1 = ['w']}"], "a slot of rule.slots"),
        (["rule.fixed=[update]"], "a text for update"),
        (["rule.slots=[update, s1]", "rule.signals={update = ['w']}"], "signals for the slot s1"),
        (["rule.slots=[update, update]"], "update twice"),
        (["rule.signals=[w, w]"], "w twice"),
        (["rule.constants=[1]"], "a lowest and a highest"),
        (["rule.constants=[1, 0]"], "a lowest and a highest"),
        (["coefficients.low=2"], "at most coefficients.high"),
        (["coefficients.low=0"], "above 0 on a logarithmic scale"),
        (["coefficients.count=2", "coefficients.low=[0.1, 3]", "coefficients.high=2"], "at most coefficients.high"),
        (["coefficients.count=2", "coefficients.low=[0.1, 0]"], "above 0 on a logarithmic scale"),
        (["coefficients.count=2", "coefficients.high=[1]"], "2 of them"),
        (["coefficients.low=[]"], "a number, as coefficients.count is 0"),
        (["plasticity.high=[]"], "a number, as plasticity.count is 0"),
        (["coefficients.values=[1]", "coefficients.count=2"], "2 numbers"),
        (["coefficients.mode=fixed", "coefficients.count=1"], "a value for each coefficient of coefficients.count, as"),
        (["plasticity.low=3"], "at most plasticity.high"),
        (["plasticity.count=2", "plasticity.low=[0, 3]", "plasticity.high=2"], "at most plasticity.high"),
        (["plasticity.count=2", "plasticity.low=[0]"], "2 of them"),
        (["strategy.sigma=3"], "strategy.low"),
        (["champion.rates.low=0"], "champion.rates.scale"),
        (["evolution.islands=150"], "at most half of evolution.population"),
        (["evolution.islands=20", "evolution.offspring=10"], "at most evolution.offspring"),
        (["evolution.immigrants=300"], "share of the offspring"),
        (["fitness.objectives=[gain, gain]"], "gain twice"),
        (["evolution.inheritance=lamarck"], 'weights.mode = "evolved"'),
        (["evolution.inheritance=darwin"], 'weights.mode = "evolved"'),
        (["rule.init={update = 'w'}", "rule.fixed=[update]"], "something that evolves"),
        (
            [
                "rule.init={update = 'w'}",
                "rule.fixed=[update]",
                "weights.mode=evolved",
                "variation.mutate_weights=0",
            ],
            "a mutation above 0",
        ),
        (["tasks.splits=[train, test]"], "a set of tasks for validation"),
        (["species.by=genes"], 'topology.mode = "evolved", as species.by'),
        (["topology.activations=[tanh]", "topology.mutate_activation=0.1"], "two activations or more"),
        (["topology.mutate_activation=0.1"], "that of [network] alone"),
        (["topology.mutate_plastic=0.1"], 'topology.plastic = "evolved"'),
        (["topology.start=''"], "text"),
        (["topology.gain=0"], "above 0"),
        (["run.until={size = 1}"], "run.until"),
        (["run.until.accuracy=1.1"], "1 or less: no accuracy is better"),
        (["run.until.loss=-1"], "0 or more: no loss is better"),
        (["topology.mode=evolved", "weights.mode=fixed"], "evolve or are drawn"),
        (["topology.mode=evolved", "weights.mode=evolved"], "normal, uniform with"),
        (["topology.mode=evolved", "plasticity.count=1", "plasticity.tie=group"], 'plasticity.tie = "synapse"'),
        (["topology.mode=evolved", "plasticity.count=1", "plasticity.mode=fixed"], 'plasticity.mode = "evolved"'),
        (["topology.mode=evolved", "variation.mutate_node=1.5"], "a chance from 0 to 1"),
        (
            [
                *("topology.mode=evolved", "topology.add_node=0", "topology.add_synapse=0"),
                *("rule.init={update = 'w'}", "rule.fixed=[update]"),
            ],
            "a mutation above 0",
        ),
        (["tasks.weight=0"], "above 0"),
        (["name=a/b"], "letters, digits"),
        (["seed=-1"], "from 0"),
        (["weights.scale=nan"], "a number"),
        (["weights.scale=inf"], "a number"),
        (["plasticity.high=inf"], "a number"),
        (["rule.constants=[nan, 1]"], "a number"),
    ],
)
def test_contradictions_are_refused(options: list[str], message: str) -> None:
    assert message in refusal(*options)


def test_a_topology_is_a_chromosome_that_evolves() -> None:
    config = load(SMALL, ["topology.mode=evolved", "rule.init={update = 'w'}", "rule.fixed=[update]"]).config
    assert config.evolved == {"topology"}


def test_evolved_weights_need_one_shape() -> None:
    tables = [{"family": "boolean", "hidden": [3]}, {"family": "boolean", "hidden": [4]}]
    base = {"tasks": tables, "weights": {"mode": "evolved"}}
    assert "hidden layers [3], [4]" in refusal(base=base)


def test_nothing_is_converted_in_silence() -> None:
    for setting in (
        "run.generations='5'",
        "run.generations=5.0",
        "run.generations=true",
        "network.recurrent=1",
    ):
        refusal(setting)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["update", "w", "boolean"]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["update", "0", "x"]), inner),
)


@settings(deadline=None)
@given(path=st.sampled_from(sorted(keys())), value=ANYTHING)
def test_whatever_a_key_holds_the_answer_is_a_config_or_a_refusal(path: str, value: object) -> None:
    data: dict[str, Any] = {"tasks": {"family": "digits"}}
    table = data
    *parents, last = path.split(".")
    for name in parents:
        table = table.setdefault(name, {})
    table[last] = value
    try:
        config = load(data).config
    except InputError as refused:
        where = refused.where
    else:
        assert restore(json.loads(json.dumps(config.model_dump(mode="json"))), "a run") == config
        where = "configuration"
    assert where.startswith("configuration")
