"""What a learner plays on boards after one held-out life: what it values each legal move at, and which are blunders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evometa.evolution.acting import ActingLessons
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Move, Position
from evometa.judging.scores import finite
from evometa.language.worlds.program import OVER
from evometa.lifetime import F32
from evometa.lifetime.acting import Lives
from evometa.lifetime.reference_acting import Actor
from evometa.lifetime.reference_choice import largest, numbered
from evometa.tasks.families.world import WorldFamily

TICKS = 60  # moves of games that it plays after its life, some of them at random if its lives have such
SIGNS = {1: "x", 0: ".", -1: "o"}  # own, empty, the other's


def positions_of(evaluator: Evaluator, genome: Genome) -> list[Position]:
    """Return some boards that a learner's own games come to; none in worlds that are not drawn as boards."""
    (course, lesson), *_ = evaluator.draw("test", 0, 1)
    family = course.family
    if not isinstance(family, WorldFamily) or family.counts or not isinstance(lesson, ActingLessons):
        return []
    own, lives = family.worlds["test"], lesson.tasks
    if own.boards is None or not isinstance(lives, Lives):
        return []
    evaluator.lived["analysis"] += 1
    actors = lesson.actors([genome], course.world)
    lived = evaluator.ways.act(actors, lives, replace(lesson.plan, keep_weights=True))
    assert lived.weights is not None
    player = _Player(actors, 0, lives, lesson.plan)
    player.states["w"] = lived.weights[0][:, None].astype(np.float32)
    with np.errstate(all="ignore"):
        chosen = own.boards.some(player.games(TICKS))
        found = []
        for name, board in chosen.items():
            values, may = player.on(board)
            squares, sound = own.boards.squares(board, own.settings), own.boards.sound(board)
            moves = [Move(square=squares[a], value=finite(float(values[a])), sound=squares[a] in sound)
                     for a in np.flatnonzero(may).tolist()]  # fmt: skip
            played = squares[player.choice()]
            text = "".join(SIGNS[square] for square in board)
            moves.sort(key=lambda move: move.square)
            found.append(Position(name=name, board=text, moves=moves, played=played))
    return found


class _Player(Actor):
    """A learner that learns no more: it plays on boards, and says what it values moves at."""

    def games(self, ticks: int) -> list[tuple[int, ...]]:
        """Play so many moves, some of them at random as in its lives; return the boards that it met, in order."""
        met = []
        for tick in range(min(ticks, self.acting.ticks)):
            self.tick = tick
            met.append(self.board())
            self.look()
            u, v = self.drawn()
            chance = bool(u[0] < np.float32(self.acting.epsilon))
            action = numbered(self.may, v) if chance else np.array([self.choice()])
            given = self.world.step(action.astype(np.float32), self.lives.noise[self.tick + 1])
            self.over = given[OVER] > 0
        return met

    def on(self, board: tuple[int, ...]) -> tuple[F32, Any]:
        """Return what each action is valued at on a board, f32[A], and which are legal, bool[A]."""
        self.world.states[:] = np.array(board, np.float32)[:, None]
        self.look()
        return self.z[:, 0], self.may[:, 0]

    def board(self) -> tuple[int, ...]:
        """Return the board that the world is in."""
        return tuple(self.world.states[:, 0].astype(int).tolist())

    def look(self) -> None:
        """See the board, and answer, with nothing in mind of what was before."""
        self.act = np.zeros_like(self.act)
        self.take(("show", "perceive", "forward"))

    def choice(self) -> int:
        """Return the legal action with the largest value, the first of equal ones."""
        return int((self.may & (self.z == largest(self.z, self.may)))[:, 0].argmax())
