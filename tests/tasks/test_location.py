"""A run knows its tasks by content: other data is refused by what is other, and a run may travel with its data."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.errors import InputError
from evometa.store.seals import put_meta
from evometa.tasks.content import changes, digest
from tests.listening import Diary

ROWS, CLASSES = 24, 6
TABLE = """
[tasks]
family = "table"
path = "data/kinds.csv"
target = "kind"
shots = 3
queries = 3
[run]
generations = 2
[sampling]
tasks = 2
validation_tasks = 2
test_tasks = 2
panel_tasks = 2
[lifetime]
batch = 3
updates = 2
[rule]
signals = ["grad"]
[evolution]
population = 6
[champion]
baselines = []
peers = false
"""
FUNCTION = TABLE.replace('family = "table"\npath = "data/kinds.csv"\ntarget = "kind"\nshots = 3\nqueries = 3\n', "")
SLOPES = """
import numpy as np

def tasks(split, count, rng):
    slope = rng.normal({mean}, 1, (count, 1, 1))
    x = rng.normal(size=(count, 6, 1))
    # {remark}
    return x[:, :3], slope * x[:, :3], x[:, 3:], slope * x[:, 3:]
"""


def lines() -> list[str]:
    """The rows of a table of six kinds, header first."""
    rng = np.random.default_rng(0)
    rows = [f"{a:.4f},{b:.4f},k{i % CLASSES}" for i, (a, b) in enumerate(rng.normal(size=(ROWS * CLASSES, 2)))]
    return ["width,height,kind", *rows]


def write(path: Path, rows: list[str]) -> None:
    """Write a table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recipe, its table, and a run of one generation; the working folder is another."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    folder = tmp_path / "home"
    write(folder / "data" / "kinds.csv", lines())
    (folder / "kinds.toml").write_text(TABLE)
    evometa.run(folder / "kinds.toml", out=folder / "runs" / "one", generations=1)
    return folder


def refusal(run: Path, **more: str) -> str:
    """What is said when a run is refused, by going on and by analysing alike."""
    with pytest.raises(InputError) as resumed:
        evometa.resume(run, generations=2, **more)  # type: ignore[arg-type]
    with pytest.raises(InputError) as analysed:
        evometa.load(run, **more).analyse(tasks=2)
    assert str(resumed.value) == str(analysed.value)
    return str(resumed.value)


def test_paths_beside_a_recipe_are_kept_relative(home: Path) -> None:
    """So the run's configuration holds no folder of this machine."""
    run = evometa.load(home / "runs" / "one")
    assert str(home) not in str(run.config)
    content = run.environment["tasks"][0]
    assert content["columns"] == ["width", "height"]
    assert content["rows"] == ROWS * CLASSES


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[: ROWS * CLASSES // 2 + 1], "72 rows in place of 144, inputs, targets"),
        (lambda rows: rows[:-1], "143 rows in place of 144, inputs, targets"),
        (
            lambda rows: [rows[0], *[r[:-1] + str((int(r[-1]) + 1) % 6) for r in rows[1:]]],
            "kinds.csv: targets. Say",
        ),
        (lambda rows: ["width,depth,kind", *rows[1:]], "kinds.csv: columns without height and with depth. Say"),
        (lambda rows: [rows[0], "9" + rows[1], *rows[2:]], "kinds.csv: inputs. Say"),
    ],
)
def test_a_changed_table_is_refused_by_what_changed(home: Path, change, words: str) -> None:  # type: ignore[no-untyped-def]
    """Rows, columns, inputs, targets; and nothing of the run is touched."""
    write(home / "data" / "kinds.csv", change(lines()))
    said = refusal(home / "runs" / "one")
    assert words in said
    assert "expected the tasks that this run began with" in said
    assert evometa.load(home / "runs" / "one").generation == 1


def test_a_run_travels_with_its_folder(home: Path, tmp_path: Path) -> None:
    """The whole folder renamed: the table is found above the run."""
    there = home.rename(tmp_path / "renamed")
    assert evometa.resume(there / "runs" / "one", generations=2).generation == 2
    assert evometa.load(there / "runs" / "one").analyse(tasks=2)


@pytest.mark.parametrize("place", ["run", "above", "working"])
def test_data_is_found_beside_the_run_and_in_the_working_folder(home: Path, tmp_path: Path, place: str) -> None:
    """A file of that name with other content is passed over on the way."""
    run, table = tmp_path / "carried" / "deep" / "one", home / "data" / "kinds.csv"
    shutil.copytree(home / "runs" / "one", run)
    put = {"run": run, "above": run.parent.parent / "data", "working": Path.cwd()}[place]
    text = table.read_text().splitlines()
    shutil.rmtree(home)
    if place != "run":
        write(run / "kinds.csv", text[:-1])
    write(put / "kinds.csv", text)
    assert evometa.resume(run, generations=2).generation == 2


def test_data_may_be_named(home: Path, tmp_path: Path) -> None:
    """A file of any name, or a folder; what is not the run's own is refused, and the places are named."""
    run, table = home / "runs" / "one", home / "data" / "kinds.csv"
    moved = tmp_path / "far" / "flowers.csv"
    moved.parent.mkdir()
    table.rename(moved)
    assert "no such file" in refusal(run)
    assert "Say where they lie with --data PATH." in refusal(run)
    write(tmp_path / "other.csv", lines()[:-1])
    assert "other.csv: 143 rows in place of 144" in refusal(run, data=str(tmp_path / "other.csv"))
    assert evometa.resume(run, generations=2, data=moved).generation == 2
    moved.rename(moved.with_name("kinds.csv"))
    assert evometa.load(run, data=moved.parent).analyse(tasks=2)


def test_a_run_without_the_record_goes_on_with_a_note(home: Path) -> None:
    """As those of earlier versions."""
    folder = home / "runs" / "one"
    record = {key: value for key, value in evometa.load(folder).environment.items() if key != "tasks"}
    with sqlite3.connect(folder / "run.db") as connection:
        put_meta(connection, "environment", record)
    connection.close()
    diary = Diary()
    evometa.resume(folder, generations=2, callbacks=[diary])
    assert any("has changed since cannot be told" in note for note in diary.heard("on_note"))


def function_run(folder: Path, **text: object) -> Path:
    """A run of one generation of tasks from a function in a folder of its own."""
    folder.mkdir()
    (folder / "slopes.toml").write_text(
        FUNCTION.replace("[tasks]", '[tasks]\nfamily = "function"\nfunction = "' + folder.name + ':tasks"')
    )
    module(folder, **text)
    evometa.run(folder / "slopes.toml", out=folder / "one", generations=1)
    return folder / "one"


def module(folder: Path, mean: float = 0.0, remark: str = "lines") -> None:
    """Write the module of a function of tasks, and forget the one that was imported, its compiled file as well:
    that one counts as current for a text of the same length written within the same second."""
    sys.modules.pop(folder.name, None)
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    (folder / f"{folder.name}.py").write_text(SLOPES.format(mean=mean, remark=remark))


def test_an_edited_function_is_refused(tmp_path: Path) -> None:
    """By its text and by what it returns; a remark in it changes nothing."""
    folder = tmp_path / "sloping"
    run = function_run(folder)
    module(folder, mean=3.0)
    said = refusal(run)
    assert "the function's text, what it returns for split train, what it returns for split validation" in said
    assert said.startswith("tasks.function: ")
    assert "Take back what was changed" in said
    module(folder, remark="another remark")
    assert evometa.resume(run, generations=2).generation == 2


def test_what_a_function_reads_belongs_to_it(tmp_path: Path) -> None:
    """The text is the same, and what it returns is not."""
    folder = tmp_path / "reading"
    text = SLOPES.replace("{mean}", "np.loadtxt(__file__ + '.txt')")
    folder.mkdir()
    (folder / "slopes.toml").write_text(
        FUNCTION.replace("[tasks]", '[tasks]\nfamily = "function"\nfunction = "reading:tasks"')
    )
    (folder / "reading.py").write_text(text.format(remark=""))
    (folder / "reading.py.txt").write_text("1")
    evometa.run(folder / "slopes.toml", out=folder / "one", generations=1)
    (folder / "reading.py.txt").write_text("2")
    said = refusal(folder / "one")
    assert "text" not in said.partition("found")[2]
    assert "what it returns for split test" in said


def test_two_modules_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """In one process, each recipe's tasks come from the module in its own folder."""
    for place, mean in (("a", 0.0), ("b", 5.0)):
        (tmp_path / place).mkdir()
        folder = tmp_path / place / "alike"
        folder.mkdir()
        (folder / "slopes.toml").write_text(
            FUNCTION.replace("[tasks]", '[tasks]\nfamily = "function"\nfunction = "alike:tasks"')
        )
        (folder / "alike.py").write_text(SLOPES.format(mean=mean, remark=""))
        evometa.run(folder / "slopes.toml", out=folder / "one", generations=1)
    contents = [evometa.load(tmp_path / place / "alike" / "one").environment["tasks"][0] for place in "ab"]
    assert contents[0]["what it returns for split train"] != contents[1]["what it returns for split train"]


def test_changes_are_said_part_by_part() -> None:
    """Counts with both figures, names that came and went, digests by their part alone."""
    before = {"columns": ["a", "b"], "rows": 3, "inputs": digest(np.zeros(3))}
    assert changes(before, dict(before)) == ""
    now = {"columns": ["b", "a"], "rows": 2, "inputs": digest(np.zeros(3, np.float32))}
    assert changes(before, now) == "columns in another order, 2 rows in place of 3, inputs"
    assert digest(np.array(["a", "b"])) == digest(np.array(["a", "b"], "U9")) != digest(np.array(["b", "a"]))
