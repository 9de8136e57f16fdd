"""Coefficients that distances go by: lives depend on them, so genomes that differ in them are told apart."""

from __future__ import annotations

import numpy as np

from evometa.config.load import load
from evometa.evolution.courses import metric_of
from evometa.evolution.signatures import all_signatures
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.numbers import Numbers
from evometa.genetics.parameters import Parameters
from evometa.language.text import parse_rule
from evometa.lifetime import Metric
from tests.config.test_network import COMPARED

NAMED = {
    **COMPARED,
    "network": {**COMPARED["network"], "metric": {"scale": "c1", "norm": 0.5}},
    "coefficients": {"count": 2},
    "rule": {"slots": ["update"], "signals": ["grad"], "init": {"update": "0.5 * grad"}},
}


def test_a_plan_names_numbers_and_the_places_of_coefficients() -> None:
    assert metric_of(load(NAMED).config) == Metric(norm=0.5, scale_by=1)
    assert metric_of(load(COMPARED).config) == Metric()


def test_genomes_that_differ_in_such_a_coefficient_alone_are_others() -> None:
    config, rule = load(NAMED).config, parse_rule({"update": "0.5 * grad"})
    numbers = ([1.0, 1.0], [2.0, 1.0], [1.0, 2.0])
    genomes = [Genome(rule, coefficients=np.array(each, np.float32)) for each in numbers]
    for batch in (genomes, Genomes.of(genomes)):
        first, unread, read = all_signatures(config, batch)
        assert first != read
        assert first != unread  # what only may be read is taken as read
    assert ("coefficients", 1) in Numbers.of(genomes[0], config).places
    assert ("coefficients", 0) not in Numbers.of(genomes[0], config).places


def test_constants_are_not_lifted_to_such_a_coefficient() -> None:
    genomes = Genomes.of([Genome(parse_rule({"update": "0.5 * grad"}), coefficients=np.ones(2, np.float32))])
    for taken, column in (((), 0), (("c0",), 1), (("c0", "c1"), 2)):
        found = Parameters.of(genomes, ("constants",), ("update",), taken=taken)
        assert found.form.columns.tolist() == [[column]]
