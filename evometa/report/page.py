"""The report as one HTML page: what it says, and the template that says it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from evometa.errors import InputError
from evometa.judging.analyses import Analysis
from evometa.judging.scores import finite
from evometa.judging.verdict import basis, over, standings, wirings
from evometa.language.mathml import mathml
from evometa.language.signals import READABLE
from evometa.presentation.audit import kept_audit
from evometa.presentation.format import interval, number, short
from evometa.presentation.plasticity import parts_of, sentence
from evometa.presentation.summary import Summary, summary_of
from evometa.report.figures.catalogue import CATALOGUE, Entry, figures_of, steps_of
from evometa.report.figures.scale import measure
from evometa.report.figures.theme import CONFIG, PALETTES, graph_objects
from evometa.report.narrative import further_tests, origin, rivals, summary
from evometa.report.provenance import commands, settings_toml, versions
from evometa.report.svg import fixed_figures, slug
from evometa.report.tables import ablation_rows, audit_told, lineage_rows, sensitivity_rows
from evometa.store.records import Json

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.learner import Learner
    from evometa.presentation.run import Run

LONG = 600  # characters of a formula that is shown in full; a longer one is folded away
WIDE = 10_000_000  # a count from which its digits would not fit their box
TITLE_ROOM = 40  # pixels above a figure that its title takes, which the page sets itself
PACKAGE = "evometa.report"


def page(run: Run, analysis: Analysis | None = None, *, fixed: bool = False) -> str:
    """Return the report on a run as HTML; all that comes from the run file is escaped.

    `analysis`: one made just now, in place of the stored one; `fixed`: figures as they are, without script.

    Raises InputError without the extra "report".
    """
    environment = _jinja()
    analysis = analysis or run.analysis
    figures = figures_of(run, analysis)
    told = [entry for entry in CATALOGUE if not (figures[entry.name].layout.meta or {}).get("empty")]
    drawn = {entry.name: _untitled(figures[entry.name]) for entry in told}
    scripts = [] if fixed else [_plotly(), _asset("page.js")]
    text = str(
        environment.from_string(_asset("page.html")).render(
            **_told(run, analysis),
            css=_palettes() + _asset("page.css"),
            scripts=scripts,
            policy=_policy(scripts),
            figures={entry.name: _shown(entry, figures[entry.name]) for entry in CATALOGUE},
            fixed=fixed_figures(drawn) if fixed else {},
            data="" if fixed else _data(drawn),
        )
    )
    return text.encode(errors="replace").decode()  # no file can hold a lone surrogate


def _data(figures: Mapping[str, Figure]) -> str:
    """Return what the page's script draws, as JSON."""
    template = next(iter(figures.values())).layout.template.to_plotly_json() if figures else {}
    plain = {name: _plain(figure) for name, figure in figures.items()}
    return _json({"figures": plain, "template": template, "palettes": PALETTES, "config": CONFIG})


def _plotly() -> str:
    graph_objects()
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _told(run: Run, analysis: Analysis | None) -> Json:
    """Return everything that the page says in words and tables."""
    told, settings = summary_of(run), run.settings
    champion, report = told.shown, told.report
    scale = measure(None if champion is None else champion.measure)
    return {
        "name": settings.name, "description": settings.description or "",
        "folder": run.folder.name, "run": run, "champion": champion, "finished": run.finished,
        "state": _state(run), "damage": run.damage, "summary": summary(run), "facts": _facts(told),
        "rule": _rule(champion), "rivals": rivals(run), "scale": scale,
        "further": further_tests(report),
        "score": None if champion is None else interval(champion.meta_test, champion.meta_test_ci95),
        "over": over(report.over if report else None), "basis": basis(report, told.seed) if report else "",
        "paired": all(one.paired for one in standings(report)) if report else True,
        "also": {name: interval(score.mean, score.ci95) for name, score in report.also.items()} if report else {},
        "pictured": report is not None and report.episode is not None, "still": settings.lifetime.updates == 0,
        "at_edge": any(row.at_edge for row in run.baselines),
        "gates": wirings(analysis.gates) if analysis is not None and analysis.gates is not None else "",
        "tuned": champion.tuned.sentence if champion and champion.tuned else "",
        "plastic": _plastic(champion, analysis), "analysis": analysis, "notes": analysis.notes if analysis else [],
        "ablation": ablation_rows(analysis), "sensitivity": sensitivity_rows(analysis),
        "steps": lineage_rows(_steps(run)), "origin": origin(run), "audit": audit_told(kept_audit(run)),
        "acts": run.settings.acts or run.settings.searches,
        "settings": settings_toml(run.config), "versions": versions(run), "commands": commands(run),
        "digest": run.digest, "seed": told.seed,
    }  # fmt: skip


def _state(run: Run) -> str:
    done, asked = run.generation, run.settings.run.generations
    return "finished" if run.finished else f"not finished: {number(done)} of {number(asked)} generations"


def _facts(told: Summary) -> list[tuple[str, str, str]]:
    """Return the figures that a reader looks for first: name, value, and a word on it."""
    champion, lived = told.shown, sum(told.lived.values())
    facts = []
    if champion is not None and champion.meta_test is not None:
        scale, half = measure(champion.measure), finite(champion.meta_test_ci95)
        small = f"± {number(half)} {champion.over}" if half is not None else ""
        facts.append((f"{scale.name} on held-out tasks", number(finite(champion.meta_test)), small))
    still = champion is not None and champion.settings.lifetime.updates == 0
    if champion is not None and champion.connectome is not None and still:
        facts.append(("size of the network", number(champion.connectome.summary()["synapses"]), "synapses"))
    elif champion is not None and champion.genome is not None:
        facts.append(("size of the rule", number(champion.size), "nodes" if champion.size != 1 else "node"))
    facts.append(("generations", number(told.generation), f"of {number(told.generations)}"))
    lost = f"{number(told.diverged)} in evolution lost"
    facts.append(("lifetimes", number(lived) if lived < WIDE else short(lived), lost))
    facts.append(("computing time", _duration(finite(told.total_seconds) or 0.0), "in all"))
    return facts


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _rule(champion: Learner | None) -> Json | None:
    """Return the rule: as MathML, as text, as evometa reads it, and what it reads."""
    if champion is None or champion.genome is None:
        return None
    signals = [
        (name, signal.meaning, number(champion.coefficients[name]) if name in champion.coefficients else "")
        for name, signal in READABLE.items()
        if name in champion.signals
    ]
    formula = champion.formula
    short = len(formula) <= LONG
    return {
        "math": mathml(champion.living, champion.coefficients) if short else [],
        "formula": formula, "short": short, "texts": champion.living, "signals": signals,
        "valued": any(value for _, _, value in signals),
        "recognised": champion.recognised, "size": champion.size, "network": champion.topology,
    }  # fmt: skip


def _plastic(champion: Learner | None, analysis: Analysis | None) -> Json:
    """Return which synapses learn: in words, and by parts of the network."""
    one = None if champion is None or champion.connectome is None else champion.connectome.learned(analysis)
    if one is None or not (words := sentence(one)):
        return {"words": "", "parts": []}
    parts = [(part.name, number(part.size), number(part.learn), f"{100 * part.share:.3g} %") for part in parts_of(one)]
    return {"words": words, "parts": parts}


def _steps(run: Run) -> list[Any]:
    """Return the champion's ancestors; none where they cannot be read, which the figure says."""
    try:
        return steps_of(run)
    except InputError:
        return []


def _shown(entry: Entry, figure: Figure) -> Json:
    """Return what the page says around a figure; an empty one is said in words alone."""
    empty = (figure.layout.meta or {}).get("empty")
    return {"name": entry.name, "title": entry.title, "meaning": entry.meaning, "empty": empty,
            "height": figure.layout.height - TITLE_ROOM}  # fmt: skip


def _untitled(figure: Figure) -> Figure:
    """Return a copy without its title, which the page sets itself, and without the room for it."""
    copy = graph_objects().Figure(figure)
    top = copy.layout.margin.t or copy.layout.template.layout.margin.t
    copy.update_layout(title=None, margin={"t": top - TITLE_ROOM}, height=copy.layout.height - TITLE_ROOM)
    return copy


def _plain(figure: Figure) -> Json:
    """Return a figure's data and layout, without the template that the page has once for all."""
    found = json.loads(figure.to_json())
    return {
        "data": found["data"],
        "layout": {k: v for k, v in found["layout"].items() if k not in ("template", "meta")},
    }


def _palettes() -> str:
    """Return the colours of both palettes as CSS variables."""
    rules = {
        theme: "".join(f"{slug(role)}:{colour};" for role, colour in roles.items()) for theme, roles in PALETTES.items()
    }
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{rules['dark']}}}}}"
    return f":root{{color-scheme:light dark;{rules['light']}}}\n{dark}\n"


def _json(value: Any) -> str:
    """Return JSON that cannot end the script element that it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _policy(scripts: list[str]) -> str:
    """Return what a browser may run and load: these very scripts, and nothing from anywhere."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    allowed = " ".join(f"'sha256-{value}'" for value in hashes) or "'none'"
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'"


def _asset(name: str) -> str:
    return (resources.files(PACKAGE) / name).read_text(encoding="utf-8")


def _jinja() -> Any:
    """Return the template engine, with everything escaped that is not said to be markup."""
    try:
        import jinja2
    except ImportError:
        remedy = 'pip install "evometa[report]"'
        raise InputError("the package jinja2, which sets the page", "none", "evometa report", remedy) from None
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
