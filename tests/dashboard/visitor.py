"""A reader without a browser: asks the dashboard for what a browser asks for, in Dash's own protocol."""

from __future__ import annotations

import http.client
import json
from typing import Any

SHOW = "..main.children...shown.data.."
WRITE = '..{"name":["ALL"],"type":"text"}.children...seen.data..'
DRAW = (
    '..{"name":["ALL"],"type":"figure"}.figure...{"name":["ALL"],"type":"figure"}.style'
    '...{"name":["ALL"],"type":"words-of-figure"}.children...drawn.data..'
)
LIST = '..{"name":["ALL"],"type":"list"}.children...{"name":["ALL"],"type":"row"}.children...listed.data..'


class Visitor:
    """One open page. `get` returns (status, body); the others what a browser would put into the page."""

    def __init__(self, port: int, patience: float = 120.0, **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
        self.headers = {"Host": f"127.0.0.1:{port}", **headers}
        self.shown: dict[str, Any] = {}
        self.seen: Any = None
        self.drawn: Any = None
        self.listed: Any = None
        self.slots: dict[str, list[str]] = {}

    def __del__(self) -> None:
        self.connection.close()

    def get(self, path: str, method: str = "GET", body: str | None = None) -> tuple[int, str]:
        rested = self.connection.sock is not None
        try:
            return self.answer(path, method, body)
        except ConnectionError:
            if not rested:
                raise
            self.connection.close()  # a server ends what has rested for a minute; browsers ask again, too
            return self.answer(path, method, body)

    def answer(self, path: str, method: str, body: str | None) -> tuple[int, str]:
        """Ask once, over the connection that there is, or a new one."""
        headers = self.headers | ({"Content-Type": "application/json"} if body is not None else {})
        self.connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        data = None if body is None else body.encode()
        for name, value in (headers | ({} if data is None else {"Content-Length": str(len(data))})).items():
            self.connection.putheader(name, value)
        self.connection.endheaders(data)
        response = self.connection.getresponse()
        return response.status, response.read().decode(errors="replace")

    def ask(self, output: str, outputs: Any, inputs: list[Any], state: list[Any]) -> dict[str, Any] | None:
        """Return what a callback changes; None for nothing."""
        changed = [f"{inputs[0]['id']}.{inputs[0]['property']}"] if isinstance(inputs[0], dict) else []
        body = {"output": output, "outputs": outputs, "inputs": inputs, "changedPropIds": changed, "state": state}
        status, text = self.get("/_dash-update-component", "POST", json.dumps(body))
        assert status in (200, 204), (status, text)
        return None if status == 204 else json.loads(text)["response"]

    def open(self, pathname: Any, search: Any = "") -> str:
        """Go to an address; return the page's body as JSON text."""
        outputs = [_prop("main", "children"), _prop("shown", "data")]
        inputs = [_prop("url", "pathname", pathname), _prop("url", "search", search)]
        found = self.ask(SHOW, outputs, inputs, [])
        assert found
        self.shown = found["shown"]["data"]
        body = found["main"]["children"]
        self.slots = {kind: [] for kind in ("text", "figure", "list", "row")}
        self._collect(body)
        return json.dumps(body, ensure_ascii=False)

    def write(self) -> dict[str, Any]:
        """Return the texts that have changed, by slot."""
        ids, places = self._ids("text", "children")
        state = [_prop("seen", "data", self.seen), ids]
        inputs = [_prop("shown", "data", self.shown), _prop("tick", "data", 1)]
        found = self.ask(WRITE, [places, _prop("seen", "data")], inputs, state) or {}
        self.seen = found.pop("seen", {"data": self.seen})["data"]
        return {json.loads(key)["name"]: value["children"] for key, value in found.items()}

    def draw(self, theme: str = "light") -> dict[str, Any]:
        """Return the figures that have changed, by slot."""
        ids, places = self._ids("figure", "figure")
        styles = [dict(place, property="style") for place in places]
        inputs = [_prop("seen", "data", self.seen), _prop("theme", "data", theme), _prop("draw-tick", "data", 1)]
        state = [_prop("shown", "data", self.shown), _prop("drawn", "data", self.drawn), ids]
        words = [{"id": {**place["id"], "type": "words-of-figure"}, "property": "children"} for place in places]
        found = self.ask(DRAW, [places, styles, words, _prop("drawn", "data")], inputs, state) or {}
        self.drawn = found.pop("drawn", {"data": self.drawn})["data"]
        return {json.loads(key)["name"]: value["figure"] for key, value in found.items() if "figure" in value}

    def tick(self, theme: str = "light") -> tuple[dict[str, Any], dict[str, Any]]:
        """Ask what an open page asks every two seconds; return the texts and the figures that have changed."""
        before = self.seen
        texts = self.write()
        more = self.seen != before or (self.drawn or {}).get("partial")
        return texts, self.draw(theme) if more else {}

    def list_runs(self, words: str = "", state: str = "all", order: str = "newest") -> dict[str, Any]:
        """Return what of the list has changed: count, rows, and rows by key; then know the rows."""
        lists, list_places = self._ids("list", "children")
        rows, row_places = self._ids("row", "children")
        box = {"id": {"type": "words", "name": "words"}, "property": "value", "value": words}
        inputs = [[box], _prop("state", "data", state), _prop("order", "data", order), _prop("list-tick", "data", 1)]
        known = [_prop("listed", "data", self.listed), lists, rows]
        found = self.ask(LIST, [list_places, row_places, _prop("listed", "data")], inputs, known) or {}
        self.listed = found.pop("listed", {"data": self.listed})["data"]
        told = {json.loads(key)["name"]: value["children"] for key, value in found.items()}
        if "rows" in told:
            self.slots["row"] = []
            self._collect(told["rows"])
        return told

    def _ids(self, kind: str, prop: str) -> tuple[list[Any], list[Any]]:
        ids = [{"type": kind, "name": name} for name in self.slots.get(kind, [])]
        return [_prop(id, "id", id) for id in ids], [{"id": id, "property": prop} for id in ids]

    def _collect(self, body: Any) -> None:
        if isinstance(body, list):
            for item in body:
                self._collect(item)
        elif isinstance(body, dict):
            properties = body.get("props", {})
            found = properties.get("id")
            if isinstance(found, dict) and found.get("type") in self.slots:
                self.slots[found["type"]].append(found["name"])
            self._collect(properties.get("children"))


def whole(visitor: Visitor, address: str, search: str = "") -> str:
    """Open a page and wait until all of it is there; return everything as one text."""
    parts = [visitor.open(address, search), json.dumps(visitor.write(), ensure_ascii=False)]
    while visitor.slots["figure"]:
        parts.append(json.dumps(visitor.draw(), ensure_ascii=False))
        if not visitor.drawn["partial"]:
            break
    return "\n".join(parts)


def _prop(id: Any, name: str, *value: Any) -> dict[str, Any]:
    return {"id": id, "property": name, **({"value": value[0]} if value else {})}
