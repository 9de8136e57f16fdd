"""The LaTeX export: formulas, meanings, balanced braces, no sign that plain LaTeX lacks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from evometa.export import export
from evometa.export.latex_file import _text
from evometa.language.signals import SIGNALS
from tests.export.cases import ALL, SINE
from tests.export.exported import Written, learner_of, recipe
from tests.export.test_expressions import large


def shown(text: str) -> list[str]:
    """The lines that are no comments."""
    return [line for line in text.split("\n") if not line.startswith("%")]


def balanced(lines: list[str]) -> bool:
    """Whether every brace is closed."""
    depth = 0
    for sign in "".join(lines).replace("\\{", "").replace("\\}", ""):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize("name", ALL)
def test_formulas_and_meanings(name: str, written: Written) -> None:
    text = written(name, "latex")
    lines = shown(text)
    assert balanced(lines)
    assert "".join(lines).isascii()
    assert "\\Delta w = " in text
    assert "\\begin{gather*}" in lines
    assert lines.count("\\end{itemize}") == 1
    assert "% digest" in text


def test_a_rule_in_full(written: Written) -> None:
    lines = shown(written("loss", "latex"))
    assert lines[1:4] == [
        "  \\Delta w = -c_{0} \\, s_{1} \\\\",
        "  s_{1} \\leftarrow g + 0.5 \\, s_{1} \\\\",
        "  \\mathcal{L} = c_{1} \\, \\left|\\mathrm{output} - \\mathrm{target}\\right|"
        " + \\mathrm{output} \\, \\left(\\mathrm{output} - \\mathrm{target}\\right)^{2}",
    ]
    assert "  \\item $c_{0}$: coefficient 0 of the rule, one number a genome: $0.4$;" in lines


def test_a_large_rule_is_broken_into_lines(tmp_path: Path) -> None:
    learner = learner_of(tmp_path, recipe(SINE, {"update": large(7)}))
    lines = shown(str(export(learner, "latex")))
    assert max(map(len, lines)) < 100
    assert "\\begin{verbatim}" in lines
    assert balanced(lines)


def test_every_meaning_can_be_spelled() -> None:
    assert all(_text(signal.meaning).isascii() for signal in SIGNALS.values())
    assert _text("50 % of {a_b}\n\\x") == "50 \\% of \\{a\\_b\\}\\textbackslash{}n\\textbackslash{}x"


def test_it_compiles(written: Written, tmp_path: Path) -> None:
    latex = shutil.which("pdflatex") or shutil.which("tectonic")
    if latex is None:
        pytest.skip("no LaTeX: its export is not compiled")
    document = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n%s\\end{document}\n"
    (tmp_path / "rule.tex").write_text(document % written("loss", "latex"), encoding="utf-8")
    done = subprocess.run([latex, "rule.tex"], cwd=tmp_path, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout
