"""The PyTorch export: an optimizer where the rule is one, else a module of plastic layers."""

from __future__ import annotations

from evometa.export.gradient import why_not_gradient
from evometa.export.subject import Subject
from evometa.export.torch_module import torch_module
from evometa.export.torch_optimizer import torch_optimizer


def torch_file(subject: Subject) -> str:
    """Return the file's text. InputError where its network is not made of layers, or cannot be told."""
    return torch_module(subject) if why_not_gradient(subject) else torch_optimizer(subject)
