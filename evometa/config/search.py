"""Configuration of the outer loop: the tasks it samples, evolution, variation, fitness."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evometa.config.learner import Names
from evometa.config.reals import Real
from evometa.config.section import Section
from evometa.config.topology import Chance
from evometa.errors import InputError
from evometa.system.functions import NAME

Share = Annotated[Real, Field(ge=0, le=1e6)]
PositiveShare = Annotated[Real, Field(gt=0, le=1e6)]
FunctionName = Annotated[str, Field(pattern=NAME)]


class Sampling(Section):
    """How many tasks are met, and how often they change."""

    tasks: int = Field(
        default=20, ge=1, le=1_000_000, description="tasks of each set that a genome is judged on in a generation"
    )
    repeats: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="lifetimes on each task, differing in births and order; scores are means over them",
    )
    resample: Literal["generation", "never"] = Field(
        default="generation", description="new tasks in every generation, or the same throughout the run"
    )
    validation_tasks: int = Field(
        default=100, ge=1, le=1_000_000, description="tasks of each set that the champion is chosen on"
    )
    panel_tasks: int = Field(
        default=100,
        ge=0,
        le=1_000_000,
        description="train tasks of each set that stay the same and select nothing: what the best does on them is "
        "shown beside its fitness; 0 for none",
    )
    monitor_tasks: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="validation tasks of each set, others than the champion is chosen on, that the best is judged on "
        "whenever it changes: where it becomes worse there, it learns the train tasks by heart; 0 for none",
    )
    test_tasks: int = Field(
        default=200, ge=1, le=1_000_000, description="tasks of each set that the champion is reported on"
    )


class Evolution(Section):
    """How the population changes from generation to generation."""

    scheme: str = Field(
        default="plus",
        description="how parents and survivors are picked: plus, nsga2 (for several objectives), and others that "
        "`evometa list selections` explains",
    )
    parents: str | None = Field(
        default=None,
        min_length=1,
        description="how parents are picked, where not as the scheme says; or a function of your own, module:function, "
        "called as f(individuals, k, rng)",
    )
    survivors: str | None = Field(
        default=None,
        min_length=1,
        description="how survivors are picked, where not as the scheme says; or a function of your own, "
        "module:function, called as f(individuals, k)",
    )
    population: int = Field(default=200, ge=1, le=10_000_000, description="genomes that survive a generation")
    offspring: int = Field(
        default=200, ge=1, le=10_000_000, description="genomes bred in a generation; left out: as population"
    )
    tournament: int = Field(default=5, ge=1, le=10_000, description="genomes that compete to become a parent")
    islands: int = Field(default=1, ge=1, le=1000, description="populations that evolve side by side")
    migrate_every: int = Field(default=10, ge=1, le=1_000_000, description="generations between migrations")
    reset_every: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="generations after which the worse half of the islands begin again, each with the best of one of "
        "the others, so that several families stay alive and none is stuck; 0: never",
    )
    start: dict[str, PositiveShare] = Field(
        default={"init": 1.0},
        min_length=1,
        description='where genomes without parents come from, a list such as ["library", "random"], or a table with '
        "the share of each; init: as rule.init says; random: random rules; library: classic rules over a grid of "
        "their dials; the folder of a run: its best; a TOML file: rules of your own",
    )
    migrants: float = Field(
        default=0.1, gt=0, le=1, description="share of an island that moves to the next one in a migration, 1 at least"
    )
    immigrants: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="share of the offspring that are new genomes, from where start says; guesses are varied once",
    )
    hall: int = Field(default=20, ge=1, le=10_000, description="best genomes ever seen that are remembered")
    inheritance: Literal["baldwin", "lamarck", "darwin"] = Field(
        default="baldwin",
        description="baldwin: what was learned is not inherited; lamarck: learned weights are written back; "
        "darwin: judged before learning",
    )

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        if "offspring" not in data and "population" in data:
            data = {**data, "offspring": data["population"]}
        start = data.get("start")
        if isinstance(start, (list, tuple)) and all(isinstance(name, str) for name in start):
            data = {**data, "start": dict.fromkeys(start, 1.0)}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key, limit in (("population", self.population // 2 or 1), ("offspring", self.offspring)):
            if self.islands > limit:
                part = f"half of evolution.{key}" if key == "population" else f"evolution.{key}"
                raise InputError(
                    f"at most {part} ({limit})", str(self.islands), "evolution.islands", f"Lower it, or raise {key}."
                )
        if self.reset_every and self.islands < 2:
            raise InputError("2 islands or more with evolution.reset_every", "1", "evolution.islands", "Raise it.")
        return self

    @property
    def newcomers(self) -> int:
        """Offspring of a generation that are new random genomes."""
        return round(self.immigrants * self.offspring)

    @property
    def movers(self) -> int:
        """Genomes that move from each island to the next in a migration."""
        return max(1, round(self.migrants * (self.population // self.islands)))


class Variation(Section):
    """How often operators make a child: relative probabilities, of those of chromosomes that evolve; one each makes
    it. Where the topology evolves they are chances: a child comes from a crossover of all chromosomes, or from one
    parent, and may then mutate in each of them."""

    crossover: Share = Field(default=0.3, description="two parents exchange subtrees of a slot, or blend their numbers")
    crossover_synapses: Share = Field(
        default=0.0, description="two parents exchange all synapses behind one point, with all numbers of theirs"
    )
    mutate_subtree: Share = Field(default=0.2, description="a subtree is replaced by a random one")
    mutate_node: Share = Field(default=0.15, description="a node is replaced by another of the same arity")
    mutate_insert: Share = Field(default=0.1, description="a node is put above a subtree")
    mutate_shrink: Share = Field(default=0.1, description="a node is replaced by one of its arguments")
    mutate_constant: Share = Field(default=0.15, description="the rule's constants are shifted")
    mutate_block: Share = Field(default=0.0, description="a subtree is replaced by one of a classic rule")
    mutate_state: Share = Field(
        default=0.0,
        description="a state that no weight depends on follows something, such as the gradient, and a part of the "
        "update reads it, both in one step",
    )
    mutate_simplify: Share = Field(
        default=0.0, description="what no weight depends on goes, constants are folded: the same learning from less"
    )
    mutate_factor: Share = Field(default=0.0, description="a part is multiplied by exp(0*x), x being age or the like")
    mutate_term: Chance = Field(
        default=0.0,
        description="chance of any child: a term, a factor that goes by age, or a state joins the update by a number "
        "that the rule did not read before, and that is 0 until it is tuned, as section gradient does",
    )
    mutate_coefficients: Share = Field(default=0.2, description="the coefficients are shifted")
    mutate_weights: Share = Field(default=0.2, description="the innate weights are shifted")
    mutate_plasticity: Share = Field(default=0.2, description="the per-synapse numbers are shifted")
    own: dict[FunctionName, Share] = Field(
        default={},
        description="operators of your own: the share of each module:function, called as f(genome, rng), or "
        "f(genome1, genome2, rng) for a crossover; returns a tuple of new genomes",
    )


class Fitness(Section):
    """What a genome is judged by."""

    objectives: Names = Field(
        default=("adapted_loss",),
        min_length=1,
        description="what genomes are judged by, one, or several for nsga2; `evometa list objectives` explains them; "
        "or a function of your own, module:function, called as f(life), less being better",
    )
    resolution: Real = Field(
        default=0.0,
        ge=0,
        le=1e6,
        description="performance (in races merit, as drawn towards the median) is rounded to multiples of this, so "
        "that of rules about as good the smaller wins; 0 does not round",
    )
    synapse_cost: Real = Field(
        default=0.0,
        ge=0,
        le=1e6,
        description="what each synapse costs: so much is taken from the first objective, or added to it where less is "
        "better; with a slot gate each that is open in life, in the mean over the checkpoints",
    )
