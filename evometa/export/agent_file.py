"""The Python export of a learner that acts: one readable file that needs NumPy only, and tests itself."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from evometa.estimators.agent import Agent
from evometa.estimators.lone_life import BLOCK
from evometa.export.dialects import NUMPY
from evometa.export.expressions import statements
from evometa.export.spelling import call, wrapped
from evometa.export.templates import render, source_of
from evometa.language.algebra import formula
from evometa.language.formulas import HELPERS
from evometa.language.program import Program
from evometa.language.signals import ACTING_SLOTS, INPUTS, PLASTICITY
from evometa.language.text import parse_rule
from evometa.lifetime import FIXED
from evometa.spec import ACTIVATIONS, CREDITS
from evometa.spec.states import GATE, LANE, MEMORY, SYNAPSE
from evometa.version import __version__

TRIED = 12  # ticks that a file lives again
_RULE = {"update": "update"} | {name: f"new_{name}" for name in MEMORY}
_LANE = {"intrinsic": "intrinsic", "modulator": "modulator"} | {state.name: f"new_{state.name}" for state in LANE}
_BORN = {"zero": "np.zeros_like(WEIGHTS)", "innate": "WEIGHTS", "open": "GATE"}


class Written(NamedTuple):
    """A program as a function of the file: its text, what it calls, and how it is called for what."""

    source: str
    primitives: frozenset[str]
    results: tuple[str, ...]
    gives: str
    takes: list[str]


def agent_file(agent: Agent) -> str:
    """Return the file of an agent as it was born; what it has learned since stays with it. Raises InputError."""
    nature, plan = agent.nature, agent.plan
    newborn = Agent(nature, plan, agent.actions, agent.states, afterstates=agent.afterstates)
    actors, graph = nature.actors(), nature.graph
    rule = _written("rule", actors.phenotypes.programs[0], _RULE)
    lane = _written("lane", actors.lanes[0], _LANE) if actors.lanes else None
    hidden = range(graph.inputs + 1, graph.nodes - graph.outputs)
    kinds = sorted({graph.activation_of(node) for node in hidden})
    primitives = rule.primitives | (lane.primitives if lane else frozenset())
    activations = {kind: NUMPY.row(ACTIVATIONS[kind].value) for kind in kinds}
    texts = [ACTIVATIONS[kind].value for kind in kinds] + (["exp_f("] if plan.policy == "softmax" else [])
    formulas = [name for name in HELPERS if any(f"{name}(" in text for text in texts)]
    functions = [*NUMPY.definitions(primitives, formulas), rule.source, *([lane.source] if lane else [])]
    credit = CREDITS[plan.credit]
    back = {"w": "self.w", "feedback": "FEEDBACK", None: ""}[credit.back]
    trees = parse_rule(dict(nature.slots), "agent", ACTING_SLOTS)
    programs = [*actors.phenotypes.programs, *actors.lanes]
    return render(
        "agent.py", agent=agent, nature=nature, plan=plan, inputs=agent.inputs, actions=agent.actions,
        reads={name for program in programs for name in program.reads}, states=agent.states,
        version=__version__, rule=rule, lane=lane, functions=functions, dialect=NUMPY,
        told=[wrapped(formula({slot: tree}), rest="    ", width=92) for slot, tree in trees.items()],
        constants=_constants(newborn, kinds), life=_life(newborn), late=nature.order == "next tick", kinds=kinds,
        activations=activations, slopes={kind: NUMPY.row(ACTIVATIONS[kind].slope, d="err") for kind in kinds},
        memory={state.name: _BORN[state.born] for state in SYNAPSE[1:]}, open=SYNAPSE[GATE].name,
        lane_memory=[state.name for state in LANE],
        back=back if kinds else "", shared=credit.hidden is not None, fma=_fma(),
        predictions=0 if plan.projection is None else len(plan.projection),
        plasticity=0 if nature.plasticity is None else len(PLASTICITY),
        coefficients={f"c{k}": value for k, value in enumerate(nature.coefficients)}, tick_block=BLOCK,
        label=int.from_bytes(blake2b(b"agent/draws", digest_size=8).digest(), "little"),
    )  # fmt: skip


def _written(name: str, program: Program, results: dict[str, str]) -> Written:
    """Return a program as a function of the signals that it reads."""
    found = statements(program, NUMPY, results)
    reads = sorted(program.reads, key=lambda signal: INPUTS[signal].register)
    lines = [call(f"def {name}", reads, ":"), f'    """Return {", ".join(found.results)}."""']
    given = [results[slot] for slot in found.results]
    lines += [*(f"    {line}" for line in found.lines), f"    return {', '.join(given) or 'None'}"]
    return Written("\n".join(lines), found.primitives, tuple(found.results), ", ".join(given) or "_",
                   [f'known["{signal}"]' for signal in reads])  # fmt: skip


def _constants(newborn: Agent, kinds: list[str]) -> dict[str, Any]:
    """Return the arrays of the file by name."""
    nature, graph = newborn.nature, newborn.nature.graph
    codes = [kinds.index(graph.activation_of(n)) if graph.inputs < n < graph.nodes - graph.outputs else 0
             for n in range(graph.nodes)]  # fmt: skip
    found: dict[str, Any] = {"SRC": graph.src, "DST": graph.dst, "KIND": np.array(codes, np.int32)}
    found |= {"FIXED": (graph.traits & FIXED > 0).astype(np.int32)}
    found |= {"GRU": np.array(graph.grus, np.int32)} if graph.grus else {}
    found |= {"WEIGHTS": newborn.weights, "GATE": newborn.synapses(SYNAPSE[GATE].name)}
    found |= {} if nature.plasticity is None else {"P": nature.plasticity}
    found |= {} if nature.feedback is None else {"FEEDBACK": nature.feedback}
    return found | ({} if newborn.plan.projection is None else {"PROJECTION": newborn.plan.projection})


class _Life(NamedTuple):
    """A piece of a life: `over`: 1 where a trial ended, 2 where it was cut."""

    seen: Any
    rewards: Any
    over: Any
    actions: Any
    weights: Any


def _life(agent: Agent) -> _Life:
    """Live a few ticks of observations and rewards that are drawn at random."""
    rng = np.random.default_rng(0)
    size = (TRIED, agent.actions, agent.inputs) if agent.afterstates else (TRIED, agent.inputs)
    seen, rewards = rng.normal(size=size).astype(np.float32), rng.random(TRIED).astype(np.float32)
    over = rng.choice(3, TRIED, p=[0.6, 0.2, 0.2]).astype(np.int32)
    actions = []
    for x, reward, ended in zip(seen, rewards, over, strict=True):
        actions.append(agent.act(x))
        agent.learn(float(reward), ended == 1, ended == 2)
    actions.append(agent.act(seen[-1]))
    return _Life(seen, rewards, over, np.array(actions, np.int32), agent.weights)


def _fma() -> str:
    """Return the function of the other file by which products are added."""
    found = re.search(r"^def fma\(.*?(?=\n\n\n)", source_of("python.py"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]
