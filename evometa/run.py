"""Composition root, read this first: config → toolbox, tasks, backend → evolve → run file → champion.

recipe ── load, check ──> Config ── open_courses ──> Evaluator ──┐
                               └── make_toolbox ──> Evolution ──>┤  ask → evaluate → tell → commit, each generation
                                                                 └─> examine (validation, test) → report
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from evometa.backend import choose_backend, warm_up
from evometa.champion import examine
from evometa.check import check_names, check_tasks
from evometa.config.load import Loaded, restore
from evometa.config.load import load as load_config
from evometa.config.schema import Config
from evometa.config.source import Source
from evometa.courses import open_courses
from evometa.errors import RunFailed
from evometa.evaluation import Evaluator, Tally
from evometa.evolution import Evolution
from evometa.fitness import OBJECTIVES, fitness_weights
from evometa.genome import shapes_of
from evometa.individual import Individual, fitness_class
from evometa.inspect import Run
from evometa.inspect import load as load
from evometa.keeping import begin, commit, recall
from evometa.lifetime import Graph
from evometa.memory import check_memory
from evometa.store.writer import Writer, open_writer
from operators.toolbox import make_toolbox


class Interrupted(KeyboardInterrupt):
    """Ctrl-C: the generation in flight is given up, all others are committed; the message says how to go on."""


class Watch(Protocol):
    """What is told of a run while it goes on (evometa.view has two)."""

    def begin(self, info: dict[str, Any]) -> None: ...
    def note(self, text: str) -> None: ...
    def progress(self, done: int, total: int) -> None: ...
    def generation(self, stats: dict[str, Any]) -> None: ...
    def end(self, run: Run) -> None: ...


class Silent:
    """Hears everything and says nothing."""

    def begin(self, info: dict[str, Any]) -> None: ...
    def note(self, text: str) -> None: ...
    def progress(self, done: int, total: int) -> None: ...
    def generation(self, stats: dict[str, Any]) -> None: ...
    def end(self, run: Run) -> None: ...


def run(
    recipe: str | Path | dict[str, Any] | Config,
    *,
    settings: Sequence[str] = (),
    seed: int | None = None,
    out: str | Path | None = None,
    generations: int | None = None,
    backend: str | None = None,
    watch: Watch | None = None,
) -> Run:
    """Evolve by a recipe (a name, a TOML file, a mapping or a Config), test the champion, return the finished run.

    `settings`: texts `a.b=c` as for `--set`; `out`: the run's own new folder (default `runs/RECIPE-N`). Raises
    InputError (nothing was run), RunFailed, Interrupted.
    """
    loaded = load_config(recipe, settings, seed=seed, generations=generations, backend=backend)
    base = Path(recipe).resolve().parent if isinstance(recipe, (str, Path)) and Path(recipe).is_file() else Path.cwd()
    engine = Engine(loaded, base, watch or Silent())
    with begin(loaded.config, out, base) as writer:
        return engine.go(writer, None)


def resume(
    path: str | Path, *, generations: int | None = None, backend: str | None = None, watch: Watch | None = None
) -> Run:
    """Go on with a run from its last committed generation, to `generations` in all (default: as first asked).

    `backend`: what to go on with, if not what the recipe names; the results are the same. Raises InputError,
    RunFailed, Interrupted.
    """
    watch = watch or Silent()
    with open_writer(path) as writer:
        for text in writer.notes:
            watch.note(text)
        config = restore(json.dumps(writer.reader.config), str(writer.path))
        done = writer.last_generation + 1
        if generations is not None:
            asked = config.run.model_copy(update={"generations": max(generations, done)})
            config = config.model_copy(update={"run": asked})
        found = writer.reader.report()
        if done >= config.run.generations and found is not None and found.generation == writer.last_generation:
            watch.note(f"finished: all {done} generations are done; ask for more with --generations")
            return load(writer.folder)
        base = Path(writer.reader.environment.get("base", "."))
        engine = Engine(Loaded(config, Source(str(writer.path), stored=True)), base, watch, backend)
        if generations is not None:  # only now: a refusal must leave the run as it was
            writer.amend(config.model_dump(mode="json"))
        return engine.go(writer, done)


class Engine:
    """A checked recipe with everything opened that it needs; `go` does the work."""

    def __init__(self, loaded: Loaded, base: Path, watch: Watch, backend: str | None = None) -> None:
        check_names(loaded)
        self.config, self.watch = loaded.config, watch
        courses = open_courses(self.config, base)
        check_tasks(loaded, [course.family for course in courses])
        check_memory(self.config, courses)
        live, self.backend_line = choose_backend(
            backend or self.config.run.backend, self.config.run.threads, watch.note
        )
        self.evaluator = Evaluator(self.config, courses, live, watch.progress)
        self.networks = [course.network for course in courses]
        self.evolution = new_evolution(self.config, self.networks)
        self.formula: tuple[int, str] = (-1, "")
        self.since = time.perf_counter()  # when the generation under way began

    def go(self, writer: Writer, done: int | None) -> Run:
        """Evolve to the end, committing every generation; then examine the champion and report."""
        generations = self.config.run.generations
        info = {"recipe": self.config.name, "seed": self.config.seed, "backend": self.backend_line}
        info |= {"out": str(writer.folder), "generations": generations, "resumed_from": done}
        self.watch.begin(info)
        try:
            if done:
                recall(self.evolution, writer.reader, self.networks)
            warm_up(self.evaluator.backend, self.watch.note)
            self.since = time.perf_counter()
            with rare_collection():
                while self.evolution.generation < generations:
                    self.generation(writer)
            self.watch.note("testing the champion on held-out tasks …")
            writer.report(examine(self.evaluator, self.candidates()))
        except KeyboardInterrupt:
            raise Interrupted(
                f"interrupted after generation {writer.last_generation + 1} of {generations}, which is kept. "
                f"Go on with: evometa resume {writer.folder}"
            ) from None
        except RunFailed as error:
            kept = f"{writer.last_generation + 1} generations are kept; go on with: evometa resume {writer.folder}"
            raise RunFailed(f"{error} {kept}") from error
        result = load(writer.folder)
        self.watch.end(result)
        return result

    def generation(self, writer: Writer) -> None:
        """Let one generation be born, live, be judged and be committed."""
        evolution, number = self.evolution, self.evolution.generation
        individuals = evolution.ask()
        known = [] if evolution.reevaluate else evolution.population
        tally = self.evaluator.evaluate(individuals, number, known)
        evolution.tell(individuals)
        statistics = self.statistics(tally)
        # from commit to commit, so that the time of writing is counted too, in the generation that follows
        seconds = {"evaluate_seconds": tally.seconds, "total_seconds": time.perf_counter() - self.since}
        self.since += seconds["total_seconds"]
        commit(writer, evolution, individuals, tally, statistics, self.config, self.networks, seconds)
        shown = {**statistics, **seconds, "generation": number + 1, "generations": self.config.run.generations}
        self.watch.generation({**shown, "formula": self.best_formula()})

    def statistics(self, tally: Tally) -> dict[str, Any]:
        """Return what a generation came to, the same whenever the run is repeated."""
        population = self.evolution.population
        first = sorted((one.fitness.values[0] for one in population), reverse=self.better_is_more)
        best = self.best()
        return {
            "best": best.fitness.values[0], "best_id": best.id, "best_size": best.size,
            "median": first[len(first) // 2], "innate": best.innate, "adapted": best.adapted,
            "diverged": tally.diverged, "lifetimes": tally.lifetimes, "known": tally.known, "reasons": tally.reasons,
        }  # fmt: skip

    @property
    def better_is_more(self) -> bool:
        """Whether the first objective is to be maximised."""
        return OBJECTIVES[self.config.fitness.objectives[0]].weight > 0

    def best(self) -> Individual:
        """Return the best ever, or, where tasks are drawn anew and old scores mean little, of the population."""
        if not self.evolution.reevaluate:
            return self.evolution.hall[0]
        return max(self.evolution.population, key=lambda one: (one.fitness.wvalues, -one.size, -one.id))

    def best_formula(self) -> str:
        """Return the best rule so far, simplified; computed anew only when the best has changed."""
        if isinstance(self.watch, Silent):
            return ""
        best = self.best()
        if self.formula[0] != best.id:
            from evometa.language.algebra import formula

            coefficients = {f"c{i}": float(value) for i, value in enumerate(best.genome.coefficients)}
            self.formula = (best.id, formula(best.genome.rule, coefficients))
        return self.formula[1]

    def candidates(self) -> list[Any]:
        """Return whom to choose the champion from: the best ever and the best of the last population."""
        limit = self.config.champion.candidates
        ranked = sorted(self.evolution.population, key=lambda one: one.fitness, reverse=True)
        found = {one.signature: one for one in [*ranked[:limit][::-1], *self.evolution.hall[:limit][::-1]]}
        return list(found.values())[::-1]


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let Python look for garbage cycles rarely: a generation makes many objects and no cycles (half its time)."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def new_evolution(config: Config, networks: Sequence[Graph]) -> Evolution:
    """Return the outer loop before its first generation."""
    shapes = shapes_of(config, networks)
    fitness = fitness_class(fitness_weights(config.fitness.objectives))
    toolbox = make_toolbox(config, shapes)
    return Evolution(toolbox, config.evolution, config.seed, fitness, config.sampling.resample == "generation")
