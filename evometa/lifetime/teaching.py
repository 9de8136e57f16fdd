"""The contract of lives in which a student is taught to play a game; for every backend, with the same bits.

A backend has a function `teach(classes, lives, plan) -> TeachingOutcomes`. Axis letters as in lives that act; P
positions of the game, K candidates (those that can be taught), T lessons, C windows. A lesson is a tick of a life that
acts (lifetime/acting.py), but for who chooses: the teacher says in which position the student finds itself, and which
move counts as the one it took. The student is a network of an input for each number that a position shows and an output
for each move, without recurrent synapses.

**A tick**, t = 0 … T − 1:
1. `examine`: the student answers every position where something is to choose, with net inputs z, and of its legal moves
   takes the first one with the largest z: a *blunder* where that is not sound. Its *favourite* is the first sound move
   with the largest z. `gap`: largest z of unsound moves − that of the favourite, 0 where there are none; `loss`: log_f
   of (Σ e over legal moves / Σ e over sound ones), e = exp_f(z − largest legal z), in order. Where just one move is
   legal, that is taken; where all is lost, or all is equally sound, nothing counts as a blunder.
2. `roam`: from the first position on, once with the student to begin and once as the second, in order of positions:
   whatever the opponent does, and the student's favourite. `detour`: the fewest blunders on a way (taken back),
   infinite where there is none; `reached` = 1/(1 + detour). `chance`, if a teacher reads it: c is 1 at the first
   position and goes to what follows in equal shares c/n of the n legal moves of the opponent; in the student's own
   positions its move receives 0.9·c, and then every legal move 0.1·c/n.
3. Who has no blunder with detour 0 is *unbeatable*: nothing can beat it, and its lessons are over: m is 0 from then on.
   Else lessons grow by 1, and effort by 1 + g/(1 + g), g the sum of gaps above 0 over positions with a detour.
4. `choose`: the teacher's priority of each candidate; the first one with the largest is taught (NaN is never larger,
   and if nothing is, the first candidate). m is what `insist` gives for it, within 1 and INSISTENCE (NaN is 1).
   `noise` of position p is number (offset + p) mod N of `numbers`. The move taught is the favourite, or of the n best
   ones number trunc(v·n) (`answer` "drawn").
5. The student sees that position: forward, shares of all moves (only where it plays are the legal ones told from the
   others), errors share − act, act being 1 at the move taught, back, gradient, rule, bound; then taught and since
   change.
After the last lesson the student is examined once more. Where a window ends, what it has come to by then is noted.

age: t/max(T − 1, 1). A lane whose weights are not finite when lessons end, or before, is DIVERGED.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import NONE
from evometa.lifetime.acting import Actors, Lives
from evometa.lifetime.outside import outside
from evometa.spec.arrays import F32, FINITE, I32, U8
from evometa.spec.teaching import RESULTS

if TYPE_CHECKING:
    from evometa.language.program import Program

Answer = Literal["favourite", "drawn"]
INSISTENCE = 64.0
RARE = 0.1  # share of moves at random in the games that `chance` is about


@dataclass(frozen=True, eq=False)
class Game:
    """A game of two who move in turn, as tables of its positions, each as who is to move sees it.

    Positions stand in order of plies, the first one first; `x`: what is seen; `legal`, `sound` (does not lose, or
    everything where all is lost), `best` (the ones that perfect players make): 1 or 0; `following`: the position that a
    move leads to, NONE where it is not legal or ends the game.
    """

    x: Annotated[F32, "I P", FINITE]
    legal: Annotated[U8, "A P"]
    sound: Annotated[U8, "A P"]
    best: Annotated[U8, "A P"]
    following: Annotated[I32, "A P"]
    ply: Annotated[I32, "P"]

    @property
    def losing(self) -> NDArray[np.int64]:
        """The positions where a move loses, i64[*]."""
        return np.flatnonzero((self.legal > self.sound).any(axis=0))

    @property
    def choices(self) -> NDArray[np.int64]:
        """The positions where something is to choose, i64[*]."""
        return np.flatnonzero(self.legal.sum(axis=0) > 1)

    @cached_property
    def met(self) -> NDArray[np.bool_]:
        """Tell in which positions a student that makes sound moves alone may be to move, bool[P]."""
        found = np.zeros(len(self.ply), bool)
        for role in (0, 1):
            there = np.zeros(len(self.ply), bool)
            there[0] = True
            for place in range(len(self.ply)):
                mine = self.ply[place] % 2 == role
                if there[place]:
                    to = self.following[(self.sound if mine else self.legal)[:, place] > 0, place]
                    there[to[to != NONE]] = True
                    found[place] |= mine
        return found


@dataclass(frozen=True, eq=False)
class TeachingLives:
    """L lives of students in one game, one per lane, and all that is drawn, the same for every genome.

    `candidates`: positions that may be taught, ascending; `numbers`: from 0 to below 1, `offset` below N: see `noise`;
    `draws` v: see `answer`.
    """

    game: Game
    candidates: Annotated[I32, "K"]
    numbers: Annotated[F32, "N", FINITE]
    offset: Annotated[I32, "T L"]
    draws: Annotated[F32, "T L", FINITE]
    answer: Answer = "favourite"

    @property
    def lanes(self) -> int:
        """Number of lanes L."""
        return self.offset.shape[1]

    @property
    def ticks(self) -> int:
        """Lessons T that a life has at most."""
        return len(self.offset)

    @property
    def inputs(self) -> int:
        """Numbers that a position shows."""
        return len(self.game.x)

    @property
    def actions(self) -> int:
        """Moves A."""
        return len(self.game.legal)

    @cached_property
    def acting(self) -> Lives:
        """The same lives as those of learners that act: in a world that another gives, with nothing drawn."""
        none = np.zeros((self.ticks + 1, 0, self.lanes), np.float32)
        draws = np.zeros((self.ticks, 2, self.lanes), np.float32)
        return Lives(outside(self.inputs, self.actions, self.ticks), np.zeros((0, self.lanes), np.float32), none, draws)

    def take(self, lanes: NDArray[np.int64]) -> TeachingLives:
        """Return those of the given lanes, in that order."""
        offset, draws = np.ascontiguousarray(self.offset[:, lanes]), np.ascontiguousarray(self.draws[:, lanes])
        return replace(self, offset=offset, draws=draws)


@dataclass(frozen=True, eq=False)
class Classes:
    """G genomes of two parts: students, compiled for the order "lesson", and the program of each one's teacher."""

    students: Actors
    teachers: Sequence[Program]
    teacher: Annotated[I32, "G"]

    def __len__(self) -> int:
        return len(self.students)


@dataclass(frozen=True, eq=False)
class TeachingOutcomes:
    """What became of every student: RESULTS at the end of each window, `status` (OK, DIVERGED).

    `weights f32[E]`: of lane 0, where kept; `lessons i32[2, T]` of the first genome's lane 0: position and move, NONE
    where there was none any more; `m f32[T]` of these.
    """

    results: Annotated[F32, "M G C L"]
    status: Annotated[U8, "G L"]
    weights: Annotated[list[F32] | None, "E"] = None
    lessons: Annotated[I32 | None, "2 T"] = None
    m: Annotated[F32 | None, "T"] = None

    def result(self, name: str) -> F32:
        """Return one of RESULTS, f32[G, C, L]."""
        found: F32 = self.results[RESULTS.code(name)]
        return found
