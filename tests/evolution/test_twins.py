"""Who is taken for whose twin: genomes all of whose chromosomes are alike, and whose rules answer probes alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.moments import Moments
from evometa.genetics.topology import layered
from evometa.language.text import parse, parse_rule
from evometa.lifetime.numba import cpu
from tests.small import DELTA

GRAPH = layered(3, (2,), 1)
RULE = {"update": parse("-c0*grad*p0")}
CHROMOSOMES = {name for name in Genome.__slots__ if not name.startswith("_")}


def whole(**parts: Any) -> Genome:
    """Return a genome that has every chromosome, some of them replaced."""
    numbers = np.arange(GRAPH.synapses, dtype=np.float32)
    own = Genome(RULE, GRAPH, numbers, np.ones(2, np.float32), np.stack([numbers, numbers]), np.ones(4, np.float32))
    return own.replace(**{"plastic": np.ones(GRAPH.synapses, np.uint8), **parts})


OTHERS: dict[str, Any] = {
    "rule": {"update": parse("-c0*grad")},
    "topology": layered(3, (2,), 1, "relu"),
    "weights": np.zeros(GRAPH.synapses, np.float32),
    "coefficients": np.full(2, 0.5, np.float32),
    "plasticity": np.zeros((2, GRAPH.synapses), np.float32),
    "plastic": np.zeros(GRAPH.synapses, np.uint8),
}  # fmt: skip


def alike(*genomes: Genome) -> bool:
    config = load(DELTA).config
    return len(set(Evaluator(config, open_courses(config), cpu.live).signatures(genomes))) == 1


@pytest.mark.parametrize("name", OTHERS)
def test_any_chromosome_alone_makes_another_learner(name: str) -> None:
    assert not alike(whole(), whole(**{name: OTHERS[name]}))
    assert alike(whole(), whole(**{name: getattr(whole(), name)}))


def test_every_chromosome_is_tried_above_but_strategy_and_moments() -> None:
    assert {*OTHERS, "strategy", "moments"} == CHROMOSOMES
    known = Moments.none(1, 1, 2, GRAPH.synapses, (2, GRAPH.synapses))
    for name, other in (("strategy", np.zeros(4, np.float32)), ("moments", known)):  # they change offspring, not lives
        assert alike(whole(), whole(**{name: other}))


@pytest.mark.parametrize("name", ["topology", "weights"])
def test_none_of_its_own_is_another_learner(name: str) -> None:
    assert not alike(whole(), whole(**{name: None}))


class Slotted(Genome):
    """A genome with one more chromosome."""

    __slots__ = ("gates",)


class Free(Genome):
    """A genome with one more chromosome, written without a slot."""


@pytest.mark.parametrize("kind", [Slotted, Free])
def test_a_new_chromosome_is_not_forgotten(kind: type[Genome]) -> None:
    def genome(gates: Any) -> Genome:
        found = kind(RULE, GRAPH, coefficients=np.ones(1, np.float32))
        found.gates = gates  # type: ignore[attr-defined]
        return found

    assert alike(genome(np.ones(3)), genome(np.ones(3)))
    assert not alike(genome(np.ones(3)), genome(np.zeros(3)))
    assert not alike(genome({"gate": parse("pre")}), genome({"gate": parse("post")}))
    with pytest.raises(TypeError, match="object"):
        alike(genome(object()))


def test_two_new_chromosomes_are_told_apart() -> None:
    def genome(**more: float) -> Genome:
        found = Free(RULE, GRAPH, coefficients=np.ones(1, np.float32))
        for name, value in more.items():
            setattr(found, name, np.full(3, value))
        return found

    assert alike(genome(gates=1, doors=2), genome(doors=2, gates=1))
    assert not alike(genome(gates=1, doors=2), genome(doors=1, gates=2))
    assert not alike(genome(gates=1), genome(doors=1))


def test_content_is_the_same_text_in_every_process() -> None:
    """Sets of names are ordered otherwise in each process; a signature is kept in the run file."""
    text = whole().content()
    places = [text.index(name.encode() + b" ") for name in sorted(CHROMOSOMES)]
    assert places == sorted(places)


def test_a_new_slot_of_the_rule_is_not_forgotten() -> None:
    gated = [Genome({**RULE, "gate": parse(text)}, coefficients=np.ones(1, np.float32)) for text in ("pre", "post")]
    assert not alike(*gated)


@pytest.mark.parametrize("shape", [(1, 6), (3, 2), (2, 3)])
def test_the_same_numbers_in_another_shape_are_others(shape: tuple[int, int]) -> None:
    flat = np.arange(6, dtype=np.float32)
    assert not alike(whole(plasticity=flat.reshape(6, 1)), whole(plasticity=flat.reshape(shape)))


def test_numbers_do_not_wander_between_chromosomes() -> None:
    numbers = np.arange(GRAPH.synapses, dtype=np.float32)
    none = np.zeros((0, 0), np.float32)
    assert not alike(whole(weights=numbers, plasticity=none), whole(weights=None, plasticity=numbers[None]))


def test_coefficients_count_as_far_as_they_are_read() -> None:
    one, other = np.array([1, 2], np.float32), np.array([1, 3], np.float32)
    assert alike(whole(coefficients=one), whole(coefficients=other))  # the rule reads c0 alone
    loss = {**RULE, "loss": parse("c1*square(output - target)")}
    assert not alike(whole(rule=loss, coefficients=one), whole(rule=loss, coefficients=other))
    assert not alike(whole(rule=loss), whole(rule={**RULE, "loss": parse("c1*abs(output - target)")}))


def test_states_count_as_far_as_a_weight_depends_on_them() -> None:
    def ruled(**texts: str) -> Genome:
        return whole(rule=parse_rule(texts))

    assert alike(ruled(update="-grad", s1="grad"), ruled(update="-grad", s1="0.9*s1"), ruled(update="-grad"))
    assert alike(ruled(update="-grad", s1="s2", s2="s1 + w"), ruled(update="-grad"))  # they read each other alone
    assert not alike(ruled(update="-s1", s1="grad"), ruled(update="-s1", s1="0.9*s1 + grad"))
    assert not alike(ruled(update="-s1", s1="s2", s2="grad"), ruled(update="-s1", s1="s2", s2="w"))
    assert not alike(ruled(update="-grad", s1="grad", gate="s1"), ruled(update="-grad", s1="w", gate="s1"))


@pytest.mark.parametrize("cost", [0.0, 0.1])
@pytest.mark.parametrize(
    "slots",
    [
        {},
        {"s1": parse("s1 + pre*w")},
        {"update": parse("s1"), "s1": parse("s1 + pre*w")},
        {"loss": parse("abs(output - target)")},
    ],
)
@pytest.mark.parametrize("without", [(), ("weights",), ("topology", "weights", "plastic")])
def test_signatures_of_a_batch_are_those_of_its_genomes(
    slots: dict[str, Any], without: tuple[str, ...], cost: float
) -> None:
    config = load(DELTA, [f"fitness.synapse_cost={cost}"]).config
    evaluator = Evaluator(config, open_courses(config), cpu.live)
    rules = [{"update": parse(text)} | slots for text in ("pre*w", "w*pre", "-c0*grad*p0", "tanh(2)", "pre*w")]
    numbers = [np.full(2, 0.5 * n, np.float32) for n in range(5)]
    own = [whole(rule=rule, coefficients=n, **dict.fromkeys(without)) for rule, n in zip(rules, numbers, strict=True)]
    one_by_one = [evaluator.signatures([genome])[0] for genome in own]
    assert evaluator.signatures(own) == one_by_one
    assert evaluator.signatures(Genomes.of(own)) == one_by_one
    assert evaluator.signatures(Genomes.of(own).take([4, 0, 0])) == [one_by_one[row] for row in (4, 0, 0)]
