"""The optax export of a gradient rule: a `GradientTransformation` for JAX."""

from __future__ import annotations

from evometa.export.dialects import JAX
from evometa.export.gradient import gradient_values, why_not_gradient
from evometa.export.subject import Subject
from evometa.export.templates import render


def optax_file(subject: Subject) -> str:
    """Return the file's text. InputError for a rule that is no optimizer."""
    why = why_not_gradient(subject)
    if why:
        raise subject.refusal("optax", why, "python, torch, latex, json")
    return render("optax.py", **gradient_values(subject, JAX))
