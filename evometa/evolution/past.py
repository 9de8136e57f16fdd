"""What behaviours came to in the last generations: who behaves like one that is dead need not live to be judged."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Sequence

from evometa.genetics.individual import UNJUDGED, Individual, Judgement
from evometa.store.population import signatures
from evometa.store.reader import Reader


class Past:
    """The judgements of all who lived in the last `generations`, by signature.

    A behaviour is forgotten so long after its last life, however often it is born again: no judgement stays for ever.
    """

    def __init__(self, generations: int) -> None:
        self._known: deque[dict[bytes | None, Judgement]] = deque(maxlen=generations)

    def judgement(self, signature: bytes | None) -> Judgement | None:
        """Return the last judgement of those who behave so, None where they are not known."""
        return next((known[signature] for known in reversed(self._known) if signature in known), None)

    def divide(
        self, individuals: Sequence[Individual], judged: Container[bytes | None]
    ) -> tuple[list[Individual], list[Individual]]:
        """Return one of each behaviour that is not among the `judged`: those who must live, and those whom it knows.

        The first who behaves so stands for all; whom it knows has that judgement, but not yet a fitness.
        """
        fresh: list[Individual] = []
        known: list[Individual] = []
        for one in reversed({i.signature: i for i in reversed(individuals) if i.signature not in judged}.values()):
            before = self.judgement(one.signature)
            one.judgement = before or UNJUDGED
            (known if before else fresh).append(one)
        return fresh, known

    def remember(self, individuals: Iterable[Individual], lived: Container[int]) -> None:
        """Take a generation in: those of the individuals who lived themselves, by id."""
        self._known.append({one.signature: one.judgement for one in individuals if one.id in lived})

    def recall(self, reader: Reader) -> None:
        """Take in what a run file says of the last generations."""
        for generation in reader.generations()[-(self._known.maxlen or 0) :] if self._known.maxlen else ():
            found = reader.evaluations(generation)
            ids = found.ids[found.lifetimes > 0].tolist()
            behaviours = signatures(reader, ids)
            known: dict[bytes | None, Judgement] = {}
            for one in filter(None, map(found.evaluation, ids)):
                parts = one.fitness, one.innate, one.adapted, one.diverged, one.cases, one.record
                known[behaviours[one.id]] = Judgement(*parts)
            self._known.append(known)
