"""Lives in worlds in the outer loop: drawn, lived, judged, tested beside classic agents; what is refused of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.acting import NAMES, ActingLessons, scored
from evometa.evolution.check import check_names, check_tasks
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.measures import LARGE, Lives, lower_is_better
from evometa.evolution.objectives import OBJECTIVES, of_acting
from evometa.evolution.teaching import NAMES as TAUGHT
from evometa.export import export
from evometa.genetics.genome import Genome
from evometa.judging.agents import AGENTS, TunedAgent, dials_of, exam_of, genome_of
from evometa.language.acting_recognition import agent_in_words
from evometa.language.liveness import living
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.lifetime import DIVERGED, OK, Outcomes
from evometa.lifetime.acting import ActingOutcomes, ActingPlan
from evometa.lifetime.numba import cpu
from evometa.presentation.learner import Learner
from evometa.spec.acting import FAULTY, MEASURES
from tests.small import DELTA, recipe

BANDIT: dict[str, Any] = {
    "name": "small-bandit",
    "run": {"generations": 3},
    "tasks": {"family": "world", "world": "bandit", "numbers": {"arms": 3, "ticks": 20},
              "test": {"ticks": 25}, "other_tests": {"more arms": {"arms": 4}}},
    "sampling": {"tasks": 6, "validation_tasks": 5, "test_tasks": 7},
    "acting": {"order": "same tick", "policy": "greedy", "optimism": "c1"},
    "rule": {"slots": ["update", "s1", "s2"], "signals": ["act", "reward", "age", "s1", "s2", "w", "c0"]},
    "coefficients": {"count": 2},
    "weights": {"init": "zeros"},
    "evolution": {"population": 8},
    "fitness": {"objectives": ["regret"]},
    "champion": {"baselines": ["index", "reinforce"], "tuning_tasks": 4},
}  # fmt: skip
MAZE: dict[str, Any] = {
    **BANDIT,
    "tasks": {"family": "world", "world": "tmaze"},
    "acting": {"critic": 0.5, "windows": 2, "judged": "late", "see_reward": True, "predictions": 1},
    "network": {"hidden": [3], "recurrent": True},
    "rule": {"slots": ["update", "s1", "modulator", "m1", "intrinsic"],
             "signals": ["grad", "reward", "m", "m1", "s1", "w", "value", "surprise"]},
    "weights": {"mode": "evolved", "init": "glorot"},
    "fitness": {"objectives": ["reward", "size"]}, "evolution": {"population": 8, "scheme": "nsga2"},
    "champion": {"baselines": ["actor_critic"], "tuning_tasks": 4},
}  # fmt: skip


def outcomes(status: Any = None) -> ActingOutcomes:
    """Return what two windows, of one tick and of three, came to in two lives."""
    rows = {"reward": [[1, 0], [6, 3]], "worth": [[1, 0], [6, 3]], "best": [[2, 2], [6, 6]], "trials": [[0, 1], [2, 1]],
            "tally": [[0, 0], [5, 7]], "visited": [[1, 1], [2, 3]]}  # fmt: skip
    measures = np.array([rows[name] for name in MEASURES], np.float32)[:, None]
    return ActingOutcomes(measures, np.zeros((1, 2), np.uint8) if status is None else status)


@pytest.mark.parametrize("late", [False, True])
def test_windows_count_as_if_all_of_life_went_like_that(late: bool) -> None:
    judged = scored(outcomes(), ActingPlan(np.array([1, 4], np.int32)), late)
    assert judged.names == NAMES
    assert judged.score("reward")[0].tolist() == [[4, 0], [8, 4], [8, 4] if late else [7, 3]]
    assert judged.score("regret")[0].tolist() == [[4, 8], [0, 4], [0, 4] if late else [1, 5]]
    assert judged.score("share")[0, 0].tolist() == [0.5, 0]
    assert judged.score("share")[0, -1].tolist() == ([1, 0.5] if late else [7 / 8, 3 / 8])
    assert judged.score("trial_length")[0, 0].tolist() == [4, 1]
    assert judged.score("tally")[0].tolist() == [[0, 0], [5, 7], [5, 7]]


def test_a_life_that_was_lost_is_worse_than_any_other_by_every_measure() -> None:
    wild = outcomes(np.array([[DIVERGED, FAULTY]], np.uint8))
    lives = Lives(scored(wild, ActingPlan(np.array([1, 4], np.int32)), False))
    for name in NAMES:
        assert (lives.after(name) == (LARGE if lower_is_better(name) else lives.after(name).min())).all()
    assert (lives.diverged.sum(), lives.faulty.sum()) == (1, 1)
    assert {name for name in OBJECTIVES if of_acting(name)} == {*NAMES, *TAUGHT}


@pytest.mark.parametrize("data", [BANDIT, MAZE], ids=["bandit", "maze"])
def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(data: dict[str, Any], tmp_path: Path) -> None:
    whole = evometa.run(data, out=tmp_path / "whole", settings=["run.threads=1"])
    evometa.run(data, out=tmp_path / "part", generations=1)
    part = evometa.resume(tmp_path / "part", generations=3)
    assert whole.digest == part.digest
    champion = whole.champion
    assert champion is not None
    report = champion.report
    assert report is not None
    assert [row.name for row in report.baselines] == list(data["champion"]["baselines"])
    assert all(row.difference is not None for row in report.baselines)
    assert [point.updates for point in report.curve] == ([5, 10, 15, 20, 25] if data is BANDIT else [50, 100])
    assert [one.name for one in report.other_tests] == (["more arms"] if data is BANDIT else [])
    analysis = champion.analysis
    assert analysis is not None
    assert analysis.whole.mean is not None
    check_agent(champion)


def check_agent(champion: Learner) -> None:
    """A champion acts and learns in anybody's loop, and as a file of its own."""
    agent = champion.agent(seed=1)
    for tick in range(3):
        action = agent.act(np.zeros(agent.inputs, np.float32))
        assert 0 <= action < agent.actions
        agent.learn(float(tick == 1), ended=tick == 2)
    assert "NumPy" in str(export(champion, "python"))
    with pytest.raises(InputError, match="learners that act"):
        export(champion, "torch")


def evaluator(data: dict[str, Any] = BANDIT) -> Evaluator:
    config = load(data).config
    return Evaluator(config, open_courses(config), cpu.live)


def test_lessons_are_the_same_for_everyone_and_part_by_part() -> None:
    own = evaluator()
    (course, lesson), *_ = own.draw("train", 0, 6)
    assert isinstance(lesson, ActingLessons)
    genomes = [genome_of(AGENTS["index"], {"c0": 2.0, "optimism": 0.5}), Genome(dict(AGENTS["index"].slots),
               coefficients=np.array([np.inf, np.nan], np.float32))]  # fmt: skip
    whole = own.outcomes(genomes, [(course, lesson)])[0]
    parts = [own.outcomes(genomes, [(course, lesson.part(*some))])[0] for some in ((0, 2), (2, 9))]
    assert np.concatenate([part.scores for part in parts], axis=-1).tobytes() == whole.scores.tobytes()
    again = own.outcomes(genomes, [(course, lesson.lasting())])[0]
    assert again.scores.tobytes() == whole.scores.tobytes()


def test_signatures_tell_apart_what_lives_differ_by() -> None:
    own, agent = evaluator(), AGENTS["index"]
    base = genome_of(agent, {"c0": 2.0, "optimism": 0.5})
    others = [base.replace(coefficients=np.array([2.0, 0.7], np.float32)),
              base.replace(rule=parse_rule({"update": "act*reward"}, slots=ACTING_SLOTS))]  # fmt: skip
    found = own.signatures([base, base.replace(strategy=np.ones(4, np.float32)), *others])
    assert found[0] == found[1]
    assert len(set(found)) == 3


@pytest.mark.parametrize("name", sorted(AGENTS))
def test_classic_agents_live_as_their_own_way_says_and_are_recognised(name: str) -> None:
    agent = AGENTS[name]
    tuned = TunedAgent(agent, {dial.name: dial.usual for dial in dials_of(agent)}, 4)
    sea = {"world": "deepsea", "numbers": {"size": 3}, "test": {}, "other_tests": {}}  # where states have numbers
    found = exam_of(agent, evaluator(recipe(BANDIT, tasks=sea) if name == "count_bonus" else BANDIT), 5).live(
        [tuned.genome], "test"
    )
    assert found[0].status.tolist() == [[OK] * 5]
    assert agent_in_words(agent.slots, agent.order) == agent.title
    assert agent_in_words({**agent.slots, "m2": agent.slots["update"]}, agent.order) == agent.title


def test_what_weights_do_not_depend_on_is_no_part_of_a_rule_that_acts() -> None:
    rule = {"update": "m*s1 + s2", "s1": "s1 + act", "modulator": "reward - m1", "m1": "m1 + reward", "m2": "m1",
            "intrinsic": "visits"}  # fmt: skip
    told = {slot: str(tree) for slot, tree in living(parse_rule(rule, slots=ACTING_SLOTS), acts=True).items()}
    assert told.keys() == rule.keys() - {"m2"}
    assert told["update"] == "add(mul(m, s1), 0)"  # adding 0 changes the bits of −0
    assert living(parse_rule({"update": "w", "intrinsic": "visits"}, slots=ACTING_SLOTS), acts=True).keys() == {
        "update"
    }


GAME = {"world": "tictactoe_afterstates", "numbers": {"ticks": 40}, "test": {}, "other_tests": {}}
REFUSED = [
    ({"lifetime": {"batch": 2}}, "lifetime.batch"), ({"lifetime": {"checkpoints": [1]}}, "lifetime.checkpoints"),
    ({"sampling": {"repeats": 2}}, "sampling.repeats"), ({"evolution": {"inheritance": "darwin"},
     "weights": {"mode": "evolved", "init": "normal"}}, "evolution.inheritance"),
    ({"network": {"head": "softmax"}}, "network.head"),
    ({"variation": {"mutate_term": 0.1}}, "variation.mutate_term"), ({"acting": {"bound": "c5"}}, "acting.bound"),
    ({"fitness": {"objectives": ["adapted_loss"]}}, "fitness.objectives"),
    ({"fitness": {"objectives": ["tally"]}}, "fitness.objectives"),
    ({"champion": {"measure": "loss"}}, "champion.measure"),
    ({"champion": {"baselines": ["sgd"]}}, "champion.baselines"), ({"rule": {"signals": ["target"]}}, "rule"),
    ({"rule": {"signals": ["m", "w"]}}, "rule.signals"), ({"tasks": {"numbers": {"arm": 3}}}, "bandit"),
    ({"tasks": {"world": "bandits"}}, "world"), ({"tasks": {"test": {"arms": 4}}}, "tasks.test"),
    ({"fitness": {"objectives": ["size", "regret"]}}, "fitness.objectives"),
    ({"tasks": GAME}, "champion.baselines"),  # REINFORCE is not greedy
    ({"tasks": GAME, "acting": {"critic": 0.5}, "champion": {"baselines": []}}, "acting.critic"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "where"), REFUSED)
def test_what_worlds_do_not_go_together_with_is_refused_by_its_name(change: dict[str, Any], where: str) -> None:
    with pytest.raises(InputError, match=where):
        check(recipe(BANDIT, **change))


@pytest.mark.parametrize(
    "change",
    [{"rule": {"slots": ["update", "modulator"]}}, {"fitness": {"objectives": ["regret"]}}],
)
def test_what_is_of_worlds_alone_is_refused_elsewhere(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="lives with examples"):
        check(recipe(DELTA, **change))


def check(data: dict[str, Any]) -> None:
    loaded = load(data)
    check_names(loaded)
    check_tasks(loaded, [course.family for course in open_courses(loaded.config)])


def test_learned_weights_are_inherited_where_a_recipe_says_so(tmp_path: Path) -> None:
    data = recipe(MAZE, evolution={"inheritance": "lamarck"}, run={"generations": 2})
    assert evometa.run(data, out=tmp_path / "run").finished


def test_outcomes_keep_the_names_of_their_scores() -> None:
    assert (
        Outcomes(np.zeros((1, 1, 1, 1), np.float32), np.zeros((1, 1), np.uint8), names=("reward",)).score("reward") == 0
    )
