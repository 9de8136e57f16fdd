"""What people see of a run, at any time, from its file alone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evometa.errors import InputError
from evometa.genetics.topology import graph_json, graph_key
from evometa.presentation.run import load
from evometa.store import Evaluation, create, open_writer
from tests import stored
from tests.inspected import CHAMPION_KEYS, CONFIG, KEYS, NETWORK, REPORT, RULES, commit, folder, genome, printed
from tests.stored import Born

__all__ = ["folder"]  # a fixture


def test_the_champion_is_told_with_formula_recognition_and_network(folder: Path) -> None:
    run = load(folder)
    champion = run.champion
    assert champion is not None
    assert (champion.id, champion.born, champion.operator, champion.parents) == (2, 3, "crossover", (1,))
    assert champion.rule == {"update": "mul(c0, mul(pre, sub(target, post)))"}
    assert champion.formula == "Δw = 0.5·pre·(target − post)"
    assert "the delta rule" in champion.recognised
    assert "0.5" in champion.recognised
    assert champion.coefficients == {"c0": 0.5}
    assert champion.topology == "5 inputs → 1 sigmoid output, fully connected, 6 synapses; learns locally"
    assert (champion.fitness, champion.innate, champion.adapted) == ((0.7, 5.0), 0.5, 0.7)
    assert (champion.meta_validation, champion.meta_test, champion.meta_test_ci95) == (0.93, 0.95, 0.01)
    assert champion.genome is not None
    assert champion.genome.to_json() == genome(RULES[2])


def test_the_summary_has_all_that_is_promised(folder: Path) -> None:
    run = load(folder / "run.db")
    told = run.summary()
    assert [key for key in KEYS if key not in told] == []
    assert [key for key in CHAMPION_KEYS if key not in told["champion"]] == []
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    expected = {
        "recipe": "delta",
        "seed": 7,
        "generation": 3,
        "finished": True,
        "lifetimes": 60,
        "diverged": 3,
    }
    assert {key: told[key] for key in expected} == expected
    assert (told["evaluate_seconds"], told["total_seconds"]) == (0.75, 1.5)
    assert told["baselines"] == REPORT["baselines"] == run.baselines
    assert (told["champion"]["id"], told["champion"]["meta_test"]) == (2, 0.95)
    assert told["digest"] == run.digest


def test_an_earlier_generation_is_told_as_it_was_then(folder: Path) -> None:
    run = load(folder)
    told = run.summary(generation=2)
    assert (told["generation"], told["finished"], told["lifetimes"], told["diverged"]) == (2, False, 40, 1)
    assert (told["champion"]["id"], told["champion"]["meta_test"], told["baselines"]) == (1, None, [])
    assert told["digest"] != run.digest
    assert run.summary(generation=3) == run.summary()


def test_any_individual_and_its_ancestors_can_be_seen(folder: Path) -> None:
    run = load(folder)
    assert run.individual(0).formula == "Δw = pre·post"
    assert run.individual(0).meta_test is None
    assert run.individual(2).meta_test == 0.95
    assert [one.id for one in run.ancestors(2)] == [1, 0]
    assert [one.id for one in run.ancestors(2, limit=1)] == [1]
    assert run.ancestors(0) == []
    assert run.summary(individual=1)["champion"]["id"] == 1


def test_the_history_counts_from_one(folder: Path) -> None:
    history = load(folder).history
    assert [row["generation"] for row in history] == [1, 2, 3]
    assert [row["best"] for row in history] == [0.5, 0.6, 0.7]
    assert history[0]["total_seconds"] == 0.5


def test_details_are_the_summary_and_more(folder: Path) -> None:
    run = load(folder)
    told = run.details()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    latex = r"\Delta w = 0.5 \, \mathrm{pre} \, \left(\mathrm{target} - \mathrm{post}\right)"
    assert told["champion"].pop("latex") == run.latex() == latex
    assert (told.pop("analysis"), [step["id"] for step in told["lineage"]]) == (None, [2, 1, 0])
    assert told.pop("lineage")[0]["gain"] == pytest.approx(0.1)
    assert told.pop("audit") is None
    assert told == run.summary()
    assert run.details(individual=1)["champion"]["id"] == 1
    assert run.details(analysis={"tasks": 3})["analysis"] == {"tasks": 3}
    assert [run.latex(generation=1), run.latex(individual=0)] == [r"\Delta w = \mathrm{pre} \, \mathrm{post}"] * 2


def test_a_stored_analysis_is_the_champions(folder: Path) -> None:
    with open_writer(folder) as writer:
        writer.report({**REPORT, "analysis": {"tasks": 3}})
    run = load(folder)
    assert run.analysis == {"tasks": 3}
    assert run.details()["analysis"] == {"tasks": 3}
    assert run.details(individual=1)["analysis"] is None
    assert run.details(generation=2)["analysis"] is None


@pytest.mark.parametrize("asked", [{"generation": 0}, {"generation": 4}, {"individual": 3}])
def test_unknown_numbers_are_refused(folder: Path, asked: dict[str, int]) -> None:
    for see in (load(folder).summary, lambda **asked: printed(load(folder), **asked)):
        with pytest.raises(InputError):
            see(**asked)


def test_a_run_is_seen_while_it_goes_on(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}) as writer:
        run = load(tmp_path)
        assert run.champion is None
        assert (run.summary()["champion"], run.summary()["generation"], run.finished) == (None, 0, False)
        assert (run.analysis, run.lineage()) == (None, [])
        assert (run.details()["analysis"], run.details()["lineage"]) == (None, [])
        assert "No generation is finished yet." in printed(run)
        commit(writer, 0)
        assert run.champion is not None
        assert (run.champion.id, run.generation, run.history[0]["best"]) == (0, 1, 0.5)
        assert "best so far  #0, born in generation 1 (first)" in printed(run)
        commit(writer, 1)
        commit(writer, 2)
        assert not run.finished
        writer.report(REPORT)
        assert run.finished


def test_a_report_is_out_of_date_once_the_run_has_gone_on(folder: Path) -> None:
    with open_writer(folder) as writer:
        writer.amend({**CONFIG, "run": {"generations": 4}})
        text = genome("mul(pre, target)")
        row = Born(3, (), "first", text)
        stored.commit(
            writer,
            3,
            [row],
            [Evaluation(3, (0.9, 3.0))],
            {"hall": [3]},
            {},
            {},
            {graph_key(NETWORK): graph_json(NETWORK)},
        )
    run = load(folder)
    assert not run.finished
    champion = run.champion
    assert champion is not None
    assert (champion.id, champion.meta_test, run.baselines) == (3, None, [])
    assert (champion.innate, champion.adapted) == (None, None)


def test_a_genome_that_was_not_kept_is_said_to_be(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}) as writer:
        commit(writer, 0, keep=False)
        commit(writer, 1)
    run = load(tmp_path)
    lost = run.individual(0)
    assert (lost.genome, lost.rule, lost.formula, lost.recognised, lost.fitness) == (
        None,
        {},
        "",
        "",
        (0.5, 5.0),
    )
    assert "The run has not kept its genome." in printed(run, individual=0)
    assert json.dumps(run.summary(individual=0))
    assert "0.6000, 5  +0.1  the run has not kept its genome" in printed(run)
    with pytest.raises(InputError, match="whose genome the run has kept"):
        run.latex(individual=0)


def test_without_stored_networks_the_configuration_tells(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}) as writer:
        commit(writer, 0, topology=False)
    champion = load(tmp_path).champion
    assert champion is not None
    assert champion.topology == "inputs → sigmoid outputs, fully connected; learns locally"


def test_damage_is_named_with_a_way_out(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "run.db")) as connection:
        connection.execute("UPDATE pieces SET data = x'00' WHERE kind = 'genomes'")
        connection.commit()
    for see in (load(folder).summary, lambda: printed(load(folder))):
        with pytest.raises(InputError, match="evometa resume"):
            see()


def test_damage_elsewhere_is_told_beside_what_is_good(folder: Path) -> None:
    run = load(folder)
    assert run.damage is None
    with closing(sqlite3.connect(folder / "run.db")) as connection:
        connection.execute("UPDATE contents SET born = 2 WHERE generation = 1")
        connection.commit()
    told = load(folder).summary(individual=0)
    assert told["damage"] == "generation 2 does not fit its chain of hashes (good up to generation 1)"
    with closing(sqlite3.connect(folder / "run.db")) as connection:
        connection.execute("UPDATE contents SET born = 1 WHERE generation = 1")
        connection.execute("UPDATE pieces SET whole = 0 WHERE kind = 'genomes' AND generation = 0")
        connection.commit()
    told = load(folder).summary()
    assert told["champion"]["id"] == 2
    assert told["damage"] == (
        "the genomes of generation 1 cannot be read: a piece does not fit its seal (good up to generation 0)"
    )
