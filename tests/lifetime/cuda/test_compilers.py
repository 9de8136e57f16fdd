"""Compilers for GPUs take the CUDA text, and find registers for all of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from evometa.lifetime.cuda import text as cuda_text


def compile_for(architecture: int, module: str, folder: Path, form: str = "cubin") -> str:
    """Compile a module for an architecture with nvcc, else NVRTC; return what the assembler says of each kernel.

    Of the `form` ptx that is nothing: then the assembler, which takes most of the time, is not run.
    """
    nvcc, text = shutil.which("nvcc"), folder / f"{module}.cu"
    text.write_text(cuda_text.source(module))
    if nvcc is not None:
        command = [
            nvcc,
            *cuda_text.OPTIONS,
            f"-arch=sm_{architecture}",
            "-Xptxas",
            "-v",
            f"-{form}",
            "--keep",
            str(text),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert ".ftz" not in (folder / f"{module}.ptx").read_text()
        return done.stderr
    nvrtc = pytest.importorskip("cupy", reason="neither nvcc nor CuPy, which brings NVRTC").cuda.nvrtc
    program = nvrtc.createProgram(text.read_text(), text.name, (), ())
    target = f"-arch={'sm' if form == 'cubin' else 'compute'}_{architecture}"
    try:
        nvrtc.compileProgram(program, (*cuda_text.OPTIONS, target, "--ptxas-options=-v"))
    finally:
        log = nvrtc.getProgramLog(program)
    return log


@pytest.mark.slow
@pytest.mark.parametrize("architecture", [75, 80, 90, 120])
@pytest.mark.parametrize("module", ["lifetime", "acting", "teaching"])
def test_the_text_compiles_for_gpus(
    architecture: int, module: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = compile_for(architecture, module, tmp_path)
    assert set(re.findall(r"(\d+) bytes spill", log)) == {"0"}
    parts = {part.split("'")[0]: part for part in log.split("Compiling entry function '")[1:]}
    assert set(parts) == set(cuda_text.KERNELS[module])
    for kernel, part in parts.items():
        registers = re.search(r"Used (\d+) registers", part)
        assert registers is not None, part
        with capsys.disabled():
            print(f"\n{kernel} for sm_{architecture}: {registers[1]} registers, nothing spilled", end="")


def test_the_text_of_gradients_is_taken_by_a_compiler_for_gpus(tmp_path: Path) -> None:
    compile_for(75, "descent", tmp_path, "ptx")
