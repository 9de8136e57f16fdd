"""The CUDA text as one piece: numbers that Python and CUDA share, the generated switch, and the kernels.

It is handed to the compiler as a whole, because CuPy's cache of compiled kernels knows the text that it was given,
not the files which that text includes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evometa.language.adjoint import ADJOINTS
from evometa.language.numbering import LOOKUP
from evometa.language.signals import COEFFICIENTS, INPUTS, PLASTICITY, SEEDS, SIGNALS, TEACHING
from evometa.lifetime import DIVERGED, FIXED, SILENT, columns, slopes
from evometa.lifetime.cuda import game, staging, tape
from evometa.lifetime.cuda.comparing import BY_CLASS, SOLVES
from evometa.lifetime.cuda.device import (
    GAME_NUMBERS,
    NUMBERS,
    READ,
    READ_GAME,
    READ_STAGE,
    READ_SUMS,
    REALS,
    SLOPE_NUMBERS,
    STAGE_NUMBERS,
    STAGE_REALS,
    WRITTEN,
    WRITTEN_GAME,
    WRITTEN_SUMS,
)
from evometa.lifetime.cuda.schedule import TILE, Schedules
from evometa.lifetime.cuda.shared_memory import LOSS_READS, LOSS_WIDE, REGIONS, SIZES, WIDE, WIDTH
from evometa.lifetime.memory import GATES, HELD, LEAST
from evometa.lifetime.teaching import INSISTENCE, RARE
from evometa.spec import ACTIVATIONS, GRU
from evometa.spec.acting import FAULTY, MEASURES
from evometa.spec.arrays import Row
from evometa.spec.comparisons import ABSENT, EPSILON, ROUNDING
from evometa.spec.states import GATE, LANE_RULE, RULE, SYNAPSE, TEACHER_RULE
from evometa.spec.teaching import RESULTS

SHARED = ("generated_switch.cuh", "generated_nodes.cuh", "interpreter.cuh", "life.cuh", "memory.cuh", "keys.cuh",
          "ridge.cuh", "comparison.cuh", "ridge_adjoint.cuh", "comparison_adjoint.cuh", "trial.cuh", "queries.cuh",
          "rule.cuh", "learning.cuh")  # fmt: skip
BACKWARDS = ("tape.cuh", "adjoint_sweeps.cuh", "adjoint_ridge.cuh", "adjoint_comparison.cuh", "adjoint_memory.cuh",
             "adjoint_steps.cuh", "adjoint_rule.cuh", "adjoint_queries.cuh", "descent.cu")  # fmt: skip
TICKS = ("world.cuh", "choice.cuh", "tick.cuh")
MODULES = {
    "lifetime": ("lifetime.cu",),
    "descent": BACKWARDS,
    "acting": (*TICKS, "acting.cu"),
    "teaching": (*TICKS, "examination.cuh", "teaching.cu"),
}
# all but the first are compiled when first asked for
FILES = tuple(dict.fromkeys((*SHARED, *(file for files in MODULES.values() for file in files))))
OPTIONS = ("-std=c++17", "--fmad=false")  # nothing may be fused but what says fmaf

KERNELS = {
    "lifetime": ("evometa_live", "evometa_answers"),
    "descent": ("evometa_descend",),
    "acting": ("evometa_act",),
    "teaching": ("evometa_teach",),
}  # of each module

MOST_TEAMS = 16  # with 128 registers a thread, all that a multiprocessor has
EXAMPLES = 5  # whose sums one thread keeps in registers while a node's synapses pass
EXTRAS = (
    *Schedules.COLUMNS,
    *REGIONS,
    *SIZES,
    *tape.NAMES,
    *staging.OWN,
    *game.OWN,
)  # columns of a genome's second row


def preamble() -> str:
    """Return the numbers that both sides must agree on, as CUDA constants."""
    numbers = {name: value for name, value in vars(columns).items() if name.isupper() and name != "COLUMNS"}
    lines = [
        "namespace evometa {",
        *_enum("", {
            "WIDTH": WIDTH, "TILE": TILE, "EXAMPLES": EXAMPLES, "MOST_TEAMS": MOST_TEAMS, "DIVERGED": DIVERGED,
            "COEFFICIENT_COUNT": len(COEFFICIENTS), "PLASTICITY_COUNT": len(PLASTICITY), "STATES": len(SYNAPSE),
            "GATE": GATE, "SILENT": SILENT, "FIXED": FIXED, "TREE": slopes.BLOCK,
            "BY_CLASS": BY_CLASS, "SOLVES": SOLVES, "GATES": GATES,
            "FAULTY": FAULTY, "LOOKUP": LOOKUP, "LANE_SLOTS": len(LANE_RULE), "LANE_SIGNALS": len(staging.OF_LANES),
            "TEACHER_SLOTS": len(TEACHER_RULE), "SEEN_SIGNALS": len(TEACHING), "RESULT_COUNT": len(RESULTS),
            "TANH": ACTIVATIONS.code("tanh"), "SIGMOID": ACTIVATIONS.code("sigmoid"), "GRU": GRU,
        }),
        *_enum("column", {**numbers, "COUNT": columns.COLUMNS}),
        *_enum("extra", {**{name: i for i, name in enumerate(EXTRAS)}, "COUNT": len(EXTRAS)}),
        *_enum("signal", {**{name.upper(): s.register for name, s in INPUTS.items()}, "COUNT": len(INPUTS)}),
        *_enum("adjoint", {**{name.upper(): i for i, name in enumerate(ADJOINTS)}, "COUNT": len(ADJOINTS)}),
        *_enum("lane", {**{name.upper(): i for i, name in enumerate(staging.LANE)}, "COUNT": len(staging.LANE)}),
        *_enum("agent", {**{name: i for i, name in enumerate(staging.NUMBERS)}, "COUNT": staging.NUMBER_COUNT}),
        *_enum("input", staging.WORLD_INPUTS),
        *_enum("gives", staging.WORLD_GIVES),
        *_enum("measure", {**{row.name.upper(): i for i, row in enumerate(MEASURES.values())}, "COUNT": len(MEASURES)}),
        *_enum("fact", {**{name.upper(): i for i, name in enumerate(game.FACTS)}, "COUNT": len(game.FACTS)}),
        *_enum("pupil", {**{name: i for i, name in enumerate(game.PUPIL)}, "COUNT": len(game.PUPIL)}),
        _lookup("fact_of", [game.FACTS.index(name) if name in game.FACTS else -1 for name in TEACHING]),
        _lookup("signal_of", [SIGNALS[state.name].register for state in SYNAPSE]),
        _lookup("seed_of", [SEEDS[f"d_{slot}"].register for slot in RULE]),
        _lookup("adjoint_of", [ADJOINTS.index(state.name) for state in SYNAPSE]),
        *(_lookup(f"born_{born}", [int(state.born == born) for state in SYNAPSE]) for born in ("innate", "open")),
        f"const long long WIDE = {WIDE}, LOSS_WIDE = {LOSS_WIDE}, LOSS_READS = {LOSS_READS};",
        f"const long long LANE_READS = {staging.READS};",
        f"const long long TEACHER_READS = {game.READS}, TEACHER_WIDE = {game.WIDE};",
        f"const float NEVER = 1.0f / 0.0f, INSISTENCE = {INSISTENCE!r}f, OFTEN = {1 - RARE!r}f, SELDOM = {RARE!r}f;",
        f"const long long LOSS_SEED = {tape.LOSS_SEED};",
        f"const float ABSENT = {ABSENT!r}f, EPSILON = {EPSILON!r}f, ROUNDING = {ROUNDING!r}f, LEAST = {LEAST!r}f;",
        f"const float LOW = {HELD[0]!r}f, HIGH = {HELD[1]!r}f;",
        *_struct("Batch", READ, WRITTEN, NUMBERS, REALS),
        *_struct("Slopes", READ_SUMS, WRITTEN_SUMS, SLOPE_NUMBERS),
        *_struct("Stage", READ_STAGE, {}, STAGE_NUMBERS, STAGE_REALS),
        *_struct("Game", READ_GAME, WRITTEN_GAME, GAME_NUMBERS),
        "}",
        "#ifndef UNROLL",
        '#define UNROLL _Pragma("unroll")',
        "#endif",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def source(*modules: str) -> str:
    """Return the CUDA text of some of MODULES, or of all."""
    folder = Path(__file__).parent
    files = dict.fromkeys((*SHARED, *(file for module in modules or MODULES for file in MODULES[module])))
    parts = [f'#line 1 "{name}"\n' + (folder / name).read_text(encoding="utf-8") for name in files]
    return preamble() + "".join(parts)


def _struct(name: str, read: dict[str, Row], written: dict[str, Row], numbers: Sequence[str],
            reals: Sequence[str] = ()) -> list[str]:  # fmt: skip
    """Return what the host hands over, the twin of BATCH or of SLOPES."""
    kinds = {np.dtype(np.int64): "long long", np.dtype(np.int32): "int", np.dtype(np.uint8): "unsigned char",
             np.dtype(np.float32): "float"}  # fmt: skip
    arrays = [f"  const {kinds[row.dtype]} *{name};  // {row}" for name, row in read.items()]
    arrays += [f"  {kinds[row.dtype]} *{name};  // {row}" for name, row in written.items()]
    arrays.append(f"  long long {', '.join(numbers)};")
    return [f"struct {name} {{", *arrays, *([f"  double {', '.join(reals)};"] if reals else []), "};"]


def _enum(namespace: str, values: dict[str, int]) -> list[str]:
    body = "enum { " + ", ".join(f"{name} = {value}" for name, value in values.items()) + " };"
    return [f"namespace {namespace} {{ {body} }}" if namespace else body]


def _lookup(name: str, values: Sequence[int]) -> str:
    """Return a function of the number of a state of synapses."""
    numbers = ", ".join(map(str, values))
    return f"__device__ inline int {name}(int state) {{ const int of[] = {{{numbers}}}; return of[state]; }}"
