"""Images of a folder: layouts, modes and sizes, divisions, and what bad folders are told."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.tasks import image_folder, open_family
from evometa.tasks.alphabets import characters
from evometa.tasks.alphabets.folder import write
from evometa.tasks.families import alphabets
from evometa.tasks.families.alphabets import AlphabetsTasks
from evometa.tasks.families.images import ImagesTasks
from evometa.tasks.location import Places, open_families
from tests.tasks.contract import check_contract, examples

CLASSES, IMAGES = 12, 6
LISTS = {"train": tuple(f"class{c:02}" for c in range(9)), "test": ("class09", "class10", "class11")}
FEW: dict[str, Any] = {"ways": 2, "shots": 1, "queries": 1}


def fill(folder: Path, classes: range = range(CLASSES)) -> Path:
    """Grey images of 4×4, each of one shade of its own that no other has."""
    for c, number in itertools.product(classes, range(IMAGES)):
        (folder / f"class{c:02}").mkdir(parents=True, exist_ok=True)
        shade = 3 * (c * IMAGES + number)
        Image.new("L", (4, 4), shade).save(folder / f"class{c:02}" / f"{number}.png")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path / "data")


def settings(folder: Path, **keys: Any) -> ImagesTasks:
    return ImagesTasks(path=str(folder), **{"size": 2, **FEW, **keys})


def met(family: Any) -> dict[str, set[int]]:
    """The images of each split, by number."""
    found = {}
    for split in family.splits:
        tasks = family.sample(split, 300, np.random.default_rng(0))
        both = np.concatenate([tasks.support_x, tasks.query_x])
        found[split] = set(np.rint(both[:, 0].ravel() * 85).astype(int).tolist())
    return found


@pytest.mark.parametrize("divide", ["classes", "names", "images"])
def test_contract_and_splits_apart(folder: Path, divide: str) -> None:
    family = open_family(settings(folder, divide=divide), 0)
    check_contract(family)
    parts = met(family)
    assert all(one.isdisjoint(other) for one, other in itertools.combinations(parts.values(), 2))
    assert set().union(*parts.values()) == set(range(CLASSES * IMAGES))
    classes = {split: {number // IMAGES for number in part} for split, part in parts.items()}
    if divide == "images":
        assert all(part == set(range(CLASSES)) for part in classes.values())
        assert family.unit == "image"
        units = family.units("test", 20, np.random.default_rng(0))
        assert (family.strata(units) == units // IMAGES).all()
    else:
        assert [len(part) for part in classes.values()] == [6, 2, 4]
        assert family.strata(family.units("test", 20, np.random.default_rng(0))) is None
    if divide == "names":
        assert classes == {"train": set(range(6)), "validation": {6, 7}, "test": set(range(8, 12))}


def test_classes_by_chance_follow_the_seed(folder: Path) -> None:
    first, again, other = (met(open_family(settings(folder), seed)) for seed in (0, 0, 1))
    assert first == again != other


def test_classes_by_list_and_by_folder(folder: Path, tmp_path: Path) -> None:
    names = [f"class{c:02}" for c in range(CLASSES)]
    listed = open_family(settings(folder, train=tuple(names[:5]), test=tuple(names[5:8])), 0)
    classes = {split: {number // IMAGES for number in part} for split, part in met(listed).items()}
    assert classes["train"] | classes["validation"] == set(range(5))
    assert [len(part) for part in classes.values()] == [3, 2, 3]
    fill(tmp_path / "parts/train", range(4))
    fill(tmp_path / "parts/validation", range(4, 6))
    fill(tmp_path / "parts/test", range(6, 9))
    parts = met(open_family(settings(tmp_path / "parts", divide="folders"), 0))
    assert [sorted({number // IMAGES for number in part}) for part in parts.values()] == [
        [0, 1, 2, 3],
        [4, 5],
        [6, 7, 8],
    ]


def test_the_alphabets_as_a_folder_give_the_same_episodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = characters()
    some = np.concatenate([np.arange(700, 710), np.arange(0, 1481, 80)])  # Latin letters, and their look-alikes
    some = np.unique(np.concatenate([some, np.flatnonzero(np.isin(every.forms, some))]))
    forms = np.searchsorted(some, every.forms[some])
    few = dataclasses.replace(
        every,
        scripts=tuple(every.scripts[c] for c in some),
        letters=tuple(every.letters[c] for c in some),
        forms=forms,
        x=every.x[some],
    )
    assert write(tmp_path / "drawn", few) > 500
    monkeypatch.setattr(alphabets, "characters", lambda: few)
    keys: dict[str, Any] = {**FEW, "size": 14, "train_ways": 4}
    shipped = open_family(AlphabetsTasks(**keys), 0)
    read = open_family(ImagesTasks(path=str(tmp_path / "drawn"), divide="folders", **keys), 0)
    for split in shipped.splits:
        one, other = (family.sample(split, 40, np.random.default_rng(2)) for family in (shipped, read))
        assert all((getattr(one, key) == getattr(other, key)).all() for key in vars(one))


def test_modes_and_sizes_become_one(tmp_path: Path) -> None:
    """A red image in whatever mode, and grey ones: as people see them."""
    for name, image in {
        "rgb": Image.new("RGB", (9, 6), (255, 0, 0)),
        "palette": Image.new("RGB", (8, 8), (255, 0, 0)).convert("P", palette=Image.Palette.ADAPTIVE),
        "clear": Image.new("RGBA", (5, 5), (0, 0, 0, 0)),
        "deep": Image.fromarray(np.full((7, 7), 65535, np.uint16)),
        "bits": Image.new("1", (3, 3), 1),
    }.items():
        (tmp_path / name).mkdir()
        image.save(tmp_path / name / "0.png")
    grey = image_folder.read_folder(tmp_path, 2, False)
    colour = image_folder.read_folder(tmp_path, 2, True)
    red, white = (76 / 255, 1.0)
    shade = {name: grey.x[rows[0]] for name, rows in grey.members.items()}
    assert all(np.allclose(shade[name], red, atol=0.005) for name in ("rgb", "palette"))
    assert all((shade[name] == white).all() for name in ("clear", "deep", "bits"))
    hue = {name: colour.x[rows[0]].reshape(4, 3) for name, rows in colour.members.items()}
    assert np.allclose(hue["rgb"], [1, 0, 0])
    assert np.allclose(hue["palette"], [1, 0, 0], atol=0.02)
    assert (hue["deep"] == 1).all()
    assert any("1 of 5 images are no squares" in note for note in grey.notes)
    assert any("2 of 5 images are grey" in note for note in colour.notes)


def unreadable(folder: Path) -> None:
    (folder / "class03/0.png").write_bytes(b"no image")


def truncated(folder: Path) -> None:
    Image.effect_noise((64, 64), 50).save(folder / "class03/0.png")
    (folder / "class03/0.png").write_bytes((folder / "class03/0.png").read_bytes()[:900])


def real_numbers(folder: Path) -> None:
    Image.fromarray(np.ones((3, 3), np.float32)).save(folder / "class03/0.tiff")


def emptied(folder: Path) -> None:
    (folder / "class99").mkdir()
    (folder / "class99/notes.txt").write_text("none")


def single(folder: Path) -> None:
    for number in range(1, IMAGES):
        (folder / f"class04/{number}.png").unlink()


def nothing(folder: Path) -> None:
    pass


@pytest.mark.parametrize(
    "spoil, keys, words",
    [
        (unreadable, {}, r"class03/0\.png: expected an image that can be read; found something else"),
        (truncated, {}, r"class03/0\.png: expected an image that can be read; found OSError"),
        (real_numbers, {}, r"0\.tiff: expected an image of 8 or 16 bits a channel; found mode F"),
        (emptied, {}, r"class99: expected images in the folder of each class .*; found none\. Add some, or remove"),
        (single, {}, r"expected at least 2 \w+ images each \(shots \+ queries\); found 1 in class04"),
        (single, {}, r"Lower tasks\.shots or tasks\.queries, or remove the folder of that class\.$"),
        (single, {"divide": "images"}, r"at least 6 images of each class, .* found 1 of class04"),
        (nothing, {"ways": 5}, r"at least 15 classes \(5 for train, 5 for validation, 5 for test\); found 12\."),
        (nothing, {"ways": 5}, r'Lower tasks\.ways, or set tasks\.divide = "images" to learn these'),
        (nothing, {"ways": 13}, r'or set tasks\.divide = "images", with tasks\.ways of at most 12, to'),
        (nothing, {"ways": 5, "shots": 2}, r'"images", with fewer tasks\.shots or tasks\.queries, to learn'),
        (nothing, {"train_ways": 9}, r"9 for train.* found 12\. Lower tasks\.train_ways, or"),
        (nothing, {"ways": 6, "train_ways": 9}, r"found 12\. Lower tasks\.train_ways and tasks\.ways, or"),
        (nothing, {"test_fraction": 0.75}, r"9 for test\); found 12\. Lower tasks\.test_fraction, or"),
        (nothing, {"other_tests": ({"ways": 9},)}, r"9 for test\).* Lower the ways in tasks\.other_tests, or"),
        (nothing, {"queries": 6}, r"expected at least 7 \w+ images each .* found 6 in class"),
        (nothing, {"divide": "folders"}, r"expected folders train, validation, test in it.*; found no folder train"),
        (nothing, {"train": ("class01", "class02", "class77"), "test": ("class03",)}, "tasks.train: .*found class77"),
        (nothing, {"train": ("class01", "class02"), "test": ("class03",)}, r"at least 4 classes .*\. List more\.$"),
        (nothing, {**LISTS, "train_ways": 9}, r"tasks\.train: .*9 for train.* List more, or lower tasks\.train_ways\."),
    ],
)  # fmt: skip
def test_bad_folders_are_told(folder: Path, spoil: Any, keys: dict[str, Any], words: str) -> None:
    spoil(folder)
    with pytest.raises(InputError, match=words):
        open_family(settings(folder, **keys), 0)


def test_folders_of_another_layout_are_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    for path, words in (
        (tmp_path / "none", "found no such folder"),
        (folder / "class00/0.png", "found a file"),
        (folder / "class00", "found no folder, 6 images beside"),
        (tmp_path / "empty", "found an empty one"),
    ):
        with pytest.raises(InputError, match=rf"\(tasks.path\): expected a folder with one folder of images.*{words}"):
            open_family(settings(path), 0)
    monkeypatch.setattr(image_folder.machine, "memory", lambda: 1000)
    with pytest.raises(InputError, match=r"0\.0 GiB for 72 of them\. Lower tasks\.size"):
        open_family(settings(folder), 0)


def test_without_pillow_the_error_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(InputError, match="pip install pillow"):
        open_family(settings(folder), 0)


def test_a_run_knows_its_images_wherever_they_lie(folder: Path, tmp_path: Path) -> None:
    def config(path: Path) -> Config:
        return Config.model_validate({"tasks": {"family": "images", "path": str(path), "size": 2, **FEW}})

    gone, known = config(tmp_path / "gone"), open_families(config(folder), Places(tmp_path))[0].content()
    there = Places(tmp_path, run=tmp_path, data=folder, contents=[known])
    assert examples(open_families(gone, there)[0].sample("test", 9, np.random.default_rng(0)))
    Image.new("L", (4, 4), 77).save(folder / "class00/0.png")
    with pytest.raises(InputError, match=r"other content in .*images"):
        open_families(gone, there)
