"""Recipes that between them use every signal, state, slot, head, credit mode and kind of number."""

from __future__ import annotations

from typing import Any

from tests.export.exported import BOOLEAN, CLUSTERS, SINE, recipe

DELTA = recipe(
    BOOLEAN, {"update": "c0*(pre*(target - post))"}, coefficients={"values": [0.5]}, network={"credit": "local"}
)
OJA = recipe(
    BOOLEAN, {"update": "c0*(post*(pre - post*w)) + 0.1*(w0 - w)*sigmoid(age)"},
    coefficients={"values": [0.05]}, network={"hidden": [4], "activation": "sigmoid", "credit": "local"},
    weights={"mode": "evolved"},
)  # fmt: skip
ABCD = recipe(
    BOOLEAN, {"update": "c0*(p0*(pre*post) + p1*pre + p2*post + p3)*err"},
    coefficients={"values": [0.1]}, plasticity={"count": 4},
    network={"hidden": [3], "activation": "tanh", "credit": "broadcast"},
)  # fmt: skip
BCM = recipe(
    BOOLEAN,
    {"update": "c0*(pre*(post*(post - s1))) - 0.01*s2", "s1": "(1 - c1)*s1 + c1*square(post)", "s2": "max(s1, -0.5)"},
    coefficients={"values": [0.1, 0.1]}, network={"hidden": [4], "activation": "tanh", "credit": "local"},
)  # fmt: skip
REWARDED = recipe(
    BOOLEAN, {"update": "0.05*(reward - 0.5)*pre*post - 0.02*grad"},
    network={"hidden": [4], "activation": "relu", "credit": "feedback"}, weights={"mode": "fixed"},
)  # fmt: skip
RECURRENT = recipe(
    SINE, {"update": "-c0*grad + 0.1*p0*tanh(pre*post)", "s1": "0.9*s1 + err"},
    coefficients={"values": [0.005]}, plasticity={"count": 1, "tie": "group"},
    network={"hidden": [4, 3], "activation": "tanh", "recurrent": True, "credit": "backprop"},
)  # fmt: skip
STEPPED = recipe(
    BOOLEAN, {"update": "0.1*(pre*sign(target - post)) + 0.001*cos(w)*exp(-abs(sin(pre)))*log(2 + age)"},
    network={"hidden": [4], "activation": "step", "credit": "broadcast"},
)  # fmt: skip
SCORED = recipe(
    CLUSTERS, {"update": "0.05*(reward - 0.3)*pre*err"}, network={"hidden": [5], "credit": "feedback"},
)  # fmt: skip
NARROW = recipe(
    SINE, {"update": "reward*0.01*pre - 0.5*err*pre"}, network={"hidden": [3], "activation": "linear"},
    lifetime={"batch": 1, "updates": 100, "bound": 0.5},
)  # fmt: skip

SGD = recipe(
    CLUSTERS, {"update": "-c0*grad"}, coefficients={"values": [0.3]}, network={"hidden": [6]},
    lifetime={"batch": 5, "updates": 100},
)  # fmt: skip
ADAM = recipe(
    CLUSTERS,
    {
        "update": "-c0*aq(c3*(s1*aq(c3, c3*(1 - exp((1 + age*c4)*log(c1))))),"
        " c3*(sqrtabs(s2)*aq(c3, c3*sqrtabs(1 - exp((1 + age*c4)*log(c2))))))",
        "s1": "c1*s1 + (1 - c1)*grad", "s2": "c2*s2 + (1 - c2)*square(grad)",
    },
    coefficients={"values": [0.02, 0.9, 0.999, 1e4, 99.0]}, network={"hidden": [6]},
    lifetime={"batch": 5, "updates": 100},
)  # fmt: skip
ANCHORED = recipe(
    SINE, {"update": "-exp(p0 - 3)*clipped + 0.01*(w0 - w)*(1 - age)".replace("clipped", "max(min(grad, 1), -1)")},
    plasticity={"count": 1, "tie": "group"}, network={"hidden": [5, 5], "activation": "relu"},
    weights={"mode": "evolved"}, lifetime={"batch": 5, "updates": 100},
)  # fmt: skip
LOSS = recipe(
    CLUSTERS,
    {"update": "-c0*s1", "s1": "0.5*s1 + grad", "loss": "abs(output - target)*c1 + square(output - target)*output"},
    coefficients={"values": [0.4, 0.7]}, network={"hidden": [5]}, lifetime={"batch": 4, "updates": 100},
)  # fmt: skip
BINARY = recipe(
    BOOLEAN, {"update": "-0.5*grad - 0.1*p0*p1*sigmoid(w)", "loss": "select(target, exp(-output), square(output))"},
    plasticity={"count": 2}, weights={"mode": "evolved"}, network={"hidden": [4]},
    lifetime={"batch": 2, "updates": 100},
)  # fmt: skip
STATELY = recipe(  # states and changes that are one number for all synapses
    SINE, {"update": "-0.05*grad*s1 + 0.001*s2", "s1": "0.5 + 0.5*age", "s2": "0.5*s2 + 0.25*s1"},
    network={"hidden": [5]}, lifetime={"batch": 2, "updates": 100, "bound": 0.8},
)  # fmt: skip
SIGNED = recipe(
    SINE, {"update": "-0.01*sign(s1)", "s1": "0.9*s1 + grad"}, network={"hidden": []},
    lifetime={"batch": 3, "updates": 100},
)  # fmt: skip
DEAD = recipe(  # states that are one number, stay 0 or are not read
    SINE, {"update": "0.03*(s1*grad) - s2", "s1": "-0.773", "s2": "s2*0.5"}, network={"hidden": [4]},
    lifetime={"batch": 3, "updates": 100},
)  # fmt: skip

TIED = recipe(  # as many groups as synapses, in another order
    SINE, {"update": "-0.02*exp(p0)*grad - 0.01*p1*w"}, plasticity={"count": 2, "tie": "group"},
    network={"hidden": [1]}, lifetime={"batch": 3, "updates": 100},
)  # fmt: skip


def comparing(head: str, updates: int = 0, **network: Any) -> dict[str, Any]:
    """Drawings of five characters, compared by coefficients."""
    return recipe(
        {"family": "alphabets", "ways": 5, "shots": 2, "queries": 3, "size": 7},
        {"update": "-0.5*grad" if updates else "0"}, coefficients={"values": [0.7, 0.5, -0.3]},
        lifetime={"batch": "all", "updates": updates, "order": "fixed"}, weights={"mode": "evolved", "init": "he"},
        network={"hidden": [8], "activation": "relu", "head": head, "embedding": 6,
                 "metric": {"scale": "c0", "norm": "c1", "log_ridge": "c2"}, **network},
    )  # fmt: skip


LOCAL: dict[str, dict[str, Any]] = {
    "delta": DELTA, "oja": OJA, "abcd": ABCD, "bcm": BCM, "rewarded": REWARDED, "recurrent": RECURRENT,
    "stepped": STEPPED, "scored": SCORED, "narrow": NARROW,
}  # fmt: skip
GRADIENT: dict[str, dict[str, Any]] = {
    "sgd": SGD, "adam": ADAM, "anchored": ANCHORED, "loss": LOSS, "binary": BINARY, "stately": STATELY,
    "signed": SIGNED, "dead": DEAD, "tied": TIED,
}  # fmt: skip
ALL = LOCAL | GRADIENT
