"""Settings every test runs under: one thread, no window, no network, the same examples."""

import os

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# a busy machine is no failure, and a failure can be seen again
settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")
