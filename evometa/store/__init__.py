"""The run file: one SQLite database a run, written by one process, readable by all at any time.

It knows texts, bytes and JSON only; what a genome or a state means is its caller's business. A generation
is committed whole or not at all, so a kill at any instant loses at most the one in flight. Every byte that
matters is covered by a hash: damage is noticed, named, and cut off at the last generation that verifies.
Generations are numbered from 0; messages for people count them from 1.

    with create("runs/mine", config, environment) as writer:
        writer.commit(0, individuals, evaluations, state, statistics, timing, genomes, graphs)
    open_reader("runs/mine").digest()
"""

from evometa.store.opening import create, open_writer
from evometa.store.reader import Reader, open_reader
from evometa.store.schema import EvaluationRow, Individual, IndividualRow, Report, genome_key
from evometa.store.verification import Verification, verify
from evometa.store.writer import Writer

__all__ = [
    "EvaluationRow",
    "Individual",
    "IndividualRow",
    "Reader",
    "Report",
    "Verification",
    "Writer",
    "create",
    "genome_key",
    "open_reader",
    "open_writer",
    "verify",
]
