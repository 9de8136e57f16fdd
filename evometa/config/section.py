"""What all parts of the configuration share: a strict, frozen base model, and words for types and values."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from evometa.config.reals import HUGE, in_float32
from evometa.errors import InputError


class Section(BaseModel):
    """One table of settings: frozen, all keys known, nothing converted ("5" is not 5; true is not 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a list of names; InputError where one is there twice."""
    if twice := [value for value, number in Counter(values).items() if number > 1]:
        raise InputError("each name once", f"{cut(str(twice[0]))} twice", "", "Remove one.")
    return values


def with_tuples(data: Any) -> Any:
    """Return parsed TOML or JSON with every array as a tuple, as a strict, frozen model wants it."""
    if isinstance(data, dict):
        return {key: with_tuples(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return tuple(with_tuples(value) for value in data)
    return data


def visible(text: str) -> str:
    """Return text without control characters and half characters, which stand there as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cut(text: str) -> str:
    """Return a line's length of a text, visibly."""
    return visible(text) if len(text) <= 60 else visible(text[:57]) + "..."


def show(value: Any) -> str:
    """Write a value as TOML would, cut to a line's length."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, int):
        text = str(value) if abs(value) < 10**60 else "a number of more than 60 digits"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, (tuple, list)):
        text = f"[{', '.join(show(v) for v in value)}]"
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key} = {show(v)}" for key, v in value.items()) + "}"
    else:
        text = str(value)
    return cut(text)


def describe(field: FieldInfo) -> str:
    """Say in words what a key may hold, for example "a whole number from 2 to 1000000"."""
    return _words(field.annotation, list(field.metadata))


def limits(model: type[BaseModel], key: str) -> tuple[Any, Any]:
    """Return the least and the greatest value of a key, both allowed; None where there is none."""
    found = model.model_fields[key].metadata
    return _bound(found, "ge"), _bound(found, "le")


def _words(annotation: Any, metadata: list[Any]) -> str:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(args[0], [*_constraints(args[1:]), *metadata])
    if origin is Literal:
        return "one of " + ", ".join(show(a) for a in args) if len(args) > 1 else show(args[0])
    if origin in (Union, types.UnionType):
        return " or ".join(_words(a, metadata) for a in args if a is not type(None))
    if origin in (tuple, list):
        return f"{_length(metadata)} ({_words(args[0], [])} each)"
    if origin is dict:
        return f"a table ({_words(args[0], [])} = {_words(args[1], [])})"
    nouns = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return nouns.get(annotation, "a table") + _range(metadata)


def _constraints(metadata: tuple[Any, ...]) -> list[Any]:
    """Flatten `Field(ge=1)` inside an Annotated into its single constraints."""
    return [c for m in metadata for c in (m.metadata if isinstance(m, FieldInfo) else [m])]


def _bound(metadata: list[Any], name: str) -> Any:
    return next((getattr(m, name) for m in metadata if getattr(m, name, None) is not None), None)


def _length(metadata: list[Any]) -> str:
    low, high = _bound(metadata, "min_length"), _bound(metadata, "max_length")
    if low and high:
        return f"a list of {low} to {high}"
    return f"a list of at least {low}" if low else f"a list of at most {high}" if high else "a list"


def _range(metadata: list[Any]) -> str:
    low, high = _bound(metadata, "ge"), _bound(metadata, "le")
    if in_float32 in (getattr(m, "func", None) for m in metadata):
        high = HUGE if high is None else high
        low = -HUGE if low is None and _bound(metadata, "gt") is None else low
    if low is not None and high is not None:
        return f" from {_digits(low)} to {_digits(high)}"
    words = (
        ("of at least", low),
        ("above", _bound(metadata, "gt")),
        ("of at most", high),
        ("below", _bound(metadata, "lt")),
    )
    return " and".join(f" {word} {_digits(value)}" for word, value in words if value is not None)


def _digits(value: float) -> str:
    """Write a bound as TOML takes it, in groups of three digits."""
    if isinstance(value, int):
        return f"{value:_}"
    return f"{int(value):_}" if value == int(value) and abs(value) < 1e15 else f"{value:g}"
