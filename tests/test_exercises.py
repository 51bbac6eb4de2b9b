"""Every exercise of the book: its stub does not pass its check, its solution does.

The cells run as a reader would run them: the chapter's first import cell, then the exercise's.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import harsanyi as hs

ROOT = Path(__file__).parents[1]
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```\s*$", re.S | re.M)
HEADING = re.compile(r"^### .*?(●○○|●●○|●●●).*?(\d+)\s*min", re.M)
CHECK = re.compile(r"\bcheck_\w+\s*\(")


@dataclass(frozen=True)
class Exercise:
    """One exercise as it stands in a chapter."""

    chapter: str
    label: str
    heading: str  # what stands between the last heading and the exercise
    imports: str
    stub: str
    solution: str


def source(cell: str) -> str:
    """Return a cell's code without its metadata."""
    cell = re.sub(r"\A---\n.*?^---\n", "", cell, flags=re.S | re.M)
    return re.sub(r"\A(?::\w[^\n]*\n)+", "", cell)


def cells(text: str) -> list[str]:
    """Return the code of all cells of a piece of a chapter."""
    return [source(found) for found in CELL.findall(text)]


def between(text: str, start: str, end: str) -> str:
    """Return what stands between two gates, or nothing where there is no such gate."""
    found = re.search(rf"{start}(.*?)^`+\{{{end}\}}", text, re.S | re.M)
    return found.group(1) if found else ""


def exercises(path: Path) -> list[Exercise]:
    """Read the gated exercises of one chapter."""
    text = path.read_text(encoding="utf-8")
    imports = next((c for c in cells(text) if re.search(r"^import ", c, re.M)), "")
    gate = re.compile(r"^`+\{exercise-start\}[^\n]*\n(?::[^\n]*\n)*?:label:\s*(\S+)", re.M)
    found = []
    for start in gate.finditer(text):
        label = start.group(1)
        stub = between(text[start.end() :], "", "exercise-end")
        opening = rf"^`+\{{solution-start\}}\s*{re.escape(label)}\s*$"
        solution = between(text, opening, "solution-end")
        heading = text[: start.start()].rpartition("\n### ")[2]
        code = ["\n".join(cells(part)) for part in (stub, solution)]
        found.append(Exercise(path.stem, label, "### " + heading, imports, *code))
    return found


ALL = [e for path in sorted(ROOT.glob("chapters/[0-9]*.md")) for e in exercises(path)]


def verdicts(code: str, monkeypatch) -> list[bool]:
    """Run code from the project's root and return what each of its checks decided."""
    passed = []

    class Watched:
        def __getattr__(self, name):
            check = getattr(hs.show.exercises, name)

            def watched(*answer):
                result = check(*answer)
                passed.append(result.passed)
                return result

            return watched

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(hs, "exercises", Watched(), raising=False)
    exec(compile(code, "<exercise>", "exec"), {"__name__": "__exercise__"})
    return passed


def ids(exercise: Exercise) -> str:
    """Name a test by its exercise."""
    return exercise.label


@pytest.mark.parametrize("exercise", ALL, ids=ids)
def test_stub_does_not_pass(exercise, monkeypatch):
    """What the reader is given says so kindly, and passes nothing."""
    results = verdicts(f"{exercise.imports}\n{exercise.stub}", monkeypatch)
    assert results, f"{exercise.label}: the stub calls no check"
    assert not any(results), f"{exercise.label}: the stub passes"


@pytest.mark.parametrize("exercise", ALL, ids=ids)
def test_solution_passes(exercise, monkeypatch):
    """The hidden solution passes every check it calls."""
    results = verdicts(f"{exercise.imports}\n{exercise.solution}", monkeypatch)
    assert results, f"{exercise.label}: no solution, or one that calls no check"
    assert all(results), f"{exercise.label}: the solution does not pass"


@pytest.mark.parametrize("exercise", ALL, ids=ids)
def test_exercise_is_announced(exercise):
    """A heading gives difficulty and minutes, the stub is one, and both call one same check."""
    assert HEADING.search(exercise.heading), (
        f"{exercise.label}: expected a heading '### ●○○ · 5 minutes · …' above, "
        f"got {exercise.heading.splitlines()[0]!r}"
    )
    assert "NotImplementedError" in exercise.stub, f"{exercise.label}: the stub is no stub"
    stub, solution = (set(CHECK.findall(c)) for c in (exercise.stub, exercise.solution))
    assert stub and stub <= solution, f"{exercise.label}: stub {stub}, solution {solution}"


def test_labels_differ():
    """No two exercises of the book share a label."""
    labels = [e.label for e in ALL]
    assert len(set(labels)) == len(labels)
