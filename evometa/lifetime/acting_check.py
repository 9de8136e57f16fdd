"""The door of every backend for lives that act: what does not keep the contract is a ContractError."""

from __future__ import annotations

import numpy as np

from evometa.language.acting import ORDERS
from evometa.language.numbering import LOOKUP
from evometa.language.worlds.program import FIRST_NOISE, WorldProgram
from evometa.lifetime import NONE
from evometa.lifetime.acting import TIES, ActingPlan, Actors, Lives
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.requirements import all_of_sizes, forbid, require, within
from evometa.lifetime.validation import TARGET, check_births, check_learners
from evometa.lifetime.wellformed import OF_ACTING, check_programs
from evometa.spec import CREDITS
from evometa.spec.acting import POLICIES
from evometa.spec.states import LANE_RULE


def check_acting(actors: Actors, lives: Lives, plan: ActingPlan) -> None:
    """Refuse a batch that a backend cannot live as the contract says. Raises ContractError."""
    world = lives.world
    check_world(world)
    _check_plan(plan)
    _check_lives(lives, plan)
    check_learners(actors.phenotypes, plan.credit, 1, OF_ACTING)
    check_births(actors.phenotypes, actors.births, lives.lanes)
    check_programs(actors.lanes, LANE_RULE)
    require(actors.order in ORDERS, f"one of {', '.join(ORDERS)}", actors.order, "order")
    all_of_sizes(actors, {"G": len(actors.phenotypes)})
    within(actors.lane, NONE, len(actors.lanes) - 1, "positions: lane")
    require(bool((actors.bound > 0).all()), "bounds above 0", actors.bound.min(), "bound")
    graphs = Graphs.of(actors.phenotypes.graphs)
    inputs, outputs = plan.inputs(world), plan.outputs(world)
    forbid(graphs.inputs != inputs, f"as many inputs as are seen, {inputs}", "others", "graph")
    forbid(graphs.outputs != outputs, f"as many outputs as actions and what else the plan says, {outputs}", "others",
           "graph")  # fmt: skip
    reads = np.array([program.mask for program in actors.phenotypes.programs], np.int64)
    forbid(reads & TARGET != 0, "no `target`, which there is none of", "`target` is read", "program")


def _check_plan(plan: ActingPlan) -> None:
    windows = plan.windows
    sound = len(windows) > 0 and windows[0] > 0 and bool((np.diff(windows) > 0).all())
    require(sound, "windows that end at ascending ticks above 0", windows, "windows")
    require(plan.policy in POLICIES, f"one of {', '.join(POLICIES)}", plan.policy, "policy")
    require(plan.credit in CREDITS, f"one of {', '.join(CREDITS)}", plan.credit, "credit")
    require(0 <= plan.epsilon <= 1, "a number from 0 to 1", plan.epsilon, "epsilon")
    require(plan.ties in TIES, f"one of {', '.join(TIES)}", plan.ties, "ties")
    require(plan.task >= 0, "a number of ticks of 0 or more", plan.task, "task")
    require(0 <= plan.critic < np.inf, "a finite number of 0 or more", plan.critic, "critic")


def _check_lives(lives: Lives, plan: ActingPlan) -> None:
    world = lives.world
    require(plan.ticks <= world.ticks, f"at most the world's own ticks, {world.ticks:,}", f"{plan.ticks:,}", "windows")
    sizes = {"P": world.parameters, "D": world.noise, "T": plan.ticks, "N": plan.ticks + 1, "2": 2}
    all_of_sizes(lives, sizes)
    require(sizes["L"] > 0, "a lane at least", sizes["L"], "lives")
    all_of_sizes(plan, {"I": world.shown})
    if world.afterstates:
        others = (plan.critic > 0, plan.projection is not None, plan.see_action, plan.policy != "greedy")
        require(not any(others), "a greedy policy without critic, predictions and see_action", "others", "plan")
    for name in ("noise", "draws"):
        array = getattr(lives, name)
        require(array.size == 0 or (array.min() >= 0 and array.max() < 1), "numbers from 0 to below 1", "others", name)


def check_world(world: WorldProgram) -> None:
    """Refuse the program of a world that touches registers which are not there. Raises ContractError."""
    all_of_sizes(world, {"6": 6, "5": 5, "R": world.states, "K": len(world.lengths)})
    counts = (world.noise, world.states, world.parameters, world.rows, world.temporaries)
    require(min(counts) >= 0, "numbers of registers of 0 or more", min(counts), "world")
    require(world.actions > 0 and world.ids >= 0, "an action at least", world.actions, "world")
    ends = (0, world.birth_end, world.show_end, len(world.code))
    require(bool((np.diff(ends) >= 0).all()), "three sections of code", ends, "world")
    within(world.lengths, 1, max(1, len(world.tables)), "lengths of tables")
    require(int(world.lengths.sum()) == len(world.tables), "tables as long as is said", len(world.tables), "tables")
    own = world.inputs + len(world.constants)
    op, target, operands = world.code[:, 0], world.code[:, 1], world.code[:, 2:]
    within(op, 0, LOOKUP, "operations of the world")
    within(target, own, world.registers - 1, "registers that the world writes")
    looked = op == LOOKUP
    plain = operands[~looked]
    within(plain, 0, world.registers - 1, "operands of the world")
    tables = (plain >= world.first_table) & (plain < world.inputs)
    require(not tables.any(), "tables that are looked up alone", "an operation on one", "world")
    for name in ("observe", "legal", "step", "after", "born"):
        within(getattr(world, name), 0, world.registers - 1, f"outputs of the world: {name}")
    rows = world.actions if world.afterstates else 1
    require(len(world.observe) % rows == 0, f"as many rows for each of {rows}", len(world.observe), "observe")
    require(len(world.legal) in (0, world.actions), f"{world.actions} rows, or none", len(world.legal), "legal")
    within(np.array([world.id]), NONE, world.registers - 1, "outputs of the world: id")
    require(world.id == NONE or world.ids > 0, "a number of states", world.ids, "ids")
    for index, first, last in operands[looked].tolist():
        _check_lookup(world, index, first, last)


def _check_lookup(world: WorldProgram, index: int, first: int, last: int) -> None:
    """Refuse a lookup whose rows are not there: of states, of parameters, or of a table."""
    within(np.array([index]), 0, world.registers - 1, "index of a lookup")
    require(0 <= last - world.inputs < len(world.constants), "a constant as the last index", last, "world")
    number = float(world.constants[last - world.inputs])
    require(number >= 0 and number == int(number), "a whole number as the last index", number, "world")
    if world.first_table <= first < world.inputs:
        rows = int(world.lengths[first - world.first_table])
    else:
        begin = world.first_state if first < world.first_parameter else world.first_parameter
        end = world.first_parameter if first < world.first_parameter else world.first_table
        rows = end - first if begin <= first < end else 0
    require(first >= FIRST_NOISE and number < rows, f"an index below {rows}", number, "lookup of the world")
