"""What a run of habits will cost, reckoned and said before it starts: depth multiplies it."""

from __future__ import annotations

from collections.abc import Sequence

from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.searching import search_plan
from evometa.evolution.small_runs import operations
from evometa.tasks import Family
from evometa.tasks.families.recipe import RecipeFamily
from evometa.tasks.families.recover import RecoverFamily

EVALUATION = 8e-6  # seconds of a processor that a rule of a search takes, from its birth to its judgement
BIRTH, RATE = 8e-4, 3e10  # seconds of a genome of a recipe but for its lives, and operations of these in a second


def searches(config: Config) -> int:
    """Return how many searches for rules a run is made of, at most."""
    sampling, evolution, champion = config.sampling, config.evolution, config.champion
    racing = config.racing.parents if config.racing.rungs else evolution.population * (sampling.resample != "never")
    lives = config.run.generations * (evolution.offspring + racing) * sampling.tasks
    lives += config.run.generations * (sampling.panel_tasks + sampling.monitor_tasks)
    chosen = champion.candidates * 2 * sampling.validation_tasks + lives * champion.share / (1.0 - champion.share)
    found = lives + int(chosen)
    found *= 2 if champion.peers else 1  # random search, by as many
    tests = max(len(getattr(one.settings, "other_tests", {})) for one in config.tasks) + 1
    found += (tests * 3 + len(config.rule.slots)) * sampling.test_tasks
    plan = search_plan(config, 2)
    return found * plan.lives * len(config.serving("train"))


def hours(config: Config, families: Sequence[Family]) -> float:
    """Return how many processor hours these take."""
    return searches(config) * max(map(seconds, families)) / 3600.0


def seconds(family: Family) -> float:
    """Return how many seconds a search of a family takes; where it has several kinds, of the one that takes longest.

    Genomes of recipes live twice: where tasks are drawn anew, parents are judged, too.
    """
    if isinstance(family, RecipeFamily):
        own = family.settings
        most = max(operations(form) for ground in family.grounds.values() for form in ground.forms)
        return own.search_population * own.search_generations * (BIRTH + 2.0 * most / RATE)
    assert isinstance(family, RecoverFamily)
    return family.settings.search_population * family.settings.search_generations * EVALUATION


def reckoned(config: Config, families: Sequence[Family]) -> list[str]:
    """Return what there is to say of a run's cost before it starts; nothing of others than habits."""
    if not config.searches:
        return []
    cost = hours(config, families)
    time = f"{cost * 60:.2g} minutes" if cost < 1.5 else f"{cost:.2g} hours" if cost < 48 else f"{cost / 24:.3g} days"
    return [f"depth {config.habits.depth}: reckoned at {searches(config):,} searches for rules, {time} of a processor"]


def check_cost(loaded: Loaded, families: Sequence[Family]) -> None:
    """Refuse, with InputError, a run that would take longer than it is allowed to."""
    config = loaded.config
    if not config.searches or (cost := hours(config, families)) <= config.habits.most_hours:
        return
    said = f"{cost:,.0f} hours" if cost < 8766 else f"{cost / 8766:,.1f} years"
    raise InputError(
        f"at most habits.most_hours ({config.habits.most_hours:g}) of a processor",
        f"{searches(config):,} searches for rules, reckoned at {said}", loaded.source.where(("habits", "depth")),
        "Lower habits.depth, habits.inner_tasks, run.generations, evolution.offspring, evolution.population, "
        "sampling.tasks, sampling.validation_tasks, sampling.test_tasks, sampling.panel_tasks, sampling.monitor_tasks, "
        "champion.candidates, champion.share, racing.parents, tasks.search_population or tasks.search_generations (on "
        "recipes tasks.search_tasks), or raise habits.most_hours.",
    )  # fmt: skip
