"""Between evolution and the run file: what a generation leaves there, and how evolution is called back from it."""

from __future__ import annotations

import base64
import platform
from collections.abc import Sequence
from importlib import metadata
from itertools import count
from pathlib import Path

import numpy as np

from evometa.config.load import keep
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.evaluation import Tally
from evometa.evolution.functions import NONE, Functions, texts
from evometa.evolution.loop import Evolution
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual, Judgement
from evometa.genetics.topology import graph_from_json, graph_json, graph_key
from evometa.lifetime import Graph
from evometa.store.opening import create
from evometa.store.reader import Reader
from evometa.store.records import Environment, Json
from evometa.store.schema import EvaluationRow, IndividualRow, genome_key
from evometa.store.writer import Writer
from evometa.tasks.content import Content

TIDY = 10  # generations between prunings, when not all genomes are kept


def begin(
    config: Config, out: str | Path | None, base: Path, contents: Sequence[Content], functions: Functions = NONE
) -> Writer:
    """Make the run's folder: `out`, or runs/NAME-N with the first N that is free (also of runs begun just now).

    `base`: the recipe's folder; `contents`: what each set of tasks is made of; `functions`: the user's own.
    """
    data, record = keep(config), environment(base, contents, functions).plain()
    if out is not None:
        return create(out, data, record)
    for number in count(1):
        folder = Path("runs", f"{config.name}-{number}")
        if not folder.exists():
            try:
                return create(folder, data, record)
            except InputError:
                if not folder.exists():
                    raise
    raise AssertionError("numbers do not end")


def environment(base: Path, contents: Sequence[Content], functions: Functions) -> Environment:
    """Return the versions, the machine, and what the tasks and the user's own functions are made of, for the record."""
    names = ("evometa", "numpy", "numba", "deap", "scikit-learn", "sympy")
    found = Environment(
        python=platform.python_version(), platform=platform.platform(), base=str(base),
        versions={name: metadata.version(name) for name in names}, tasks=list(contents),
    )  # fmt: skip
    return found.model_copy(update={"functions": texts(functions)}) if functions else found


def commit(
    writer: Writer,
    evolution: Evolution,
    individuals: Sequence[Individual],
    tally: Tally,
    statistics: Json,
    config: Config,
    networks: Sequence[Graph],
    seconds: dict[str, float],
) -> None:
    """Write the generation that evolution was just told of, in one transaction; `networks`: those of the task sets."""
    number = evolution.generation - 1
    born = [one for one in individuals if one.born == number]
    texts = {one.id: one.genome.to_json() for one in born}
    keys = {id: genome_key(text) for id, text in texts.items()}
    survivors = {one.id for one in (*evolution.population, *evolution.hall)}
    kept = {keys[id]: text for id, text in texts.items() if config.run.keep_genomes == "all" or id in survivors}
    own = [one.genome.topology for one in born if isinstance(one.genome.topology, Graph)]
    graphs = {graph_key(graph): graph for graph in (*networks, *own)}
    writer.commit(
        number,
        [IndividualRow(one.id, one.parents, one.operator, keys[one.id], one.signature or b"") for one in born],
        [_evaluation(one, tally, evolution.toolbox.cases) for one in individuals],
        evolution.state(),
        statistics,
        seconds,
        kept,
        {key: graph_json(graph) for key, graph in graphs.items()},
    )
    if config.run.keep_genomes == "champions" and number % TIDY == 0:
        writer.prune({genome_key(one.genome.to_json()) for one in (*evolution.population, *evolution.hall)})


def _evaluation(one: Individual, tally: Tally, cases: bool) -> EvaluationRow:
    # where parents are picked by single tasks, a resumed run needs them too
    judged = one.judgement
    wanted = cases and judged.cases is not None
    measures = {"cases": base64.b64encode(judged.cases.tobytes()).decode()} if wanted else {}  # type: ignore[union-attr]
    lived = tally.lived.get(one.id, 0)
    return EvaluationRow(one.id, one.fitness.values, judged.innate, judged.adapted, lived, judged.diverged, measures)


def _judgement(row: EvaluationRow) -> Judgement:
    cases = row.measures.get("cases")
    errors = None if cases is None else np.frombuffer(base64.b64decode(cases), np.float32)
    return Judgement(row.fitness, row.innate, row.adapted, row.diverged, errors)


def solved_after(reader: Reader) -> int | None:
    """Return how many genomes had been born when one solved the task, None where none has."""
    return reader.told(reader.last_generation).get("solved_after") if reader.last_generation >= 0 else None


def recall(evolution: Evolution, reader: Reader, networks: Sequence[Graph]) -> None:
    """Put evolution where it stood after the last committed generation. Raises InputError where that is not stored.

    `networks`: graphs that are in use already; a stored graph equal to one of them becomes that very object.
    """
    state = reader.state(reader.last_generation)
    wanted = sorted({id for group in (*state["islands"], state["hall"]) for id in group})
    graphs = {graph_key(graph): graph for graph in networks}
    graphs |= {key: graph_from_json(text) for key, text in reader.graphs().items() if key not in graphs}
    evolution.restore(state, {id: _individual(evolution, reader, id, graphs) for id in wanted})


def _individual(evolution: Evolution, reader: Reader, id: int, graphs: dict[str, Graph]) -> Individual:
    stored, evaluation = reader.individual(id), reader.evaluation(id)
    if stored.text is None or evaluation is None:
        raise InputError("the genome and fitness of a survivor", "neither", f"{reader.path}, individual {id}")
    genome = Genome.from_json(stored.text, graphs, f"{reader.path}, individual {id}")
    one = Individual(genome, evolution.fitness(), id, stored.parents, stored.generation, stored.operator)
    one.accept(_judgement(evaluation))
    one.signature = stored.signature
    return one
