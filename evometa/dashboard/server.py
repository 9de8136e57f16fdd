"""Serving the dashboard: a bounded number of threads, of low priority, that ends with Ctrl-C."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import waitress

from evometa.dashboard.app import make_app
from evometa.dashboard.guard import is_loopback
from evometa.errors import InputError
from evometa.errors.text import legible

THREADS = 6  # requests answered at once
NICE = 15  # of 19: how far the dashboard stands back when processors are short
READERS = 1000  # connections at most
LARGEST = 1 << 20  # bytes of a request


def serve_forever(folder: Path, host: str, port: int) -> None:
    """Serve a folder until Ctrl-C, and say where. Raises InputError."""
    app = make_app(folder, host)
    stand_back()  # before there are threads
    server = bind(app.server, host, port)
    say(folder, host, port_of(server))
    try:
        server.run()
    finally:
        server.close()


def bind(application: Any, host: str, port: int) -> Any:
    """Return a server that listens; port 0 takes any free one. Raises InputError where that cannot be."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that somebody waits a moment is no news
    where = f"{host}:{port}"
    try:
        socket.getaddrinfo(host, port)
        return waitress.create_server(
            application, host=host, port=port, threads=THREADS, connection_limit=READERS, channel_timeout=60,
            max_request_body_size=LARGEST, ident=None, asyncore_use_poll=True, clear_untrusted_proxy_headers=True,
        )  # fmt: skip
    except (OSError, UnicodeError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        if isinstance(error, (socket.gaierror, UnicodeError)) or getattr(error, "errno", 0) == errno.EADDRNOTAVAIL:
            remedy = "127.0.0.1 is this machine alone, 0.0.0.0 all its addresses."
            raise InputError("a name or an address of this machine", found, where, remedy) from None
        remedy = f"Choose another: --port {port + 1 if 1024 <= port < 65535 else 8051}."
        raise InputError("a free port to listen on", found, where, remedy) from None


def port_of(server: Any) -> int:
    """Return the port that a server listens on."""
    several = getattr(server, "effective_listen", None)  # a name may stand for several addresses
    return int(several[0][1] if several else server.effective_port)


def stand_back() -> None:
    """Lower this thread's priority, and that of the threads it starts, so that a run goes first."""
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(max(0, NICE - os.nice(0)))


def say(folder: Path, host: str, port: int) -> None:
    """Print where the dashboard is, and a warning where others can reach it."""
    shown, runs = f"[{host}]" if ":" in host else host, legible(str(folder))
    sys.stdout.write(f"evometa dashboard over {runs}: http://{shown}:{port} · Ctrl-C ends it\n")
    sys.stdout.flush()
    if not is_loopback(host):
        sys.stderr.write(
            f"evometa: not only this machine: everybody who can reach {shown}:{port} sees all runs in {runs}. "
            "There is no password; nothing can be changed through it.\n"
        )
