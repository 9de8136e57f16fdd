"""A stand-in for `evometa.run`, for tests of what is around it."""

from __future__ import annotations

import types
from types import SimpleNamespace
from typing import Any

from evometa.judging.reports import Baseline, Report
from evometa.judging.scores import Score
from evometa.presentation.events import Generation, Start

SUMMARY = {
    "recipe": "digits",
    "champion": {"formula": "Δw = -c0·grad", "meta_test": 0.9, "meta_test_ci95": float("nan")},
    "baselines": [{"name": "sgd", "mean": 0.8, "ci95": 0.1}],
}


class Finished:
    """A run that is over, or one that was loaded."""

    history = ()
    champion = SimpleNamespace(
        formula="Δw = -c0·grad",
        recognised="",
        report=Report(
            champion=1,
            meta_test=Score(mean=0.9, ci95=float("nan")),
            baselines=[Baseline(name="sgd", mean=0.8, ci95=0.1)],
        ),
    )
    origin = SimpleNamespace(sentence="found from a random tree by 2 steps")
    settings = SimpleNamespace(seed=0, topology=SimpleNamespace(mode="fixed"))

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def search(self) -> SimpleNamespace:
        return SimpleNamespace(sentence="8 genomes born")

    def summary(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return SUMMARY

    def details(self, **asked: Any) -> dict[str, Any]:
        return self.summary(**asked)

    def render(self, console: Any, **asked: Any) -> None:
        self.asked = asked
        console.print("all about it")

    def latex(self, **asked: Any) -> str:
        self.asked = asked
        return r"\Delta w"

    def analyse(self, note: Any, **asked: Any) -> dict[str, Any]:
        note("compiling")
        return {"analysed": asked}


class Engine(types.ModuleType):
    """Stands in for `evometa.run`: notes what it was asked, and shows a short run or raises an error."""

    def __init__(self) -> None:
        super().__init__("evometa.engine")
        self.calls: list[tuple[Any, dict[str, Any]]] = []
        self.error: BaseException | None = None
        self.finished = Finished()

    def run(self, recipe: str, **options: Any) -> Finished:
        watch = options.pop("watch")
        self.calls.append((recipe, options))
        if self.error is not None:
            raise self.error
        watch.begin(Start(recipe=recipe, out="runs/x", backend="numba", generations=1))
        watch.generation(
            Generation(
                generation=1,
                generations=1,
                best=1.0,
                median=2.0,
                innate=0.1,
                adapted=0.9,
                formula="Δw = grad",
                lifetimes=8,
                evaluate_seconds=0.1,
                total_seconds=0.2,
            )
        )
        watch.end(self.finished)
        return self.finished

    def resume(self, path: str, **options: Any) -> Finished:
        return self.run(path, **options)

    def load(self, path: str, data: object = None) -> Finished:
        self.calls.append((path, {} if data is None else {"data": data}))
        return self.finished
