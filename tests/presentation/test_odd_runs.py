"""Runs that are large, lost or oddly named, looked at: summarised, quick, and nothing in them is taken for markup."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from evometa.genetics.genome import Genome
from evometa.language.liveness import living
from evometa.language.text import parse
from evometa.presentation.comparison import compare
from evometa.presentation.run import Run, load
from evometa.store import Evaluation, create
from tests.inspected import CONFIG, printed
from tests.stored import Born, commit

GENERATIONS, EACH = 20, 500
NAME = "<script>alert(1)</script> [red]Öl·学習[/red]"
LONG = " + ".join(f"{k}*pre*tanh({k}*w)" for k in range(1, 57))
SECONDS = 120  # of one processor, for each way of looking; a few are usual, where all is imported and compiled, too


def text_of(rule: str) -> str:
    return Genome({"update": parse(rule)}, coefficients=np.ones(1, np.float32)).to_json()


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Ten thousand individuals, all of them lost, the champion with a rule of 503 nodes."""
    path = tmp_path_factory.mktemp("runs") / "run"
    texts = {rule: text_of(rule) for rule in (LONG, "pre", "pre*post")}
    assert len(parse(LONG)) >= 500
    with create(path, {**CONFIG, "name": NAME, "run": {"generations": 30}}, {}) as writer:
        for g in range(GENERATIONS):
            ids = range(g * EACH, (g + 1) * EACH)
            rules = {id: LONG if id == ids[0] else "pre*post" if id % 2 else "pre" for id in ids}
            rows = [
                Born(id, (id - EACH, g * EACH - 1) if g else (), "<b>crossover</b> [bold]", texts[rules[id]])
                for id in ids
            ]
            lost = [Evaluation(id, (2e6, 503.0), float("nan"), float("nan"), 20, 20) for id in ids]
            state, told = {"hall": [ids[0]]}, {"best": 2e6, "best_id": ids[0], "lifetimes": 20, "diverged": 20}
            commit(writer, g, rows, lost, state, told, {})
    return load(path)


def test_a_large_lost_run_is_drawn(odd: Run) -> None:
    started = time.process_time()
    page = printed(odd, width=80, terminal=True)
    assert NAME.split()[0] in page
    assert max(map(len, page.splitlines())) <= 80
    whole = printed(odd)
    assert NAME in whole
    assert "<b>crossover</b> [bold]" in whole
    assert time.process_time() - started < SECONDS


def test_its_details_are_json(odd: Run) -> None:
    started = time.process_time()
    told = odd.details()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert len(told["lineage"]) == GENERATIONS
    assert all(step["gain"] == 0 for step in told["lineage"][:-1])
    assert told["champion"]["innate"] is None
    assert time.process_time() - started < SECONDS


def test_it_is_compared(odd: Run) -> None:
    told = compare([odd, odd])
    assert told["runs"][0]["size"] == len(living({"update": parse(LONG)})["update"])
    assert not told["alike"]  # nobody has been tested yet
