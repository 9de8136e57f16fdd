"""Gradient lifetimes against compiled peers: `python -m benchmarks.backprop_speed` (needs the extra `bench`).

Work: 256 genomes × 32 tasks, net 1-40-40-1 (ReLU), five SGD steps on 10 examples, then 10 queries. Ours walks a
general edge list through an interpreted rule; the peers know that the net is dense and the rule is SGD.
Peers: torch.compile over bmm, 8 genomes at a time; JAX lax.map over genomes; the rate of sgemm stands beside.
"""

from __future__ import annotations

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from benchmarks.timing import table, take_turns
from benchmarks.workloads import GradientWork, Layer
from evometa.lifetime import Births
from evometa.lifetime.numba import cpu

GENOMES, LANES, CHUNK = 256, 32, 8
SHOTS, STEPS, RATE = GradientWork.SHOTS, GradientWork.STEPS, GradientWork.RATE


def peer_torch(layers: list[Layer], x: np.ndarray, y: np.ndarray, qx: np.ndarray,
               qy: np.ndarray) -> Callable[[], np.ndarray]:  # fmt: skip
    """Return torch's form: hand-written gradients as batched products, compiled, in chunks that fit the cache."""
    tensors = [torch.from_numpy(a) for pair in layers for a in pair]
    examples = [torch.from_numpy(a.transpose(2, 0, 1).copy()) for a in (x, y, qx, qy)]

    @torch.compile(dynamic=False)
    def chunk(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, x: Any, y: Any, qx: Any, qy: Any) -> Any:
        g = w1.shape[0]
        w1, b1, w2, b2, w3, b3 = (
            t.repeat_interleave(LANES, 0) for t in (w1, b1[:, None], w2, b2[:, None], w3, b3[:, None])
        )
        x, y, qx, qy = (t.repeat(g, 1, 1) for t in (x, y, qx, qy))
        for _ in range(STEPS):
            h1 = torch.relu(torch.baddbmm(b1, x, w1))
            h2 = torch.relu(torch.baddbmm(b2, h1, w2))
            d3 = (torch.baddbmm(b3, h2, w3) - y) * (2.0 / SHOTS)
            d2 = torch.bmm(d3, w3.transpose(1, 2)) * (h2 > 0)
            d1 = torch.bmm(d2, w2.transpose(1, 2)) * (h1 > 0)
            w3, b3 = w3 - RATE * torch.bmm(h2.transpose(1, 2), d3), b3 - RATE * d3.sum(1, keepdim=True)
            w2, b2 = w2 - RATE * torch.bmm(h1.transpose(1, 2), d2), b2 - RATE * d2.sum(1, keepdim=True)
            w1, b1 = w1 - RATE * torch.bmm(x.transpose(1, 2), d1), b1 - RATE * d1.sum(1, keepdim=True)
        h = torch.relu(torch.baddbmm(b2, torch.relu(torch.baddbmm(b1, qx, w1)), w2))
        return ((torch.baddbmm(b3, h, w3) - qy) ** 2).mean((1, 2))

    def run() -> np.ndarray:
        with torch.no_grad():
            parts = [chunk(*[t[i : i + CHUNK] for t in tensors], *examples) for i in range(0, GENOMES, CHUNK)]
            return torch.cat(parts).reshape(GENOMES, LANES).numpy()

    return run


def main() -> None:
    """Run all contestants in turns and print the table."""
    work = GradientWork(GENOMES, LANES)
    examples = (work.tasks.support_x, work.tasks.support_y, work.tasks.query_x, work.tasks.query_y)
    with_torch, with_jax = peer_torch(work.layers, *examples), work.jax()
    ours = cpu.live(work.phenotypes, work.tasks, Births(), work.plan).loss[:, 0]
    for name, theirs in (("torch", with_torch()), ("JAX", np.asarray(with_jax()))):
        print(f"largest relative difference to {name}: {(np.abs(ours - theirs) / np.abs(theirs)).max():.1e}")
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((1024, 1024)).astype(np.float32) for _ in range(2))
    seconds = take_turns({
        "torch.compile, bmm in chunks of 8": with_torch,
        "JAX lax.map over genomes": with_jax,
        "evometa": lambda: cpu.live(work.phenotypes, work.tasks, Births(), work.plan),
        "sgemm 1024³": lambda: a @ b,
    })  # fmt: skip
    flops = dict.fromkeys(seconds, work.flops) | {"sgemm 1024³": 2 * 1024**3}
    table(seconds, "torch.compile, bmm in chunks of 8", lambda name, s: f"{flops[name] / s / 1e9:6.1f} GFLOP/s")


if __name__ == "__main__":
    main()
