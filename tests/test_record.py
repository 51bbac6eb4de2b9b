"""A record has conditions, and its verdict follows from them."""

import json

import numpy as np
import pytest
import torch

import harsanyi as hs
from harsanyi.show import record as module
from harsanyi.show.record import read_records, record_path, verdict

PAGE = "chapters/reproductions/some"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project of its own, with one page."""
    for name in ("data/manifest.json", f"{PAGE}.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    monkeypatch.setenv("HARSANYI_ROOT", str(tmp_path))
    return tmp_path


def write(id="C-6", **changed):
    given = {
        "ours": {"patterns": 40},
        "control": {"noise": 700},
        "decides": {"few suffice": True},
        "further": {"noise needs more": True},
        "scale": "smoke",
        "seed": 0,
        "notebook": PAGE,
    }
    return hs.record(id, **(given | changed))


@pytest.mark.parametrize(
    "decides,further,expected",
    [
        ([True], [], "holds"),
        ([True, True], [True], "holds"),
        ([True], [False], "holds in part"),
        ([True, False], [True], "holds in part"),
        ([False], [True, True], "does not hold here"),
        ([False, False], [], "does not hold here"),
    ],
)
def test_the_verdict_follows_from_the_conditions(decides, further, expected):
    named = [{f"{kind} {i}": x for i, x in enumerate(xs)} for kind, xs in
             (("decides", decides), ("further", further))]  # fmt: skip
    assert verdict(*named) == expected


def test_a_record_reads_back_as_it_was_written(root):
    measured = {"a": torch.tensor(0.5), "b": np.float32(2), "c": np.int64(3), "d": "no number"}
    made = write(ours=measured, decides={"x": np.bool_(True)})
    assert read_records("smoke") == {"C-6": made}
    assert made.ours == {"a": 0.5, "b": 2.0, "c": 3, "d": "no number"}
    assert set(made.versions) == {"harsanyi", "torch", "numpy"}
    assert made.claim == module.CLAIMS["C-6"].claim and made.verdict == "holds"
    assert read_records("laptop") == {}
    shown = made._repr_markdown_()
    assert shown.startswith("**C-6: holds.**") and "✓ noise needs more" in shown and "c: 3" in shown


def test_a_verdict_cannot_be_given(root):
    with pytest.raises(TypeError):
        write(verdict="holds")


def test_a_verdict_cannot_be_written_into_the_file(root):
    write(decides={"few suffice": False})
    path = record_path("C-6", "smoke")
    facts = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(facts | {"verdict": "holds"}), "utf-8")
    with pytest.raises(ValueError, match="does not follow"):
        read_records("smoke")


def test_writing_twice_leaves_one_file_with_the_same_bytes(root):
    write()
    path = record_path("C-6", "smoke")
    first = path.read_bytes()
    write()
    assert path.read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == ["C-6.json"]


@pytest.mark.parametrize(
    "error,match,changed",
    [
        (KeyError, "C-99", {"id": "C-99"}),
        (ValueError, "claim= and paper=", {"id": "H-noise"}),
        (ValueError, "scale: got 'huge'", {"scale": "huge"}),
        (TypeError, "seed: got 1.5", {"seed": 1.5}),
        (ValueError, "no chapters/none.md here", {"notebook": "chapters/none"}),
        (ValueError, "ours", {"ours": {}}),
        (ValueError, "finite", {"ours": {"a": float("nan")}}),
        (TypeError, "a number or text", {"ours": {"a": [1.0]}}),
        (TypeError, "a number or text", {"control": {"a": True}}),
        (TypeError, "True or False", {"decides": {"a": 0.9}}),
        (TypeError, "True or False", {"further": {"a": "holds"}}),
        (ValueError, "condition", {"decides": {}}),
        (ValueError, "without words", {"decides": {" ": True}}),
        (ValueError, "none in both", {"further": {"few suffice": True}}),
    ],
)
def test_errors_at_the_door_write_nothing(root, error, match, changed):
    with pytest.raises(error, match=match):
        write(**({"id": "C-6"} | changed))
    assert not record_path("C-6", "smoke").parent.exists()


def test_a_finding_of_our_own_brings_its_words(root):
    made = write("H-noise", claim="Noise is not sparse.", paper="not asked")
    assert read_records("smoke")["H-noise"] == made


def test_a_broken_file_is_named(root):
    path = record_path("C-6", "smoke")
    path.parent.mkdir(parents=True)
    path.write_text('{"id": "C-6"}')
    with pytest.raises(ValueError, match="C-6.json is no record"):
        read_records("smoke")
