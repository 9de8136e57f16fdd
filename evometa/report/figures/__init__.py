"""Figures of runs and learners: plotly objects, the same in the report, on the dashboard and in files.

    from evometa import figures

    figures.history(evometa.load("runs/delta-1")).show()

Each is a pure function and copes with what is missing: the figure then says so in words. They are drawn in the light
palette; `themed(figure, "dark")` gives the other. Plotly (the extra `report`) is imported when a figure is made.
"""

from evometa.report.figures.ancestry import lineage
from evometa.report.figures.behaviours import diversity
from evometa.report.figures.catalogue import CATALOGUE, Entry, analysis_of, figures_of
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
from evometa.report.figures.search import luck, operators
from evometa.report.figures.side_by_side import comparison
from evometa.report.figures.stream import families, species
from evometa.report.figures.theme import CONFIG, PALETTES, blank, themed
from evometa.report.figures.ways import journey

__all__ = [
    "CATALOGUE",
    "CONFIG",
    "PALETTES",
    "Entry",
    "ablation",
    "analysis_of",
    "biography",
    "blank",
    "comparison",
    "curriculum",
    "diversity",
    "failures",
    "families",
    "figures_of",
    "gates",
    "history",
    "islands",
    "journey",
    "learning_curves",
    "lineage",
    "luck",
    "network",
    "operators",
    "pareto",
    "positions",
    "retention",
    "sensitivity",
    "species",
    "task",
    "themed",
    "tuning",
    "verdict",
    "wiring",
]
