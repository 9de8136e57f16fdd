"""A lifetime taken up and put down gives the bits of one lived at a stretch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.language.text import parse_rule
from evometa.lifetime import F32, Births, Phenotypes, Plan, Tasks, reference
from evometa.lifetime.numba import cpu, stepwise
from evometa.spec.states import STATES
from tests.lifetime.strategies import random_batch
from tests.lifetime.test_parity import same_bits

NONE = np.zeros((0, 0), np.float32)


def first_lane(
    phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, g: int
) -> tuple[stepwise.Life, reference.Learner, F32, F32]:
    """Return the life of genome g in lane 0, the same learner in the reference, and its examples x and y."""
    one, drawn = phenotypes[g], births.weights[phenotypes.graph[g]]
    assert drawn is not None
    life = stepwise.Life(
        one.graph, one.program, drawn[:, 0] if one.innate is None else one.innate, one.coefficients, one.plasticity,
        head=plan.head, credit=plan.credit, bound=plan.bound, feedback=one.feedback, loss=one.loss,
    )  # fmt: skip
    first = np.array([0])
    learner = reference.Learner(phenotypes, g, tasks.take(first), births.take(first), plan.take(first))
    return life, learner, tasks.support_x[:, :, 0], tasks.support_y[:, :, 0]


def same_state(state: stepwise.State, learner: reference.Learner) -> bool:
    """Tell whether weights, states and activations hold the bits of the reference's."""
    return all(same_bits(state[name], np.ascontiguousarray(getattr(learner, name)[..., 0])) for name in STATES)


@pytest.mark.parametrize("seed", range(40))
@np.errstate(all="ignore")
def test_every_state_on_the_way_is_the_reference_s(seed: int) -> None:
    batch = random_batch(seed)
    tasks, plan = batch[1], batch[3]
    for g in range(len(batch[0])):
        life, learner, x, y = first_lane(*batch, g)
        state = life.birth()
        for update in range(len(plan.order)):
            state = life.learn(state, x, y, plan.order[update : update + 1, :, 0], update, len(plan.order))
            learner.learn(update)
            assert same_state(state, learner), f"genome {g}, update {update}"
        before = np.repeat(learner.act[:, :1], len(tasks.query_x), axis=1)
        asked = learner.forward(tasks.query_x[:, :, :1], before)[learner.first_output :, :, 0].T
        found = stepwise.answer(batch[0][g].graph, plan.head, state, tasks.query_x[:, :, 0])
        assert same_bits(found, np.ascontiguousarray(asked))


def test_a_whole_life_gives_the_weights_of_live(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(30):
        batch = random_batch(seed)
        plan, outcomes = batch[3], cpu.live(*batch)
        assert outcomes.weights is not None
        for g, expected in enumerate(outcomes.weights):
            life, _, x, y = first_lane(*batch, g)
            with monkeypatch.context() as patch:
                patch.setattr(stepwise, "PIECE", 10.0 ** (seed % 4))  # cut into pieces, or not
                state = life.learn(life.birth(), x, y, np.ascontiguousarray(plan.order[..., 0]), 0, len(plan.order))
            assert same_bits(state["w"], expected)


def life_of(rule: dict[str, str], hidden: tuple[int, ...] = (), recurrent: bool = False, **more: Any) -> stepwise.Life:
    graph = layered(2, hidden, 1, recurrent=recurrent)
    innate = np.linspace(-0.5, 0.5, graph.synapses, dtype=np.float32)
    settings = {"head": "linear", "credit": "local", "bound": 100.0, **more}
    return stepwise.Life(graph, compile_rule(parse_rule(rule)), innate, np.ones(1, np.float32), NONE, **settings)


X, Y = np.eye(2, dtype=np.float32), np.ones((2, 1), np.float32)
ONE = np.zeros((1, 1), np.int32)


def test_age_goes_by_the_whole_life_and_stays_at_its_end() -> None:
    life = life_of({"update": "age - w"})
    state, ages = life.birth(), []
    for done in range(7):
        state = life.learn(state, X, Y, ONE, done, 5)
        ages.append(float(state["w"][0]))
    assert ages == [0, 0.25, 0.5, 0.75, 1, 1, 1]
    assert life.learn(life.birth(), X, Y, np.zeros((7, 1), np.int32), 0, 5)["w"][0] == 1


def test_states_and_innate_weights_last() -> None:
    life = life_of({"update": "s1 + w0", "s1": "s1 + 1"})
    state = life.birth()
    for done in range(3):
        state = life.learn(state, X, Y, ONE, done, 3)
    innate = life.birth()["w"]
    assert state["s1"].tolist() == [3, 3, 3]
    assert np.allclose(state["w"], innate + 6 + 3 * innate)
    forgetful = {**state, "s1": np.zeros_like(state["s1"])}
    again = [life.learn(one, X, Y, ONE, 3, 3)["w"] for one in (state, forgetful)]
    assert not np.array_equal(*again)


def test_learning_leaves_the_state_it_began_with() -> None:
    life = life_of({"update": "1", "s1": "1", "s2": "1"})
    state = life.birth()
    life.learn(state, X, Y, ONE, 0, 1)
    assert np.array_equal(state["w"], life.birth()["w"])
    assert not state["s1"].any()
    assert not state["s2"].any()
    assert not state["act"].any()


def test_a_batch_of_another_size_reads_what_went_before_in_stream_0() -> None:
    life = life_of({"update": "0"}, (3,), recurrent=True)
    twice = np.array([[0, 1]], np.int32)
    state = life.learn(life.birth(), X, Y, twice, 0, 2)
    assert state["act"].shape[1] == 2
    one = life.learn(state, X, Y, ONE, 1, 2)
    cut = life.learn({**state, "act": state["act"][:, :1].copy()}, X, Y, ONE, 1, 2)
    assert same_bits(one["act"], cut["act"])
    assert not np.array_equal(one["act"][3:], life.learn(life.birth(), X, Y, ONE, 0, 1)["act"][3:])


def test_many_queries_are_answered_as_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = layered(2, (3,), 2, recurrent=True)
    rng = np.random.default_rng(0)
    w, act, x = (rng.standard_normal(s).astype(np.float32) for s in (graph.synapses, (graph.nodes, 2), (700, 2)))
    state = {"w": w, "act": act}
    whole = stepwise.answer(graph, "softmax", state, x)
    assert same_bits(whole[650:651], stepwise.answer(graph, "softmax", state, x[650:651]))
    monkeypatch.setattr(stepwise, "FLOATS", 1)
    assert same_bits(whole, stepwise.answer(graph, "softmax", state, x))
