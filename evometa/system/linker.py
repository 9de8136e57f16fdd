"""How compiled functions call each other: by their symbols, each compiled once.

Numba would put a copy of whatever a function calls, and of what that calls, into the function's own code, and optimize
and emit it there once more: a kernel of many layers was compiled as often as it has layers.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Symbol(NamedTuple):
    """A compiled function: where it is defined, for which arguments, and its name for the linker."""

    module: str
    function: str
    arguments: tuple[Any, ...]
    name: str


_SYMBOLS: dict[str, Symbol] = {}  # of this process, by their names


def separate(dispatcher: Any) -> None:
    """Let compiled code call what this dispatcher compiles by its symbol, instead of having a copy of it."""
    from numba.core.sigutils import normalize_signature

    compile_whole, context, known = dispatcher.compile, dispatcher.targetctx, set()

    def compile_separately(signature: Any) -> Any:
        entry = compile_whole(signature)
        arguments = tuple(normalize_signature(signature)[0])
        result = dispatcher.overloads[arguments]
        if arguments not in known:
            known.add(arguments)
            function, name = dispatcher.py_func, result.fndesc.llvm_func_name
            _SYMBOLS[name] = Symbol(function.__module__, function.__qualname__, arguments, name)
            context.remove_user_function(entry)
            context.insert_user_function(entry, result.fndesc)  # without a library to be copied
        return entry

    dispatcher.compile = compile_separately


def symbols(library: Any) -> list[Symbol]:
    """Return what a library, compiled just now, calls by symbols."""
    declared = (function.name for function in library._final_module.functions if function.is_declaration)
    return [_SYMBOLS[name] for name in declared if name in _SYMBOLS]


def resolve(symbol: Symbol) -> bool:
    """Compile or load a function that is called by its symbol; whether it has the same one in this process."""
    function = getattr(import_module(symbol.module), symbol.function)
    function.dispatcher.compile(symbol.arguments)
    return function.dispatcher.overloads[symbol.arguments].fndesc.llvm_func_name == symbol.name
