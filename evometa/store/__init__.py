"""The run file: one SQLite database a run, written by one process, readable by all at any time.

It knows arrays, texts and JSON only; what a genome or a state means is its caller's business. A generation
is committed whole or not at all, so a kill at any instant loses at most the one in flight. Every byte that
matters is covered by a hash: damage is noticed, named, and cut off at the last generation that verifies.
Generations are numbered from 0; messages for people count them from 1.

    with create("runs/mine", config, environment) as writer:
        writer.encode(individuals, genomes)  # while they live
        writer.commit(0, evaluations, state, statistics, timing, graphs)
    open_reader("runs/mine").digest()
"""

from evometa.store.columns import Columns
from evometa.store.evaluations import Evaluation, Evaluations
from evometa.store.individuals import GenomeRow, Genomes, Individual, Individuals
from evometa.store.opening import create, open_writer
from evometa.store.reader import Reader, open_reader
from evometa.store.schema import Report
from evometa.store.verification import Verification, verify
from evometa.store.writer import Writer

__all__ = [
    "Columns",
    "Evaluation",
    "Evaluations",
    "GenomeRow",
    "Genomes",
    "Individual",
    "Individuals",
    "Reader",
    "Report",
    "Verification",
    "Writer",
    "create",
    "open_reader",
    "open_writer",
    "verify",
]
