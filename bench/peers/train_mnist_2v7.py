"""Trains system B's network in PyTorch, one epoch a request: {"batch", "threads", "images"} -> {"seconds", "loss"}.

Eager PyTorch as its users write it for such a size: all images as float32 in memory, batches gathered by a shuffled index,
running loss and accuracy kept as tensors and read once an epoch.
"""

import time

import torch
from torch import nn

from protocol import serve

CLASSES = 2


def network(neurons=32, dropout1=0.25, dropout2=0.25):
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.Conv2d(4, 8, 3),
        nn.MaxPool2d(2),
        nn.Dropout(dropout1),
        nn.Flatten(),
        nn.Linear(8 * 12 * 12, neurons),
        nn.ReLU(),
        nn.Dropout(dropout2),
        nn.Linear(neurons, CLASSES),
    )


class Trainer:
    def __init__(self, batch, images):
        generator = torch.Generator().manual_seed(batch)
        self.batch = batch
        self.images = torch.randint(0, 256, (images, 1, 28, 28), generator=generator).float() / 255
        self.labels = torch.randint(0, CLASSES, (images,), generator=generator)
        self.model = network().train()
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.001, eps=1e-7)

    def epoch(self):
        total = torch.zeros(())
        right = torch.zeros((), dtype=torch.int64)
        for index in torch.randperm(len(self.labels)).split(self.batch):
            x, y = self.images[index], self.labels[index]
            self.optimizer.zero_grad(set_to_none=True)
            scores = self.model(x)
            loss = self.loss(scores, y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(index)
            right += (scores.argmax(1) == y).sum()
        right.item()
        return total.item() / len(self.labels)


trainers = {}


def answer(request):
    torch.set_num_threads(request["threads"])
    key = (request["batch"], request["images"])
    if key not in trainers:
        trainers[key] = Trainer(*key)
    start = time.perf_counter()
    loss = trainers[key].epoch()
    return {"seconds": time.perf_counter() - start, "loss": loss}


serve({"name": "PyTorch", "version": torch.__version__}, answer)
