"""Lives taken up and put down, and lives that are watched, have the bits of those lived at a stretch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse_rule
from evometa.lifetime import F32, Births, Phenotype, Phenotypes, Plan, Tasks, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.numba import cpu, stepwise
from evometa.lifetime.numba.stepwise import Lives, State
from evometa.spec.states import STORES, SYNAPSE
from evometa.spec.steps import EMBEDDING
from tests.lifetime.comparisons import comparing_batch
from tests.lifetime.memories import remembering_batch
from tests.lifetime.strategies import LONG, deep_batch, random_batch
from tests.lifetime.test_parity import same_bits

NONE = np.zeros((0, 0), np.float32)


def lives_of(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan) -> Lives:
    """All lives of a batch."""
    return Lives(
        phenotypes, births, tasks.lanes, head=plan.head, credit=plan.credit, bound=plan.bound,
        synapse_cost=plan.synapse_cost, metric=plan.metric,
    )  # fmt: skip


def same_state(state: State, learner: reference.Learner) -> bool:
    """Tell whether weights, states and activations hold the bits of the reference's."""
    return all(same_bits(state[name], value) for name, value in {**learner.states, "act": learner.act}.items())


@pytest.mark.parametrize("seed", range(40))
@np.errstate(all="ignore")
def test_every_state_on_the_way_is_the_reference_s(seed: int) -> None:
    phenotypes, tasks, births, plan = batch = random_batch(seed)
    learners = [reference.Learner(phenotypes, g, tasks, births, plan) for g in range(len(phenotypes))]
    lives = lives_of(*batch)
    states, life = lives.birth(), plan.life
    for update in range(len(plan.order)):
        one = plan.order[update : update + 1]
        states = lives.learn(states, tasks.support_x, tasks.support_y, one, update, *life)
        for g, (state, learner) in enumerate(zip(states, learners, strict=True)):
            learner.learn(update)
            assert same_state(state, learner), f"genome {g}, update {update}"
    answers = lives.answer(states, tasks.query_x)
    assert all(same_bits(a, each.answers(tasks.query_x)) for a, each in zip(answers, learners, strict=True))


@pytest.mark.parametrize("batch_of_lives", [random_batch, pytest.param(deep_batch, marks=LONG)])
def test_whole_lives_give_the_weights_of_live(batch_of_lives: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(30):
        batch = batch_of_lives(seed)
        _, tasks, _, plan = batch
        weights, lives = cpu.live(*batch).weights, lives_of(*batch)
        assert weights is not None
        with monkeypatch.context() as patch:
            patch.setattr(stepwise, "PIECE", 10.0 ** (seed % 4))  # cut into pieces, or not
            states = lives.learn(lives.birth(), tasks.support_x, tasks.support_y, plan.order, 0, *plan.life)
        assert all(same_bits(state["w"][:, 0], expected) for state, expected in zip(states, weights, strict=True))


@pytest.mark.parametrize("seed", [pytest.param(n, marks=() if n % 4 or n == 24 else LONG) for n in range(40)])
@np.errstate(all="ignore")
def test_what_is_watched_is_what_is_lived(seed: int) -> None:
    """The signals, results and weights of every update, in every lane."""
    batch = random_batch(seed) if seed % 4 else deep_batch(seed) if seed % 8 else remembering_batch(seed)
    weights = cpu.live(*batch).weights
    assert weights is not None
    for g in range(len(batch[0])):
        learner, watched = reference.Learner(batch[0], g, *batch[1:]), None
        for update, watched in enumerate(stepwise.watch(batch[0], g, *batch[1:])):
            learner.learn(update)
            for values in ("signals", "results"):
                ours, theirs = getattr(watched, values), getattr(learner, values)
                assert ours.keys() == theirs.keys()
                assert all(same_bits(np.asarray(ours[name]), np.asarray(theirs[name])) for name in theirs)
            assert same_state({**watched.states, "act": watched.act}, learner)
            assert all(same_bits(watched.memory[name], part) for name, part in learner.memory.items())
        assert watched is None or same_bits(watched.w[:, 0], weights[g])


@pytest.mark.parametrize("seed", range(8))
@np.errstate(all="ignore")
def test_lives_that_compare_are_the_reference_s_and_answer_with_embeddings(seed: int) -> None:
    phenotypes, tasks, births, plan = comparing_batch(seed)
    lives = lives_of(phenotypes, tasks, births, plan)
    states = lives.learn(lives.birth(), tasks.support_x, tasks.support_y, plan.order, 0, *plan.life)
    for g, state in enumerate(states):
        learner = reference.Learner(phenotypes, g, tasks, births, plan)
        for update in range(len(plan.order)):
            learner.learn(update)
        assert same_state(state, learner)
        embedded = learner.asked(tasks.query_x[0], tasks.query_y[0], EMBEDDING).act[learner.first_output :, 0]
        assert same_bits(lives.answer(states, tasks.query_x)[g, 0], embedded)
    for watched in [*stepwise.watch(phenotypes, 0, tasks, births, plan)][-1:]:
        assert all(same_bits(watched.states[name], states[0][name]) for name in watched.states)


def life_of(rule: dict[str, str], hidden: tuple[int, ...] = (), recurrent: bool = False, **more: Any) -> Lives:
    """One learner's one life."""
    graph = layered(2, hidden, 1, recurrent=recurrent)
    innate = np.linspace(-0.5, 0.5, graph.synapses, dtype=np.float32)
    settings = {"head": "linear", "credit": "local", "bound": 100.0, **more}
    one = Phenotype(graph, compile_rule(parse_rule(rule)), innate, np.ones(1, np.float32), NONE)
    return Lives(batch_of([one]), Births(), 1, **settings)


X, Y = np.eye(2, dtype=np.float32)[..., None], np.ones((2, 1, 1), np.float32)
ONE = np.zeros((1, 1, 1), np.int32)


def test_age_goes_by_the_whole_life_and_stays_at_its_end() -> None:
    life = life_of({"update": "age - w"})
    states, ages = life.birth(), []
    for done in range(7):
        states = life.learn(states, X, Y, ONE, done, 5)
        ages.append(float(states[0]["w"][0, 0]))
    assert ages == [0, 0.25, 0.5, 0.75, 1, 1, 1]
    assert life.learn(life.birth(), X, Y, np.zeros((7, 1, 1), np.int32), 0, 5)[0]["w"][0] == 1


def test_states_and_innate_weights_last() -> None:
    life = life_of({"update": "s1 + w0", "s1": "s1 + 1"})
    states = life.birth()
    for done in range(3):
        states = life.learn(states, X, Y, ONE, done, 3)
    (state,), innate = states, life.birth()[0]["w"]
    assert state["s1"].tolist() == [[3], [3], [3]]
    assert np.allclose(state["w"], innate + 6 + 3 * innate)
    forgetful = {**state, "s1": np.zeros_like(state["s1"])}
    again = [life.learn([one], X, Y, ONE, 3, 3)[0]["w"] for one in (state, forgetful)]
    assert not np.array_equal(*again)


def test_learning_leaves_the_state_it_began_with() -> None:
    life = life_of({"update": "1", "s1": "1", "s2": "1", "gate": "0"})
    states = life.birth()
    life.learn(states, X, Y, ONE, 0, 1)
    assert np.array_equal(states[0]["w"], life.birth()[0]["w"])
    assert not any(states[0][name].any() for name in (*STORES, "act"))
    assert (states[0]["gate"] == 1).all()


def test_a_batch_of_another_size_reads_what_went_before_in_stream_0() -> None:
    life = life_of({"update": "0"}, (3,), recurrent=True)
    (state,) = life.learn(life.birth(), X, Y, np.array([[[0], [1]]], np.int32), 0, 2)
    assert state["act"].shape[1] == 2
    (one,) = life.learn([state], X, Y, ONE, 1, 2)
    (cut,) = life.learn([{**state, "act": state["act"][:, :1].copy()}], X, Y, ONE, 1, 2)
    assert same_bits(one["act"], cut["act"])
    assert not np.array_equal(one["act"][3:], life.learn(life.birth(), X, Y, ONE, 0, 1)[0]["act"][3:])


def test_many_queries_are_answered_as_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = layered(2, (3,), 2, recurrent=True)
    rng = np.random.default_rng(0)
    w, act, x = (
        rng.standard_normal(s).astype(np.float32) for s in ((graph.synapses, 1), (graph.nodes, 2, 1), (700, 2))
    )
    state = {**{row.name: w for row in SYNAPSE}, "act": act}
    whole = stepwise.answer(graph, "softmax", state, x)
    assert whole.shape == (700, 2)
    assert same_bits(whole[650:651], stepwise.answer(graph, "softmax", state, x[650:651]))
    monkeypatch.setattr(stepwise, "FLOATS", 1)
    assert same_bits(whole, stepwise.answer(graph, "softmax", state, x))


def test_each_lane_is_a_life_of_its_own() -> None:
    """Forty lives at once, from states of their own, are forty lives one after the other."""
    graph, rng = layered(2, (4,), 1), np.random.default_rng(1)
    rule = compile_rule(parse_rule({"update": "-0.1*s1 + 0.01*w0", "s1": "0.9*s1 + grad"}))

    def numbers(*shape: int) -> F32:
        return rng.standard_normal(shape).astype(np.float32)

    one = batch_of([Phenotype(graph, rule, numbers(graph.synapses), np.ones(1, np.float32), NONE)])
    states = {**{row.name: numbers(graph.synapses, 40) for row in SYNAPSE}, "act": numbers(graph.nodes, 2, 40)}
    x, y, order = numbers(9, 2, 40), numbers(9, 1, 40), rng.integers(0, 9, (5, 2, 40)).astype(np.int32)
    settings = {"head": "linear", "credit": "backprop", "bound": 3.0}
    (together,) = Lives(one, Births(), 40, **settings).learn([states], x, y, order, 2, 9)
    alone = Lives(one, Births(), 1, **settings)
    for lane in range(40):
        own = slice(lane, lane + 1)
        begin = {name: part[..., own] for name, part in states.items()}
        (end,) = alone.learn([begin], x[..., own], y[..., own], order[..., own], 2, 9)
        assert all(same_bits(np.ascontiguousarray(together[name][..., own]), part) for name, part in end.items())
