"""Addresses: what they ask for, whatever is typed; no part of one is ever more than a key, a number or a word."""

from __future__ import annotations

import os
import string
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.dashboard import routes
from evometa.dashboard.routes import MOST, Route, key_of, route_of

NAMES = ["delta-1", "a b", "größe ∂ 猫", "100%", "a%2Fb", "..", "<b>x", "a?b#c&d=e", "a+b", "\udcff raw byte"]
SAFE = set(string.ascii_letters + string.digits + "_.-~%")


@pytest.mark.parametrize(
    ("pathname", "route"),
    [
        ("/", Route("runs")),
        ("", Route("runs")),
        ("/compare", Route("compare")),
        ("/run/a", Route("run", ("a",))),
        ("/run/a/", Route("run", ("a",))),
        ("/run/a/lineage", Route("lineage", ("a",))),
        ("/run/a/lineage/7", Route("lineage", ("a",), (7,))),
        ("/run/a/individual/7", Route("individual", ("a",), (7,))),
        ("/run/a/individual/7/beside/3", Route("pair", ("a",), (7, 3))),
    ],
)
def test_every_page_has_an_address(pathname: str, route: Route) -> None:
    assert route_of(pathname) == route


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_the_run_they_are_made_for(name: str) -> None:
    key = key_of(name)
    assert set(key) <= SAFE
    assert route_of(routes.to_run(key)) == Route("run", (key,))
    assert route_of(routes.to_lineage(key, 5)) == Route("lineage", (key,), (5,))
    assert route_of(routes.to_individual(key, 5)) == Route("individual", (key,), (5,))
    assert route_of(routes.to_pair(key, 5, 4)) == Route("pair", (key,), (5, 4))
    pathname, _, search = routes.to_comparison([key, "b"]).partition("?")
    assert route_of(pathname, "?" + search) == Route("compare", (key, "b"))


def test_a_name_that_is_not_text_has_a_key() -> None:
    assert key_of(os.fsdecode(b"\xff\xfe")) == key_of(b"\xff\xfe") == "%FF%FE"


@pytest.mark.parametrize(
    "address",
    [
        *("/run", "/run/a/b", "/run/a/individual", "/run/a/individual/x", "/run/a/individual/-1", "/run/a/lineage/1.5"),
        *("/run/a/individual/٣", "/run/a/individual/1234567890123456", "/run/a/individual/1/beside", "/etc/passwd"),
        *("/run/../x", "/run/a/../b", "//evil.example/run/a/b", "/run/a/individual/1/beside/2/3", "/" + "a" * 10_000),
        *(None, 5, ["/run/a"], {"pathname": "/run/a"}, True),
    ],
)
def test_other_addresses_have_no_page(address: Any) -> None:
    found = route_of(address)
    assert found == Route() or found == Route("run", ("..",))  # a key, and no folder lists it


@pytest.mark.parametrize(
    "way", ["..", "%2e%2e", "%2E%2E", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "%00", "a%00b", "%"]
)
def test_ways_out_are_names_like_any_other(way: str) -> None:
    (key,) = route_of(f"/run/{way}").runs
    assert "/" not in key
    assert "\0" not in key
    assert key == quote(unquote(way), safe="")


def test_a_comparison_takes_each_run_once_and_not_too_many() -> None:
    asked = "?" + "&".join(f"run={n}" for n in range(MOST + 3)) + "&run=0&other=1"
    assert route_of("/compare", asked).runs == tuple(map(str, range(MOST)))
    assert route_of("/compare", "?run=a&run=a&run=b").runs == ("a", "b")
    assert route_of("/compare", "?" + "&" * 500 + "run=a").runs == ()
    for odd in (None, 5, ["?run=a"], "?" + "run=a&" * 5000):
        assert route_of("/compare", odd) == Route("compare")


@given(st.one_of(st.text(), st.from_regex(r"/run/[^/]*(/[a-z]*(/[0-9a-z.%]*)*)?")), st.text())
def test_any_text_is_an_address(pathname: str, search: str) -> None:
    found = route_of(pathname, search)
    assert all(set(key) <= SAFE for key in found.runs)
    assert all(0 <= number < 10**15 for number in found.numbers)
