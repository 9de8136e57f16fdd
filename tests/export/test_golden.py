"""Files that come out, kept in `golden/` to be read: one for each variant of a template.

`python -m tests.export.test_golden` writes them anew; what has changed is then seen in the repository.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest

from evometa.export import export
from evometa.presentation.learner import Learner
from tests.evolved import evolved_learner
from tests.export.cases import ALL
from tests.export.exported import BOOLEAN, learner_of, recipe
from tests.lifetime.strategies import random_graph

GOLDEN = Path(__file__).parent / "golden"
VARIANTS = {
    "delta.python.py": "one layer, weights drawn",
    "rewarded.python.py": "hidden nodes, fixed weights and feedback, reward",
    "recurrent.python.py": "recurrent layers, coefficients shared by groups, a state",
    "sparse.python.py": "a graph of mixed activations",
    "delta.torch.py": "a module of one layer",
    "recurrent.torch.py": "a module of recurrent layers",
    "grown.python.py": "a network that evolved, with fixed synapses",
    "grown.torch.py": "a module of a network that evolved, with fixed synapses",
    "sparse.torch.py": "a module of a graph of mixed activations",
    "stately.torch.py": "an optimizer with states and age",
    "binary.torch.py": "an optimizer with an evolved loss, a network and coefficients of its synapses",
    "stately.optax.py": "a transformation with states and age",
    "skipping.optax.py": "a transformation with a network of any form",
    "binary.optax.py": "a transformation with an evolved loss, a network and coefficients of its synapses",
    "oja.latex.tex": "formulas",
}
OF_THE_DAY = re.compile(r"^(% )?(digest|written by) .*$", re.MULTILINE)  # they follow the configuration and the version


def learner(folder: Path, name: str) -> Learner:
    """The learner of a case."""
    if name == "grown":
        return evolved_learner(folder, 1, {"update": "-0.2*s1 - 0.01*w", "s1": "0.5*s1 + grad"})
    if name not in ("sparse", "skipping"):
        return learner_of(folder, ALL[name], name)
    rng = np.random.default_rng(3)
    graph = random_graph(rng, 3, 5, 1, recurrent=name == "sparse")
    update = "-0.1*grad + 0.01*p0*post*pre" if name == "sparse" else "-0.1*p0*grad"
    rule = recipe(
        BOOLEAN, {"update": update}, plasticity={"count": 1, "tie": "group"},
        weights={"mode": "evolved"}, network={"credit": "backprop"}, lifetime={"batch": 1, "updates": 20},
    )  # fmt: skip
    weights = rng.standard_normal(graph.synapses).astype(np.float32)
    plasticity = rng.standard_normal((1, int(graph.group.max()) + 1)).astype(np.float32)
    return learner_of(folder, rule, name, topology=graph, weights=weights, plasticity=plasticity)


def written(folder: Path, variant: str) -> str:
    """The file of a variant."""
    name, form, _ = variant.split(".")
    return OF_THE_DAY.sub(r"\1\2 …", str(export(learner(folder, name), form)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_comes_out_is_what_is_kept(variant: str, tmp_path: Path) -> None:
    assert written(tmp_path, variant) == (GOLDEN / variant).read_text(encoding="utf-8")


def test_every_file_that_is_kept_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(VARIANTS)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for variant in VARIANTS:
        with tempfile.TemporaryDirectory() as scratch:
            (GOLDEN / variant).write_text(written(Path(scratch), variant), encoding="utf-8")
