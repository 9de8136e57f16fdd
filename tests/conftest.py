"""What tests share: the CUDA text compiled for the host once a session, and a GPU where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from evometa.lifetime.cuda import gpu
from tests.lifetime.host_device import compile_for_host
from tests.properties import COMMON, examples

TRIES = 3  # of a test of processes and clocks
SHARED, ROOM = Path("/dev/shm"), 4 * 2**30  # bytes

# of no speed: a busy machine, or what is compiled on first use, is no failure
settings.register_profile("evometa", examples(COMMON))
settings.load_profile("evometa")


@pytest.hookimpl(tryfirst=True)  # before the folders of tests are made
def pytest_configure(config: pytest.Config) -> None:
    """Put the folders of tests into memory, where the system has enough of it; hear signals.

    Runs wait for the disk after each generation, which is a third of the tests' time, or more on a slow one.
    """
    hear()
    if hasattr(config, "workerinput") or config.option.basetemp or not SHARED.is_dir():
        return
    if os.access(SHARED, os.W_OK) and shutil.disk_usage(SHARED).free >= ROOM:
        config.option.basetemp = tempfile.mkdtemp(prefix="evometa-tests-", dir=SHARED)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let tests of processes and clocks be tried again, where pytest-rerunfailures is installed.

    They wait for conditions, not for times, and should pass on any machine. But what they ask of processes that are
    started, killed and starved is also the system's to answer, and one such moment refuses weeks of work. A test that
    was tried again is counted and named in the summary: look at it. One that fails every time is red.
    """
    if config.pluginmanager.hasplugin("rerunfailures"):
        for item in items:
            if item.get_closest_marker("clocks"):
                item.add_marker(pytest.mark.flaky(reruns=TRIES - 1))


def hear() -> None:
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
