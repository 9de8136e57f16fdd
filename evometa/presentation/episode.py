"""A task of images in a terminal: the example of each class, below it queries, and what they were taken for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from evometa.judging.reports import Episode, Report
from evometa.spec.arrays import U8

BLOCKS = " ▄▀█"  # of two pixels, one above the other: dark the lower, dark the upper
GAP = 3  # columns between images
WIDEST = 16  # columns of an image; of larger ones some pixels are left out


def images_of(episode: Episode) -> tuple[list[U8], list[U8]]:
    """Return examples and queries of an episode, u8[H, W, C] each."""
    shape = tuple(episode.shape)
    found = [
        [np.frombuffer(bytes.fromhex(text), np.uint8).reshape(shape) for text in texts]
        for texts in (episode.examples, episode.queries)
    ]
    return found[0], found[1]


def names_of(episode: Episode) -> dict[int, str]:
    """Return a letter for each class that is shown."""
    return {one: chr(ord("a") + k) for k, one in enumerate(episode.classes)}


def queries_of(episode: Episode) -> list[dict[int, int]]:
    """Return rows of queries, one of each class as far as there are: numbers of queries by the class's place."""
    places = [[k for k, right in enumerate(episode.right) if right == one] for one in episode.classes]
    most = max(map(len, places))
    return [{column: own[turn] for column, own in enumerate(places) if turn < len(own)} for turn in range(most)]


def episode_lines(report: Report | None) -> Iterator[Text]:
    """Yield the lines of a report's task of images; none where there is no such."""
    episode = None if report is None else report.episode
    if episode is None or not episode.examples:
        return
    (examples, queries), names = images_of(episode), names_of(episode)
    yield Text("a held-out task: one example of each class", style="dim")
    yield from _row(examples)
    yield _captions([(names[one], "bold") for one in episode.classes], examples)
    for turn, asked in enumerate(queries_of(episode)):
        yield Text("" if turn else "drawings asked about, and what the champion took them for", style="dim")
        yield from _row([queries[k] for k in asked.values()])
        yield _captions([_verdict(episode, names, k) for k in asked.values()], examples)


def _verdict(episode: Episode, names: dict[int, str], k: int) -> tuple[str, str]:
    """Return what a query was taken for, and a style: a mark and a word, too, tell right from wrong."""
    answer, right = episode.answers[k], episode.right[k]
    name = names.get(answer, "another")
    return (f"{name} ✓", "green") if answer == right else (f"{name} ✗ ({names[right]})", "red")


def _row(images: Sequence[U8]) -> Iterator[Text]:
    """Yield the lines of some images side by side, two rows of pixels a line; no empty ones above or below."""
    lines = [(" " * GAP).join(line).rstrip() for line in zip(*map(_drawn, images), strict=True)]
    inked = [number for number, line in enumerate(lines) if line] or [0]
    yield from map(Text, lines[inked[0] : inked[-1] + 1])


def _drawn(image: U8) -> list[str]:
    """Return the lines of one image, in two shades parted in the middle between its darkest and its brightest."""
    steps = max(1, -(-image.shape[1] // WIDEST))
    grey: NDArray[np.float64] = image[::steps, ::steps].mean(axis=2)
    ink = grey > (grey.min() + grey.max()) / 2
    ink = np.pad(ink, ((0, len(ink) % 2), (0, 0)))
    return ["".join(BLOCKS[2 * upper + lower] for upper, lower in zip(*two, strict=True)) for two in _pairs(ink)]


def _pairs(ink: NDArray[np.bool_]) -> list[tuple[list[int], list[int]]]:
    rows = ink.astype(int).tolist()
    return list(zip(rows[::2], rows[1::2], strict=True))


def _captions(words: Sequence[tuple[str, str]], images: Sequence[U8]) -> Text:
    """Return a line with a word below each image."""
    width = len(_drawn(images[0])[0]) + GAP
    line = Text()
    for text, style in words:
        line.append(text, style=style).append(" " * max(1, width - len(text)))
    line.rstrip()
    return line
