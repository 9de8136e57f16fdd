"""What is put into a browser: pages for addresses, and for the slots of a page only what has changed there.

Everything that comes from a browser is looked at here with doubt: it may be of any JSON type.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

from dash import no_update
from dash.exceptions import PreventUpdate

from evometa.dashboard import routes
from evometa.dashboard.page import Filling, Page, error_page, filling
from evometa.dashboard.pages.comparison import comparison_page
from evometa.dashboard.pages.individual import individual_page, pair_page
from evometa.dashboard.pages.lineage import lineage_page
from evometa.dashboard.pages.run import run_page
from evometa.dashboard.pages.runs import MOST, chosen, count_line, row, runs_page, told
from evometa.dashboard.shelf import Entry, Shelf
from evometa.dashboard.snapshot import Snapshots
from evometa.dashboard.summaries import WAITING, Summaries, Summary
from evometa.errors import InputError
from evometa.presentation.run import Run
from evometa.report import figures

BUDGET = 1.0  # seconds after which a browser gets what there is

MAKERS: dict[str, Callable[..., Page]] = {
    "run": run_page,
    "lineage": lineage_page,
    "individual": individual_page,
    "pair": pair_page,
}


class Content:
    """The pages over one folder. Any thread may ask."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.snapshots, self.summaries = shelf, Snapshots(), Summaries()

    def page(self, route: routes.Route) -> Page:
        """Return the page of a route, or one that says why there is none."""
        try:
            return self._found(route)
        except InputError as error:
            return error_page(error)

    def _found(self, route: routes.Route) -> Page:
        if route.page == "runs":
            return runs_page(str(self.shelf.folder))
        if route.page == "absent":
            raise InputError("a page of the dashboard", "an address without one", "this address")
        entries = [self._entry(key) for key in route.runs]
        snapshot = self.snapshots.of(*entries)
        snapshot.get(("there", route.numbers), partial(_there, route.numbers))
        if route.page == "compare":
            return comparison_page(entries, snapshot)
        return MAKERS[route.page](entries[0], snapshot, *route.numbers)

    def _entry(self, key: str) -> Entry:
        """Return the run of a key; refuse one that the folder does not list."""
        entry = self.shelf.find(key)
        if entry is None:
            name = repr(key if len(key) < 100 else key[:100] + "…")
            raise InputError("a run in this folder", f"none of the name {name}", "this address")
        return entry

    def show(self, pathname: Any, search: Any) -> tuple[Any, dict[str, Any]]:
        """Return a page's body, and what the browser is to know of it."""
        route = routes.route_of(pathname, search)
        page = self.page(route)
        follow = routes.to_individual(route.runs[0], 0)[:-1] if route.page in {"run", "lineage"} else ""
        asked = {"pathname": pathname, "search": search}
        return page.body(), {"title": page.title, "page": route.page, "follow": follow, **asked}

    def fill(self, kind: str, shown: Any, before: Any, slots: Any, theme: Any = "") -> tuple[list[Any], dict[str, Any]]:
        """Return the contents of a page's slots, where they have changed, and what the browser has then.

        After a second of work the rest is left for the next time ("partial"); some part is always done. Raises
        PreventUpdate when nothing has changed.
        """
        shown, before = _mapping(shown), _mapping(before)
        page = self.page(routes.route_of(shown.get("pathname"), shown.get("search")))
        theme = theme if isinstance(theme, str) and theme in figures.PALETTES else ""
        state = page.state(theme)
        if before.get("state") == state:
            raise PreventUpdate
        address = sha256(repr(page.address).encode()).hexdigest()
        had = _mapping(before.get("digests")) if before.get("address") == address else {}
        late, changed, contents, digests, until = False, False, [], {}, time.monotonic() + BUDGET
        for name in _names(slots):
            late = changed and time.monotonic() > until
            found = None if late else page.fill(kind, name, theme or "light")
            digests[name] = found.digest if found else had.get(name)
            new = found is not None and found.digest != had.get(name)
            changed = changed or new
            contents.append(found.content if found is not None and new else no_update)
        now = {"state": "" if late else state, "partial": late, "address": address, "digests": digests}
        return contents, now

    def list_runs(
        self, words: Any, state: Any, order: Any, before: Any, places: Any, rows: Any
    ) -> tuple[list[Any], list[Any], dict[str, Any]]:
        """Return the list's count and rows, where they have changed. Raises PreventUpdate when nothing has."""
        places, there, before = _names(places), _names(rows), _mapping(before)
        if not places:
            raise PreventUpdate
        summaries = self.summaries.of(self.shelf.entries())
        found = chosen(summaries, words[0] if isinstance(words, list) and words else "", state, order)
        shown = found[:MOST]
        keys = [one.entry.key for one in shown]
        made = {one.entry.key: _row(one) for one in shown}
        digests = {key: one.digest for key, one in made.items()}
        line = count_line(len(found), len(summaries), sum(one.state == WAITING for one in summaries))
        now = {"keys": keys, "digests": digests, "line": filling(line).digest, "words": words}
        same = before.get("keys") == keys and set(there) == set(keys)
        if same and before == now:
            raise PreventUpdate
        had = _mapping(before.get("digests")) if same else {}
        lists = {"count": line, "rows": no_update if same else [row(one) for one in shown]}
        contents = [made[key].content if same and had.get(key) != digests[key] else no_update for key in there]
        return [lists.get(place, no_update) for place in places], contents, now


def _there(numbers: Sequence[int], *runs: Run) -> bool:
    """Make sure that a page's runs can be read and have its individuals. Raises InputError."""
    for number in numbers:
        runs[0].reader.individual(number)
    return True


@lru_cache(maxsize=4096)
def _row(summary: Summary) -> Filling:
    """Return what the list says of a run, made once for all who look."""
    return filling(told(summary))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(slots: Any) -> list[str]:
    """Return the names in a list of ids `{"type": …, "name": …}`."""
    found = [_mapping(slot).get("name") for slot in slots] if isinstance(slots, list) else []
    return [name if isinstance(name, str) else "" for name in found]
