"""New parts of a rule that do nothing at first, and moments that go with the numbers they belong to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.config.schema import Config
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.moments import Moments
from evometa.genetics.starts import topologies_of
from evometa.genetics.topology import layered
from evometa.language.liveness import felt_signals
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import COEFFICIENTS, INPUTS, PLASTICITY
from evometa.language.text import parse
from evometa.seeding import Draws
from operators.terms import silenced
from operators.toolbox import make_toolbox
from tests.searching import recipe, shapes

RULE = {
    "slots": ("update", "s1"), "max_nodes": 40, "max_depth": 10,
    "init": {"update": "-0.1 * grad * exp(p0)", "s1": "s1"},
    "signals": ("grad", "w", "w0", "s1", "age", "p0", "p1", "c0", "c1"),
}  # fmt: skip


def config_of(**sections: Any) -> Config:
    return recipe(**{
        "rule": RULE, "coefficients": {"count": 2, "low": -1.0, "high": 1.0, "scale": "linear"},
        "variation": {"mutate_term": 1.0}, **sections,
    })  # fmt: skip


def children_of(config: Config, count: int = 200, moments: bool = True) -> tuple[Genomes, Genomes]:
    """Return genomes, and what `mutate_term` makes of them."""
    toolbox, rng = make_toolbox(config, shapes(config)), Draws(np.random.default_rng(3))
    parents = toolbox.genomes(rng, count)
    if moments:
        known = Moments.none(count, 1, 2, parents.weights.shape[1], parents.plasticity.shape[1:])
        ones = {name: np.ones_like(getattr(known, name)) for name in ("coefficients", "plasticity", "weights")}
        parents = parents.replace(moments=Moments(**{**vars(known), **ones}))
    (term,) = [one for one in toolbox.variations if one.name == "mutate term"]
    rows = np.arange(count)
    children, changed = term.vary.operator(parents, rows, rows, np.full(count, term.vary.kind), rng)
    assert changed.all()
    return parents, children


def answers(genome: Any, seed: int) -> np.ndarray[Any, Any]:
    """Return the change of weights of some synapses, in the first group, with the genome's own numbers."""
    rng = np.random.default_rng(seed)
    signals: dict[str, Any] = {name: rng.standard_normal(8).astype(np.float32) for name in INPUTS}
    for names, values in ((COEFFICIENTS, genome.coefficients), (PLASTICITY, genome.plasticity[:, 0])):
        signals |= {name: np.full(8, value, np.float32) for name, value in zip(names, values, strict=False)}
    return evaluate(compile_rule({slot: tree for slot, tree in genome.rule.items() if slot != "loss"}), signals)[
        "update"
    ]


def test_what_joins_does_nothing_until_its_number_is_another() -> None:
    parents, children = children_of(config_of())
    kinds: set[str] = set()
    for row, (parent, child) in enumerate(zip(parents, children, strict=True)):
        assert len(child.rule["update"]) > len(parent.rule["update"])
        assert np.array_equal(answers(parent, row), answers(child, row))
        new = child.rule["update"].signals() - parent.rule["update"].signals()
        (number,) = new & {*COEFFICIENTS, *PLASTICITY}
        kinds.add(number)
        part, place = ("coefficients", int(number[1])) if number[0] == "c" else ("plasticity", int(number[1]))
        assert not getattr(child, part)[place].any()
        assert not getattr(child.moments, part)[0, :, place].any()
        others = np.arange(2) != place
        assert np.array_equal(getattr(child, part)[others], getattr(parent, part)[others])
        assert getattr(child.moments, part)[0][:, others].all()
        moved = child.replace(**{part: getattr(child, part) + np.float32(0.5)})
        assert not np.array_equal(answers(moved, row), answers(child, row))
    assert kinds == {"p1", "c0", "c1"}
    texts = {str(child.rule["update"]) for child in children}
    assert any("age)))" in text and "exp(mul(" in text for text in texts)  # rates that go by age
    grown = [child for child in children if "s1" in felt_signals(child.rule)]
    assert grown
    assert all("s1" in child.rule["s1"].signals() and child.rule["s1"] != parse("s1") for child in grown)


def test_only_numbers_that_evolve_and_may_be_zero_are_read() -> None:
    config = config_of(
        coefficients={"count": 2, "low": 0.1, "high": 1.0}, plasticity={"count": 2, "tie": "group", "mode": "fixed"}
    )
    parents, children = children_of(config, moments=False)
    for parent, child in zip(parents, children, strict=True):
        assert not (child.rule["update"].signals() - parent.rule["update"].signals()) & {*COEFFICIENTS, *PLASTICITY}
        assert 0.0 in [item.value for item in child.rule["update"] if item.constant]


@pytest.mark.parametrize("name", ["weights", "plasticity", "coefficients"])
def test_numbers_that_cross_bring_their_moments_along(name: str) -> None:
    """With moments that are the numbers themselves, a child's are its numbers: whatever crossover did."""
    config = config_of()
    toolbox, rng = make_toolbox(config, shapes(config)), Draws(np.random.default_rng(5))
    parents = toolbox.genomes(rng, 40)
    own = {part: getattr(parents, part) for part in ("weights", "plasticity", "coefficients")}
    known = Moments.none(40, 1, 2, parents.weights.shape[1], parents.plasticity.shape[1:])
    parents = parents.replace(moments=Moments(**{
        **vars(known), **{part: np.stack([array, array], axis=1) for part, array in own.items()}
    }))  # fmt: skip
    (crossover,) = [one for one in toolbox.variations if one.name == f"crossover {name}"]
    rows = np.arange(40)
    children, _ = crossover.vary.operator(parents, rows, rows[::-1].copy(), np.zeros(40, np.int64), rng)
    assert children.moments is not None
    for part in own:
        for k in range(2):
            assert np.array_equal(getattr(children.moments, part)[:, k], getattr(children, part))
    assert (getattr(children, name) != own[name]).any()


def test_who_comes_without_moments_joins_those_with() -> None:
    config = config_of()
    toolbox, rng = make_toolbox(config, shapes(config)), Draws(np.random.default_rng(5))
    new, (parents, _) = toolbox.genomes(rng, 3), children_of(config, 2)
    for both in (Genomes.join([parents, new]), Genomes.of([*parents, *new])):
        assert both.moments is not None
        assert both.moments.weights.any(axis=(1, 2)).tolist() == [True, True, False, False, False]
    assert Genomes.join([new, new]).moments is None


def test_in_evolving_networks_the_number_stands_in_genes() -> None:
    """What the rule of no parent read is 0 in all genes, and so are its moments; the rest is as crossover left it."""
    graph, columns = layered(2, (3,), 1), 2
    rng = np.random.default_rng(0)
    genes = topologies_of(
        graph, rng.standard_normal((2, graph.synapses)).astype(np.float32),
        rng.standard_normal((2, columns, graph.synapses)).astype(np.float32),
    )  # fmt: skip
    genes = replace(genes, moments=np.ones((len(genes.mark), 2 * (1 + columns)), np.float32))
    texts = ("-grad*exp(p0)", "-grad*exp(p0 + p1*age)")
    old, new = (Genomes.of([Genome({"update": parse(text)}) for text in some]) for some in (texts[:1] * 2, texts))
    found = silenced(genes, new, [old, old])
    assert np.array_equal(found[0].plasticity, genes[0].plasticity)
    assert found[0].moments.all()
    assert np.array_equal(found[1].plasticity[:, 0], genes[1].plasticity[:, 0])
    assert not found[1].plasticity[:, 1].any()
    assert found[1].moments[0].tolist() == [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]  # weight, p0, p1: both moments of each
    assert np.array_equal(silenced(genes, new, [old, new]).plasticity, genes.plasticity)
