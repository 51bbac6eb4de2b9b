"""What did not hold: the conditions that came out false, gathered from all records.

Chapter: Limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from .claims import CLAIMS
from .record import VERDICTS, Record, mark
from .scorecard import COLOURS, OWN_PAPER, anchor

_LOOK = """<style>
.shortfalls details {border-top: 1px solid #9ca3af66; padding: .5em 0}
.shortfalls summary {cursor: pointer; font-weight: 600}
.shortfalls summary span {font-weight: 400; opacity: .85}
.shortfalls p {margin: .9em 0 .2em; padding-left: .6em; border-left: .3em solid}
.shortfalls ul {margin: 0 0 .4em; font-size: .93em; overflow-wrap: anywhere}
</style>"""


def unmet(one: Record) -> list[str]:
    """Return the conditions of a record that came out false, those that decide first."""
    return [text for text, true in (one.decides | one.further).items() if not true]


def sentence(records: Mapping[str, Record]) -> str:
    """Say in one sentence how many conditions were put, and how many came out false.

    Args:
        records: by id, as of :func:`~harsanyi.show.record.read_records`.
    """
    asked = sum(len(one.decides) + len(one.further) for one in records.values())
    false = sum(len(unmet(one)) for one in records.values())
    verdicts = [one.verdict for one in records.values()]
    parts = ", ".join(f"{verdicts.count(verdict)} × *{verdict}*" for verdict in VERDICTS)
    return (
        f"{len(records)} claims were put to the test by {asked} conditions, of which {false} came "
        f"out false: {parts}."
    )


def html(records: Mapping[str, Record]) -> str:
    """Return a list to unfold for each paper: claims, and under each what came out false.

    Claims that hold are left out. Those that do not hold here come first.

    Args:
        records: by id, as of :func:`~harsanyi.show.record.read_records`.
    """
    papers = dict.fromkeys(claim.paper for claim in CLAIMS.values()) | {OWN_PAPER: None}
    order = [*CLAIMS, *sorted(set(records) - set(CLAIMS))]
    body = []
    for paper in papers:
        mine = [records[id] for id in order if id in records and _paper(id) == paper]
        short = sorted((one for one in mine if unmet(one)), key=lambda one: one.verdict)
        if short:
            asked = sum(len(one.decides) + len(one.further) for one in mine)
            count = sum(len(unmet(one)) for one in short)
            body.append(
                f"<details><summary>{escape(paper)} <span>{count} of {asked} conditions</span>"
                f"</summary>{''.join(map(_claim, short))}</details>"
            )
    return f"{_LOOK}<div class='shortfalls'>{''.join(body)}</div>"


def _paper(id: str) -> str:
    return CLAIMS[id].paper if id in CLAIMS else OWN_PAPER


def _claim(one: Record) -> str:
    """One claim with its verdict and what came out false."""
    page = one.notebook.removeprefix("chapters/")
    link = f"<a href='{escape(page)}.html#{anchor(one.id)}'>{escape(one.id)}</a>"
    false = "".join(f"<li>{mark(False)} {escape(text)}</li>" for text in unmet(one))
    look = f"border-color: {COLOURS[one.verdict]}"
    return (
        f"<p style='{look}'>{link} <em>{one.verdict}.</em> {escape(one.claim)}</p><ul>{false}</ul>"
    )
