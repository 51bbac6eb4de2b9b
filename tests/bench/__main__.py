"""Run every benchmark and print one table: ``python -m tests.bench``."""

import platform
from importlib import import_module
from pathlib import Path

import torch

torch.set_num_threads(1)
print(f"{platform.processor() or platform.machine()}, one thread, torch {torch.__version__}\n")
print(f"{'what':<66}{'measured':>12}  {'target':<10}")
missed = 0
for path in sorted(Path(__file__).parent.glob("bench_*.py")):
    for name, measured, target, unit in import_module(f"tests.bench.{path.stem}").rows():
        least = target.startswith("≥")
        bound = float(target.split()[1].replace(",", ""))
        met = measured >= bound if least else measured <= bound
        missed += not met
        print(f"{name:<66}{measured:>11,.1f}{unit} {target:<10}{'' if met else ' MISSED'}")
print(f"\n{missed} missed" if missed else "\nall targets met")
raise SystemExit(bool(missed))
