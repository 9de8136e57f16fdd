"""What people see of a run: its champion, its history, any individual; from the run file alone, at any time.

Generations are counted from 1 here, as people do: after generation 5, five are done. The run file's first is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evometa.errors import InputError
from evometa.evolution.stored import StoredGenomes
from evometa.judging.analyses import ANALYSIS, Analysis
from evometa.judging.reports import Baseline, Report
from evometa.lifetime import Graph
from evometa.presentation.learner import Learner
from evometa.presentation.lineage import Step, forebears, lineage
from evometa.presentation.notebook import run_html, run_line
from evometa.presentation.origin import Origin, origin_of
from evometa.presentation.scan import search_of
from evometa.presentation.search import Search
from evometa.presentation.summary import details, summary
from evometa.store import Reader, open_reader, verify
from evometa.store.records import Environment, Json, Settings, State, Statistics
from evometa.system.arguments import FLAG, FUNCTION, PATH, WHOLE, having, takes
from evometa.tasks.location import Places

if TYPE_CHECKING:
    from rich.console import Console

CONSOLE = having("a console (rich.console.Console)", "print", "is_terminal")


@takes(path=PATH, data=PATH)
def load(path: str | Path, data: str | Path | None = None) -> Run:
    """Open a run, its folder or its run.db, for looking at it: while it runs, after a crash, when it is over.

    `data`: a file or folder where its tasks' data lies, if not beside the recipe or the run. Raises InputError where
    there is no run, or none that can be read.
    """
    return Run(open_reader(path), data)


class Run:
    """A run as it stands, read from its file; what changes while it goes on is read anew."""

    def __init__(self, reader: Reader, data: str | Path | None = None) -> None:
        self.reader, self.path, self.folder, self.data = reader, reader.path, reader.path.parent, data
        self.genomes = StoredGenomes(reader)

    @cached_property
    def config(self) -> Json:
        """The resolved configuration when the run was opened, in JSON."""
        return self.reader.config

    @cached_property
    def settings(self) -> Settings:
        """What of it is shown, with the schema's defaults for what an older version has not kept."""
        return Settings.read(self.config, self.path)

    @cached_property
    def environment(self) -> Environment:
        """With what the run was begun: versions, machine, folder."""
        return Environment.read(self.reader.environment, self.path, "an environment")

    @property
    def places(self) -> Places:
        """Where the data of its tasks is looked for."""
        data, began = None if self.data is None else Path(self.data).absolute(), self.environment
        return Places(Path(began.base), self.folder.absolute(), data, *began.sources)

    @cached_property
    def graphs(self) -> dict[str, Graph]:
        """The networks that the file keeps, by key."""
        return self.genomes.graphs

    @property
    def generation(self) -> int:
        """How many generations are done."""
        return self.reader.last_generation + 1

    @property
    def finished(self) -> bool:
        """Whether all generations asked for are done, or the task is solved, and the champion has been tested."""
        done, asked = self.generation, self.settings.run.generations
        return bool(self.report(done)) and (done >= asked or self.statistics(done).solved_after is not None)

    @property
    def digest(self) -> str:
        """SHA-256 over every generation's genomes and fitness: equal for equal runs."""
        return self.reader.digest()

    @cached_property
    def damage(self) -> str | None:
        """What is wrong with the run file and how far it is good; None: nothing, all of it was checked."""
        found = verify(self.path)
        return found.problem and f"{found.problem} (good up to generation {found.last_good_generation + 1})"

    @property
    def champion(self) -> Learner | None:
        """The individual chosen on meta-validation tasks; until then the best so far; None before the first."""
        done = self.generation
        return self.best(done) if done else None

    @property
    def baselines(self) -> list[Baseline]:
        """What stock learners score on the meta-test tasks: name, mean, ci95; empty until the run is over."""
        report = self.report(self.generation)
        return [] if report is None else report.baselines

    @property
    def history(self) -> list[Statistics]:
        """Statistics and times of every generation, each with its number."""
        rows = zip(self.reader.statistics(), self.reader.timing(), strict=False)
        return [self._statistics({**found, **times}, n) for n, (found, times) in enumerate(rows, start=1)]

    @takes(generation=WHOLE)
    def best(self, generation: int) -> Learner:
        """Return the champion as of a generation: chosen by validation if the run ended there, else the best then.
        Raises InputError where there is no such generation."""
        if not 1 <= generation <= self.generation:
            expected = f"a generation from 1 to {self.generation}" if self.generation else "a finished generation"
            raise InputError(expected, str(generation), str(self.path))
        report = self.report(generation)
        if report is not None:
            return self._learner(report.champion, report)
        best = self.statistics(generation).best_id
        if best is not None:
            return self._learner(best)
        state = State.read(self.reader.state(generation - 1), self.path, f"a state of generation {generation}")
        return self._learner(next(iter(state.hall), -1))  # nobody has number −1

    @takes(generation=WHOLE)
    def statistics(self, generation: int) -> Statistics:
        """Return statistics and times of one generation. Raises InputError where there is none."""
        return self._statistics(self.reader.told(generation - 1), generation)

    @takes(number=WHOLE)
    def individual(self, number: int) -> Learner:
        """Return one individual by its number. Raises InputError where there is none."""
        report = self.report(self.generation)
        return self._learner(number, report if report is not None and report.champion == number else None)

    @takes(number=WHOLE, limit=WHOLE)
    def ancestors(self, number: int, limit: int = 100) -> list[Learner]:
        """Return the ancestors of an individual, nearest first, at most `limit`. InputError without individual."""
        return [Learner(self, stored) for stored in self.reader.ancestors(number, limit + 1)[1:]]

    @takes(number=WHOLE, limit=WHOLE)
    def lineage(self, number: int | None = None, limit: int = 100) -> list[Step]:
        """Return the line that an individual (the champion) descends from, itself first; empty without a champion.

        Raises InputError for an unknown number.
        """
        one = self.champion if number is None else self.individual(number)
        return [] if one is None else lineage(self, one.id, limit)

    @property
    def origin(self) -> Origin | None:
        """How the champion came about; None without one."""
        return None if self.champion is None else origin_of(self, self.champion)

    @takes(generation=WHOLE)
    def search(self, generation: int | None = None) -> Search:
        """Return how the run searched, up to a generation (the last one): operators, families, twins, luck, lives."""
        return search_of(self, generation)

    @property
    def analysis(self) -> Analysis | None:
        """What the champion is made of (judging.analysis), as the final report has it; None until there is one."""
        champion = self.champion
        return champion.analysis if champion is not None else None

    @takes(individual=WHOLE, generation=WHOLE, tasks=WHOLE, note=FUNCTION)
    def analyse(
        self, individual: int | None = None, generation: int | None = None, *, tasks: int | None = None,
        note: Callable[[str], None] | None = None,
    ) -> Analysis:  # fmt: skip
        """Live an individual (the champion) and its altered forms on held-out tasks, and return what that shows.

        The run is only read. `tasks`: how many; `note` hears what takes long. Raises InputError where there is no
        such individual, its genome was not kept, or the tasks' data is not there or not what it was.
        """
        shown, report = self._shown(generation, individual), self.report(self.generation)
        from evometa.judging.analysis.stored import analyse_stored

        return analyse_stored(
            shown.kept_genome(), self.config, self.places, str(self.path), ancestors=forebears(self, shown.id),
            rivals=report.rivals if report else {}, tasks=tasks, **({"note": note} if note else {}),
        )  # fmt: skip

    @takes(generation=WHOLE, individual=WHOLE)
    def latex(self, generation: int | None = None, individual: int | None = None) -> str:
        """Return the rule of an individual (the champion) as LaTeX. InputError where there is none to show."""
        return self._shown(generation, individual).latex

    @takes(generation=WHOLE, individual=WHOLE, analysis=ANALYSIS, search=FLAG)
    def details(
        self, generation: int | None = None, individual: int | None = None, analysis: Analysis | None = None,
        search: bool = False,
    ) -> Json:  # fmt: skip
        """Return the summary with LaTeX, analysis (made just now, or the stored one) and descent of the individual
        shown, as one JSON object; `search`: with all of how the run searched."""
        return details(self, generation, individual, analysis, search)

    @takes(generation=WHOLE, individual=WHOLE)
    def summary(self, generation: int | None = None, individual: int | None = None) -> Json:
        """Return the run as one JSON object, after a generation (the last one), `champion` being who is asked for."""
        return summary(self, generation, individual)

    def look_at(self, generation: int | None = None, individual: int | None = None) -> tuple[int, Learner | None]:
        """Return how many generations count, and whom to show."""
        done = self.generation if generation is None else generation
        best = self.best(done) if done or generation is not None else None
        return done, best if individual is None else self.individual(individual)

    @takes(console=CONSOLE, generation=WHOLE, individual=WHOLE, analysis=ANALYSIS, search=FLAG)
    def render(
        self, console: Console, generation: int | None = None, individual: int | None = None,
        analysis: Analysis | None = None, search: bool = False,
    ) -> None:  # fmt: skip
        """Print the run, with an analysis made just now or the stored one, or how it searched. InputError: numbers."""
        from evometa.presentation.run_text import print_run

        print_run(self, console, generation, individual, analysis, search)

    def _learner(self, number: int, report: Report | None = None) -> Learner:
        return Learner(self, self.reader.individual(number), report)

    def _statistics(self, told: Json, generation: int) -> Statistics:
        return Statistics.read({**told, "generation": generation}, self.path, f"statistics of generation {generation}")

    def _shown(self, generation: int | None, individual: int | None) -> Learner:
        """Return who is shown; InputError where there is nobody, or the genome was not kept."""
        if (shown := self.look_at(generation, individual)[1]) is None:
            raise InputError("a finished generation", "none", str(self.path), "Wait for one, and ask again.")
        shown.kept_genome()
        return shown

    @takes(generation=WHOLE)
    def report(self, generation: int) -> Report | None:
        """Return the final report, if it was made after that generation."""
        found = self.reader.report()
        if found is None or found.generation != generation - 1:
            return None
        return Report.read(found.value, self.path, "a report")

    __repr__, _repr_html_ = run_line, run_html
