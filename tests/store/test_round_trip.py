"""What is written is what is read, bit for bit, and the digest depends on nothing else."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.store import EvaluationRow, IndividualRow, create, genome_key, open_reader, open_writer, verify
from tests.store.samples import BORN, CONFIG, ENVIRONMENT, go_on, rows, write


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
        for row in sent["individuals"]:
            found = reader.individual(row.id)
            kept = (found.id, found.parents, found.operator, found.genome, found.signature)
            assert kept == (row.id, row.parents, row.operator, row.genome, row.signature)
            assert (found.generation, found.text) == (generation, sent["genomes"][row.genome])
        for row in sent["evaluations"]:
            assert reader.evaluation(row.id, generation) == row
    assert reader.graphs() == rows(0)["graphs"] | rows(3)["graphs"]
    report = reader.report()
    assert report is not None
    assert (report.generation, report.value) == (3, {"champion": 3})
    assert verify(path).problem is None
    assert verify(path).last_good_generation == 3


def test_an_evaluation_is_the_latest_unless_a_generation_is_named(tmp_path: Path) -> None:
    reader = open_reader(write(tmp_path, 4))
    assert reader.evaluation(0) == rows(1)["evaluations"][0]
    assert reader.evaluation(0, 0) == rows(0)["evaluations"][0]
    assert reader.evaluation(0, 3) is None


def test_ancestors_come_nearest_first_and_once(tmp_path: Path) -> None:
    reader = open_reader(write(tmp_path, 4))
    found = [one.id for one in reader.ancestors(13)]
    assert found == [13, 1, 9, 5]
    assert [one.id for one in reader.ancestors(13, limit=2)] == [13, 1]


def test_unusual_numbers_survive(tmp_path: Path) -> None:
    fitness = (math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1)
    measures = {"a": np.float32(0.1), "b": np.arange(3), "c": math.inf}
    with create(tmp_path, {}, {}) as writer:
        born = [IndividualRow(2**53 + 1, (), "first", genome_key("é"), b"")]
        row = EvaluationRow(2**53 + 1, fitness, math.nan, -0.0, measures=measures)
        writer.commit(0, born, [row], {"x": math.nan}, {}, {}, {genome_key("é"): "é"})
    assert verify(tmp_path).problem is None
    reader = open_reader(tmp_path)
    found = reader.evaluation(2**53 + 1)
    assert found is not None
    assert np.array(found.fitness).tobytes() == np.array(fitness).tobytes()
    assert (found.innate, found.adapted) == (None, 0.0)
    assert found.measures == {"a": float(np.float32(0.1)), "b": [0, 1, 2], "c": math.inf}
    assert math.isnan(reader.state(0)["x"])
    assert reader.individual(2**53 + 1).text == "é"


def test_the_digest_ignores_times_statistics_reports_and_order(tmp_path: Path) -> None:
    write(tmp_path / "a", 3)
    with create(tmp_path / "b", {"other": 1}, {}) as writer:
        for generation in range(3):
            sent = rows(generation)
            sent["individuals"].reverse()
            sent["evaluations"].reverse()
            writer.commit(**sent | {"statistics": {"other": 1}, "timing": {"other": 2}})
    readers = [open_reader(tmp_path / name) for name in "ab"]
    assert readers[0].digest() == readers[1].digest()
    assert len(readers[0].digest()) == 64
    assert readers[0].digest(1) == readers[1].digest(1) != readers[0].digest()


@pytest.mark.parametrize("what", ["fitness", "parents", "state", "genome", "measures", "graph", "signature"])
def test_the_digest_depends_on_all_else(tmp_path: Path, what: str) -> None:
    write(tmp_path / "a", 2)
    sent = rows(1)
    row, result = sent["individuals"][0], sent["evaluations"][0]
    changes: dict[str, dict[str, Any]] = {
        "fitness": {"evaluations": [EvaluationRow(result.id, (math.nextafter(result.fitness[0], 2),))]},
        "parents": {"individuals": [IndividualRow(row.id, (1,), row.operator, row.genome)]},
        "state": {"state": {"generation": 2}},
        "genome": {"individuals": [IndividualRow(row.id, row.parents, row.operator, genome_key("other"))]},
        "measures": {"evaluations": [EvaluationRow(result.id, result.fitness, measures={"size": 99})]},
        "graph": {"graphs": {"another": "{}"}},
        "signature": {"individuals": [IndividualRow(row.id, row.parents, row.operator, row.genome, b"!")]},
    }
    same_fields: dict[str, dict[str, Any]] = {
        "fitness": {"evaluations": [EvaluationRow(result.id, result.fitness)]},
        "parents": {"individuals": [IndividualRow(row.id, row.parents, row.operator, row.genome)]},
        "state": {},
        "genome": {"individuals": [IndividualRow(row.id, row.parents, row.operator, row.genome)]},
        "measures": {"evaluations": [EvaluationRow(result.id, result.fitness)]},
        "graph": {},
        "signature": {"individuals": [IndividualRow(row.id, row.parents, row.operator, row.genome)]},
    }
    digests = []
    for name, change in (("b", same_fields[what]), ("c", changes[what])):
        with create(tmp_path / name, CONFIG, ENVIRONMENT) as writer:
            go_on(writer, 1)
            writer.commit(**sent | change)
            digests.append(writer.reader.digest())
    assert digests[0] != digests[1]


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


def test_pruned_texts_are_gone_and_the_rest_still_verifies(tmp_path: Path) -> None:
    keep = rows(0)["individuals"][1].genome
    with create(tmp_path, CONFIG, ENVIRONMENT) as writer:
        go_on(writer, 2)
        assert writer.prune({keep}) == 2 * BORN - 1
        assert writer.prune({keep}) == 0
        writer.commit(**rows(2))
        assert writer.prune({keep}) == BORN
        digest = writer.reader.digest()
    write(tmp_path / "whole", 3)
    reader = open_reader(tmp_path)
    assert digest == reader.digest() == open_reader(tmp_path / "whole").digest()
    assert reader.individual(0).text is None
    assert reader.individual(1).text == rows(0)["genomes"][keep]
    assert verify(tmp_path).problem is None
    with open_writer(tmp_path) as writer:
        assert writer.notes == []
        assert writer.prune(()) == 1


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
