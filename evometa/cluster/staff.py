"""Who may work: those who have shown that they compute the same bits as this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from evometa.cluster.pool import Done, Lost, Pool
from evometa.cluster.worker import Account, account

TRIES = 3  # times that a worker is asked for an account that it does not give


class Staff:
    """Workers by their addresses: `trusted` ones with their accounts, `refused` ones with the reasons, others `asked`.

    `own`: the account of this machine; `backend`, `threads`: what they are to compute on; `home`: a worker of this
    machine that is not one of them. A newcomer may compile for a minute, so what it is asked outlasts a batch.
    """

    def __init__(self, pool: Pool, backend: str, threads: int, note: Callable[[str], None]) -> None:
        self.pool, self.backend, self.threads, self.note = pool, backend, threads, note
        self.own = account(backend, threads)
        self.trusted: dict[str, Account] = {}
        self.refused: dict[str, str] = {}
        self.asked: dict[int, str] = {}
        self.lost: Counter[str] = Counter()  # accounts that were never given
        self.home = ""

    def look(self) -> frozenset[str]:
        """Return who is there; newcomers are asked for their account, those who have left are forgotten."""
        everyone = self.pool.workers()
        there = everyone - {self.home}
        for gone in self.trusted.keys() - there:
            del self.trusted[gone]
            self.note(f"worker {gone} is gone")
        for gone in self.refused.keys() - there:
            del self.refused[gone]
        for task, worker in list(self.asked.items()):
            if worker not in there:
                self.pool.drop(task)
                del self.asked[task]
        for new in sorted(there - self.trusted.keys() - self.refused.keys() - set(self.asked.values())):
            self.asked[self.pool.submit(new, account, self.backend, self.threads)] = new
        return everyone

    def hear(self, done: Done) -> bool:
        """Trust a worker by its account, or refuse it and say so; return whether the task was one's account."""
        worker = self.asked.pop(done.task, None)
        if worker is None:
            return False
        self.pool.drop(done.task)
        if isinstance(done.error, Lost):
            self.lost[worker] += 1
            if self.lost[worker] < TRIES:
                return True  # neither: it is asked again, if it is there
        fault = self._fault(done)
        if fault is None:
            self.trusted[worker] = done.value
        else:
            self.refused[worker] = fault
            self.note(f"worker {worker} is refused: {fault}")
        return True

    def same(self, worker: str, process: str) -> bool:
        """Tell whether a worker is still the process that gave its account; another one at its address is asked for its
        own."""
        known = self.trusted.get(worker)
        if known is not None and known.process != process:
            del self.trusted[worker]
            self.note(f"worker {worker} is another process now")
        return worker in self.trusted

    def _fault(self, done: Done) -> str | None:
        """Return what is wrong with an account, None if nothing is."""
        if done.error is not None:
            return f"it cannot live the sample ({type(done.error).__name__}: {done.error})"
        theirs: Account = done.value
        if theirs.evometa != self.own.evometa:
            return f"it has evometa {theirs.evometa}, this machine {self.own.evometa}"
        if theirs.digest != self.own.digest:
            return f"it computes other bits than this machine ({theirs.versions}; here: {self.own.versions})"
        return None
