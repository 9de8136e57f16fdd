"""Outcomes of lifetimes, as written by hand and as drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from evometa.lifetime import DIVERGED, OK, Outcomes
from evometa.spec import SCORES

WILD = st.floats(width=32) | st.sampled_from((np.nan, np.inf, -np.inf, 1e30, 0.5, 0.0))


def outcomes_of(loss: Any, accuracy: Any = None, mae: Any = None, status: Any = None) -> Outcomes:
    """Return outcomes [G, C, L] from nested lists; accuracy, mean error and open synapses follow the loss."""
    lost = np.array(loss, np.float32)
    scores = (lost, 1 - lost if accuracy is None else accuracy, lost / 2 if mae is None else mae)
    return Outcomes(
        np.array(scores, np.float32),
        np.array(np.full(lost[:, 0].shape, OK) if status is None else status, np.uint8),
        opened=8 * np.clip(np.nan_to_num(lost), 0, 1),
    )


@st.composite
def wild_outcomes(draw: st.DrawFn) -> Outcomes:
    """Outcomes of up to 12 genomes with anything that float32 can hold."""
    genomes, checkpoints, lanes = draw(st.integers(1, 12)), draw(st.integers(1, 3)), draw(st.integers(1, 12))
    scores = draw(npst.arrays(np.float32, (len(SCORES), genomes, checkpoints, lanes), elements=WILD))
    status = draw(npst.arrays(np.uint8, (genomes, lanes), elements=st.sampled_from((OK, DIVERGED))))
    opened = draw(npst.arrays(np.float32, scores.shape[1:], elements=st.integers(0, 9)))
    return Outcomes(scores, status, opened=opened)
