"""Two pieces of work that the speed benchmarks share, ours and as JAX would do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from evometa.genetics.topology import layered
from evometa.language.program import Program, compile_rule
from evometa.language.text import parse
from evometa.lifetime import F32, Graph, Phenotype, Phenotypes, Plan, Tasks, in_all_lanes
from evometa.lifetime.batch import batch_of
from evometa.spec.primitives import PRIMITIVES

MIX = ("add", "sub", "mul", "aq", "neg", "tanh", "sign", "max", "min", "abs", "square")
RULE = "0.01 * ((post - target) * pre - 0.5 * (square(post) * w))"
INPUTS, HIDDEN, OUTPUTS = 8, 16, 2


def people(graph: Graph, programs: list[Program], weights: F32) -> Phenotypes:
    """Return learners of one network, each with a program and innate weights f32[G, E] of its own."""
    none, nothing = np.zeros((0, graph.synapses), np.float32), np.zeros(0, np.float32)
    return batch_of([Phenotype(graph, program, w, nothing, none) for program, w in zip(programs, weights, strict=True)])


class RuleWork:
    """`genomes` × `lanes` lifetimes of 200 trials in a net 8-16-2 without biases, local rules, one example a trial."""

    TRIALS = 200

    def __init__(self, genomes: int, lanes: int, trials: int = TRIALS) -> None:
        rng = np.random.default_rng(0)
        first = INPUTS + 1
        src = [*list(range(INPUTS)) * HIDDEN, *list(range(first, first + HIDDEN)) * OUTPUTS]
        fans = [0] * first + [INPUTS] * HIDDEN + [HIDDEN] * OUTPUTS
        activation = np.array([0] * first + [1] * HIDDEN + [0] * OUTPUTS, np.uint8)
        ptr = np.concatenate([[0], np.cumsum(fans)]).astype(np.int32)
        self.graph = Graph(INPUTS, OUTPUTS, ptr, np.array(src, np.int32), activation, np.zeros(len(src), np.int32))
        self.genomes, self.lanes, self.trials, self.rng = genomes, lanes, trials, rng
        self.weights = (rng.standard_normal((genomes, self.graph.synapses)) * 0.1).astype(np.float32)
        self.x = rng.standard_normal((trials, INPUTS, lanes)).astype(np.float32)
        self.y = np.tanh(rng.standard_normal((trials, OUTPUTS, lanes))).astype(np.float32)
        self.tasks = Tasks(self.x, self.y, self.x[:1], self.y[:1])
        order = in_all_lanes(np.arange(trials, dtype=np.int32)[:, None], lanes)
        self.plan = Plan(order, np.array([trials], np.int32), "linear", "local", 10.0)

    @property
    def changes(self) -> int:
        """How often a rule is run for a synapse of a lane."""
        return self.genomes * self.lanes * self.trials * self.graph.synapses

    def phenotypes(self, texts: list[str]) -> Phenotypes:
        """Return learners with rules of these texts, compiled once for each different text."""
        programs = {text: compile_rule({"update": parse(text)}) for text in set(texts)}
        return people(self.graph, [programs[text] for text in texts], self.weights)

    def different(self) -> list[str]:
        """Return a rule for each genome that differs from the others in its rate."""
        return [RULE.replace("0.01", f"{rate:.6f}") for rate in self.rng.uniform(0.005, 0.015, self.genomes)]

    def random(self, kinds: int) -> list[str]:
        """Return a random rule for each genome, of so many different ones."""
        rules = [long_rule(self.rng) for _ in range(kinds)]
        return [rules[g % kinds] for g in range(self.genomes)]

    def jax(self) -> Callable[[], Any]:
        """Return the same lifetimes as JAX compiles them for RULE; the first call compiles."""
        import jax
        import jax.numpy as jnp

        def life(w: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
            w1 = w[: INPUTS * HIDDEN].reshape(HIDDEN, INPUTS)
            w2 = w[INPUTS * HIDDEN :].reshape(OUTPUTS, HIDDEN)

            def step(carry: Any, xy: Any) -> Any:
                w1, w2 = carry
                x, y = xy
                h = jnp.tanh(w1 @ x)
                o = w2 @ h
                d2 = 0.01 * ((o - y)[:, None] * h[None] - 0.5 * (o * o)[:, None] * w2)
                d1 = 0.01 * ((h - y[0])[:, None] * x[None] - 0.5 * (h * h)[:, None] * w1)
                return (jnp.clip(w1 + d1, -10, 10), jnp.clip(w2 + d2, -10, 10)), None

            w1, w2 = jax.lax.scan(step, (w1, w2), (x, y))[0]
            return jnp.mean((w2 @ jnp.tanh(w1 @ x[0]) - y[0]) ** 2)

        compiled = jax.jit(jax.vmap(jax.vmap(life, (None, 2, 2)), (0, None, None)))
        w, x, y = (jnp.asarray(a) for a in (self.weights, self.x, self.y))
        return lambda: compiled(w, x, y).block_until_ready()


def long_rule(rng: np.random.Generator) -> str:
    """Return a random rule of 10 to 14 instructions a synapse, all of these primitives as likely."""

    def grow(depth: int) -> str:
        if depth == 0 or rng.random() < 0.1:
            return str(rng.choice(["pre", "w", "post", "target"]))
        name = str(rng.choice(MIX))
        return f"{name}({', '.join(grow(depth - 1) for _ in range(PRIMITIVES[name].arity))})"

    while True:
        text = f"0.01 * {grow(6)}"
        program = compile_rule({"update": parse(text)})
        if 10 <= len(program.code) - program.node_end <= 14:
            return text


class Layer(NamedTuple):
    """Weights f32[G, I, O] and biases f32[G, O]."""

    weights: F32
    biases: F32


class GradientWork:
    """`genomes` × `lanes` lifetimes of five SGD steps on 10 examples in a net 1-40-40-1 (ReLU), then 10 queries."""

    SHOTS, QUERIES, STEPS, WIDTH, RATE = 10, 10, 5, 40, 0.01

    def __init__(self, genomes: int, lanes: int) -> None:
        rng = np.random.default_rng(0)
        self.genomes, self.lanes = genomes, lanes
        self.graph = layered(1, (self.WIDTH, self.WIDTH), 1, "relu")
        shapes = [(1, self.WIDTH, 1.0), (self.WIDTH, self.WIDTH, 0.15), (self.WIDTH, 1, 0.15)]
        self.layers = [
            Layer((rng.standard_normal((genomes, i, o)) * s).astype(np.float32), np.zeros((genomes, o), np.float32))
            for i, o, s in shapes
        ]
        innate = np.zeros((genomes, self.graph.synapses), np.float32)
        for layer, (w, b) in enumerate(self.layers):
            innate[:, self.graph.group == 2 * layer] = w.transpose(0, 2, 1).reshape(genomes, -1)
            innate[:, self.graph.group == 2 * layer + 1] = b
        amplitude, phase = rng.uniform(0.1, 5, lanes), rng.uniform(0, np.pi, lanes)
        x, qx = (rng.uniform(-5, 5, (n, 1, lanes)).astype(np.float32) for n in (self.SHOTS, self.QUERIES))
        y, qy = ((amplitude * np.sin(a - phase)).astype(np.float32) for a in (x, qx))
        self.tasks = Tasks(x, y, qx, qy)
        self.phenotypes = people(
            self.graph, [compile_rule({"update": parse(f"{-self.RATE} * grad")})] * genomes, innate
        )
        order = in_all_lanes(np.tile(np.arange(self.SHOTS, dtype=np.int32), (self.STEPS, 1)), lanes)
        self.plan = Plan(order, np.array([self.STEPS], np.int32), "linear", "backprop", 1e9)

    @property
    def flops(self) -> float:
        """Floating-point operations of the products alone."""
        synapses = self.WIDTH + self.WIDTH * self.WIDTH + self.WIDTH
        return 2.0 * synapses * (3 * self.SHOTS * self.STEPS + self.QUERIES) * self.genomes * self.lanes

    def jax(self, whole: bool = False) -> Callable[[], Any]:
        """Return JAX's form: automatic gradients, vmap over tasks, lax.map (`whole`: vmap) over genomes."""
        import jax
        import jax.numpy as jnp

        def answer(p: Any, x: jax.Array) -> Any:
            (w1, b1), (w2, b2), (w3, b3) = p
            return jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3

        def loss(p: Any, x: jax.Array, y: jax.Array) -> Any:
            return jnp.mean((answer(p, x) - y) ** 2)

        def life(p: Any, x: jax.Array, y: jax.Array, qx: jax.Array, qy: jax.Array) -> Any:
            def step(p: Any, _: Any) -> Any:
                return jax.tree.map(lambda a, g: a - self.RATE * g, p, jax.grad(loss)(p, x, y)), None

            return loss(jax.lax.scan(step, p, None, length=self.STEPS)[0], qx, qy)

        t = self.tasks
        tasks = [jnp.asarray(a.transpose(2, 0, 1)) for a in (t.support_x, t.support_y, t.query_x, t.query_y)]
        one = jax.vmap(life, (None, 0, 0, 0, 0))
        many = (lambda p: jax.vmap(lambda q: one(q, *tasks))(p)) if whole else (
            lambda p: jax.lax.map(lambda q: one(q, *tasks), p)
        )  # fmt: skip
        run = jax.jit(many)
        parameters = tuple((jnp.asarray(w), jnp.asarray(b)) for w, b in self.layers)
        return lambda: run(parameters).block_until_ready()
