"""Whom the dashboard answers, and what a browser may do with its pages.

A page of another site can make a browser ask for anything on 127.0.0.1; with a name of its own that it lets point
there (DNS rebinding) it could even read the answers. So a request must name a host that is this server, and must not
come from another site's page; and pages may load nothing, and send nothing, but from and to this server.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

log = logging.getLogger(__name__)


def is_loopback(host: str) -> bool:
    """Tell whether only programs on this machine can reach a server bound to a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def names_of(host: str) -> frozenset[str]:
    """Return the names under which a server bound to a host may be asked."""
    if is_loopback(host):
        return LOOPBACK | {host.lower()}
    return LOOPBACK | {name.lower() for name in (host, socket.gethostname(), socket.getfqdn())}


def host_allowed(header: str | None, names: Collection[str], addresses: bool) -> bool:
    """Tell whether a Host header names this server; `addresses`: any IP address does (no DNS, so no rebinding)."""
    if not header:
        return False
    try:
        parts = urlsplit(f"//{header}")
        name, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    if parts.netloc != header or "@" in header:
        return False
    if name in names:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return addresses or address.is_loopback


def from_elsewhere(origin: str | None, site: str | None, host: str | None) -> bool:
    """Tell whether a browser says (headers Origin, Sec-Fetch-Site) that another site's page sends a request."""
    if origin is not None and origin.partition("://")[2] != host:
        return True
    return site in {"cross-site", "same-site"}


def policy(script_hashes: Collection[str]) -> str:
    """Return the Content-Security-Policy of all pages; the hashes are those of Dash's own inline scripts."""
    scripts = " ".join(["'self'", *script_hashes])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def guard(server: Flask, host: str, script_hashes: Collection[str]) -> None:
    """Put the rules above on a Flask server that is bound to a host."""
    names, addresses = names_of(host), not is_loopback(host)
    rules = policy(script_hashes)

    @server.before_request
    def _refuse() -> Response | None:
        asked = request.headers.get("Host")
        if not host_allowed(asked, names, addresses):
            return _plain(f"This is evometa's dashboard on {host}; it does not answer for other names.", 421)
        headers = request.headers
        if request.method not in {"GET", "HEAD"} and from_elsewhere(
            headers.get("Origin"), headers.get("Sec-Fetch-Site"), asked
        ):
            return _plain("Pages of other sites get no answer.", 403)
        return None

    @server.after_request
    def _protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = rules
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    @server.errorhandler(Exception)
    def _failed(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException):
            return error
        log.warning("a request that no page makes, %s %r: %s", request.method, request.path[:200], error)
        return _plain("The dashboard's pages make no such request.", 400)


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")
