"""Composition root, read this first: config → toolbox, tasks, backend → evolve → run file → champion.

recipe ── load, check ──> Config ── open_courses ──> Evaluator ──┐
                               └── make_toolbox ──> Evolution ──>┤  ask → refine → evaluate → tell → commit, each time
                                                                 └─> examine (validation, test) → report
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from signal import SIGINT
from typing import Any

from evometa.callbacks import Callback, Listeners, Watch
from evometa.callbacks.progress import listening
from evometa.cluster.opening import closed_in_error, open_where
from evometa.config.load import Loaded, keep, restore
from evometa.config.load import load as load_config
from evometa.config.schema import Config
from evometa.config.source import Source
from evometa.errors import Displaced, RunFailed
from evometa.evolution.check import check_names, check_tasks
from evometa.evolution.check_search import check_search, remarks
from evometa.evolution.check_small_forms import check_small_forms, lives_of
from evometa.evolution.courses import open_courses, train_length
from evometa.evolution.evaluation import Evaluator, Ways
from evometa.evolution.functions import NONE, Functions, open_functions
from evometa.evolution.gradient import tuner_of
from evometa.evolution.loop import Evolution
from evometa.evolution.networks import check_topology
from evometa.evolution.persistence import begin, commit, encode, environment, kept_of, recall, solved_after
from evometa.evolution.racing import judge_of
from evometa.evolution.small_runs import scaled
from evometa.evolution.starts import NO_GUESSES, Guesses, begun, open_guesses
from evometa.genetics.exchange import WeightedGraph
from evometa.judging.analysis import analyse
from evometa.judging.champion import examine
from evometa.judging.panel import Monitor, Standing
from evometa.lifetime import Graph
from evometa.operators import SCHEMES, SELECTIONS, Searcher, make_toolbox
from evometa.presentation.events import Generation, Start
from evometa.presentation.lineage import forebears
from evometa.presentation.run import Run
from evometa.presentation.run import load as load
from evometa.store.opening import open_writer
from evometa.store.writer import Writer
from evometa.system.arguments import FLAG, PATH, TEXTS, having, takes
from evometa.system.garbage import rare_collection
from evometa.system.interruption import Interrupted, carry_on, compiled_code_interrupted, signals_heard
from evometa.tasks.location import Places

VIEW = having("a view (evometa.presentation.view)", "begin", "note", "progress", "generation", "end")


@takes(settings=TEXTS, out=PATH, progress=FLAG, watch=VIEW)
@signals_heard()
def run(
    recipe: str | Path | dict[str, Any] | Config,
    *,
    settings: Sequence[str] = (),
    seed: int | None = None,
    out: str | Path | None = None,
    generations: int | None = None,
    backend: str | None = None,
    on: str | None = None,
    progress: bool | None = None,
    watch: Watch | None = None,
    callbacks: Sequence[Callback] = (),
) -> Run:
    """Evolve by a recipe (a name, a TOML file, a mapping or a Config), test the champion, return the finished run.

    `settings`: texts `a.b=c` as for `--set`; `out`: the run's own new folder (default `runs/RECIPE-N`); `callbacks`
    hear of the run moment by moment. `progress`: shown on a terminal (stderr) and in a notebook; True: anywhere;
    False: nowhere; a `watch` stands in for it. Raises InputError (nothing was run), RunFailed, Interrupted.
    """
    with listening(watch, progress, callbacks) as told:
        loaded = load_config(recipe, settings, seed=seed, generations=generations, backend=backend, on=on)
        engine = Engine(loaded, Places(loaded.source.folder), told)
        with closing(engine.executor), begin(loaded.config, out, engine.record) as writer:
            return engine.go(writer, None)


@takes(path=PATH, data=PATH, progress=FLAG, watch=VIEW)
@signals_heard()
def resume(
    path: str | Path,
    *,
    generations: int | None = None,
    backend: str | None = None,
    on: str | None = None,
    data: str | Path | None = None,
    progress: bool | None = None,
    watch: Watch | None = None,
    callbacks: Sequence[Callback] = (),
) -> Run:
    """Go on with a run from its last committed generation, to `generations` in all (default: as first asked).

    `backend`, `on`: what and where to go on, if not as the recipe says; results are the same. `data`: a file or folder
    where the tasks' data lies, if not beside the recipe or the run; other data than before is refused. Callbacks hear
    of a run that is over, too. `progress` and `watch`: as for `run`. Raises InputError, RunFailed, Interrupted.
    """
    with listening(watch, progress, callbacks) as told, open_writer(path) as writer:
        for text in writer.notes:
            told.note(text)
        stored, where, done = writer.reader.config, str(writer.path), writer.last_generation + 1
        kept = restore(stored, where, generations=generations)
        if generations is not None and generations < done:  # what is done cannot be asked for less
            kept = restore(stored, where, generations=done)
        config = restore(keep(kept), where, backend=backend, on=on)
        found, solved = writer.reader.report(), solved_after(writer.reader)
        over = solved is not None or done >= config.run.generations
        if over and found is not None and found.generation == writer.last_generation:
            more = "; ask for more with --generations" if solved is None else f": solved after {solved} genomes"
            told.note(f"finished: all {done} generations are done{more}")
            told.catch_up(Start.of(config, writer.folder, "", done))
            return load(writer.folder)
        run = Run(writer.reader, data)
        if "tasks" not in run.environment:
            told.note("an earlier version began this run: whether its tasks' data has changed since cannot be told")
        engine = Engine(Loaded(config, Source(where, stored=True)), run.places, told)
        with closing(engine.executor):
            if generations is not None:  # only now: a refusal must leave the run as it was
                writer.amend(keep(kept))
            return engine.go(writer, done)


class Engine:
    """A checked recipe with everything opened that it needs; `go` does the work."""

    def __init__(self, loaded: Loaded, places: Places, told: Listeners) -> None:
        check_names(loaded)
        check_search(loaded, SELECTIONS, SCHEMES)
        self.config, self.told = loaded.config, told
        courses = open_courses(self.config, places)
        families = [course.family for course in courses]
        check_small_forms(families, SELECTIONS, SCHEMES)
        check_tasks(loaded, families)
        self.functions = open_functions(self.config, places)
        self.networks, contents = [one.network for one in courses], [one.family.content() for one in courses]
        start, self.files = check_topology(loaded, families, places)
        self.guesses = open_guesses(loaded, train_length(self.config, courses), places)
        self.notes = [*remarks(self.config, families), *self.guesses.notes]
        self.record = environment(places.base, contents, self.functions, self.guesses.texts, self.files)
        self.evolution = new_evolution(self.config, self.networks, self.functions, start, self.guesses)
        self.executor = own = open_where(self.config, told.note, getattr(told.watch, "standing", None))
        with closed_in_error(own):
            grown, progress = self.evolution.toolbox, told.watch.progress
            ways = Ways(own.live, own.act, Searcher(grown.immigrants, own.search, scaled), own.teach)
            self.evaluator = Evaluator(self.config, courses, ways, progress, self.functions, grown.cases, told.note)
            self.judge = judge_of(self.evaluator, self.evolution)
            self.standing, self.monitor = Standing(self.config, self.evolution), Monitor(self.evaluator)
            self.evolution.tuner = self.tuner = tuner_of(self.evaluator, own.prepare, grown.grow)
        self.best_known, self.since = -1, time.perf_counter()  # of whom callbacks know; when the generation began

    def go(self, writer: Writer, done: int | None) -> Run:
        """Evolve to the end and report; say how it stands where that is cut short."""
        try:
            return self.evolve(writer, done)
        except KeyboardInterrupt as stop:
            last, generations = writer.last_generation + 1, self.config.run.generations
            when = f"after generation {last} of {generations}, which is kept" if last else "in the first generation"
            message = f"interrupted {when}. Go on with: evometa resume {writer.folder}"
            self.told.interrupt(message)
            raise Interrupted(message, getattr(stop, "signal", SIGINT)) from None
        except Exception as error:
            own = isinstance(error, RunFailed) and not isinstance(error, Displaced)
            message = (str(error) or type(error).__name__) + (f" {kept_of(writer)}" if own else "")
            self.told.failure(message)
            if own:
                raise RunFailed(message) from error
            raise

    @compiled_code_interrupted()
    def evolve(self, writer: Writer, done: int | None) -> Run:
        """Evolve to the end, committing every generation; then examine the champion and report."""
        generations, told = self.config.run.generations, self.told
        told.begin(Start.of(self.config, writer.folder, self.executor.line, done))
        for text in self.notes:
            told.note(text)
        if done:
            recall(self.evolution, writer.reader, self.networks)
            self.best_known = self.standing.recall(known := Run(writer.reader).statistics(done)).id
            self.monitor.recall(known, writer.reader.report())
            self.evaluator.recall(writer.reader, known)
        for lives in (self.config.lives, *lives_of([one.family for one in self.evaluator.courses])):
            self.executor.warm_up(told.note, getattr(self.tuner, "prepare", None), lives)
        self.since, solved = time.perf_counter(), solved_after(writer.reader)
        with rare_collection():
            while self.evolution.generation < generations and solved is None and not self.monitor.stop:
                solved = self.generation(writer)
                if told.stop:
                    break
        if solved is not None:
            told.note(f"solved after {solved} genomes, in generation {self.evolution.generation}")
        elif self.evolution.generation < generations:
            told.note(f"stopped by {told.stop or self.monitor.stop}; go on with: evometa resume {writer.folder}")
        told.note("testing the champion on held-out tasks …")
        self.examine(writer)
        told.end(result := load(writer.folder))
        return result

    def examine(self, writer: Writer) -> None:
        """Choose and test the champion and report on it; then take it apart, and report that too."""
        candidates, past = self.standing.candidates(), Run(writer.reader)
        lives = sum(one.lifetimes + one.tuning_lifetimes for one in past.history)
        report = examine(self.evaluator, candidates, lives)
        writer.report(report.plain())  # kept, whatever comes of the analysis
        champion = next(one.genome for one in candidates if one.id == report.champion)
        try:
            with compiled_code_interrupted():
                ancestors = forebears(past, report.champion)
                analysis = analyse(self.evaluator, champion, rivals=report.rivals, ancestors=ancestors, lives=lives)
        except Exception as error:  # a rule that nobody thought of must not spoil a run that is over
            again = f"evometa inspect {writer.folder} --analyse"
            self.told.note(f"the champion could not be taken apart ({error or type(error).__name__}); try: {again}")
            return
        lived = {**report.lived, "analysis": self.evaluator.lived["analysis"]}
        writer.report(report.model_copy(update={"lived": lived, "analysis": analysis}).plain())

    def generation(self, writer: Writer) -> int | None:
        """Let one generation be born, live, be judged and be committed; return after how many births it solved it."""
        carry_on()  # whoever swallowed an interruption did not end the run by it
        evolution, number = self.evolution, self.evolution.generation
        everyone = evolution.ask()
        self.tuner.refine([one for one in everyone if one.born == number], number)
        tally = self.judge.evaluate(everyone, number, evolution.known, lambda: encode(writer, evolution, self.config))
        self.evaluator.faults.check(tally, number)
        evolution.tell(everyone, tally.solved, tally.dropouts)
        (tuning, spent), best, new = self.tuner.spent(), self.standing.best(), None
        statistics = {**self.standing.statistics(tally), **self.monitor.judge(best), **tuning}
        # from commit to commit, so that the time of writing is counted too, in the generation that follows
        seconds = {"evaluate_seconds": tally.seconds + spent, "total_seconds": time.perf_counter() - self.since}
        self.since += seconds["total_seconds"]
        commit(writer, evolution, everyone, tally, statistics, self.config, self.networks, seconds)
        shown = {**statistics, **seconds, **self.standing.shown(self.told.anyone), **self.executor.shown()}
        if self.told.callbacks and best.id != self.best_known:
            new, self.best_known = self.standing.summary(), best.id
        self.told.generation(Generation.model_validate(shown), new)
        return statistics.get("solved_after")


def new_evolution(
    config: Config, networks: Sequence[Graph], functions: Functions = NONE, start: WeightedGraph | None = None,
    guesses: Guesses = NO_GUESSES,
) -> Evolution:  # fmt: skip
    """Return the outer loop before its first generation (see `begun`)."""
    return begun(make_toolbox, config, networks, functions, start, guesses)
