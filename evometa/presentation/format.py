"""Numbers, intervals and curves as people read them in a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from evometa.judging.reports import Baseline
from evometa.judging.scores import Score

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60  # columns of a curve


def spaced(rows: Sequence[Any], count: int) -> list[Any]:
    """Return at most `count` rows, evenly spaced, the first and the last among them."""
    last = len(rows) - 1
    if last < count:
        return list(rows)
    return [rows[round(i * last / (count - 1))] for i in range(count)]


def cut(parts: str, room: int) -> str:
    """Return as many of the parts of a text, which semicolons divide, as fit; no number and no word is cut."""
    if len(parts) <= room:
        return parts
    end = parts.rfind(";", 0, room - 1)
    if end < 0:
        end = parts.rfind(" ", 0, room - 1)
    return f"{parts[:end].rstrip(' ,;') if end > 0 else parts[: room - 1]} …"


def curve(values: Sequence[float | None]) -> str:
    """Draw numbers as a line of bars; the largest twentieth is cut off, what is missing is left blank."""
    shown = [v if v is not None and math.isfinite(v) else None for v in spaced(values, WIDTH)]
    known = sorted(v for v in shown if v is not None)
    if not known:
        return ""
    low, high = known[0], known[math.ceil(0.95 * len(known)) - 1]
    step = (high - low) / (len(BARS) - 1) or 1.0
    return "".join(" " if v is None else BARS[min(len(BARS) - 1, round((min(v, high) - low) / step))] for v in shown)


def interval(mean: float | None, half: float | None) -> str:
    """Write a mean ± half its 95 % interval."""
    return number(mean) if half is None else f"{number(mean)} ± {number(half)}"


def numbers(values: Sequence[float]) -> str:
    """Write several numbers as a list."""
    return ", ".join(map(number, values)) or "–"


def number(value: Any) -> str:
    """Write a number with four decimals (very large or small: four digits), a count in full, none as a dash."""
    if value is None:
        return "–"
    if not isinstance(value, float) or (value.is_integer() and 1 < abs(value) < 1e6):
        return f"{value:,.0f}"
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1000 else f"{value:.4g}"


def signed(value: float | None) -> str:
    """Write a number with its sign, four digits; none as a dash."""
    return "–" if value is None or not math.isfinite(value) else f"{value + 0.0:+.4g}".replace("-", "−")


def lead(score: Score) -> str:
    """Write a difference with its sign, ± half its interval, both to the second digit of the latter."""
    mean, half = score.mean, score.ci95
    if mean is None or half is None or not half > 0:
        return signed(mean)
    digits = min(8, max(0, 1 - math.floor(math.log10(half))))
    return f"{mean:+.{digits}f} ± {half:.{digits}f}".replace("-", "−")


def tuned(row: Baseline) -> str:
    """Write how a stock rule was tuned: rate 0.08, β 0.9, decay to 0; an asterisk is at what was best at an end."""
    parts = []
    order = {"rate": 0, "decay": 2, "weight decay": 3}  # JSON has them in the order of their letters
    for name, value in sorted(row.dials_told.items(), key=lambda dial: order.get(dial[0], 1)):
        if name != "decay":
            parts.append(f"{name} {value:.3g}")
        elif value != 1.0:
            parts.append(f"decay to {value:.3g}")
        if name in row.at_edge and parts:
            parts[-1] += "*"
    return ", ".join(parts)


def learner(row: Baseline) -> str:
    """Write a stock learner's name, with how it was tuned."""
    told = tuned(row)
    return f"{row.name} ({told})" if told else row.name


STAGED = ("world", "environment", "teaching", "recover", "recipe")  # families whose lives are told early and as judged


def stages(acts: bool) -> tuple[str, str]:
    """Return what the two figures of a life are called: of learning, or of a life in a world, early and as judged."""
    return ("early", "judged") if acts else ("innate", "adapted")


def beginning(acts: bool) -> str:
    """Return where the first figure of a life is of, as a sentence has it."""
    return "in the first part of its life" if acts else "at birth"


def short(value: float) -> str:
    """Write a rate in three digits: 1.23, 45.6, 789, 12.3k, 4.56M."""
    for unit in ("", "k", "M", "G"):
        if value < 999.5:
            return f"{value:.3g}{unit}"
        value /= 1000
    return f"{value:.3g}T"


def clock(seconds: float) -> str:
    """Write a duration as m:ss or h:mm:ss."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
