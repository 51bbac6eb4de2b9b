"""The data in ``data/`` is what its manifest says, and the loader refuses anything else."""

import json
import lzma
import shutil

import numpy as np
import pytest
import torch

from harsanyi.networks import data, files, text

ROOT = files.project_root()
MANIFEST = json.loads((ROOT / "data" / "manifest.json").read_text(encoding="utf-8"))
ROWS = {
    "mnist": (10_000, 2_000),
    "fashion-mnist": (6_000, 1_000),
    "movie-sentences": (7_799, 1_372),
    "census": (39_074, 9_768),
    "bikes": (6_924, 1_721),
    "furniture": (130, 56),
}


@pytest.fixture
def copied_root(tmp_path, monkeypatch):
    """A project root with a copy of one small data set, free to be damaged."""
    (tmp_path / "data").mkdir()
    for file in ("manifest.json", "bikes.csv.xz"):
        shutil.copy(ROOT / "data" / file, tmp_path / "data" / file)
    monkeypatch.setenv("HARSANYI_ROOT", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", MANIFEST)
def test_every_file_has_the_sum_and_size_of_the_manifest_and_of_the_readme(name):
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for file, entry in MANIFEST[name]["files"].items():
        path = ROOT / "data" / file
        assert files.sha256(path) == entry["sha256"]
        assert path.stat().st_size == entry["bytes"] < 4_000_000
        assert f"| `{file}` | {entry['bytes']:,} | `{entry['sha256']}` |" in readme


def test_nothing_lies_in_the_folder_that_no_one_describes():
    described = {file for entry in MANIFEST.values() for file in entry["files"]}
    folder = ROOT / "data"
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".part" and "__pycache__" not in path.parts
    }
    assert found == described | {"prepare.py", "furniture.py", "manifest.json", "README.md"}


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name", ROWS)
def test_every_split_loads_with_finite_numbers(name, split):
    found = data.load(name, split)
    assert len(found.x) == len(found.y) == ROWS[name][split == "test"]
    assert found.x.dtype == torch.float32 and torch.isfinite(found.x).all()
    if found.classes:
        assert sorted(found.y.unique().tolist()) == list(range(len(found.classes)))


def test_image_subsets_are_balanced_and_within_range():
    for name in ("mnist", "fashion-mnist"):
        found = data.load(name, "test")
        assert found.x.shape[1:] == (1, 28, 28)
        assert found.x.min() == 0 and found.x.max() == 1
        assert len(set(torch.bincount(found.y).tolist())) == 1


def test_tables_are_standardised_on_the_training_rows_and_keep_their_readable_form():
    for name in ("census", "bikes"):
        found = data.load(name)
        assert torch.allclose(found.x.mean(0), torch.zeros(len(found.features)), atol=1e-4)
        assert torch.allclose(found.x.std(0), torch.ones(len(found.features)), atol=1e-4)
        assert set(found.features) <= set(found.rows[0])


def test_no_day_of_the_bikes_is_in_both_splits():
    days = [{row["day"] for row in data.load("bikes", split).rows} for split in ("train", "test")]
    assert not days[0] & days[1]


def test_no_sentence_is_in_both_splits_and_the_rating_decides_the_class():
    train, test = (data.load("movie-sentences", split) for split in ("train", "test"))
    assert not set(train.texts) & set(test.texts)
    ratings = np.array([float(row["rating"]) for row in test.rows])
    assert (abs(ratings) >= 1).all()
    assert ((ratings > 0) == test.y.bool().numpy()).all()


def test_points_fill_the_unit_ball_and_every_shape_has_a_licensed_library():
    found = data.load("furniture")
    radius = found.x.norm(dim=-1)
    assert torch.allclose(radius.amax(1), torch.ones(len(found.x)), atol=1e-3)
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{row['library']}` |" in readme and row["creator"] for row in found.rows)


def test_a_damaged_file_is_named_with_the_command_that_rebuilds_it(copied_root):
    path = copied_root / "data" / "bikes.csv.xz"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match=r"bikes\.csv\.xz is damaged.*data/prepare\.py bikes"):
        data.load("bikes")


def test_a_missing_file_is_named_with_the_command_that_rebuilds_it(copied_root):
    with pytest.raises(FileNotFoundError, match=r"mnist-train\.npz is missing.*prepare\.py mnist"):
        data.load("mnist")


def test_unknown_names_and_splits_are_refused():
    with pytest.raises(KeyError, match="there are mnist, .*sst2"):
        data.load("minst")
    with pytest.raises(ValueError, match="'train' or 'test'"):
        data.load("mnist", "dev")


def test_an_unreachable_set_of_the_papers_names_its_stand_in(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "data" / "manifest.json", tmp_path / "data")
    monkeypatch.setenv("HARSANYI_ROOT", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(ConnectionError, match="'cifar10'.*stand-in 'fashion-mnist'") as caught:
        data.load("cifar10")
    assert "\n" not in str(caught.value)


def test_a_root_without_a_manifest_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("HARSANYI_ROOT", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="HARSANYI_ROOT"):
        files.project_root()


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "sub" / "file.txt"
    files.write_atomically(path, lambda part: part.write_text("old"))

    def fail(part):
        part.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.write_atomically(path, fail)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_words_own_their_tokens_and_frame_tokens_belong_to_nobody():
    words = text.Vocabulary.from_texts(["Not bad, not bad at all"] * 2)
    found = words.encode("Not bad, Sir")
    assert found.words == ("Not", "bad,", "Sir")
    assert found.groups == ((0,), (1, 2), (3,))
    assert found.ids[3] == words.unknown_id
    assert text.batch(words, ["bad", "not bad at all"], 3).tolist()[0][1:] == [words.pad_id] * 2
    with pytest.raises(ValueError, match="at least one word"):
        words.encode("  ")


def test_the_word_vocabulary_is_the_same_at_each_call():
    texts = data.load("movie-sentences").texts
    first, second = (text.Vocabulary.from_texts(texts).words for _ in range(2))
    assert first == second


def test_the_tables_in_the_folder_are_plain_csv():
    with lzma.open(ROOT / "data" / "census.csv.xz", "rt") as table:
        assert table.readline().rstrip().endswith(",income,split")
