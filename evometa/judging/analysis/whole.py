"""The analysis of one learner: it and its altered forms live through the same held-out tasks, all in one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np

from evometa.evolution.evaluation import Evaluator
from evometa.evolution.measures import lower_is_better
from evometa.evolution.rows import updates_of
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Analysis, Effect, Part, Signal
from evometa.judging.analysis.agent import analyse_agent
from evometa.judging.analysis.change import Change, difference
from evometa.judging.analysis.course import curves
from evometa.judging.analysis.descent import descent
from evometa.judging.analysis.gates import gates
from evometa.judging.analysis.habits import analyse_habits
from evometa.judging.analysis.measurement import Trial, effect, open_trial
from evometa.judging.analysis.observation import Watched, watch
from evometa.judging.analysis.parts import changes_of
from evometa.judging.analysis.plasticity import plasticity
from evometa.judging.analysis.signals import HELD, Share, held, shares, signals_of
from evometa.judging.analysis.wiring import WAYS, wiring
from evometa.judging.exam import lost
from evometa.judging.scores import Score, finite
from evometa.language.liveness import living
from evometa.language.signals import READABLE
from evometa.lifetime import Outcomes

MOST = 24  # changes that are lived, those that make the largest difference first


def analyse(
    evaluator: Evaluator,
    genome: Genome,
    *,
    tasks: int | None = None,
    rivals: Mapping[str, Mapping[str, float]] | None = None,
    ancestors: Mapping[int, Genome] = MappingProxyType({}),
    lives: int = 0,
) -> Analysis:
    """Return what a learner is made of, measured on held-out (meta-test) tasks.

    `ablation`: each part of the rule removed or frozen to its mean over the learner's own lifetimes, the parts that
    make the largest difference to what the rule gives first; `wiring`: each hidden node and synapse of a network that
    evolved, removed; `gates`: which synapses they leave open; `plasticity`: how much lives change each synapse;
    `descent`: what each step from an ancestor gained; `sensitivity`: each signal held at its mean; every `difference`
    is paired by task, whole minus changed, mean and half the 95 % interval. `biography`, `curves`: see `course`.
    `notes` says what had to be left out.
    `tasks`: how many (None: those of the champion's test, as far as a budget of work goes); `rivals`: the tuned dials
    of stock rules, by name; `ancestors`: by id, the nearest first. `over`: what intervals are over; `lives`: that
    evolution and the choice took. The same arguments
    give the same numbers.
    """
    if evaluator.config.searches:
        return analyse_habits(evaluator, genome, tasks, lives)
    if evaluator.config.acts:
        return analyse_agent(evaluator, genome, tasks, rivals or {})
    return _of_examples(evaluator, genome, tasks, rivals or {}, ancestors)


def _of_examples(
    evaluator: Evaluator, genome: Genome, tasks: int | None, rivals: Mapping[str, Mapping[str, float]],
    ancestors: Mapping[int, Genome],
) -> Analysis:  # fmt: skip
    """Return the analysis of a learner that learns from examples."""
    watched = _watched(evaluator, genome)
    notes = [watched.note] if watched.note else []
    changes, still = ranked(genome, watched), held(genome, watched)
    trial, learners = open_trial(evaluator, genome, 1 + min(MOST, len(changes)) + len(still), tasks)
    room = max(0, learners - 1 - len(still))
    lived = changes[: min(MOST, room)]
    if room < min(MOST, len(changes)):
        notes.append(f"of {len(changes)} changes to the rule {len(lived)} were lived: lifetimes here take long")
    altered = [genome.replace(rule={**genome.rule, change.slot: change.tree}) for change in lived]
    everyone = [genome, *altered, *(other for _, other in still.values())]
    outcomes = trial.live(everyone, [[0, length] for length in trial.lengths])
    whole, (removals, left_out) = trial.scores(outcomes, 0), wiring(evaluator, genome, tasks)
    opened, unknown = gates(evaluator, genome)
    unseen = f"{left_out} parts of the network were not taken out: {WAYS}" if left_out else ""
    notes += [note for note in (unseen, unknown) if note]
    courses, life = curves(trial, genome, rivals, watched)
    if len(set(trial.lengths)) > 1:
        notes.append("learning curves end with the shortest of the sets' lifetimes")
    return Analysis(
        tasks=trial.exam.tasks, over=trial.exam.over(), measure=trial.measure,
        lower_is_better=lower_is_better(trial.measure),
        whole=trial.score(whole), innate=trial.score(trial.scores(outcomes, 0, 0)), diverged=lost(outcomes),
        lifetimes=int(sum(each.status.shape[1] for each in outcomes)),
        ablation=[_part(change, effect(trial, outcomes, g, whole)) for g, change in enumerate(lived, start=1)],
        ablation_left_out=len(changes) - len(lived),
        wiring=removals, wiring_left_out=left_out, gates=opened, plasticity=plasticity(evaluator, genome),
        descent=descent(evaluator, genome, ancestors, tasks),
        sensitivity=_sensitivity(trial, outcomes, genome, watched, still, 1 + len(lived)),
        curves=courses, biography=life, notes=notes,
    )  # fmt: skip


def _watched(evaluator: Evaluator, genome: Genome) -> Watched:
    """Watch a few lifetimes, of tasks that are drawn for that alone, so that it does not depend on their number."""
    config = evaluator.config
    drawn = evaluator.draw("test", 0, min(config.sampling.test_tasks, 16), updates=config.champion.updates)
    lengths = [updates_of(config, course.family, "test") for course, _ in drawn]
    return watch(genome, drawn, lengths, config.seed)


def ranked(genome: Genome, watched: Watched) -> list[Change]:
    """Return all changes to the slots that learning feels, those that make the largest difference first."""
    known = {f"c{i}": float(value) for i, value in enumerate(genome.coefficients)}
    found: list[Change] = []
    for slot, tree in living(genome.rule).items():
        values = partial(watched.values, slot=slot) if slot != "loss" and watched.results else None
        given = values(tree) if values else np.zeros(0)
        for change in changes_of(slot, tree, known, values):
            size = difference(given, values(change.tree)) if values else 0.0
            found.append(replace(change, size=size))
    return sorted(found, key=lambda change: -change.size)


def _part(change: Change, found: Effect) -> Part:
    return Part(
        slot=change.slot, term=change.term, kind=change.kind, change=change.change, formula=change.formula,
        size=finite(change.size), **found,
    )  # fmt: skip


def _sensitivity(
    trial: Trial, outcomes: Sequence[Outcomes], genome: Genome, watched: Watched,
    still: Mapping[str, tuple[float, Genome]], first: int,
) -> list[Signal]:  # fmt: skip
    whole = trial.scores(outcomes, 0)
    moved = shares(genome, watched, trial.config.seed)
    means = {name: finite(mean) for name, (mean, _) in still.items()}
    effects = {name: effect(trial, outcomes, first + place, whole) for place, name in enumerate(still)}
    nothing = Score(mean=None, ci95=None)
    unknown = Effect(**nothing, difference=nothing, diverged=0)
    return [
        Signal(
            signal=name, meaning=READABLE[name].meaning, change=HELD, usual=means.get(name),
            **effects.get(name, unknown), **moved.get(name, Share())._asdict(),
        )
        for name in signals_of(genome.rule)
    ]  # fmt: skip
