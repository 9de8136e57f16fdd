"""Runs for tests of figures and reports, made without a single lifetime."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_json, graph_key, group_count, layered
from evometa.language.text import parse
from evometa.store import Evaluation, create
from tests.inspected import CONFIG, REPORT
from tests.stored import Born, commit

NETWORK = layered(3, (4,), 2)
WIDE = layered(64, (100, 34), 10)
RULES = ["mul(pre, post)", "mul(pre, sub(target, post))", "mul(c0, mul(pre, sub(target, post)))", "mul(0.3, w)"]
HOSTILE = "<script>alert(1)</script><b onclick=x>\"ü&amp;'✓</b><img src=x onerror=alert(2)>{{7*7}}%{x}${y}"
INTERVAL = {"mean": 0.2, "ci95": 0.05}
ANALYSIS: dict[str, Any] = {
    "tasks": 40,
    "measure": "closeness",
    "lower_is_better": False,
    "whole": {"mean": 0.95, "ci95": 0.01},
    "ablation": [
        {"slot": "update", "term": "pre", "change": "removed", "formula": "Δw = target − post", **INTERVAL,
         "difference": {"mean": 0.3, "ci95": 0.02}},
        {"slot": "update", "term": "pre", "change": "frozen", "formula": "Δw = 0.5·(target − post)", **INTERVAL,
         "difference": {"mean": 0.1, "ci95": 0.02}},
        {"slot": "update", "term": "target − post", "change": "removed", "formula": "Δw = pre", **INTERVAL,
         "difference": {"mean": -0.01, "ci95": 0.02}},
    ],
    "sensitivity": [
        {"signal": "pre", "meaning": "activation of the node", "change": "held at its mean", **INTERVAL,
         "difference": {"mean": 0.4, "ci95": 0.03}, "share": 0.8, "slope": -0.2},
        {"signal": "post", "meaning": "activation", "change": "held at its mean", "mean": None, "ci95": None,
         "difference": {"mean": None, "ci95": None}, "share": None, "slope": None},
    ],
    "biography": {
        "updates": [0, 1, 2, 3, 4],
        "error": {"mean": [0.5, 0.4, 0.3, 0.2, 0.1], "low": [0.4, 0.3, 0.2, 0.1, 0.0], "high": [0.6] * 5},
        "weights": {"mean": [0.5] * 5, "low": [0.1] * 5, "high": [1.0] * 5},
        "change": {"mean": [None, 0.4, 0.3, 0.2, 0.1], "low": [None, 0, 0, 0, 0], "high": [None, 1, 1, 1, 1]},
    },
    "curves": [
        {"name": "champion", "updates": [0, 5, 10, 20], "mean": [0.5, 0.8, 0.9, 0.95], "ci95": [0.01] * 4},
        {"name": "delta", "updates": [0, 5, 10, 20], "mean": [0.5, 0.85, 0.93, 0.98], "ci95": [0.01] * 4},
        {"name": "hebb", "updates": [0, 5, 10, 20], "mean": [0.5, 0.5, None, 0.5], "ci95": [0.01, 0.01, None, 0.01]},
    ],
    "notes": ["two changes were left out"],
}  # fmt: skip


def genome(number: int, weights: bool = True, network: Any = NETWORK, rule: str = "") -> str:
    """Return the text of a genome: a rule of RULES, innate weights, plasticity tied by layer."""
    draw = np.random.default_rng(number)
    return Genome(
        {"update": parse(rule or RULES[number % len(RULES)])},
        network,
        weights=draw.normal(size=network.synapses).astype(np.float32) if weights else None,
        coefficients=np.array([0.5], np.float32),
        plasticity=draw.uniform(-1, 1, (1, group_count(network))).astype(np.float32) if weights else None,
    ).to_json()


def full(
    folder: Path,
    generations: int = 12,
    born: int = 8,
    report: dict[str, Any] | None = None,
    asked: int | None = None,
    lost: int = 0,
    **settings: Any,
) -> Path:
    """A run with two islands, innate weights, some lost lifetimes and an analysis; `report` None: not reported.

    `lost`: how many of each generation have the fitness of what is lost.
    """
    fitness = {"objectives": ["adapted_closeness"]}
    config = {**CONFIG, "run": {"generations": asked or generations}, "fitness": fitness}
    config |= {"sampling": {"resample": "never"}, **settings}
    with create(folder, config, {"versions": {"evometa": "0.1.0", "numpy": "2.4.6"}, "python": "3.11"}) as writer:
        for number in range(generations):
            ids = list(range(number * born, (number + 1) * born))
            texts = {id: genome(id) for id in ids}
            value = [round(0.5 + 0.4 * (number * born + i) / (generations * born), 3) for i in range(born)]
            commit(writer,
                number,
                [
                    Born(
                        id, (id - born,) if number else (), "mutate node" if number else "first", texts[id],
                        bytes([id % 5])
                    )
                    for id in ids
                ],
                [
                    Evaluation(id, (value[i] if i >= lost else -1.0,), 0.5, value[i], 20, i % 2)
                    for i, id in enumerate(ids)
                ],
                {"hall": [ids[-1]], "islands": [ids[: born // 2], ids[born // 2 :]]},
                {"best": value[-1], "best_id": ids[-1], "median": value[0], "innate": 0.5, "adapted": value[-1],
                 "lifetimes": 20 * born, "diverged": born // 2, "reasons": {"weights were not finite": born // 2}},
                {"evaluate_seconds": 0.25, "total_seconds": 0.5},
                {graph_key(NETWORK): graph_json(NETWORK)},
            )  # fmt: skip
        if report is not None:
            writer.report({**report, "champion": generations * born - 1})
    return folder


def hostile(folder: Path) -> Path:
    """A run in which every text is markup, with a rule of 511 nodes and 10 284 synapses, and hardly a number."""
    tasks = [{"family": HOSTILE, "path": f"/secret/{HOSTILE}"}]
    config = {**CONFIG, "name": HOSTILE, "description": HOSTILE, "tasks": tasks, HOSTILE: HOSTILE}
    config |= {"fitness": {"objectives": [HOSTILE]}}
    environment = {"versions": {HOSTILE: HOSTILE}, "python": HOSTILE, "platform": HOSTILE, "base": "/secret"}
    text = genome(0, network=WIDE, rule=balanced(8))
    with create(folder, config, environment) as writer:
        for number in range(3):
            commit(writer,
                number,
                [Born(number, (number - 1,) if number else (), HOSTILE, text)],
                [Evaluation(number, (0.5,), None, math.nan, 20, number)],
                {"hall": [number], "islands": [[number]]},
                {"best": math.nan, "best_id": number, "median": math.nan, "lifetimes": 20, "diverged": number,
                 "reasons": {HOSTILE: number}},
                {"evaluate_seconds": 0.1, "total_seconds": math.nan},
                {graph_key(WIDE): graph_json(WIDE)},
            )  # fmt: skip
        evil = {"slot": HOSTILE, "term": HOSTILE, "change": HOSTILE, "formula": HOSTILE, **INTERVAL}
        analysis = {
            **ANALYSIS, "measure": HOSTILE, "ablation": [{**evil, "difference": INTERVAL}], "notes": [HOSTILE],
            "sensitivity": [{"signal": HOSTILE, "meaning": HOSTILE, "change": HOSTILE, "difference": INTERVAL}],
            "curves": [{**ANALYSIS["curves"][0], "name": HOSTILE}],
        }  # fmt: skip
        baselines = [{"name": HOSTILE, "mean": 0.7, "ci95": 0.1, "rate": 1.0}, {"name": HOSTILE, "mean": None}]
        writer.report({**REPORT, "measure": HOSTILE, "analysis": analysis, "baselines": baselines})
    return folder


def balanced(depth: int, place: int = 1) -> str:
    """Return the text of a rule that is a full binary tree of that depth, and does not simplify."""
    if depth == 0:
        return ("pre", "post", "target", "w", f"0.{place % 9 + 1}")[place % 5]
    verb = ("add", "mul", "sub", "max")[(depth + place) % 4]
    return f"{verb}({balanced(depth - 1, 2 * place)}, {balanced(depth - 1, 2 * place + 1)})"


def texts_in(value: Any) -> list[str]:
    """Return every text within a figure's JSON."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts_in(inner)]
    return [text for inner in value for text in texts_in(inner)] if isinstance(value, (list, tuple)) else []
