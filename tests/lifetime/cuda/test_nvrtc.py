"""Compiled kernels are kept by all that they depend on, and nothing half-made is ever kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.lifetime.cuda import text
from evometa.lifetime.cuda.nvrtc import compiled, loaded
from tests.lifetime.cupy_double import CUBIN, CompileException, CUDADriverError, Double


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("lifetime-*"))


def test_each_architecture_has_a_file_of_its_own(double: Double, tmp_path: Path) -> None:
    for capability in (75, 80, 90):
        double.target = f"-arch=sm_{capability}"
        assert compiled(double, capability).read_bytes() == CUBIN
    assert len(files(tmp_path)) == 3
    assert double.cuda.nvrtc.compiled == 3


def test_a_card_between_two_architectures_gets_code_that_its_driver_ends(double: Double) -> None:
    double.target = "-arch=compute_80"
    path = compiled(double, 86)
    assert path.suffix == ".ptx"
    double.target = "-arch=sm_80"
    assert compiled(double, 80).suffix == ".cubin"


def test_a_card_older_than_every_architecture_is_said_to_be_so(double: Double) -> None:
    with pytest.raises(RuntimeError, match=r"6\.0.*7\.5"):
        compiled(double, 60)


def test_another_compiler_compiles_anew(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compiled(double, 90)
    monkeypatch.setattr(type(double.cuda.nvrtc), "getVersion", lambda self: (13, 1))
    second = compiled(double, 90)
    assert first != second
    assert double.cuda.nvrtc.compiled == 2


def test_another_text_or_other_options_compile_anew(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    first, whole = compiled(double, 90), text.source("lifetime")
    with monkeypatch.context() as patch:
        patch.setattr(text, "source", lambda module: whole + "// more\n")
        second = compiled(double, 90)
    monkeypatch.setattr(text, "OPTIONS", (*text.OPTIONS, "-lineinfo"))
    assert len({first, second, compiled(double, 90)}) == 3


def test_what_another_place_keeps_is_used(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that only its owner can write to serves others, too."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    path = compiled(double, 90)
    theirs = tmp_path / "cache" / "evometa"
    theirs.mkdir()
    path.rename(theirs / path.name)
    assert compiled(double, 90) == theirs / path.name
    assert double.cuda.nvrtc.compiled == 1


def test_a_text_that_does_not_compile_leaves_nothing(
    double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(type(double.cuda.nvrtc), "destroyProgram", lambda self, program: ended.append(program))
    double.faults["compile"] = (0, CompileException("error"))
    with pytest.raises(CompileException):
        compiled(double, 90)
    assert not files(tmp_path)
    assert len(ended) == 1
    double.faults.clear()
    assert compiled(double, 90).read_bytes() == CUBIN
    assert len(ended) == 2


@pytest.mark.parametrize("content", [b"", CUBIN[:5], b"another text, compiled"])
def test_a_damaged_file_is_compiled_anew(double: Double, content: bytes) -> None:
    path = compiled(double, 90)
    path.write_bytes(content)
    assert loaded(double, 90).get_function("evometa_live").name == "evometa_live"
    assert path.read_bytes() == CUBIN
    assert double.cuda.nvrtc.compiled == 2
    loaded(double, 90)
    assert double.cuda.nvrtc.compiled == 2


def test_what_cannot_be_loaded_however_often_it_is_compiled_is_an_error(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(double.cuda.nvrtc), "getCUBIN", lambda self, program: b"of another card")
    with pytest.raises(CUDADriverError, match="INVALID_IMAGE"):
        loaded(double, 90)
    assert double.cuda.nvrtc.compiled == 2
