"""Make the showcase runs anew: `python runs/showcase/make.py [--audit] [NAME …]`, all of them without a name.

Each is evolved by the command that showcase.json has for it, and its champion is audited; then its file is made as
small as it can be, without changing what the digest covers, its report is drawn (with a Chromium, and the extra
"report"), and showcase.json is told what came of it. With `--audit` runs stay as they are: they are audited again, and
their reports drawn.
"""

from __future__ import annotations

import json
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import evometa
from evometa.presentation.audit import audit, keep_audit
from evometa.presentation.run import Run
from evometa.report import write_report
from evometa.store import open_reader
from evometa.store.files import connect
from evometa.store.population import births
from evometa.store.seals import put_meta

HERE = Path(__file__).resolve().parent
LIST = HERE / "showcase.json"
TASKS = 100  # held-out ones, that champions are audited on
AUDIT = "--audit"


def evolved(command: str, scratch: Path) -> Path:
    """Run a command of the list in an empty folder, and return the run's folder there."""
    program, *words = shlex.split(command)
    subprocess.run([Path(sys.executable).with_name(program), *words], cwd=scratch, check=True)
    (folder,) = (file.parent for file in scratch.rglob("run.db"))
    return folder


def copied(name: str, scratch: Path) -> Path:
    """Return the folder of a copy of a run."""
    scratch.joinpath(name).mkdir()
    shutil.copy(HERE / name / "run.db", scratch / name)
    return scratch / name


def audited(folder: Path) -> None:
    """Audit a run's champion, and keep what is found in its file."""
    run = evometa.load(folder)
    keep_audit(run.path, audit(run, tasks=TASKS))


def settle(source: Path, target: Path) -> Run:
    """Write a run's file anew, alone in its folder: without free pages, and without the names of its machine.

    Digest, statistics, times and report stay as they are. Returns the run in its new place.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    environment = open_reader(source).environment | {
        "base": ".",
        "platform": f"{platform.system()} {platform.machine()}",
    }
    with closing(connect(source / "run.db", "mode=rw", 10.0)) as connection:
        put_meta(connection, "environment", environment)
        connection.execute("VACUUM INTO ?", (str(target / "run.db"),))
    return evometa.load(target)


def told(run: Run, seconds: float) -> dict[str, Any]:
    """Return what the list says of a run beside its command; `seconds`: from the command to its end."""
    champion = run.champion
    assert champion is not None
    return {
        "seconds": round(seconds),
        "generations": run.generation,
        "individuals": sum(count for _, count, _ in births(run.reader)),
        "champion": champion.id,
        "formula": champion.formula,
        "recognised": champion.recognised,
        "meta_test": champion.meta_test,
        "digest": run.digest,
    }


def main(words: list[str]) -> None:
    """Make some of the showcase runs, or all."""
    known, again = json.loads(LIST.read_text(encoding="utf-8")), AUDIT in words
    for name in [word for word in words if word != AUDIT] or known:
        with tempfile.TemporaryDirectory() as scratch:
            began = time.perf_counter()
            folder = copied(name, Path(scratch)) if again else evolved(known[name]["command"], Path(scratch))
            seconds = time.perf_counter() - began
            audited(folder)
            run = settle(folder, HERE / name)
        write_report(run, format="static")
        if not again:
            known[name] = {"command": known[name]["command"], **told(run, seconds)}
            LIST.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(*(f"{file.name}: {file.stat().st_size:,} bytes" for file in sorted((HERE / name).iterdir())), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
