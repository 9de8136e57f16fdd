"""All figures of one run, in the order of a story, each with what it says and how to read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from evometa.errors import InputError
from evometa.judging.analyses import ANALYSIS, Analysis
from evometa.report.figures.ancestry import lineage
from evometa.report.figures.behaviours import diversity
from evometa.report.figures.episode import task
from evometa.report.figures.forgetting import retention
from evometa.report.figures.gating import gates
from evometa.report.figures.generations import failures, history
from evometa.report.figures.gradients import tuning
from evometa.report.figures.held_out import ablation, sensitivity, verdict, wiring
from evometa.report.figures.learning import biography, learning_curves
from evometa.report.figures.lessons import curriculum
from evometa.report.figures.networks import network
from evometa.report.figures.plays import positions
from evometa.report.figures.population import islands, pareto
from evometa.report.figures.scale import objectives
from evometa.report.figures.search import luck, operators
from evometa.report.figures.stream import families, species
from evometa.report.figures.theme import WHERE, blank
from evometa.report.figures.ways import journey
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

ANCESTORS = 60  # of the champion


class Entry(NamedTuple):
    """A figure of a run: its name, its title, how to read it, and what draws it.

    `make(run)`, or `make(run, analysis)` with an analysis made just now in place of the stored one.
    """

    name: str
    title: str
    meaning: str
    make: Callable[..., Figure]


def analysis_of(run: Run) -> Analysis | None:
    """Return what the final report says of the champion's parts and lifetimes, if it does."""
    return run.analysis


def steps_of(run: Run) -> list[Any]:
    """Return the champion's ancestors with what changed at each; none before the first generation."""
    return list(run.lineage(limit=ANCESTORS))


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "verdict", "The verdict",
        "Mean on held-out tasks with its 95 % interval; the shaded band is the champion's. Whether two differ is said "
        "by their difference on the same tasks, in the table: its interval is narrower than these.",
        lambda run, analysis=None: verdict(run),
    ),
    Entry(
        "task", "One task, as the champion sees it",
        "The first held-out task: one example of each class, and below it drawings that it was asked about, with what "
        "it took each for.",
        lambda run, analysis=None: task(run),
    ),
    Entry(
        "learning_curves", "Learning, update by update",
        "The same held-out tasks for all; the band is the 95 % interval of the mean. Stock rules are tuned on "
        "other tasks.",
        lambda run, analysis=None: learning_curves(analysis or run.analysis),
    ),
    Entry(
        "ablation", "What each term is worth",
        "A term is removed from the rule, or frozen at its mean, and the same held-out tasks are lived again. What "
        "lies right of 0 is due to the term. Blue is sure: the 95 % interval leaves out 0.",
        lambda run, analysis=None: ablation(analysis or run.analysis),
    ),
    Entry(
        "sensitivity", "What each signal is worth",
        "A signal is held at its mean, so that it tells nothing any more, and the same held-out tasks are lived again. "
        "What lies right of 0 is due to the signal.",
        lambda run, analysis=None: sensitivity(analysis or run.analysis),
    ),
    Entry(
        "wiring", "What each node and synapse is worth",
        "A hidden node, or a synapse, is taken out of the network that evolved, and the same held-out tasks are lived "
        "again. What lies right of 0 is due to it. Blue is sure: the 95 % interval leaves out 0.",
        lambda run, analysis=None: wiring(analysis or run.analysis),
    ),
    Entry(
        "biography", "A lifetime from within",
        "The champion while it learns: the line is the mean over lifetimes on held-out tasks, the band holds the "
        "middle eight tenths.",
        lambda run, analysis=None: biography(analysis or run.analysis),
    ),
    Entry(
        "journey", "Where it goes",
        "One held-out life in a world: how often each state is met, row by row as the world numbers them, early and "
        "late. What the modulator says is the mean over the life, or over its first ticks where the axis says so.",
        lambda run, analysis=None: journey(analysis or run.analysis),
    ),
    Entry(
        "positions", "What it plays",
        "Boards that its own games come to, after one held-out life: the number on an empty square is what it values "
        "that move at, filled the one that it makes. Crosses are its own. Orange is a blunder: between perfect players "
        "it gives away a win or a draw.",
        lambda run, analysis=None: positions(analysis or run.analysis),
    ),
    Entry(
        "retention", "What is known when",
        "Of a stream of classes, from one moment to the next: how well each part of the classes is known, from when it "
        "was met on (left, the darker the better), and the same as curves, whose fall is forgetting. Of tasks in a row:"
        " how each goes, and how it would go for one born anew for it; several have a point together.",
        lambda run, analysis=None: retention(run.report(run.generation) if run.generation else None),
    ),
    Entry(
        "curriculum", "What is taught, in order",
        "The lessons of one held-out student, row by row: the board that it was shown, and, filled, the move that it "
        "was taught. Crosses began.",
        lambda run, analysis=None: curriculum(analysis or run.analysis),
    ),
    Entry(
        "network", "The network",
        "Layers from left to right, by the longest way from the inputs. Blue weights are above 0, orange below, "
        "strong ones thick; a node's fill is its bias. Where there are too many for lines, each layer is a map. "
        "Plasticity, where synapses have their own, has its panel; so have what a life changes, and gates.",
        lambda run, analysis=None: network(run.champion, analysis),
    ),
    Entry(
        "gates", "Wiring by task",
        "Each row is a held-out task, each column a synapse; the stronger its colour, the more of the lives on that "
        "task leave it open. Rows and columns are sorted so that what tasks have in common lies together.",
        lambda run, analysis=None: gates(run.champion, analysis or run.analysis),
    ),
    Entry(
        "history", "Fitness, generation by generation",
        "Above, what selection sees. Below, the best individual before it has learned anything and after: the "
        "distance between the two is what learning adds.",
        lambda run, analysis=None: history(run),
    ),
    Entry(
        "tuning", "Numbers tuned along their gradient",
        "Before they are judged, the newborn go some steps down the gradient of what they lose after learning. Above, "
        "that loss before and after, on tasks that no step was made on. Below, which share of the synapses a life "
        "changes by more than a hundredth of what it changes the most plastic one.",
        lambda run, analysis=None: tuning(run),
    ),
    Entry(
        "pareto", "Performance and size",
        "Each dot is one or several individuals. On the line are those that no smaller one equals. The star is the "
        "champion, where it has met the same tasks.",
        lambda run, analysis=None: pareto(run),
    ),
    Entry(
        "lineage", "Ancestors of the champion",
        "Each mark is an ancestor, at the generation in which it was born. Point at one to see what changed.",
        lambda run, analysis=None: lineage(steps_of(run), objectives(run)[0].heading, objectives(run)[0].higher),
    ),
    Entry(
        "luck", "Luck and twins",
        "The best of a generation is best on its tasks, luck included; those of the panel are the same throughout and "
        "select nobody: the distance is luck. Twins behave like one that was known, and live no life of their own.",
        lambda run, analysis=None: luck(run),
    ),
    Entry(
        "operators", "What operators yield",
        "Of the children that an operator made, the share that did better than the better parent on the same tasks, "
        "with its 95 % interval. On few tasks chance alone lets many do so.",
        lambda run, analysis=None: operators(run),
    ),
    Entry(
        "diversity", "Diversity and species",
        "Above, how many survivors differ: in what they answer to probes (behaviour), and in more than the numbers of "
        "their rules (form). Below, which kinds of rules take over.",
        lambda run, analysis=None: diversity(run),
    ),
    Entry(
        "families", "Families",
        "What the search began with, and how many of the living descend from each: a band for each guess, as thick as "
        "it has members. One that fills all of it has crowded the others out.",
        lambda run, analysis=None: families(run),
    ),
    Entry(
        "species", "Species",
        "Like genomes compete among themselves, so that what is new has time to become good. Each band is a species, "
        "as thick as it has members; it opens where it arises and closes where it dies out.",
        lambda run, analysis=None: species(run),
    ),
    Entry("islands", "Islands", "The best survivor of each island, where the population lives on several.",
          lambda run, analysis=None: islands(run)),
    Entry(
        "failures", "Lifetimes lost",
        "A lifetime is lost when weights or answers are no longer finite. It counts as the worst there is.",
        lambda run, analysis=None: failures(run),
    ),
)  # fmt: skip


def draw(entry: Entry, run: Run, analysis: Analysis | None) -> Figure:
    """Draw a figure; what cannot be read of the run file is said in the figure instead."""
    try:
        return entry.make(run, analysis)
    except InputError as error:
        if error.where == WHERE:  # plotly itself is missing
            raise
        return blank(entry.title, f"This could not be read: {error}")


@takes(run=RUN, analysis=ANALYSIS)
def figures_of(run: Run, analysis: Analysis | None = None) -> dict[str, Figure]:
    """Return every figure of a run by its name; `analysis`: one made just now, in place of the stored one."""
    told = analysis or run.analysis
    return {entry.name: draw(entry, run, told) for entry in CATALOGUE}
