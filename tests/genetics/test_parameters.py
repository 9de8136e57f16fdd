"""Numbers of genomes in one flat array: what learners get of them, where slopes go, and that they come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.config.schema import Config
from evometa.evolution.courses import open_courses
from evometa.evolution.networks import first_network
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.learners import Learners
from evometa.genetics.lifted import lifted, lowered
from evometa.genetics.parameters import PARTS, Parameters
from evometa.genetics.shapes import shapes_of
from evometa.language.text import parse
from evometa.lifetime import Phenotypes, Slopes
from evometa.seeding import Draws, stream
from operators.toolbox import make_toolbox
from tests.small import GRADIENT
from tests.small import recipe as changed

GROWN = {
    "topology": {"mode": "evolved", "start": "layered", "gain": 2.0}, "weights": {"init": "normal"},
    "plasticity": {"count": 2, "tie": "synapse"},
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "group": {"plasticity": {"count": 2}},
    "synapse": {"plasticity": {"count": 2, "tie": "synapse"}},
    "genes": GROWN,
}
TEXTS = ("-0.5 * grad * exp(p0)", "c0 * grad - 0.25 * s1 * p1", "0.5 * grad + 0.5 * w", "grad")


def config_of(kind: str) -> Config:
    rule = {"slots": ["update", "s1"], "signals": ["grad", "w", "s1", "c0", "p0", "p1"], "init": "random"}
    return load(changed({**GRADIENT, "rule": rule}, **KINDS[kind])).config


def genomes_of(config: Config, seed: int = 0) -> Genomes:
    """Return a few genomes with different rules and numbers."""
    course = open_courses(config)[0]
    start = first_network(config, course.family) if "topology" in config.evolved else None
    toolbox = make_toolbox(config, shapes_of(config, [course.network], start))
    brood = toolbox.population(len(TEXTS), rng=Draws(stream(seed, 0, "genomes"))) if start else None
    genomes = toolbox.genomes(Draws(stream(seed, 0, "genomes")), len(TEXTS)) if brood is None else brood.genomes
    s1 = parse("0.9 * s1 + grad")
    rules = [{"update": parse(text), "s1": s1} for text in TEXTS]
    return Genomes.of([one.replace(rule=rule) for one, rule in zip(genomes, rules, strict=True)])


def flat(phenotypes: Phenotypes, g: int) -> np.ndarray[Any, Any]:
    """Return all numbers of a learner, in double precision."""
    one = phenotypes[g]
    parts = (one.innate, one.plasticity, one.coefficients)
    return np.concatenate([np.asarray(part, np.float64).reshape(-1) for part in parts if part is not None])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chosen", [PARTS, ("plasticity",), ("weights", "constants")])
def test_slopes_go_back_the_way_that_numbers_come(kind: str, chosen: tuple[str, ...]) -> None:
    """Learners depend on parameters linearly: whatever slopes are, gradient · change = slopes · change of learners."""
    config = config_of(kind)
    genomes, rng = genomes_of(config), np.random.default_rng(1)
    parameters = Parameters.of(genomes, chosen, config.rule.evolving)
    learners = Learners(parameters, open_courses(config)[0].world)
    before = learners.phenotypes(parameters.values)
    change = rng.integers(-4, 5, len(parameters.values)).astype(np.float32) / 4
    after = learners.phenotypes(parameters.values + change)

    def drawn(array: Any) -> Any:
        return rng.standard_normal(np.shape(array)).astype(np.float32)

    each = [before[g] for g in range(len(genomes))]
    slopes = Slopes(
        np.zeros(0, np.float32), [drawn(one.innate) for one in each], [drawn(one.plasticity) for one in each],
        drawn(before.coefficients), np.zeros(0, np.uint8),
    )  # fmt: skip
    products = parameters.by_genome(learners.gradient(slopes).astype(np.float64) * change)
    for g in range(len(genomes)):
        parts = (slopes.innate[g], slopes.plasticity[g], slopes.coefficients[g])
        own = np.concatenate([np.asarray(part, np.float64).reshape(-1) for part in parts])
        moved = own @ (flat(after, g) - flat(before, g))
        assert products[g] == pytest.approx(moved, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_put_back_unchanged_is_the_same_genome(kind: str) -> None:
    config = config_of(kind)
    genomes = genomes_of(config)
    parameters = Parameters.of(genomes, PARTS, config.rule.evolving)
    zeros = np.zeros_like(parameters.values)
    none = (
        np.zeros(len(genomes), np.int32),
        np.zeros((len(genomes), 1), np.float32),
        np.zeros((len(genomes), 2), np.float32),
    )
    again = parameters.with_numbers(parameters.values, zeros, zeros, *none)
    assert [one.to_json() for one in again] == [one.to_json() for one in genomes]
    columns = again.columns()
    assert {name for name in columns if name.startswith("moments.")}
    stored = Genomes.from_columns(
        columns, {} if kind == "genes" else {key(genomes): genomes.topology} if genomes.topology else {}
    )
    assert [one.content() for one in stored] == [one.content() for one in again]


def key(genomes: Genomes) -> str:
    from evometa.genetics.topology import graph_key

    return graph_key(genomes.topology)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_moments_are_found_again_in_children(kind: str) -> None:
    config = config_of(kind)
    genomes, rng = genomes_of(config), np.random.default_rng(2)
    parameters = Parameters.of(genomes, PARTS, config.rule.evolving)
    size = len(parameters.values)
    first, second = rng.standard_normal(size).astype(np.float32), rng.random(size).astype(np.float32)
    steps = np.arange(len(genomes), dtype=np.int32)
    means, gained = np.ones((len(genomes), 3), np.float32), np.zeros((len(genomes), 2), np.float32)
    tuned = parameters.with_numbers(parameters.values, first, second, steps, means, gained)
    rows = [3, 1, 1, 0]
    children = Genomes.of([tuned[row] for row in rows])
    again = Parameters.of(children, PARTS, config.rule.evolving)
    for flat_before, flat_after in zip((first, second), again.moments(), strict=True):
        for name in PARTS:
            before, after = parameters.part(flat_before, name), again.part(flat_after, name)
            if kind == "genes" and name in ("weights", "plasticity"):
                own = np.split(before, genomes.topology.begins[1:-1])  # type: ignore[union-attr]
                assert np.array_equal(after, np.concatenate([own[row] for row in rows]))
            elif name == "constants":
                for place, row in enumerate(rows):
                    count = len(parameters.form.rules[row].places)
                    assert np.array_equal(after[place, :count], before[row, :count])
            else:
                assert np.array_equal(after, before[rows])
    assert children.moments is not None
    assert children.moments.steps.tolist() == rows


def test_a_constant_that_is_another_now_begins_without_moments() -> None:
    config = config_of("group")
    genomes = genomes_of(config)
    parameters = Parameters.of(genomes, ("constants",), config.rule.evolving)
    ones = np.ones_like(parameters.values)
    none = np.zeros(4, np.int32), np.zeros((4, 1), np.float32), np.zeros((4, 2), np.float32)
    tuned = parameters.with_numbers(parameters.values, ones, ones, *none)
    changed_rule = {**tuned[1].rule, "update": parse("c0 * grad - 0.75 * s1 * p1")}
    again = Parameters.of(Genomes.of([tuned[1].replace(rule=changed_rule)]), ("constants",), config.rule.evolving)
    assert again.form.values.tolist() == [[0.75, pytest.approx(0.9)]]
    assert again.moments()[0].tolist() == [0.0, 1.0]


def test_a_coefficient_that_quotients_cancel_has_no_slope_where_it_is_large() -> None:
    rule = {"update": parse("-c0*aq(c1*grad, c1*sqrtabs(s1))"), "s1": parse("0.9*s1 + square(grad)")}
    values = np.array([[0.1, 1e8], [0.1, 3.0]], np.float32)
    genomes = Genomes.of([Genome(rule, coefficients=row, strategy=np.ones(4, np.float32)) for row in values])
    found = Parameters.of(genomes, ["coefficients"], ()).of_coefficients(np.ones((2, 2), np.float32))
    assert found["coefficients"].tolist() == [[1, 0], [1, 1]]


def test_constants_are_lifted_and_lowered() -> None:
    rules = [{"update": parse(text), "s1": parse("0.9 * s1 + grad")} for text in TEXTS]
    found = lifted(Genomes.of([Genome(rule, coefficients=np.ones(2, np.float32)) for rule in rules]), ("update", "s1"))
    for one in found.rules:
        assert not [item for item in one.rule["update"] if item.constant]
    again, values = lowered(found, found.values)
    assert np.array_equal(values, found.values)
    assert [{slot: trees[row] for slot, trees in again.items()} for row in range(len(rules))] == rules
    doubled, _ = lowered(found, 2 * found.values)
    for row, rule in enumerate(rules):
        numbers = [float(item.value) for item in doubled["update"][row] if item.constant]
        assert numbers == [2 * float(item.value) for item in rule["update"] if item.constant]


def test_constants_beyond_the_coefficients_that_are_left_take_turns() -> None:
    rule = {"update": parse("+".join(f"0.{k}*grad" for k in range(1, 8)) + "+ c0*c1*c2*c3*grad")}
    genomes = Genomes.of([Genome(rule, coefficients=np.ones(4, np.float32))])
    first, second = (lifted(genomes, ("update",), turn).values[0].tolist() for turn in (0, 1))
    assert first == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert second == pytest.approx([0.5, 0.6, 0.7, 0.1])
