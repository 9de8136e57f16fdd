"""Learning rules as scikit-learn estimators: `run.champion.classifier()` and `.regressor()` make them.

Learners that compare examples become a FewShotClassifier, others a RuleClassifier or a RuleRegressor. Learners that act
are no estimators: they become an Agent, which is told rewards.

They are plain estimators: everything is a constructor parameter, so clones, pipelines and searches need no run file.
Importing this package imports scikit-learn.
"""

from __future__ import annotations

from evometa.estimators.agent import Agent
from evometa.estimators.classifier import RuleClassifier
from evometa.estimators.few_shot import FewShotClassifier
from evometa.estimators.regressor import RuleRegressor

__all__ = ["Agent", "FewShotClassifier", "RuleClassifier", "RuleRegressor"]
