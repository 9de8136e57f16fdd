"""The optax export of a gradient rule: a `GradientTransformation` for JAX."""

from __future__ import annotations

from evometa.export.dialects import JAX
from evometa.export.gradient import gradient_values, why_not_gradient
from evometa.export.network_text import ACTIVATIONS
from evometa.export.subject import Subject
from evometa.export.templates import render


def optax_file(subject: Subject) -> str:
    """Return the file's text. InputError for a rule that is no optimizer."""
    why = why_not_gradient(subject)
    if why:
        raise subject.refusal("optax", why, "python, torch, latex, json")
    values = gradient_values(subject, JAX)
    layer = ACTIVATIONS["jnp"][values["activation"]].format(x='x @ layer["w"] + layer["b"]')
    return render("optax.py", **values, layer=layer)
