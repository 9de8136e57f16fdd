"""Signatures: bytes that are equal for genomes that behave alike, of one genome and of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from evometa.config.schema import Config
from evometa.config.teaching import order_of
from evometa.genetics.contents import contents, row_bytes
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.phenotype import agent_programs_of, network_keys
from evometa.genetics.programs import loss_of
from evometa.language.acting import Order
from evometa.language.liveness import ROOTS, folded
from evometa.lifetime.batch import rows_of
from evometa.spec import CREDITS
from evometa.spec.habits import HABITS
from evometa.spec.states import RULE

PROBED = frozenset(RULE)  # slots whose answers to probes tell, with the coefficients in them
SHOWN = frozenset(("moments", "rule", "strategy"))  # moments and a strategy change offspring, not lives


def signature_of(answers: NDArray[np.uint32], genome: Genome, network: bytes, apart: bool = False) -> bytes:
    """Return the digest of a genome's answers to probes, u32[felt, …], and of every chromosome that these do not show.

    `network`: that of a topology that evolves, as its genes do not tell whether they make the same network; `apart`:
    coefficients are read by more than the rule.
    """
    digest = blake2b(np.ascontiguousarray(answers[: parts(genome.rule)]).data, digest_size=16)
    unseen = genome.rule.keys() - PROBED - HABITS.keys()
    for slot in sorted(unseen):
        digest.update(loss_of(genome.rule[slot]).key if slot == "loss" else f"{slot}={genome.rule[slot]}".encode())
    left = SHOWN if unseen or apart else SHOWN | {"coefficients"}
    digest.update(genome.content(without=left | {"topology"} if network else left))
    digest.update(network)
    return digest.digest()


def parts(slots: Iterable[str]) -> int:
    """Return how many of the answers to probes (of `ROOTS`) a rule of these slots gives."""
    return 2 if ROOTS[1] in slots else 1


def signatures_of(
    answers: NDArray[np.uint32], genomes: Genomes, networks: Sequence[bytes], apart: bool = False
) -> list[bytes]:
    """Return the signature of each of some genomes that lie side by side (see `signature_of`)."""
    count, unseen = len(genomes), sorted(genomes.rules.keys() - PROBED - HABITS.keys())
    left = (SHOWN if unseen or apart else SHOWN | {"coefficients"}) | ({"topology"} if any(networks) else set())
    losses = [b"".join([loss_of(tree).key for tree in genomes.rules[slot]]) for slot in unseen]
    keys = [np.frombuffer(each, np.uint8).reshape(count, -1) for each in (*losses, b"".join(networks)) if each]
    rows = np.concatenate(
        [
            row_bytes(answers[:, : parts(genomes.rules)]),
            *keys[: len(losses)],
            contents(genomes, left),
            *keys[len(losses) :],
        ],
        axis=1,
    )
    return [blake2b(row, digest_size=16).digest() for row in rows]


def all_signatures(config: Config, genomes: Sequence[Genome]) -> list[bytes]:
    """Return bytes for each genome that are equal where rules answer probes alike and all else is equal."""
    if config.searches:
        return [_signature_of_habits(genome) for genome in genomes]
    if config.acts:
        return [_signature_of_agent(genome, order_of(config)) for genome in genomes]
    from evometa.lifetime.probe import answers

    drawn = config.weights.mode == "drawn" or CREDITS[config.network.credit].fixed
    networks = network_keys(genomes, config.weights.mode == "evolved", drawn)
    apart = bool(config.shared_coefficients)
    if isinstance(genomes, Genomes):
        found = answers(genomes.programs, np.ascontiguousarray(genomes.coefficients))
        signatures = signatures_of(found, genomes, networks, apart)
    else:
        found = answers([one.program for one in genomes], rows_of([one.coefficients for one in genomes]))
        signatures = [signature_of(*each, apart) for each in zip(found, genomes, networks, strict=True)]
    if config.fitness.synapse_cost and not config.rule.gated:  # silent genes cost, too
        return [each + genome.synapses.to_bytes(4) for each, genome in zip(signatures, genomes, strict=True)]
    return signatures


def _signature_of_agent(genome: Genome, order: Order) -> bytes:
    """Return the digest of a rule that acts, as it is compiled, and of every chromosome that lives go by."""
    rule, lane = agent_programs_of(genome, order)
    digest = blake2b(rule.key + (b"" if lane is None else lane.key), digest_size=16)
    digest.update(genome.content(without=SHOWN))
    return digest.digest()


def _signature_of_habits(genome: Genome) -> bytes:
    """Return the digest of the texts of habits, with what constants alone decide worked out."""
    texts = ";".join(f"{slot}={folded(tree)}" for slot, tree in genome.rule.items())
    return blake2b(texts.encode(), digest_size=16).digest()
