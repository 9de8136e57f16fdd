"""The CUDA text is whole: Python's numbers are its numbers, the kernels' argument is laid out alike on both sides."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from evometa.language.adjoint import ADJOINTS
from evometa.language.signals import ACTING, INPUTS, NODES, SEEDS, SIGNAL_COUNT, SIGNALS, TEACHING
from evometa.lifetime import DIVERGED, columns
from evometa.lifetime.cuda import game, staging, tape, text
from evometa.lifetime.cuda.device import BATCH, GAME, SLOPES, STAGE
from evometa.lifetime.cuda.schedule import TILE, Schedules
from evometa.lifetime.cuda.shared_memory import LOSS_READS, REGIONS, SIZES, WIDE, WIDTH
from evometa.spec.acting import MEASURES
from evometa.spec.states import LANE, SYNAPSE
from evometa.spec.teaching import RESULTS

SOURCE = text.source()
SIGNALS_OF_ALL = {name: signal.register for name, signal in INPUTS.items()}


def numbers_of(namespace: str) -> dict[str, int]:
    """Return the numbers of one of the preamble's lists."""
    found = re.search(rf"namespace {namespace} {{ enum {{ (.*?) }}; }}", SOURCE)
    assert found
    return {name: int(number) for name, number in re.findall(r"(\w+) = (-?\d+)", found[1])}


def test_columns_of_a_genome_are_those_of_python() -> None:
    expected = {name: number for name, number in vars(columns).items() if name.isupper()}
    expected["COUNT"] = expected.pop("COLUMNS")
    assert numbers_of("column") == expected
    assert sorted(expected.values()) == list(range(columns.COLUMNS + 1))  # each has a place of its own


def test_columns_of_the_second_row_are_named_once() -> None:
    names = [*Schedules.COLUMNS, *REGIONS, *SIZES, *tape.NAMES, *staging.OWN, *game.OWN]
    assert numbers_of("extra") == {**{name: place for place, name in enumerate(names)}, "COUNT": len(names)}
    assert len(set(names)) == len(names)


def test_a_lanes_numbers_have_places_of_their_own() -> None:
    found = numbers_of("lane")
    assert found.pop("COUNT") == len(found)
    registers = [SIGNALS_OF_ALL[name.lower()] for name in found]
    assert registers == sorted(registers)  # as a program's registers lie
    assert sorted(found.values()) == list(range(len(found)))
    of_lanes = [name for name in ACTING if name not in NODES]
    assert [found[name.upper()] - found["VALUE"] for name in of_lanes] == list(range(len(of_lanes)))
    own = numbers_of("agent")
    assert own.pop("COUNT") == max(own.values()) + len(MEASURES)
    assert sorted(own.values()) == list(range(len(own)))
    assert own["NEXT_2"] == own["NEXT"] + len(LANE) - 1


def test_facts_of_positions_are_told_from_what_teachers_see() -> None:
    facts, own = numbers_of("fact"), numbers_of("pupil")
    found = re.search(r"int fact_of\(int state\) { const int of\[\] = {(.*?)}", SOURCE)
    assert found
    assert [int(number) for number in found[1].split(",")] == [facts.get(name.upper(), -1) for name in TEACHING]
    assert list(own)[: len(RESULTS)] == [name.upper() for name in RESULTS]  # as results are written
    assert [SIGNALS_OF_ALL[name] - SIGNALS_OF_ALL["gap"] for name in TEACHING] == list(range(len(TEACHING)))


def test_adjoints_are_places_of_outputs() -> None:
    expected = {**{name.upper(): place for place, name in enumerate(ADJOINTS)}, "COUNT": len(ADJOINTS)}
    assert numbers_of("adjoint") == expected


def test_signals_are_registers() -> None:
    found = numbers_of("signal")
    assert found.pop("COUNT") == SIGNAL_COUNT
    assert found == {name.upper(): signal.register for name, signal in INPUTS.items()}


def test_states_are_born_and_read_as_their_rows_say() -> None:
    for function, expected in (
        ("signal_of", [SIGNALS[state.name].register for state in SYNAPSE]),
        ("seed_of", [SEEDS[f"d_{state.slot}"].register for state in SYNAPSE]),
        ("adjoint_of", [ADJOINTS.index(state.name) for state in SYNAPSE]),
        ("born_innate", [int(state.born == "innate") for state in SYNAPSE]),
    ):
        found = re.search(rf"int {function}\(int state\) {{ const int of\[\] = {{(.*?)}}", SOURCE)
        assert found
        assert [int(number) for number in found[1].split(",")] == expected


@pytest.mark.parametrize(
    "name, number",
    [("WIDTH", WIDTH), ("TILE", TILE), ("DIVERGED", DIVERGED), ("EXAMPLES", text.EXAMPLES), ("STATES", len(SYNAPSE)),
     ("MOST_TEAMS", text.MOST_TEAMS), ("WIDE", WIDE), ("LOSS_READS", LOSS_READS)],
)  # fmt: skip
def test_a_number_of_python_is_one_of_the_text(name: str, number: int) -> None:
    assert re.search(rf"\b{name} = {number}\b", text.preamble())


@pytest.mark.parametrize("name, kind", [("Batch", BATCH), ("Slopes", SLOPES), ("Stage", STAGE), ("Game", GAME)])
def test_the_kernels_arguments_have_the_fields_of_python_in_their_order(name: str, kind: np.dtype[np.void]) -> None:
    found = re.search(rf"struct {name} {{(.*?)}};", SOURCE, re.DOTALL)
    assert found
    fields = re.findall(r"(\w+)\s*[,;]", re.sub(r"//.*", "", found[1]))
    assert fields == list(kind.names or ())
    assert kind.itemsize == 8 * len(kind.names or ())  # nothing between them
    assert all(np.dtype(kind[name]).itemsize == 8 for name in kind.names or ())


def test_every_file_is_in_the_text_once_and_says_where_an_error_is() -> None:
    folder = Path(text.__file__).parent
    assert sorted(path.name for path in folder.glob("*.cu*")) == sorted(text.FILES)
    places = [SOURCE.index(f'#line 1 "{name}"\n') for name in text.FILES]
    assert places == sorted(places)
    for name in text.FILES:
        assert SOURCE.count(f'#line 1 "{name}"\n') == 1
        assert (folder / name).read_text(encoding="utf-8") in SOURCE
    assert "#include" not in SOURCE.replace("#include <", "")  # files that the compiler could not find


def test_every_kernel_is_there_and_nothing_may_be_fused() -> None:
    for module, kernels in text.KERNELS.items():
        for kernel in kernels:
            found = rf'extern "C" __global__ void __launch_bounds__\([^;]*\)\s+{kernel}\('
            assert [re.search(found, text.source(each)) is not None for each in text.MODULES] == [
                each == module for each in text.MODULES
            ]
    assert "--fmad=false" in text.OPTIONS
    assert not any("fast" in option or "ftz" in option for option in text.OPTIONS)
