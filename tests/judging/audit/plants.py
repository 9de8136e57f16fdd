"""The planted champions: of each its fault, a direct proof of it apart from the audit, and the tests that must find it.

`benchmarks.audit` audits each with ten seeds, the tests of this folder with one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.audit.learned import learned_by
from evometa.judging.audit.learned import shaken as shaken_learned
from evometa.judging.audit.learner import Learner
from evometa.judging.audit.transforms import lasting, of_tasks, scaled, shuffled
from evometa.judging.champion import stock_genome
from evometa.language.library import RULES
from evometa.lifetime import F32
from evometa.seeding import stream
from tests.judging.audit.planted import RATE, UPDATES, Fault, answers, cancelling, evaluator_of, rule

TASKS = 100
RIVALS = {"sgd": {"rate": RATE}, "momentum": {"rate": 0.04, "β": 0.5}}
SGD = f"-{RATE}*grad"
FIXED = Fault(fixed=True)
LARGE = 19.0  # weights that cancel
KNOWN, MANY, HIDDEN = 20, 5000, 64  # validation tasks; random learners that the luckiest is chosen from; hidden nodes


@dataclass(frozen=True)
class Plant:
    """A fault: what has it, by its seed; whether it is there, shown directly; the tests that must be flagged for it."""

    name: str
    made: Callable[[int], tuple[Evaluator, Genome]]
    proven: Callable[[Learner], bool]
    wanted: frozenset[str]

    def subject(self, seed: int) -> Learner:
        """Return what is audited."""
        return Learner(*self.made(seed), RIVALS, TASKS)


def score(subject: Learner, **more: object) -> float:
    """Return the mean accuracy of a champion, with lessons changed."""
    return float(subject.scores(**more).champion.mean())  # type: ignore[arg-type]


def after(subject: Learner, updates: int) -> float:
    """Return the mean accuracy after so many updates."""
    changed = [[(course, lasting(updates / UPDATES)(one)) for course, one in subject.drawn]]
    return float(subject.scored(changed, 1).champion.mean())


def idle(seed: int) -> tuple[Evaluator, Genome]:
    """It changes nothing."""
    return evaluator_of(seed=seed), rule("0*grad")


def born(seed: int) -> tuple[Evaluator, Genome]:
    """It has the answers at birth, in a world where they are always the same."""
    return evaluator_of(FIXED, seed), rule("0*grad", weights=answers(2.0))


def nearly(seed: int, size: float = 0.2) -> F32:
    """Return weights that have most of the answers."""
    noise = stream(seed, 0, "nearly").standard_normal(15)
    return (answers(size) + 0.4 * noise).astype(np.float32)


def nearly_born(seed: int) -> tuple[Evaluator, Genome]:
    """It has most of the answers at birth, and learns a little."""
    return evaluator_of(FIXED, seed), rule("-0.02*grad", weights=nearly(seed))


def deaf(seed: int) -> tuple[Evaluator, Genome]:
    """It learns from its own answers, whatever labels say, in a world whose classes are always the same clusters."""
    return evaluator_of(FIXED, seed), rule("0.1*pre*(step(post - 0.4) - post)", weights=nearly(seed, 0.25))


def peaking(seed: int) -> tuple[Evaluator, Genome]:
    """It gathers gradients, takes them all at the last update, and gives them back at the next."""
    last, next_ = (f"max(0, 1 - abs(s1 - {place}))" for place in (UPDATES, UPDATES + 1))
    return evaluator_of(seed=seed), rule(f"{RATE}*s2*({next_} - {last})", s1="s1 + 1", s2="s2 + grad")


def frail(seed: int) -> tuple[Evaluator, Genome]:
    """Its large innate weights cancel."""
    return evaluator_of(seed=seed), rule("-0.005*grad", weights=cancelling(LARGE))


def frail_scores(subject: Learner) -> bool:
    """Show that 3 % of noise, at birth and after learning, costs it a tenth at least."""
    weights = subject.genome.weights
    assert weights is not None
    noise = np.random.default_rng(0).standard_normal(15)
    shaken = subject.genome.replace(weights=(weights + 0.03 * LARGE * noise).astype(np.float32))
    at_birth = score(subject) - float(subject.scored([subject.drawn], genome=shaken).champion.mean())
    learned = learned_by(subject)
    still, moved = (float(shaken_learned(subject, learned, share).champion.mean()) for share in (0.0, 0.03))
    return min(at_birth, still - moved) > 0.1


def clipping(seed: int) -> tuple[Evaluator, Genome]:
    """It steps the wrong way where the gradient is beyond what evolution's inputs gave."""
    return evaluator_of(seed=seed), rule(f"{SGD}*(2*step(2 - abs(grad)) - 1)")


def drifting(seed: int) -> tuple[Evaluator, Genome]:
    """It forgets after its time."""
    return evaluator_of(seed=seed), rule(f"{SGD} - 0.5*step(s1 - {UPDATES}.5)*w", s1="s1 + 1")


def loud(seed: int) -> tuple[Evaluator, Genome]:
    """It inflates its weights."""
    return evaluator_of(seed=seed), rule(f"{SGD} + 0.3*w")


def louder(subject: Learner) -> bool:
    """Show that its accuracy rises, and its loss, too."""
    outcomes = subject.live([subject.genome], subject.drawn)
    end, begin = (-float(subject.by_task(outcomes, subject.drawn, point, "loss").mean()) for point in (-1, 0))
    return score(subject) > score(subject, checkpoint=0) + 0.1 and end > begin


def in_world(fault: Fault) -> Callable[[int], tuple[Evaluator, Genome]]:
    """Return an honest learner in a world with a fault."""
    return lambda seed: (evaluator_of(fault, seed), rule(SGD))


def containing(subject: Learner) -> bool:
    """Show that queries stand among the examples."""
    tasks = subject.drawn[0][1].tasks
    return bool(np.array_equal(tasks.query_x[:9], tasks.support_x[:9]))


def telling(subject: Learner) -> bool:
    """Show that an input is the label."""
    tasks = subject.drawn[0][1].tasks
    return bool(np.array_equal(tasks.query_x[:, 3], tasks.query_y.argmax(axis=1)))


def sharing(subject: Learner) -> bool:
    """Show that each test task is a train task."""
    train, test = (
        {lane.tobytes() for lane in np.moveaxis(subject.evaluator.draw(split, 0, 200)[0][1].tasks.query_x, 2, 0)}
        for split in ("train", "test")
    )
    return len(test - train) < 0.1 * len(test)


def lucky(seed: int) -> tuple[Evaluator, Genome]:
    """It is the best of many by chance on few tasks."""
    world, rng = evaluator_of(seed=seed), stream(seed, 0, "luck")
    many = [rule("0*grad", weights=rng.standard_normal(15).astype(np.float32)) for _ in range(MANY)]
    subject = Learner(world, many[0], RIVALS, TASKS)
    known = subject.draw("validation", "", KNOWN)
    scores = subject.by_task(subject.live(many, known), known).mean(axis=1)
    return world, many[int(scores.argmax())]


def chosen(seed: int) -> tuple[Evaluator, Genome]:
    """It is the best that there is on the few tasks that chose it: its output layer is fitted to their queries."""
    world, rng = evaluator_of(seed=seed, hidden=(HIDDEN,)), stream(seed, 0, "chosen")
    tasks = Learner(world, rule("0*grad"), RIVALS, TASKS).draw("validation", "", KNOWN)[0][1].tasks
    asked, wanted = (part.transpose(2, 0, 1).reshape(-1, part.shape[1]) for part in (tasks.query_x, tasks.query_y))
    ones = np.ones((len(asked), 1), np.float32)
    first = (1.5 * rng.standard_normal((HIDDEN, 5))).astype(np.float32)
    felt = np.tanh(np.concatenate([asked, ones], axis=1) @ first.T)
    last = np.linalg.lstsq(np.concatenate([ones, felt], axis=1), wanted, rcond=1e-6)[0].T
    last *= 15.0 / np.abs(last).max()  # within the bound
    return world, rule("0*grad", weights=np.concatenate([first.ravel(), last.ravel()]).astype(np.float32))


def unlucky_elsewhere(subject: Learner) -> bool:
    """Show that on other tasks it is worse."""
    known, others = subject.draw("validation", "", KNOWN), subject.draw("validation", "others ", 400)
    scores = [float(subject.by_task(subject.live([subject.genome], one), one).mean()) for one in (known, others)]
    return scores[0] > scores[1] + 0.05


SAME = frozenset({"labels shuffled", "another task's support", "labels permuted"})
PLANTS = (
    Plant("does nothing", idle, lambda s: score(s) == score(s, checkpoint=0), frozenset({"learning"})),
    Plant("born with the answers", born, lambda s: score(s, checkpoint=0) > 0.95, SAME | {"learning"}),
    Plant("born with most of them", nearly_born, lambda s: score(s) > score(s, checkpoint=0) > 0.5, SAME),
    Plant(
        "ignores labels", deaf,
        lambda s: score(s) > score(s, checkpoint=0) and score(s) == score(s, transform=of_tasks(shuffled)), SAME,
    ),
    Plant(
        "peaks where it is judged", peaking,
        lambda s: after(s, UPDATES) > 0.1 + max(after(s, UPDATES - 1), after(s, UPDATES + 1)), frozenset({"peaks"}),
    ),
    Plant("dies of 3 % of noise", frail, frail_scores, frozenset({"births", "learned weights"})),
    Plant(
        "cannot stand larger inputs", clipping,
        lambda s: score(s, transform=of_tasks(scaled(2.0, 0.0))) < score(s) - 0.1, frozenset({"shifts"}),
    ),
    Plant("forgets after its time", drifting, lambda s: after(s, 4 * UPDATES) < score(s) - 0.05, frozenset({"lives"})),
    Plant("inflates its weights", loud, louder, frozenset({"measures"})),
    Plant("queries among the examples", in_world(Fault(contain=True)), containing, frozenset({"leaks"})),
    Plant("an input is the label", in_world(Fault(tells=True)), telling, frozenset({"leaks"})),
    Plant("splits share their tasks", in_world(Fault(same=True)), sharing, frozenset({"leaks"})),
    Plant("winner's curse", chosen, unlucky_elsewhere, frozenset({"fresh tasks"})),
)  # fmt: skip

# the luck of the best of n is hardly likelier than 1 / n, so an audit that errs once in a hundred cannot tell that of
# thousands from its own: it may not pass, but is not flagged
LUCKY = Plant("the luckiest of 5,000", lucky, unlucky_elsewhere, frozenset({"fresh tasks"}))

HONEST_ONES = {
    "sgd": rule(SGD),
    "delta rule": rule(f"{RATE}*pre*(target - post)"),
    "momentum at half its rate": stock_genome(RULES["momentum"], {"rate": 0.02, "β": 0.5}, UPDATES),
}
