"""The door of every backend for lives in which a student is taught: what does not keep the contract is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np

from evometa.language.acting import ORDERS
from evometa.language.signals import INPUTS
from evometa.language.teaching import OF_STUDENTS
from evometa.lifetime import NONE
from evometa.lifetime.acting import ActingPlan
from evometa.lifetime.acting_check import check_acting
from evometa.lifetime.requirements import all_of_sizes, forbid, require, within
from evometa.lifetime.teaching import Answer, Classes, Game, TeachingLives
from evometa.lifetime.wellformed import check_programs
from evometa.spec.states import TEACHER_RULE

MAY_READ = sum(1 << INPUTS[name].register for name in (*OF_STUDENTS, "m"))


def check_teaching(classes: Classes, lives: TeachingLives, plan: ActingPlan) -> None:
    """Refuse a batch that a backend cannot live as the contract says. Raises ContractError."""
    students = classes.students
    _check_game(lives.game)
    _check_lives(lives, plan)
    require(students.order == "lesson", "students compiled for lessons", students.order, "order")
    check_acting(replace(students, order=ORDERS[0]), lives.acting, plan)
    check_programs(classes.teachers, TEACHER_RULE)
    all_of_sizes(classes, {"G": len(students)})
    within(classes.teacher, 0, len(classes.teachers) - 1, "positions: teacher")
    forbid(np.array([program.outputs[0] for program in classes.teachers]) < 0, "a slot lesson", "none", "teacher")
    require(bool((students.lane == NONE).all()), "students without programs of their lanes", "some", "lane")
    more = plan.critic > 0 or plan.projection is not None or plan.see_reward or plan.see_action
    require(plan.policy == "softmax" and not more, "a softmax of moves, and nothing else", plan.policy, "plan")
    reads = np.array([program.mask for program in students.phenotypes.programs], np.int64)
    forbid(reads & ~MAY_READ != 0, f"signals of students ({', '.join(OF_STUDENTS)})", "others", "program")
    recurrent = [one.recurrent for one in students.phenotypes.graphs]
    forbid(recurrent, "no recurrent synapses and nodes", "some", "graph")


def _check_game(game: Game) -> None:
    """Refuse tables that are no game."""
    all_of_sizes(game, {})
    positions = len(game.ply)
    require(bool((np.diff(game.ply) >= 0).all()) and game.ply[0] == 0, "positions in order of plies", "others", "ply")
    require(bool(game.sound.max(axis=0).all()), "a sound move in each position", "none", "sound")
    for name in ("sound", "best"):
        require(bool((getattr(game, name) <= game.legal).all()), "moves that are legal", "others", name)
    within(game.following, NONE, positions - 1, "positions: following")
    move, place = np.nonzero(game.following != NONE)
    forward = game.ply[game.following[move, place]] == game.ply[place] + 1
    require(bool(forward.all() and game.legal[move, place].all()), "legal moves, a ply ahead", "others", "following")


def _check_lives(lives: TeachingLives, plan: ActingPlan) -> None:
    all_of_sizes(lives, {})
    require(lives.lanes > 0, "a lane at least", lives.lanes, "lives")
    require(len(lives.numbers) > 0, "a number at least", 0, "numbers")
    require(lives.answer in get_args(Answer), f"one of {', '.join(get_args(Answer))}", lives.answer, "answer")
    require(plan.ticks == lives.ticks, f"{lives.ticks:,} lessons", f"{plan.ticks:,}", "windows")
    within(lives.offset, 0, len(lives.numbers) - 1, "places of numbers: offset")
    within(lives.candidates, 0, len(lives.game.ply) - 1, "positions: candidates")
    ascending = len(lives.candidates) > 0 and bool((np.diff(lives.candidates) > 0).all())
    require(ascending, "candidates, ascending", lives.candidates, "candidates")
    choices = np.isin(lives.candidates, lives.game.choices).all()
    require(bool(choices), "candidates with something to choose", "others", "candidates")
    for name in ("numbers", "draws"):
        array = getattr(lives, name)
        require(bool(array.min() >= 0 and array.max() < 1), "numbers from 0 to below 1", "others", name)
