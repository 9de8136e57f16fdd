"""The LaTeX export: the rule as displayed formulas, with what its symbols mean."""

from __future__ import annotations

import re
import textwrap

from evometa.export.spelling import number, one_line
from evometa.export.subject import Subject
from evometa.language.algebra import latex, plain
from evometa.language.printer import LATEX
from evometa.language.signals import EVERY_SLOT, READABLE

_SPECIAL = re.compile(r"[#$%&_{}~^\\]")
_SPELLED = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
_SIGNS = {"∂": r"$\partial$", "·": r"$\cdot$", "−": "$-$", "²": "$^2$", "≥": r"$\ge$", "≤": r"$\le$"}


def latex_file(subject: Subject) -> str:
    r"""Return a fragment for `\input`; it needs the package amsmath. Its provenance is in comments."""
    told = subject.story("A learning rule that evometa evolved.")
    lines = [f"% {line}".rstrip() for line in told.split("\n")]
    lines += ["%", "% Use: \\usepackage{amsmath} in the preamble, then \\input{FILE}."]
    trees = {slot: subject.genome.rule[slot] for slot in EVERY_SLOT if slot in subject.genome.rule}
    short = {slot: tree for slot, tree in trees.items() if plain(tree) is not None}
    if short:
        formulas = [latex({slot: tree}) for slot, tree in short.items()]
        lines += ["\\begin{gather*}", " \\\\\n".join(f"  {formula}" for formula in formulas), "\\end{gather*}"]
    for slot, tree in trees.items():
        if slot not in short:  # too large for a formula: the rule's own text, broken into lines
            lines += [f"The slot \\texttt{{{slot}}} has {len(tree)} nodes:", "\\begin{verbatim}"]
            lines += [*textwrap.wrap(str(tree), 76), "\\end{verbatim}"]
    return "\n".join([*lines, "where", *_meanings(subject)]) + "\n"


def _meanings(subject: Subject) -> list[str]:
    """What each symbol stands for, and the values of coefficients."""
    loss = subject.loss.reads if subject.loss else frozenset()
    read = sorted(subject.reads | loss, key=lambda name: READABLE[name].register)
    lines = ["\\begin{itemize}"]
    for name in read:
        meaning = _text(READABLE[name].meaning)
        if name in subject.coefficients:
            meaning = f"{meaning}: ${LATEX.number(_tidy(subject.coefficients[name]))}$"
        lines.append(f"  \\item ${LATEX.symbol(name)}$: {meaning};")
    lines.append("  \\item $\\Delta w$: change of the weight in one update.")
    return [*lines, "\\end{itemize}"]


def _tidy(value: float) -> str:
    return re.sub(r"e\+?(-?)0*", r"e\1", number(value))


def _text(text: str) -> str:
    """Escape a text for LaTeX."""
    plain = _SPECIAL.sub(lambda match: _SPELLED.get(match[0], f"\\{match[0]}"), one_line(text))
    return "".join(_SIGNS.get(sign, sign) for sign in plain)
