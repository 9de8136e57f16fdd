"""The theme: both palettes readable by all eyes, every colour exchangeable, nothing taken for markup."""

from __future__ import annotations

import builtins
import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.presentation.run import Run
from evometa.report.figures import blank, history, themed
from evometa.report.figures.theme import DIVERGING, PALETTES, SEQUENTIAL, SERIES, new, note, panels, plain, wrapped
from tests.reporting import texts_in

# How light reaches eyes that lack a kind of cone, on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "deuteranopia": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
}


def linear(colour: str) -> Any:
    """Linear RGB of a colour."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lightness(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    """Contrast ratio (WCAG 2)."""
    low, high = sorted((lightness(a), lightness(b)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: Any) -> Any:
    """CIE L*a*b* of linear RGB."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", PALETTES)
def test_words_and_lines_stand_out(theme: str) -> None:
    palette = PALETTES[theme]
    for ground in ("paper", "card"):
        assert contrast(palette["ink"], palette[ground]) > 12
        assert contrast(palette["muted"], palette[ground]) > 4.5
        assert all(contrast(palette[name], palette[ground]) > 3 for name in SERIES)
        assert all(contrast(palette[name], palette[ground]) > 4.5 for name in ("blue", "orange", "green"))  # as words


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("eyes", EYES)
def test_series_are_told_apart_by_all_eyes(theme: str, eyes: str) -> None:
    seen = {name: lab(EYES[eyes] @ linear(PALETTES[theme][name])) for name in SERIES}
    close = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in combinations(SERIES, 2)}
    assert min(close.values()) > 12, min(close, key=lambda pair: close[pair])


def test_palettes_can_be_exchanged_for_one_another() -> None:
    light, dark = PALETTES["light"], PALETTES["dark"]
    assert light.keys() == dark.keys()
    for palette in (light, dark):
        shared = [name for name in palette if name != "accent"]
        assert len({palette[name] for name in shared}) == len(shared)
    assert not set(light.values()) & set(dark.values())


def test_a_figure_is_dark_and_light_again(run: Run) -> None:
    figure = history(run)
    dark = themed(figure, "dark")
    assert themed(dark, "light").to_plotly_json() == themed(figure, "light").to_plotly_json()
    texts = set(texts_in(json.loads(dark.to_json())))
    assert not texts & set(PALETTES["light"].values())
    assert {PALETTES["dark"]["blue"], PALETTES["dark"]["ink"]} <= texts
    with pytest.raises(InputError, match="light, dark"):
        themed(figure, "pink")


def test_every_colour_of_a_figure_is_of_the_palette(run: Run) -> None:
    known = {*PALETTES["light"].values(), "rgba(0,0,0,0)"}
    texts = texts_in(json.loads(history(run).to_json()))
    assert {text for text in texts if text.startswith(("#", "rgb"))} <= known


def test_panels_keep_the_theme_too() -> None:
    assert panels("t", ["a", "b"], [10, 10]).layout.template == new("t", 10).layout.template


def test_scales_lead_from_one_end_to_the_other() -> None:
    for palette in PALETTES.values():
        away = [contrast(palette[name], palette["card"]) for name in SEQUENTIAL]
        assert away == sorted(away)
        assert min(contrast(palette[DIVERGING[end]], palette["card"]) for end in (0, -1)) > 3


def test_texts_are_shown_as_they_are() -> None:
    assert plain("<b>a</b> & b\n c") == "&lt;b&gt;a&lt;/b&gt; &amp; b c"
    assert plain("abcdef", 4) == "abc…"
    assert plain("<<<<<<", 4) == "&lt;&lt;&lt;…"  # never cut within an entity
    assert wrapped("aa bb <c>", 5) == "aa bb<br>&lt;c&gt;"


def test_an_empty_figure_says_why() -> None:
    figure = blank("A title", "No <generation> is finished yet.")
    assert figure.layout.meta["empty"] == "No <generation> is finished yet."
    assert figure.layout.annotations[0].text == "No &lt;generation&gt; is finished yet."


def test_a_note_makes_room_for_itself() -> None:
    short, long = (note(new("t", 100), words) for words in ("a", "a " * 100))
    assert 100 < short.layout.height < long.layout.height
    axis = new("t", 100).update_xaxes(title_text="x")
    assert note(axis, "more").layout.xaxis.title.text.startswith("x<br>")


def test_without_plotly_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "plotly":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=r"evometa\[report\]"):
        blank("t", "words")
