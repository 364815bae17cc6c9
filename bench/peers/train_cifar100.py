"""Trains systems A's and C's networks in PyTorch: {"task", "batch", "steps", "threads", "layout", "autocast"} -> {"seconds", "peakBytes", "loss"}.

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


NETWORKS = {"simplecnn": lambda task: SimpleCnn()}

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
        self.images = images.contiguous(memory_format=self.format)
        self.model = NETWORKS[task["network"]](task).train().to(memory_format=self.format)
        self.shares = task.get("outputWeights", [1])
        classes = [head.out_features for head in self.model.heads]
        self.labels = [torch.randint(0, n, (count,), generator=generator) for n in classes]
        self.optimizer = OPTIMIZERS[task["optimizer"]](self.model.parameters(), task)

    def epoch(self):
        total = torch.zeros(())
        right = [torch.zeros((), dtype=torch.int64) for _ in self.labels]
        for index in torch.randperm(len(self.images)).split(self.batch):
            x = self.images[index].contiguous(memory_format=self.format)
            self.optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
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
