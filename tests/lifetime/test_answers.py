"""Trees beside hidden rules: the compiled comparison says what NumPy says."""

from __future__ import annotations

import numpy as np

from evometa.language.codes import Trees
from evometa.language.signals import SIGNALS
from evometa.language.text import parse
from evometa.lifetime.answers import closeness
from evometa.tasks.hidden_rules import answers

NAMES = ("pre", "post", "w")


def test_closeness_is_a_squared_cosine_with_its_sign() -> None:
    rng = np.random.default_rng(0)
    probes = np.zeros((len(SIGNALS), 32), np.float32)
    for name in NAMES:
        probes[SIGNALS[name].register] = rng.normal(size=32)
    given = ["pre*post", "-3*pre*post", "tanh(w) + pre", "div(pre, 0*pre)", "0*w", "select(pre, w, post - 0.25)"]
    trees = Trees.of([parse(text, NAMES) for text in given] * 2)
    told, true = rng.normal(size=(2, 32)), answers(parse("pre*post", NAMES), probes)
    fitness, worth, keys = closeness(trees, probes, told, np.tile(true, (2, 1)))
    for row in range(12):
        own = answers(parse(given[row % 6], NAMES), probes)
        for target, found in ((told[row // 6], fitness[row]), (true, worth[row])):
            if not np.isfinite(own).all() or not own.any():
                assert found == -1.0
                continue
            cosine = own @ target / np.sqrt((own @ own) * (target @ target))
            assert np.isclose(found, cosine * abs(cosine), rtol=1e-9)
    assert np.allclose(worth[:2], [1.0, -1.0])
    assert len(set(keys[:3].tolist())) == 3
    assert keys[:6].tolist() == keys[6:].tolist()
    assert keys[3] == keys[4] == 0
