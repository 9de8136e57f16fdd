"""What is written is what is read, bit for bit, and the digest depends on nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.store import Evaluation, Evaluations, Genomes, Individuals, create, open_reader, open_writer, verify
from tests.store.samples import BORN, CONFIG, ENVIRONMENT, commit, go_on, rows, take, text_of, texts, write


def test_everything_comes_back(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "run", 4)
    for given in (path, path.parent, str(path)):
        reader = open_reader(given)
        assert (reader.config, reader.environment, reader.last_generation) == (CONFIG, ENVIRONMENT, 3)
    assert list(reader.generations()) == [0, 1, 2, 3]
    for generation in range(4):
        sent = rows(generation)
        assert reader.state(generation) == sent["state"]
        assert reader.statistics()[generation] == {"generation": generation, **sent["statistics"]}
        assert reader.timing()[generation] == {"generation": generation, **sent["timing"]}
        for row, genome in enumerate(sent["genomes"]):
            given = sent["individuals"].individual(row, generation, None)
            found = reader.individual(given.id)
            assert replace(found, genome=None) == given
            assert text_of(found) == genome
        for row in sent["evaluations"]:
            found = reader.evaluation(row.id, generation)
            assert found is not None
            assert found.cases is not None
            assert found._replace(cases=None) == row._replace(cases=None)
            assert found.cases.tolist() == row.cases.tolist()
    assert reader.graphs() == rows(0)["graphs"] | rows(3)["graphs"]
    report = reader.report()
    assert report is not None
    assert (report.generation, report.value) == (3, {"champion": 3})
    assert verify(path).problem is None
    assert verify(path).last_good_generation == 3


def test_an_evaluation_is_the_latest_unless_a_generation_is_named(tmp_path: Path) -> None:
    reader = open_reader(write(tmp_path, 4))
    assert reader.evaluation(0).fitness == rows(1)["evaluations"][0].fitness
    assert reader.evaluation(0, 0).fitness == rows(0)["evaluations"][0].fitness
    assert reader.evaluation(0, 3) is None


@pytest.mark.parametrize("until", range(1, 12))
def test_the_latest_evaluation_is_found_however_long_somebody_lives(tmp_path: Path, until: int) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        for generation in range(12):
            ids = [0] * (0 < generation < until) + [generation]
            evaluations = [Evaluation(id, (float(generation),)) for id in ids]
            one = Individuals.of(generation, [()], [""], [b""])
            commit(writer, **{**rows(generation), "individuals": one, "genomes": [""], "evaluations": evaluations})
    assert open_reader(tmp_path).evaluation(0).fitness == (until - 1.0,)


def test_who_is_evaluated_was_in_the_generation_before(tmp_path: Path) -> None:
    """So that the last evaluation of anybody is found without a look at all of them."""
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
    with open_writer(tmp_path) as writer:
        commit(writer, **{**rows(2), "evaluations": [Evaluation(number, (1.0,)) for number in (7, 8)]})
        for number in (0, 6):
            with pytest.raises(ValueError, match=f"individual {number} is evaluated, but was not in the generation"):
                commit(writer, **{**rows(3), "evaluations": [Evaluation(number, (1.0,)), Evaluation(12, (1.0,))]})
        commit(writer, **{**rows(3), "evaluations": [Evaluation(7, (1.0,))]})


def test_ancestors_come_nearest_first_and_once(tmp_path: Path) -> None:
    reader = open_reader(write(tmp_path, 4))
    found = [one.id for one in reader.ancestors(13)]
    assert found == [13, 1, 9, 5]
    assert [one.id for one in reader.ancestors(13, limit=2)] == [13, 1]


def test_unusual_numbers_survive(tmp_path: Path) -> None:
    fitness = (math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1)
    with create(tmp_path, {}, {}) as writer:
        born = Individuals.of(2**53 + 1, [()], ["größer"], [b""])
        evaluations = [Evaluation(2**53 + 1, fitness, math.nan, -0.0)]
        more = {"state": {"x": math.nan}, "statistics": {"a": np.float32(0.1), "b": np.arange(3)}, "timing": {}}
        commit(writer, generation=0, individuals=born, genomes=["é"], evaluations=evaluations, **more)
    assert verify(tmp_path).problem is None
    reader = open_reader(tmp_path)
    found = reader.evaluation(2**53 + 1)
    assert found is not None
    assert np.array(found.fitness).tobytes() == np.array(fitness).tobytes()
    assert (found.innate, found.adapted, found.cases) == (None, 0.0, None)
    assert reader.statistics() == [{"generation": 0, "a": float(np.float32(0.1)), "b": [0, 1, 2]}]
    assert math.isnan(reader.state(0)["x"])
    assert text_of(reader.individual(2**53 + 1)) == "é"
    assert reader.individual(2**53 + 1).operator == "größer"


def test_the_digest_ignores_times_statistics_reports_and_order(tmp_path: Path) -> None:
    write(tmp_path / "a", 3)
    with create(tmp_path / "b", {"other": 1}, {}) as writer:
        for generation in range(3):
            sent = rows(generation)
            sent["evaluations"].reverse()
            commit(writer, **sent | {"statistics": {"other": 1}, "timing": {"other": 2}})
    readers = [open_reader(tmp_path / name) for name in "ab"]
    assert readers[0].digest() == readers[1].digest()
    assert len(readers[0].digest()) == 64
    assert readers[0].digest(1) == readers[1].digest(1) != readers[0].digest()


@pytest.mark.parametrize(
    "what",
    ["fitness", "parents", "operator", "state", "genome", "cases", "graph", "signature", "lifetimes", "first"],
)
def test_the_digest_depends_on_all_else(tmp_path: Path, what: str) -> None:
    sent = rows(1)
    first, *rest = sent["evaluations"]
    born = {"first": BORN, "parents": [()] * BORN, "operators": ["a"] * BORN, "signatures": [b"1"] * BORN}
    cases = np.float32([0, 1])
    others: dict[str, dict[str, Any]] = {
        "fitness": {"evaluations": [first._replace(fitness=(math.nextafter(first.fitness[0], 2), 0.0)), *rest]},
        "cases": {"evaluations": [first._replace(cases=cases), *rest]},
        "lifetimes": {"evaluations": [first._replace(lifetimes=21), *rest]},
        "parents": {"individuals": Individuals.of(**{**born, "parents": [(1,), (), (), ()]})},
        "operator": {"individuals": Individuals.of(**{**born, "operators": ["b"] * BORN})},
        "signature": {"individuals": Individuals.of(**{**born, "signatures": [b"2"] * BORN})},
        "first": {"individuals": Individuals.of(**{**born, "first": BORN + 1})},
        "state": {"state": {"generation": 2}},
        "genome": {"genomes": [*sent["genomes"][:-1], "other"]},
        "graph": {"graphs": {"another": "{}"}},
    }
    usual = {"individuals": Individuals.of(**born)}
    digests = []
    for name, change in (("a", {}), ("b", others[what])):
        with create(tmp_path / name, CONFIG, ENVIRONMENT) as writer:
            go_on(writer, 1)
            if what == "first":
                change = {**change, "evaluations": sent["evaluations"][:BORN]}
            commit(writer, **{**sent, **usual, **change})
            digests.append(writer.reader.digest())
    assert digests[0] != digests[1]


def test_the_digest_knows_nothing_of_zlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a", 3)
    monkeypatch.setattr("evometa.store.columns.LEVEL", 9)
    monkeypatch.setattr("evometa.store.columns.PIECE", 1000)
    other = write(tmp_path / "b", 3)
    assert open_reader(path).digest() == open_reader(other).digest()
    assert verify(other).problem is None
    assert text_of(open_reader(other).individual(5)) == rows(1)["genomes"][1]


def test_going_on_gives_the_digest_of_one_go(tmp_path: Path) -> None:
    write(tmp_path / "whole", 5)
    for generations in (1, 2, 5):
        path = tmp_path / "parts"
        with open_writer(path) if path.exists() else create(path, CONFIG, ENVIRONMENT) as writer:
            assert writer.notes == []
            go_on(writer, generations)
            writer.amend({**CONFIG, "run": {"generations": generations}})
    readers = [open_reader(tmp_path / name) for name in ("whole", "parts")]
    assert readers[0].digest() == readers[1].digest()
    assert readers[1].config["run"] == {"generations": 5}


def test_pruned_genomes_are_gone_and_the_rest_still_verifies(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        assert writer.prune({1}, take) == 2 * BORN - 1
        assert writer.prune({1}, take) == 0
        commit(writer, **rows(2))
        assert writer.prune({1}, take) == BORN
        digest = writer.reader.digest()
    write(tmp_path / "whole", 3)
    reader = open_reader(tmp_path)
    assert digest == reader.digest() == open_reader(tmp_path / "whole").digest()
    assert reader.individual(0).genome is None
    assert text_of(reader.individual(1)) == rows(0)["genomes"][1]
    assert reader.individual(9).genome is None
    assert verify(tmp_path).problem is None
    with open_writer(tmp_path) as writer:
        assert writer.notes == []
        assert writer.prune((), take) == 1
        assert writer.reader.individual(1).genome is None


def test_only_some_genomes_need_be_kept(tmp_path: Path) -> None:
    given = rows(0)
    with create(tmp_path / "some", CONFIG, ENVIRONMENT) as writer:
        writer.encode(given["individuals"], texts(given["genomes"]), all_kept=False)
        left = Genomes(texts(given["genomes"][1:3]), np.array([1, 2]))
        others = {name: given[name] for name in ("state", "statistics", "timing", "graphs")}
        writer.commit(0, Evaluations.of(given["evaluations"]), **others, kept=left)
        go_on(writer, 2)
        assert writer.prune({2, 5}, take) == 1 + BORN - 1
    write(tmp_path / "all", 2)
    reader = open_reader(tmp_path / "some")
    assert reader.digest() == open_reader(tmp_path / "all").digest()
    found = [text_of(reader.individual(number)) for number in range(2 * BORN)]
    assert found == [None, None, given["genomes"][2], None, None, rows(1)["genomes"][1], None, None]
    assert verify(tmp_path / "some").problem is None


def test_a_new_run_is_readable_before_its_first_generation(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        assert writer.last_generation == -1
        reader = open_reader(tmp_path)
        assert (reader.last_generation, list(reader.generations()), reader.statistics()) == (-1, [], [])
        assert reader.report() is None
        assert len(reader.digest()) == 64
    with open_writer(tmp_path) as writer:
        assert (writer.last_generation, writer.notes) == (-1, [])
        go_on(writer, 1)
    assert open_reader(tmp_path).last_generation == 0


def test_numbers_that_do_not_exist_are_named(tmp_path: Path) -> None:
    reader = open_reader(write(tmp_path, 2))
    with pytest.raises(InputError, match="number 99 was asked for"):
        reader.individual(99)
    with pytest.raises(InputError, match=r"from 0 to 1 \(7 was asked for\)"):
        reader.state(7)
