"""The whole configuration, `Config`: what a recipe says and a run keeps; its sections lie in other files."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import Field, model_validator

from evometa.config.acting import Acting, check_acting, outside
from evometa.config.champion import ACTING_BASELINES, TEACHING_BASELINES, Champion
from evometa.config.gradient import Gradient, check_gradient
from evometa.config.habits import Habits, check_habits
from evometa.config.learner import Lifetime, Rule
from evometa.config.memory import check_external
from evometa.config.network import Network, check_comparison
from evometa.config.parameters import Coefficients, Plasticity, Strategy, Weights
from evometa.config.racing import Racing
from evometa.config.run import Run
from evometa.config.search import Evolution, Fitness, Sampling, Variation
from evometa.config.section import Section, show, with_tuples
from evometa.config.task_set import TaskSet
from evometa.config.tasks import SPLITS, Split
from evometa.config.teaching import TEACHING
from evometa.config.topology import Species, Topology
from evometa.config.tuning import Tuning, check_tuning
from evometa.errors import InputError

NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
MUTATIONS = {
    "rule": tuple(
        f"variation.mutate_{name}"
        for name in ("subtree", "node", "insert", "shrink", "constant", "block", "state", "factor", "term")
    ),
    **{name: (f"variation.mutate_{name}",) for name in ("coefficients", "weights", "plasticity")},
    "topology": tuple(
        f"topology.{name}"
        for name in (
            *("add_node", "add_synapse", "remove_node", "remove_synapse", "toggle", "rewire"),
            *("mutate_activation", "mutate_plastic", "mutate_plastic_layer", "add_context"),
        )
    ),
    "plastic": ("topology.mutate_plastic", "topology.mutate_plastic_layer"),
}
"""Keys of the mutations of each chromosome."""


class Config(Section):
    """Everything that determines a run; the same Config and version give the same run, bit for bit."""

    name: str = Field(
        default="custom",
        pattern=f"^{NAME.pattern}$",
        description="short name, used for the run's folder: letters, digits, - and _",
    )
    description: str = Field(default="", description="what this run is to show, in a sentence")
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="every random draw follows from it")
    run: Run = Run()
    tasks: tuple[TaskSet, ...] = Field(min_length=1, max_length=64)
    sampling: Sampling = Sampling()
    network: Network = Network()
    topology: Topology = Topology()
    lifetime: Lifetime = Lifetime()
    acting: Acting = Acting()
    rule: Rule = Rule()
    coefficients: Coefficients = Coefficients()
    weights: Weights = Weights()
    plasticity: Plasticity = Plasticity()
    strategy: Strategy = Strategy()
    evolution: Evolution = Evolution()
    species: Species = Species()
    habits: Habits = Habits()
    variation: Variation = Variation()
    tuning: Tuning = Tuning()
    gradient: Gradient = Gradient()
    fitness: Fitness = Fitness()
    racing: Racing = Racing()
    champion: Champion = Champion()

    @model_validator(mode="before")
    @classmethod
    def _normal(cls, data: Any) -> Any:
        data = with_tuples(data)
        if isinstance(data, dict) and isinstance(data.get("tasks"), dict):
            return {**data, "tasks": (data["tasks"],)}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._check_evolving()
        self._check_inheritance()
        self._check_splits()
        self._check_topology()
        check_tuning(self)
        check_habits(self)
        check_acting(self)
        check_gradient(self)
        check_external(self)
        check_comparison(self)
        return self

    @property
    def evolved(self) -> frozenset[str]:
        """Chromosomes that evolve, among rule, topology, coefficients, weights, plasticity, plastic."""
        parts = {
            "topology": self.topology.mode == "evolved",
            "plastic": self.topology.mode == "fixed" and self.topology.plastic == "evolved",
            "rule": bool(self.rule.evolving),
            "coefficients": self.coefficients.mode == "evolved" and self.coefficients.count > 0,
            "weights": self.weights.mode == "evolved",
            "plasticity": self.plasticity.mode == "evolved" and self.plasticity.count > 0,
        }
        return frozenset(name for name, evolves in parts.items() if evolves)

    @property
    def acts(self) -> bool:
        """Whether learners live in worlds, and act there."""
        return any(getattr(tasks.settings, "kind", "") == "acting" for tasks in self.tasks)

    @property
    def searches(self) -> bool:
        """Whether lives are searches, and genomes are habits that these go by."""
        return any(getattr(tasks.settings, "kind", "") == "search" for tasks in self.tasks)

    @property
    def lives(self) -> str:
        """What lives are: with "examples", "lessons" of a teacher, "acting", or a "search"."""
        return "lessons" if self.teaches else "acting" if self.acts else "search" if self.searches else "examples"

    @property
    def teaches(self) -> bool:
        """Whether learners are students, whom a teacher gives lessons."""
        return any(tasks.settings.family == TEACHING for tasks in self.tasks)

    @property
    def rivals(self) -> tuple[str, ...]:
        """The classic rules that the champion is compared with; in worlds others than those of examples."""
        usual = TEACHING_BASELINES if self.teaches else ACTING_BASELINES if self.acts else ()
        return () if self.searches else self.champion.rivals(usual)

    @property
    def shared_coefficients(self) -> tuple[str, ...]:
        """The coefficients that are read by more than the rule."""
        return self.acting.coefficients if self.acts else self.network.coefficients

    @property
    def backend(self) -> str:
        """The backend that is asked for: under `auto` the processor where lives are searches, or outside."""
        elsewhere = self.searches or outside(self)
        return "numba" if self.run.backend == "auto" and elsewhere else self.run.backend

    def serving(self, split: Split) -> tuple[TaskSet, ...]:
        """Return the task sets that serve for a split."""
        return tuple(tasks for tasks in self.tasks if split in tasks.splits)

    def _check_evolving(self) -> None:
        if not self.evolved:
            raise InputError(
                "something that evolves",
                "a fixed rule and no evolved coefficients, weights, plasticity or topology",
                "rule.fixed",
                'Take a slot out of rule.fixed, or set weights.mode = "evolved".',
            )
        usable = [key for part, keys in MUTATIONS.items() if part in self.evolved for key in keys]
        chances = [getattr(getattr(self, section), key) for section, key in (key.split(".") for key in usable)]
        crossed, crossing = self.variation.crossover_synapses, "variation.crossover_synapses"
        if crossed and ("topology" in self.evolved or not self.evolved & {"weights", "plasticity", "plastic"}):
            found = "networks that evolve" if "topology" in self.evolved else "none"
            raise InputError(
                "numbers of synapses that evolve, the network fixed, as variation.crossover_synapses is above 0",
                found, crossing, 'Set it to 0, or weights.mode = "evolved".',
            )  # fmt: skip
        if not (any((*chances, crossed, *self.variation.own.values())) or self.gradient.steps):
            raise InputError(
                f"a mutation above 0 for what evolves ({', '.join(sorted(self.evolved))})",
                "only zeros",
                usable[0],
                f"Raise one of {', '.join([*usable, *([] if 'topology' in self.evolved else [crossing])])}.",
            )

    def _check_inheritance(self) -> None:
        kind = self.evolution.inheritance
        if kind != "baldwin" and "weights" not in self.evolved:
            reason = (
                "what was learned is written into them" if kind == "lamarck" else "nothing else counts without learning"
            )
            raise InputError(
                f'weights.mode = "evolved" with evolution.inheritance = "{kind}": {reason}',
                f'"{self.weights.mode}"',
                "weights.mode",
                'Set weights.mode = "evolved", or evolution.inheritance = "baldwin".',
            )
        shapes = {tasks.layers(self.network) for tasks in self.tasks}
        if "weights" in self.evolved and len(shapes) > 1 and "topology" not in self.evolved:
            raise InputError(
                "networks of one shape, as innate weights evolve",
                f"hidden layers {', '.join(show(s) for s in sorted(shapes))}",
                "tasks.hidden",
                'Give all sets the same, or set weights.mode = "drawn".',
            )

    def _check_splits(self) -> None:
        for split in SPLITS:
            if not self.serving(split):
                raise InputError(
                    f"a set of tasks for {split}",
                    "none",
                    "tasks.splits",
                    f'Add "{split}" to a set, or add a set.',
                )

    def _check_topology(self) -> None:
        """Refuse keys that have no meaning where the topology evolves, or where it does not."""
        if "topology" not in self.evolved:
            if self.species.by == "genes":
                raise InputError(
                    'topology.mode = "evolved", as species.by = "genes" compares genes of networks', '"fixed"',
                    "species.by", 'Set topology.mode = "evolved", or species.by = "behaviour".',
                )  # fmt: skip
            return
        known = self.topology.activations or (self.network.activation,)
        if self.topology.add_context and not {"linear", "tanh"} & set(known):
            raise InputError(
                "linear or tanh among the activations, as topology.add_context needs one that answers 0 to 0",
                show(known), "topology.activations", "Add linear, or set topology.add_context = 0.",
            )  # fmt: skip
        if self.weights.mode == "fixed":
            raise InputError(
                "weights that evolve or are drawn: networks that evolve have no synapses in common for a whole run",
                '"fixed"', "weights.mode", 'Use "evolved" or "drawn".',
            )  # fmt: skip
        fitting = ("normal", "uniform", *(("he", "glorot") if self.topology.neutral else ()))
        if self.weights.mode == "evolved" and self.weights.init not in fitting:
            raise InputError(
                f'{", ".join(fitting)} with weights.mode = "evolved"; he and glorot with topology.neutral = true, as '
                "the gene of a new synapse knows no number of synapses", show(self.weights.init), "weights.init",
                "Use one of these.",
            )  # fmt: skip
        if self.plasticity.count and (self.plasticity.tie == "group" or self.plasticity.mode == "fixed"):
            key, value = ("tie", "synapse") if self.plasticity.tie == "group" else ("mode", "evolved")
            raise InputError(
                f'plasticity.{key} = "{value}" with topology.mode = "evolved", as numbers of synapses stand in genes',
                show(getattr(self.plasticity, key)), f"plasticity.{key}", f'Set it to "{value}".',
            )  # fmt: skip
        shares = {name: getattr(self.variation, name) for name in type(self.variation).model_fields if name != "own"}
        if above := [name for name, share in shares.items() if share > 1]:
            raise InputError(
                "a chance from 0 to 1: where the topology evolves, each chromosome of a child mutates by its own",
                show(shares[above[0]]), f"variation.{above[0]}", "Lower it.",
            )  # fmt: skip
