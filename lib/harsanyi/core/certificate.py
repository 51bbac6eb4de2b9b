"""What an extraction can prove about its answer.

Chapter: Does the solver change the science?
"""

from typing import NamedTuple

from torch import Tensor


class Certificate(NamedTuple):
    """How good an extraction is, each a tensor of the leading axes (...).

    ``objective`` is the length found (the summed strength of all interactions), ``lower_bound`` a
    length that no explanation of this game within this noise undercuts, ``iterations`` and
    ``residual`` the solver's own, ``tol`` the relative gap that was asked for.
    """

    objective: Tensor
    lower_bound: Tensor
    iterations: Tensor
    residual: Tensor
    tol: float

    @property
    def gap(self) -> Tensor:
        """The relative gap (...); the objective is at most this share above the optimum."""
        return (self.objective - self.lower_bound) / self.objective.clamp(min=1e-300)

    @property
    def converged(self) -> Tensor:
        """Whether the gap that was asked for was reached, bool (...)."""
        return self.gap <= self.tol
