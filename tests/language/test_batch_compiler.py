"""Rules compiled in a batch: the programs of `compile_rule`, bit for bit; and batches of programs."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import config

from evometa.language import batch_compiler
from evometa.language.batch_compiler import Folds, compile_batch
from evometa.language.codes import Trees
from evometa.language.program import LOSS_RESULTS, Program, compile_loss, compile_rule
from evometa.language.programs import Programs
from evometa.language.signals import SEEDS, SIGNAL_COUNT, SLOTS
from evometa.language.text import parse
from evometa.language.tree import MAX_DEPTH, MAX_NODES, Tree, constant, join, leaf, node
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY, RULE
from tests.language.samples import random_tree, trees
from tests.language.test_rewrites import pairs

MANY = 30 if config.DISABLE_JIT else 800  # type: ignore[attr-defined]  # in plain Python a rule takes ms
SOME = (
    "neg",
    "mul",
    "div",
    "aq",
    "abs",
    "sub",
    "add",
    "square",
    "sign",
    "tanh",
    "min",
    "max",
    "relu",
    "step",
    "select",
)
VOCABULARIES = (
    (SLOTS["update"].signals, tuple(PRIMITIVES)),
    (("w", "c0", "post", *MEMORY), SOME),  # all rates, and much that is rewritten
    (("pre", "c0"), ("neg", "mul", "aq", "div")),  # signs alone
)
SLOTS_GIVEN = (("update",), RULE, MEMORY[:1], ("update", *MEMORY[1:]), MEMORY[::-1])


def batch_of(rules: Sequence[Mapping[str, Tree]]) -> Programs:
    return compile_batch({slot: Trees.of([rule[slot] for rule in rules]) for slot in rules[0]})


def parts(program: Program) -> tuple[object, ...]:
    """All that a program is."""
    arrays = program.code, program.constants, program.outputs
    sizes = program.birth_end, program.node_end, program.n_rows, program.n_tiles, program.names, program.reads
    return *((array.dtype, array.shape, array.tobytes()) for array in arrays), *sizes


def check(rules: Sequence[Mapping[str, Tree]]) -> None:
    for rule, program in zip(rules, batch_of(rules), strict=True):
        expected = compile_rule(rule)
        assert parts(program) == parts(expected), {slot: str(tree) for slot, tree in rule.items()}
        assert program.key == expected.key


@pytest.mark.parametrize("slots", SLOTS_GIVEN, ids="+".join)
@pytest.mark.parametrize("vocabulary", range(len(VOCABULARIES)))
def test_many_rules(slots: tuple[str, ...], vocabulary: int) -> None:
    rng = np.random.default_rng([vocabulary, *map(len, slots)])
    signals, names = VOCABULARIES[vocabulary]
    check([{slot: random_tree(rng, signals, names, int(rng.integers(8))) for slot in slots} for _ in range(MANY)])


@given(st.sets(st.sampled_from(RULE), min_size=1).flatmap(lambda slots: st.lists(
    st.fixed_dictionaries({slot: trees(leaves=30) for slot in sorted(slots)}), min_size=1, max_size=8,
)))  # fmt: skip
def test_any_rules(rules: list[dict[str, Tree]]) -> None:
    check(rules)


def test_every_primitive_over_every_other() -> None:
    check([{"update": tree} for tree in pairs()])


def test_constants_that_states_become() -> None:
    texts = [("s1*pre + tanh(s1)", "0.5"), ("select(s1, pre, w)", "-1"), ("s1*s1 + s2", "neg(0)"), ("s1", "w")]
    check([{"update": parse(update), "s1": parse(s1), "s2": parse("exp(s1)")} for update, s1 in texts])


def chain(depth: int) -> Tree:
    """Constants over constants: what is folded waits for what is folded within it."""
    tree = leaf(0.3)
    for number in range(depth):
        tree = join(("tanh", "exp", "sin", "sigmoid")[number % 4], tree)
    return join("mul", tree, leaf("pre"))


def long_sum(count: int) -> Tree:
    """A sum of products that all differ, in a balanced tree."""
    terms = [join("mul", leaf("w"), Tree((constant(k + 0.5),))) for k in range(count)]
    while len(terms) > 1:
        terms = [join("add", *terms[k : k + 2]) if len(terms) > k + 1 else terms[k] for k in range(0, len(terms), 2)]
    return terms[0]


def signs(depth: int) -> Tree:
    """Signs that are drawn through products again and again, so that there are more operations than nodes."""
    tree = leaf("pre")
    for k in range(depth):
        tree = join("neg", join("mul", leaf(("c0", "w", "post")[k % 3]), join("abs", tree) if k % 4 == 3 else tree))
    return tree


def test_rules_as_large_as_rules_may_be() -> None:
    trees = [long_sum(MAX_NODES // 4), chain(MAX_DEPTH - 1), signs(MAX_DEPTH // 3), leaf("w")]
    assert len(trees[0]) > MAX_NODES - 4
    check([{"update": tree} for tree in trees])
    check([dict.fromkeys(RULE, tree) for tree in trees])


def test_more_values_than_there_was_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_compiler, "SIGNAL_COUNT", 16)  # there is hardly room for more than the signals
    check([{"update": tree} for tree in (leaf("w"), signs(6), chain(9), long_sum(4))])


def test_what_is_folded_is_forgotten_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    folds = Folds()
    monkeypatch.setattr(batch_compiler, "_FOLDS", folds)
    monkeypatch.setattr(batch_compiler, "_MOST", 700)
    counts = []
    for k in range(6):
        check([{"update": join("mul", leaf("pre"), join("exp", leaf(k + i / 512)))} for i in range(512)])
        counts.append(folds.count)
        assert 2 * folds.count <= len(folds.table)
    assert counts == [512, 1024, 512, 1024, 512, 1024]


@pytest.mark.parametrize(
    "nodes", [("add", "w"), ("w", "w"), ("add", "w", "w", "w"), ("add",), ("select", "w", "pre"), ()]
)
def test_what_is_not_one_tree_is_refused(nodes: tuple[str, ...]) -> None:
    broken = Tree([node(name) for name in nodes])
    with pytest.raises(ValueError, match="tree"):
        batch_of([{"update": leaf("w")}, {"update": broken}])
    with pytest.raises(ValueError, match="tree"):
        compile_rule({"update": broken})


@pytest.mark.parametrize("code", [-1, 40, 64 + SEEDS["d_s1"].register, 64 + SIGNAL_COUNT, (1 << 32) - 1])
def test_codes_of_nothing_are_refused(code: int) -> None:
    with pytest.raises(ValueError, match="not one complete tree in rule 0"):
        compile_batch({"update": Trees(np.array([code]), np.array([0, 1]))})


def test_no_rules_and_rules_without_a_state_to_write() -> None:
    assert len(compile_batch({"update": Trees.of([])})) == 0
    (program,) = compile_batch({"loss": Trees.of([parse("output - target")])})
    assert parts(program) == parts(compile_rule({}))


RULES = [parse(text) for text in ("pre*w", "w*pre", "pre*w + 0.5", "pre*w + 0.25", "c0*pre", "0.5", "tanh(0.5)", "pre")]


@pytest.fixture
def some() -> Programs:
    return compile_batch({"update": Trees.of([*RULES, RULES[0]]), "s1": Trees.of([parse("s1 + grad")] * 9)})


def test_equal_programs_are_found(some: Programs) -> None:
    kept, position = some.distinct()
    keys = [program.key for program in some]
    assert position.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 0]
    assert [kept[place].key for place in position] == keys
    assert len({program.key for program in kept}) == len(kept) == 7
    assert kept.distinct()[0] is kept


def test_equal_programs_are_those_with_equal_keys() -> None:
    rng = np.random.default_rng(3)
    programs = batch_of([{"update": random_tree(rng, ("pre", "w"), ("mul", "neg", "sub"), 2)} for _ in range(MANY)])
    kept, position = programs.distinct()
    keys: dict[bytes, int] = {}
    expected = [keys.setdefault(program.key, len(keys)) for program in programs]
    assert position.tolist() == expected
    assert len(kept) == len(keys) < MANY


def test_some_of_a_batch_and_several_batches(some: Programs) -> None:
    def told(programs: Sequence[Program]) -> Iterator[tuple[object, ...]]:
        return map(parts, programs)

    listed = list(some)
    assert list(told(some[2:5])) == list(told(listed[2:5]))
    assert list(told(some.take([3, 0, 3]))) == list(told([listed[3], listed[0], listed[3]]))
    assert list(told(Programs.join([some, some[4:], some]))) == list(told([*listed, *listed[4:], *listed]))
    assert list(told(Programs.of(listed))) == list(told(listed))
    assert Programs.of(some) is some
    assert list(told(pickle.loads(pickle.dumps(some)))) == list(told(listed))
    assert some.registers.tolist() == [program.registers for program in listed]
    assert parts(some[-1]) == parts(listed[-1])
    with pytest.raises(IndexError):
        some[len(some)]


def test_losses_are_programs_too() -> None:
    losses = [compile_loss(parse(text)) for text in ("square(output - target)", "abs(target - output)")]
    batch = Programs.of(losses, LOSS_RESULTS)
    assert list(map(parts, batch)) == list(map(parts, losses))
    assert len(Programs.of([], LOSS_RESULTS)) == 0
