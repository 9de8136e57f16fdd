"""One individual as people see it: its rule simplified and recognised, its network in words, its scores."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from evometa.errors import InputError
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import network_of
from evometa.judging.analyses import Analysis
from evometa.judging.reports import Report
from evometa.judging.verdict import over, wirings
from evometa.language.algebra import latex
from evometa.language.liveness import living
from evometa.language.tree import Tree
from evometa.lifetime import Graph
from evometa.presentation.connectome import Connectome, connectome_of
from evometa.presentation.network_text import network_in_words
from evometa.presentation.notebook import learner_html, learner_line
from evometa.presentation.plasticity import sentence
from evometa.presentation.recognition import in_formulas, in_words
from evometa.presentation.tuning import Tuning, tuning_of
from evometa.store import Evaluation, Individual
from evometa.store.records import Json, Settings

if TYPE_CHECKING:
    from evometa.estimators import Agent, FewShotClassifier, RuleClassifier, RuleRegressor
    from evometa.presentation.run import Run


class Learner:
    """One individual of a run.

    `born`: generation; `operator`: what made it; `fitness`, `innate`, `adapted`: on the tasks of evolution, as
    it was last evaluated; `signature`: equal where learners behave alike; `report`: the final report, of the champion
    alone.
    """

    def __init__(self, run: Run, stored: Individual, report: Report | None = None) -> None:
        self._run, self._stored, self.report = run, stored, report
        self.id, self.born, self.operator = stored.id, stored.generation + 1, stored.operator
        self.parents, self.signature = stored.parents, stored.signature

    @cached_property
    def genome(self) -> Genome | None:
        """The genome; None where the run has not kept it."""
        return self._run.genomes.of([self._stored])[0]

    def kept_genome(self) -> Genome:
        """Return the genome. Raises InputError where the run has not kept it."""
        if self.genome is None:
            where, remedy = f"{self._run.path}, individual {self.id}", 'Set run.keep_genomes = "all" before a run.'
            raise InputError("an individual whose genome the run has kept", "none", where, remedy)
        return self.genome

    @cached_property
    def rule(self) -> dict[str, str]:
        """The rule's texts by slot, as `evometa` reads them again; empty without a genome."""
        return {} if self.genome is None else {slot: str(tree) for slot, tree in self.genome.rule.items()}

    @cached_property
    def living(self) -> dict[str, Tree]:
        """What of the rule learning feels: without dead states, constants folded; empty without a genome."""
        return {} if self.genome is None else living(self.genome.rule, self.settings.acts)

    @property
    def size(self) -> int:
        """Nodes of what of the rule learning feels."""
        return sum(map(len, self.living.values()))

    @cached_property
    def coefficients(self) -> dict[str, float]:
        """The values of those of c0, c1, … that the rule reads."""
        values = [] if self.genome is None else self.genome.coefficients.tolist()
        return {f"c{i}": value for i, value in enumerate(values) if f"c{i}" in self.signals}

    @cached_property
    def signals(self) -> frozenset[str]:
        """The names of all that the rule reads and learning feels."""
        return frozenset().union(*(tree.signals() for tree in self.living.values()))

    @cached_property
    def formula(self) -> str:
        """The rule, simplified, in one line."""
        return in_formulas(self.living, self.coefficients, self.settings)

    @cached_property
    def latex(self) -> str:
        """The simplified rule as LaTeX, one formula for each slot, joined by line breaks."""
        return latex(self.living, self.coefficients)

    @property
    def scores(self) -> Json:
        """What the final report says of it, in JSON (empty unless it is the champion)."""
        return {} if self.report is None else self.report.plain()

    @property
    def measure(self) -> str | None:
        """By what it was tested; None of who was not tested."""
        return None if self.report is None else self.report.measure

    @property
    def over(self) -> str:
        """What the intervals of its scores are over, in words."""
        return over(None if self.report is None else self.report.over)

    @property
    def analysis(self) -> Analysis | None:
        """What the final report says of its parts, signals and lifetimes (judging.analysis); None without one."""
        return None if self.report is None else self.report.analysis

    @cached_property
    def recognised(self) -> str:
        """Which known rule this is, by algebra, or else behaves like in its own lives, or is nearest to there."""
        if self.genome is None:
            return ""
        return in_words(self.genome.rule, self.coefficients, self.settings, self.report)

    @cached_property
    def graphs(self) -> list[Graph]:
        """Its own network, or those of the run's task sets."""
        own = None if self.genome is None else network_of(self.genome)
        return [own] if own is not None else list(self._run.graphs.values())

    @cached_property
    def connectome(self) -> Connectome | None:
        """Its network, synapse by synapse, with its gates where they were looked at; that of the run's first task set
        where it has none; None where no network is known."""
        if not self.graphs:
            return None
        return connectome_of(self.genome, self.graphs[0], self.settings).learned(self.analysis)

    @property
    def gates(self) -> str:
        """What its gates make of its network, in words; empty where it has none, or nobody has looked."""
        gates = None if self.analysis is None else self.analysis.gates
        return "" if gates is None else wirings(gates)

    @property
    def plastic(self) -> str:
        """Which of its synapses learn, in words; empty where nobody has looked."""
        return "" if self.connectome is None else sentence(self.connectome)

    @cached_property
    def tuned(self) -> Tuning | None:
        """What gradients have tuned of it; None where nothing is, or that is not known."""
        return tuning_of(self)

    @property
    def config(self) -> Json:
        """The configuration of its run, in JSON."""
        return self._run.config

    @property
    def settings(self) -> Settings:
        """The settings of its run."""
        return self._run.settings

    @cached_property
    def topology(self) -> str:
        """The network in words."""
        evolved = self.connectome is not None and self.connectome.marks is not None
        grown = self.connectome if evolved else None
        return network_in_words(self.graphs, self.settings.network, self.signals, grown)

    @cached_property
    def _evaluation(self) -> Evaluation | None:
        return self._run.reader.evaluation(self.id)

    @property
    def fitness(self) -> tuple[float, ...]:
        """One number for each objective; empty if it was never evaluated."""
        return self._evaluation.fitness if self._evaluation else ()

    @property
    def innate(self) -> float | None:
        """Performance at birth."""
        return self._evaluation.innate if self._evaluation else None

    @property
    def adapted(self) -> float | None:
        """Performance after learning."""
        return self._evaluation.adapted if self._evaluation else None

    @property
    def meta_validation(self) -> float | None:
        """Mean performance on meta-validation tasks, by which the champion was chosen."""
        return None if self.report is None else self.report.validation.mean

    @property
    def meta_test(self) -> float | None:
        """Mean performance on meta-test tasks."""
        return None if self.report is None else self.report.test.mean

    @property
    def meta_test_ci95(self) -> float | None:
        """Half the width of the 95 % interval of `meta_test`."""
        return None if self.report is None else self.report.test.ci95

    def classifier(self, **parameters: Any) -> RuleClassifier | FewShotClassifier:
        """Return it as a scikit-learn classifier, not fitted yet; `parameters` stand in for those of its recipe.

        Where its head compares examples, one that learns new classes at once. Raises InputError where the run has not
        kept its genome.
        """
        from evometa.estimators import FewShotClassifier, RuleClassifier

        kind = FewShotClassifier if self.settings.network.compares else RuleClassifier
        return kind(**{**self._handed_on(), **parameters})

    def regressor(self, **parameters: Any) -> RuleRegressor:
        """Return it as a scikit-learn regressor, as `classifier` does. Raises InputError where its head compares."""
        from evometa.estimators import RuleRegressor

        if self.settings.network.compares:
            raise InputError(
                "a learner that answers with numbers", f"the head {self.settings.network.head}, which compares",
                f"{self._run.path}, individual {self.id}", "Take its classifier().",
            )  # fmt: skip
        own = {name: value for name, value in self._handed_on().items() if name != "head"}
        return RuleRegressor(**{**own, **parameters})

    def agent(self, seed: int = 0) -> Agent:
        """Return one that acts as an agent, for any loop: act(observation), learn(reward). Raises InputError."""
        from evometa.estimators.acting_inheritance import agent_of

        run, where = self._run, f"{self._run.path}, individual {self.id}"
        return agent_of(self.kept_genome(), run.config, run.places, where, seed)

    def _handed_on(self) -> Json:
        """Return what an estimator has from it."""
        from evometa.estimators.inheritance import parameters

        return parameters(self.kept_genome(), self.settings, self.graphs)

    def summary(self) -> Json:
        """Return what can be told of it, in plain JSON types."""
        names = ("id", "rule", "formula", "recognised", "fitness", "innate", "adapted", "meta_validation")
        more = ("meta_test", "meta_test_ci95", "coefficients", "topology", "born", "operator", "parents")
        told: Json = {name: getattr(self, name) for name in (*names, *more)}
        network = self.connectome.summary() if self.connectome else {}
        told |= {
            "topology": {"words": self.topology, **network},
            "parents": [*self.parents],
            "fitness": [*self.fitness],
        }
        return told | {"tuned": self.tuned and self.tuned.plain()}

    __repr__, _repr_html_ = learner_line, learner_html
