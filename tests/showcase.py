"""Where the showcase runs lie, and what is said of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHOWCASE = ROOT / "runs" / "showcase"
LISTED: dict[str, dict[str, Any]] = json.loads((SHOWCASE / "showcase.json").read_text(encoding="utf-8"))
REBUILT = {"maml", "fomaml", "meta_sgd", "cavia", "anil", "reptile", "protonet", "alphabets_large"} | {"copy", "recall"}
REBUILT |= {"omniglot", "habits", "stream", "stream_omniglot", "trend"}
REBUILT |= {"cartpole", "curious"}
"""Recipes of the literature, which show no search, one that is another's with a larger network, one of data that is
fetched, one of habits, those of lives of many tasks, and of worlds whose runs take minutes: what they come to stands in
docs/ideas (gradients, metrics, sequences, habits, lifelong) and in the README."""
OUTSIDE = re.compile(r"(?:src|href|url)\s*[=(]\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
