"""`evometa dashboard`: a live web page over all runs in a folder, for looking only.

`shelf` finds the runs (the only module that touches paths), `snapshot` reads each at most now and then for all
readers together, `routes` reads addresses, `pages/` says what is on a page, `app` keeps it up to date in the
browser, `guard` says whom to answer, `server` serves. Nothing is ever written.
"""

from __future__ import annotations

from pathlib import Path

from evometa.errors import InputError
from evometa.system.arguments import PATH, TEXT, Kind, takes

PORT = Kind("a port from 0 to 65535", lambda value: type(value) is int and 0 <= value < 2**16)


@takes(folder=PATH, host=TEXT, port=PORT)
def serve(folder: str | Path = "runs", host: str = "127.0.0.1", port: int = 8050) -> None:
    """Serve the runs in a folder until Ctrl-C; only programs on this machine can reach it unless `host` says otherwise.

    The calling thread gives way to runs (its priority is lowered for good). Raises InputError: no such folder, a
    port that is taken, a host that is not this machine's, a library that is missing.
    """
    try:
        from evometa.dashboard.server import serve_forever
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"dash", "flask", "plotly", "waitress", "werkzeug"}:
            raise
        raise InputError(
            "the libraries of the dashboard",
            f"no {error.name}",
            "evometa dashboard",
            'They come with: pip install "evometa[dashboard]".',
        ) from None
    serve_forever(Path(folder), host, port)
