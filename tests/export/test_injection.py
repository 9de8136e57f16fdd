"""Names that hold quotes, line breaks, backslashes, Unicode: in every format they are words and nothing else."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.export import FORMATS, export
from evometa.export.spelling import docstring, one_line
from evometa.presentation.learner import Learner
from tests.export.exported import SINE, learner_of, recipe, run_file

SHORT = recipe(
    SINE, {"update": "-exp(p0 - 3)*grad + 0.01*(w0 - w)*(1 - age)"}, plasticity={"count": 1, "tie": "group"},
    network={"hidden": [3]}, weights={"mode": "evolved"}, lifetime={"batch": 2, "updates": 3},
)  # fmt: skip

CODE = "__import__('pathlib').Path('harmed').touch()"
NAMES = [
    f'"""\n{CODE}\n"""',
    f"'''\n{CODE}\n'''",
    f'\\"""\n{CODE} #',
    f'quoted"; {CODE}; "',
    '""""""""',
    'ends with a quote"',
    "ends with a backslash\\",
    "\\N{BULLET} \\x41 \\u0041 \\",
    f"carriage\rreturn\r\n{CODE}",
    f"next\x85line\u2028separator\u2029\x0c{CODE}",
    "\u202eesrever \u2066isolated\u2069 \u200b",
    "naïve – 学習則 🧠 <b>&amp;</b> ]]> {x} %s {{}} }",
    "}\n\\end{document}\\input{/etc/passwd}\n",
    "null\x00byte\x1b[31mred",
]


def named(folder: Path, name: str) -> Learner:
    """A learner of a run whose every free text says `name`."""
    plain = "".join(c for c in name if c not in "/\x00")[:80]
    settings = {"name": name, "description": name}
    return learner_of(folder, SHORT, plain, settings)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("format", ["python", "torch", "optax", "latex", "networkx", "graphml", "json"])
def test_names_are_words_and_nothing_else(
    format: str, name: str, harmless: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    learner = named(tmp_path, name)
    monkeypatch.setattr(type(learner), "recognised", property(lambda self: name))
    text = str(export(learner, format))
    if format in ("python", "torch", "optax"):
        check_code(text, harmless[format], name)
    elif format == "latex":
        lines = text.split("\n")
        assert [line for line in lines if "harmed" in line or "input{/" in line] == [
            line for line in lines if ("harmed" in line or "input{/" in line) and line.startswith("%")
        ]
    elif format == "graphml":
        found = networkx.parse_graphml(text, node_type=int)
        assert found.graph["recipe"] == one_line(name)
    else:
        found = json.loads(text)
        assert one_line(name) in (found.get("graph") or found["provenance"])["recipe"]
    assert not (tmp_path / "harmed").exists()


def check_code(text: str, plain: str, name: str) -> None:
    """The file has the statements of one of a harmless name, and its docstring the words."""
    tree, expected = ast.parse(text), ast.parse(plain)
    assert isinstance(tree.body[0], ast.Expr)
    assert ast.dump(ast.Module(tree.body[1:], [])) == ast.dump(ast.Module(expected.body[1:], []))
    words = " ".join((ast.get_docstring(tree) or "").split())
    assert " ".join(one_line(name).split()) in words


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same learner of a run with a plain name, as code."""
    learner = learner_of(tmp_path_factory.mktemp("plain"), SHORT)
    return {format: str(export(learner, format)) for format in ("python", "torch", "optax")}


def test_without_escapes_a_name_would_be_code() -> None:
    tree = ast.parse(f'"""A run named {NAMES[0]}"""')
    assert any(isinstance(node, ast.Call) for node in ast.walk(tree))


def test_the_files_still_run(tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        (tmp_path / str(number)).mkdir()
        done = run_file(str(export(named(tmp_path / str(number), name), "python")), tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), name
    assert not (tmp_path / "harmed").exists()


def test_onnx_keeps_words_as_words(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: its export is not made")
    for number, name in enumerate(NAMES):
        (tmp_path / str(number)).mkdir()
        path = export(named(tmp_path / str(number), name), "onnx", tmp_path / f"{number}.onnx")
        told = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
        assert told["recipe"] == one_line(name)


@given(st.text())
def test_a_docstring_holds_any_text(text: str) -> None:
    for written in (docstring(text), docstring(f"first\n\n{text}\nlast", "    ")):
        tree = ast.parse(f"def f():\n    {written.strip()}\n    return 1\n")
        function = tree.body[0]
        assert isinstance(function, ast.FunctionDef)
        assert len(function.body) == 2
        assert isinstance(function.body[0], ast.Expr)


@given(st.text(alphabet=st.characters()))
def test_one_line_is_one_printable_line(text: str) -> None:
    found = one_line(text)
    assert found.isprintable()
    assert found == text or not text.isprintable()
    found.encode()


def test_every_format_is_tried() -> None:
    assert set(FORMATS) == {"python", "torch", "optax", "latex", "networkx", "graphml", "json", "onnx"}
