"""What stays from one generation to the next besides the living, and what does not."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any

import pytest

from evometa.evolution.loop import evolve
from evometa.genetics.individual import Brood, Individual
from tests.searching import appraise, evolution_of, recipe


def test_what_breeding_goes_by_is_part_of_the_state() -> None:
    class Marks:
        """A counter that each breeding moves on, as historical markings would."""

        def __init__(self, toolbox: Any) -> None:
            self.count, self.breed = 0, toolbox.breed
            toolbox.heritage = self
            toolbox.register("breed", self.counted)

        def counted(self, *arguments: Any, island: int, generation: int, **named: Any) -> Brood:
            self.count += 10 * generation + island
            return self.breed(*arguments, **named)

        def state(self) -> dict[str, int]:
            return {"count": self.count}

        def needs(self, state: dict[str, int]) -> set[int]:
            return set()

        def restore(self, state: dict[str, int], individuals: dict[int, Individual]) -> None:
            self.count = state["count"]

    whole, again = evolution_of(recipe(evolution={"islands": 2})), evolution_of(recipe(evolution={"islands": 2}))
    marks, others = Marks(whole.toolbox), Marks(again.toolbox)
    evolve(whole, appraise, 3)
    assert whole.state()["heritage"] == {"count": 10 + 11 + 20 + 21}
    again.restore(json.loads(json.dumps(whole.state())), {one.id: one for one in [*whole.population, *whole.hall]})
    assert others.count == marks.count
    evolve(whole, appraise, 4)
    evolve(again, appraise, 4)
    assert whole.state() == again.state()
    assert "heritage" not in evolution_of(recipe()).state()


@pytest.mark.parametrize("scheme", ["plus", "ageing"])
def test_the_genomes_of_the_dead_are_let_go(scheme: str) -> None:
    evolution = evolution_of(recipe(evolution={"scheme": scheme, "islands": 2, "hall": 3}))
    evolve(evolution, appraise, 3)
    batch = weakref.ref(evolution.ask()[0].genome._batch)
    before = {one.id: one.genome.to_json() for one in [*evolution.ask(), *evolution.population, *evolution.hall]}
    appraise(evolution.ask())
    evolution.tell(evolution.ask())
    gc.collect()
    assert batch() is None
    for one in [*evolution.population, *evolution.hall]:
        assert one.genome.to_json() == before[one.id]
    for island in evolution.islands:
        assert len({one.genome._batch for one in island}) == 1
