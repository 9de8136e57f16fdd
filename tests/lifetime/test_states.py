"""A state of a synapse is one row: nothing else names it, and a row more lives in every backend."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evometa.spec.states import STORES

ROOT = Path(__file__).parents[2]
TABLE = "evometa/spec/states.py"
ROW = '    State("s2", "synapse", "zero", "s2", "rule", "second state of the synapse (0 at birth)"),\n'
# rules are texts in the rule language
RULES = (
    "language/library.py", "language/acting_library.py", "language/teaching_library.py", "lifetime/sample.py",
    "lifetime/cuda/selftest.py", "tasks/families/recover.py", "judging/audit/teacher.py",
)  # fmt: skip
NAMED = {TABLE, *(f"evometa/{name}" for name in RULES)}
MORE = """
import sys
from pathlib import Path
import numpy as np
from evometa.language.algebra import formula
from evometa.language.program import compile_rule
from evometa.language.text import parse_rule
from evometa.lifetime import reference
from evometa.lifetime.batch import batch_of
from evometa.lifetime.cuda import streaming
from evometa.lifetime.numba import cpu, stepwise
from evometa.spec.states import MEMORY
from tests.lifetime.host_device import HostDevice, compile_for_host
from tests.lifetime.strategies import random_batch
from tests.lifetime.test_parity import assert_same, same_bits

assert MEMORY == ("s1", "s2", "s3", "gate")
texts = {"update": "s3 - s1", "s3": BORN, "s1": "0.5*s3 + w"}
assert "s3 ← " in formula(parse_rule(texts))
device = HostDevice(compile_for_host(Path(sys.argv[1]))) if len(sys.argv) > 1 else None
np.seterr(all="ignore")
for seed in range(8):
    phenotypes, *rest = random_batch(seed)
    one = phenotypes[0]._replace(program=compile_rule(parse_rule(texts)))
    for batch in ((phenotypes, *rest), (batch_of([one, *list(phenotypes)[1:]]), *rest)):
        expected = reference.live(*batch)
        assert_same(cpu.live(*batch), expected)
        if device:
            assert_same(streaming.live(device, *batch), expected)
"""


def identifiers(path: Path) -> set[str]:
    """Return what a file names: identifiers, and texts that are one word."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return set(re.findall(r"\w+", text))
    found = set()
    for node in ast.walk(ast.parse(text)):
        names = (getattr(node, field, None) for field in ("id", "attr", "arg", "name", "value"))
        found |= {name for name in names if isinstance(name, str)}
    return found


def test_a_state_is_named_in_its_table_alone() -> None:
    wrong = re.compile(rf"(\w+_)?({'|'.join(STORES)})", re.IGNORECASE)
    files = [path for kind in ("py", "cu", "cuh", "jinja") for path in (ROOT / "evometa").rglob(f"*.{kind}")]
    naming = {path.relative_to(ROOT).as_posix() for path in files if any(map(wrong.fullmatch, identifiers(path)))}
    assert naming - NAMED == set()
    assert TABLE in naming


@pytest.mark.slow
@pytest.mark.parametrize("born", ["zero", "innate"])
def test_a_state_more_is_one_row(born: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "evometa", tmp_path / "evometa", ignore=shutil.ignore_patterns("__pycache__"))
    text = (tmp_path / TABLE).read_text(encoding="utf-8")
    assert ROW in text
    row = ROW.replace("s2", "s3").replace("zero", born)
    (tmp_path / TABLE).write_text(text.replace(ROW, ROW + row), encoding="utf-8")
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    code = MORE.replace("BORN", repr("0.9*s3 + grad"))
    cuda = [str(tmp_path)] if shutil.which("g++") else []
    subprocess.run(
        [sys.executable, "-c", code, *cuda],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "NUMBA_DISABLE_JIT": "1"},
        check=True,
    )
