"""What a process may use of a machine: containers of both versions, nested, and the usual variables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evometa.system import machine


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 64 processors and 64 GiB without limits; tests write control groups under the folder given."""
    monkeypatch.setattr(machine, "PROC", tmp_path / "proc")
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    monkeypatch.setattr(machine, "_physical", lambda: 64 << 30)
    monkeypatch.setattr(machine, "_address_space", lambda: iter(()))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)
    for name in machine.PROCESSOR_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_without_limits_it_is_the_whole_machine(system: Path) -> None:
    assert (machine.processors(), machine.memory()) == (64, 64 << 30)


@pytest.mark.parametrize(("quota", "count"), [("200000 100000", 2), ("150000 100000", 2), ("1000 100000", 1)])
def test_a_container_of_the_second_version(system: Path, quota: str, count: int) -> None:
    write(system, proc="0::/", cpu__max=quota, memory__max=str(3 << 30))
    assert (machine.processors(), machine.memory()) == (count, 3 << 30)


def test_the_least_of_nested_groups_counts(system: Path) -> None:
    write(system, proc="0::/slice/job")
    write(system / "slice", cpu__max="300000 100000", memory__max=str(2 << 30))
    write(system / "slice" / "job", cpu__max="max 100000", memory__max=str(5 << 30))
    assert (machine.processors(), machine.memory()) == (3, 2 << 30)


def test_a_container_of_the_first_version(system: Path) -> None:
    write(system, proc="5:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n3:pids:/docker/a")
    write(system / "memory", **{"memory__limit_in_bytes": "9223372036854771712"})
    write(system / "memory" / "docker" / "a", **{"memory__limit_in_bytes": str(1 << 30)})
    write(system / "cpu,cpuacct" / "docker" / "a", cpu__cfs_quota_us="400000", cpu__cfs_period_us="100000")
    assert (machine.processors(), machine.memory()) == (4, 1 << 30)
    write(system / "cpu,cpuacct" / "docker" / "a", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    assert machine.processors() == 64


def test_a_path_that_leads_out_of_the_container_means_its_root(system: Path) -> None:
    write(system, proc="0::/../../outside", cpu__max="500000 100000")
    assert machine.processors() == 5


@pytest.mark.parametrize("name", machine.PROCESSOR_VARIABLES)
def test_the_usual_variables_are_heard(system: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "3")
    assert machine.processors() == 3
    monkeypatch.setenv(name, "3,2")  # OpenMP: by level of nesting
    assert machine.processors() == 3
    for nonsense in ("", "0", "-2", "many", "1.5", "²", "9" * 5000, "default"):
        monkeypatch.setenv(name, nonsense)
        assert machine.processors() == 64


def test_nonsense_in_control_groups_is_no_limit(system: Path) -> None:
    write(system, proc="gibberish\n0:\n::\n0::/", cpu__max="a b c", memory__max="max")
    assert (machine.processors(), machine.memory()) == (64, 64 << 30)


@pytest.mark.skipif(os.name != "posix", reason="no address-space limit there")
def test_an_address_space_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1 << 20, 1 << 30))
    assert machine.memory() == 1 << 20
