"""How hard are the alphabets? `python -m benchmarks.alphabets [--seeds N] [--only NAMES] [--omniglot FILE] [--quick]`.

Accuracy on characters of scripts never met (family `alphabets`, 14×14, 5 queries of each class): plain learners on
pixels, and Prototypical nets (Snell 2017) in PyTorch, the rivals of whatever evolves. The nets: ReLU, trained on
episodes of one and of five shots in turn, 5 queries of each class, Adam at 1e-3 down to 0 by a cosine, one thread;
chosen by nothing. A row has the mean ± its 95 % interval: of pixels over episodes, of nets over seeds (Student's), all
on the same test episodes. What a first rendering of these scripts came to stands beside (600 episodes, one seed); a row
agrees where its interval and that one (± 1 point, its own interval) meet. `--only NAMES` (with ; between them) makes
some of the nets; `--omniglot FILE` takes Omniglot by its official split (the file of that family's `path`). Needs the
extra `bench`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from benchmarks.claims import Table, claim, options
from evometa.judging.intervals import mean_interval
from evometa.judging.peers import peers
from evometa.lifetime import Tasks
from evometa.tasks import Family, open_family
from evometa.tasks.families.alphabets import AlphabetsTasks
from evometa.tasks.families.omniglot import OmniglotTasks

TESTS = ((5, 1), (5, 5), (20, 1), (20, 5))  # ways, shots
QUERIES, RATE, AT_ONCE = 5, 1e-3, 100
SHOTS = (1, 5)  # of the episodes that nets are trained on, in turn
FIRST_HALF = 1.0  # half the interval of the first rendering's figures, in points


class Net(NamedTuple):
    """A Prototypical net: widths, steps, the ways it is trained on, and what it came to on the first rendering."""

    widths: tuple[int, ...]
    steps: int
    ways: int
    first: tuple[float | None, ...]


NETS = {
    "prototypical 196-128-64": Net((196, 128, 64), 10_000, 20, (81.8, 93.4, None, None)),
    "prototypical 196-256-256-64": Net((196, 256, 256, 64), 10_000, 20, (90.7, 96.6, None, None)),
    "the small one, 4 000 steps": Net((196, 128, 64), 4_000, 20, (76.3, 89.7, None, None)),
    "the same, trained 5-way": Net((196, 128, 64), 4_000, 5, (65.9, 81.2, None, None)),
}
PIXELS = {
    "nearest prototype": (40.2, 61.2, 21.0, 37.7),
    "1-nearest neighbour": (40.2, 60.2, 21.0, 38.6),
    "ridge classification": (None,) * 4,
    "support vector machine": (None,) * 4,
}


@cache
def family(omniglot: str, ways: int, shots: int) -> Family:
    """Return the alphabets in such episodes, or Omniglot by its official split, read from a file."""
    own: dict[str, Any] = {"ways": ways, "shots": shots, "queries": QUERIES}
    settings = OmniglotTasks(path=omniglot, **own) if omniglot else AlphabetsTasks(**own)
    return open_family(settings, 0, ("train", "test"))


def episodes(omniglot: str, split: str, ways: int, shots: int, count: int, seed: int) -> Tasks:
    """Draw episodes."""
    return family(omniglot, ways, shots).sample(split, count, np.random.default_rng([seed, ways, shots]))


def on_pixels(omniglot: str, ways: int, shots: int, count: int) -> dict[str, np.ndarray]:
    """Return the accuracy of plain learners on each test episode, in percent; the slow ones meet fewer."""
    tasks = episodes(omniglot, "test", ways, shots, count, 0)
    return {name: 100.0 * peer.scores(tasks.query_y) for name, peer in peers(tasks, "softmax").items()}


def trained(omniglot: str, net: Net, seed: int, steps: int) -> Callable[[Any], Any]:
    """Train a Prototypical net, and return it."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    layers: list[Any] = []
    for before, after in zip(net.widths, net.widths[1:], strict=False):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    adam = torch.optim.Adam(model.parameters(), RATE)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    labels = torch.arange(net.ways).repeat(QUERIES)
    stock: dict[int, Any] = {}
    for step in range(steps):
        shots, place = SHOTS[step % 2], step // 2 % AT_ONCE
        if place == 0:
            stock[shots] = _tensors(episodes(omniglot, "train", net.ways, shots, AT_ONCE, 1 + seed * steps + step))
        support, query = (part[place] for part in stock[shots])
        loss = torch.nn.functional.cross_entropy(-_distances(model, support, query, net.ways), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
        cosine.step()
    return model


def _tensors(tasks: Tasks) -> tuple[Any, Any]:
    """Return support and queries, f32[episodes, examples, pixels]."""
    import torch

    support, query = (torch.from_numpy(x.transpose(2, 0, 1).copy()) for x in (tasks.support_x, tasks.query_x))
    return support, query


def _distances(model: Callable[[Any], Any], support: Any, query: Any, ways: int) -> Any:
    """Return squared distances of queries to the prototypes, [queries, ways]; example s is of class s mod ways."""
    prototypes = model(support).unflatten(0, (-1, ways)).mean(0)
    return (model(query)[:, None] - prototypes).square().sum(-1)


def accuracy(omniglot: str, model: Callable[[Any], Any], ways: int, shots: int, count: int) -> float:
    """Return a net's mean accuracy on test episodes, in percent."""
    import torch

    support, query = _tensors(episodes(omniglot, "test", ways, shots, count, 0))
    labels = torch.arange(ways).repeat(QUERIES)
    with torch.no_grad():
        right = [
            (_distances(model, s, q, ways).argmin(1) == labels).float().mean()
            for s, q in zip(support, query, strict=True)
        ]
    return 100.0 * float(torch.stack(right).mean())


def told(values: Sequence[float] | np.ndarray, first: float | None) -> tuple[str, bool | None]:
    """Write a mean with its interval and the first rendering's figure; and whether they agree."""
    mean, half = mean_interval(values)
    text = f"{mean:.1f} ± {'?' if half is None else f'{half:.1f}'}"
    if first is None:
        return text, None
    return f"{text} ({first})", abs(mean - first) <= (half or 0.0) + FIRST_HALF


def main() -> None:
    """Print the table and what agrees."""
    chosen = options(__doc__, seeds=5, episodes=600, only="", omniglot="")
    data = chosen.omniglot
    count, seeds = (20, 1) if chosen.quick else (chosen.episodes, chosen.seeds)
    table = Table(learner=-28, **{f"{ways}-way_{shots}-shot": 20 for ways, shots in TESTS}, synapses=8, CPU_s=6)
    verdicts: list[tuple[str, list[bool]]] = []

    def row(name: str, scores: Sequence[Any], first: Sequence[float | None], synapses: object, cpu: object) -> None:
        cells = [told(values, None if data else known) for values, known in zip(scores, first, strict=True)]
        table.row(name, *(text for text, _ in cells), synapses, cpu)
        verdicts.append((name, [agrees for _, agrees in cells if agrees is not None]))

    found = [on_pixels(data, ways, shots, count) for ways, shots in TESTS]
    for name, first in PIXELS.items():
        row(name, [one[name] for one in found], first, "", "")
    for name in [one.strip() for one in chosen.only.split(";") if one.strip()] or NETS:
        net = NETS[name]
        begin, scores = time.process_time(), []
        for seed in range(seeds):
            model = trained(data, net, seed, 20 if chosen.quick else net.steps)
            scores.append([accuracy(data, model, ways, shots, count) for ways, shots in TESTS])
        synapses = sum((before + 1) * after for before, after in zip(net.widths, net.widths[1:], strict=False))
        row(name, list(zip(*scores, strict=True)), net.first, synapses, round((time.process_time() - begin) / seeds, 1))
    print()
    for name, agree in verdicts:
        if agree:
            claim(f"{name} is on these drawings what it was on the first", all(agree))


if __name__ == "__main__":
    main()
