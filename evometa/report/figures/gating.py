"""Wiring by task: which synapses gates leave open at the end of lives on some held-out tasks, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evometa.judging.analyses import ANALYSIS, Analysis
from evometa.report.figures.held_out import ABSENT, LACKING
from evometa.report.figures.theme import LIGHT, blank, new, note, plain
from evometa.spec.states import GATE, SYNAPSE
from evometa.system.arguments import LEARNER, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.learner import Learner

ROW = 14  # pixels of a task
LOST = "They were not followed; the notes of the analysis say why."
NONE = "The rule has no gates: a synapse that is there transmits all life long."


@takes(learner=LEARNER | None, analysis=ANALYSIS | None)
def gates(learner: Learner | None, analysis: Analysis | None) -> Figure:
    """Draw the wiring that learning leaves on each of some tasks: tasks × synapses, by the share of lives."""
    title = "Wiring by task"
    if learner is not None and SYNAPSE[GATE].slot not in learner.living:
        return blank(title, NONE)
    if analysis is None or "gates" not in analysis:
        return blank(title, ABSENT if analysis is None else LACKING)
    told = analysis.gates
    if told is None:
        return blank(title, LOST)
    shares = np.array(told.wirings)
    columns = np.argsort(-shares.mean(axis=0), kind="stable")
    shares = shares[:, columns]
    rows = sorted(range(len(shares)), key=lambda row: (shares[row] > 0.5).tolist())  # the last is drawn at the top
    one = None if learner is None or learner.connectome is None else learner.connectome.learned(analysis)
    known = one is not None and one.opened is not None
    names = [one.synapse(told.shown[c]) if one and known else f"synapse {told.shown[c]}" for c in columns]
    figure = new(title, ROW * len(rows) + 190)
    figure.add_heatmap(
        x=[plain(name) for name in names], z=shares[rows], zmin=0, zmax=1, xgap=1, ygap=1,
        colorscale=[[0, LIGHT["grid"]], [1, LIGHT["high"]]], customdata=[[row + 1] * len(names) for row in rows],
        hovertemplate="task %{customdata}, %{x}: open in %{z:.0%} of its lives<extra></extra>",
        colorbar={"thickness": 10, "outlinewidth": 0, "tickformat": ".0%", "tickvals": [0, 0.5, 1], "ticks": "",
                  "tickfont": {"size": 12, "color": LIGHT["muted"]}},
    )  # fmt: skip
    figure.update_xaxes(title="synapses", type="category", tickangle=-90, showline=False, ticks="")
    figure.update_yaxes(title="held-out tasks", showgrid=False, showticklabels=False, ticks="")
    left = len(told.share) - len(told.shown)
    words = f"Of {len(told.share):,} synapses those {len(told.shown)} are drawn that differ most between tasks."
    return note(figure, words) if left > 0 else figure
