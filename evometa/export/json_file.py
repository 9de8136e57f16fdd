"""The JSON export: everything that is known of one individual, in plain numbers, for programs of any language."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.export.setting import Setting
from evometa.export.subject import Subject
from evometa.genetics.topology import graph_json
from evometa.language.signals import COEFFICIENTS, EVERY_SLOT, PLASTICITY, READABLE
from evometa.lifetime.reference_comparison import Comparison
from evometa.lifetime.reference_memory import Storage
from evometa.spec import HEADS
from evometa.store.records import Json

FORMAT = 1


def json_file(subject: Subject) -> str:
    """Return one JSON object: provenance, rule, coefficients, network, innate numbers, scores, configuration."""
    return json.dumps(_finite(told(subject)), indent=1, allow_nan=False) + "\n"


def told(subject: Subject) -> Json:
    """Return what is known of the individual."""
    learner, genome = subject.learner, subject.genome
    rule = {slot: subject.rule[slot] for slot in EVERY_SLOT if slot in subject.rule}
    told = learner.summary()
    scores = {key: told[key] for key in ("fitness", "innate", "adapted", "meta_validation", "meta_test")}
    return {
        "format": "evometa-learner", "format_version": FORMAT, "provenance": subject.provenance(),
        "rule": rule, "formula": learner.formula, "recognised": learner.recognised,
        "signals": {name: READABLE[name].meaning for name in sorted(subject.reads, key=lambda n: READABLE[n].register)},
        "coefficients": dict(zip(COEFFICIENTS, _numbers(genome.coefficients), strict=False)),
        "weights": None if genome.weights is None else _numbers(genome.weights),
        "plasticity": dict(zip(PLASTICITY, map(_numbers, genome.plasticity), strict=False)),
        "strategy": _numbers(genome.strategy), **_network(subject), "parents": list(learner.parents),
        "operator": learner.operator, "scores": {**scores, "final": learner.scores}, "config": subject.run.config,
    }  # fmt: skip


def _network(subject: Subject) -> Json:
    """The networks that it lived in; where there is one with known surroundings, those too."""
    graphs = [json.loads(graph_json(graph)) for graph in subject.learner.graphs]
    found: Json = {"network": subject.learner.topology, "graphs": graphs}
    try:
        setting = subject.setting
    except InputError as error:
        return found | {"setting": None, "why": str(error)}
    plan = setting.plan
    comparison = HEADS[plan.head].comparison
    how = Comparison(comparison, plan.metric, setting.phenotypes[0].coefficients) if comparison else None
    metric = (
        {} if how is None else {"metric": dict(zip(how.numbers, _numbers(list(how.numbers.values())), strict=True))}
    )
    return found | {
        "setting": {
            "graph": json.loads(graph_json(setting.graph)), "head": plan.head, "credit": plan.credit,
            "bound": plan.bound, "synapse_cost": plan.synapse_cost, "batch": plan.order.shape[1],
            "updates": len(plan.order), "tasks": setting.note,
            **metric, **({"memory": _memory(setting)} if plan.memory.slots else {}),
            "born_with": None if setting.drawn else _numbers(setting.weights),
        }
    }  # fmt: skip


def _memory(setting: Setting) -> Json:
    """The external memory of each life, its numbers as the learner has them."""
    memory, storage = setting.plan.memory, Storage(setting.plan.memory, setting.phenotypes[0].coefficients)
    focus, sharpness = _numbers([storage.focus, storage.sharpness])
    return {"slots": memory.slots, "cells": memory.cells, "focus": focus, "sharpness": sharpness}


def _numbers(values: NDArray[np.float32] | Sequence[np.float32]) -> list[float]:
    """Each float32 as the shortest decimal that gives it again."""
    return [float(str(value)) for value in values]


def _finite(value: Any) -> Any:
    """Put null where JSON has no number."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value
