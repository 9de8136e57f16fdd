"""The audit of habits: those that find less, or nothing more, than fixed ones are flagged, and idle habits named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator, Ways
from evometa.genetics.genome import Genome
from evometa.judging.audit import searching
from evometa.judging.audit.checks import SEARCHING
from evometa.judging.audit.judgement import judged
from evometa.judging.audit.search import SearchSubject
from evometa.judging.audit.whole import audit, subject_of
from evometa.language.habits import fixed_habits
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.lifetime.numba import cpu
from evometa.operators import Searcher

SEARCHES = 40
SMALL = ["tasks.search_generations=6", "tasks.search_population=20", "sampling.validation_tasks=20",
         "sampling.test_tasks=20"]  # fmt: skip


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    config = load("habits", SMALL).config
    ways = Ways(cpu.live, search=Searcher(lambda rng, count: ()))
    return Evaluator(config, open_courses(config), ways)


def habits(evaluator: Evaluator, **texts: str) -> SearchSubject:
    """Return fixed habits, but for some."""
    own = {slot: parse(text, HABIT_SLOTS[slot].signals) for slot, text in texts.items()}
    found = subject_of(evaluator, Genome({**fixed_habits(5), **own}), {}, SEARCHES)
    assert isinstance(found, SearchSubject)
    return found


def test_habits_that_find_less_are_flagged(evaluator: Evaluator) -> None:
    aimless = habits(evaluator, pick="0 - square(rank)", keep="0 - rank")
    assert aimless.base.champion.mean() < -0.05
    assert [cell.verdict for cell in judged(list(searching.gain(aimless)))] == ["flagged"]


def test_habits_that_lead_in_one_length_of_searches_alone_are_flagged(
    evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    aimless = habits(evaluator, pick="0 - square(rank)", keep="0 - rank")
    level = np.zeros((1, SEARCHES))
    aimless.__dict__["base"] = type(aimless.base)(level, level)  # as if it had been level where it evolved
    assert [cell.verdict for cell in judged(list(searching.lengths(aimless)))] == ["flagged", "flagged"]


def test_where_there_is_nothing_to_be_found_nothing_may_be_gained(evaluator: Evaluator) -> None:
    better = habits(evaluator, which_insert="0.1")
    gain = np.full((1, SEARCHES), 0.1)
    better.__dict__["base"] = type(better.base)(gain, 0 * gain)  # as if it were far ahead
    (cell,) = judged(list(searching.answers_shuffled(better)))
    assert abs(cell.champion or 0.0) < 0.02


def test_nothing_is_asked_beyond_the_limits_of_tasks_nor_of_less_noise_than_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searching, "elsewhere", lambda subject, name, drawn: name)  # nobody searches

    def asked(*settings: str) -> set[object]:
        rules = [f"tasks.{split}_rules=1" for split in ("train", "validation", "test")]
        config = load("habits", [*SMALL, *rules, "tasks.probes=16", *settings]).config
        own = habits(Evaluator(config, open_courses(config), Ways(cpu.live)))
        return {name for row in (searching.lengths, searching.noise, searching.sizes) for name in row(own)}

    least = asked("tasks.search_generations=2", "tasks.search_population=2")
    noise = {f"noise of {share:g} deviations in answers" for share in searching.NOISE}
    assert least == {"generations × 2", "rules × 2", "probes × 2", *noise}
    most = asked("tasks.search_generations=10_000", "tasks.search_population=10_000", 'tasks.form="F3"')
    assert most == {"generations × 0.5", "rules × 0.5", "probes × 2", max(noise)}


def test_habits_that_change_nothing_are_named(evaluator: Evaluator) -> None:
    idle = habits(evaluator, which_node="1 + 0*size", step="2*sigma*gauss")
    assert [fault.cell.name for fault in searching.inert(idle)] == ["habit which_node"]
    assert list(searching.inert(habits(evaluator))) == []


def test_fixed_habits_are_no_gain_and_stand_everything(evaluator: Evaluator) -> None:
    own = habits(evaluator)
    found = audit(evaluator, own.genome, rivals={}, tasks=SEARCHES)
    assert found.flagged == ["learning"]
    verdicts = {check.name: check.verdict for check in found.tests}
    assert list(verdicts) == [row.name for row in SEARCHING]
    assert verdicts["leaks"] == verdicts["lives"] == "passes"
    assert verdicts["labels shuffled"] == "left out"  # there is no gain that could remain


def test_the_champion_of_a_stored_run_is_audited(tmp_path: Path) -> None:
    small = [*SMALL, "run.generations=2", "evolution.population=4", "evolution.offspring=6", "racing.parents=2",
             "champion.peers=false"]  # fmt: skip
    run = evometa.run("habits", out=tmp_path / "run", settings=small, progress=False)
    found = evometa.presentation.audit.audit(run, tasks=20)
    assert [check.name for check in found.tests] == [row.name for row in SEARCHING]
