"""The scorecard has a row for every figure, and says only what the records say."""

import re

import pytest
from test_record import root, write  # noqa: F401

from harsanyi.show import scorecard
from harsanyi.show.claims import CLAIMS

# The figures and tables that the book sets out to rebuild.
IDS = """
    G-1 G-2 G-3 G-4 G-6 G-7 G-8 G-10 G-11 G-12 G-T1 G-T2 G-T3
    L-2 L-3a L-3b L-4 L-5 L-6 L-7 L-10 L-11 L-12 L-K
    D-1 D-2 D-3 D-4 D-5 F-1 C-T1 C-T2 C-T3 C-6 S-T1 S-T2
    LZ-1 LZ-2 LZ-3 LZ-4 B-1 W-1 U-1
""".split()


def test_every_figure_has_a_row_in_the_order_of_the_papers(root):  # noqa: F811
    card = scorecard.table("smoke")
    assert list(CLAIMS) == IDS == card["id"].tolist()
    assert (card["verdict"] == "not yet").all()
    assert card["paper"].ne(card["paper"].shift()).sum() == card["paper"].nunique()
    assert all(text.strip() for claim in CLAIMS.values() for text in claim)


def test_records_fill_their_rows_and_own_findings_come_last(root):  # noqa: F811
    write("C-T1")
    write("C-6", decides={"few suffice": False})
    write("H-1", further={"noise needs more": False}, claim="Ours <b>.", paper="not asked")
    card = scorecard.table("smoke").set_index("id")
    assert card.loc[["C-T1", "C-6", "H-1"], "verdict"].tolist() == [
        "holds", "does not hold here", "holds in part",
    ]  # fmt: skip
    assert card.index[-1] == "H-1" and card.loc["H-1", "paper"] == scorecard.OWN_PAPER
    assert card.loc["C-6", "conditions"] == "✗ few suffice; ✓ noise needs more"
    counts = scorecard.tally(card.reset_index())
    assert counts.loc["all"].tolist() == [1, 1, 1, len(IDS) - 2]
    assert scorecard.sentence(card.reset_index()).startswith(f"3 of {len(IDS) + 1} figures")


def test_the_page_links_to_the_figure_and_escapes_text(root):  # noqa: F811
    write("C-T1")
    write("H-1", claim="Ours <b>.", paper="not asked")
    page = scorecard.html(scorecard.table("smoke"))
    assert "<a href='reproductions/some.html#rec-c-t1'>C-T1</a>" in page
    assert "Ours &lt;b&gt;." in page and "<b>" not in page
    papers = re.findall(r"<th colspan='3'>(.*?)</th>", page)
    assert page.count("<tr>") == len(IDS) + 1 + len(papers) and len(papers) == len(set(papers))


@pytest.mark.parametrize("scale", ["Laptop", ""])
def test_an_unknown_scale_is_an_error(root, scale):  # noqa: F811
    with pytest.raises(ValueError, match="scale: got"):
        scorecard.table(scale)
