"""Writes those of packages/nn/test/fixtures/*.json that need PyTorch alone: pools, optimizers with decay, schedules, averages.

    pip install "torch>=2.4" numpy
    python bench/peers/make_fixtures_torch.py

Everything is computed in float64 and written with eight significant digits. Images are [batch, channel, height, width].
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch_fixtures import made_by, max_pooling2d, numbers, padded, pair, rounded, tensor, write

torch.set_default_dtype(torch.float64)

MADE_BY = made_by(__file__)


# ----------------------------------------------------------------------------------------------------------------- pools


def average_pooling2d(x, options):
    """Sums of the padded image over the number of elements that are no padding."""
    kernel = pair(options.get("poolSize", 2))
    strides = pair(options.get("strides", kernel))
    pool = lambda images: F.avg_pool2d(padded(images, options, kernel, strides, 0.0), kernel, stride=strides)
    return pool(x) / pool(torch.ones_like(x))


def column(values):
    return torch.tensor(values).reshape(-1, 1, 1)


LAYERS = {
    "averagePooling2d": average_pooling2d,
    "maxPooling2d": max_pooling2d,
    "globalAveragePooling2d": lambda x, _options: x.mean((2, 3)),
    "globalMaxPooling2d": lambda x, _options: x.amax((2, 3)),
    "rescaling": lambda x, options: x * options["scale"] + options["offset"],
    "normalization": lambda x, options: (x - column(options["mean"])) / column(options["deviation"]),
}

LAYER_CASES = [
    ("average pool 2x2", "averagePooling2d", {}, (2, 3, 6, 4)),
    ("average pool 2x2, odd image", "averagePooling2d", {"poolSize": 2}, (2, 2, 5, 7)),
    ("average pool 2x2, odd image, same", "averagePooling2d", {"poolSize": 2, "padding": "same"}, (2, 2, 5, 7)),
    ("average pool 2x3", "averagePooling2d", {"poolSize": [2, 3]}, (1, 2, 6, 6)),
    ("average pool 3x3, strides 2", "averagePooling2d", {"poolSize": 3, "strides": 2}, (2, 2, 7, 7)),
    ("average pool 3x3, strides 2, same", "averagePooling2d", {"poolSize": 3, "strides": 2, "padding": "same"}, (2, 2, 6, 7)),
    ("average pool 3x3, strides 1, same", "averagePooling2d", {"poolSize": 3, "strides": 1, "padding": "same"}, (1, 2, 4, 5)),
    ("average pool 4x4, strides 2, same", "averagePooling2d", {"poolSize": 4, "strides": 2, "padding": "same"}, (1, 2, 7, 6)),
    ("max pool 3x3, strides 1, same", "maxPooling2d", {"poolSize": 3, "strides": 1, "padding": "same"}, (1, 2, 4, 5)),
    ("max pool 4x2, strides 1x2, same", "maxPooling2d", {"poolSize": [4, 2], "strides": [1, 2], "padding": "same"}, (1, 2, 5, 7)),
    ("global average pool", "globalAveragePooling2d", {}, (2, 3, 4, 5)),
    ("global max pool", "globalMaxPooling2d", {}, (2, 3, 4, 5)),
    ("rescaling", "rescaling", {"scale": 2.5, "offset": -0.5}, (2, 3)),
    ("normalization", "normalization", {"mean": [0.5, -0.25, 1], "deviation": [0.25, 2, 0.75]}, (2, 3, 2, 3)),
]


def make_pools():
    generator = np.random.default_rng(30)
    out = []
    for name, kind, options, shape in LAYER_CASES:
        # A permutation, so that no two inputs of a pool tie.
        count = math.prod(shape)
        x = torch.from_numpy((generator.permutation(count).reshape(shape) - (count - 1) / 2) / (count / 5))
        x.requires_grad_(True)
        y = LAYERS[kind](x, options)
        dy = rounded(generator, tuple(y.shape))
        (y * dy).sum().backward()
        out.append(
            {
                "name": name,
                "kind": kind,
                "options": options,
                "input": tensor(x),
                "weights": {},
                "output": tensor(y),
                "outputGradient": tensor(dy),
                "inputGradient": tensor(x.grad),
                "weightGradients": {},
            }
        )
    write("pools.json", MADE_BY, {"cases": out})


# ------------------------------------------------------------------------------------------------------------ optimizers


def make_decays():
    """Optimizers with weight decay on every weight: AdamW with a rate that changes, SGD with PyTorch's L2."""
    generator = np.random.default_rng(31)
    steps, size = 10, 6
    start = np.round(generator.normal(size=size) * 64) / 64
    gradients = np.round(generator.normal(size=(steps, size)) * 64) / 64 * np.array([1, 0.1, 10, 1, 0.5, 1])
    gradients[3, 0] = 0
    rates = [1.0] * 6 + [0.5] * 2 + [0.1] * 2
    adamw = lambda o: lambda p: torch.optim.AdamW(
        p, o["learningRate"], (o.get("beta1", 0.9), o.get("beta2", 0.999)), o["epsilon"], o["weightDecay"]
    )
    sgd = lambda o: lambda p: torch.optim.SGD(
        p, o["learningRate"], o.get("momentum", 0.0), weight_decay=o["weightDecay"], nesterov=o.get("nesterov", False)
    )
    # PyTorch's epsilon stands elsewhere than Keras's, which is ours: it is too small to matter. Its momentum of SGD is not yet
    # multiplied by the rate, which makes no difference as long as that stays the same.
    cases = [
        ("adamw", "adamw", adamw, {"learningRate": 0.001, "weightDecay": 0.01, "epsilon": 1e-12}, rates),
        ("adamw, much decay", "adamw", adamw, {"learningRate": 0.05, "weightDecay": 0.5, "epsilon": 1e-12, "beta1": 0.8, "beta2": 0.95}, rates),
        ("sgd, decay", "sgd", sgd, {"learningRate": 0.01, "weightDecay": 0.1}, rates),
        ("sgd, momentum, decay", "sgd", sgd, {"learningRate": 0.01, "momentum": 0.9, "weightDecay": 0.0005}, [1.0] * steps),
        ("sgd, Nesterov, decay", "sgd", sgd, {"learningRate": 0.02, "momentum": 0.8, "nesterov": True, "weightDecay": 0.3}, [1.0] * steps),
    ]
    out = []
    for name, kind, make, options, case_rates in cases:
        weight = torch.from_numpy(start.copy()).requires_grad_(True)
        optimizer = make(options)([weight])
        trajectory = []
        for gradient, rate in zip(gradients, case_rates):
            optimizer.param_groups[0]["lr"] = options["learningRate"] * rate
            weight.grad = torch.from_numpy(gradient.copy())
            optimizer.step()
            trajectory.append(numbers(weight.detach()))
        out.append({"name": name, "kind": kind, "options": {**options, "decayed": "all"}, "rates": case_rates, "trajectory": trajectory})
    write("decays.json", MADE_BY, {"start": numbers(start), "gradients": [numbers(g) for g in gradients], "cases": out})


# ------------------------------------------------------------------------------------------------------------- schedules


def make_schedules():
    """The factor of the learning rate (and the momentum) at each step, schedulers stepped as PyTorch's documentation has it."""
    from torch.optim import lr_scheduler as s

    steps_per_epoch, epochs = 4, 10
    total = steps_per_epoch * epochs
    per_step, per_epoch = "step", "epoch"
    one_cycle = lambda o, **options: s.OneCycleLR(o, 1.0, total_steps=total, cycle_momentum="base_momentum" in options, **options)
    cases = [
        ("step", {"every": 3, "factor": 0.5}, per_epoch, lambda o: s.StepLR(o, 3, 0.5)),
        ("step", {"after": [2, 7], "factor": 0.1}, per_epoch, lambda o: s.MultiStepLR(o, [2, 7], 0.1)),
        ("exponential", {"factor": 0.8, "staircase": True}, per_epoch, lambda o: s.ExponentialLR(o, 0.8)),
        ("exponential", {"factor": 0.8}, per_step, lambda o: s.ExponentialLR(o, 0.8 ** (1 / steps_per_epoch))),
        ("cosine", {}, per_step, lambda o: s.CosineAnnealingLR(o, total)),
        ("cosine", {"end": 0.05}, per_step, lambda o: s.CosineAnnealingLR(o, total, 0.05)),
        ("cosine", {"end": 0.1, "restarts": {"first": 1, "growth": 2}}, per_step, lambda o: s.CosineAnnealingWarmRestarts(o, steps_per_epoch, 2, 0.1)),
        ("oneCycle", {}, per_step, lambda o: one_cycle(o)),
        (
            "oneCycle",
            {"rise": 0.25, "start": 0.1, "end": 0.001, "annealing": "linear", "momentum": [0.85, 0.95]},
            per_step,
            lambda o: one_cycle(o, pct_start=0.25, div_factor=10, final_div_factor=100, anneal_strategy="linear", base_momentum=0.85, max_momentum=0.95),
        ),
        (
            "oneCycle",
            {"rise": 0.4, "threePhases": True, "momentum": [0.8, 0.9]},
            per_step,
            lambda o: one_cycle(o, pct_start=0.4, three_phase=True, base_momentum=0.8, max_momentum=0.9),
        ),
        (
            "warmUp",
            {"epochs": 2, "start": 0.1},
            per_step,
            lambda o: s.SequentialLR(
                o,
                [s.LinearLR(o, 0.1, 1, 2 * steps_per_epoch), s.CosineAnnealingLR(o, total - 2 * steps_per_epoch)],
                [2 * steps_per_epoch],
            ),
        ),
    ]
    out = []
    for kind, options, pace, make in cases:
        weight = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([weight], 1.0, momentum=0.5)
        scheduler = make(optimizer)
        factors, momenta = [], []
        for now in range(total):
            factors.append(optimizer.param_groups[0]["lr"])
            momenta.append(optimizer.param_groups[0]["momentum"])
            optimizer.step()
            if (pace == per_step and now < total - 1) or (pace == per_epoch and (now + 1) % steps_per_epoch == 0):
                scheduler.step()
        case = {"kind": kind, "options": options, "factors": numbers(factors)}
        out.append({**case, "momenta": numbers(momenta)} if "momentum" in options else case)
    write("schedules.json", MADE_BY, {"stepsPerEpoch": steps_per_epoch, "epochs": epochs, "cases": out})


# --------------------------------------------------------------------------------------------------------------- recipes


def make_recipes():
    """A small network trained with all that recipes add: decay of kernels alone, clipped gradients, a schedule, an average."""
    generator = np.random.default_rng(32)
    count, batch, epochs = 16, 4, 3
    images = rounded(generator, (count, 2, 6, 6))
    labels = generator.integers(0, 3, size=count)
    shapes = {
        "conv2d.kernel": (4, 2, 3, 3),
        "conv2d.bias": (4,),
        "conv2d_1.kernel": (3, 4, 2, 2),
        "conv2d_1.bias": (3,),
        "dense.kernel": (27, 3),
        "dense.bias": (3,),
    }
    start = {name: rounded(generator, shape, 0.3) for name, shape in shapes.items()}

    def logits(w, x):
        y = F.elu(F.conv2d(F.pad(x, (1, 1, 1, 1)), w["conv2d.kernel"], w["conv2d.bias"]))
        y = F.avg_pool2d(y, 2)
        y = F.silu(F.conv2d(F.pad(y, (0, 1, 0, 1)), w["conv2d_1.kernel"], w["conv2d_1.bias"]))
        return torch.flatten(y, 1) @ w["dense.kernel"] + w["dense.bias"]

    runs = [
        ("adamw", {"learningRate": 0.02, "weightDecay": 0.5, "epsilon": 1e-4}, {"kind": "norm", "limit": 0.5}, 0.8, True),
        ("sgd", {"learningRate": 0.3, "momentum": 0.9, "nesterov": True, "weightDecay": 0.05}, {"kind": "value", "limit": 0.02}, 0.6, False),
    ]
    out = []
    for kind, options, clipping, decay, cycled in runs:
        w = {name: value.clone().requires_grad_(True) for name, value in start.items()}
        groups = [
            {"params": [v for n, v in w.items() if n.endswith("kernel")], "weight_decay": options["weightDecay"]},
            {"params": [v for n, v in w.items() if not n.endswith("kernel")], "weight_decay": 0.0},
        ]
        if kind == "adamw":
            optimizer = torch.optim.AdamW(groups, options["learningRate"])
        else:
            optimizer = torch.optim.SGD(groups, options["learningRate"], options["momentum"], nesterov=True)
        steps = epochs * count // batch
        if cycled:
            scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, options["learningRate"], steps, cycle_momentum=False)
        average = None
        losses = []
        for step in range(steps):
            rows = slice(step * batch % count, step * batch % count + batch)
            loss = F.cross_entropy(logits(w, images[rows]), torch.from_numpy(labels[rows]))
            optimizer.zero_grad()
            loss.backward()
            losses.append(float(loss.detach()))
            if clipping["kind"] == "norm":
                torch.nn.utils.clip_grad_norm_(w.values(), clipping["limit"])
            else:
                torch.nn.utils.clip_grad_value_(w.values(), clipping["limit"])
            for group in optimizer.param_groups:
                if kind == "adamw":
                    # PyTorch adds epsilon after the correction of the bias, Keras and argmin before.
                    group["eps"] = options["epsilon"] / math.sqrt(1 - 0.999 ** (step + 1))
            optimizer.step()
            if cycled and step + 1 < steps:
                scheduler.step()
            now = {name: value.detach().clone() for name, value in w.items()}
            average = now if average is None else {n: decay * average[n] + (1 - decay) * now[n] for n in now}
        with torch.no_grad():
            averaged_loss = float(F.cross_entropy(logits(average, images), torch.from_numpy(labels)))
        out.append(
            {
                "kind": kind,
                "options": options,
                "clipping": clipping,
                "decay": decay,
                "cycled": cycled,
                "losses": numbers([np.mean(losses[e * 4 : e * 4 + 4]) for e in range(epochs)]),
                "weights": {name: tensor(value) for name, value in w.items()},
                "average": {name: tensor(value) for name, value in average.items()},
                "averagedLoss": averaged_loss,
            }
        )
    write(
        "recipes.json",
        MADE_BY,
        {
            "batchSize": batch,
            "epochs": epochs,
            "images": tensor(images),
            "labels": labels.tolist(),
            "start": {name: tensor(value) for name, value in start.items()},
            "runs": out,
        },
    )


if __name__ == "__main__":
    make_pools()
    make_decays()
    make_schedules()
    make_recipes()
