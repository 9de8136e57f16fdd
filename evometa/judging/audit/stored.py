"""The audit of the champion of a stored run, not yet judged, when somebody asks for it; the run file is only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator, Ways
from evometa.genetics.genome import Genome
from evometa.judging.analysis.descent import at_home
from evometa.judging.audit.whole import Draft, draft
from evometa.lifetime.backends import open_executor
from evometa.lifetime.searches import NO_SEARCH, Search
from evometa.store.records import Json
from evometa.tasks.location import Places


def draft_stored(
    genome: Genome,
    config: Json,
    places: Places,
    where: str,
    *,
    rivals: Mapping[str, Mapping[str, float]],
    tasks: int,
    individual: int,
    note: Callable[[str], None],
    search: Search = NO_SEARCH,
) -> Draft:
    """Return the audit of a genome by the stored configuration of its run, before it is judged.

    Arguments as of `analyse_stored`; `search`: what lives searches.
    Raises InputError where the tasks' data is not there, or not what the run began with, and where nothing is left of
    the tasks to be disturbed.
    """
    checked = restore(config, where)
    courses = open_courses(checked, places)
    if not any(course.serves("test") for course in courses):
        raise InputError("tasks that serve the test", "none", where)
    executor = open_executor(checked.backend, checked.run.threads)
    executor.warm_up(note, lives=checked.lives)
    ways = Ways(executor.live, executor.act, search, executor.teach)
    evaluator = Evaluator(checked, courses, ways)
    return draft(evaluator, at_home(genome, evaluator), rivals=rivals, tasks=tasks, individual=individual)
