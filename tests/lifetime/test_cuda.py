"""The CUDA text, compiled for the host: the same bits as NumPy, the reference and the Numba kernel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evometa.language.adjoint import adjoint_of
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import INPUTS, SIGNAL_COUNT
from evometa.lifetime import Births, Outcomes, Phenotype, Phenotypes, Plan, Slopes, Tasks, reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda import descent, streaming
from evometa.lifetime.cuda import text as cuda_text
from evometa.lifetime.cuda.launch import answers
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.descent import cpu as gradients
from evometa.spec.states import RULE
from tests.language.samples import operands
from tests.lifetime.comparisons import comparing
from tests.lifetime.host_device import HostDevice, compile_for_host
from tests.lifetime.memories import remembering_batch
from tests.lifetime.numba.test_descent import arguments
from tests.lifetime.numba.test_descent import assert_same as assert_same_slopes
from tests.lifetime.strategies import LONG, asked_batch, deep_batch, random_batch, random_graph, random_rule
from tests.lifetime.test_parity import assert_same, same_bits
from tests.properties import examples, some

ROOM = (2_000, 8_000, 30_000, 200_000)  # bytes of shared memory: nothing fits, some regions do, all do
Batch = tuple[Phenotypes, Tasks, Births, Plan]


@examples(150)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM), st.integers(1, 4))
@example(33117, 0, 2_000, 1)
def test_host_equals_reference(cuda_on_host: Path, seed: int, order: int, shared: int, blocks: int) -> None:
    batch = asked_batch(seed)
    assert_same(streaming.live(HostDevice(cuda_on_host, order, shared, blocks), *batch), reference.live(*batch))


@LONG
@pytest.mark.parametrize("seed", range(12))
def test_host_equals_numba_on_deep_networks(cuda_on_host: Path, seed: int) -> None:
    batch = asked_batch(seed, deep=True)
    assert_same(streaming.live(HostDevice(cuda_on_host, seed % 3, ROOM[seed % 4]), *batch), cpu.live(*batch))


def signals_with_special_values(rng: np.random.Generator, points: int) -> np.ndarray:
    """Return f32[signals, points]: special values meet in all pairs of neighbours, and random ones between them."""
    rows = [np.concatenate(operands(int(rng.integers(1000))))[rng.permutation(points)] for _ in range(SIGNAL_COUNT)]
    return np.ascontiguousarray(np.stack(rows), np.float32)


def lone_programs(seed: int) -> tuple[Phenotypes, np.ndarray, np.ndarray]:
    """Return a few programs, signals f32[signals, P] for them, and what NumPy makes of them, f32[G, slots, P]."""
    rng = np.random.default_rng(seed)
    inputs = signals_with_special_values(rng, points=int(rng.integers(1, 600)))
    rules = [compile_rule(random_rule(rng, single=True)) for _ in range(4)]
    # of adjoints, as many outputs as a rule has
    rules += [replace(each, outputs=rng.choice(each.outputs, len(RULE)), names=RULE) for each in map(adjoint_of, rules)]
    graph, count = random_graph(rng, 1, 0, 1, recurrent=False), len(rules)
    coefficients = rng.standard_normal((count, 8)).astype(np.float32)
    plasticity = np.zeros((4, graph.synapses), np.float32)
    phenotypes = batch_of([
        Phenotype(graph, rule, None, own, plasticity) for rule, own in zip(rules, coefficients, strict=True)
    ])  # fmt: skip
    results = np.zeros((count, len(RULE), inputs.shape[1]), np.float32)
    for g, rule in enumerate(rules):
        named = {name: inputs[signal.register] for name, signal in INPUTS.items()}
        named |= {f"c{i}": value for i, value in enumerate(coefficients[g])}
        with np.errstate(all="ignore"):
            found = evaluate(rule, named)
        for row, slot in enumerate(RULE):
            results[g, row] = found.get(slot, np.float32(0))
    return phenotypes, inputs, results


@examples(60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from(ROOM))
def test_random_programs_answer_as_numpy_does(cuda_on_host: Path, seed: int, order: int, shared: int) -> None:
    phenotypes, inputs, results = lone_programs(seed)
    assert same_bits(answers(HostDevice(cuda_on_host, order, shared), phenotypes, inputs), results)


@lru_cache
def expected(seed: int) -> tuple[Batch, Outcomes, Slopes]:
    """A batch in which every step of a lifetime has work for several teams, lived and differentiated."""
    batch = random_batch(seed) if seed < 24 else deep_batch(seed - 24)
    return batch, cpu.live(*batch), gradients.descend(*arguments(batch, seed))


@lru_cache
def others(seed: int) -> tuple[Batch, Outcomes]:
    """Such a batch of a head that compares, or with a memory, lived."""
    batch = comparing(deep_batch(seed), seed) if seed < 8 else remembering_batch(seed)
    return batch, cpu.live(*batch)


def differs(library: Path) -> bool:
    """Whether one of 56 such batches, or of a few lone programs, comes out otherwise in either order of threads."""
    for seed, order in product(range(32), (0, 1)):
        batch, outcomes, slopes = expected(seed)
        try:
            assert_same(streaming.live(HostDevice(library, order), *batch), outcomes)
            assert_same_slopes(descent.descend(HostDevice(library, order), *arguments(batch, seed), length=2), slopes)
        except AssertionError:
            return True
    for seed, order in product(range(24), (0, 1)):
        batch, outcomes = others(seed)
        try:
            assert_same(streaming.live(HostDevice(library, order), *batch), outcomes)
        except AssertionError:
            return True
    for seed, order in product(range(8), (0, 1)):
        phenotypes, inputs, results = lone_programs(seed)
        if not same_bits(answers(HostDevice(library, order), phenotypes, inputs), results):
            return True
    return False


@pytest.mark.slow
def test_without_a_planted_difference_there_is_none(cuda_on_host: Path) -> None:
    assert not differs(cuda_on_host)


def swap(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert text.count(old) == 1, f"{text.count(old)} × {old}"
        return text.replace(old, new)

    return edit


PLANTS = {
    "an operation": swap("op_sub(float a, float b) { return a - b; }", "op_sub(float a, float b) { return b - a; }"),
    "a fused multiply-add": swap(
        "sum0 = sum0 + (y[o * step] - t[o * WIDTH]) * (y[o * step] - t[o * WIDTH]);",
        "sum0 = fmaf(y[o * step] - t[o * WIDTH], y[o * step] - t[o * WIDTH], sum0);",
    ),
    "a multiply-add that is not fused": swap(
        "total[i] = fmaf(weight, x[(k + i) * hop], total[i])", "total[i] = weight * x[(k + i) * hop] + total[i]"
    ),
    "a wrong node": swap(
        "const int kind = node < l.hidden_end ? kinds[node]", "const int kind = node < l.hidden_end ? kinds[node - 1]"
    ),
    "a wrong support example": swap("chosen == nullptr ? i : chosen", "chosen == nullptr ? i / 2 : chosen"),
    "a wrong slot": swap("p = fmaf(step.none, a.focused[i * WIDTH], p)", "p = fmaf(step.none, a.focused[0], p)"),
    "a wrong trial": swap("const int hop = recurrent ? t.hop : WIDTH;", "const int hop = WIDTH;"),
    "a wrong lane": swap("[column::SYNAPSES] + e) * WIDTH + l.lane]", "[column::SYNAPSES] + e) * WIDTH]"),
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(PLANTS, 2))
def test_a_planted_difference_is_noticed(plant: str, tmp_path: Path) -> None:
    assert differs(compile_for_host(tmp_path, PLANTS[plant], ("-O0",)))


BARRIERS = [match.start() for match in re.finditer(r"__syncthreads\(\);", cuda_text.source("lifetime"))]


@pytest.mark.slow
@pytest.mark.parametrize("number", some(range(len(BARRIERS)), 6))
def test_a_missing_barrier_is_noticed(number: int, tmp_path: Path) -> None:
    def edit(text: str) -> str:
        start = BARRIERS[number]
        return text[:start] + " " * len("__syncthreads();") + text[start + len("__syncthreads();") :]

    library = compile_for_host(tmp_path, edit, ("-O0",))
    code = f"from pathlib import Path; from tests.lifetime.test_cuda import survey; survey(Path({str(library)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0, done.stdout


def survey(library: Path) -> None:
    """End the process with 1 if anything differs (a missing barrier may also end it by itself)."""
    sys.exit(differs(library))


@pytest.mark.slow
def test_the_sanitizer_finds_nothing(tmp_path: Path) -> None:
    runtime = subprocess.run(["g++", "-print-file-name=libasan.so"], capture_output=True, text=True, check=False)
    if shutil.which("g++") is None or not os.path.isabs(runtime.stdout.strip()):
        pytest.skip("no g++ with AddressSanitizer")
    library = compile_for_host(tmp_path, flags=("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1"))
    code = (
        "from pathlib import Path; from tests.lifetime.strategies import random_batch; "
        "from tests.lifetime.host_device import HostDevice; from evometa.lifetime.cuda import streaming\n"
        f"library = Path({str(library)!r})\n"
        "from evometa.lifetime.cuda import descent; from tests.lifetime.numba.test_descent import arguments\n"
        "from tests.lifetime.comparisons import comparing_batch, wide_batch\n"
        "from tests.lifetime.memories import remembering_batch\n"
        "from evometa.lifetime.cuda import acting; "
        "from tests.lifetime.acting.strategies import random_acting_batch\n"
        "for seed in range(20):\n"
        "    for make in (random_batch, comparing_batch, wide_batch)[: 2 + (seed < 6)]:\n"
        "        batch, device = make(seed), HostDevice(library, seed % 3, 8000)\n"
        "        streaming.live(device, *batch), descent.descend(device, *arguments(batch, seed), length=2)\n"
        "    given, device = arguments(remembering_batch(seed), seed), HostDevice(library, seed % 3, 8000)\n"
        "    streaming.live(device, *given[:4]), descent.descend(device, *given, length=2)\n"
        "    acting.act(HostDevice(library, seed % 3, 8000), *random_acting_batch(seed))\n"
        "from evometa.lifetime.cuda import teaching; from tests.lifetime.cuda.test_teaching import CLASSES, taught\n"
        "for seed, one in enumerate(CLASSES):\n"
        "    teaching.teach(HostDevice(library, seed % 3, 8000), *taught(*one)[0])"
    )
    environment = {**os.environ, "LD_PRELOAD": runtime.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
