"""A task of images as people see it: what is kept of it, whether answers are the learner's, and how it is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.judging.reports import Episode, Report
from evometa.presentation.episode import episode_lines, images_of, queries_of
from evometa.presentation.run import Run
from evometa.report import figures
from tests.small import DELTA, recipe

IMAGES = recipe(
    DELTA, tasks={"family": "digits", "shots": 2, "queries": 3}, lifetime={"batch": 5, "epochs": 4},
    rule={"signals": ["grad", "c0"], "init": {"update": "-c0 * grad"}, "fixed": ["update"]},
    coefficients={"count": 1, "low": 0.1, "high": 1.0}, network={"credit": "backprop"},
    fitness={"objectives": ["adapted_accuracy"]},
    champion={"baselines": [], "peers": False}, sampling={"test_tasks": 1},
    run={"generations": 1},
)  # fmt: skip
IMAGES["tasks"] = {"family": "digits", "shots": 2, "queries": 3}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return evometa.run(IMAGES, out=tmp_path_factory.mktemp("episode") / "a")


def test_answers_are_those_that_the_test_counted(run: Run) -> None:
    report = run.champion.report  # type: ignore[union-attr]
    assert report is not None
    episode = report.episode
    assert episode is not None
    assert (episode.shape, len(episode.examples), len(episode.queries)) == ([8, 8, 1], 5, 10)
    assert sorted(episode.right) == sorted(2 * episode.classes)
    examples, _ = images_of(episode)
    assert examples[0].max() > 200
    right = sum(a == b for a, b in zip(episode.answers, episode.right, strict=True))
    counted = report.test.mean * 15  # of three queries of each class, of which two are shown
    assert right <= round(counted) <= right + 5


def test_a_terminal_shows_examples_queries_and_answers(run: Run) -> None:
    lines = [line.plain for line in episode_lines(run.champion.report)]  # type: ignore[union-attr]
    assert lines[0].startswith("a held-out task")
    assert lines[5].split() == list("abcde")
    marks = "".join(lines)
    assert marks.count("✓") + marks.count("✗") == 10
    assert max(map(len, lines)) <= 80
    assert list(episode_lines(None)) == list(episode_lines(Report(champion=1))) == []


def test_a_figure_has_an_image_for_each_and_says_what_it_was_taken_for(run: Run) -> None:
    pytest.importorskip("plotly")
    figure = figures.task(run)
    assert len(figure.data) == 15
    words = [note.text for note in figure.layout.annotations]
    assert [text for text in words if len(text) == 1] == list("abcde")
    assert sum(text.endswith(("✓", "✗")) for text in words) == 10


def test_classes_of_few_queries_leave_gaps() -> None:
    pixels = np.zeros((2, 3, 3), np.uint8).tobytes().hex()
    episode = Episode(
        shape=[2, 3, 3], classes=[0, 4], examples=[pixels] * 2, queries=[pixels] * 3, right=[0, 4, 4],
        answers=[0, 1, 4],
    )  # fmt: skip
    assert queries_of(episode) == [{0: 0, 1: 1}, {1: 2}]
    lines = [line.plain for line in episode_lines(Report(champion=1, episode=episode))]
    assert "a ✓   another ✗ (b)" in lines


def test_tasks_without_images_have_no_picture(tmp_path: Path) -> None:
    told = evometa.run(DELTA, out=tmp_path / "a", generations=1)
    assert told.champion.report.episode is None  # type: ignore[union-attr]
    pytest.importorskip("plotly")
    assert "not of images" in figures.task(told).layout.meta["empty"]
