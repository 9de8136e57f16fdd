"""The benchmark's optimizers for many replicas at once: each replica changes as PyTorch's own would change it alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.export import export

torch = pytest.importorskip("torch", reason="torch is not installed: its optimizers are not compared")

from benchmarks.optimizers_in_torch import held_out, ranks, tuned  # noqa: E402
from benchmarks.torch_optimizers import RIVALS, Kind, Range, evolved  # noqa: E402
from benchmarks.torch_problems import problems  # noqa: E402

KINDS = {kind.name: kind for kind in RIVALS}
UPDATES, REPLICAS = 12, 3
SHOWCASE = Path(__file__).parents[1] / "runs" / "showcase" / "optimizer"


def course(kind: Kind, dials: dict[str, list[float]]) -> list[Any]:
    """The replicas' weights after a few updates with fixed gradients that depend on the weights."""
    weights = [torch.linspace(-1, 1, REPLICAS * 6).view(REPLICAS, 2, 3), torch.ones(REPLICAS, 1, 3)]
    held = {name: torch.tensor(values).view(-1, 1, 1) for name, values in dials.items()}
    optimizer = kind.make(weights, held, UPDATES)
    for update in range(UPDATES):
        optimizer.step(gradients(weights, update), kind.rate(held, update, UPDATES))
    optimizer.finish()
    return weights


def gradients(weights: list[Any], update: int) -> list[Any]:
    return [torch.sin(3 * w + update) + 0.3 * w for w in weights]


def alone(replica: int, make: Any, rates: Any) -> list[Any]:
    """The same for one replica by an optimizer of PyTorch's."""
    weights = [torch.linspace(-1, 1, REPLICAS * 6).view(REPLICAS, 2, 3)[replica].clone(), torch.ones(1, 3)]
    optimizer = make(weights)
    for update in range(UPDATES):
        for weight, gradient in zip(weights, gradients(weights, update), strict=True):
            weight.grad = gradient
        optimizer.param_groups[0]["lr"] = rates(update / (UPDATES - 1))
        optimizer.step()
    return weights


RATES, ENDS, DECAYS, ONE, TWO = (
    [0.01, 0.1, 0.3],
    [0.0, 0.5, 1.0],
    [0.0, 0.01, 0.1],
    [0.5, 0.9, 0.95],
    [0.9, 0.99, 0.999],
)


@pytest.mark.parametrize(
    ("name", "more", "make"),
    [
        ("SGD", {}, lambda w, r: torch.optim.SGD(w, 1.0, weight_decay=DECAYS[r])),
        ("momentum", {"β": ONE}, lambda w, r: torch.optim.SGD(w, 1.0, ONE[r], weight_decay=DECAYS[r])),
        (
            "Nesterov", {"β": ONE},
            lambda w, r: torch.optim.SGD(w, 1.0, ONE[r], weight_decay=DECAYS[r], nesterov=True),
        ),
        (
            "Adam", {"β1": ONE, "β2": TWO},
            lambda w, r: torch.optim.Adam(w, 1.0, (ONE[r], TWO[r]), weight_decay=DECAYS[r]),
        ),
        (
            "AdamW", {"β1": ONE, "β2": TWO},
            lambda w, r: torch.optim.AdamW(w, 1.0, (ONE[r], TWO[r]), weight_decay=DECAYS[r]),
        ),
    ],
)  # fmt: skip
def test_replicas_change_as_by_torchs_own_optimizers(name: str, more: dict[str, list[float]], make: Any) -> None:
    found = course(KINDS[name], {"rate": RATES, "decay": ENDS, "weight decay": DECAYS, **more})
    for replica in range(REPLICAS):
        rate, end = RATES[replica], ENDS[replica]
        wanted = alone(
            replica,
            lambda weights, r=replica: make(weights, r),
            lambda age, rate=rate, end=end: rate * (1 - (1 - end) * age),
        )
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one[replica], other, rtol=1e-4, atol=1e-5)


def test_lion_moves_by_the_sign_of_a_mean_that_weighs_the_newest_gradient_more() -> None:
    dials = {"rate": [0.1], "β1": [0.9], "β2": [0.99], "weight decay": [0.5]}
    weight, held = torch.tensor([[[1.0, -1.0]]]), {name: torch.tensor(value) for name, value in dials.items()}
    optimizer = KINDS["Lion"].make([weight], held, 2)
    optimizer.step([torch.tensor([[[100.0, -1.0]]])], held["rate"])
    torch.testing.assert_close(weight, torch.tensor([[[0.85, -0.85]]]))
    optimizer.step([torch.tensor([[[-1.0, 1.0]]])], held["rate"])  # .9 · 1 − .1 · 1 > 0; −.009 + .1 > 0
    torch.testing.assert_close(weight, torch.tensor([[[0.85 - 0.1425, -0.85 - 0.0575]]]))


def test_schedule_free_without_momentum_is_the_mean_of_normalised_descent() -> None:
    dials = {"rate": [0.1], "β1": [0.0], "β2": [0.0], "weight decay": [0.0], "warm-up": [1e-9]}
    weight, held = torch.tensor([[[1.0]]]), {name: torch.tensor(value) for name, value in dials.items()}
    optimizer = KINDS["Schedule-Free"].make([weight], held, 4)
    for _ in range(4):
        optimizer.step([torch.tensor([[[2.0]]])], held["rate"])
    torch.testing.assert_close(weight, torch.tensor([[[0.6]]]))  # z
    optimizer.finish()
    torch.testing.assert_close(weight, torch.tensor([[[0.75]]]))  # the mean of .9, .8, .7, .6


def test_a_champion_changes_replicas_as_its_export_does() -> None:
    champion = evometa.load(SHOWCASE).champion
    assert champion is not None
    kind = evolved("champion", str(export(champion, "torch")))
    found = course(kind, {"rate": [0.5, 1.0, 2.0], "decay": [1.0] * 3, "weight decay": [0.0] * 3})
    module: dict[str, Any] = {}
    exec(str(export(champion, "torch")), module)
    for replica, rate in enumerate([0.5, 1.0, 2.0]):
        wanted = alone(replica, lambda w: module["EvolvedRule"](w, updates=UPDATES), lambda age, rate=rate: rate)
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one[replica], other)


def test_dials_lie_evenly_on_their_scales_within_their_ends() -> None:
    half = torch.tensor([0.0, 0.5, 1.0])
    assert Range(0.01, 1.0).value(half).tolist() == pytest.approx([0.01, 0.1, 1.0])
    assert Range(0.0, 0.99, "complement").value(half).tolist() == pytest.approx([0.0, 0.9, 0.99])
    assert Range(-1.0, 2.0, "linear").value(half).tolist() == pytest.approx([-1.0, 0.5, 2.0])


def test_ranks_count_who_is_below_and_share_ties() -> None:
    rivals, champions = np.array([[[1.0]], [[3.0]]]), np.array([[[2.0]], [[1.0]]])
    assert ranks(rivals, champions)[:, :, 0, 0].tolist() == [[1, 3, 2], [1.5, 3, 1.5]]


def test_tuning_finds_settings_that_learn_on_rows_that_the_test_does_not_ask() -> None:
    diabetes = problems()[0]
    train, test = diabetes.split(0)
    assert len({*train.tolist(), *test.tolist()}) == len(diabetes.x) == len(train) + len(test)
    best = tuned(diabetes, KINDS["momentum"], seeds=1)
    assert best.shape == (1, 4)
    assert 0.3 < held_out(diabetes, KINDS["momentum"], seeds=1)[0] < 0.7  # 1 is what the mean of all loses
