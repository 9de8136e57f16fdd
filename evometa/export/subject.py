"""What is exported: one individual of a run with all that a format may ask for, and its provenance in words."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from evometa import __version__
from evometa.errors import InputError
from evometa.export.setting import Setting, open_setting
from evometa.export.spelling import one_line, wrapped
from evometa.genetics.phenotype import loss_of, program_of
from evometa.judging.verdict import over
from evometa.language.program import Program
from evometa.language.signals import COEFFICIENTS, SIGNALS
from evometa.lifetime import CREDITS

if TYPE_CHECKING:
    from evometa.genetics.genome import Genome
    from evometa.presentation.learner import Learner

# What a gradient-based optimizer knows of a parameter; rules that read nothing else can be one.
GRADIENT_LIKE = frozenset(n for n, s in SIGNALS.items() if not s.single) - {"reward", "output"}


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

    def section(self, name: str) -> dict[str, Any]:
        """Return a section of the run's configuration, empty where there is none."""
        found = self.run.config.get(name)
        return dict(found) if isinstance(found, dict) else {}

    @property
    def credit(self) -> str:
        """How hidden nodes learn of the error. InputError for a mode that this version does not know."""
        found = self.section("network").get("credit", "backprop")
        if found not in CREDITS:
            raise InputError(f"a credit mode ({', '.join(CREDITS)})", one_line(repr(found)), self.where)
        return str(found)

    @property
    def bound(self) -> float:
        """Weights are kept within plus and minus this."""
        return float(self._number("bound") or 20.0)

    @property
    def updates(self) -> int | None:
        """Weight updates in a lifetime; None where only the tasks tell, and they cannot be opened here."""
        given = self._number("updates")
        if given is not None:
            return int(given)
        try:
            return len(self.setting.plan.order)
        except InputError:
            return None

    def _number(self, key: str) -> float | None:
        """Return a number of the section lifetime, if it is given. InputError for anything else."""
        found = self.section("lifetime").get(key)
        if found is not None and (isinstance(found, bool) or not isinstance(found, (int, float)) or not found > 0):
            raise InputError("a number above 0", one_line(repr(found)), f"{self.where}, lifetime.{key}")
        return found

    @cached_property
    def setting(self) -> Setting:
        """The network and the tasks that it lived with. InputError where they cannot be told."""
        return open_setting(self.run, self.genome, self.where)

    @property
    def hidden(self) -> bool:
        """Whether the networks of the run have hidden nodes."""
        return any(graph.nodes > graph.inputs + 1 + graph.outputs for graph in self.learner.graphs)

    def provenance(self) -> dict[str, Any]:
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
        mean, half = self.learner.meta_test, self.learner.meta_test_ci95
        if not isinstance(mean, (int, float)):
            return ""
        measure = self.learner.scores.get("measure", "performance")
        score = f"{measure} {mean:.4g} on held-out tasks"
        if not isinstance(half, (int, float)):
            return score
        return f"{score}, 95 % interval ± {half:.3g} {over(self.learner.scores.get('over'))}"

    def refusal(self, form: str, why: str, forms: str) -> InputError:
        """Return the error for a rule that a format cannot hold, with those that can."""
        return InputError(f"a rule that {form} can hold", why, self.where, f"Formats that can: {forms}.")
