"""What genomes of two parts, a teacher and its student, do not go together with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from evometa.config.section import show
from evometa.errors import InputError
from evometa.spec.states import GATE, LANE_RULE, SYNAPSE, TEACHER_RULE

if TYPE_CHECKING:
    from evometa.config.schema import Config

TEACHING = "teaching"  # the family of tasks


def order_of(config: Config) -> Literal["next tick", "same tick", "lesson"]:
    """Return in which order a tick of lives that act goes."""
    return "lesson" if config.teaches else config.acting.order


def check_teaching(config: Config) -> None:
    """Refuse, with InputError, what students do not go together with, and what has a meaning for them alone."""
    slots = [slot for slot in config.rule.slots if slot in TEACHER_RULE]
    if not config.teaches:
        if slots:
            raise InputError(
                "slots of learners that nobody teaches", f"{slots[0]}, which is a teacher's", "rule.slots",
                f'Remove it, or set tasks.family = "{TEACHING}".',
            )  # fmt: skip
        return
    for wrong, expected, found, where in _faults(config):
        if wrong:
            raise InputError(f"{expected}, where students are taught", show(found), where, "Change or remove it.")


def _faults(config: Config) -> Iterator[tuple[bool, str, object, str]]:
    """Yield what students do not go together with: whether it is so, what is expected, what is there, and where."""
    others = sorted({tasks.settings.family for tasks in config.tasks} - {TEACHING})
    strange = [slot for slot in config.rule.slots if slot in (*LANE_RULE, SYNAPSE[GATE].slot)]
    own, net = config.acting, config.network
    yield from (
        (bool(others), "students alone", ", ".join(others), "tasks.family"),
        ("lesson" not in config.rule.slots, "a slot lesson, which says what is taught", config.rule.slots,
         "rule.slots"),
        (bool(strange), "slots of a teacher and of synapses", ", ".join(strange), "rule.slots"),
        (own.policy != "softmax", '"softmax"', own.policy, "acting.policy"),
        (own.critic > 0, "0", own.critic, "acting.critic"),
        (own.predictions > 0, "0", own.predictions, "acting.predictions"),
        (own.optimism != 0, "0", own.optimism, "acting.optimism"),
        (own.see_reward, "false, as nothing is rewarded", own.see_reward, "acting.see_reward"),
        (own.see_action, "false", own.see_action, "acting.see_action"),
        (own.judged != "life", '"life"', own.judged, "acting.judged"),
        (config.weights.mode != "drawn", '"drawn", as students are born blank', config.weights.mode, "weights.mode"),
        (config.topology.mode != "fixed", '"fixed"', config.topology.mode, "topology.mode"),
        (net.recurrent, "false, as a lesson says nothing of the next", net.recurrent, "network.recurrent"),
        (net.activation == "gru", "units without a past, as a lesson says nothing of the next", net.activation,
         "network.activation"),
        (config.evolution.inheritance != "baldwin", '"baldwin"', config.evolution.inheritance,
         "evolution.inheritance"),
    )  # fmt: skip
