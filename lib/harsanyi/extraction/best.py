"""The best explanation and the best bound seen so far, for each game of a batch."""

from collections.abc import Callable

import torch
from torch import Tensor

from .problem import Solution, length


class Best:
    """Keeps, for each of B games, the shortest explanation and the highest lower bound found.

    ``measure`` says how long an explanation is; the tables may hold several networks in a row.
    """

    def __init__(self, count: int, size: int, like: Tensor, measure: Callable = length):
        self.measure = measure
        self.and_, self.or_, self.noise = (like.new_zeros(count, size) for _ in range(3))
        self.objective = like.new_full((count,), torch.inf)
        self.bound, self.dual = like.new_zeros(count), like.new_zeros(count, size)
        self.iterations = torch.zeros(count, dtype=torch.int64, device=like.device)
        self.residual = like.new_full((count,), torch.inf)

    def update(self, games, effects, noise, bounds, iteration, residual) -> None:
        """Take in the games' explanations (G, 2**n), ``lower_bound``'s answers, residuals (G,)."""
        objective = self.measure(*effects)
        shorter = objective < self.objective[games]
        where = games[shorter]
        self.objective[where] = objective[shorter]
        self.and_[where], self.or_[where] = effects[0][shorter], effects[1][shorter]
        self.noise[where] = noise[shorter]
        for bound, dual in bounds:
            higher = bound > self.bound[games]
            where = games[higher]
            self.bound[where], self.dual[where] = bound[higher], dual[higher]
        self.iterations[games], self.residual[games] = iteration, residual

    def gap(self, games: Tensor) -> Tensor:
        """Return the relative gap (G,): 0 is a proof of optimality."""
        objective = self.objective[games]
        return (objective - self.bound[games]) / objective.clamp(min=1e-300)

    def solution(self, scale: Tensor) -> Solution:
        """Return everything in the games' own units; ``scale`` (B,) is what 1 stands for."""
        tables = (t * scale[:, None] for t in (self.and_, self.or_, self.noise))
        return Solution(
            *tables,
            self.objective * scale,
            self.bound * scale,
            self.iterations,
            self.residual * scale,
            self.dual,
        )
