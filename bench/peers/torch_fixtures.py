"""What the scripts that write packages/nn/test/fixtures have in common: how arrays are written, and Keras's padding in PyTorch."""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages" / "nn" / "test" / "fixtures"


def numbers(values):
    """A flat list with eight significant digits a number."""
    return [float(f"{value:.8g}") for value in np.asarray(values, dtype=np.float64).ravel()]


def tensor(values):
    array = np.asarray(values.detach() if isinstance(values, torch.Tensor) else values)
    return {"shape": list(array.shape), "data": numbers(array)}


def rounded(generator, shape, scale=1.0):
    """Random numbers that float32 and eight digits hold exactly: multiples of 1/64."""
    return torch.from_numpy(np.round(generator.normal(size=shape) * scale * 64) / 64)


def made_by(script, *libraries):
    """What a fixture says of its origin: the script, then torch and the other libraries with their versions."""
    versions = [f"{library.__name__} {library.__version__.split('+')[0]}" for library in (torch, *libraries)]
    return ", ".join([f"bench/peers/{pathlib.Path(script).name}", *versions])


def write(name, origin, content):
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / name
    path.write_text(json.dumps({"madeBy": origin, **content}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)


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


def max_pooling2d(x, options):
    kernel = pair(options.get("poolSize", 2))
    strides = pair(options.get("strides", kernel))
    return F.max_pool2d(padded(x, options, kernel, strides, -math.inf), kernel, stride=strides)
