"""Texts of the tables of activations, heads and credit modes (evometa/spec) for every backend; see generate.py.

Each column of a table becomes a function with a case for each row, by its position (Numba, CUDA), or a dictionary of
functions by name (NumPy, outputs on the first axis).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from evometa.language.node_columns import Column, columns
from evometa.language.reductions import loops, spell, whole
from evometa.spec import CREDITS, HEADS, SCORES
from evometa.spec.heads import Head
from evometa.spec.table import Table

_WHOLE = {"sum": "in_order(a)", "max": "largest(a)", "first": "first_largest(a)"}


def numpy_text(header: str, heads: Table[Head] = HEADS) -> str:
    """Return the functions of whole arrays."""
    lines = [
        f'"""Activations, heads and credit modes in NumPy, outputs on the first axis ({header})."""',
        "", "# ruff: noqa", "from __future__ import annotations", "", "from collections.abc import Callable",
        "from typing import Any", "",
        "from evometa.language.generated_numpy import exp_f, log_f, sigmoid_f, tanh_f",
        "from evometa.language.native import F, fabs, first_largest, in_order, largest, select",
        "", "Functions = dict[str, Callable[..., Any]]",
    ]  # fmt: skip
    tables: list[str] = []
    for column in columns(heads):
        for _, row, text in column.texts:
            lines += ["", "", *_whole(column, row, text)]
        entries = ", ".join(f'"{row}": {column.name}_{row}' for _, row, _ in column.texts)
        tables += ["", f"{column.name.upper()}: Functions = {{{entries}}}"]
    scores = ", ".join(f'"{name}": SCORE_{name.upper()}' for name in SCORES)
    return "\n".join([*lines, "", *tables, "", f"SCORE: dict[str, Functions] = {{{scores}}}"]) + "\n"


def _whole(column: Column, row: str, text: str) -> list[str]:
    scores = {name: f"score_{name}_{row}(y, t)" for name in SCORES}
    statements, result = whole(text, {**_WHOLE, "O": f"F(len({column.reads[0]}))", **scores})
    head = f"def {column.name}_{row}({', '.join(f'{name}: Any' for name in column.reads)}) -> Any:"
    return [head, f'    """{column.meaning}."""', *_indented([*statements, f"return {result}"])]


class _Numba:
    """Sixteen lanes at a time, in a flat arena; an array is the offset of its first row."""

    value = staticmethod(str)

    def place(self, column: Column, name: str) -> str:
        return name + " + i" * bool(column.writes) + " + o * step" * column.over

    def read(self, place: str) -> str:
        return f"load(arena, {place})"

    def write(self, place: str, value: str) -> str:
        return f"store(arena, {place}, {value})"

    def set(self, name: str, value: str, new: bool = False) -> str:
        return f"{name} = {value}"

    def give(self, value: str) -> str:
        return f"return {value}"

    def loop(self, start: int, body: list[str]) -> list[str]:
        return [f"for o in range({start}, outputs):", *_indented(body)]

    def case(self, column: Column, rows: Mapping[int, str], body: list[str]) -> list[str]:
        inner = ["for i in range(0, span, LANES):", *_indented(body)] if column.writes else body
        return [
            f"if {' or '.join(f'kind == {code}' for code in rows)}:  # {', '.join(rows.values())}",
            *_indented(inner),
        ]

    def call(self, score: str) -> str:
        return f"score_{score}(arena, kind, y, t, outputs, step)"

    def function(self, column: Column, cases: list[str]) -> list[str]:
        arguments = ["kind", *column.arrays, *["outputs", "step"] * column.over, *["span"] * bool(column.writes)]
        head = f"def {column.name}(arena: Any, {', '.join(f'{name}: int' for name in arguments)})"
        return [
            f'@njit(error_model="numpy", nogil=True, {"cache" if column.writes else "forceinline"}=True)',
            f"{head} -> {'None' if column.writes else 'Any'}:",
            *_indented([f'"""{column.meaning}."""', *cases, *(["return F(0.0)"] * (not column.writes))]),
        ]  # fmt: skip


class _Cuda:
    """One lane's numbers of one example; an array is the address of its first."""

    def value(self, text: str) -> str:
        return re.sub(r"F\((\w+)\)", r"(float)\1", re.sub(r"F\(([-+0-9.e]*[.e][-+0-9e]*)\)", r"\1f", text))

    def place(self, column: Column, name: str) -> str:
        return f"{name}[o * {'WIDTH' if name == 't' else 'step'}]" if column.over else name

    def read(self, place: str) -> str:
        return place

    def write(self, place: str, value: str) -> str:
        return f"{place} = {value};"

    def set(self, name: str, value: str, new: bool = False) -> str:
        return f"{'float ' * new}{name} = {value};"

    def give(self, value: str) -> str:
        return f"return {value};"

    def loop(self, start: int, body: list[str]) -> list[str]:
        return [f"for (int o = {start}; o < outputs; o++) {{", *_indented(body), "}"]

    def case(self, column: Column, rows: Mapping[int, str], body: list[str]) -> list[str]:
        condition = " || ".join(f"kind == {code}" for code in rows)
        return [f"if ({condition}) {{  // {', '.join(rows.values())}", *_indented(body), "}"]

    def call(self, score: str) -> str:
        return f"score_{score}(kind, y, t, outputs, step)"

    def function(self, column: Column, cases: list[str]) -> list[str]:
        kind = "float*" if column.over else "float"
        arguments = ["int kind"]
        arguments += [f"{kind}{'&' * (not column.over)} {name}" if name == column.writes else f"const {kind} {name}"
                      for name in column.arrays]  # fmt: skip
        arguments += ["int outputs", "int step"] * column.over
        return [
            f"// {column.meaning}",
            f"__device__ inline {'void' if column.writes else 'float'} {column.name}({', '.join(arguments)}) {{",
            *_indented([*cases, *(["return 0.0f;"] * (not column.writes))]), "}",
        ]  # fmt: skip


def numba_text(header: str, heads: Table[Head] = HEADS) -> str:
    """Return the functions of rows of lanes."""
    lines = [
        f'"""Activations, heads and credit modes over rows of lanes, for Numba ({header}).', "",
        "An array is the offset of output 0's row in the arena; the others follow `step` behind each other. What is",
        'written is so for `span` lanes of examples; numbers are those of one example, in 16 lanes.', '"""', "",
        "# ruff: noqa", "from __future__ import annotations", "", "from typing import Any", "",
        "from evometa.lifetime.numba.generated_switch import exp_f, log_f, sigmoid_f, tanh_f",
        "from evometa.system.jit import njit",
        "from evometa.lifetime.numba.vector import LANES, F, fabs, load, select, store", "",
        *(f"{name} = {value}" for name, value in _constants().items()),
    ]  # fmt: skip
    for column in columns(heads):
        lines += ["", "", *_function(column, _Numba())]
    sums = [f"store(arena, sums + {i} * hop, load(arena, sums + {i} * hop) + {_Numba().call(name)})"
            for i, name in enumerate(SCORES)]  # fmt: skip
    lines += [
        "", "", '@njit(error_model="numpy", nogil=True, forceinline=True)',
        "def add_scores(arena: Any, kind: int, y: int, t: int, outputs: int, step: int, sums: int, hop: int) -> None:",
        *_indented(['"""Add all scores of one example to 16 lanes of their rows, which lie `hop` apart."""', *sums]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def cuda_text(header: str, heads: Table[Head] = HEADS) -> str:
    """Return the functions of one lane."""
    lines = [
        f"// Activations, heads and credit modes in CUDA C ({header}).", "//",
        "// Output o of an example is at `[o * step]`, its target at `[o * WIDTH]`.", "", "namespace evometa {", "",
        f"enum {{ {', '.join(f'{name} = {value}' for name, value in _constants().items())} }};",
    ]  # fmt: skip
    for column in columns(heads):
        lines += ["", *_function(column, _Cuda())]
    lines += [
        "", "// all scores of one example, `hop` apart",
        "__device__ inline void scores(int kind, const float* y, const float* t, int outputs, int step, float* into,",
        "                              int hop) {",
        *_indented(f"into[{i} * hop] = {_Cuda().call(name)};" for i, name in enumerate(SCORES)), "}",
    ]  # fmt: skip
    return "\n".join([*lines, "", "}  // namespace evometa"]) + "\n"


def _function(column: Column, dialect: _Numba | _Cuda) -> list[str]:
    """One column's function: a case for each text, which rows may share."""
    places = {name: dialect.place(column, name) for name in column.arrays}
    scores = {name: dialect.call(name) for name in SCORES}
    cases = []
    for text in dict.fromkeys(text for *_, text in column.texts):
        rows = {code: row for code, row, own in column.texts if own == text}
        if column.over:
            if column.name == "answer":
                places["y"] = places["z"]
            body = loops(text, dialect, places, scores, column.writes)
        else:
            value = spell(text, {name: dialect.read(place) for name, place in places.items()})
            body = [] if text == column.writes else [dialect.write(places[column.writes], dialect.value(value))]
        cases += dialect.case(column, rows, body) if body else []
    return dialect.function(column, cases)


def _constants() -> dict[str, int]:
    """Numbers that kernels need: of scores, and sets of credit modes, a bit for each.

    Errors of hidden nodes are the same for all; or go back through the weights, or through fixed ones.
    """
    rows = list(enumerate(CREDITS.values()))
    return {
        "SCORE_COUNT": len(SCORES),
        "SHARED_CREDIT": sum(1 << code for code, row in rows if row.hidden),
        "WEIGHT_CREDIT": sum(1 << code for code, row in rows if row.back == "w"),
        "FIXED_CREDIT": sum(1 << code for code, row in rows if row.fixed),
    }


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
