"""Run benchmarks one after another: `python -m benchmarks [NAME ...]`, by default all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

START = 'if __name__ == "__main__":'


def names() -> list[str]:
    """Return the modules here that can be run by themselves."""
    files = sorted(Path(__file__).parent.glob("[!_]*.py"))
    return [file.stem for file in files if START in file.read_text(encoding="utf-8")]


def main(wanted: list[str]) -> int:
    """Run each benchmark in a process of its own; the result is 1 where one failed, 2 for an unknown name."""
    known = names()
    if unknown := [name for name in wanted if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = []
    for name in wanted or known:
        print(f"\n=== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all ran", flush=True)
    return min(len(failed), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
