"""A hundred readers in a process of their own: each opens a run's page and follows it as a browser does.

    python -m tests.dashboard.crowd PORT KEY READERS

"here" is said when all have it. They read until the standard input ends; then one line of JSON tells how it was.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress

from tests.dashboard.visitor import Visitor

PATIENCE = 1200.0  # seconds that an answer may take: a hundred ask at once, and a dashboard steps back for others
EVERY = 2.0  # seconds between two questions of a page, as in a browser


def follow(port: int, key: str, stop: threading.Event, told: dict[str, list[str]]) -> None:
    """Open the page as soon as there is one, and follow it."""
    visitor, first = Visitor(port, PATIENCE), True
    try:
        while not stop.is_set():
            if visitor.shown.get("title") in (None, "Not found"):
                visitor.open(f"/run/{key}")
            else:
                texts, figures = visitor.tick()
                told["texts"] += texts
                told["figures"] += figures
                if first:
                    with suppress(AttributeError):
                        os.nice(19)  # of this thread: browsers are elsewhere; here they share the processors
                told["readers" if first else "again"].append("")
                first = False
            stop.wait(EVERY if visitor.slots["text"] else 0.3)
    except Exception as error:
        told["errors"].append(repr(error))


def main() -> None:
    """Be the crowd."""
    stop = threading.Event()
    told: dict[str, list[str]] = {name: [] for name in ("readers", "again", "texts", "figures", "errors")}
    arguments = int(sys.argv[1]), sys.argv[2], stop, told
    threads = [threading.Thread(target=follow, args=arguments) for _ in range(int(sys.argv[3]))]
    for thread in threads:
        thread.start()
    while len(told["readers"]) + len(told["errors"]) < len(threads):
        time.sleep(0.05)
    print("here", flush=True)
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps({name: len(found) for name, found in told.items()} | {"first": told["errors"][:3]}))


if __name__ == "__main__":
    main()
