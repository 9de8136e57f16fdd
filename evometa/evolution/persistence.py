"""Between evolution and the run file: what a generation leaves there, and how evolution is called back from it."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import metadata
from itertools import chain, count
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType

import numpy as np

from evometa.config.load import keep
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.errors.text import count_of
from evometa.evolution.functions import NONE, Functions, texts
from evometa.evolution.loop import Evolution
from evometa.evolution.stored import StoredGenomes, columns_of, take
from evometa.evolution.tally import Tally
from evometa.genetics.guesses import family_of
from evometa.genetics.individual import Individual, Judgement
from evometa.genetics.topology import graph_json, graph_key
from evometa.lifetime import Graph
from evometa.store.evaluations import Evaluations, reals, table_of
from evometa.store.individuals import Genomes as Kept
from evometa.store.individuals import Individuals
from evometa.store.opening import create
from evometa.store.population import founders
from evometa.store.reader import Reader
from evometa.store.records import Environment, Json, Texts
from evometa.store.writer import Writer
from evometa.tasks.content import Content

TIDY = 10  # generations between prunings, when not all genomes are kept


def begin(config: Config, out: str | Path | None, began: Environment) -> Writer:
    """Make the run's folder: `out`, or runs/NAME-N with the first N that is free (also of runs begun just now)."""
    data, record = keep(config), began.plain()
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


def environment(
    base: Path,
    contents: Sequence[Content],
    functions: Functions = NONE,
    guesses: Mapping[str, Mapping[str, Texts]] = MappingProxyType({}),
    files: Mapping[str, str] = MappingProxyType({}),
) -> Environment:
    """Return the versions, the machine, and what the tasks and the user's own functions are made of, for the record.

    `base`: the recipe's folder; `guesses`: rules of runs and files that the search starts from; `files`: digests of
    what other files hold, by the key that names each.
    """
    names = ("evometa", "numpy", "numba", "deap", "scikit-learn", "sympy")
    found = Environment(
        python=platform.python_version(), platform=platform.platform(), base=str(base),
        versions={name: metadata.version(name) for name in names}, tasks=list(contents),
    )  # fmt: skip
    rules = {name: dict(each) for name, each in guesses.items()}
    more = {"functions": texts(functions), "guesses": rules, "files": dict(files)}
    return found.model_copy(update={name: value for name, value in more.items() if value})


def encode(writer: Writer, evolution: Evolution, config: Config) -> None:
    """Begin to write those who were just born, beside whatever the caller does; nothing is kept before `commit`."""
    born = [one for one in evolution.ask() if one.born == evolution.generation]
    individuals = Individuals.of(
        born[0].id if born else 0,
        [one.parents for one in born],
        [one.operator for one in born],
        [one.signature or b"" for one in born],
    )
    writer.encode(individuals, columns_of([one.genome for one in born]), all_kept=keeps_all(config))


def keeps_all(config: Config) -> bool:
    """Tell whether the run file keeps every genome."""
    return config.run.keep_genomes == "all"


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
    own = {one.genome.topology for one in born[:1] if isinstance(one.genome.topology, Graph)}  # one batch has one
    graphs = {graph_key(graph): graph for graph in (*networks, *own)}
    state = evolution.state()
    needed = evolution.needs(state)
    kept = None
    if not keeps_all(config):
        rows = [row for row, one in enumerate(born) if one.id in needed]
        kept = Kept(columns_of([born[row].genome for row in rows]), np.array(rows, np.int64))
    writer.commit(
        number, _evaluations(individuals, tally, evolution.toolbox.cases), state, statistics,
        seconds, {key: graph_json(graph) for key, graph in graphs.items() if key not in writer.graphs}, kept,
    )  # fmt: skip
    if config.run.keep_genomes == "champions" and number % TIDY == 0:
        writer.prune(needed, partial(take, graphs=StoredGenomes(writer.reader, networks).graphs))


def _evaluations(individuals: Sequence[Individual], tally: Tally, cases: bool) -> Evaluations:
    """Return how everyone did; a resumed run may need the `cases` that parents are picked by, and their records."""
    ordered = sorted(individuals, key=attrgetter("id"))
    ids = np.fromiter(map(attrgetter("id"), ordered), np.int64, len(ordered))
    values, innate, adapted, diverged, errors, records = zip(*[one.judgement for one in ordered], strict=True)
    return Evaluations(
        ids,
        np.fromiter(chain.from_iterable(values), np.float64).reshape(len(ids), -1),
        reals(innate),
        reals(adapted),
        np.array([tally.lived.get(id, 0) for id in ids.tolist()], np.int64),
        np.array(diverged, np.int64),
        table_of(errors, np.float32) if cases else None,
        table_of(records, np.float64),
    )


def kept_of(writer: Writer) -> str:
    """Say how much of a run is kept that could not go on, and how to go on with it."""
    done = writer.last_generation + 1
    if not done:
        return f"No generation was finished, so nothing is kept; begin it anew with: evometa resume {writer.folder}"
    are = f"{count_of(done, 'generation')} {'is' if done == 1 else 'are'} kept"
    return f"{are}; go on with: evometa resume {writer.folder}"


def solved_after(reader: Reader) -> int | None:
    """Return how many genomes had been born when one solved the task, None where none has."""
    return reader.told(reader.last_generation).get("solved_after") if reader.last_generation >= 0 else None


def recall(evolution: Evolution, reader: Reader, networks: Sequence[Graph]) -> None:
    """Put evolution where it stood after the last committed generation. Raises InputError where that is not stored.

    `networks`: graphs that are in use already; a stored graph equal to one of them becomes that very object.
    """
    state = reader.state(reader.last_generation)
    stored = [reader.individual(id) for id in sorted(evolution.needs(state))]
    genomes = StoredGenomes(reader, networks).of(stored)
    families, found = founders(reader, {id for island in state["islands"] for id in island}), {}
    for born, genome in zip(stored, genomes, strict=True):
        evaluation = reader.evaluation(born.id)
        if genome is None or evaluation is None:
            expected = "the genome and fitness of each whom the run goes on with"
            raise InputError(expected, "neither", f"{reader.path}, individual {born.id}")
        family = family_of(families[born.id]) if born.id in families else ""  # who is dead has no more children
        one = Individual(genome, evolution.fitness(), born.id, born.parents, born.generation, born.operator, family)
        one.accept(
            Judgement(
                evaluation.fitness, evaluation.innate, evaluation.adapted, evaluation.diverged, evaluation.cases,
                evaluation.record,
            )
        )  # fmt: skip
        one.signature = born.signature
        found[born.id] = one
    evolution.restore(state, found)
    if evolution.race is not None:
        evolution.race.recall(reader)
