"""Whom the dashboard answers: this machine's names and pages only, with nothing from elsewhere on its pages."""

from __future__ import annotations

import json

import pytest

from evometa.dashboard.guard import LOOPBACK, from_elsewhere, host_allowed, is_loopback, names_of
from evometa.dashboard.server import LARGEST
from tests.dashboard.visitor import Visitor


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost", "LOCALHOST."])
def test_hosts_that_only_this_machine_reaches(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org", "localhost.evil.example", ""])
def test_hosts_that_others_reach(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "header",
    ["127.0.0.1:8050", "127.0.0.1", "localhost:8050", "localhost:9", "LocalHost", "[::1]:8050", "[::1]", "127.0.0.9"],
)
def test_names_of_this_machine_are_answered(header: str) -> None:
    assert host_allowed(header, names_of("127.0.0.1"), False)


@pytest.mark.parametrize(
    "header",
    [
        *(
            "evil.example",
            "evil.example:8050",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "localhost@evil.example",
        ),
        *(
            "evil.example@localhost",
            "",
            None,
            "192.168.0.7",
            "[::2]",
            "[::1",
            "localhost:port",
            "local host",
            "0.0.0.0",
        ),
        *("localhost/x", "localhost?x", "localhost#x", "127.0.0.1:80:80", "2130706433", "0x7f.1"),
    ],
)
def test_other_names_are_not(header: str | None) -> None:
    assert not host_allowed(header, LOOPBACK, False)


def test_a_server_for_others_answers_to_addresses_and_its_own_name_only() -> None:
    names = names_of("my-machine.example")
    assert host_allowed("my-machine.example:80", names, True)
    assert host_allowed("192.168.0.7:8050", names, True)
    assert host_allowed("[fe80::1]:8050", names, True)
    assert not host_allowed("evil.example", names, True)


def test_requests_of_other_pages_are_told_apart() -> None:
    here = "127.0.0.1:8050"
    assert not from_elsewhere(None, None, here)
    assert not from_elsewhere(f"http://{here}", "same-origin", here)
    for origin, site in [
        ("http://evil.example", None), ("null", None), (f"http://{here}.evil.example", None),
        ("http://127.0.0.1:9", None), (None, "cross-site"), (None, "same-site"), (f"http://{here}", "cross-site"),
    ]:  # fmt: skip
        assert from_elsewhere(origin, site, here)


PATHS = ["/", "/run/finished", "/_dash-layout", "/_dash-dependencies", "/assets/evometa.js", "/_favicon.ico"]


@pytest.mark.parametrize("path", PATHS)
def test_a_rebound_name_gets_nothing(port: int, path: str) -> None:
    for host in (f"evil.example:{port}", "evil.example", "192.168.1.1"):
        status, text = Visitor(port, Host=host).get(path)
        assert status == 421
        assert "finished" not in text
    assert Visitor(port).get(path)[0] == 200


def test_a_request_without_a_host_gets_nothing(port: int) -> None:
    visitor = Visitor(port)
    del visitor.headers["Host"]
    assert visitor.get("/")[0] == 421


def test_another_sites_page_cannot_ask(port: int) -> None:
    body = json.dumps({"output": "x"})
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert Visitor(port, **headers).get("/_dash-update-component", "POST", body)[0] == 403
    assert Visitor(port, Origin=f"http://127.0.0.1:{port}").open("/")


def test_pages_may_load_and_send_nothing_elsewhere(port: int) -> None:
    visitor = Visitor(port)
    visitor.connection.request("GET", "/", headers=visitor.headers)
    response = visitor.connection.getresponse()
    page = response.read().decode()
    rules = {
        name: values
        for name, *values in (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    }
    assert rules["default-src"] == ["'none'"]
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert rules["connect-src"] == ["'self'"]
    assert all(source == "'self'" or source.startswith("'sha256-") for source in rules["script-src"])
    assert not any(
        "unsafe-eval" in value or "*" in value or "http" in value for values in rules.values() for value in values
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers
    sources = [part.split('"')[0] for part in page.split('src="')[1:] + page.split('href="')[1:]]
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)


NONSENSE = [
    "", "null", "[]", "5", '"x"', "{}", "{", "\0",
    '{"output": "nothing.children"}', '{"output": ["a"]}', '{"output": {"a": 1}}',
    '{"output": "..main.children...shown.data..", "inputs": 5}',
    '{"output": "..main.children...shown.data..", "outputs": [], "inputs": [], "changedPropIds": []}',
    "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_without_a_traceback(port: int, body: str, visitor: Visitor) -> None:
    status, text = visitor.get("/_dash-update-component", "POST", body)
    assert status in (400, 415)
    assert "Traceback" not in text
    assert "evometa/" not in text
    assert Visitor(port).open("/")


def test_too_large_a_request_is_refused(visitor: Visitor) -> None:
    visitor.connection.putrequest("POST", "/_dash-update-component")
    visitor.connection.putheader("Content-Length", str(LARGEST + 1))
    visitor.connection.endheaders()
    assert visitor.connection.getresponse().status == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "POST"])
def test_nothing_else_can_be_done(port: int, method: str) -> None:
    assert Visitor(port).get("/run/finished", method)[0] in (405, 501)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/assets/../guard.py",
            "/assets/..%2fguard.py",
            "/assets/%2e%2e/guard.py",
            "/assets//etc/passwd",
            "/static/x",
        ),
        *("/_dash-component-suites/dash/../../../../etc/passwd", "/_dash-component-suites/os/path.py", "/assets/%00"),
        *("/_dash-component-suites/evometa/engine.py", "/assets/....//guard.py", "/assets/..\\guard.py"),
    ],
)
def test_no_other_file_is_served(port: int, path: str) -> None:
    status, text = Visitor(port).get(path)
    assert "before_request" not in text
    assert "root:" not in text
    assert status in (400, 404) or "react-entry-point" in text  # a page, which then says that there is none
