"""The best joint explanation and the best bound so far, for each sample of several networks.

Chapter: Primitives that networks share.
"""

from torch import Tensor

from .best import Best
from .problem import Solution
from .shared_problem import SharedProblem, joint_length


class SharedBest(Best):
    """As ``Best``, for tables (B, m, 2**n): the networks of a sample are kept or changed together.

    Inside, a sample's tables stand in a row; ``table`` gives them back in their shape.
    """

    def __init__(self, problem: SharedProblem):
        count, networks, size = self.shape = problem.v.shape

        def measure(and_: Tensor, or_: Tensor) -> Tensor:
            shapes = (table.unflatten(1, (networks, size)) for table in (and_, or_))
            return joint_length(problem.weights, *shapes)

        super().__init__(count, networks * size, problem.v, measure)

    def update(self, games, effects, noise, bounds, iteration, residual) -> None:
        """Take in some samples' explanations and bounds, tables (G, m, 2**n)."""
        effects = tuple(table.flatten(1) for table in effects)
        bounds = [(bound, y.flatten(1)) for bound, y in bounds]
        super().update(games, effects, noise.flatten(1), bounds, iteration, residual)

    def table(self, name: str) -> Tensor:
        """Return ``and_``, ``or_``, ``noise`` or ``dual`` (B, m, 2**n)."""
        return getattr(self, name).view(self.shape)

    def solution(self, scale: Tensor) -> Solution:
        """Return everything in the games' own units, tables (B, m, 2**n)."""
        found = super().solution(scale)
        names = ("and_", "or_", "noise", "dual")
        return found._replace(**{name: getattr(found, name).view(self.shape) for name in names})
