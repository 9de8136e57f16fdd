"""A held-out task of images: the example of each class, below it queries, and what the champion took them for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evometa.presentation.episode import images_of, names_of, queries_of
from evometa.report.figures.theme import LIGHT, blank, new
from evometa.system.arguments import RUN, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

TITLE = "One task, as the champion sees it"
ROW, TOP = 132, 84  # pixels of a row of images with the words below them, and above the first
NONE = "Its tasks are not of images, or the run has not ended yet."


@takes(run=RUN)
def task(run: Run) -> Figure:
    """Draw the first held-out task of a run whose tasks are of images."""
    champion = run.champion
    episode = champion.report.episode if champion is not None and champion.report is not None else None
    if episode is None or not episode.examples:
        return blank(TITLE, NONE)
    examples, queries = images_of(episode)
    names, asked = names_of(episode), queries_of(episode)
    height, width = examples[0].shape[:2]
    rows = [dict(enumerate(examples)), *({column: queries[k] for column, k in row.items()} for row in asked)]
    high, wide = height + 0.34 * height, width + max(1, width // 5)
    figure = new(TITLE, TOP + ROW * len(rows) + 30)
    for row, images in enumerate(rows):
        for column, image in images.items():
            grey = image.mean(axis=2) / 255.0
            figure.add_heatmap(
                z=np.round(grey, 3).tolist(), x0=column * wide, dx=1, y0=row * high, dy=1, zmin=0, zmax=1,
                colorscale=[[0, LIGHT["card"]], [1, LIGHT["ink"]]], showscale=False, hoverinfo="skip",
            )  # fmt: skip
            words, colour = names[episode.classes[column]], LIGHT["ink"]
            if row:
                k = asked[row - 1][column]
                answer, right = episode.answers[k], episode.right[k]
                words = f"{names.get(answer, 'another')} {'✓' if answer == right else '✗'}"
                colour = LIGHT["green"] if answer == right else LIGHT["orange"]
            figure.add_annotation(
                x=column * wide + (width - 1) / 2, y=row * high + height - 0.4, text=words, showarrow=False,
                yanchor="top", font={"size": 13, "color": colour},
            )  # fmt: skip
    last = (len(examples) - 1) * wide + width
    figure.update_xaxes(visible=False, range=[-1, last], fixedrange=True)
    figure.update_yaxes(
        visible=False, range=[len(rows) * high, -1], fixedrange=True, scaleanchor="x", constrain="domain"
    )
    return figure
