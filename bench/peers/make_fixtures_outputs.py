"""Writes packages/nn/test/fixtures/outputs.json: what PyTorch says about a network with three outputs, batch normalization, regularizers,
loss weights and label smoothing, over several steps of which the last is a smaller batch.

    pip install "torch>=2.4" numpy
    python bench/peers/make_fixtures_outputs.py

Everything is computed in float64 and written with eight significant digits. Losses, the running variance (of the batch as it is) and
the optimizers follow Keras 3, written out here with PyTorch's gradients.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch_fixtures import made_by, tensor, write

torch.set_default_dtype(torch.float64)

COUNT, SIZE, BATCH, EPSILON, MOMENTUM, FUZZ = 22, 8, 8, 1e-3, 0.9, 1e-7
WEIGHTS = {"fine": 1.0, "coarse": 0.3, "traits": 0.5}
SMOOTHING = {"fine": 0.1, "coarse": 0.0, "traits": 0.2}
#: l1 and l2 of each kernel that has any, and of one bias.
REGULARIZED = {"stem.kernel": (0.0, 0.01), "hidden.kernel": (0.002, 0.005), "hidden.bias": (0.0, 0.1), "coarse.kernel": (0.003, 0.0)}


def start_weights(generator):
    shapes = {
        "stem.kernel": (4, 1, 3, 3),
        "norm.gamma": (4,),
        "norm.beta": (4,),
        "norm.movingMean": (4,),
        "norm.movingVariance": (4,),
        "hidden.kernel": (64, 10),
        "hidden.bias": (10,),
        "last.beta": (10,),
        "last.movingMean": (10,),
        "last.movingVariance": (10,),
        "fine.kernel": (10, 5),
        "fine.bias": (5,),
        "coarse.kernel": (10, 3),
        "coarse.bias": (3,),
        "traits.kernel": (10, 2),
        "traits.bias": (2,),
    }
    weights = {}
    for name, shape in shapes.items():
        values = np.round(generator.normal(size=shape) * 0.3 * 64) / 64
        if name.endswith(("gamma", "Variance")):
            values = 1 + np.abs(values)
        weights[name] = torch.from_numpy(values)
    return weights


def normalize(x, weights, name, training):
    """Batch normalization; in training it moves the running statistics as Keras does."""
    axes = [0, 2, 3] if x.ndim == 4 else [0]
    shape = (1, -1, 1, 1) if x.ndim == 4 else (1, -1)
    kept = weights[f"{name}.movingMean"], weights[f"{name}.movingVariance"]
    mean, variance = (x.mean(axes), x.var(axes, unbiased=False)) if training else kept
    if training:
        for one, now in zip(kept, (mean, variance)):
            one.mul_(MOMENTUM).add_(now.detach() * (1 - MOMENTUM))
    gamma = weights.get(f"{name}.gamma", torch.ones_like(mean))
    y = (x - mean.view(shape)) / torch.sqrt(variance.view(shape) + EPSILON)
    return y * gamma.view(shape) + weights[f"{name}.beta"].view(shape)


def forward(x, weights, training):
    y = F.conv2d(x, weights["stem.kernel"], padding=1)
    y = F.max_pool2d(F.elu(normalize(y, weights, "norm", training)), 2)
    y = torch.flatten(y, 1) @ weights["hidden.kernel"] + weights["hidden.bias"]
    y = torch.tanh(normalize(y, weights, "last", training))
    heads = {name: y @ weights[f"{name}.kernel"] + weights[f"{name}.bias"] for name in WEIGHTS}
    return {"fine": F.softmax(heads["fine"], 1), "coarse": torch.sigmoid(heads["coarse"]), "traits": torch.sigmoid(heads["traits"])}


def categorical(p, labels, smoothing):
    units = p.shape[1]
    target = torch.eye(units)[labels] * (1 - smoothing) + smoothing / units
    p = (p / p.sum(1, keepdim=True)).clamp(FUZZ, 1 - FUZZ)
    return -(target * p.log()).sum(1).mean()


def binary(p, labels, smoothing):
    target = labels * (1 - smoothing) + smoothing / 2
    p = p.clamp(FUZZ, 1 - FUZZ)
    return -(target * p.log() + (1 - target) * (1 - p).log()).mean()


def losses_of(outputs, labels):
    return {
        "fine": categorical(outputs["fine"], labels["fine"], SMOOTHING["fine"]),
        "coarse": categorical(outputs["coarse"], labels["coarse"], SMOOTHING["coarse"]),
        "traits": binary(outputs["traits"], labels["traits"], SMOOTHING["traits"]),
    }


def total(losses, weights):
    penalty = sum(l1 * weights[name].abs().sum() + l2 * (weights[name] ** 2).sum() for name, (l1, l2) in REGULARIZED.items())
    return sum(WEIGHTS[name] * loss for name, loss in losses.items()) + penalty


def sgd(weight, gradient, kept, _step):
    kept["m"] = 0.9 * kept.get("m", torch.zeros_like(weight)) - 0.05 * gradient
    return weight + kept["m"]


def adam(weight, gradient, kept, step):
    kept["m"] = 0.9 * kept.get("m", torch.zeros_like(weight)) + 0.1 * gradient
    kept["v"] = 0.999 * kept.get("v", torch.zeros_like(weight)) + 0.001 * gradient**2
    rate = 0.01 * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)
    return weight - rate * kept["m"] / (kept["v"].sqrt() + 1e-7)


def run(update, pixels, labels, start):
    weights = {name: value.clone() for name, value in start.items()}
    learned = [name for name in weights if "moving" not in name]
    kept = {name: {} for name in learned}
    sums = {"loss": 0.0, **{f"{name}Loss": 0.0 for name in WEIGHTS}}
    for step, first in enumerate(range(0, 2 * COUNT, BATCH)):
        first %= -(-COUNT // BATCH) * BATCH
        rows = slice(first, min(first + BATCH, COUNT))
        size = rows.stop - rows.start
        for name in learned:
            weights[name] = weights[name].detach().requires_grad_(True)
        losses = losses_of(forward(pixels[rows], weights, True), {name: values[rows] for name, values in labels.items()})
        loss = total(losses, weights)
        loss.backward()
        if step < 3:
            sums["loss"] += loss.item() * size
            for name in WEIGHTS:
                sums[f"{name}Loss"] += losses[name].item() * size
        with torch.no_grad():
            for name in learned:
                weights[name] = update(weights[name], weights[name].grad, kept[name], step + 1)
    with torch.no_grad():
        outputs = forward(pixels, weights, False)
        losses = losses_of(outputs, labels)
        right = {
            "fineAccuracy": (outputs["fine"].argmax(1) == labels["fine"]).double().mean().item(),
            "coarseAccuracy": (outputs["coarse"].argmax(1) == labels["coarse"]).double().mean().item(),
            "traitsAccuracy": ((outputs["traits"] > 0.5) == (labels["traits"] > 0.5)).double().mean().item(),
        }
        evaluation = {"loss": total(losses, weights).item(), **{f"{name}Loss": loss.item() for name, loss in losses.items()}}
    return {
        "firstEpoch": {name: float(f"{value / COUNT:.8g}") for name, value in sums.items()},
        "weights": {name: tensor(value) for name, value in weights.items()},
        "evaluation": {name: float(f"{value:.8g}") for name, value in {**evaluation, **right}.items()},
        "outputs": {name: tensor(value[:3]) for name, value in outputs.items()},
    }


def main():
    generator = np.random.default_rng(31)
    bytes_ = generator.integers(0, 256, size=(COUNT, 1, SIZE, SIZE), dtype=np.uint8)
    labels = {
        "fine": torch.from_numpy(generator.integers(0, 5, size=COUNT)),
        "coarse": torch.from_numpy(generator.integers(0, 3, size=COUNT)),
        "traits": torch.from_numpy(generator.integers(0, 2, size=(COUNT, 2)).astype(float)),
    }
    start = start_weights(generator)
    pixels = torch.from_numpy(bytes_ / 255.0)
    content = {
        "batchSize": BATCH,
        "images": {"shape": list(bytes_.shape), "data": bytes_.ravel().tolist()},
        "labels": {name: [int(value) for value in values.ravel()] for name, values in labels.items()},
        "start": {name: tensor(value) for name, value in start.items()},
        "runs": {"sgd": run(sgd, pixels, labels, start), "adam": run(adam, pixels, labels, start)},
    }
    write("outputs.json", made_by(__file__), content)


if __name__ == "__main__":
    main()
