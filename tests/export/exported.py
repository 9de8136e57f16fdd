"""Learners of any rule in a run file, without evolving; generated files imported; lifetimes to compare them with."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load as load_config
from evometa.export.setting import Setting, open_setting
from evometa.export.subject import Subject
from evometa.genetics.genome import Genome
from evometa.genetics.shapes import shapes_of
from evometa.genetics.topology import graph_json, graph_key
from evometa.language.text import parse_rule
from evometa.lifetime import Graph, Plan
from evometa.lifetime.reference import Learner as Reference
from evometa.presentation.learner import Learner
from evometa.presentation.run import load
from evometa.spec.primitives import PRIMITIVES
from evometa.store import Evaluation, create
from tests.stored import Born, commit

F32 = np.ndarray[Any, np.dtype[np.float32]]

Made = Callable[[str], Learner]
Written = Callable[[str, str], str]
Lives = Callable[[str], tuple[Setting, Reference]]

STEPS = 100

SINE = {"family": "sinusoid", "shots": 10, "queries": 5, "test_points": 7}
BOOLEAN = {"family": "boolean", "inputs": 3, "patterns": 8, "train_tasks": 2, "validation_tasks": 2, "test_tasks": 3}
CLUSTERS = {"family": "dataset", "name": "synthetic", "inputs": 4, "classes": 3, "support": 20, "queries": 10}

_numbers = itertools.count()


def recipe(tasks: dict[str, Any], rule: dict[str, str], **sections: Any) -> dict[str, Any]:
    """A recipe whose rule is given."""
    signals = {slot: sorted(tree.signals()) or ["w"] for slot, tree in parse_rule(rule).items()}
    signals = {slot: ["target"] if slot == "loss" and names == ["w"] else names for slot, names in signals.items()}
    base: dict[str, Any] = {
        "name": "given", "tasks": tasks, "lifetime": {"batch": 1, "updates": STEPS},
        "rule": {"slots": list(rule), "init": rule, "signals": signals, "primitives": list(PRIMITIVES),
                 "max_nodes": 600, "max_depth": 60},
        "weights": {"mode": "drawn"},
        "fitness": {"objectives": ["adapted_loss"]},
    }  # fmt: skip
    return {**base, **{key: {**base.get(key, {}), **value} for key, value in sections.items()}}


def genome_of(config: Any, rule: dict[str, str], seed: int = 5) -> Genome:
    """A genome with that rule, its numbers drawn."""
    from evometa.evolution.courses import open_courses

    courses = open_courses(config)
    shapes = shapes_of(config, [course.network for course in courses])
    rng = np.random.default_rng(seed)
    plasticity = None
    if config.plasticity.count:
        plasticity = rng.normal(0, 0.3, (config.plasticity.count, shapes.columns)).astype(np.float32)
    values = np.array(config.coefficients.values, np.float32)
    return Genome(parse_rule(rule), shapes.topology, shapes.draw_weights(rng), values, plasticity)


def learner_of(
    folder: Path, recipe: dict[str, Any], name: str = "", settings: dict[str, Any] | None = None, **numbers: Any
) -> Learner:
    """A learner of a run file with one individual, which has the recipe's rule.

    `settings`: what the stored configuration says instead; `numbers`: parts of the genome to replace.
    """
    config = load_config(recipe).config
    genome = genome_of(config, recipe["rule"]["init"]).replace(**numbers)
    from evometa.evolution.courses import open_courses

    graphs = {graph_key(course.network): course.network for course in open_courses(config)}
    if isinstance(genome.topology, Graph):
        graphs[graph_key(genome.topology)] = genome.topology
    text = genome.to_json()
    path = folder / (name or f"run{next(_numbers)}")
    stored = config.model_dump(mode="json") | (settings or {})
    with create(path, stored, {"base": str(folder)}) as writer:
        commit(writer,
            0, [Born(0, (), "first", text)], [Evaluation(0, (0.5,), 0.5, 0.5, 20, 0)],
            {"hall": [0]}, {"best": 0.5, "best_id": 0}, {"evaluate_seconds": 0.0, "total_seconds": 0.0},
            {key: graph_json(graph) for key, graph in graphs.items()},
        )  # fmt: skip
    found = load(path).champion
    assert found is not None
    return found


def setting_of(learner: Learner) -> Setting:
    """The surroundings of the learner's lifetime."""
    assert learner.genome is not None
    return open_setting(learner._run, Subject(learner).config, learner.genome)


def lived(setting: Setting) -> Reference:
    """The learner after its whole lifetime, by the reference."""
    found = Reference(setting.phenotypes, 0, setting.tasks, setting.births, setting.plan)
    with np.errstate(all="ignore"):
        for update in range(len(setting.plan.order)):
            found.learn(update)
    return found


def answers(found: Reference, queries: F32) -> F32:
    """What the reference answers, f32[Q, O]."""
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(found.answers(queries)[..., 0])


def examples(setting: Setting) -> list[tuple[F32, F32]]:
    """The examples of each update, x f32[B, I] and y f32[B, O]."""
    plan: Plan = setting.plan
    return [(setting.tasks.support_x[row, :, 0], setting.tasks.support_y[row, :, 0]) for row in plan.order[..., 0]]


def imported(text: str, folder: Path) -> ModuleType:
    """A generated file as a module."""
    name = f"generated{next(_numbers)}"
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_file(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a generated file as people do, with warnings as errors."""
    path = folder / f"file{next(_numbers)}.py"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-X", "utf8", str(path)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=folder, check=False)


def used(text: str, folder: Path) -> str:
    """Run the example of use in a generated file's docstring; return what it prints."""
    module = imported(text, folder)
    docstring = module.__doc__ or ""
    lines = docstring.split("is this file without .py):\n\n")[1].split("\n")
    block = list(itertools.takewhile(lambda line: not line or line.startswith("    "), lines))
    code = "\n".join(line[4:] for line in block).replace("from FILE", f"from {module.__name__}")
    sys.modules[module.__name__], page = module, io.StringIO()
    try:
        with contextlib.redirect_stdout(page):
            exec(compile(code, "usage", "exec"), {})
    finally:
        del sys.modules[module.__name__]
    return page.getvalue()


def tidy(text: str, folder: Path) -> str:
    """What the formatter and the linter have against a generated file; nothing without them."""
    ruff = shutil.which("ruff") or shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff is None:
        pytest.skip("ruff is not installed: the style of generated code is not looked at")
    path = folder / f"styled{next(_numbers)}.py"
    path.write_text(text, encoding="utf-8")
    said = ""
    for command in (["format", "--diff"], ["check", "--select", "E4,E7,E9,F,W,I"]):
        done = subprocess.run(
            [ruff, *command, "--isolated", "--line-length", "100", "--no-cache", str(path)],
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        said += done.stdout if done.returncode else ""
    return said


def wine() -> tuple[F32, np.ndarray[Any, Any], F32, np.ndarray[Any, Any]]:
    """scikit-learn's wine data, standardised: 120 rows to learn from and 58 to be asked for, with their classes."""
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)[order]
    return x[:120], y[order][:120], x[120:], y[order][120:]
