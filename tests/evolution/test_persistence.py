"""Between evolution and the run file: what a generation leaves there, and how evolution is called back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.callbacks import Listeners
from evometa.config.load import load
from evometa.engine import Engine, new_evolution
from evometa.errors import InputError
from evometa.evolution.loop import Evolution
from evometa.evolution.persistence import TIDY, begin, commit, encode, environment, recall
from evometa.evolution.stored import StoredGenomes
from evometa.genetics.individual import Individual
from evometa.genetics.topology import graph_key, layered
from evometa.lifetime import Graph
from evometa.store.reader import Reader, open_reader
from evometa.store.writer import Writer
from evometa.tasks.location import Places
from tests.small import DELTA, GRADIENT, SCHEMES, recipe

OWN = recipe(
    DELTA, rule={"signals": ["grad", "p0"]}, plasticity={"count": 1}, network={"credit": "backprop", "hidden": [2]}
)


def lived(settings: dict[str, Any], folder: Path, generations: int) -> tuple[Engine, list[list[Individual]]]:
    """Live and commit some generations; return the engine and who was evaluated in each."""
    engine = Engine(load(settings), Places(Path.cwd()), Listeners())
    everyone = []
    with begin(engine.config, folder, engine.record) as writer:
        for _ in range(generations):
            everyone.append(generation(engine, writer))
    return engine, everyone


def generation(engine: Engine, writer: Writer) -> list[Individual]:
    evolution = engine.evolution
    individuals = evolution.ask()
    known = [] if evolution.reevaluate else evolution.population
    tally = engine.evaluator.evaluate(individuals, evolution.generation, known)
    encode(writer, evolution, engine.config)
    evolution.tell(individuals)
    statistics = {**engine.standing.statistics(tally)}
    commit(writer, evolution, individuals, tally, statistics, engine.config, engine.networks, {"total_seconds": 1.0})
    return individuals


def recalled(engine: Engine, folder: Path, networks: list[Graph] | None = None) -> Evolution:
    evolution = new_evolution(engine.config, networks or engine.networks)
    reader = open_reader(folder)
    recall(evolution, reader, networks or engine.networks)
    return evolution


def same(one: Individual, other: Individual) -> bool:
    names = ("id", "parents", "born", "operator", "innate", "adapted", "diverged", "signature")
    alike = all(getattr(one, name) == getattr(other, name) for name in names)
    return alike and one.genome.to_json() == other.genome.to_json() and one.fitness.values == other.fitness.values


@pytest.mark.parametrize("settings", [*SCHEMES.values(), OWN], ids=[*SCHEMES, "own topology"])
def test_evolution_stands_where_it_stood(settings: dict[str, Any], tmp_path: Path) -> None:
    engine, _ = lived(settings, tmp_path / "run", 2)
    evolution = recalled(engine, tmp_path / "run")
    assert evolution.state() == engine.evolution.state()
    for ours, theirs in ((evolution.population, engine.evolution.population), (evolution.hall, engine.evolution.hall)):
        assert all(same(a, b) for a, b in zip(ours, theirs, strict=True))
    assert [one.genome.to_json() for one in evolution.ask()] == [one.genome.to_json() for one in engine.evolution.ask()]


def test_representatives_of_species_are_called_back_from_the_dead(tmp_path: Path) -> None:
    species = {"by": "behaviour", "threshold": 0.2}
    settings = recipe(
        DELTA, species=species, evolution={"scheme": "neat", "hall": 1}, run={"keep_genomes": "champions"},
        sampling={"resample": "never"},
    )  # fmt: skip
    engine, _ = lived(settings, tmp_path / "run", TIDY + 1)  # the last is one in which genomes were dropped
    evolution, ours = recalled(engine, tmp_path / "run"), engine.evolution
    dead = evolution.needs(ours.state()) - {one.id for one in (*ours.population, *ours.hall)}
    assert len(dead) > 1
    assert evolution.state() == ours.state()
    assert [one.genome.to_json() for one in evolution.ask()] == [one.genome.to_json() for one in ours.ask()]
    assert evolution.species == ours.species


def test_a_topology_called_back_is_the_network_though_another_object(tmp_path: Path) -> None:
    engine, _ = lived(OWN, tmp_path / "run", 1)
    network = engine.networks[0]
    fresh = layered(3, (2,), 1)
    assert fresh is not network
    for networks in ([network], [fresh]):
        evolution = recalled(engine, tmp_path / "run", networks)
        assert {one.genome.topology for one in evolution.population} == {network}
    found = {one.id: one for one in evolution.population}
    kept = {one.id: one for one in engine.evolution.population}
    engine.evaluator.evaluate(list(found.values()), 1)
    assert all(found[id].fitness.values == kept[id].fitness.values for id in kept)


def test_a_topology_that_no_task_set_has_is_stored_too(tmp_path: Path) -> None:
    engine = Engine(load(OWN), Places(Path.cwd()), Listeners())
    other = layered(3, (5,), 1)
    with begin(engine.config, tmp_path / "run", engine.record) as writer:
        plasticity = np.zeros((1, other.synapses), np.float32)
        for one in engine.evolution.ask():
            one.genome = one.genome.replace(topology=other, plasticity=plasticity)
        generation(engine, writer)
        assert set(writer.reader.graphs()) == {graph_key(other), graph_key(engine.networks[0])}
    evolution = recalled(engine, tmp_path / "run")
    assert {one.genome.topology for one in (*evolution.population, *evolution.hall)} == {other}


def test_cases_are_kept_for_lexicase_alone(tmp_path: Path) -> None:
    for name in ("lexicase", "plus"):
        engine, _ = lived(SCHEMES[name], tmp_path / name, 1)
        cases = [one.cases for one in recalled(engine, tmp_path / name).population]
        assert all((found is not None) == (name == "lexicase") for found in cases)
        if name == "lexicase":
            for found, one in zip(cases, engine.evolution.population, strict=True):
                assert np.array_equal(found, one.cases)  # type: ignore[arg-type]


def test_only_newborns_are_stored_and_lifetimes_are_those_lived(tmp_path: Path) -> None:
    _, everyone = lived(SCHEMES["redrawn"], tmp_path / "run", 2)
    reader = open_reader(tmp_path / "run")
    for number, individuals in enumerate(everyone):
        born = [one for one in individuals if one.born == number]
        assert len(born) < len(individuals) or number == 0
        assert all(reader.individual(one.id).generation == number for one in born)
    found = [reader.evaluation(one.id) for one in everyone[1]]
    assert [one.fitness.values for one in everyone[1]] == [row.fitness for row in found if row is not None]
    lives = [row.lifetimes for row in found if row is not None]
    assert set(lives) <= {0, 8}  # four tasks, twice; twins are lived once
    assert sum(lives) == 8 * len({one.signature for one in everyone[1]})


def test_what_diverged_is_remembered(tmp_path: Path) -> None:
    engine, _ = lived(DELTA, tmp_path / "run", 1)
    with begin(engine.config, tmp_path / "other", engine.record) as writer:
        engine.evolution = new_evolution(engine.config, engine.networks)
        engine.standing.evolution = engine.evolution
        evaluate = engine.evaluator.evaluate

        def spoiled(individuals: list[Individual], *more: Any) -> Any:
            tally = evaluate(individuals, *more)
            for number, one in enumerate(individuals):
                one.accept(one.judgement._replace(diverged=number))
            return tally

        engine.evaluator.evaluate = spoiled  # type: ignore[method-assign, assignment]
        generation(engine, writer)
    found = {one.id: one.diverged for one in recalled(engine, tmp_path / "other").population}
    assert found == {one.id: one.diverged for one in engine.evolution.population}
    assert any(found.values())


def text_of(reader: Reader, id: int) -> str | None:
    (genome,) = StoredGenomes(reader).of([reader.individual(id)])
    return None if genome is None else genome.to_json()


@pytest.mark.parametrize("keep", ["all", "champions"])
def test_which_genomes_are_kept(keep: str, tmp_path: Path) -> None:
    engine, everyone = lived(recipe(DELTA, run={"keep_genomes": keep}), tmp_path / "run", TIDY + 1)
    survivors = {one.id for one in (*engine.evolution.population, *engine.evolution.hall)}
    texts = {one.genome.to_json() for one in (*engine.evolution.population, *engine.evolution.hall)}
    reader = open_reader(tmp_path / "run")
    found = {one.id: text_of(reader, one.id) for individuals in everyone for one in individuals}
    assert all(found[id] is not None for id in survivors)
    lost = [id for id, text in found.items() if text is None]
    assert bool(lost) == (keep == "champions")
    if keep == "champions":
        assert {text for text in found.values() if text is not None} == texts


def test_without_a_survivors_genome_it_is_refused(tmp_path: Path) -> None:
    engine, _ = lived(GRADIENT, tmp_path / "run", 1)
    reader = open_reader(tmp_path / "run")

    class Forgetful:
        path = reader.path

        def __getattr__(self, name: str) -> Any:
            return (lambda id: None) if name == "evaluation" else getattr(reader, name)

    with pytest.raises(InputError, match="genome and fitness of each whom the run goes on with"):
        recall(engine.evolution, Forgetful(), engine.networks)  # type: ignore[arg-type]


def test_runs_without_a_name_take_the_next_free_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load(DELTA).config
    (tmp_path / "runs" / "small-1").mkdir(parents=True)
    for number in (2, 3):
        with begin(config, None, environment(Path.cwd(), [])) as writer:
            assert writer.folder.name == f"small-{number}"
