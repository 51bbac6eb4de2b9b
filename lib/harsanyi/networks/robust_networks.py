"""LeNets trained to be robust, and the networks that they are compared with.

All learn the recipe's digits with its schedule; each kind differs from the recipe in one thing.

==================  =============================================================================
kind                what differs
==================  =============================================================================
1 epoch, …          the passes over the training rows: 1, 2, 4 (a recipe at laptop size has 8)
dropout 0.2, 0.5    in training, each input of a dense layer is dropped with this probability
adversarial         each batch is attacked first, by one step from a random start
bayesian            Gaussian weights (mean field), the mean probability of ten draws of them
bayesian mean       the same networks with their mean weights
noisy               plain networks whose weights get the Bayesian ones' noise, nothing retrained
softened            plain networks whose logits are halved
ensemble            the mean probability of three plain networks
draw                one draw of the first Bayesian network's weights; the seed is the draw's
==================  =============================================================================

Source: Srivastava et al., 2014 (dropout); Madry et al., 2018, and Wong et al., 2020 (attacked
batches); Blundell et al., 2015 (Gaussian weights); Lakshminarayanan et al., 2017 (ensembles).
Chapter: Generalization, sensitivity, bottleneck.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from . import recipes, training, variants
from .bayesian import MeanField, MeanProbability, Softened, bayesian_loss

RADIUS = 0.15  # of the attack in training, in units of the ink, 0 to 1
DEVIATION, DRAWS, MEMBERS = 0.02, 10, 3  # of Gaussian weights at first; of them; of an ensemble
TEMPERATURE = 2.0
EACH_LOSS = nn.CrossEntropyLoss(reduction="none")

LossOf = Callable[[nn.Module, int], training.Loss]  # of the network and the number of rows


def dropped_out(name: str, seed: int = 0, scale: str = "laptop", rate: float = 0.5) -> nn.Module:
    """Returns a recipe's network trained with dropout before each dense layer.

    Args:
        name: of a recipe whose network is a sequence of layers, "lenet-mnist" for instance.
        seed: of the run.
        scale: "smoke", "laptop" or "paper".
        rate: probability that an input of a dense layer is dropped.

    Raises:
        KeyError, ValueError: as :func:`~harsanyi.networks.variants.seeded`.
    """

    def change(network: nn.Module) -> nn.Module:
        layers = [
            step
            for layer in network
            for step in ([nn.Dropout(rate)] if isinstance(layer, nn.Linear) else []) + [layer]
        ]
        return nn.Sequential(*layers)

    return _trained(name, f"dropout-{rate}", seed, scale, change=change)


def stopped(name: str, seed: int = 0, scale: str = "laptop", epochs: int = 1) -> nn.Module:
    """Returns a recipe's network after a schedule of fewer passes; arguments as above."""
    return _trained(name, f"epochs-{epochs}", seed, scale, epochs=epochs)


def hardened(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns a recipe's network of pictures trained on attacked batches; arguments as above."""

    def loss_of(model: nn.Module, rows: int) -> training.Loss:
        def loss(x: Tensor, y: Tensor) -> Tensor:
            return nn.functional.cross_entropy(model(attacked(model, x, y)), y)

        return loss

    return _trained(name, "adversarial", seed, scale, loss_of, forward=lambda x: x)


def attacked(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    radius: float = RADIUS,
    steps: int = 1,
    loss: training.Loss = EACH_LOSS,
) -> Tensor:
    r"""Returns pictures that raise the loss, :math:`\lVert x' - x \rVert_\infty \le r`.

    Signed steps from a random start, 1.25 r for one, 2.5 r in all for several, by captum's PGD. A
    pixel with a slope below a millionth keeps its place in a step; that of the cross-entropy can be
    so small where a network is sure, that of a difference of logits is not.

    Args:
        model: from (B, ...) to logits (B, C).
        x: pictures (B, ...) in [0, 1].
        y: classes (B,), int64.
        radius: r.
        steps: how many.
        loss: from logits (B, C) and classes to what is raised (B,).

    Source: Madry et al., ICLR 2018; one step, Wong et al., ICLR 2020.
    """
    from captum.robust import PGD

    method = PGD(model, loss, 0.0, 1.0)
    step = 1.25 * radius if steps == 1 else 2.5 * radius / steps
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Input Tensor")  # that it turned gradients on
        return method.perturb(x, radius, step, steps, y, random_start=True).detach()


def field(name: str, seed: int = 0, scale: str = "laptop") -> MeanField:
    """Returns a recipe's network with Gaussian weights, trained by Bayes' rule; as above.

    The deviations begin small and the run is no longer than a plain one, so it ends long before the
    bound's optimum. There the network would know little: the prior N(0, I) of so many weights
    outweighs so few rows.
    """
    build = functools.partial(MeanField, deviation=DEVIATION)
    return _trained(name, "bayesian", seed, scale, bayesian_loss, change=build, decay=0.0)


def bayesian(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns the mean probability of ten draws of Gaussian weights; arguments as above."""
    return _mean_of_draws(field(name, seed, scale))


def bayesian_mean(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns the network of the mean weights; arguments as above."""
    return field(name, seed, scale).mean()


def draw(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns the network of one draw; the seed is the draw's, the weights' is 0."""
    return field(name, 0, scale).drawn(seed)


def noisy(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns a plain network with the Bayesian one's noise, averaged over each parameter."""
    each = [float(sigma.detach().mean()) for sigma in field(name, seed, scale).deviations()]
    return _mean_of_draws(MeanField(variants.seeded(name, seed, scale), each))


def softened(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns a plain network whose logits are halved; arguments as above."""
    return Softened(variants.seeded(name, seed, scale), TEMPERATURE)


def ensemble(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns the mean probability of three plain networks, the first of this seed."""
    return MeanProbability([variants.seeded(name, seed + i, scale) for i in range(MEMBERS)])


def _mean_of_draws(weights: MeanField) -> nn.Module:
    return MeanProbability([weights.drawn(seed) for seed in range(DRAWS)])


def _trained(
    name: str, kind: str, seed: int, scale: str, loss_of: LossOf | None = None,
    change: Callable[[nn.Module], nn.Module] | None = None,
    forward: training.Forward | None = None, **settings: Any,
) -> Any:  # fmt: skip
    """A relative that is trained as its recipe says but for its network, loss or settings."""
    task, recipe = variants.task_of(name, scale), recipes.find(name, scale)
    run = recipe.settings[scale]._replace(seed=seed, **settings)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = task.build()
    label = f"{name}-{kind}-seed-{seed}"

    def train(model: nn.Module, state_file: Path) -> dict[str, Any]:
        rows = recipes.load_split(recipe, scale, "train")
        loss = task.loss if loss_of is None else loss_of(model, len(rows.y))
        losses = training.fit(
            model, [task.inputs(rows)], rows.y, loss, run, forward=forward, augment=task.augment,
            state_file=state_file, label=f"{label} ({scale})",
        )  # fmt: skip
        return {"settings": run._asdict(), "losses": losses}

    return variants.kept(label, scale, change(model) if change else model, train)


MAKERS: dict[str, Callable[..., nn.Module]] = {
    **{f"{n} epoch{'s' * (n > 1)}": functools.partial(stopped, epochs=n) for n in (1, 2, 4)},
    "softened": softened,
    **{f"dropout {rate}": functools.partial(dropped_out, rate=rate) for rate in (0.2, 0.5)},
    "adversarial": hardened,
    "bayesian": bayesian,
    "bayesian mean": bayesian_mean,
    "noisy": noisy,
    "ensemble": ensemble,
    "draw": draw,
}
