"""Random batches of students and their teachers, for comparing backends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evometa.language.signals import ACTING_SLOTS, COEFFICIENTS, PLASTICITY
from evometa.language.teaching import OF_STUDENTS
from evometa.lifetime.acting import ActingPlan
from evometa.lifetime.teaching import Classes, TeachingLives
from tests.lifetime.strategies import random_text
from tests.lifetime.test_teaching import classes_of, end_game, lives_of, plan_of

UNKNOWN = (*COEFFICIENTS[2:], *PLASTICITY)  # what learners of `classes_of` have none of
PLACES = (60, 120, 180, 240, 320)  # where games begin


def random_students(seed: int) -> tuple[Classes, TeachingLives, ActingPlan]:
    """Return students of random teachers, with random rules, in the end of a game."""
    rng = np.random.default_rng(seed)

    def text(signals: tuple[str, ...]) -> str:
        return random_text(rng, [name for name in signals if name not in UNKNOWN], int(rng.integers(0, 4)))

    def rule() -> dict[str, str]:
        texts = {"lesson": text(ACTING_SLOTS["lesson"].signals), "update": "-0.3*grad"}
        texts |= {"insist": text(ACTING_SLOTS["insist"].signals)} if rng.random() < 0.6 else {}
        texts |= {"s1": "0.5*s1 + grad"} if rng.random() < 0.4 else {}
        return texts | ({"update": text(OF_STUDENTS)} if rng.random() < 0.4 else {})

    lanes, lessons = int(rng.integers(1, 40)), int(rng.integers(1, 14))
    rules = [rule() for _ in range(int(rng.integers(1, 4)))]
    classes = classes_of(rules, lanes, int(rng.integers(1, 6)), seed)
    windows = sorted({int(rng.integers(1, lessons + 1)), lessons})
    plan = replace(plan_of(*windows), credit=str(rng.choice(["local", "broadcast", "backprop"])))
    answer = "drawn" if rng.random() < 0.5 else "favourite"
    return classes, lives_of(end_game(int(rng.choice(PLACES))), lanes, lessons, answer, seed), plan
