"""The analysis of an individual of a stored run, computed when somebody asks for it; the run file is only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from evometa.config.load import restore
from evometa.errors import InputError
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator, Ways
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Analysis
from evometa.judging.analysis.descent import at_home
from evometa.judging.analysis.whole import analyse
from evometa.lifetime.backends import open_executor
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
    ancestors: Mapping[int, Genome] = MappingProxyType({}),
    tasks: int | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Analysis:
    """Return the analysis of a genome by the stored configuration of its run, as `analyse` does.

    `places`: where the tasks' data is looked for; `where` names the run in messages; `note` hears what takes long;
    `rivals`, `ancestors`, `tasks`: as of `analyse`.
    Raises InputError where the tasks' data is not there, or not what the run began with.
    """
    checked = restore(config, where)
    if checked.searches:
        expected, remedy = (
            "a learner: habits are taken apart when their run ends, and searched with there",
            "Look at it without.",
        )
        raise InputError(expected, "habits", where, remedy)
    courses = open_courses(checked, places)
    executor = open_executor(checked.backend, checked.run.threads)
    executor.warm_up(note, lives=checked.lives)
    evaluator = Evaluator(checked, courses, Ways(executor.live, executor.act, teach=executor.teach))
    found = analyse(evaluator, at_home(genome, evaluator), tasks=tasks, rivals=rivals, ancestors=ancestors)
    untuned = not rivals and bool(checked.champion.baselines)
    return found.model_copy(update={"notes": [*found.notes, UNTUNED]}) if untuned else found
