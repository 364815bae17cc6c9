"""Writes those of packages/nn/test/fixtures/*.json that need PyTorch alone: pools, optimizers with decay, schedules, averages.

    pip install "torch>=2.4" numpy
    python bench/peers/make_fixtures_torch.py

Everything is computed in float64 and written with eight significant digits. Images are [batch, channel, height, width].
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages" / "nn" / "test" / "fixtures"
MADE_BY = f"bench/peers/make_fixtures_torch.py, torch {torch.__version__.split('+')[0]}"


def numbers(values):
    """A flat list with eight significant digits a number."""
    return [float(f"{value:.8g}") for value in np.asarray(values, dtype=np.float64).ravel()]


def tensor(values):
    array = np.asarray(values.detach() if isinstance(values, torch.Tensor) else values)
    return {"shape": list(array.shape), "data": numbers(array)}


def write(name, content):
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / name
    path.write_text(json.dumps({"madeBy": MADE_BY, **content}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)


def rounded(generator, shape, scale=1.0):
    """Random numbers that float32 and eight digits hold exactly: multiples of 1/64."""
    return torch.from_numpy(np.round(generator.normal(size=shape) * scale * 64) / 64)


# ----------------------------------------------------------------------------------------------------------------- pools


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def same_padding(sizes, kernel, strides):
    """TensorFlow's "same": the output is ceil(size / stride) and the odd pixel goes to the end."""
    pads = []
    for size, k, s in zip(sizes, kernel, strides):
        total = max((math.ceil(size / s) - 1) * s + k - size, 0)
        pads.append((total // 2, total - total // 2))
    return pads


def padded(x, options, kernel, strides, value):
    if options.get("padding", "valid") == "valid":
        return x
    (top, bottom), (left, right) = same_padding(x.shape[2:], kernel, strides)
    return F.pad(x, (left, right, top, bottom), value=value)


def average_pooling2d(x, options):
    """Sums of the padded image over the number of elements that are no padding."""
    kernel = pair(options.get("poolSize", 2))
    strides = pair(options.get("strides", kernel))
    pool = lambda images: F.avg_pool2d(padded(images, options, kernel, strides, 0.0), kernel, stride=strides)
    return pool(x) / pool(torch.ones_like(x))


def max_pooling2d(x, options):
    kernel = pair(options.get("poolSize", 2))
    strides = pair(options.get("strides", kernel))
    return F.max_pool2d(padded(x, options, kernel, strides, -math.inf), kernel, stride=strides)


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
    write("pools.json", {"cases": out})


if __name__ == "__main__":
    make_pools()
