"""Estimators as files: an .npz of plain arrays and one JSON text; no pickle is written or ever read.

The text, `about`, holds parameters, labels that are text, names of features, and numbers; a SHA-256 over everything
lies beside it. An estimator that has learned nothing has its parameters alone.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator

from evometa.errors import InputError
from evometa.estimators.learning import Learned
from evometa.estimators.settings import ARRAYS, array, checked, plain
from evometa.genetics.topology import graph_from_json, graph_json
from evometa.language.program import birth_states
from evometa.lifetime.support import Support
from evometa.spec import HEADS
from evometa.spec.states import GATE, STATES, SYNAPSE
from evometa.system.disk import opened, replacement
from evometa.version import __version__

FORMAT, VERSION = "evometa estimator", 1
LARGEST = 1 << 30  # bytes that a file may unfold to
NUMBERS = {
    "seed": int,
    "passes": int,
    "updates": int,
    "length": int,
    "y_shift": float,
    "y_scale": float,
    "inherits": bool,
}
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, KeyError, TypeError),
    *(AttributeError, IndexError, NotImplementedError, RuntimeError, OverflowError, MemoryError),
)

Estimator = TypeVar("Estimator", bound=BaseEstimator)
Arrays = dict[str, Any]


def save(estimator: BaseEstimator, path: Path) -> None:
    """Write an estimator to exactly that file; one of that name is replaced at once and whole. Raises InputError."""
    arrays = contents(estimator)
    with replacement(path, replace=True) as scratch, scratch.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load(kind: type[Estimator], path: Path) -> Estimator:
    """Return the estimator of that kind that a file holds. Raises InputError for any other file."""
    try:
        return restored(kind, unpacked(path), str(path))
    except InputError:
        raise
    except DAMAGE as error:
        found = f"something else ({type(error).__name__}: {error})"
        raise InputError(f"a {kind.__name__} as save() writes it", found, str(path)) from None


def contents(estimator: BaseEstimator) -> Arrays:
    """Return all that an estimator is, as arrays by name. Raises InputError for what JSON cannot hold."""
    kind, parameters = type(estimator).__name__, estimator.get_params(deep=False)
    checked(parameters, kind)
    arrays: Arrays = {
        f"parameter {name}": found for name in ARRAYS if (found := array(parameters, name, kind)) is not None
    }
    about: dict[str, Any] = {"format": FORMAT, "version": VERSION, "evometa": __version__, "kind": kind}
    about["parameters"] = {name: plain(value) for name, value in parameters.items() if name not in ARRAYS}
    seed = about["parameters"]["random_state"]
    if not (seed is None or type(seed) is int):
        raise InputError("a whole number or None", str(seed), f"{kind}: random_state", "Set it before you save.")
    if hasattr(estimator, "learned_"):
        learned: Learned = estimator.learned_
        about["learned"] = {"head": learned.head, "graph": graph_json(learned.graph)}
        about["learned"] |= {name: getattr(learned, name) for name in NUMBERS}
        arrays |= {name: part[..., 0] for name, part in learned.state.items()}
        arrays |= {"innate": learned.innate, "shift": learned.shift, "scale": learned.scale}
        if hasattr(estimator, "support_"):
            arrays |= {f"support {name}": part for name, part in estimator.support_._asdict().items()}
        if hasattr(estimator, "feature_names_in_"):
            about["features"] = estimator.feature_names_in_.tolist()
        classes = getattr(estimator, "classes_", None)
        if classes is not None and classes.dtype == object:  # text: other objects are no labels for scikit-learn
            about["classes"] = [str(label) for label in classes]
        elif classes is not None:
            arrays["classes"] = classes
    return packed(arrays, about)


def restored(kind: type[Estimator], arrays: Arrays, where: str) -> Estimator:
    """Return the estimator of what `contents` gave. Raises InputError, or what a damaged content leads to."""
    about = json.loads(arrays["about"].tobytes())
    if about["kind"] != kind.__name__:
        raise InputError(f"a {kind.__name__}", f"a {about['kind']}", where, f"Use {about['kind']}.load.")
    parameters = {**about["parameters"], **{name: arrays.get(f"parameter {name}") for name in ARRAYS}}
    estimator = kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in parameters.items()})
    checked(parameters, where)
    if "learned" not in about:
        return estimator
    learned = _learned(about["learned"], arrays, where)
    classes = np.array(about["classes"], object) if "classes" in about else arrays.get("classes")
    if "embedding" in parameters:
        estimator.support_ = _support(arrays, learned.graph.outputs, 0 if classes is None else len(classes), where)
        estimator.classes_ = classes
    elif classes is not None:
        if classes.shape not in {(learned.graph.outputs,), (learned.graph.outputs + 1,)}:
            raise InputError(f"labels for {learned.graph.outputs} outputs", f"{classes.shape}", where)
        estimator.classes_ = classes
    estimator._accept(learned)
    estimator.n_features_in_ = learned.graph.inputs
    if "features" in about:
        estimator.feature_names_in_ = np.array(about["features"], object)
    return estimator


def _learned(told: dict[str, Any], arrays: Arrays, where: str) -> Learned:
    """Return what was learned. Raises InputError for arrays that do not belong to the network."""
    graph = graph_from_json(told["graph"], where)
    gate = SYNAPSE[GATE].name
    arrays = {gate: birth_states(arrays["innate"])[gate], **arrays}  # files of before there were gates: all are open
    synapses, inputs, streams = (graph.synapses,), (graph.inputs,), max(1, arrays["act"].shape[1])
    of = {"synapse": synapses, "node": (graph.nodes, streams)}
    shapes: dict[str, tuple[Any, tuple[int, ...]]] = {row.name: (np.float32, of[row.of]) for row in STATES.values()}
    shapes |= {"innate": (np.float32, synapses), "shift": (np.float64, inputs), "scale": (np.float64, inputs)}
    for name, (dtype, shape) in shapes.items():
        if (arrays[name].dtype, arrays[name].shape) != (dtype, shape):
            raise InputError(f"{name} of shape {shape}", f"{arrays[name].dtype} {arrays[name].shape}", where)
    numbers = {name: kind(told[name]) for name, kind in NUMBERS.items()}
    state = {name: arrays[name][..., None] for name in STATES}
    head = HEADS[told["head"]].name
    return Learned(graph, head, arrays["innate"], state, shift=arrays["shift"], scale=arrays["scale"], **numbers)


def _support(arrays: Arrays, depth: int, ways: int, where: str) -> Support:
    """Return what was kept of examples. Raises InputError for what does not belong to network or classes."""
    support = Support(*(arrays[f"support {name}"] for name in Support._fields))
    places, units = support.classes, support.units
    shapes = {"units": (depth, len(places)), "classes": places.shape, "counts": (len(places),)}
    for name, shape in shapes.items():
        found = getattr(support, name)
        if found.shape != shape or found.dtype != (np.float32 if name == "units" else np.int64):
            raise InputError(f"{name} of shape {shape}", f"{found.dtype} {found.shape}", where)
    if not (set(places.tolist()) == set(range(ways)) and support.counts.min() > 0 and np.isfinite(units).all()):
        raise InputError(f"examples of {ways} classes", "others", where)
    return support


def packed(arrays: Arrays, about: Mapping[str, Any]) -> Arrays:
    """Return arrays with what is said about them, and the digest of all."""
    whole = {**arrays, "about": np.frombuffer(json.dumps(about, allow_nan=False).encode(), np.uint8)}
    return {**whole, "digest": np.frombuffer(_digest(whole), np.uint8)}


def unpacked(path: Path, form: str = FORMAT, version: int = VERSION, what: str = "an estimator") -> Arrays:
    """Return the arrays of a file of ours, whole and unchanged. Raises InputError where it says that it is not."""
    with opened(path, what) as file:
        if not zipfile.is_zipfile(file):
            raise InputError(f"{what} as save() writes it", "something else", str(path))
        size = sum(member.file_size for member in zipfile.ZipFile(file).infolist())
        if size > LARGEST:
            raise InputError(f"{what} of at most {LARGEST} bytes", f"{size}", str(path))
        file.seek(0)
        with np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    about = json.loads(arrays["about"].tobytes())
    if about["format"] != form or about["version"] != version:
        found = f"{about['format']}, version {about['version']}"
        raise InputError(f"{form}, version {version}", found, str(path), "Was it written by a newer evometa?")
    digest = arrays.pop("digest").tobytes()
    if digest != _digest(arrays):
        raise InputError(f"{what} as save() wrote it", "one that has been changed since", str(path))
    return arrays


def _digest(arrays: Arrays) -> bytes:
    """Return the SHA-256 over names, types, shapes and contents, in the order of names."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        found.update(values.tobytes())
    return found.digest()
