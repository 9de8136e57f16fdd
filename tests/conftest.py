"""What tests share: the CUDA text compiled for the host once a session, and a GPU where there is one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from evometa.lifetime.cuda import gpu
from tests.lifetime.host_device import compile_for_host
from tests.properties import COMMON, examples

# without a deadline: a busy machine, or what is compiled on first use, is no failure
settings.register_profile("evometa", examples(COMMON))
settings.load_profile("evometa")


def pytest_configure() -> None:
    """Hear the signals that tests send, as a terminal's programs do: those started in the background ignore some."""
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


@pytest.fixture(scope="session")
def cuda_on_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that g++ makes of the CUDA text."""
    return compile_for_host(tmp_path_factory.mktemp("cuda"))


@pytest.fixture(scope="session")
def real_gpu() -> gpu.Gpu:
    """The GPU; without one the test is skipped (and counted), or fails where EVOMETA_NEEDS_GPU is set."""
    found = gpu.find()
    if found.gpu is None:
        if os.environ.get("EVOMETA_NEEDS_GPU"):
            pytest.fail(f"these tests need a GPU: {found.reason}. {found.remedy}")
        pytest.skip(f"no GPU: {found.reason}")
    return found.gpu
