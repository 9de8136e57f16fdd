"""Stored configurations of earlier versions, said in the keys of this one: the same run, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

from evometa.config.toml import Data


def upgrade(data: Data) -> Data:
    """Return a stored configuration with the keys and units of this version; the one given is left as it is."""
    for change in CHANGES:
        data = change(data)
    return data


def _counts_to_shares(data: Data) -> Data:
    """Say immigrants and migrants, which 0.1 counted in whole genomes, as shares that give the same numbers."""
    section = data.get("evolution")
    if not isinstance(section, dict):
        return data
    sizes = [section.get(key) for key in ("offspring", "population", "islands")]
    offspring, population, islands = (size if type(size) is int and size > 0 else 1 for size in sizes)
    changed = dict(section)
    for key, whole in (("immigrants", offspring), ("migrants", population // islands)):
        if type(changed.get(key)) is int and whole:
            changed[key] = min(changed[key] / whole, 1.0)
    return {**data, "evolution": changed}


CHANGES: tuple[Callable[[Data], Data], ...] = (_counts_to_shares,)
"""One change for each that the schema has seen, oldest first; each leaves alone what is said in the new way."""
