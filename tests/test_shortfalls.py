"""The page on limits has every condition that came out false, and none that came out true."""

from test_record import root, write  # noqa: F401

from harsanyi.show import shortfalls
from harsanyi.show.record import read_records


def test_false_conditions_are_gathered_and_true_ones_left_out(root):  # noqa: F811
    write("C-T1", decides={"it <works>": True}, further={})
    write("C-6", decides={"few suffice": False}, further={"noise needs more": True})
    write("H-1", decides={"ours": True}, further={"a <control>": False}, claim="Own.", paper="–")
    records = read_records("smoke")
    page = shortfalls.html(records)
    assert "few suffice" in page and "a &lt;control&gt;" in page and "<control>" not in page
    assert "noise needs more" not in page and "works" not in page
    assert "href='reproductions/some.html#rec-c-6'" in page
    assert page.count("<details>") == 2  # one paper, and our own
    assert shortfalls.sentence(records) == (
        "3 claims were put to the test by 5 conditions, of which 2 came out false: "
        "1 × *holds*, 1 × *holds in part*, 1 × *does not hold here*."
    )


def test_no_records_make_an_empty_list(root):  # noqa: F811
    assert "<details>" not in shortfalls.html({})
