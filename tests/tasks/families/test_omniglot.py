"""Omniglot: fetching the archives (a local server stands in), reading npz, splits of characters."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError, RunFailed
from evometa.tasks import omniglot_archive, open_family
from evometa.tasks.families.omniglot import OmniglotTasks
from evometa.tasks.omniglot_archive import Archive
from tests.tasks.characters import omniglot_file
from tests.tasks.contract import check_contract

BESIDE = Path(__file__).parents[3] / "shared/data/omniglot28.npz"
REAL = Path(os.environ.get("EVOMETA_OMNIGLOT") or BESIDE)
needs_data = pytest.mark.skipif(not REAL.exists(), reason=f"no Omniglot at {REAL}: set EVOMETA_OMNIGLOT")


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    """A small file in the known form."""
    return omniglot_file(tmp_path)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Archive, ...]]:
    """Two small archives of PNG files on a local server, and an empty cache."""
    from PIL import Image

    folder = tmp_path / "server"
    folder.mkdir()
    monkeypatch.setenv("EVOMETA_CACHE", str(tmp_path / "cache"))
    handler = partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        archives = []
        for part, count in (("images_background", 12), ("images_evaluation", 6)):
            with zipfile.ZipFile(folder / f"{part}.zip", "w") as archive:
                for c in range(count):
                    for d in range(20):
                        pixels = np.full((105, 105), 255, np.uint8)
                        pixels[30:60, 20 + 2 * d : 50 + 2 * d] = 0  # ink is dark
                        file = io.BytesIO()
                        Image.fromarray(pixels).convert("1").save(file, "png")
                        name = f"{part}/Alphabet{c // 3}/character{c:02d}/{c:04d}_{d:02d}.png"
                        archive.writestr(name, file.getvalue())
            md5 = hashlib.md5((folder / f"{part}.zip").read_bytes()).hexdigest()
            archives.append(Archive(f"http://127.0.0.1:{server.server_address[1]}/{part}.zip", md5))
        yield tuple(archives)
        server.shutdown()
        thread.join()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_archives_are_fetched_checked_resized_and_kept(served: tuple[Archive, ...], tmp_path: Path) -> None:
    found = omniglot_archive.fetched(served)
    assert found.x.shape == (18, 20, 28, 28)
    assert found.keys[0] == "images_background/Alphabet0/character00"
    assert found.keys[-1] == "images_evaluation/Alphabet1/character05"
    assert found.x[0, 0, 0, 0] == 0
    assert found.x[0, 0, 11, 9] == 255
    kept = list((tmp_path / "cache").glob("*.npz"))
    assert len(kept) == 1
    for archive in (tmp_path / "cache").glob("*.zip"):
        archive.unlink()
    (tmp_path / "server/images_background.zip").unlink()
    again = omniglot_archive.fetched(served)
    assert again.keys == found.keys
    assert again.x.tobytes() == found.x.tobytes()


def test_a_family_without_a_path_uses_the_archives(
    served: tuple[Archive, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(omniglot_archive.fetched, "__defaults__", (served,))
    check_contract(open_family(OmniglotTasks(ways=3, shots=1, queries=2), 0))


def test_a_failed_fetch_says_to_give_a_path(served: tuple[Archive, ...], tmp_path: Path) -> None:
    gone = Archive(served[0].url.replace("background", "missing"), served[0].md5)
    with pytest.raises(RunFailed, match=r"images_missing.zip: HTTPError. Give a file in tasks.path"):
        omniglot_archive.fetched((gone, served[1]))
    closed = Archive("http://127.0.0.1:9/images_background.zip", served[0].md5)
    with pytest.raises(RunFailed, match=r"ConnectionError. Give a file in tasks.path"):
        omniglot_archive.fetched((closed,))


def test_a_wrong_checksum_is_refused_and_nothing_is_kept(served: tuple[Archive, ...], tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="not the known checksum"):
        omniglot_archive.fetched((Archive(served[0].url, "0" * 32), served[1]))
    assert not list((tmp_path / "cache").glob("*.npz"))


def test_an_unwritable_cache_is_named(
    served: tuple[Archive, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EVOMETA_CACHE", str(tmp_path / "file"))
    with pytest.raises(RunFailed, match="Set EVOMETA_CACHE"):
        omniglot_archive.fetched(served)


def test_without_pillow_the_error_says_what_to_install(
    served: tuple[Archive, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(InputError, match="pip install pillow"):
        omniglot_archive.fetched(served)


@pytest.mark.parametrize("size", [7, 14, 28])
@pytest.mark.parametrize("split", ["official", "random"])
def test_contract(npz: Path, size: int, split: str) -> None:
    settings = OmniglotTasks(path=npz.name, size=size, split=split, shots=1, queries=2)  # type: ignore[arg-type]
    check_contract(open_family(settings, 0, base=npz.parent))


@pytest.mark.parametrize("split", ["official", "random"])
def test_no_character_is_in_two_splits(npz: Path, split: str) -> None:
    settings = OmniglotTasks(path=str(npz), size=28, split=split, shots=2, queries=3)  # type: ignore[arg-type]
    family = open_family(settings, 0)
    met: dict[str, set[tuple[float, float]]] = {}
    for name in family.splits:
        x = family.sample(name, 300, np.random.default_rng(0)).support_x * 255
        met[name] = set(zip(x[:, 0].ravel().tolist(), x[:, -1].ravel().tolist(), strict=True))
    assert sum(len(part) for part in met.values()) == len(set.union(*met.values())) == 60
    if split == "official":
        assert {part for _, part in met["test"]} == {128.0}
        assert {part for _, part in met["train"] | met["validation"]} == {255.0}
        alphabets = {name: {int(c) // 5 for c, _ in met[name]} for name in ("train", "validation")}
        assert not alphabets["train"] & alphabets["validation"]


def test_images_shrink_by_block_means(npz: Path) -> None:
    x = np.load(npz)["x"]
    big, small = (
        open_family(OmniglotTasks(path=str(npz), size=size, shots=1, queries=1), 0)  # type: ignore[arg-type]
        .sample("train", 4, np.random.default_rng(0))
        .support_x
        for size in (28, 7)
    )
    means = big.reshape(5, 7, 4, 7, 4, 4).mean(axis=(2, 4)).reshape(5, 49, 4)
    assert np.allclose(small, means, atol=1e-6)
    assert big.max() == x.max() / 255


@pytest.mark.parametrize(
    "change, words",
    [
        ({"x": None}, "no array x"),
        ({"x": np.zeros((60, 20, 28, 28), np.float32)}, "found float32"),
        ({"x": np.zeros((60, 20, 105, 105), np.uint8)}, r"found uint8\[60, 20, 105, 105\]"),
        ({"keys": np.arange(60)}, "keys as 60 texts"),
        ({"keys": np.array(["a/b"] * 60)}, "found a/b"),
        ({"keys": np.array(["a/b/c"] * 60)}, "each key once"),
        (
            {"keys": np.array([f"test/a/{k}" for k in range(60)])},
            "at least two alphabets under images_background",
        ),
    ],
)
def test_files_of_another_form_are_refused(npz: Path, change: dict[str, np.ndarray | None], words: str) -> None:
    content = {**np.load(npz), **change}
    np.savez(npz, **{name: array for name, array in content.items() if array is not None})
    with pytest.raises(InputError, match=words):
        open_family(OmniglotTasks(path=str(npz)), 0)


@pytest.mark.parametrize("content", [b"", b"not an npz file", b"PK\x03\x04" + bytes(50)])
def test_unreadable_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad.npz \(tasks.path\): expected an npz file with x and keys"):
        open_family(OmniglotTasks(path=str(path)), 0)


def test_a_truncated_file_and_a_missing_one_are_refused(npz: Path) -> None:
    npz.write_bytes(npz.read_bytes()[:-400])
    with pytest.raises(InputError, match="expected an npz file"):
        open_family(OmniglotTasks(path=str(npz)), 0)
    with pytest.raises(InputError, match=r"found no such file\. Leave tasks.path out to fetch"):
        open_family(OmniglotTasks(path="missing.npz"), 0)


def test_more_drawings_than_there_are_is_refused(npz: Path) -> None:
    with pytest.raises(InputError, match="at least 21 train drawings each"):
        open_family(OmniglotTasks(path=str(npz), shots=10, queries=11), 0)


@needs_data
def test_the_real_characters_divide_as_published() -> None:
    official = open_family(OmniglotTasks(path=str(REAL), size=7), 0)
    assert official.splits["test"].startswith("659 characters of 20 alphabets")
    random = open_family(OmniglotTasks(path=str(REAL), size=7, split="random"), 0)
    assert random.splits["test"].startswith("423 characters of 50 alphabets")
    check_contract(official)
