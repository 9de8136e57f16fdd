"""Memory is reckoned before anything is built, and a refusal names the key to lower."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.estimators import RuleClassifier
from evometa.evolution.courses import lessons, open_courses
from evometa.evolution.memory import BORN, GRAPH, SLAB, at_a_time, check_memory, estimate, sized
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered, layered_size
from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Memory, Phenotype
from evometa.lifetime.adjoints import part_of
from evometa.lifetime.batch import batch_of
from evometa.lifetime.lanes import LAID_OUT
from evometa.lifetime.numba.descent.cpu import Descents
from evometa.lifetime.packing import pack
from evometa.system import machine
from evometa.tasks import Family, open_family

ROOMY = 1 << 60


def opened(recipe: str, *settings: str) -> tuple[Config, list[Family]]:
    config = load(recipe, settings).config
    return config, [open_family(tasks.settings, config.seed, tasks.splits) for tasks in config.tasks]


def parts(recipe: str, *settings: str) -> dict[str, int]:
    config, families = opened(recipe, *settings)
    return estimate(config, sized(config, families))


def part(name: str, recipe: str, *settings: str) -> int:
    (size,) = (size for purpose, size in parts(recipe, *settings).items() if purpose.startswith(name))
    return size


def test_a_huge_network_is_refused_before_it_is_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine, "memory", lambda: 16 << 30)
    monkeypatch.setattr("evometa.evolution.courses.layered", lambda *a, **k: pytest.fail("a network was built"))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"network\.hidden"):
        evometa.run("delta", settings=["network.hidden=[65536,65536]"], generations=1)
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    assert list(tmp_path.iterdir()) == []


def test_more_synapses_than_can_be_numbered_are_refused_on_any_machine() -> None:
    config, families = opened("delta", "network.hidden=[65536,65536]")
    with pytest.raises(InputError, match=r"at most 2,147,483,647 synapses; found 4,29\d,\d+,\d+"):
        check_memory(config, families, ROOMY)


def test_the_container_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load("digits").config
    open_courses(config)
    monkeypatch.setattr(machine, "memory", lambda: 100 << 20)
    with pytest.raises(InputError, match=r"0\.1 GiB of memory"):
        open_courses(config)


@pytest.mark.parametrize(
    ("setting", "purpose", "key"),
    [
        ("network.hidden=[3000,300]", "first weights", "network.hidden"),
        ("evolution.population=10_000_000", "the population", "evolution.population"),
        ("sampling.tasks=1_000_000", "for tasks", "sampling.tasks"),
        ("sampling.repeats=10_000", "for tasks", "sampling.repeats"),
        ("champion.updates=10_000", "the champion's test", "champion.updates"),
    ],
)
def test_the_key_that_makes_it_large_is_named(setting: str, purpose: str, key: str) -> None:
    config, families = opened("digits", setting)
    with pytest.raises(InputError) as refusal:
        check_memory(config, families, 1 << 28)
    assert purpose in str(refusal.value)
    assert key in str(refusal.value)


def test_every_part_grows_with_its_keys() -> None:
    assert part("tasks", "digits", "sampling.test_tasks=2000") == 2 * part("tasks", "digits")
    assert part("the order", "digits", "lifetime.epochs=10") == 2 * part("the order", "digits")
    assert part("the population", "sinusoid_evolution") > part("the population", "sinusoid", "network.hidden=[2]")
    assert part("lifetimes", "digits", "run.threads=8") == 8 * part("lifetimes", "digits", "run.threads=1")
    assert part("the population", "digits", "evolution.offspring=400") > part("the population", "digits")
    assert part("networks", "digits") == GRAPH * (65 * 32 + 33 * 5)


def test_births_of_networks_that_evolve_are_reckoned_slab_by_slab() -> None:
    def births(*settings: str) -> int:
        return part("births of networks that evolve", "xor_plastic", *settings)

    assert births("topology.max_synapses=20") == SLAB
    assert births("evolution.population=100_000", "champion.candidates=200") == SLAB
    assert births("topology.max_synapses=1_000_000") == 1_000_000 * BORN * 2 * 24 > SLAB
    assert births("topology.max_synapses=1_000_000", "sampling.repeats=72") == 3_000_000 * BORN * 2 * 24
    assert births('weights.mode="evolved"') == part("births of networks that evolve", "delta") == 0
    assert part("the population", "xor_plastic", 'topology.start="layered"') > part("the population", "xor_plastic")


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("lanes", [24, 48])
def test_births_of_networks_that_evolve_take_what_is_reckoned(alike: bool, lanes: int) -> None:
    """Measured: within a factor of 2, whether networks have their genes in common or none."""
    config = load("xor_plastic", [f"sampling.repeats={lanes // 2}"]).config
    course = open_courses(config)[0]
    graph = layered(2, (20,), 1)
    one = topologies_of(graph, np.zeros((1, graph.synapses), np.float32))
    many = [one if alike else replace(one, mark=one.mark + graph.synapses * place) for place in range(400)]
    rule = {"update": parse("-0.1*grad")}
    genomes = [Genome(rule, topology=topology) for topology in Topologies.join(many)]
    lesson, phenotypes = lessons(course, config, "train", 0, 2), express(genomes, course.world)
    pack(phenotypes, lesson.births(phenotypes), 16, 8)  # what is loaded once is no part of it
    tracemalloc.start()
    packed = pack(phenotypes, lesson.births(phenotypes), 16, 8)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(packed.births) > graph.synapses * lanes * len(genomes)
    slab = -(-SLAB // at_a_time(genomes, [(course, lesson)])) * len(genomes)
    assert slab / 2 < peak < slab


def test_the_scores_of_races_are_reckoned() -> None:
    race = ["sampling.tasks=128", "racing.rungs=[8, 32]"]
    assert part("scores", "digits") == 0
    once = part("scores", "digits", *race)
    assert once > 200 * 128 * 8 * 2
    assert part("scores", "digits", *race, "sampling.repeats=3", "evolution.offspring=400") == 6 * once


def test_the_champions_test_is_reckoned() -> None:
    """Lives on for `champion.updates` with a checkpoint after each: the largest table of outcomes of a whole run."""
    plain, long = (part("the champion's test", "digits", f"champion.updates={n}") for n in (25, 5000))
    assert 0 < plain < long
    assert long >= 32 * 5000 * 1000
    assert part("the champion's test", "digits", "sampling.repeats=3") == 3 * part("the champion's test", "digits")


def test_an_order_for_each_lane_is_reckoned_to_the_end_of_the_longest_life() -> None:
    assert part("the order", "digits", "sampling.repeats=3") == 3 * part("the order", "digits")
    longer = part("the order", "digits", "champion.updates=500")
    assert longer == 20 * part("the order", "digits")  # of 25 updates
    assert part("outcomes, and examples", "digits") == 2 * SLAB + 12 * LAID_OUT


def test_first_weights_of_stock_rules_are_reckoned_where_genomes_inherit_theirs() -> None:
    drawn, own = (part("first weights", "digits", f'weights.mode="{mode}"') for mode in ("drawn", "evolved"))
    assert own == drawn > 0
    many = "sampling.validation_tasks=5000"
    assert part("first weights", "digits", 'weights.mode="evolved"', many) == 5 * own


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("hidden", [(), (1,), (7,), (4, 9, 2)])
def test_sizes_are_those_of_the_graph(hidden: tuple[int, ...], recurrent: bool) -> None:
    for contexts, kind in ((0, "tanh"), (2, "tanh"), (1, "gru")):
        graph = layered(3, hidden, 2, kind, recurrent, contexts)
        assert layered_size(3, hidden, 2, recurrent, contexts, kind) == (graph.inputs, graph.nodes, graph.synapses)


def test_building_a_network_takes_no_more_than_is_reckoned() -> None:
    tracemalloc.start()
    graph = layered(500, (2000,), 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= GRAPH * graph.synapses + 10 * 8 * graph.nodes


def test_an_estimator_refuses_a_huge_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory", lambda: 16 << 30)
    x, y = np.zeros((4, 3)), [0, 1, 0, 1]
    with pytest.raises(InputError, match="hidden"):
        RuleClassifier(rule="-c0*grad", coefficients=(0.1,), hidden=(65000, 65000)).fit(x, y)


def test_gradients_keep_lives_and_moments() -> None:
    """A tape of each thread: of a long life as many updates as its root, and as many beginnings."""
    wide = ("network.hidden=[1000,1000]", "run.threads=2", "lifetime.batch=all", "weights.mode=evolved")
    assert part("gradients", "sinusoid_evolution", *wide) == 0
    short, long = (
        part("gradients", "sinusoid_evolution", *wide, "gradient.steps=1", f"lifetime.updates={updates}")
        for updates in (10, 100)
    )
    synapses = 2 * 1000 + 1001 * 1000 + 1001
    assert 10 * 5 * 4 * 16 * 2 * synapses < short < 1.2 * 11 * 5 * 4 * 16 * 2 * synapses
    assert long / short == pytest.approx(20 / 11)
    few = ("evolution.population=2", "evolution.offspring=2")
    config, families = opened("sinusoid_evolution", *wide, "gradient.steps=1", "lifetime.updates=400", *few)
    with pytest.raises(InputError, match=r"gradients.*gradient\.updates"):
        check_memory(config, families, 1 << 30)
    people = [part("the population", "sinusoid_evolution", *more) for more in ((), ("gradient.steps=1",))]
    assert people[0] < people[1] < 3 * people[0]


def test_slots_of_an_external_memory_count() -> None:
    """What threads keep of a tick and of lives: cells, attention, what was read, and what an access makes."""
    own = ("lifetime.batch=1", "run.threads=1", "gradient.steps=1", "weights.mode=evolved", "lifetime.updates=4")
    for name in ("gradients", "lifetimes"):
        few, many = (
            part(name, "sinusoid_evolution", *own, f"network.memory.slots={slots}", "network.memory.cells=5")
            for slots in (10, 1000)
        )
        rows = 5 if name == "gradients" else 1  # of four updates, and of the end
        assert many - few == 990 * (5 + 1 + 6) * 16 * 4 * rows


@pytest.mark.parametrize("updates", [3, 40])
def test_tapes_of_what_remembers_take_what_is_reckoned(updates: int) -> None:
    """Within a factor of 1.5, as a tape lies behind the room of a life itself."""
    memory = Memory(200, 8)
    graph = layered(1 + memory.cells, (4,), 1 + memory.nodes)
    graph = replace(graph, outputs=1)
    nothing = np.zeros((0, graph.synapses), np.float32)
    weights, coefficients = np.zeros(graph.synapses, np.float32), np.zeros(0, np.float32)
    one = batch_of([Phenotype(graph, compile_rule({}), weights, coefficients, nothing)])
    own = Descents(one, Births(), memory, [adjoint_of(each) for each in one.programs], [])
    length = part_of(updates)
    room, _ = own._room(1, 5, 0, 0, False, length, -(-updates // length))
    settings = [
        "lifetime.batch=1", "run.threads=1", "gradient.steps=1", f"lifetime.updates={updates}", "network.hidden=[4]",
        "network.memory.slots=200", "network.memory.cells=8", "weights.mode=evolved",
    ]  # fmt: skip
    assert 1 / 1.5 < room.nbytes / part("gradients", "sinusoid_evolution", *settings) < 1.5


def test_gradients_keep_lives_of_networks_as_large_as_they_may_grow() -> None:
    most = [("topology.max_synapses=20_000", "topology.max_nodes=500"), ("topology.max_synapses=200_000",)]
    small, large = (part("gradients: topology.max_synapses", "sinusoid", "run.threads=2", *more) for more in most)
    assert small > 5 * 4 * 16 * 2 * 20_000
    assert 8 < large / small < 10
