"""One record for each reproduced figure: the claim, our numbers, a control, a verdict by rule.

A record is one JSON file, ``build/records/<scale>/<id>.json``. Its verdict can't be typed: it
follows from named conditions that are stored with it, see :func:`verdict`.

Chapter: Scorecard.
"""

import json
import math
import re
from collections.abc import Mapping
from importlib.metadata import version
from numbers import Integral, Real
from pathlib import Path
from typing import NamedTuple

from ..networks.files import project_root, write_atomically
from ..networks.recipes import SCALES
from .claims import CLAIMS

VERDICTS = ("holds", "holds in part", "does not hold here")
OWN = re.compile(r"H-\w+")  # ids of findings of our own
Numbers = Mapping[str, float | int | str]


class Record(NamedTuple):
    """What was claimed, what came out, and what follows.

    Attributes:
        id: the figure's id, such as "C-T1"; findings of our own begin with "H-".
        claim: in one sentence.
        paper: what the paper reports.
        ours: named numbers measured here; text where there is no number.
        control: named numbers of what would be seen if the claim were false, or empty.
        decides: named conditions that are the claim.
        further: named conditions that bound it, most of them about controls.
        verdict: one of ``VERDICTS``.
        scale: "smoke", "laptop" or "paper".
        seed: of the measurement.
        notebook: the page that measured it, such as "chapters/reproductions/sparse_concepts".
        versions: of Python's packages.
    """

    id: str
    claim: str
    paper: str
    ours: dict[str, float | int | str]
    control: dict[str, float | int | str]
    decides: dict[str, bool]
    further: dict[str, bool]
    verdict: str
    scale: str
    seed: int
    notebook: str
    versions: dict[str, str]

    def _repr_markdown_(self) -> str:
        """Show the record as a short list, the verdict first."""
        lines = [f"**{self.id}: {self.verdict}.** {self.claim}", ""]
        lines += [f"- *The paper:* {self.paper}", f"- *Here:* {said(self.ours)}"]
        lines += [f"- *Control:* {said(self.control)}"] if self.control else []
        marks = [f"  - {mark(true)} {text}" for text, true in (self.decides | self.further).items()]
        return "\n".join([*lines, "- *What decides:*", *marks])


def verdict(decides: Mapping[str, bool], further: Mapping[str, bool]) -> str:
    """Return the verdict that follows from named conditions.

    *does not hold here*: no condition in ``decides`` is true. *holds*: all are, and all in
    ``further`` as well. *holds in part*: anything else.

    Args:
        decides: conditions that are the claim itself, one at least.
        further: conditions that bound it, such as that a control does not show the same.

    Raises:
        TypeError: a condition that is neither True nor False.
        ValueError: no condition, one without words, or the same words in both.
    """
    for text, true in [*decides.items(), *further.items()]:
        if not isinstance(true, bool) and type(true).__name__ != "bool":  # numpy's too
            raise TypeError(f"{text!r}: got {true!r}, expected True or False: compare first")
        if not text.strip():
            raise ValueError("got a condition without words; say what is true or false")
    if not decides or set(decides) & set(further):
        raise ValueError(
            f"decides, further: got {list(decides)} and {list(further)}, expected one condition or "
            "more that decides, and none in both"
        )
    if not any(decides.values()):
        return VERDICTS[2]
    return VERDICTS[0] if all(decides.values()) and all(further.values()) else VERDICTS[1]


def record(
    id: str,
    *,
    ours: Numbers,
    control: Numbers,
    decides: Mapping[str, bool],
    further: Mapping[str, bool] | None = None,
    scale: str,
    seed: int,
    notebook: str,
    claim: str | None = None,
    paper: str | None = None,
) -> Record:
    """Write the record of one figure, whole or not at all, and return it for display.

    Args:
        id: one of ``claims.CLAIMS``, or a finding of our own, "H-…".
        ours: named numbers that were measured here.
        control: named numbers of the controls; may be empty where the claim needs none.
        decides: see :func:`verdict`.
        further: likewise; none by default.
        scale: "smoke", "laptop" or "paper".
        seed: of the measurement.
        notebook: the page that calls, without its suffix, from the project's root.
        claim: in one sentence; by default the one that stands in ``claims``.
        paper: what is reported there; likewise.

    Raises:
        KeyError: an id that no paper's figure has.
        TypeError, ValueError: numbers that are not finite, conditions that are none, a scale,
            seed or notebook that does not exist, or a text that is missing.

    Chapter: Scorecard.
    """
    if id not in CLAIMS and not OWN.fullmatch(id):
        raise KeyError(f"id: got {id!r}, expected one of {', '.join(CLAIMS)}, or H-… for our own")
    known = CLAIMS.get(id)
    claim = claim or (known.claim if known else "")
    paper = paper or (known.said if known else "")
    if not claim or not paper:
        raise ValueError(f"{id}: a finding of our own needs claim= and paper=, both in words")
    if scale not in SCALES:
        raise ValueError(f"scale: got {scale!r}, expected one of {', '.join(SCALES)}")
    if isinstance(seed, bool) or not isinstance(seed, Integral):
        raise TypeError(f"seed: got {seed!r}, expected a whole number")
    if not (project_root() / f"{notebook}.md").is_file():
        raise ValueError(f"notebook: got {notebook!r}, but there is no {notebook}.md here")
    if not ours:
        raise ValueError(f"{id}, ours: got no number, expected what was measured")
    further = further or {}
    made = Record(
        id, claim, paper, _plain(id, ours), _plain(id, control),
        {text: bool(true) for text, true in decides.items()},
        {text: bool(true) for text, true in further.items()},
        verdict(decides, further), scale, int(seed), notebook, _versions(),
    )  # fmt: skip
    text = json.dumps(made._asdict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(record_path(id, scale), lambda part: part.write_text(text, "utf-8"))
    return made


def record_path(id: str, scale: str) -> Path:
    """Return where a record stands, or will stand."""
    return project_root() / "build" / "records" / scale / f"{id}.json"


def read_records(scale: str) -> dict[str, Record]:
    """Return every record of a scale by its id.

    Raises:
        ValueError: an unknown scale, or a file that is no record, or whose verdict does not follow
            from its conditions.
    """
    if scale not in SCALES:
        raise ValueError(f"scale: got {scale!r}, expected one of {', '.join(SCALES)}")
    found = {}
    for path in sorted(record_path("x", scale).parent.glob("*.json")):
        try:
            one = Record(**json.loads(path.read_text("utf-8")))
        except (TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} is no record: {error}; delete it and run again") from error
        if one.id != path.stem or one.verdict != verdict(one.decides, one.further):
            raise ValueError(
                f"{path}: the verdict {one.verdict!r} of {one.id!r} does not follow from its "
                "conditions, or the file has another's name; delete it and run again"
            )
        found[one.id] = one
    return found


def said(numbers: Numbers) -> str:
    """Write named numbers out, three digits each: ``"IoU: 0.981; seeds: 5"``."""
    return "; ".join(f"{name}: {_short(value)}" for name, value in numbers.items())


def mark(true: bool) -> str:
    """Return ✓ or ✗."""
    return "✓" if true else "✗"


def _short(value: float | int | str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


def _plain(id: str, numbers: Numbers) -> dict[str, float | int | str]:
    """Turn numbers of any make into Python's own."""
    plain = {}
    for name, value in numbers.items():
        if not isinstance(value, str | Real):
            value = value.item() if hasattr(value, "item") else value
        if not isinstance(value, str | Real) or isinstance(value, bool):
            raise TypeError(f"{id}, {name!r}: got {value!r}, expected a number or text")
        if not isinstance(value, str):
            value = int(value) if isinstance(value, Integral) else float(value)
            if not math.isfinite(value):
                raise ValueError(
                    f"{id}, {name!r}: got {value}, expected a finite number; leave it out, or say "
                    "in words what is undefined"
                )
        plain[name] = value
    return plain


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("harsanyi", "torch", "numpy")}
