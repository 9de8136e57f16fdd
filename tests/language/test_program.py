"""The compiler: same bits as the trees node by node, canonical, hoisted, small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.library import RULES
from evometa.language.program import Program, compile_loss, compile_rule, evaluate
from evometa.language.signals import INPUTS, SIGNAL_COUNT, SIGNALS, SLOTS, TASKS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree, constant, node
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY
from tests.language.samples import SPECIAL, by_hand, same_bits, trees
from tests.properties import examples

SYNAPSES, LANES = 3, 64
ARITY = [p.arity for p in PRIMITIVES.values()]


def signals(seed: int) -> dict[str, np.ndarray]:
    """Signals in the shapes they have in a lifetime, special values among them."""
    rng = np.random.default_rng(seed)
    shapes = {"birth": (LANES,), "node": (LANES,), "synapse": (SYNAPSES, LANES)}

    def drawn(shape: tuple[int, ...]) -> np.ndarray:
        values = rng.normal(0, 2, shape).astype(np.float32)
        return np.where(rng.random(shape) < 0.3, rng.choice(SPECIAL, shape), values)

    return {s.name: drawn(shapes[s.rate]) for s in (SIGNALS | TASKS).values()}


@given(trees(), st.integers(0, 2**16))
@examples(400)
def test_a_program_computes_its_tree_bit_for_bit(tree: Tree, seed: int) -> None:
    values = signals(seed)
    found = evaluate(compile_rule({"update": tree}), values)["update"]
    assert same_bits(found, by_hand(tree, values))


@given(st.sampled_from(list(RULES)), trees(leaves=5), trees(leaves=5), st.integers(0, 2**16))
@examples(100)
def test_update_reads_the_states_as_they_have_become(name: str, s1: Tree, s2: Tree, seed: int) -> None:
    values = signals(seed)
    rule = {**RULES[name].slots, "s1": s1, "s2": s2}
    found = evaluate(compile_rule(rule), values)
    states = {"s1": by_hand(s1, values), "s2": by_hand(s2, values)}
    assert same_bits(found["s1"], states["s1"])
    assert same_bits(found["s2"], states["s2"])
    assert same_bits(found["update"], by_hand(rule["update"], {**values, **states}))


def test_states_without_a_slot_are_read_as_they_are() -> None:
    program = compile_rule(parse_rule({"update": "s1 + s2", "s2": "s1"}))
    assert program.reads == {"s1"}
    found = evaluate(program, {"s1": np.float32(2)})
    assert (found["update"], found["s2"]) == (4, 2)


def check(program: Program, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Run a program as a kernel does: a register file, three sections, two nodes after one another."""
    first_row = SIGNAL_COUNT + len(program.constants)
    first_tile = first_row + program.n_rows
    file: list[Any] = [None] * program.registers
    for name in program.reads:
        file[INPUTS[name].register] = values[name]
    file[SIGNAL_COUNT:first_row] = list(program.constants)

    def run(start: int, stop: int, low: int, high: int) -> None:
        for op, target, a, b, c in program.code[start:stop].tolist():
            assert low <= target < high, "a section writes its own registers only"
            arguments = [file[r] for r in (a, b, c)][: ARITY[op]]
            file[target] = FUNCTIONS[op](*arguments)

    run(0, program.birth_end, first_row, first_tile)
    for _ in range(2):
        run(program.birth_end, program.node_end, first_row, first_tile)
        for _ in range(2):
            run(program.node_end, len(program.code), first_tile, program.registers)
    return {n: file[r] for n, r in zip(program.names, program.outputs.tolist(), strict=False) if r >= 0}


@given(trees(), trees(leaves=6), st.integers(0, 2**16))
@examples(300)
def test_registers_survive_as_long_as_they_are_read(update: Tree, s1: Tree, seed: int) -> None:
    values = signals(seed)
    rule = {"update": update, "s1": s1}
    program = compile_rule(rule)
    found, expected = check(program, values), evaluate(program, values)
    assert found.keys() == {"update", "s1"}
    for name in found:
        assert same_bits(found[name], expected[name])
    after = {**values, "s1": by_hand(s1, values)}
    assert same_bits(found["update"], by_hand(update, after))


@pytest.mark.parametrize(
    "rule",
    [
        *(rule.slots for rule in RULES.values()),
        parse_rule({"update": "pre*tanh(square(post) + sigmoid(post + target)) + w*(grad - s1*(w - pre))"}),
        parse_rule({"update": "(c0 + exp(c1 + c2))*post*(pre + w) + (post - target)*pre", "s1": "sin(post)*c1"}),
        parse_rule({"update": "post + tanh(post)*err", "s1": "c0*c1 + c2", "s2": "0.5"}),
    ],
    ids=lambda rule: str(rule["update"])[:40],
)
def test_registers_of_rules_with_all_rates(rule: dict[str, Tree]) -> None:
    program, values = compile_rule(rule), signals(7)
    found, expected = check(program, values), evaluate(program, values)
    assert found.keys() == rule.keys()
    assert all(same_bits(found[name], expected[name]) for name in rule)


@given(trees())
@examples(200)
def test_sections_follow_rates(tree: Tree) -> None:
    program = compile_rule({"update": tree})
    rate = {s.register: ("birth", "node", "synapse").index(s.rate) for s in INPUTS.values()}
    rate |= {SIGNAL_COUNT + k: 0 for k in range(len(program.constants))}
    for k, (_, target, a, b, c) in enumerate(program.code.tolist()):
        section = (k >= program.birth_end) + (k >= program.node_end)
        assert max(rate[r] for r in (a, b, c)) == section
        rate[target] = section


def exchanged(tree: Tree) -> Tree:
    """The tree with the arguments of every commuting primitive exchanged."""
    arguments = [exchanged(a) for a in tree.arguments()]
    if tree[0].name in ("add", "mul"):
        arguments.reverse()
    return Tree((tree[0], *(item for a in arguments for item in a)))


@given(trees())
@examples(200)
def test_operand_order_does_not_matter(tree: Tree) -> None:
    one, two = (compile_rule({"update": t}) for t in (tree, exchanged(tree)))
    assert one.key == two.key
    assert len(one.key) == 16


def test_programs_are_small() -> None:
    delta = compile_rule({"update": parse("c0*(pre*(target - post))")})
    assert (delta.birth_end, delta.node_end, len(delta.code)) == (0, 1, 3)
    assert (delta.n_rows, delta.n_tiles, delta.registers) == (1, 1, SIGNAL_COUNT + 2)
    momentum = compile_rule(RULES["momentum"].slots)
    assert (momentum.birth_end, momentum.node_end, len(momentum.code)) == (1, 1, 4)
    shared = compile_rule(parse_rule({"update": "tanh(pre*w)", "s1": "tanh(w*pre) + s1"}))
    assert len(shared.code) == 3, "common subexpressions are shared across slots"


def test_dead_code_is_dropped() -> None:
    program = compile_rule({"update": parse("select(1, pre, tanh(post*w))")})
    assert len(program.code) == 0
    assert program.reads == {"pre"}
    assert program.outputs.tolist() == [0, *[-1] * len(MEMORY)]


def test_any_register_can_be_an_output() -> None:
    program = compile_rule(parse_rule({"update": "0.5", "s1": "s2", "s2": "s1"}))
    found = evaluate(program, {"s1": np.float32(1), "s2": np.float32(2)})
    assert (found["update"], found["s1"], found["s2"]) == (0.5, 2, 1)
    assert len(program.code) == 0


def test_constants_with_different_bits_stay_apart() -> None:
    program = compile_rule(parse_rule({"update": "pre*0.0 + -0.0*post", "s1": "div(1, 0)"}))
    assert sorted(program.constants.view(np.uint32).tolist()) == [0, 0x7F800000, 0x80000000]


@pytest.mark.parametrize("broken", [(node("mul"), node("pre")), (node("pre"), node("pre")), ()])
def test_incomplete_trees_are_refused(broken: tuple) -> None:
    with pytest.raises(ValueError, match="not one complete tree"):
        compile_rule({"update": Tree(broken)})


@given(trees(SLOTS["loss"].signals, 8), st.integers(0, 2**16))
@examples(100)
def test_a_loss_has_its_value_and_derivative_in_tiles(tree: Tree, seed: int) -> None:
    program = compile_loss(tree)
    assert program.names == ("value", "derivative")
    assert program.node_end == program.birth_end
    values = signals(seed)
    found = evaluate(program, values)
    assert same_bits(found["value"], by_hand(tree, values))
    assert "derivative" in found


def test_squared_error_has_the_derivative_that_it_has() -> None:
    program = compile_loss(parse("square(output - target)"))
    found = evaluate(program, {"output": np.float32(3), "target": np.float32(1)})
    assert (found["value"], found["derivative"]) == (4, 4)


def test_keys_differ_where_programs_do() -> None:
    texts = ["pre", "post", "0.5", "-0.5", "pre*post", "pre*w", "pre+post", "pre-post", "post-pre", "pre*0.5"]
    assert len({compile_rule({"update": parse(text)}).key for text in texts}) == len(texts)
    slots = [{"update": parse("s1")}, {"s1": parse("s1")}, {"update": parse("s1"), "s1": parse("s1")}]
    assert len({compile_rule(rule).key for rule in slots}) == 3
    assert compile_rule({"update": Tree((constant(0.5),))}).key == compile_rule({"update": parse("1*0.5")}).key


def test_missing_signals_are_named() -> None:
    with pytest.raises(KeyError, match="pre"):
        evaluate(compile_rule({"update": parse("pre")}), {})
