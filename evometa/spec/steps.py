"""What a learner does with examples, step by step: the lists that the reference follows, and the backends' loops, too.

Each backend has a function of a step's name: a method of the reference's Learner, and hand-made loops in Numba and in
CUDA, which make the steps in this order. A driver chooses what is perceived and how the answers are supervised, and
makes the steps of UPDATE or QUERY again and again. An array stands here by the name that the reference gives it.
"""

from __future__ import annotations

from dataclasses import dataclass

from evometa.spec.table import Table


@dataclass(frozen=True)
class Step:
    """One row: the step `reads` some arrays and `writes` others, or the same anew."""

    name: str
    reads: str
    writes: str
    meaning: str


STEPS = Table(
    Step("perceive", "x act", "act before", "examples become activations of the inputs"),
    Step("forward", "act before states", "act", "net inputs and activations, node after node"),
    Step("answer", "act", "act", "the head turns the outputs' net inputs into answers"),
    Step("supervise", "act y", "reward", "targets become known, and a reward for the answers"),
    Step("error", "act y", "err", "∂loss/∂(net input) at the outputs, of the head's own loss or of an evolved one"),
    Step("back", "act err states", "err", "errors reach hidden nodes, as the credit mode says"),
    Step("gradient", "act before err states", "grad", "the mean over the examples of err·pre, and what weights cost"),
    Step("execute", "act before y reward err grad age states w0", "signals results", "the rule, for each synapse"),
    Step("bound", "results states", "states", "weights change, within the bound; states take their next values"),
    Step("score", "act y", "scores", "what the answers to a query are worth"),
)

UPDATE = ("perceive", "forward", "answer", "supervise", "error", "back", "gradient", "execute", "bound")
QUERY = ("perceive", "forward", "answer", "score")
