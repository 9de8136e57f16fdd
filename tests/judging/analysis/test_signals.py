"""What a rule owes to each of its signals."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.judging.analysis.observation import Watched
from evometa.judging.analysis.signals import Share, held, shares, signals_of
from tests.judging.analysis.learners import genome

RNG = np.random.default_rng(4)
ONES = {
    name: RNG.standard_normal(20_000).astype(np.float32) for name in ("pre", "post", "w", "s1", "s2", "grad", "age")
}


def seen(**slots: str) -> Watched:
    """Signals that are independent, each with mean 0 and variance 1; s1 has become what its slot gives."""
    one = genome(1.0, **slots)
    found = Watched(before={**ONES, "c0": np.float32(1)}, results={"update": ONES["w"]})
    after = {slot: found.values(tree, slot).astype(np.float32) for slot, tree in one.rule.items() if slot != "update"}
    found.after = {**found.before, **after}
    return found


def test_coefficients_and_the_loss_are_no_signals() -> None:
    rule = genome(update="-c0*s1 + p0*w", s1="0.9*s1 + grad", s2="age", loss="square(output - target)").rule
    assert signals_of(rule) == ["grad", "w", "s1", "p0"]


def test_a_held_signal_is_its_mean_in_every_slot_but_the_loss() -> None:
    one = genome(1.0, update="pre*w", s1="pre")
    found = held(one, seen(update="pre*w", s1="pre"))
    assert list(found) == ["pre", "w"]
    mean, other = found["pre"]
    assert mean == pytest.approx(float(ONES["pre"].mean()))
    assert other.rule["update"].signals() == {"w"}
    assert other.rule["s1"].signals() == set()
    assert one.rule["update"].signals() == {"pre", "w"}


def test_what_was_never_seen_cannot_be_held() -> None:
    assert held(genome(update="pre"), Watched()) == {}
    nothing = Watched(after={"pre": np.full(3, np.nan, np.float32)})
    assert held(genome(update="pre"), nothing) == {}


def test_shares_of_a_sum_add_up_and_slopes_have_signs() -> None:
    slots = {"update": "3*pre - 4*post"}
    found = shares(genome(**slots), seen(**slots), 0)
    assert found["pre"].share == pytest.approx(9 / 25, abs=0.02)
    assert found["post"].share == pytest.approx(16 / 25, abs=0.02)
    assert found["pre"].slope == pytest.approx(0.6, abs=0.02)
    assert found["post"].slope == pytest.approx(-0.8, abs=0.02)


def test_shares_see_what_slopes_do_not() -> None:
    slots = {"update": "pre*post"}
    found = shares(genome(**slots), seen(**slots), 0)
    assert found["pre"].share == pytest.approx(1.0, abs=0.05)
    assert abs(found["pre"].slope) < 0.05


def test_states_count_by_what_the_update_reads() -> None:
    slots = {"update": "-c0*s1", "s1": "0*s1 + 2*grad"}
    found = shares(genome(1.0, **slots), seen(**slots), 0)
    assert found["s1"].share == pytest.approx(1.0, abs=0.05)
    assert found["s1"].slope == pytest.approx(-1.0)
    assert found["grad"].share == pytest.approx(1.0, abs=0.05)


def test_no_variance_no_share() -> None:
    assert shares(genome(update="w - w"), seen(update="w - w"), 0)["w"] == Share()
    lost = {"update": "div(w, 0) - div(w, 0)"}
    assert shares(genome(**lost), seen(**lost), 0)["w"] == Share()
    assert shares(genome(update="0.5"), seen(update="0.5"), 0) == {}


def test_the_same_seed_gives_the_same() -> None:
    slots = {"update": "pre*post + w"}
    assert shares(genome(**slots), seen(**slots), 0) == shares(genome(**slots), seen(**slots), 0)
    assert shares(genome(**slots), seen(**slots), 0) != shares(genome(**slots), seen(**slots), 1)


def test_the_loss_keeps_its_target() -> None:
    one = genome(update="pre*target", loss="square(output - target)")
    found = Watched(after={"pre": ONES["pre"], "target": ONES["w"]})
    _, other = held(one, found)["target"]
    assert other.rule["update"].signals() == {"pre"}
    assert other.rule["loss"] == one.rule["loss"]
