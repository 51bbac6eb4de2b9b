"""The one result object: AND and OR interactions of a game, with names.

Chapter: Harsanyi dividends; AND, OR and both.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from .certificate import Certificate
from .coalitions import check_names, label, members, n_players
from .compare import OrderProfile, order_profile, salient_mask
from .transforms import and_interactions, or_interactions, reconstruct


class Effect(NamedTuple):
    """One interaction: its kind ("and" or "or"), players, label and strength."""

    kind: str
    players: tuple[int, ...]
    label: str
    value: float


@dataclass(frozen=True, eq=False)
class Interactions:
    """AND and OR interactions of one game, or of many along leading axes.

    Attributes:
        and_: AND interactions (..., 2**n), float64 or float32; entry 0 is 0.
        or_: OR interactions (..., 2**n); all zero where only AND was asked for.
        empty: value of the empty coalition (...), carried beside.
        names: the n players' names.
        noise: what the interactions leave unexplained (..., 2**n), or None.
        certificate: how good an extraction is, or None where nothing was minimised.

    Raises:
        ValueError: shapes that do not fit together, or names whose number is not n.

    Chapter: Harsanyi dividends.
    """

    and_: Tensor
    or_: Tensor
    empty: Tensor
    names: tuple[str, ...] | None = None
    noise: Tensor | None = None
    certificate: Certificate | None = None

    def __post_init__(self):
        n = n_players(self.and_, "and_")
        for name, other in (("or_", self.or_), ("noise", self.noise)):
            if other is not None and other.shape != self.and_.shape:
                raise ValueError(
                    f"{name}: got shape {tuple(other.shape)}, expected {tuple(self.and_.shape)}, "
                    "the shape of and_"
                )
        empty = torch.as_tensor(self.empty, dtype=self.and_.dtype, device=self.and_.device)
        if empty.shape != self.and_.shape[:-1]:
            raise ValueError(
                f"empty: got shape {tuple(empty.shape)}, expected {tuple(self.and_.shape[:-1])}, "
                "one value for each game"
            )
        object.__setattr__(self, "empty", empty)
        object.__setattr__(self, "names", check_names(self.names, n))

    @classmethod
    def from_table(cls, v: Tensor, names: Sequence[str] | None = None) -> "Interactions":
        """Explain a table (..., 2**n) by AND interactions alone: its Harsanyi dividends."""
        and_ = and_interactions(v)
        return cls(and_, torch.zeros_like(and_), v[..., 0], names)

    @classmethod
    def from_table_or(cls, v: Tensor, names: Sequence[str] | None = None) -> "Interactions":
        """Explain a table (..., 2**n) by OR interactions alone."""
        or_ = or_interactions(v)
        return cls(torch.zeros_like(or_), or_, v[..., 0], names)

    @property
    def n(self) -> int:
        """Number of players."""
        return len(self.names)

    def _certified(self) -> Certificate:
        if self.certificate is None:
            raise ValueError("no certificate: this result was computed, not extracted; see extract")
        return self.certificate

    @property
    def objective(self) -> Tensor:
        """Length of an extracted explanation (...)."""
        return self._certified().objective

    @property
    def lower_bound(self) -> Tensor:
        """A length that no explanation within the same noise undercuts (...)."""
        return self._certified().lower_bound

    @property
    def gap(self) -> Tensor:
        """Relative gap between the two (...); 0 is a proof of optimality."""
        return self._certified().gap

    @property
    def converged(self) -> Tensor:
        """Whether the gap that was asked for was reached, bool (...)."""
        return self._certified().converged

    @property
    def effects(self) -> Tensor:
        """AND, then OR interactions in one tensor (..., 2, 2**n)."""
        return torch.stack([self.and_, self.or_], dim=-2)

    @property
    def dividends(self) -> Tensor:
        """The same game told in AND interactions alone (..., 2**n)."""
        return and_interactions(self.reconstruct())

    def __getitem__(self, index) -> "Interactions":
        """Pick games along the leading axes: ``result[0]``."""
        noise = None if self.noise is None else self.noise[index]
        proof = self.certificate
        if proof is not None:
            proof = Certificate(*(part[index] for part in proof[:-1]), proof.tol)
        tables = {"and_": self.and_[index], "or_": self.or_[index], "empty": self.empty[index]}
        return replace(self, **tables, noise=noise, certificate=proof)

    def __len__(self) -> int:
        """Number of interactions that are not zero."""
        return int(self.effects.count_nonzero())

    def _single(self, what: str) -> None:
        if self.and_.ndim != 1:
            raise ValueError(
                f"{what}: got a batch of shape {tuple(self.and_.shape[:-1])}, expected one game; "
                "pick one first, as in result[0]"
            )

    def _effect(self, position: int) -> Effect:
        half = self.and_.shape[-1]
        kind, mask = ("and", position) if position < half else ("or", position - half)
        value = float(self.effects.flatten()[position])
        return Effect(kind, members(mask), label(mask, self.names), value)

    def top(self, k: int = 10) -> list[Effect]:
        """Return the k strongest interactions of one game, strongest first, zeros left out.

        Raises:
            ValueError: a batch of games, or k < 1.
        """
        self._single("top")
        if k < 1:
            raise ValueError(f"k: got {k}, expected 1 or more")
        strength = self.effects.flatten().abs()
        order = strength.argsort(descending=True, stable=True)[:k].tolist()
        return [self._effect(p) for p in order if strength[p] > 0]

    def salient(
        self, threshold: float = 0.05, scale: Tensor | float | None = None
    ) -> "Interactions":
        r"""Return the same result with all interactions at or below τ set to zero.

        .. math:: |I(S)| > \tau = threshold \cdot scale

        Args:
            threshold: a fraction, 0.05 in most of the papers.
            scale: what it is a fraction of, a number or a tensor of the leading axes; by default
                each game's strongest interaction. The papers also use its maximum over samples
                and :math:`E_x |v(N) - v(\varnothing)|`.

        Source: Chen et al., ICLR 2024, Section 3. Chapter: Harsanyi dividends.
        """
        keep = salient_mask(self.effects.flatten(-2), threshold, scale)
        kept = self.effects * keep.view(self.effects.shape)
        kept = {"and_": kept[..., 0, :], "or_": kept[..., 1, :]}
        return replace(self, **kept, noise=None, certificate=None)

    def by_order(self) -> OrderProfile:
        """Return the summed positive and negative strength of each order, AND plus OR."""
        one, other = order_profile(self.and_), order_profile(self.or_)
        return OrderProfile(one.positive + other.positive, one.negative + other.negative)

    def reconstruct(self) -> Tensor:
        """Return the game these interactions describe (..., 2**n), noise left out."""
        return reconstruct(self.and_, self.or_, self.empty)

    def to_frame(self):
        """Return a pandas table of the non-zero interactions of one game, strongest first."""
        import pandas

        self._single("to_frame")
        rows = [
            (e.kind, e.label, len(e.players), e.value) for e in self.top(2 * self.and_.shape[-1])
        ]
        return pandas.DataFrame(rows, columns=["kind", "coalition", "order", "strength"])

    def to_shapiq(self):
        """Return one game's dividends as ``shapiq.InteractionValues`` with index "Moebius"."""
        from shapiq import InteractionValues

        self._single("to_shapiq")
        values = self.dividends.double().clone()
        values[0] = self.empty
        return InteractionValues(
            values=values.cpu().numpy(),
            index="Moebius",
            n_players=self.n,
            min_order=0,
            max_order=self.n,
            interaction_lookup={members(m): m for m in range(2**self.n)},
            baseline_value=float(self.empty),
        )

    def save(self, path: str | os.PathLike) -> None:
        """Write the result to a file, whole or not at all; :func:`load` reads it back."""
        path = Path(path)
        fields = {name: getattr(self, name) for name in ("and_", "or_", "empty", "noise")}
        fields["names"] = list(self.names)
        fields["certificate"] = None if self.certificate is None else list(self.certificate)
        part = path.with_name(path.name + f".{os.getpid()}.part")
        torch.save(fields, part)
        os.replace(part, path)


def load(path: str | os.PathLike) -> Interactions:
    """Read a result that :meth:`Interactions.save` wrote.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a file that holds something else.
    """
    fields = torch.load(path, weights_only=True)
    wanted = {"and_", "or_", "empty", "noise", "names", "certificate"}
    if not isinstance(fields, dict) or set(fields) != wanted:
        raise ValueError(f"{path}: expected a file written by Interactions.save; save it again")
    proof = fields.pop("certificate")
    fields["certificate"] = None if proof is None else Certificate(*proof)
    return Interactions(**{**fields, "names": tuple(fields["names"])})
