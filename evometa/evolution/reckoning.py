"""What a run of habits will cost, reckoned and said before it starts: depth multiplies it."""

from __future__ import annotations

from evometa.config.load import Loaded
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.searching import search_plan

EVALUATION = 8e-6  # seconds of a processor that a rule of a search takes, from its birth to its judgement


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


def hours(config: Config) -> float:
    """Return how many processor hours these take."""
    each = max(
        getattr(one.settings, "search_population", 0) * getattr(one.settings, "search_generations", 0)
        for one in config.tasks
    )
    return searches(config) * each * EVALUATION / 3600.0


def reckoned(config: Config) -> list[str]:
    """Return what there is to say of a run's cost before it starts; nothing of others than habits."""
    if not config.searches:
        return []
    cost = hours(config)
    time = f"{cost * 60:.2g} minutes" if cost < 1.5 else f"{cost:.2g} hours" if cost < 48 else f"{cost / 24:.3g} days"
    return [f"depth {config.habits.depth}: reckoned at {searches(config):,} searches for rules, {time} of a processor"]


def check_cost(loaded: Loaded) -> None:
    """Refuse, with InputError, a run that would take longer than it is allowed to."""
    config = loaded.config
    if not config.searches or (cost := hours(config)) <= config.habits.most_hours:
        return
    said = f"{cost:,.0f} hours" if cost < 8766 else f"{cost / 8766:,.1f} years"
    raise InputError(
        f"at most habits.most_hours ({config.habits.most_hours:g}) of a processor",
        f"{searches(config):,} searches for rules, reckoned at {said}", loaded.source.where(("habits", "depth")),
        "Lower habits.depth, habits.inner_tasks, run.generations, evolution.offspring, evolution.population, "
        "sampling.tasks, sampling.validation_tasks, sampling.test_tasks, sampling.panel_tasks, sampling.monitor_tasks, "
        "champion.candidates, champion.share, racing.parents, tasks.search_population or tasks.search_generations, or "
        "raise habits.most_hours.",
    )  # fmt: skip
