"""The errors that evometa shows to people: each says what was expected, found, where, and what to do."""

from __future__ import annotations

from evometa.errors.text import legible


class EvometaError(Exception):
    """Base of every error meant for people, in one legible line; `exit_code` is the process's exit status."""

    exit_code = 1

    def __str__(self) -> str:
        return str(legible(super().__str__()))


class InputError(EvometaError, ValueError):
    """Something given to evometa cannot be used (exit code 2); nothing was run and nothing was lost."""

    exit_code = 2

    def __init__(self, expected: str, found: str, where: str, remedy: str = "") -> None:
        self.expected, self.found, self.where, self.remedy = expected, found, where, remedy
        super().__init__(expected, found, where, remedy)

    def __str__(self) -> str:
        text = f"{self.where}: expected {self.expected}; found {self.found}."
        return str(legible(f"{text} {self.remedy}" if self.remedy else text))


class RunFailed(EvometaError):
    """The run could not go on (exit code 1); every committed generation is intact."""


class Displaced(RunFailed):
    """A run's file is no longer where the run began: what lies there now, if anything, is not known."""


class FunctionFailed(RunFailed):
    """A function of the user's own did not do what it should: an InputError when it is tried, before a run begins."""

    def __init__(self, name: str, expected: str, found: str, remedy: str = "") -> None:
        self.name, self.expected, self.found, self.remedy = name, expected, found, remedy
        super().__init__(f"{name}: expected {expected}; found {found}. {remedy}".rstrip())

    def tried(self, where: str) -> InputError:
        """Return the error of a function that was tried only; `where`: the key that names it."""
        return InputError(self.expected, self.found, f"{where}, {self.name}", self.remedy)


class ContractError(EvometaError, ValueError):
    """Arrays that break a contract within the program: a fault of the code that made them, not of a person's input."""

    def __init__(self, expected: str, found: str, where: str) -> None:
        self.expected, self.found, self.where = expected, found, where
        super().__init__(expected, found, where)

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}; found {self.found}."
