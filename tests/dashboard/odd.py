"""Runs of every kind that a folder may hold: finished, begun, interrupted, not a number anywhere, huge, oddly named."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_json, graph_key
from evometa.language.text import parse
from evometa.store import Evaluation, Writer, create
from tests.inspected import CONFIG, NETWORK, REPORT, RULES
from tests.stored import Born, commit

HTML = '<b onmouseover="alert(1)">bold<b><img src=x onerror=alert(1)>&amp; {{7*7}} %{x}'
FILE_HTML = HTML.replace("/", "")  # as the name of a folder
UNICODE = "größe ∂ 猫 مرحبا"
HOSTILE = {"name": HTML, "seed": 7}  # settings


def add(writer: Writer, number: int, rule: str = "", fitness: float | None = None, **more: Any) -> None:
    """Commit generation `number`, in which individual `number` is born, the child of the one before."""
    value = 0.5 + 0.1 * number if fitness is None else fitness
    text = Genome({"update": parse(rule or RULES[number % len(RULES)])}, NETWORK, **more).to_json()
    commit(
        writer,
        number,
        [Born(number, (number - 1,) if number else (), "mutate node" if number else "first", text)],
        [Evaluation(number, (value, 5.0), 0.5, value, 20, 0)],
        {"hall": [number], "islands": [[number]]},
        {
            "best": value,
            "best_id": number,
            "median": value,
            "innate": 0.5,
            "adapted": value,
            "lifetimes": 20,
            "diverged": 0,
        },
        {"evaluate_seconds": 0.25, "total_seconds": 0.5},
        {graph_key(NETWORK): graph_json(NETWORK)},
    )


def finished(folder: Path, **settings: Any) -> Path:
    """A finished run of three generations; individual n is the child of n − 1."""
    with create(folder, {**CONFIG, **settings}, {"base": HTML}) as writer:
        for number in range(3):
            add(writer, number)
        writer.report(REPORT)
    return folder


def begun(folder: Path) -> Path:
    """A run without a generation yet."""
    create(folder, CONFIG, {}).close()
    return folder


def interrupted(folder: Path, generations: int = 2) -> Path:
    """A run that has not come to its end."""
    with create(folder, CONFIG, {}) as writer:
        for number in range(generations):
            add(writer, number)
    return folder


def nothing_but_nan(folder: Path) -> Path:
    """A run in which nothing was ever a number."""
    weights = np.full(NETWORK.synapses, math.nan, np.float32)
    with create(folder, CONFIG, {}) as writer:
        for number in range(3):
            add(writer, number, "div(pre, sub(pre, pre))", math.nan, weights=weights)
        writer.report({**REPORT, "meta_test": {"mean": math.nan, "ci95": math.nan, "n": 5}})
    return folder


def bushy(nodes: int) -> str:
    """A rule's text of some more nodes than that, which does not simplify."""
    if nodes < 4:
        return f"tanh(add(w, {nodes / 7:.3f}))" if nodes % 2 else "mul(pre, post)"
    verb = ("add", "mul", "sub", "max", "min")[nodes % 5]
    return f"{verb}({bushy(nodes // 2)}, {bushy(nodes - nodes // 2 - 1)})"


def long_rule(folder: Path) -> Path:
    """A run whose individuals have rules of more than 500 nodes."""
    with create(folder, CONFIG, {}) as writer:
        for number in range(2):
            add(writer, number, bushy(500 + number))
    return folder


def crowded(folder: Path, generations: int = 100, born: int = 1000) -> Path:
    """A run of many individuals, each with two parents of the generation before."""
    draw = np.random.default_rng(0)
    rules = [f"mul({value:.4g}, mul(pre, sub(target, post)))" for value in draw.normal(size=500)]
    texts = [Genome({"update": parse(rule)}, NETWORK).to_json() for rule in rules]

    with create(folder, {**CONFIG, "run": {"generations": generations + 1}}, {}) as writer:
        for number in range(generations):
            first = number * born
            chosen = draw.integers(len(texts), size=born)
            mates = draw.integers(born, size=(born, 2)) + first - born
            fitness = draw.random(born)
            rows = [
                Born(first + i, tuple(mates[i].tolist()) if number else (), "crossover", texts[chosen[i]])
                for i in range(born)
            ]
            judged = [
                Evaluation(first + i, (float(fitness[i]), 5.0), 0.4, float(fitness[i]), 20, 0) for i in range(born)
            ]
            best = first + int(fitness.argmax())
            commit(writer,
                number, rows, judged, {"hall": [best], "islands": [list(range(first, first + born))]},
                {"best": float(fitness.max()), "best_id": best, "median": 0.5, "lifetimes": 20 * born, "diverged": 0},
                {"evaluate_seconds": 0.1, "total_seconds": 0.2},
                {graph_key(NETWORK): graph_json(NETWORK)},
            )  # fmt: skip
    return folder
