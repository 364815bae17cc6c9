"""Trains systems A's and C's networks in PyTorch: {"task", "batch", "steps", "threads", "layout", "autocast", "device"} -> {"seconds", "peakBytes", "loss"}.

Eager PyTorch as its users write it: all images as float32 in memory, batches gathered by a shuffled index, running loss and
accuracy kept as tensors and read once a round.
"""

import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional

from protocol import serve


class SimpleCnn(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = [3, 64, 128, 256]
        stages = [[nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)] for a, b in zip(sizes, sizes[1:])]
        self.body = nn.Sequential(
            *[layer for stage in stages for layer in stage],
            nn.Flatten(),
            nn.Linear(4096, 512),
            nn.ReLU(),
            nn.Dropout(0.25),
            nn.Linear(512, 256),
            nn.ReLU(),
        )
        self.heads = nn.ModuleList([nn.Linear(256, 100)])

    def forward(self, x):
        x = self.body(x)
        return [head(x) for head in self.heads]


ACTIVATIONS = {"relu": nn.ReLU, "elu": nn.ELU}


class Same(nn.Module):
    """A layer with a window, padded as Keras's "same": the odd row and column go after."""

    def __init__(self, layer, size, stride=1, fill=0.0):
        super().__init__()
        self.layer, self.size, self.stride, self.fill = layer, size, stride, fill

    def forward(self, x):
        total = [max((-(-n // self.stride) - 1) * self.stride + self.size - n, 0) for n in x.shape[2:]]
        (top, bottom), (left, right) = [(t // 2, t - t // 2) for t in total]
        if (top, left) == (bottom, right) and self.fill == 0.0:
            return functional.conv2d(x, self.layer.weight, self.layer.bias, self.stride, (top, left))
        return self.layer(functional.pad(x, (left, right, top, bottom), value=self.fill))


def convolution(channels, filters, size, stride=1):
    return Same(nn.Conv2d(channels, filters, size, stride), size, stride)


def normalization(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Residual(nn.Module):
    """Sums of a linear 1 x 1 convolution and a convolution after dropout, one after the other."""

    def __init__(self, filters, settings):
        super().__init__()
        count = settings["residual"]
        self.shortcuts = nn.ModuleList([nn.Conv2d(filters, filters, 1) for _ in range(count)])
        self.branches = nn.ModuleList(
            [
                nn.Sequential(
                    nn.Dropout(settings["conv_dropout_drop_proba"]),
                    convolution(filters, filters, settings["res_conv_kernel_size"]),
                    ACTIVATIONS[settings["activation"]](),
                )
                for _ in range(count)
            ]
        )
        normalized = [settings["use_BN"] or i == count - 1 for i in range(count)]
        self.norms = nn.ModuleList([normalization(filters) if yes else nn.Identity() for yes in normalized])
        self.last = normalization(filters)

    def forward(self, x):
        for shortcut, branch, norm in zip(self.shortcuts, self.branches, self.norms):
            x = norm(shortcut(x) + branch(x))
        return self.last(x)


def halving(channels, filters, settings):
    layers = [convolution(channels, filters, 3, stride=2)]
    return nn.Sequential(*layers, *([normalization(filters)] if settings["use_BN"] else []))


class Inception(nn.Module):
    def __init__(self, filters, settings):
        super().__init__()
        wide, narrow = int(0.4 * filters + 1), int(0.33 * filters + 1)
        activation = ACTIVATIONS[settings["activation"]]
        self.short = halving(filters, wide, settings)
        self.long = nn.Sequential(
            convolution(filters, narrow, 1), activation(), convolution(narrow, wide, 3), activation(), halving(wide, wide, settings)
        )
        pool = Same(nn.MaxPool2d(3, 2), 3, 2, fill=float("-inf"))
        self.largest = nn.Sequential(convolution(filters, wide, 1), activation(), pool)

    def forward(self, x):
        return torch.cat([self.short(x), self.long(x), self.largest(x)], 1)


POOLINGS = {
    "max": lambda filters, settings: nn.MaxPool2d(2),
    "avg": lambda filters, settings: nn.AvgPool2d(2),
    "all_conv": lambda filters, settings: halving(filters, filters, settings),
    "inception": Inception,
}


class Vooban(nn.Module):
    def __init__(self, settings):
        super().__init__()
        activation = ACTIVATIONS[settings["activation"]]
        layers, channels = [], 3
        if settings["first_conv"]:
            layers += [convolution(3, 16, settings["first_conv"]), activation()]
            channels = 16
        filters = int(40 * settings["conv_hiddn_units_mult"])
        for stage in range(settings["nb_conv_pool_layers"]):
            layers += [convolution(channels, filters, settings["conv_kernel_size"]), activation()]
            if settings["use_BN"]:
                layers.append(normalization(filters))
            if settings["residual"] and stage >= settings["conv_pool_res_start_idx"]:
                layers.append(Residual(filters, settings))
            layers.append(POOLINGS[settings["pooling_type"]](filters, settings))
            layers.append(nn.Dropout(settings["conv_dropout_drop_proba"]))
            channels = 3 * int(0.4 * filters + 1) if settings["pooling_type"] == "inception" else filters
            filters *= 2
        body = nn.Sequential(*layers, nn.Flatten())
        with torch.no_grad():
            size = body(torch.zeros(2, 3, 32, 32)).shape[1]
        units = [int(1000 * settings["fc_units_1_mult"])]
        if settings["one_more_fc"]:
            units.append(int(750 * settings["one_more_fc"]))
        for before, after in zip([size, *units], units):
            body.extend([nn.Linear(before, after), activation(), nn.Dropout(settings["fc_dropout_drop_proba"])])
        self.body = body
        self.heads = nn.ModuleList([nn.Linear(units[-1], 100), nn.Linear(units[-1], 20)])

    def forward(self, x):
        x = self.body(x - 0.5)
        return [head(x) for head in self.heads]


def parameter_groups(model, decay):
    """Kernels with the penalty, which the optimizer adds to the gradient, and all else without."""
    kernels = [p for p in model.parameters() if p.dim() > 1]
    return [{"params": kernels, "weight_decay": decay}, {"params": [p for p in model.parameters() if p.dim() == 1]}]


NETWORKS = {"simplecnn": lambda task: SimpleCnn(), "vooban": lambda task: Vooban(task["settings"])}

OPTIMIZERS = {
    "sgd": lambda weights, task: torch.optim.SGD(weights, lr=task["learningRate"], momentum=task["momentum"]),
    "nadam": lambda weights, task: torch.optim.NAdam(weights, lr=task["learningRate"], eps=1e-7),
}


class Trainer:
    def __init__(self, request):
        task = request["task"]
        self.batch = request["batch"]
        self.autocast = request["autocast"]
        self.format = torch.channels_last if request["layout"] == "channels last" else torch.contiguous_format
        count = self.batch * request["steps"]
        generator = torch.Generator().manual_seed(self.batch)
        images = torch.randint(0, 256, (count, 3, 32, 32), generator=generator, dtype=torch.uint8).float() / 255
        self.device = torch.device(request["device"])
        self.images = images.contiguous(memory_format=self.format).to(self.device)
        self.model = NETWORKS[task["network"]](task).train().to(self.device, memory_format=self.format)
        self.shares = task.get("outputWeights", [1])
        classes = [head.out_features for head in self.model.heads]
        self.labels = [torch.randint(0, n, (count,), generator=generator).to(self.device) for n in classes]
        self.optimizer = OPTIMIZERS[task["optimizer"]](parameter_groups(self.model, task.get("weightDecay", 0)), task)

    def epoch(self):
        total = torch.zeros((), device=self.device)
        right = [torch.zeros((), dtype=torch.int64, device=self.device) for _ in self.labels]
        for index in torch.randperm(len(self.images)).to(self.device).split(self.batch):
            x = self.images[index].contiguous(memory_format=self.format)
            self.optimizer.zero_grad(set_to_none=True)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
                scores = self.model(x)
                losses = [functional.cross_entropy(s, y[index]) for s, y in zip(scores, self.labels)]
                loss = sum(share * loss for share, loss in zip(self.shares, losses))
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(index)
            for count, s, y in zip(right, scores, self.labels):
                count += (s.argmax(1) == y[index]).sum()
        for count in right:
            count.item()
        return total.item() / len(self.images)


trainer = None


def answer(request):
    global trainer
    torch.set_num_threads(request["threads"])
    trainer = trainer or Trainer(request)
    start = time.perf_counter()
    loss = trainer.epoch()
    seconds = time.perf_counter() - start
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return {"seconds": seconds, "loss": loss, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}


serve({"name": "PyTorch", "version": torch.__version__}, answer)
