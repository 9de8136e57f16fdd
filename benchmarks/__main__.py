"""Run benchmarks one after another: `python -m benchmarks [--list] [NAME ...] [--quick]`, by default all of them.

`--list` only says what there is; other options without a value, such as `--quick`, are handed on to every benchmark.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
START = 'if __name__ == "__main__":'


def benchmarks() -> dict[str, str]:
    """Return the modules here that can be run by themselves, each with the first words of its docstring."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(HERE.glob("[!_]*.py"))}
    told = {name: ast.get_docstring(ast.parse(text)) or "" for name, text in texts.items() if START in text}
    return {name: text.partition("`")[0].strip().rstrip(":") for name, text in told.items()}


def main(arguments: list[str]) -> int:
    """Run each benchmark in a process of its own; the result is 1 where one failed, 2 for an unknown name."""
    known = benchmarks()
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    passed_on = [argument for argument in arguments if argument.startswith("-") and argument != "--list"]
    if unknown := [name for name in wanted if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for name in wanted or known:
        print(f"{name:18} {known[name]}", flush=True)
    if "--list" in arguments:
        return 0
    failed = []
    for name in wanted or known:
        print(f"\n=== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *passed_on], check=False).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all ran", flush=True)
    return min(len(failed), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
