"""The book's colours, and the matplotlib settings that every static picture shares.

The palette is a subset of Okabe and Ito's colours, which readers with any common colour
blindness can tell apart; the explorables' style sheet uses the same ones.

Chapter: every chapter that draws.
"""

BLUE = "#0072B2"  # AND, positive
VERMILION = "#D55E00"  # negative
GREEN = "#009E73"  # OR
GREY = "#6b7280"  # neutral: axes, context, what is masked
AMBER = "#E69F00"  # accent: what the reader has selected

CYCLE = (BLUE, VERMILION, GREEN, AMBER, "#CC79A7", "#56B4E9", GREY)


def sign_colour(value):
    """Give the colour of a signed effect: blue from zero up, vermilion below."""
    return BLUE if value >= 0 else VERMILION


def diverging():
    """Make the diverging colour map: vermilion below zero, white at zero, blue above.

    Returns:
        A matplotlib ``LinearSegmentedColormap``; centre it with ``vmin = -vmax``.
    """
    from matplotlib.colors import LinearSegmentedColormap

    stops = ["#7a2f00", VERMILION, "#f5b98a", "#ffffff", "#8cc4e8", BLUE, "#00324f"]
    return LinearSegmentedColormap.from_list("harsanyi", stops)


def use_book_style():
    """Set matplotlib's defaults to the book's: palette, light frame, sizes for one column.

    Changes ``matplotlib.rcParams`` for the rest of the process and returns nothing.
    """
    import matplotlib
    from cycler import cycler

    matplotlib.rcParams.update(
        {
            "figure.figsize": (7.0, 3.4),
            "figure.dpi": 110,
            "savefig.bbox": "tight",
            "figure.constrained_layout.use": True,
            "font.size": 10.5,
            "axes.titlesize": 11.5,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": GREY,
            "axes.linewidth": 0.8,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=list(CYCLE)),
            "grid.color": "#e5e7eb",
            "grid.linewidth": 0.8,
            "xtick.color": "#374151",
            "ytick.color": "#374151",
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "image.cmap": "gray",
            "image.interpolation": "nearest",
            "svg.fonttype": "none",
            "svg.hashsalt": "harsanyi",
        }
    )
