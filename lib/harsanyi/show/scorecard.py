"""The scorecard: one row for every figure of the papers, made from the records alone.

A figure without a record says «not yet».

Chapter: Scorecard.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from . import style
from .claims import CLAIMS
from .record import VERDICTS, Record, mark, read_records, said

if TYPE_CHECKING:
    import pandas as pd

NOT_YET = "not yet"
OWN_PAPER = "Findings of our own"
_COLOURS = (style.GREEN, style.AMBER, style.VERMILION, style.GREY)
COLOURS = dict(zip((*VERDICTS, NOT_YET), _COLOURS, strict=True))
_LOOK = """<style>
.scorecard {width: 100%; border-collapse: collapse; font-size: .93em; display: table}
.scorecard th {text-align: left; padding: 1.1em .4em .3em 0}
.scorecard td {vertical-align: top; padding: .5em .5em .5em 0; text-align: left;
  border-top: 1px solid #9ca3af66; overflow-wrap: anywhere}
.scorecard td:first-child {white-space: nowrap; width: 3.6em}
.scorecard td:last-child {width: 6.2em; padding-left: .5em}
.scorecard small {display: block; opacity: .85; margin-top: .25em}
</style>"""


def table(scale: str) -> pd.DataFrame:
    """Return one row for each figure of the papers, then one for each finding of our own.

    Args:
        scale: "smoke", "laptop" or "paper".

    Returns:
        Columns id, paper, what, claim, reported, ours, control, conditions, verdict ("not yet"
        where there is no record), page; sorted by paper, in the papers' own order.

    Raises:
        ValueError: an unknown scale, or a file that is no record.
    """
    import pandas as pd

    records = read_records(scale)
    rows = [
        {"id": id, "paper": c.paper, "what": c.what, "claim": c.claim, "reported": c.said}
        | _measured(records.get(id))
        for id, c in CLAIMS.items()
    ]
    rows += [
        {"id": id, "paper": OWN_PAPER, "what": "", "claim": r.claim, "reported": r.paper}
        | _measured(r)
        for id, r in records.items()
        if id not in CLAIMS
    ]
    return pd.DataFrame(rows)


def tally(frame: pd.DataFrame) -> pd.DataFrame:
    """Count verdicts: a row for each paper and one for all, a column for each verdict."""
    import pandas as pd

    counts = pd.crosstab(frame["paper"], frame["verdict"])
    counts = counts.reindex(index=frame["paper"].unique(), columns=list(COLOURS), fill_value=0)
    counts.loc["all"] = counts.sum()
    return counts.rename_axis(index=None, columns=None)


def sentence(frame: pd.DataFrame) -> str:
    """Say in one sentence how far the book is, and with what outcome."""
    counts = tally(frame).loc["all"]
    done = len(frame) - counts[NOT_YET]
    parts = ", ".join(f"{counts[verdict]} × *{verdict}*" for verdict in VERDICTS)
    left = counts[NOT_YET]
    return f"{done} of {len(frame)} figures and tables are done: {parts}. {left} not yet."


def html(frame: pd.DataFrame) -> str:
    """Return the scorecard as HTML, a block for each paper; it fits a phone."""
    body = []
    for paper, rows in frame.groupby("paper", sort=False):
        body.append(f"<tr><th colspan='3'>{escape(paper)}</th></tr>")
        body += [_row(row) for row in rows.to_dict("records")]
    return f"{_LOOK}<table class='scorecard'>{''.join(body)}</table>"


def anchor(id: str) -> str:
    """Return the label that a reproduction puts before a figure: ``rec-c-t1``."""
    return f"rec-{id.lower()}"


def _measured(one: Record | None) -> dict[str, str]:
    if one is None:
        empty = dict.fromkeys(("ours", "control", "conditions", "page"), "")
        return empty | {"verdict": NOT_YET}
    conditions = [f"{mark(true)} {text}" for text, true in (one.decides | one.further).items()]
    return {
        "ours": said(one.ours),
        "control": said(one.control),
        "conditions": "; ".join(conditions),
        "verdict": one.verdict,
        "page": one.notebook,
    }


def _row(row: dict[str, str]) -> str:
    """One figure's line: id, what came out, verdict."""
    id = escape(row["id"])
    if row["page"]:
        page = row["page"].removeprefix("chapters/")
        id = f"<a href='{escape(page)}.html#{anchor(row['id'])}'>{id}</a>"
    parts = {"Axes": "what", "Paper": "reported", "Here": "ours"}
    parts |= {"Control": "control", "Decided by": "conditions"}
    lines = [f"<i>{name}:</i> {escape(row[key])}" for name, key in parts.items() if row[key]]
    small = "".join(f"<small>{line}</small>" for line in lines)
    colour = COLOURS[row["verdict"]]
    verdict = f"<td style='border-left: .35em solid {colour}'>{escape(row['verdict'])}</td>"
    return f"<tr><td>{id}</td><td>{escape(row['claim'])}{small}</td>{verdict}</tr>"
