"""The analysis of an individual of a stored run, computed when somebody asks for it; the run file is only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evometa.config.load import restore
from evometa.evolution.backend import choose_backend, warm_up
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.topology import graph_key
from evometa.judging.analyses import Analysis
from evometa.judging.analysis.whole import analyse
from evometa.lifetime import Graph
from evometa.store.records import Json
from evometa.tasks.location import Places

UNTUNED = "stock rules are tuned when a run ends, so there are no learning curves of them yet"


def analyse_stored(
    genome: Genome,
    config: Json,
    places: Places,
    where: str,
    *,
    rivals: Mapping[str, Mapping[str, float]] | None = None,
    tasks: int | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Analysis:
    """Return the analysis of a genome by the stored configuration of its run, as `analyse` does.

    `places`: where the tasks' data is looked for; `where` names the run in messages; `note` hears what takes long.
    Raises InputError where the tasks' data is not there, or not what the run began with.
    """
    checked = restore(config, where)
    courses = open_courses(checked, places)
    backend, _ = choose_backend(checked.run.backend, checked.run.threads)
    warm_up(backend, note)
    if isinstance(genome.topology, Graph):  # what is drawn for a network belongs to that very object
        networks = {graph_key(course.network): course.network for course in courses}
        genome = genome.replace(topology=networks.get(graph_key(genome.topology), genome.topology))
    found = analyse(Evaluator(checked, courses, backend), genome, tasks=tasks, rivals=rivals)
    untuned = not rivals and bool(checked.champion.baselines)
    return found.model_copy(update={"notes": [*found.notes, UNTUNED]}) if untuned else found
