"""Where the showcase runs lie, and what is said of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import evometa
from evometa.presentation.audit import kept_audit
from evometa.store import verify

ROOT = Path(__file__).resolve().parent.parent
SHOWCASE = ROOT / "runs" / "showcase"
LISTED: dict[str, dict[str, Any]] = json.loads((SHOWCASE / "showcase.json").read_text(encoding="utf-8"))
REBUILT = {"maml", "fomaml", "meta_sgd", "cavia", "anil", "reptile", "protonet", "alphabets_large"} | {"copy", "recall"}
REBUILT |= {"omniglot", "habits", "habits_of_recipes", "stream", "stream_omniglot", "trend"}
REBUILT |= {"cartpole", "curious", "rooms_in_a_row", "tictactoe"} | {"sequence"}
"""Recipes of the literature, which show no search, one that is another's with a larger network, two of data that is
fetched, those of habits, of lives of many tasks, and of worlds whose runs take minutes: what they come to stands in
docs/ideas (gradients, metrics, sequences, habits, lifelong) and in the README."""
OUTSIDE = re.compile(r"(?:src|href|url)\s*[=(]\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
MOST = 1_050_000  # bytes of a file


def problems(folder: Path, listed: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a showcase run: its files, their sizes, hashes, and what the list says of it."""
    files = {path.name: path.stat().st_size for path in folder.iterdir()}
    found = [f"{name}: {size} bytes" for name, size in files.items() if size >= MOST]
    if set(files) != {"run.db", "report.html"}:
        return [*found, f"files: {sorted(files)}"]
    if (folder / "run.db").read_bytes()[18:20] != b"\x01\x01":
        found.append("it needs a write-ahead log")
    verdict = verify(folder)
    if verdict.problem is not None:
        return [*found, f"damage: {verdict.problem}"]
    run = evometa.load(folder)
    if not run.finished or run.champion is None:
        return [*found, "not finished"]
    if kept_audit(run) is None:
        found.append("no audit")
    now = {"generations": run.generation, "digest": run.digest, "champion": run.champion.id}
    now |= {"formula": run.champion.formula, "recognised": run.champion.recognised}
    now |= {"meta_test": run.champion.meta_test}
    return found + [f"{key}: {now[key]}, not {listed[key]}" for key in now if now[key] != listed[key]]
