"""The templates of code files: `templates/NAME.jinja`, read as the file that comes out of each."""

from __future__ import annotations

from functools import cache
from typing import Any

from evometa.errors import InputError
from evometa.export.spelling import block, call, docstring, keywords, number, wrapped


def render(name: str, **values: Any) -> str:
    """Return the file that a template gives for these values. InputError without Jinja."""
    return str(environment().get_template(f"{name}.jinja").render(values)).rstrip() + "\n"


def source_of(name: str) -> str:
    """Return a template as it stands. InputError without Jinja."""
    loaded = environment()
    return str(loaded.loader.get_source(loaded, f"{name}.jinja")[0])


@cache
def environment() -> Any:
    """Jinja, set for code: the line of a statement leaves nothing, and a name that is not given is an error."""
    try:
        import jinja2
    except ImportError:
        remedy = 'Install it: pip install "evometa[export]".'
        raise InputError("the package jinja2", "none", "export of code", remedy) from None
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("evometa.export"), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    found.globals |= {"block": block, "call": call, "keywords": keywords}
    found.filters |= {"docstring": docstring, "number": number, "wrapped": wrapped}
    return found
