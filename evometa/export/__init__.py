"""Exports: a learner as code, formula, network or data that works without evometa.

    from evometa.export import export

    export(evometa.load("runs/digits-1").champion, "torch", "rule.py")

What a format cannot hold is refused with an InputError that says why, and which formats can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from evometa.errors import InputError
from evometa.system.arguments import FLAG, LEARNER, PATH, TEXT, takes
from evometa.system.disk import check_output, write_whole

if TYPE_CHECKING:
    from evometa.presentation.learner import Learner


@dataclass(frozen=True)
class Format:
    """One format: the module and function that write it, what it is, whether it can hold trained weights, and whether
    it can hold learners with an external memory."""

    module: str
    function: str
    meaning: str
    weights: bool = False
    memory: bool = False


FORMATS: dict[str, Format] = {
    "python": Format(
        "python_file", "python_file", "one readable file that needs NumPy only and tests itself", memory=True
    ),
    "torch": Format("torch_file", "torch_file", "an optimizer (gradient rules) or a module with plastic layers"),
    "optax": Format("optax_file", "optax_file", "a gradient transformation (gradient rules)"),
    "latex": Format("latex_file", "latex_file", "the rule as formulas", memory=True),
    "onnx": Format("onnx_file", "onnx_file", "the innate or a trained network, for any runtime", weights=True),
    "networkx": Format("graph_files", "networkx_file", "the network as node-link JSON", weights=True, memory=True),
    "graphml": Format("graph_files", "graphml_file", "the network as GraphML", weights=True, memory=True),
    "json": Format("json_file", "json_file", "everything that is known of the individual", memory=True),
}


@takes(learner=LEARNER, format=TEXT, out=PATH, trained=FLAG, force=FLAG)
def export(
    learner: Learner, format: str, out: str | Path | None = None, *, trained: bool | None = None, force: bool = False
) -> Path | str:
    """Write a learner in a format; return the file's path, or the text where `out` is not given.

    `trained`: for formats of networks, weights as learned on the first held-out task of the run, instead of innate
    ones; `force`: a file that is there already is replaced. Raises InputError for an unknown format, a learner that
    the format cannot hold, a binary format without `out`, and a file that cannot be written.
    """
    from evometa.export.subject import Subject

    found = FORMATS.get(format)
    if found is None:
        close = get_close_matches(format, FORMATS, n=1, cutoff=0.5)
        nearest = f"Nearest: {close[0]}." if close else ""
        raise InputError(f"a format ({', '.join(FORMATS)})", repr(format), "export", nearest)
    if learner.settings.network.memory.slots and not found.memory:
        able = ", ".join(name for name, one in FORMATS.items() if one.memory)
        expected = f"a format that knows external memories ({able})"
        raise InputError(expected, format, "export", "The file of python takes a sequence step by step.")
    if learner.settings.searches:
        expected, remedy = "a learner: habits of searches have no format", "Use them: --set habits.from=RUN."
        raise InputError(expected, "habits", "export", remedy)
    if trained is not None and not found.weights:
        able = ", ".join(name for name, one in FORMATS.items() if one.weights)
        raise InputError(f"a format with weights ({able})", format, "export of a trained network")
    if out is None and format == "onnx":
        raise InputError("a file to write a binary format to", "none", "export to onnx", "Give one: --out FILE.")
    if out is not None:
        check_output(Path(out), replace=force)  # before what may take long
    write: Callable[..., str | bytes] = getattr(import_module(f"evometa.export.{found.module}"), found.function)
    options = {} if trained is None else {"trained": trained}
    content = _agent_text(learner, format) if learner.settings.acts else write(Subject(learner), **options)
    if out is None:
        assert isinstance(content, str)
        return content
    write_whole(Path(out), content.encode() if isinstance(content, str) else content, replace=force)
    return Path(out)


def _agent_text(learner: Learner, format: str) -> str:
    """Return a learner that acts in a format; InputError names the one that knows such learners."""
    from evometa.export.agent_file import agent_file

    if format != "python":
        raise InputError("python, the format that knows learners that act", format, "export")
    return agent_file(learner.agent())
