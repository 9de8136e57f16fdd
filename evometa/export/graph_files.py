"""The network as a graph for other tools: node-link JSON of networkx, and GraphML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evometa.export.record import learned
from evometa.export.spelling import one_line
from evometa.export.subject import Subject
from evometa.genetics.exchange import to_networkx
from evometa.language.signals import PLASTICITY
from evometa.store.records import Json

if TYPE_CHECKING:
    import networkx


def graph_of(subject: Subject, trained: bool = False) -> networkx.DiGraph:
    """Return the network with everything that is known of it as plain attributes of graph, nodes and edges.

    Edges have their `weight` where learners are born with the same (innate), or as learned on the first held-out task
    (`trained`, with `open` where gates close some); and `p0`, …. Attributes that are not finite are left out.
    InputError where there is no network.
    """
    setting = subject.setting
    numbers = dict(zip(PLASTICITY, setting.phenotypes[0].plasticity, strict=False))
    kept = "drawn anew for each life"
    found = learned(setting) if trained else None
    if found is not None:
        numbers["weight"] = found.weights
        kept = f"learned on {one_line(setting.note)}"
    elif not setting.drawn:
        numbers["weight"], kept = setting.weights, "innate"
    drawn = to_networkx(setting.graph, numbers)
    if found is not None and subject.gated:
        ends = zip(setting.graph.src.tolist(), setting.graph.dst.tolist(), found.opened.tolist(), strict=True)
        drawn.add_edges_from((source, target, {"open": opened}) for source, target, opened in ends)
    told = subject.provenance() | {"formula": subject.learner.formula, "network": subject.learner.topology}
    drawn.graph |= {key: one_line(value) if isinstance(value, str) else value for key, value in told.items()}
    drawn.graph |= {"head": setting.plan.head, "credit": subject.config.network.credit, "weights": kept}
    return drawn


def networkx_file(subject: Subject, trained: bool = False) -> str:
    """Return node-link JSON, as `networkx.node_link_graph(json.loads(text), edges="edges")` reads it."""
    import networkx

    data: Json = networkx.node_link_data(graph_of(subject, trained), edges="edges")
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def graphml_file(subject: Subject, trained: bool = False) -> str:
    """Return GraphML, as `networkx.parse_graphml` and drawing programs read it."""
    import networkx

    found = graph_of(subject, trained)
    return "\n".join(networkx.generate_graphml(found, named_key_ids=True)) + "\n"
