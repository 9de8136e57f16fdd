"""Classic rules with a rate and a weight decay for each group of synapses, tuned: rivals as rich as rules that read
p0, p1 by layer (rates by layer: You, Gitman & Ginsburg 2017, LARS, here tuned instead of computed)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from evometa.config.schema import Config
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.topology import group_count
from evometa.judging.tuning import Point, Search, Trial, stock_genome
from evometa.language.library import DECAY, RULES, WEIGHT_DECAY, ClassicRule, Dial
from evometa.language.text import parse
from evometa.language.tree import Tree

ROUNDS = 24  # of compass search, from where the rule is best with one rate and one weight decay for all
RATES, DECAYS = (0.03, 30.0), (1e-5, 1.0)  # bounds: of each group's rate, in parts of the rule's, and weight decay


@dataclass
class LayerSearch(Search):
    """The search over the rule's dials but weight decay, and over two for each group of synapses."""

    groups: int = 0

    @classmethod
    def around(cls, name: str, dials: Mapping[str, float], config: Config, groups: int) -> LayerSearch:
        """Begin with a classic rule as it has been tuned, alike in all groups."""
        whole = Search.of(RULES[name], config)
        own = [(dial, step) for dial, step in zip(whole.dials, whole.steps, strict=True) if dial.name != WEIGHT_DECAY]
        rates = [Dial(f"rate {g}", f"p0[{g}]", (1.0,), "log", bounds=RATES) for g in range(groups)]
        decays = [
            Dial(f"{WEIGHT_DECAY} {g}", f"p1[{g}]", (DECAYS[0],), "log", natural=(True, False), bounds=DECAYS)
            for g in range(groups)
        ]
        steps = [*(step for _, step in own), *[np.log10(2.0)] * groups, *[0.5] * groups]
        search = cls(by_layer(whole.rule), [*(dial for dial, _ in own), *rates, *decays], [], steps, groups=groups)
        alike = {f"{WEIGHT_DECAY} {g}": max(dials.get(WEIGHT_DECAY, 0.0), DECAYS[0]) for g in range(groups)}
        usual = {DECAY: 1.0} | {dial.name: 1.0 for dial in rates} | alike | dict(dials)
        search.points = [search.point(usual)]
        return search

    def genome(self, point: Point, updates: int) -> Genome:
        """Return the rule with the values of a point, those of groups in p0 and p1."""
        values = self.values(point)
        own = [[values[f"{name} {g}"] for g in range(self.groups)] for name in ("rate", WEIGHT_DECAY)]
        return stock_genome(self.rule, values, updates).replace(plasticity=np.array(own, np.float32))


def by_layer(rule: ClassicRule) -> ClassicRule:
    """Return a rule whose weights decay with a rate c0·p0 in the place of c0, and p1 in that of its weight decay."""
    (shrinkage,) = [dial.coefficient for dial in rule.dials if dial.name == WEIGHT_DECAY]
    others = {"c0": parse("c0*p0"), shrinkage: parse("p1")}
    update = Tree(part for node in rule.slots["update"] for part in others.get(node.name, (node,)))
    return replace(rule, slots={**rule.slots, "update": update})


def tune_by_layer(evaluator: Evaluator, measure: str, tuned: Mapping[str, Mapping[str, float]]) -> list[LayerSearch]:
    """Return the searches, over, of classic rules by name, from their dials' values on; on the tasks of `tune`."""
    config = evaluator.config
    groups = group_count(evaluator.courses[0].network)
    searches = [LayerSearch.around(name, dials, config, groups) for name, dials in tuned.items()]
    trial = Trial(evaluator, measure)
    trial.climb(searches, config.champion.tuning_tasks or config.sampling.validation_tasks, ROUNDS)
    return searches
