"""Students that are taught, in plain NumPy: slow, obvious, and the judge (contract: evometa/lifetime/teaching.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.generated_numpy import exp_f, log_f
from evometa.language.program import evaluate
from evometa.lifetime import DIVERGED, F32, NONE, OK
from evometa.lifetime.acting import ActingPlan
from evometa.lifetime.reference_acting import Actor
from evometa.lifetime.reference_choice import largest, numbered
from evometa.lifetime.teaching import INSISTENCE, RARE, Classes, TeachingLives, TeachingOutcomes
from evometa.lifetime.teaching_check import check_teaching
from evometa.spec.acting import LAST
from evometa.spec.teaching import RESULTS

ZERO, ONE, NEVER = np.float32(0), np.float32(1), np.float32(np.inf)
LEARN = LAST[LAST.index("modulate") + 1 :]


def teach(classes: Classes, lives: TeachingLives, plan: ActingPlan) -> TeachingOutcomes:
    """Live every life of the batch (contract: evometa.lifetime.teaching). Raises ContractError."""
    check_teaching(classes, lives, plan)
    shape = (len(RESULTS), len(classes), len(plan.windows), lives.lanes)
    results, status = np.zeros(shape, np.float32), np.zeros(shape[1::2], np.uint8)
    weights, lessons = [], []
    with np.errstate(all="ignore"):
        for g in range(len(classes)):
            student = Student(classes, g, lives, plan)
            student.learn(results[:, g])
            sound = np.isfinite(student.w).all(axis=0) & np.isfinite(results[:, g]).all(axis=(0, 1))
            status[g] = np.where(sound, OK, DIVERGED)
            weights.append(student.w[:, 0].copy())
            lessons.append(student.lessons)
    places, moves, m = lessons[0]
    return TeachingOutcomes(results, status, weights if plan.keep_weights else None, np.stack([places, moves]), m)


class Student(Actor):
    """One genome's students in all lanes, lesson by lesson.

    `choice`, `favourite` i64[P, L]: its moves; `facts`: what the teacher sees of each position, f32[P, L] by name;
    `finished bool[L]`: whose lessons are over; `sums`: RESULTS by name, f32[L].
    """

    def __init__(self, classes: Classes, g: int, lives: TeachingLives, plan: ActingPlan) -> None:
        super().__init__(classes.students, g, lives.acting, plan)
        self.teaching, self.game, self.teacher = lives, lives.game, classes.teachers[classes.teacher[g]]
        positions, self.each = len(self.game.ply), np.arange(lives.lanes)
        nothing = np.zeros((positions, lives.lanes), np.float32)
        ply = np.broadcast_to(self.game.ply[:, None].astype(np.float32), nothing.shape)
        self.facts = {"ply": ply, "role": ply % 2, "taught": nothing.copy(), "since": nothing.copy()}
        self.finished = np.zeros(lives.lanes, bool)
        self.sums = {row: np.zeros(lives.lanes, np.float32) for row in RESULTS}
        ticks = plan.ticks
        self.lessons = np.full(ticks, NONE, np.int32), np.full(ticks, NONE, np.int32), np.zeros(ticks, np.float32)

    def learn(self, results: F32) -> None:
        """Be taught lesson by lesson; write results f32[M, C, L]."""
        windows = self.acting.windows.tolist()
        for tick in range(self.acting.ticks + 1):
            self.tick = tick
            self.examine()
            self.roam()
            if tick in windows:
                results[:, windows.index(tick)] = np.stack([self.sums[row] for row in RESULTS])
            if tick < self.acting.ticks:
                self.attend(*self.choose_lesson())

    def examine(self) -> None:
        """Answer every position, and say what is wrong with it."""
        game, lanes = self.game, self.lanes
        self.x = np.repeat(game.x.T[:, :, None], lanes, axis=2)
        self.take(("perceive", "forward"))
        z = self.act[self.first_output :]
        positions = z.shape[1:]
        legal, sound = (np.broadcast_to(each[:, :, None] > 0, z.shape) for each in (game.legal, game.sound))
        own: list[Any] = [each.reshape(len(z), -1) for each in (z, legal, sound)]
        best, good, bad = (largest(own[0], some).reshape(positions)
                           for some in (own[1], own[2], own[1] & ~own[2]))  # fmt: skip
        self.choice, self.favourite = first_of(z, legal, best), first_of(z, sound, good)
        two = (legal & ~sound).any(axis=0)
        total = share = np.zeros(positions, np.float32)
        for row, may, safe in zip(z, legal, sound, strict=True):
            e = exp_f(row - best)
            total, share = total + np.where(may, e, ZERO), share + np.where(safe, e, ZERO)
        wrong = ~np.take_along_axis(sound, self.choice[None], axis=0)[0]
        self.facts |= {
            "gap": np.where(two, bad - good, ZERO), "loss": log_f(total / share), "blunder": wrong.astype(np.float32),
        }  # fmt: skip

    def forward(self) -> None:
        """Answer all that is before the student at once: no afterstates are seen."""
        super(Actor, self).forward()
        self.z = self.act[self.first_output : self.first_critic, 0].copy()

    def show_position(self, places: Any) -> None:
        """Put the position of each lane before the student."""
        self.x = np.ascontiguousarray(self.game.x[:, places])[None]

    def roam(self) -> None:
        """Find which positions the student may come to, by how many blunders, and whether it can be beaten."""
        game, blunder, gap = self.game, self.facts["blunder"], self.facts["gap"]
        ways = [self.walk(role) for role in (0, 1)]
        own = np.where((game.ply % 2 == 0)[:, None], ways[0][0], ways[1][0])
        wrong, open_gaps = np.zeros(self.lanes, np.float32), np.zeros(self.lanes, np.float32)
        for place in range(len(game.ply)):
            wrong = wrong + np.where((own[place] == 0) & (blunder[place] > 0), ONE, ZERO)
            reached = (own[place] < NEVER) & (gap[place] > 0)
            open_gaps = open_gaps + np.where(reached, gap[place], ZERO)
        self.finished = self.finished | (wrong == 0)
        self.sums |= {"blunders": wrong, "gap": open_gaps}
        self.facts["reached"] = (ONE / (ONE + own)).astype(np.float32)
        self.facts["chance"] = np.where((game.ply % 2 == 0)[:, None], ways[0][1], ways[1][1])

    def walk(self, role: int) -> tuple[F32, F32]:
        """Return detour and chance of every position in games where the student moves at plies of this parity."""
        game, lanes = self.game, self.lanes
        detour = np.full((len(game.ply), lanes), NEVER, np.float32)
        chance = np.zeros((len(game.ply), lanes), np.float32)
        detour[0], chance[0] = ZERO, ONE
        for place, ply in enumerate(game.ply):
            moves = np.flatnonzero(game.legal[:, place])
            share = chance[place] / np.float32(len(moves))
            mine = ply % 2 == role
            for move in moves:
                to = game.following[move, place]
                if to == NONE:
                    continue
                if mine:
                    own = np.where(self.choice[place] == move, chance[place] * np.float32(1 - RARE), ZERO)
                    chance[to] = chance[to] + (own + share * np.float32(RARE))
                    way = np.where(self.favourite[place] == move, detour[place] + self.facts["blunder"][place], NEVER)
                else:
                    chance[to] = chance[to] + share
                    way = detour[place]
                detour[to] = np.where(way < detour[to], way, detour[to])
        return detour, chance

    def choose_lesson(self) -> tuple[Any, Any, F32]:
        """Return which position is taught, which move, and m; count the lesson."""
        lives, t = self.teaching, self.tick
        positions = np.arange(len(self.game.ply))[:, None]
        noise = lives.numbers[(lives.offset[t] + positions) % len(lives.numbers)]
        found = evaluate(self.teacher, {**self.facts, **self.numbers(), "noise": noise})
        shape = self.choice.shape
        priority = np.broadcast_to(np.asarray(found["lesson"], np.float32), shape)
        best, place = np.full(self.lanes, -NEVER), np.full(self.lanes, lives.candidates[0])
        for k in lives.candidates:
            better = priority[k] > best
            best, place = np.where(better, priority[k], best), np.where(better, k, place)
        insist = np.broadcast_to(np.asarray(found.get("insist", ONE), np.float32), shape)[place, self.each]
        m = np.where(insist > 1, np.where(insist > INSISTENCE, np.float32(INSISTENCE), insist), ONE)
        m = np.where(self.finished, ZERO, m).astype(np.float32)
        if lives.answer == "favourite":
            move = self.favourite[place, self.each]
        else:
            move = numbered(self.game.best[:, place] > 0, lives.draws[t])
        if not self.finished[0]:
            for row, value in zip(self.lessons, (place[0], move[0], m[0]), strict=True):
                row[t] = value
        g = self.sums["gap"]
        given = np.where(self.finished, ZERO, ONE)
        self.sums["lessons"] = self.sums["lessons"] + given
        self.sums["effort"] = self.sums["effort"] + np.where(self.finished, ZERO, ONE + g / (ONE + g))
        return place, move, m

    def attend(self, place: Any, move: Any, m: F32) -> None:
        """Learn one lesson."""
        self.show_position(place)
        self.may = np.ones((len(self.game.legal), self.lanes), bool)
        self.take(("perceive", "forward", "appraise"))
        self.action, self.lane["m"] = move, m
        self.felt = self.reward
        self.take(LEARN)
        self.facts["since"] = self.facts["since"] + ONE
        self.facts["since"][place, self.each] = ZERO
        self.facts["taught"][place, self.each] += ONE


def first_of(z: F32, may: Any, best: F32) -> Any:
    """Return the first move of those that count whose net input is the largest, i64[P, L]; else the first of them."""
    equal = may & (z == best)
    lost = ~equal.any(axis=0)
    return np.where(lost, may.argmax(axis=0), equal.argmax(axis=0))
