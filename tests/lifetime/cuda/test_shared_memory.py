"""Places on a GPU: no two regions meet, hot ones go first, what is not read takes no room, and limits are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import RunFailed
from evometa.genetics.topology import layered
from evometa.language.program import compile_loss, compile_rule
from evometa.language.signals import SLOTS
from evometa.language.text import parse
from evometa.lifetime import Phenotype
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda.schedule import TILE
from evometa.lifetime.cuda.shared_memory import (
    HOT,
    MOST_FLOATS,
    MOST_ROWS,
    REGIONS,
    SIZES,
    WIDTH,
    answer_sizes,
    place,
    region_sizes,
)
from evometa.lifetime.packing import pack
from evometa.spec.states import SYNAPSE
from tests.properties import examples

STATES = [state.name.upper() for state in SYNAPSE]
NET = layered(3, (4,), 2)


def sizes_of(*rules: dict[str, str], loss: str = "", batch: int = 2, teams: int = 4, block: int = 20,
             recurrent: bool = False) -> dict[str, Any]:  # fmt: skip
    """Return what learners with these rules need, i64[G] by region."""
    net = layered(3, (4,), 2, recurrent=recurrent)
    own = compile_loss(parse(loss, signals=SLOTS["loss"].signals)) if loss else None
    weights = np.zeros((1, net.synapses), np.float32)
    learners = [
        Phenotype(net, compile_rule({slot: parse(text) for slot, text in rule.items()}), weights[0], weights[0],
                  weights, None, own)
        for rule in rules
    ]  # fmt: skip
    packed = pack(batch_of(learners), None, WIDTH)
    return region_sizes(packed.genomes, teams, batch, block)


def random_sizes(seed: int, genomes: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: rng.integers(0, 40, genomes) * (rng.random(genomes) < 0.8) for name in (*REGIONS, *SIZES)}


@examples(100)
@given(st.integers(0, 2**32 - 1), st.integers(0, 500))
def test_regions_lie_apart_and_the_hot_ones_inside(seed: int, shared: int) -> None:
    sizes = random_sizes(seed, 3)
    offsets, inside, slot = place(sizes, shared)
    assert inside <= shared * WIDTH
    ends = [0, 0]
    for g in range(3):
        taken: dict[tuple[bool, int], str] = {}
        free = shared
        for region in REGIONS:
            at, rows = int(offsets[region][g]), int(sizes[region][g])
            if region == "OPEN" and not rows:  # the weights themselves transmit
                assert at == offsets["W"][g]
                continue
            assert (at >= 0) == (rows <= free)  # what fits is inside, in the order of how often it is touched
            free -= rows if at >= 0 else 0
            first = (at if at >= 0 else ~at) // WIDTH
            assert (at if at >= 0 else ~at) % WIDTH == 0
            for row in range(first, first + rows):
                assert taken.setdefault((at >= 0, row), region) == region
            ends[at < 0] = max(ends[at < 0], WIDTH * (first + rows) if rows else 0)
    assert ends == [inside, slot]


def test_what_every_instruction_touches_comes_first() -> None:
    assert REGIONS[: len(HOT)] == HOT
    assert set(HOT).isdisjoint({*STATES, "SCORES", "QUERY"})
    assert set(STATES) < set(REGIONS)


@pytest.mark.parametrize("name", ["FILE_ROWS", "LOSS_ROWS"])
def test_registers_beyond_what_a_word_can_name_are_refused(name: str) -> None:
    sizes = random_sizes(0, 2)
    sizes[name][1] = MOST_ROWS - 1
    place(sizes, 100)
    sizes[name][1] = MOST_ROWS
    with pytest.raises(RunFailed, match="registers"):
        place(sizes, 100)


@pytest.mark.parametrize("region", ["ACT", "W", "QUERY"])
def test_regions_beyond_an_offset_are_refused(region: str) -> None:
    sizes = random_sizes(0, 2)
    sizes[region][1] = MOST_FLOATS // WIDTH - 1
    place(sizes, 100)
    sizes[region][1] += 1
    with pytest.raises(RunFailed, match=r"network\.hidden"):
        place(sizes, 100)


def test_only_what_a_rule_reads_or_writes_has_rows() -> None:
    local, by_state, by_error = {"update": "w0"}, {"update": "s1", "s1": "w"}, {"update": "grad"}
    sizes = sizes_of(local, by_state, by_error)
    assert sizes["W"].tolist() == [NET.synapses] * 3
    assert sizes["S1"].tolist() == [0, NET.synapses, 0]
    assert not sizes["S2"].any()
    assert sizes["ERR"].tolist() == [0, 0, NET.nodes * 2]
    assert not sizes["LOSS_FILE"].any()
    assert not sizes["LOSS_CODE"].any()
    with_loss = sizes_of(local, loss="square(output - target)")
    assert all(with_loss[name].all() for name in ("LOSS_FILE", "LOSS_CODE", "LOSS_WORDS", "LOSS_ROWS"))


def test_a_state_that_is_written_but_never_read_has_rows_too() -> None:
    assert sizes_of({"update": "grad", "s2": "w"})["S2"].tolist() == [NET.synapses]


def test_recurrent_nets_keep_the_trial_before() -> None:
    once, twice = sizes_of({"update": "pre"}, batch=1), sizes_of({"update": "pre"}, batch=1, recurrent=True)
    assert twice["ACT"].tolist() == [2 * size for size in once["ACT"].tolist()]


def test_rows_grow_with_what_they_are_for() -> None:
    rule = {"update": "c0*grad + sin(w)*age"}
    base = sizes_of(rule, loss="square(output)*exp(target)")
    teams, batch = (sizes_of(rule, loss="square(output)*exp(target)", **{name: 8}) for name in ("teams", "batch"))
    block = sizes_of(rule, loss="square(output)*exp(target)", block=40)
    for region in (*REGIONS, *SIZES):
        assert (teams[region] == base[region] * (2 if region in ("FILE", "LOSS_FILE") else 1)).all(), region
        assert (batch[region] == base[region] * (4 if region in ("ACT", "ERR") else 1)).all(), region
        assert (block[region] == base[region] * (2 if region in ("SCORES", "QUERY") else 1)).all(), region


def test_a_program_by_itself_has_tiles_for_all_that_it_reads() -> None:
    rules = ["c0*c1*pre", "0.5*pre + w", "0.0"]
    none = np.zeros((0, NET.synapses), np.float32)
    programs = [compile_rule({"update": parse(text)}) for text in rules]
    packed = pack(batch_of([Phenotype(NET, p, None, none[:, 0], none) for p in programs]), None, WIDTH)
    sizes = answer_sizes(packed.genomes, 3)
    assert set(sizes) == {*REGIONS, *SIZES}
    rows = [TILE * (len(p.reads) + p.n_rows + p.n_tiles) + len(p.constants) for p in programs]
    assert sizes["FILE_ROWS"].tolist() == rows
    assert sizes["FILE"].tolist() == [3 * each for each in rows]
    assert not any(sizes[name].any() for name in REGIONS if name not in ("CODE", "WORDS", "FILE"))
