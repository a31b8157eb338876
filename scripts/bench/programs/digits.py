"""The training of digits.nns in PyTorch eager, on one thread: the same data, split, network, batches and optimizer."""

import pathlib
import time

import numpy
import torch
from torch import nn
from torch.nn.functional import cross_entropy

torch.set_num_threads(1)


class Classifier(nn.Module):
    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.hidden_layer = nn.Linear(inputs, hidden)
        self.output_layer = nn.Linear(hidden, classes)

    def forward(self, x):
        return self.output_layer(torch.relu(self.hidden_layer(x)))


def batches(data, size):
    x, y = data
    order = torch.randperm(len(x))
    for start in range(0, len(x), size):
        ids = order[start : start + size]
        yield x[ids], y[ids]


def step(net, optimizer, x, y):
    optimizer.zero_grad()
    cross_entropy(net(x.flatten(1)), y).backward()
    optimizer.step()


table = torch.from_numpy(numpy.load(pathlib.Path(__file__).parents[3] / "stdlib" / "digits.npy"))
images = table[:, :64].float().reshape(-1, 1, 8, 8) / 16
labels = table[:, 64].long()
train, test = (images[:1437], labels[:1437]), (images[1437:], labels[1437:])

# What PyTorch sets up at its first step is not counted.
warm = Classifier(64, 64, 10)
step(warm, torch.optim.Adam(warm.parameters()), train[0][:64], train[1][:64])

torch.manual_seed(42)
net = Classifier(64, 64, 10)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)

start = time.perf_counter()
for epoch in range(10):
    for x, y in batches(train, 64):
        step(net, optimizer, x, y)
    with torch.no_grad():
        x, y = test
        last = (net(x.flatten(1)).argmax(-1) == y).float().mean().item()
print(f"{last:.4f}", time.perf_counter() - start)
