"""What is exported: one individual of a run with all that a format may ask for, and its provenance in words."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from evometa.config.load import restore
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.export.layers import layers_of
from evometa.export.setting import Setting, open_setting
from evometa.export.spelling import one_line, wrapped
from evometa.genetics.programs import loss_of, program_of
from evometa.genetics.topologies import Topology
from evometa.language.program import Program
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.lifetime import F32, SILENT
from evometa.spec.states import GATE, MEMORY, SYNAPSE
from evometa.store.records import Json
from evometa.version import __version__

if TYPE_CHECKING:
    from evometa.genetics.genome import Genome
    from evometa.presentation.learner import Learner

GATES = SYNAPSE[GATE].name


class Subject:
    """One individual, ready to be written in any format. InputError where the run has not kept its genome.

    `rule`: its texts as they evolved; the rule of its `genome` here is what of that learning feels.
    """

    def __init__(self, learner: Learner) -> None:
        self.learner, self.run = learner, learner._run
        self.where = one_line(f"{self.run.path}, individual {learner.id}")
        found = learner.genome
        if found is None:
            raise InputError(
                "an individual whose genome the run has kept", "one that was pruned", self.where,
                'Export the champion, or evolve with run.keep_genomes = "all".',
            )  # fmt: skip
        if learner.settings.acts:
            expected = "a learner with examples: those that act are not exported yet"
            raise InputError(expected, "one of a world", self.where)
        self.rule = {slot: str(tree) for slot, tree in found.rule.items()}
        self.genome: Genome = found.replace(rule=learner.living)
        rule = tuple((slot, tree) for slot, tree in self.genome.rule.items() if slot != "loss")
        self.program: Program = program_of(rule)
        self.loss: Program | None = loss_of(self.genome.rule["loss"]) if "loss" in self.genome.rule else None

    @property
    def reads(self) -> frozenset[str]:
        """Names of the signals that the rule's programs read."""
        return self.program.reads

    @cached_property
    def coefficients(self) -> dict[str, float]:
        """The values of those of c0, c1, … that the rule or its loss reads."""
        read = self.reads | (self.loss.reads if self.loss else frozenset())
        values = dict(zip(COEFFICIENTS, self.genome.coefficients.tolist(), strict=False))
        return {name: values.get(name, 0.0) for name in COEFFICIENTS if name in read}

    @cached_property
    def config(self) -> Config:
        """The run's configuration. InputError for one that this version does not know."""
        # a name says nothing of a lifetime, and must not stand in the way of one, whatever it holds
        return restore({**self.run.config, "name": "export"}, self.where)

    @property
    def states(self) -> list[str]:
        """The states of a synapse that the rule has."""
        used = self.reads | self.genome.rule.keys() | ({GATES} if self.gated else set())
        return [state for state in MEMORY if state in used]

    @property
    def plastic(self) -> list[str]:
        """Names of the per-synapse coefficients in use."""
        return [name for name in PLASTICITY if name in self.reads]

    @property
    def plasticity(self) -> dict[str, F32]:
        """The per-synapse coefficients in use, f32[groups] or f32[E]."""
        one = self.learner.connectome
        grown = one is not None and one.marks is not None  # genes hold the numbers
        rows = dict(zip(PLASTICITY, one.plasticity if one and grown else self.genome.plasticity, strict=False))
        return {name: rows[name] for name in self.plastic}

    @property
    def tied(self) -> bool:
        """Whether the synapses of a group share their coefficients."""
        return self.config.plasticity.tie == "group" and not isinstance(self.genome.topology, Topology)

    @property
    def bound(self) -> float:
        """Weights are kept within plus and minus this."""
        return self.config.lifetime.bound

    @property
    def synapse_cost(self) -> float:
        """What an open synapse adds to the learner's own loss for each unit of its weight."""
        return self.config.lifetime.synapse_cost

    @property
    def updates(self) -> int | None:
        """Weight updates in a lifetime; None where only the tasks tell, and they cannot be opened here."""
        if self.config.lifetime.updates is not None:
            return self.config.lifetime.updates
        try:
            return len(self.setting.plan.order)
        except InputError:
            return None

    @cached_property
    def setting(self) -> Setting:
        """The network and the tasks that it lived with. InputError where they cannot be told."""
        return open_setting(self.run, self.config, self.genome)

    @property
    def wired(self) -> bool:
        """Whether its network is not one of layers that all learn: it evolved, has contexts, or layers are fixed."""
        return any(layers_of(graph) is None for graph in self.learner.graphs)

    @property
    def gated(self) -> bool:
        """Whether synapses open and close in life."""
        return GATES in self.genome.rule or any((graph.traits & SILENT).any() for graph in self.learner.graphs)

    def refuse_costs(self, form: str) -> None:
        """Raise InputError for a learner whose gradients hold what weights cost, which frameworks are not told of."""
        if self.synapse_cost and "grad" in self.reads:
            found = "one whose synapses cost something in life (lifetime.synapse_cost)"
            raise self.refusal(form, found, "python, latex, networkx, graphml, json")

    @property
    def hidden(self) -> bool:
        """Whether the networks of the run have hidden nodes."""
        return any(graph.nodes > graph.inputs + 1 + graph.outputs for graph in self.learner.graphs)

    def provenance(self) -> Json:
        """Return where it comes from: run, recipe, seed, individual, generation, digest, version."""
        seed = self.run.config.get("seed")
        return {
            "run": one_line(self.run.folder.resolve().name), "recipe": one_line(self.run.config.get("name", "")),
            "seed": seed if isinstance(seed, int) else one_line(seed), "individual": self.learner.id,
            "born": self.learner.born, "generations": self.run.generation, "digest": self.run.digest,
            "evometa": __version__,
        }  # fmt: skip

    def story(self, title: str) -> str:
        """Return the words at the head of a generated file: title, formula, meaning, network, scores, provenance."""
        p = self.provenance()
        run = f"{p['run']}, recipe {p['recipe']}, seed {p['seed']}"
        rows = {
            "formula": self.learner.formula,
            "which is": self.learner.recognised,
            "coefficients": ", ".join(f"{name} = {value:.6g}" for name, value in self.coefficients.items()),
            "network": self.learner.topology,
            "score": self._score(),
            "run": f"{run}; individual {p['individual']}, born in generation {p['born']} of {p['generations']}",
            "digest": p["digest"],
            "written by": f"evometa {p['evometa']}",
        }
        lines = [wrapped(one_line(text), f"{name:<13} ", " " * 14) for name, text in rows.items() if text]
        return "\n".join([title, "", *lines])

    def _score(self) -> str:
        learner, half = self.learner, self.learner.meta_test_ci95
        if learner.meta_test is None:
            return ""
        score = f"{learner.measure} {learner.meta_test:.4g} on held-out tasks"
        return score if half is None else f"{score}, 95 % interval ± {half:.3g} {learner.over}"

    def refusal(self, form: str, why: str, forms: str) -> InputError:
        """Return the error for a rule that a format cannot hold, with those that can."""
        return InputError(f"a rule that {form} can hold", why, self.where, f"Formats that can: {forms}.")
