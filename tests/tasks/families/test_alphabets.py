"""Printed characters: the bits that are shipped, what a class is, and that no form is in two splits."""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.tasks import open_family
from evometa.tasks.alphabets import DRAWINGS, GREYS, SPLITS, characters, classes, packed, unpacked
from evometa.tasks.alphabets.drawing import Fonts, drawing
from evometa.tasks.content import digest
from evometa.tasks.families.alphabets import AlphabetsTasks
from tests.tasks.contract import check_contract, examples

COUNTS = {"train": (1087, 921), "validation": (94, 87), "test": (300, 300)}


def test_every_machine_has_the_same_bits() -> None:
    found = characters()
    assert found.x.shape == (1481, DRAWINGS, 28, 28)
    assert found.x.max() == GREYS
    assert digest(found.x) == "sha256:83dbeb7fbfcd66ded47a8906880eac5b7e421451aeb73af77efab2afb3fffc1a"
    assert (
        digest(np.array(found.names), found.forms)
        == "sha256:1339a49e3e8326e25c722bcacedc08a39e6411f976659aae41f5a75abeb42e73"
    )
    assert open_family(AlphabetsTasks(), 0).content()["drawings"] == digest(found.x)


def test_what_is_packed_is_read_again() -> None:
    found = characters()
    few = dataclasses.replace(
        found, scripts=found.scripts[:3], letters=found.letters[:3], forms=found.forms[:3], x=found.x[:3]
    )
    again = unpacked(packed(few))
    assert (again.names, again.forms.tolist()) == (few.names, few.forms.tolist())
    assert (again.x == few.x).all()
    assert not again.x.flags.writeable


def test_characters_are_drawn_as_they_are_shipped() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        pytest.skip("Matplotlib, whose fonts the characters are drawn with, is not installed")
    found, fonts = characters(), Fonts()
    assert fonts.letters("N'Ko") == [c for c, s in zip(found.letters, found.scripts, strict=True) if s == "N'Ko"]
    for c in (0, 700, 1480):
        made = drawing(found.letters[c], 7, fonts).astype(int)
        assert abs(made - found.x[c, 7]).mean() < 0.05  # versions of FreeType round differently


def test_a_class_is_a_form_and_a_form_is_in_one_split() -> None:
    found = characters()
    divided = classes(found)
    for split, (letters, forms) in COUNTS.items():
        assert sum(script in SPLITS[split] for script in found.scripts) == letters
        assert len(divided[split]) == forms
        alike = [np.unique(found.forms[same]) for same in divided[split].values()]
        assert all(len(form) == 1 for form in alike)
        assert len({int(form[0]) for form in alike}) == forms
        scripts = {found.scripts[c] for same in divided[split].values() for c in same}
        assert scripts == set(SPLITS[split])
    forms_of = [{int(found.forms[c]) for same in one.values() for c in same} for one in divided.values()]
    assert all(one.isdisjoint(other) for one, other in itertools.combinations(forms_of, 2))


def test_letters_that_look_alike_are_one_class() -> None:
    found = characters()
    alike = {letter: int(form) for letter, form in zip(found.letters, found.forms, strict=True)}
    assert alike["E"] == alike["Е"] == alike["Ε"]  # Latin, Cyrillic, Greek
    assert alike["O"] == alike["Օ"] != alike["o"]  # Latin and Armenian; a small one is another
    names = {split: set(members) for split, members in classes(found).items()}
    assert "Latin 0055" not in names["train"]
    assert "Armenian 054D" in names["test"]


@pytest.mark.parametrize("size", [7, 14, 28])
def test_contract(size: int) -> None:
    check_contract(open_family(AlphabetsTasks(size=size, shots=2, queries=3), 0))  # type: ignore[arg-type]


def test_splits_share_no_drawing_and_the_seed_changes_nothing() -> None:
    family, other = (open_family(AlphabetsTasks(), seed) for seed in (0, 1))
    drawn = [examples(family.sample(split, 300, np.random.default_rng(0))) for split in family.splits]
    assert all(one.isdisjoint(another) for one, another in itertools.combinations(drawn, 2))
    assert drawn[0] == examples(other.sample("train", 300, np.random.default_rng(0)))


def test_images_shrink_by_block_means_exactly() -> None:
    whole, small = (
        open_family(AlphabetsTasks(size=size), 0).sample("test", 5, np.random.default_rng(0)).query_x
        for size in (28, 7)
    )  # type: ignore[arg-type]
    blocks = np.rint(whole.astype(np.float64) * GREYS).reshape(len(whole), 7, 4, 7, 4, 5).sum(axis=(2, 4))
    assert (small == (blocks.reshape(small.shape) / (GREYS * 16)).astype(np.float32)).all()


def test_more_ways_or_drawings_than_there_are_are_refused() -> None:
    with pytest.raises(InputError, match="expected at least 88 validation characters; found 87"):
        open_family(AlphabetsTasks(ways=88), 0)
    with pytest.raises(InputError, match=r"expected at least 21 train drawings each .* found 20 in Arabic"):
        open_family(AlphabetsTasks(shots=11), 0)
