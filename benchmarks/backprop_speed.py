"""Gradient lifetimes against compiled peers: `python -m benchmarks.backprop_speed` (needs the extra `bench`).

Work: 256 genomes × 32 tasks, net 1-40-40-1 (ReLU), five SGD steps on 10 examples, then 10 queries. Ours walks a
general edge list through an interpreted rule; the peers know that the net is dense and the rule is SGD.
Peers: torch.compile over bmm, 8 genomes at a time; JAX lax.map over genomes; the rate of sgemm stands beside.
"""

from __future__ import annotations

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import torch

from benchmarks.timing import table, take_turns
from evometa.language.program import compile_rule
from evometa.language.text import parse
from evometa.lifetime import Births, Phenotypes, Plan, Tasks, cpu
from evometa.topology import layered

GENOMES, LANES, SHOTS, QUERIES, STEPS, WIDTH, RATE, CHUNK = 256, 32, 10, 10, 5, 40, 0.01, 8
FLOPS = 2 * (WIDTH + WIDTH * WIDTH + WIDTH) * (3 * SHOTS * STEPS + QUERIES) * GENOMES * LANES


def peer_torch(layers: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray, y: np.ndarray, qx: np.ndarray,
               qy: np.ndarray) -> Callable[[], np.ndarray]:  # fmt: skip
    """Return torch's form: hand-written gradients as batched products, compiled, in chunks that fit the cache."""
    tensors = [torch.from_numpy(a) for pair in layers for a in pair]
    examples = [torch.from_numpy(a.transpose(2, 0, 1).copy()) for a in (x, y, qx, qy)]

    @torch.compile(dynamic=False)
    def chunk(w1, b1, w2, b2, w3, b3, x, y, qx, qy):
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


def peer_jax(layers: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray, y: np.ndarray, qx: np.ndarray,
             qy: np.ndarray) -> Callable[[], np.ndarray]:  # fmt: skip
    """Return JAX's form: automatic gradients, vmap over tasks, lax.map over genomes."""

    def answer(p, x):
        (w1, b1), (w2, b2), (w3, b3) = p
        return jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3

    def loss(p, x, y):
        return jnp.mean((answer(p, x) - y) ** 2)

    def life(p, x, y, qx, qy):
        def step(p, _):
            return jax.tree.map(lambda a, g: a - RATE * g, p, jax.grad(loss)(p, x, y)), None

        return loss(jax.lax.scan(step, p, None, length=STEPS)[0], qx, qy)

    tasks = [jnp.asarray(a.transpose(2, 0, 1)) for a in (x, y, qx, qy)]
    run = jax.jit(lambda p: jax.lax.map(lambda one: jax.vmap(life, (None, 0, 0, 0, 0))(one, *tasks), p))
    parameters = tuple((jnp.asarray(w), jnp.asarray(b)) for w, b in layers)
    return lambda: np.asarray(run(parameters).block_until_ready())


def main() -> None:
    """Run all contestants in turns and print the table."""
    rng = np.random.default_rng(0)
    graph = layered(1, (WIDTH, WIDTH), 1, "relu")
    shapes = [(1, WIDTH, 1.0), (WIDTH, WIDTH, 0.15), (WIDTH, 1, 0.15)]
    layers = [
        ((rng.standard_normal((GENOMES, i, o)) * s).astype(np.float32), np.zeros((GENOMES, o), np.float32))
        for i, o, s in shapes
    ]
    innate = np.zeros((GENOMES, graph.synapses), np.float32)
    for layer, (w, b) in enumerate(layers):
        innate[:, graph.group == 2 * layer] = w.transpose(0, 2, 1).reshape(GENOMES, -1)
        innate[:, graph.group == 2 * layer + 1] = b
    amplitude, phase = rng.uniform(0.1, 5, LANES), rng.uniform(0, np.pi, LANES)
    x, qx = (rng.uniform(-5, 5, (n, 1, LANES)).astype(np.float32) for n in (SHOTS, QUERIES))
    y, qy = ((amplitude * np.sin(a - phase)).astype(np.float32) for a in (x, qx))
    program = compile_rule({"update": parse(f"{-RATE} * grad")})
    none = np.zeros((0, graph.synapses), np.float32)
    phenotypes = Phenotypes([graph] * GENOMES, [program] * GENOMES, list(innate), np.zeros((GENOMES, 0), np.float32),
                            [none] * GENOMES, [None] * GENOMES, [None] * GENOMES)  # fmt: skip
    order = np.tile(np.arange(SHOTS, dtype=np.int32), (STEPS, 1))
    plan = Plan(order, np.array([STEPS], np.int32), "linear", "backprop", 1e9)
    tasks = Tasks(x, y, qx, qy)
    with_torch, with_jax = peer_torch(layers, x, y, qx, qy), peer_jax(layers, x, y, qx, qy)
    ours = cpu.live(phenotypes, tasks, Births(), plan).loss[:, 0]
    for name, theirs in (("torch", with_torch()), ("JAX", with_jax())):
        print(f"largest relative difference to {name}: {(np.abs(ours - theirs) / np.abs(theirs)).max():.1e}")
    a, b = (rng.standard_normal((1024, 1024)).astype(np.float32) for _ in range(2))
    seconds = take_turns({
        "torch.compile, bmm in chunks of 8": with_torch,
        "JAX lax.map over genomes": with_jax,
        "evometa": lambda: cpu.live(phenotypes, tasks, Births(), plan),
        "sgemm 1024³": lambda: a @ b,
    })  # fmt: skip
    flops = dict.fromkeys(seconds, FLOPS) | {"sgemm 1024³": 2 * 1024**3}
    table(seconds, "torch.compile, bmm in chunks of 8", lambda name, s: f"{flops[name] / s / 1e9:6.1f} GFLOP/s")


if __name__ == "__main__":
    main()
