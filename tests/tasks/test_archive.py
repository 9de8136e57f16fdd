"""npz files that lie about how large they are, or tell the truth."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.system import machine
from evometa.tasks import open_family
from evometa.tasks.archive import arrays
from evometa.tasks.families.omniglot import OmniglotTasks
from evometa.tasks.families.table import TableTasks


def forged(path: Path, shape: tuple[int, ...], names: tuple[str, ...]) -> Path:
    """Write arrays of 64 bytes whose headers say another shape."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            member = io.BytesIO()
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(member, header)
            member.write(bytes(64))
            archive.writestr(f"{name}.npy", member.getvalue())
    return path


@pytest.mark.parametrize("rows", [10**15, 10**9], ids=["beyond any memory", "within it"])
def test_a_header_that_asks_for_more_than_the_file_holds_names_the_file(rows: int, tmp_path: Path) -> None:
    path = forged(tmp_path / "bad.npz", (rows, 1), ("x", "y", "keys"))
    with pytest.raises(InputError, match=r"bad\.npz"):
        open_family(TableTasks(family="table", path=str(path), target="y"), tmp_path)
    with pytest.raises(InputError, match=r"bad\.npz"):
        open_family(OmniglotTasks(family="omniglot", path=str(path)), tmp_path)


def test_arrays_larger_than_memory_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "zeros.npz", x=np.zeros((1000, 100)))  # a small file, large when unpacked
    assert (tmp_path / "zeros.npz").stat().st_size < 10_000
    with arrays(tmp_path / "zeros.npz") as found:
        assert found["x"].shape == (1000, 100)
    monkeypatch.setattr(machine, "memory", lambda: 500_000)
    with pytest.raises(InputError, match=r"zeros\.npz .*fit into"), arrays(tmp_path / "zeros.npz"):
        raise AssertionError("it was opened")


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(zipfile.BadZipFile), arrays(tmp_path / "one.npy"):
        raise AssertionError("it was opened")
