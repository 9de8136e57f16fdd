"""How texts and numbers of a run are spelled in generated files, so that nothing in them can become code."""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evometa.errors.text import legible

WIDTH = 100  # columns of generated files
READABLE = 400  # numbers; longer arrays are written as base64 of little-endian bytes


def one_line(text: object) -> str:
    """Return a text as one legible line."""
    return str(legible(str(text)))


def docstring(text: str, indent: str = "") -> str:
    """Return a docstring that holds the text and nothing else.

    Backslashes are escaped, and quotes where two meet or a line ends: so no three of them do. Lines stay as they are.
    """
    lines = [one_line(line).rstrip().replace("\\", "\\\\") for line in text.strip("\n").split("\n")]
    lines = [re.sub(r'"(?="|$)', lambda _: r"\"", line) for line in lines]
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""'
    body = "\n".join(f"{indent}{line}" if line else "" for line in lines[1:])
    return f'{indent}"""{lines[0]}\n{body}\n{indent}"""'


def sentence(text: str) -> str:
    """Return a text that begins with a capital, unless it begins with a symbol, and ends with a full stop."""
    first = text.partition(" ")[0]
    text = text[:1].upper() + text[1:] if first.isalpha() and len(first) > 1 else text
    return f"{text.rstrip('.')}."


def wrapped(text: str, first: str = "", rest: str = "", width: int = WIDTH - 4) -> str:
    """Return a text broken into lines, the first after `first`, the others after `rest`."""
    found = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return "\n".join(found) or first.rstrip()


def number(value: float) -> str:
    """Return the shortest text that gives the same float32 again, as a Python float: `0.1`, `1e-05`, `nan`."""
    single = np.float32(value)
    short, long = str(single).replace("e+", "e"), repr(float(single)).replace("e+", "e")
    return short if len(short) < len(long) and np.float32(float(short)) == single else long


def block(head: str, values: NDArray[Any], tail: str = "", integer: str = "np.int32") -> str:
    """Return `head` + an array as a call of the function `numbers` or `packed` + `tail`.

    Few numbers are written as people write them, many as base64; `integer`: the type of whole numbers.
    """
    whole = np.issubdtype(values.dtype, np.integer)
    items = [] if values.ndim == 1 else [repr(values.shape)]
    items += [f"dtype={integer}"] if whole else []
    if values.size <= READABLE:
        words = [str(v) if whole else number(v).removesuffix(".0") for v in values.ravel().tolist()]
        reader, text = "numbers", wrapped(" ".join(words), width=WIDTH)
    else:
        stored = values.ravel().astype("<i4" if whole else "<f4").tobytes()
        reader, text = "packed", "\n".join(textwrap.wrap(base64.b64encode(stored).decode(), WIDTH))
    line = f"{head}{reader}({', '.join([json.dumps(text), *items])}){tail}"
    if "\n" not in text and len(line) <= WIDTH:
        return line
    if not items:
        return f'{head}{reader}("""\n{text}\n"""){tail}'
    indent = " " * (len(head) - len(head.lstrip()))
    rest = "".join(f"{indent}    {item},\n" for item in items)
    return f'{head}{reader}(\n{indent}    """\n{text}\n""",\n{rest}{indent}){tail}'


def call(head: str, items: Iterable[str | Literal[False]], tail: str = "") -> str:
    """Return `head(items)tail` in one line, or the items in one of their own, or in one each; False is none."""
    given = [item for item in items if item]
    inner, indent = ", ".join(given), " " * (len(head) - len(head.lstrip()))
    if len(line := f"{head}({inner}){tail}") <= WIDTH:
        return line
    if len(indent) + 4 + len(inner) > WIDTH:
        inner = f",\n{indent}    ".join(given) + ","
    return f"{head}(\n{indent}    {inner}\n{indent}){tail}"


def keywords(names: Iterable[str], given: Mapping[str, str] | str = "", prefix: str = "") -> list[str]:
    """Return `name=value` for each name: the value that is given (one text: for all), or the name after `prefix`."""
    values = given if isinstance(given, Mapping) else dict.fromkeys(names, given)
    return [f"{name}={values.get(name) or prefix + name}" for name in names]
