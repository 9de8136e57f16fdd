"""`evometa` is an ordinary module: what users write in a script or notebook can be sent to other processes."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import evometa
import operators

ROOT = Path(__file__).resolve().parent.parent
RUN = "evometa.run('delta', settings=['evolution.population=20'], generations=1, out=f'runs/{seed}', seed=seed)"
SCRIPT = f"""
import sys
import evometa
from evometa.callbacks import Callback

class Heard(Callback):
    def on_end(self, run):
        print("heard of", evometa.load("runs/1").digest == run.digest)

def one(seed):
    return {RUN}.digest

def look(seed):
    {RUN.replace(")", ", callbacks=[Heard()])")}
    return evometa.__version__, evometa.load(f"runs/{{seed}}").digest

if __name__ == "__main__":
    evometa.run, evometa.load, evometa.resume  # used before: what they are found to be is kept
"""


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code as a script of a user's own, which is `__main__`."""
    (folder / "script.py").write_text(code)
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "script.py"]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, check=False)


@pytest.mark.parametrize("name", ["one", "look"])
def test_functions_of_a_script_are_carried_to_a_fresh_process(name: str, tmp_path: Path) -> None:
    """As Dask and Ray do it."""
    sent = python(f"{SCRIPT}    import cloudpickle; open('sent', 'wb').write(cloudpickle.dumps({name}))\n", tmp_path)
    assert sent.returncode == 0, sent.stderr
    done = python("import pickle; print(pickle.load(open('sent', 'rb'))(1))", tmp_path)
    assert done.returncode == 0, done.stderr
    digest = evometa.load(tmp_path / "runs" / "1").digest
    expected = {"one": [digest], "look": ["heard of True", str((evometa.__version__, digest))]}
    assert done.stdout.splitlines() == expected[name]


def test_a_sweep_with_joblibs_default_backend(tmp_path: Path) -> None:
    code = "    from joblib import Parallel, delayed; print(*Parallel(2)(delayed(one)(seed) for seed in (1, 2)))\n"
    done = python(SCRIPT + code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [evometa.load(tmp_path / "runs" / str(seed)).digest for seed in (1, 2)]


def modules() -> list[types.ModuleType]:
    """Return every module of both packages, imported."""
    found = [evometa, operators]
    for package in found[:2]:
        infos = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        found += [importlib.import_module(info.name) for info in infos if not info.name.endswith("__main__")]
    return found


def test_modules_are_of_the_ordinary_class_and_hide_no_public_name() -> None:
    """A package's attribute of a module's name is that module: else it depends on what was imported before."""
    pytest.importorskip("dash", reason="dash is not installed: modules of the dashboard are not imported")
    everything = modules()
    assert {type(module) for module in everything} == {types.ModuleType}
    for module in everything:
        parent, _, name = module.__name__.rpartition(".")
        if parent:
            package = sys.modules[parent]
            assert getattr(package, name) is module
            assert name not in getattr(package, "__all__", ()), f"{parent}.{name} is a module, and something else"
    assert len(everything) > 200
