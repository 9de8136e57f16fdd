"""Access to a run file for reading, opened for as long as a question takes; what is damaged is one kind of error."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evometa.errors import InputError
from evometa.store.connection import Connection, check_interrupted, is_damage, words_of
from evometa.store.files import refused
from evometa.store.migration import open_current
from evometa.store.seals import get_meta, identity_of

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError, OverflowError)
"""What content of a form that nobody wrote can raise."""


class Access:
    """A run file, open while a block of `reading` runs, or through a writer's connection."""

    def __init__(self, path: Path, connection: Connection | None = None) -> None:
        self.path = path
        self._connection = connection
        self._identity: str | None = None  # while the file is open

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold the file open, read-only; what unreadable content can raise becomes one InputError for people."""
        outermost = self._connection is None
        try:
            connection = self._connection = self._connection or open_current(self.path)
            yield connection
        except InputError:
            raise
        except sqlite3.Error as error:
            check_interrupted(error, self._connection)
            if is_damage(error):
                raise refused(self.path, f"a damaged one ({words_of(error)})") from error
            raise InputError("a run file that can be read", words_of(error), str(self.path)) from error
        except OSError as error:
            raise InputError("a run file that can be read", str(error), str(self.path)) from None
        except UNREADABLE as error:
            raise refused(self.path, f"damaged content ({error})") from error
        finally:
            if outermost and self._connection and not self._connection.private:
                self._connection.close()
                self._connection = self._identity = None

    def _owner(self) -> str:
        """Return the identity of the run."""
        with self.reading() as connection:
            if self._identity is None:
                self._identity = identity_of(connection)
            return self._identity

    def _entry(self, key: str) -> Any:
        with self.reading() as connection:
            meta = get_meta(connection)
            if key not in meta:
                raise refused(self.path, f"a damaged entry “{key}”")
            return meta[key]

    def _one(self, query: str, *parameters: Any) -> Any:
        """Return the first row of a query, or None; the statement is over afterwards."""
        with self.reading() as connection:
            if any(isinstance(one, int) and abs(one) >= 1 << 63 for one in parameters):
                return None  # a number that SQLite does not have
            rows = connection.execute(query, parameters).fetchall()
            return rows[0] if rows else None

    def _absent(self, expected: str) -> InputError:
        return InputError(expected, "none with that number", str(self.path))
