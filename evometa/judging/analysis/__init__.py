"""What a learner is made of: what each part of its rule and each signal is worth, and the course of its life.

observation  a few lifetimes from near: what the rule reads and gives
parts        terms and factors of the simplified formula, taken out or held still
wiring       hidden nodes and synapses, taken out
gates        synapses that are open at the end of life, task by task
plasticity   how much lives change each synapse
signals      each signal held at its mean, or shuffled
measurement  altered learners beside the whole one on the same held-out tasks
course       a life from within, and learning curves
whole        all of it as one JSON object
stored       the same for a run that is looked at
"""

from evometa.judging.analysis.whole import analyse

__all__ = ["analyse"]
