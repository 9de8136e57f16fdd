"""Tables of rows: by name, and by their position, which stands for the name in arrays and in kernels."""

from __future__ import annotations

from typing import Protocol, TypeVar


class Named(Protocol):
    """A row of a table."""

    @property
    def name(self) -> str: ...


Row = TypeVar("Row", bound=Named)


class Table(dict[str, Row]):
    """Rows by name, in order."""

    def __init__(self, *rows: Row) -> None:
        super().__init__({row.name: row for row in rows})

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(self)

    def code(self, name: str) -> int:
        """Return the position of a row."""
        return self.names.index(name)
