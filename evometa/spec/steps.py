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
    Step("perceive", "x act memory", "act before", "examples, and what was read, become activations of the inputs"),
    Step("forward", "act before states", "act", "net inputs and activations, node after node"),
    Step("compare", "act y", "output", "what the outputs give, or of a head that compares, its net inputs: of classes"),
    Step("answer", "output act", "output act", "the head turns net inputs into answers"),
    Step("access", "act memory", "memory", "a memory is written, and read where attention moves, as hidden nodes say"),
    Step("supervise", "output y", "reward", "targets become known, and a reward for the answers"),
    Step("error", "act output y", "err", "∂loss/∂(what the outputs give), of the head's own loss or of an evolved one"),
    Step("back", "act before err states", "err", "errors reach hidden nodes, as the credit mode says"),
    Step("gradient", "act before err states", "grad", "the mean over the examples of err·pre, and what weights cost"),
    Step(
        "execute",
        "act before y reward err grad age novel task states w0",
        "signals results",
        "the rule, for each synapse",
    ),
    Step("bound", "results states", "states", "weights change, within the bound; states take their next values"),
    Step("score", "output y", "scores", "what the answers to a query are worth"),
)

UPDATE = ("perceive", "forward", "compare", "answer", "access", "supervise", "error", "back", "gradient", "execute",
          "bound")  # fmt: skip
QUERY = ("perceive", "forward", "compare", "answer", "score")
EMBEDDING = QUERY[:2]  # of what queries are compared with

# The adjoints of an update's steps, in the order in which they are made: backwards. `x_bar` is the adjoint of x,
# `after` what the states became. The order of every operation stands in evometa/lifetime/slopes.py.
ADJOINT = Table(
    Step("bound_adjoint", "after states_bar", "seeds",
         "from states to what slots gave, but where the bound held a weight"),
    Step("execute_adjoint", "signals seeds states_bar w0_bar plasticity_bar coefficients_bar act_bar",
         "states_bar w0_bar plasticity_bar coefficients_bar reward_bar grad_bar err_bar act_bar before_bar output_bar",
         "the rule's adjoint, for each synapse"),
    Step("gradient_adjoint", "grad_bar act before err err_bar act_bar before_bar", "err_bar act_bar before_bar",
         "from each gradient to errors and activations"),
    Step("back_adjoint", "err_bar err act before states act_bar before_bar states_bar",
         "err_bar act_bar before_bar states_bar",
         "from the errors of hidden nodes to those of the outputs, as the credit mode says"),
    Step("error_adjoint", "err_bar act output y act_bar output_bar coefficients_bar",
         "act_bar output_bar coefficients_bar",
         "from the errors of the outputs to the answers, of the head's own loss or of an evolved one"),
    Step("supervise_adjoint", "reward_bar output y act_bar output_bar", "act_bar output_bar",
         "from the reward to the answers"),
    Step("access_adjoint", "act memory memory_bar act_bar coefficients_bar", "act_bar memory_bar coefficients_bar",
         "from a memory to what it was before, to what hidden nodes said, and to its numbers"),
    Step("answer_adjoint", "output act_bar output_bar", "act_bar output_bar",
         "from the answers to the head's net inputs"),
    Step("compare_adjoint", "act y act_bar output_bar coefficients_bar", "act_bar coefficients_bar",
         "from the net inputs of a head that compares to embeddings, and to the metric"),
    Step("forward_adjoint", "act before states act_bar before_bar states_bar", "act_bar before_bar states_bar",
         "from activations to net inputs and weights, node after node, backwards"),
    Step("perceive_adjoint", "act_bar before_bar memory_bar", "act_bar memory_bar",
         "to the activations that the update before left, and to what it read"),
)  # fmt: skip
