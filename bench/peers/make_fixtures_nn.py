"""Writes packages/nn/test/fixtures/*.json: what PyTorch and Keras say about layers, losses, optimizers and small networks.

    pip install "torch>=2.4" "keras>=3.5" numpy
    python bench/peers/make_fixtures_nn.py

Everything is computed in float64 and written with eight significant digits. Images are [batch, channel, height, width];
dense kernels are [input, unit] as in Keras, convolution kernels [filter, channel, height, width] as in PyTorch and ONNX.
"""

import math
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch_fixtures import made_by, max_pooling2d, numbers, padded, pair, rounded, tensor, write  # noqa: E402

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)

MADE_BY = made_by(__file__, keras)


# ---------------------------------------------------------------------------------------------------------------- layers

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softmax": lambda x: F.softmax(x, dim=1),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "leakyRelu": lambda x: F.leaky_relu(x, 0.2),
    "hardSigmoid": F.hardsigmoid,
    "exponential": torch.exp,
}


def conv2d(x, options, weights):
    kernel, strides = pair(options["kernelSize"]), pair(options.get("strides", 1))
    y = F.conv2d(
        padded(x, options, kernel, strides, 0.0),
        weights["kernel"],
        weights.get("bias"),
        stride=strides,
        groups=options.get("groups", 1),
    )
    return ACTIVATIONS[options.get("activation", "linear")](y)


def dense(x, options, weights):
    y = x @ weights["kernel"]
    if "bias" in weights:
        y = y + weights["bias"]
    return ACTIVATIONS[options.get("activation", "linear")](y)


LAYERS = {
    "dense": dense,
    "conv2d": conv2d,
    "maxPooling2d": lambda x, options, _weights: max_pooling2d(x, options),
    "flatten": lambda x, _options, _weights: torch.flatten(x, 1),
    "activation": lambda x, options, _weights: ACTIVATIONS[options["activation"]](x),
}


def layer_weights(generator, kind, options, shape):
    weights = {}
    if kind == "dense":
        weights["kernel"] = rounded(generator, (shape[-1], options["units"]), 0.6)
        if options.get("useBias", True):
            weights["bias"] = rounded(generator, (options["units"],), 0.3)
    if kind == "conv2d":
        groups = options.get("groups", 1)
        weights["kernel"] = rounded(generator, (options["filters"], shape[1] // groups, *pair(options["kernelSize"])), 0.5)
        if options.get("useBias", True):
            weights["bias"] = rounded(generator, (options["filters"],), 0.3)
    return weights


def layer_cases():
    cases = [(f"dense, {name}", "dense", {"units": 4, "activation": name}, (3, 5)) for name in ACTIVATIONS]
    cases += [
        ("dense without bias", "dense", {"units": 2, "useBias": False}, (4, 3)),
        ("dense to one unit", "dense", {"units": 1, "activation": "sigmoid"}, (2, 6)),
        ("conv 3x3, valid", "conv2d", {"filters": 3, "kernelSize": 3}, (2, 2, 6, 5)),
        ("conv 3x3, same", "conv2d", {"filters": 3, "kernelSize": 3, "padding": "same"}, (2, 2, 5, 6)),
        ("conv 2x2, same", "conv2d", {"filters": 2, "kernelSize": 2, "padding": "same"}, (2, 3, 5, 4)),
        ("conv 4x4, same, relu", "conv2d", {"filters": 2, "kernelSize": 4, "padding": "same", "activation": "relu"}, (1, 2, 6, 6)),
        ("conv 1x1", "conv2d", {"filters": 3, "kernelSize": 1, "activation": "tanh"}, (2, 4, 3, 3)),
        ("conv 1x3, valid", "conv2d", {"filters": 2, "kernelSize": [1, 3]}, (2, 1, 4, 6)),
        ("conv 3x3, strides 2, valid", "conv2d", {"filters": 2, "kernelSize": 3, "strides": 2}, (2, 2, 7, 8)),
        ("conv 3x3, strides 2, same", "conv2d", {"filters": 2, "kernelSize": 3, "strides": 2, "padding": "same"}, (2, 2, 7, 8)),
        ("conv 4x2, strides 1x2, same", "conv2d", {"filters": 2, "kernelSize": [4, 2], "strides": [1, 2], "padding": "same"}, (1, 2, 5, 7)),
        ("conv without bias", "conv2d", {"filters": 2, "kernelSize": 3, "useBias": False, "activation": "elu"}, (1, 2, 4, 4)),
        ("conv as large as the image", "conv2d", {"filters": 3, "kernelSize": [4, 3]}, (2, 2, 4, 3)),
        ("conv 3x3, 2 groups", "conv2d", {"filters": 4, "kernelSize": 3, "groups": 2, "padding": "same"}, (2, 4, 4, 5)),
        ("max pool 2x2", "maxPooling2d", {}, (2, 3, 6, 4)),
        ("max pool 2x2, odd image", "maxPooling2d", {"poolSize": 2}, (2, 2, 5, 7)),
        ("max pool 2x3", "maxPooling2d", {"poolSize": [2, 3]}, (1, 2, 6, 6)),
        ("max pool 3x3, strides 2", "maxPooling2d", {"poolSize": 3, "strides": 2}, (2, 2, 7, 7)),
        ("max pool 3x3, strides 2, same", "maxPooling2d", {"poolSize": 3, "strides": 2, "padding": "same"}, (2, 2, 6, 7)),
        ("flatten", "flatten", {}, (2, 3, 2, 2)),
        ("activation of an image, gelu", "activation", {"activation": "gelu"}, (2, 2, 3, 2)),
        ("activation of an image, softmax over the channels", "activation", {"activation": "softmax"}, (2, 3, 2, 2)),
    ]
    return cases


def make_layers():
    generator = np.random.default_rng(20)
    out = []
    for name, kind, options, shape in layer_cases():
        # A permutation, so that no two inputs of a pool tie; never 0, where relu has a corner.
        count = math.prod(shape)
        x = torch.from_numpy((generator.permutation(count).reshape(shape) - (count - 1) / 2) / (count / 5))
        x.requires_grad_(True)
        weights = layer_weights(generator, kind, options, shape)
        for weight in weights.values():
            weight.requires_grad_(True)
        y = LAYERS[kind](x, options, weights)
        dy = rounded(generator, tuple(y.shape))
        (y * dy).sum().backward()
        out.append(
            {
                "name": name,
                "kind": kind,
                "options": options,
                "input": tensor(x),
                "weights": {key: tensor(value) for key, value in weights.items()},
                "output": tensor(y),
                "outputGradient": tensor(dy),
                "inputGradient": tensor(x.grad),
                "weightGradients": {key: tensor(value.grad) for key, value in weights.items()},
            }
        )
    write("layers.json", MADE_BY, {"cases": out})


# ---------------------------------------------------------------------------------------------------------------- losses


def make_losses():
    generator = np.random.default_rng(21)
    one_hot = np.eye(4)[[2, 0, 3, 1, 1]]
    bits = generator.integers(0, 2, size=(5, 4)).astype(float)
    real = np.round(generator.normal(size=(5, 4)) * 64) / 64
    cases = [
        ("categoricalCrossentropy", "softmax", one_hot, 1.0),
        ("categoricalCrossentropy", "softmax", one_hot, 40.0),
        ("categoricalCrossentropy", "sigmoid", one_hot, 1.0),
        ("binaryCrossentropy", "sigmoid", bits, 1.0),
        ("binaryCrossentropy", "sigmoid", bits, 40.0),
        ("binaryCrossentropy", "softmax", bits, 1.0),
        ("meanSquaredError", "linear", real, 1.0),
        ("meanSquaredError", "tanh", real, 1.0),
    ]
    functions = {
        "categoricalCrossentropy": keras.losses.categorical_crossentropy,
        "binaryCrossentropy": keras.losses.binary_crossentropy,
        "meanSquaredError": keras.losses.mean_squared_error,
    }
    stable = {("categoricalCrossentropy", "softmax"), ("binaryCrossentropy", "sigmoid")}
    out = []
    for loss, activation, target, scale in cases:
        z = rounded(generator, (5, 4), scale).requires_grad_(True)
        t = torch.from_numpy(np.asarray(target))
        if (loss, activation) in stable:
            values = functions[loss](t, z, from_logits=True)
        else:
            values = functions[loss](t, ACTIVATIONS[activation](z))
        value = values.mean()
        value.backward()
        out.append(
            {
                "loss": loss,
                "activation": activation,
                "preActivation": tensor(z),
                "target": tensor(t),
                "value": float(value.detach()),
                "gradient": tensor(z.grad),
            }
        )
    write("losses.json", MADE_BY, {"cases": out})


# ------------------------------------------------------------------------------------------------------------ optimizers

OPTIMIZERS = {
    "sgd": lambda o: keras.optimizers.SGD(o["learningRate"], momentum=o.get("momentum", 0.0), nesterov=o.get("nesterov", False)),
    "adam": lambda o: keras.optimizers.Adam(o["learningRate"], o.get("beta1", 0.9), o.get("beta2", 0.999), o.get("epsilon", 1e-7)),
    "adamax": lambda o: keras.optimizers.Adamax(o["learningRate"], o.get("beta1", 0.9), o.get("beta2", 0.999), o.get("epsilon", 1e-7)),
    "nadam": lambda o: keras.optimizers.Nadam(o["learningRate"], o.get("beta1", 0.9), o.get("beta2", 0.999), o.get("epsilon", 1e-7)),
    "rmsprop": lambda o: keras.optimizers.RMSprop(
        o["learningRate"], o.get("rho", 0.9), o.get("momentum", 0.0), o.get("epsilon", 1e-7), o.get("centered", False)
    ),
}

#: PyTorch's twin of a case, with the epsilon where Keras puts it only if the rules agree there.
TORCH_TWINS = {
    "sgd, momentum, Nesterov": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, nesterov=True),
    "sgd, momentum": lambda p: torch.optim.SGD(p, 0.01, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, 0.001, eps=1e-12),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 0.001, alpha=0.9, eps=1e-12),
}


def make_optimizers():
    generator = np.random.default_rng(22)
    cases = [
        ("sgd", "sgd", {"learningRate": 0.01}),
        ("sgd, momentum", "sgd", {"learningRate": 0.01, "momentum": 0.9}),
        ("sgd, momentum, Nesterov", "sgd", {"learningRate": 0.01, "momentum": 0.9, "nesterov": True}),
        ("adam", "adam", {"learningRate": 0.001}),
        ("adam, other constants", "adam", {"learningRate": 0.02, "beta1": 0.7, "beta2": 0.95, "epsilon": 0.01}),
        ("adamax", "adamax", {"learningRate": 0.001}),
        ("adamax, other constants", "adamax", {"learningRate": 0.02, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01}),
        ("nadam", "nadam", {"learningRate": 0.001}),
        ("nadam, other constants", "nadam", {"learningRate": 0.02, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01}),
        ("rmsprop", "rmsprop", {"learningRate": 0.001}),
        ("rmsprop, momentum", "rmsprop", {"learningRate": 0.002, "rho": 0.8, "momentum": 0.5}),
        ("rmsprop, centred", "rmsprop", {"learningRate": 0.002, "centered": True, "epsilon": 0.001}),
        ("rmsprop, centred, momentum", "rmsprop", {"learningRate": 0.002, "centered": True, "momentum": 0.7, "epsilon": 0.001}),
    ]
    steps, size = 10, 6
    start = np.round(generator.normal(size=size) * 64) / 64
    gradients = np.round(generator.normal(size=(steps, size)) * 64) / 64 * np.array([1, 0.1, 10, 1, 0.5, 1])
    gradients[3, 0] = 0
    rates = [1.0] * 6 + [0.5] * 2 + [0.1] * 2
    out = []
    for name, kind, options in cases:
        optimizer = OPTIMIZERS[kind](options)
        weight = keras.Variable(start, dtype="float64")
        optimizer.build([weight])
        trajectory = []
        for gradient, rate in zip(gradients, rates):
            optimizer.learning_rate = options["learningRate"] * rate
            optimizer.apply([torch.from_numpy(gradient)], [weight])
            trajectory.append(numbers(keras.ops.convert_to_numpy(weight)))
        if name in TORCH_TWINS:
            twin = torch.from_numpy(start.copy()).requires_grad_(True)
            twin_optimizer = TORCH_TWINS[name]([twin])
            for gradient, rate, expected in zip(gradients[:6], rates, trajectory):
                twin.grad = torch.from_numpy(gradient)
                twin_optimizer.step()
                # Keras's Adam scales epsilon with the bias correction and its RMSprop keeps it under the root.
                np.testing.assert_allclose(twin.detach().numpy(), expected, rtol=2e-4, err_msg=name)
        out.append({"name": name, "kind": kind, "options": options, "trajectory": trajectory})
    write("optimizers.json", MADE_BY, {"start": numbers(start), "gradients": [numbers(g) for g in gradients], "rates": rates, "cases": out})


# -------------------------------------------------------------------------------------------------------------- networks


def make_networks():
    """System B's network on ten-pixel images, five steps of which the last is a smaller batch."""
    generator = np.random.default_rng(23)
    count, size, batch, neurons = 28, 10, 6, 8
    pixels = generator.integers(0, 256, size=(count, 1, size, size), dtype=np.uint8)
    labels = generator.integers(0, 2, size=count)
    pixels[labels == 1, :, 2:8, 4:6] |= 128
    shapes = {
        "conv2d.kernel": (4, 1, 3, 3),
        "conv2d.bias": (4,),
        "conv2d_1.kernel": (8, 4, 3, 3),
        "conv2d_1.bias": (8,),
        "dense.kernel": (72, neurons),
        "dense.bias": (neurons,),
        "dense_1.kernel": (neurons, 2),
        "dense_1.bias": (2,),
    }
    start = {name: rounded(generator, shape, 0.3 if name.endswith("kernel") else 0.1).numpy() for name, shape in shapes.items()}
    runs = [
        ("adam", {"learningRate": 0.005}, "relu"),
        ("sgd", {"learningRate": 0.01}, "tanh"),
        ("adamax", {"learningRate": 0.01}, "softmax"),
        ("nadam", {"learningRate": 0.002}, "sigmoid"),
    ]
    out = []
    for kind, options, activation in runs:
        model = keras.Sequential(
            [
                keras.Input((1, size, size)),
                keras.layers.Conv2D(4, 3, activation="relu", data_format="channels_first"),
                keras.layers.Conv2D(8, 3, activation="relu", data_format="channels_first"),
                keras.layers.MaxPooling2D(data_format="channels_first"),
                # Keras's Flatten would move the channels last; ours keeps them first.
                keras.layers.Reshape((72,)),
                keras.layers.Dense(neurons, activation=activation),
                keras.layers.Dense(2, activation="softmax"),
            ]
        )
        # Keras keeps convolution kernels as [height, width, channel, filter].
        model.set_weights([w.transpose(2, 3, 1, 0) if w.ndim == 4 else w for w in start.values()])
        model.compile(optimizer=OPTIMIZERS[kind](options), loss="categorical_crossentropy")
        targets = np.eye(2)[labels]
        losses = []
        for first in range(0, count, batch):
            rows = slice(first, first + batch)
            # `train_on_batch` reports a running mean; the loss of the batch itself is asked for before the step.
            losses.append(float(model.test_on_batch(pixels[rows] / 255.0, targets[rows])))
            model.reset_metrics()
            model.train_on_batch(pixels[rows] / 255.0, targets[rows])
            model.reset_metrics()
        final = [w.transpose(3, 2, 0, 1) if w.ndim == 4 else w for w in model.get_weights()]
        out.append(
            {
                "kind": kind,
                "options": options,
                "activation": activation,
                "losses": numbers(losses),
                "weights": {name: tensor(value) for name, value in zip(shapes, final)},
                "probabilities": tensor(model.predict(pixels[:4] / 255.0, verbose=0)),
            }
        )
    write(
        "networks.json",
        MADE_BY,
        {
            "batchSize": batch,
            "neurons": neurons,
            "images": {"shape": list(pixels.shape), "data": pixels.ravel().tolist()},
            "labels": labels.tolist(),
            "start": {name: tensor(value) for name, value in start.items()},
            "runs": out,
        },
    )


if __name__ == "__main__":
    make_layers()
    make_losses()
    make_optimizers()
    make_networks()
