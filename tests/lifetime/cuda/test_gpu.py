"""gpu.py: over a double of CuPy everywhere, over CuPy where there is a GPU; choosing a backend; whole runs on both."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from evometa.errors import InputError, RunFailed
from evometa.lifetime import reference, reference_descent
from evometa.lifetime.backends import choose_backend, choose_descent
from evometa.lifetime.cuda import gpu
from evometa.lifetime.cuda.nvrtc import compiled
from evometa.lifetime.cuda.selftest import first_difference
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.descent import cpu as gradients
from tests.lifetime.cupy_double import CompileException, CUDADriverError, CUDARuntimeError, Double, OutOfMemoryError
from tests.lifetime.host_device import HostDevice, compile_for_host
from tests.lifetime.numba.test_descent import arguments
from tests.lifetime.numba.test_descent import assert_same as assert_same_slopes
from tests.lifetime.strategies import asked_batch, deep_batch, random_batch
from tests.lifetime.test_cuda import PLANTS, swap
from tests.lifetime.test_parity import assert_same


def without_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)


def opened(double: Double) -> gpu.Gpu:
    found = gpu.find()
    assert found.gpu is not None, found.reason
    return found.gpu


@pytest.mark.parametrize("seed", range(30))
def test_gpu_over_the_double_equals_reference(double: Double, seed: int) -> None:
    batch = asked_batch(seed)
    assert_same(opened(double).live(*batch), reference.live(*batch))


def test_gradients_are_compiled_when_first_asked_for(double: Double) -> None:
    device, compiler = opened(double), double.cuda.nvrtc
    assert compiler.compiled == 1
    assert choose_descent("numba", 1).func is gradients.Repeated  # type: ignore[attr-defined]
    prepare = choose_descent("auto", 1)
    assert all(one.args == (device.descend,) for one in (prepare, choose_descent("cupy", 1)))  # type: ignore[attr-defined]
    for seed in range(3):
        *batch, adjoints, weights, losses, order = given = arguments(asked_batch(seed), seed)
        found = prepare(adjoints, losses, order)(*batch, weights)
        assert_same_slopes(found, reference_descent.descend(*given))
    assert compiler.compiled == 2
    assert double.host.launched[-1][0] == "evometa_descend"


def test_gradients_that_cannot_be_compiled_fail_the_run_by_name(double: Double) -> None:
    device = opened(double)
    double.faults["compile"] = (0, CompileException("error: bad\nmore"))
    with pytest.raises(RunFailed, match=r"kernels of gradients cannot be compiled.*error: bad\. Use --backend numba"):
        device.descend(*arguments(random_batch(0), 0))


def test_a_card_whose_gradients_are_others_is_not_taken_for_them(double: Double, tmp_path: Path) -> None:
    turned = swap("d = d * (-2.0f * a);", "d = d * (2.0f * a);")
    double.host = HostDevice(compile_for_host(tmp_path, turned, ("-O0",)))
    with pytest.raises(RunFailed, match="computes gradients otherwise than the processor"):
        opened(double).descend(*arguments(random_batch(0), 0))


def test_without_a_gpu_gradients_are_those_of_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    without_cupy(monkeypatch)
    assert choose_descent("auto", 1).func is gradients.Repeated  # type: ignore[attr-defined]


def test_buffers_are_kept_and_grow(double: Double) -> None:
    device = opened(double)
    device.live(*deep_batch(0))
    kept = dict(device.buffers)
    device.live(*deep_batch(0))
    assert all(device.buffers[key] is buffer for key, buffer in kept.items())
    address = device.room(0, "arena", 100)
    assert device.room(0, "arena", 50) == address
    large = kept[1, "arena"].nbytes + 1
    device.room(1, "arena", large)
    assert device.buffers[1, "arena"].nbytes >= max(large, kept[1, "arena"].nbytes * 3 // 2)


@pytest.mark.parametrize(
    "error", [OutOfMemoryError("Out of memory"), CUDARuntimeError("cudaErrorMemoryAllocation: out of memory")]
)
def test_out_of_memory_is_survived(double: Double, error: Exception) -> None:
    batch = deep_batch(1)
    device = opened(double)
    double.faults["copy"] = (7, error)

    class Once(dict):  # fails once
        def __setitem__(self, key: str, value: Any) -> None:
            super().__setitem__(key, value) if value[0] >= 0 else self.pop(key)

    double.faults = Once(double.faults)
    assert_same(device.live(*batch), reference.live(*batch))
    assert "copy" not in double.faults


@pytest.mark.parametrize("kind", ["copy", "launch"])
@pytest.mark.parametrize(
    "error", [CUDARuntimeError("cudaErrorIllegalAddress"), CUDADriverError("CUDA_ERROR_LAUNCH_FAILED")]
)
def test_a_lost_gpu_fails_the_run(double: Double, kind: str, error: Exception) -> None:
    device = opened(double)
    double.faults[kind] = (0, error)
    with pytest.raises(RunFailed, match=r"The GPU \(Double\) stopped answering: .*(Illegal|FAILED)"):
        device.live(*deep_batch(1))


def test_auto_takes_the_gpu_that_works_and_says_so(double: Double) -> None:
    live, line = choose_backend("auto", 2)
    assert line == "cupy on Double, 8 GiB, compute capability 9.0 (found, and it works)"
    assert live.__self__.name == "Double"  # type: ignore[attr-defined]
    again, line = choose_backend("cupy", 2)
    assert line.endswith("(as asked)")
    assert again == live  # one process opens one GPU once
    assert choose_backend("numba", 2)[1] == "numba on 2 threads"


@pytest.mark.parametrize(
    "kind, error, reason",
    [
        ("count", CUDARuntimeError("cudaErrorInsufficientDriver: too old"), "no NVIDIA GPU answers: .*too old"),
        ("launch", CUDADriverError("CUDA_ERROR_NO_BINARY_FOR_GPU"), "cannot run the kernels: .*NO_BINARY"),
        ("copy", CUDARuntimeError("cudaErrorUnknown"), "cannot run the kernels: .*Unknown"),
        ("compile", CompileException("error: bad\nmore"), "cannot be compiled: error: bad"),
        ("nvrtc", RuntimeError("Failure finding libnvrtc.so"), "cannot be compiled: .*libnvrtc.*evometa.cuda12"),
    ],
)
def test_without_a_gpu_that_works_auto_says_why_and_cupy_refuses(
    double: Double, kind: str, error: Exception, reason: str
) -> None:
    double.faults[kind] = (0, error)
    live, line = choose_backend("auto", 1)
    assert live is cpu.live
    assert line.startswith("numba on 1 thread (")
    assert "\n" not in line
    with pytest.raises(InputError, match=rf"(?s)run\.backend.*{reason}.*--backend numba"):
        choose_backend("cupy", 1)


def test_a_card_that_computes_otherwise_is_not_taken(double: Double, tmp_path: Path) -> None:
    flushed = swap("op_mul(float a, float b) { return a * b; }",
                   "op_mul(float a, float b) { return fabsf(a * b) < 1.17549435e-38f ? 0.0f : a * b; }")  # fmt: skip
    double.host = HostDevice(compile_for_host(tmp_path, flushed, ("-O1",)))
    assert "computes mul otherwise than the processor" in choose_backend("auto", 1)[1]


@pytest.mark.parametrize("plant", ["an operation", "a fused multiply-add of a rule"])
def test_the_self_test_names_what_differs(plant: str, tmp_path: Path, cuda_on_host: Path) -> None:
    plants = {
        "an operation": (PLANTS["an operation"], "sub"),
        "a fused multiply-add of a rule": (
            swap("op_add(float a, float b) { return a + b; }", "op_add(float a, float b) { return fmaf(a, 1.5f, b); }"),
            "add",
        ),
    }
    edit, named = plants[plant]
    assert first_difference(HostDevice(compile_for_host(tmp_path, edit, ("-O1",)))) == named
    assert first_difference(HostDevice(cuda_on_host)) is None


def test_kernels_are_compiled_once(double: Double) -> None:
    compiler = double.cuda.nvrtc
    first = compiled(double, 90)
    assert compiled(double, 90) == first
    assert compiler.compiled == 1
    assert list(first.parent.glob("lifetime-*")) == [first]
    double.target = "-arch=compute_100"  # a card that is newer than the compiler
    assert compiled(double, 103).suffix == ".ptx"


def test_without_a_place_to_keep_them_kernels_are_compiled_all_the_same(
    double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EVOMETA_CACHE", str(tmp_path / "file" / "cache"))
    assert compiled(double, 90).read_bytes()


def test_amd_is_told_apart(double: Double) -> None:
    double.cuda.runtime.is_hip = True
    assert "AMD" in choose_backend("auto", 1)[1]


def test_ctrl_c_leaves_nothing_at_work(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    device = opened(double)
    batch = deep_batch(2)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        device.live(*batch, progress=interrupt)
    assert not device.buffers
    assert not any(device.sources.values())
    assert_same(device.live(*batch), reference.live(*batch))


def test_a_larger_buffer_is_no_larger_than_there_is_memory_for(double: Double) -> None:
    device = opened(double)
    device.room(1, "arena", 1000)
    double.memory = 1100
    device.room(1, "arena", 1050)
    assert device.buffers[1, "arena"].nbytes == 1050


def test_no_memory_at_all_is_no_gpu(double: Double) -> None:
    double.memory = 0
    assert "Out of memory" in choose_backend("auto", 1)[1]


def test_without_cupy_the_remedy_names_both_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    without_cupy(monkeypatch)
    assert choose_backend("auto", 1)[1] == "numba on 1 thread (CuPy is not installed)"
    with pytest.raises(InputError, match=r"CuPy is not installed.*evometa\[cuda12\].*evometa\[cuda13\]"):
        choose_backend("cupy", 1)
