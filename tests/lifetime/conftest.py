"""What tests of the GPU backend share."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from evometa.system import cache, kernel_cache
from tests.lifetime.cupy_double import Double


@pytest.fixture
def double(cuda_on_host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Double:
    """A double of CuPy in its place, with a cache of its own: what it compiles must not lie among real GPUs' kernels.

    The processor's are those of all tests: they take half a minute to compile.
    """
    kernels, own = cache.preferred() / kernel_cache.FOLDER, tmp_path / "cache"
    kernels.mkdir(parents=True, exist_ok=True)
    own.mkdir()
    (own / kernel_cache.FOLDER).symlink_to(kernels)
    monkeypatch.setenv("EVOMETA_CACHE", str(own))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    double = Double(cuda_on_host)
    monkeypatch.setitem(sys.modules, "cupy", double)
    return double
