"""The same as tape.nns in PyTorch."""

import json
import sys
import tempfile
import time

import torch
import torch.nn.functional as F
from torch.profiler import ProfilerActivity, profile

what = sys.argv[1]
torch.manual_seed(0)


def rate(f, rounds=15, n=20_000):
    torch.set_num_threads(1)
    x = torch.ones(8, requires_grad=True)
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        y = x
        for _ in range(n):
            y = f(y, x)
        (g,) = torch.autograd.grad(y.sum(), x)
        assert g.shape == (8,)
        best = min(best, time.perf_counter() - start)
    print(f"{n / best:.0f}")


def peak(net, loss):
    """Bytes of parameters and of what the allocator had out at most during one step beyond them."""

    def step():
        net.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        return value.item()

    step()
    net.zero_grad(set_to_none=True)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        value = step()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        profiler.export_chrome_trace(file.name)
        events = [e for e in json.load(open(file.name))["traceEvents"] if e.get("name") == "[memory]"]
    now = most = 0
    for event in sorted(events, key=lambda e: e["ts"]):
        now += event["args"]["Bytes"]
        most = max(most, now)
    print(most + 4 * sum(p.numel() for p in net.parameters()), value)


D, H, T, B, L, V = 384, 6, 128, 8, 12, 1000


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = torch.nn.LayerNorm(D), torch.nn.LayerNorm(D)
        self.qkv, self.proj = torch.nn.Linear(D, 3 * D), torch.nn.Linear(D, D)
        self.fc, self.out = torch.nn.Linear(D, 4 * D), torch.nn.Linear(4 * D, D)

    def forward(self, x):
        q, k, v = [z.view(B, T, H, D // H).transpose(1, 2) for z in self.qkv(self.ln1(x)).split(D, dim=2)]
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(a.transpose(1, 2).reshape(B, T, D))
        return x + self.out(F.gelu(self.fc(self.ln2(x))))


class Transformer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = torch.nn.Embedding(V, D), torch.nn.Embedding(T, D)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(L))
        self.ln, self.head = torch.nn.LayerNorm(D), torch.nn.Linear(D, V, bias=False)

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(T))
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln(x))


if what == "network":
    layer, act = torch.nn.Linear, torch.nn.ReLU
    net = torch.nn.Sequential(layer(784, 512), act(), layer(512, 256), act(), layer(256, 10))
    x, y = torch.randn(1024, 784), torch.randint(0, 10, (1024,))
    peak(net, lambda: F.cross_entropy(net(x), y))
elif what == "transformer":
    net = Transformer()
    ids, y = torch.randint(0, V, (B, T)), torch.randint(0, V, (B, T))
    peak(net, lambda: F.cross_entropy(net(ids).view(-1, V), y.view(-1)))
else:
    mask, w = torch.tensor([True, False] * 4), torch.eye(8)
    places, every = torch.arange(7, -1, -1), torch.ones(8) > 0
    three, row = torch.tensor(3), torch.ones(4)
    rate({
        "multiply": lambda y, x: y * x, "add": lambda y, x: y + x, "divide": lambda y, x: y / x,
        "tanh": lambda y, x: torch.tanh(y), "relu": lambda y, x: torch.relu(y), "sigmoid": lambda y, x: torch.sigmoid(y),
        "maximum": torch.maximum, "where": lambda y, x: torch.where(mask, y, x),
        "softmax": lambda y, x: torch.softmax(y, -1), "matmul": lambda y, x: w @ y, "flip": lambda y, x: torch.flip(y, (0,)),
        "slice": lambda y, x: y[0:8], "sum": lambda y, x: torch.sum(y, 0, True),
        "max": lambda y, x: torch.amax(y, 0, True), "concat": lambda y, x: torch.cat((y, x))[0:8],
        "gelu": lambda y, x: F.gelu(y), "layer_norm": lambda y, x: F.layer_norm(y, (8,), x, x),
        "rms_norm": lambda y, x: F.rms_norm(y, (8,), x), "elu": lambda y, x: F.elu(y), "mish": lambda y, x: F.mish(y),
        "prod": lambda y, x: x * torch.prod(y), "norm": lambda y, x: x - torch.linalg.vector_norm(y),
        "cross_entropy": lambda y, x: x - F.cross_entropy(y, three), "index": lambda y, x: y[places],
        "mask": lambda y, x: y[every], "gather": lambda y, x: torch.gather(y, 0, places),
        "stack": lambda y, x: torch.stack((y, x))[0], "sort": lambda y, x: torch.sort(y)[0],
        "reshape": lambda y, x: y.reshape(2, 4).reshape(8),
        "transpose": lambda y, x: y.reshape(2, 4).transpose(0, 1).reshape(8),
        "bias": lambda y, x: (y.reshape(2, 4) + row).reshape(8),
    }[what])
