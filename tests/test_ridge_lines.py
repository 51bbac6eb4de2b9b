"""Pictures of the filter and of competing stories: what is drawn is what was given."""

import matplotlib
import pandas as pd
import pytest
import torch

from harsanyi.show import ridge_lines

matplotlib.use("Agg")


def frame() -> pd.DataFrame:
    rows = [
        (run, step, story, 0.1 * at + step / 100, 0.05 * at, 0.3)
        for run in ("one", "two", "three")
        for step in (0, 1, 20, 50)
        for at, story in enumerate(("theory", "descent", "unchanged"))
    ]
    return pd.DataFrame(rows, columns=["run", "step", "story", "distance", "low", "high"])


def test_lines_leave_out_zero_and_keep_their_values():
    grid = torch.tensor([0.0, 0.1, 1.0, 10.0], dtype=torch.float64)
    lines = {"a": grid + 1, "b": grid + 2}
    ax = ridge_lines.against_noise(lines, grid, "gain", dashed={"b": grid}, reference=1.0)
    drawn = [line for line in ax.lines if len(line.get_xdata()) == 3]
    assert [list(line.get_ydata()) for line in drawn] == [[1.1, 2, 11], [2.1, 3, 12], [0.1, 1, 10]]
    assert ax.get_xscale() == "log" and ax.get_ylabel() == "gain"
    with pytest.raises(ValueError, match="one for each"):
        ridge_lines.against_noise({"a": grid[1:]}, grid, "gain")


def test_a_panel_a_run_and_a_line_a_story_with_controls_in_grey():
    figure = ridge_lines.story_panels(frame(), {"two": 1.0}, controls=["unchanged"])
    panels = [ax for ax in figure.axes if ax.get_title(loc="left") or ax.get_title()]
    assert len(panels) == 3
    first, second = panels[:2]
    assert len(first.lines) == 3 and len(second.lines) == 4  # the turn is a line as well
    assert list(first.lines[1].get_ydata()) == pytest.approx([0.1, 0.11, 0.3, 0.6])
    grey = matplotlib.colors.to_rgb(first.lines[2].get_color())
    assert max(grey) - min(grey) < 0.2
    with pytest.raises(ValueError, match="controls"):
        ridge_lines.story_panels(frame(), controls=["nobody"])
    with pytest.raises(ValueError, match="without"):
        ridge_lines.story_panels(frame().drop(columns="low"))
