"""The CUDA text as one piece: numbers that Python and CUDA share, the generated switch, and the kernels.

It is handed to the compiler as a whole, because CuPy's cache of compiled kernels knows the text that it was given,
not the files which that text includes.
"""

from __future__ import annotations

from pathlib import Path

from evometa.language.signals import COEFFICIENTS, PLASTICITY, SIGNALS
from evometa.lifetime import DIVERGED, columns
from evometa.lifetime.cuda.schedule import TILE, Schedules
from evometa.lifetime.cuda.shared_memory import LOSS_READS, LOSS_WIDE, REGIONS, SIZES, WIDE, WIDTH

FILES = (
    "generated_switch.cuh",
    "generated_nodes.cuh",
    "interpreter.cuh",
    "life.cuh",
    "trial.cuh",
    "rule.cuh",
    "lifetime.cu",
)
OPTIONS = ("-std=c++17", "--fmad=false")  # nothing may be fused but what says fmaf

KERNELS = ("evometa_live", "evometa_answers")

MOST_TEAMS = 16  # with 128 registers a thread, all that a multiprocessor has
EXAMPLES = 5  # whose sums one thread keeps in registers while a node's synapses pass
EXTRAS = (*Schedules.COLUMNS, *REGIONS, *SIZES)  # columns of a genome's second row


def preamble() -> str:
    """Return the numbers that both sides must agree on, as CUDA constants."""
    numbers = {name: value for name, value in vars(columns).items() if name.isupper() and name != "COLUMNS"}
    signals = {"PRE": "pre", "POST": "post", "TARGET": "target", "ERR": "err", "GRAD": "grad", "W": "w", "W0": "w0"}
    signals |= {"S1": "s1", "S2": "s2", "REWARD": "reward", "AGE": "age", "C0": "c0", "P0": "p0", "OUTPUT": "output"}
    lines = [
        *_enum("", {
            "WIDTH": WIDTH, "TILE": TILE, "EXAMPLES": EXAMPLES, "MOST_TEAMS": MOST_TEAMS, "DIVERGED": DIVERGED,
            "COEFFICIENT_COUNT": len(COEFFICIENTS), "PLASTICITY_COUNT": len(PLASTICITY),
        }),
        *_enum("column", {**numbers, "COUNT": columns.COLUMNS}),
        *_enum("extra", {**{name: i for i, name in enumerate(EXTRAS)}, "COUNT": len(EXTRAS)}),
        *_enum("signal", {**{name: SIGNALS[s].register for name, s in signals.items()}, "COUNT": len(SIGNALS)}),
        f"const long long WIDE = {WIDE}, LOSS_WIDE = {LOSS_WIDE}, LOSS_READS = {LOSS_READS};",
        "#ifndef UNROLL",
        '#define UNROLL _Pragma("unroll")',
        "#endif",
    ]  # fmt: skip
    return "namespace evometa {\n" + "\n".join(lines[:-4]) + f"\n{lines[-4]}\n}}\n" + "\n".join(lines[-3:]) + "\n"


def source() -> str:
    """Return the whole CUDA text."""
    folder = Path(__file__).parent
    parts = [f'#line 1 "{name}"\n' + (folder / name).read_text(encoding="utf-8") for name in FILES]
    return preamble() + "".join(parts)


def _enum(namespace: str, values: dict[str, int]) -> list[str]:
    body = "enum { " + ", ".join(f"{name} = {value}" for name, value in values.items()) + " };"
    return [f"namespace {namespace} {{ {body} }}" if namespace else body]
