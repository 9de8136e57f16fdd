"""What a terminal shows of a run that lives on several machines."""

from __future__ import annotations

from evometa.presentation.view import LiveView
from tests.presentation.test_view import INFO, paper, stats, text


def test_workers_are_shown_while_a_generation_is_under_way() -> None:
    console = paper(True)
    with LiveView(console) as view:
        view.begin(INFO)
        view.standing("2 workers · 1 of 8 slices · 4 under way\x1b")
        console.print(view.picture())
        assert "2 workers · 1 of 8 slices · 4 under way\\x1b" in text(console)
        view.generation(stats(1, cluster="2 workers · 8 slices"))
        assert view.workers == []
