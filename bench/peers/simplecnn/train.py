"""Trains the network of the sweep `simplecnn-cifar100` in PyTorch on CIFAR-100, one JSON object an epoch on standard output.

    pip install torch numpy
    python train.py --learning_rate=0.01 --epochs=30 --data=FOLDER

The same as argmin's own engine trains: 5,000 of the 50,000 training images are held out to validate on, the test images are left
alone. `argmin agent` gives the parameters as flags and says by the environment what else there is to know (docs/programs.md).
"""

import argparse
import json
import os
import pathlib
import pickle
import signal
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def arguments():
    """The parameters of the sweep, the published base network unless given, and what makes a training shorter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num_filters_1", type=int, default=64)
    parser.add_argument("--num_filters_2", type=int, default=128)
    parser.add_argument("--num_filters_3", type=int, default=256)
    parser.add_argument("--dropout_rate", type=float, default=0.25)
    parser.add_argument("--learning_rate", type=float, default=0.01)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--batch_size", type=int, default=128)
    # Written as 35 or as 35.0: W&B rounds to multiples without making them whole numbers.
    parser.add_argument("--epochs", type=lambda text: int(float(text)), default=30)
    parser.add_argument("--subset", type=int, help="train on so many images, and validate on a quarter as many")
    usual = os.environ.get("ARGMIN_DATA") or None
    parser.add_argument("--data", type=pathlib.Path, default=usual, help="the folder of CIFAR-100; ARGMIN_DATA unless given")
    return parser.parse_args()


def load(folder):
    """The training images as the official archives have them, pickled or binary: bytes [count, 3, 32, 32], and their classes."""
    if folder is None:
        sys.exit("CIFAR-100 is needed: say by ARGMIN_DATA or --data in which folder it lies.")
    for place in (folder, folder / "cifar-100-python", folder / "cifar-100-binary"):
        if (place / "train").is_file():
            with open(place / "train", "rb") as file:
                content = pickle.load(file, encoding="latin1")
            return torch.from_numpy(content["data"]).view(-1, 3, 32, 32), torch.tensor(content["fine_labels"])
        if (place / "train.bin").is_file():
            # A record is a coarse label, a fine one, and the pixels.
            records = torch.from_numpy(np.fromfile(place / "train.bin", np.uint8)).view(-1, 2 + 3 * 32 * 32)
            return records[:, 2:].reshape(-1, 3, 32, 32), records[:, 1].long()
    sys.exit(f"CIFAR-100 is not in {folder}: put cifar-100-python there, or cifar-100-binary, as the official archives unpack.")


def split(labels, subset, seed):
    """Indices of the images to train on, and of the tenth to validate on: the same for all trials of a study."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    rank = torch.empty_like(order)
    for label in labels.unique():
        own = order[labels[order] == label]
        rank[own] = torch.arange(len(own))
    # An image of each class, then another of each: wherever this is cut, all classes have their share.
    order = order[rank[order].argsort(stable=True)]
    held = len(labels) // 10
    validation, training = order[:held], order[held:]
    return (training, validation) if subset is None else (training[:subset], validation[: -(-subset // 4)])


def network(args, mean, deviation):
    """Three convolutions, batch normalization after each, and three dense layers: from pixels between 0 and 1 to 100 scores."""
    sizes = [3, args.num_filters_1, args.num_filters_2, args.num_filters_3]
    stages = [
        [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
        for before, after in zip(sizes, sizes[1:])
    ]
    return nn.Sequential(
        Standardized(mean, deviation),
        *[layer for stage in stages for layer in stage],
        nn.Flatten(),
        nn.Linear(16 * sizes[-1], 512),
        nn.ReLU(),
        nn.Dropout(args.dropout_rate),
        nn.Linear(512, 256),
        nn.ReLU(),
        nn.Linear(256, 100),
    )


class Standardized(nn.Module):
    """Each channel less its mean, by its deviation: of the network, so that whoever has that needs no more."""

    def __init__(self, mean, deviation):
        super().__init__()
        self.register_buffer("mean", mean.view(3, 1, 1))
        self.register_buffer("deviation", deviation.view(3, 1, 1))

    def forward(self, pixels):
        return (pixels - self.mean) / self.deviation


def moved(pixels):
    """Each image cut out of its mirrored surroundings, 4 pixels on every side, half of them the other way round."""
    count, side, device = len(pixels), torch.arange(32, device=pixels.device), pixels.device
    shift = lambda: torch.randint(0, 9, (count, 1), device=device)
    flips = torch.rand(count, 1, device=device) < 0.5
    rows, columns = shift() + side, shift() + torch.where(flips, 31 - side, side)
    padded = functional.pad(pixels, (4, 4, 4, 4), mode="reflect")
    image, channel = torch.arange(count, device=device).view(-1, 1, 1, 1), torch.arange(3, device=device).view(1, -1, 1, 1)
    return padded[image, channel, rows[:, None, :, None], columns[:, None, None, :]]


def judge(model, images, labels):
    """Mean loss and accuracy."""
    model.eval()
    with torch.no_grad():
        scores = torch.cat([model(part.float() / 255) for part in images.split(500)])
    return functional.cross_entropy(scores, labels).item(), (scores.argmax(1) == labels).sum().item() / len(labels)


class Told:
    """Whether argmin has told the program to end, as it does when the trial is pruned or its time is over."""

    def __init__(self):
        self.to_end = False
        signal.signal(signal.SIGTERM, self.take)

    def take(self, *_):
        self.to_end = True

    @staticmethod
    def why():
        file = os.environ.get("ARGMIN_PRUNED_FILE", "")
        return f"pruned: {pathlib.Path(file).read_text().strip()}" if os.path.isfile(file) else "told to end"


def train(args):
    seed, trial = (int(os.environ.get(name, 0)) for name in ("ARGMIN_SEED", "ARGMIN_TRIAL"))
    if "ARGMIN_THREADS" in os.environ:
        torch.set_num_threads(int(os.environ["ARGMIN_THREADS"]))
    torch.manual_seed((seed * 1_000_003 + trial) % 2**63)
    told = Told()
    print("training with " + ", ".join(f"{name} {value}" for name, value in vars(args).items()), flush=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    images, labels = (tensor.to(device) for tensor in load(args.data))
    training, validation = split(labels.cpu(), args.subset, seed)
    held_images, held_labels = images[validation], labels[validation]
    pixels = images[training].float() / 255
    model = network(args, pixels.mean((0, 2, 3)), pixels.std((0, 2, 3))).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.learning_rate, momentum=args.momentum)

    for epoch in range(1, args.epochs + 1):
        model.train()
        total, right = torch.zeros((), device=device), torch.zeros((), device=device)
        for batch in training[torch.randperm(len(training))].split(args.batch_size):
            if told.to_end:
                print(f"ended in epoch {epoch}: {told.why()}")
                return
            scores, wanted = model(moved(images[batch].float() / 255)), labels[batch]
            loss = functional.cross_entropy(scores, wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(batch)
            right += (scores.argmax(1) == wanted).sum()
        validation_loss, validation_accuracy = judge(model, held_images, held_labels)
        report = {
            "step": epoch,
            "validation_accuracy": validation_accuracy,
            "validation_loss": validation_loss,
            "accuracy": right.item() / len(training),
            "loss": total.item() / len(training),
        }
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    train(arguments())
