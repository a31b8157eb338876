"""The worker of scripts/bench/ops for NumPy and PyTorch: the same protocol as ops.nns.

    ops.py numpy | torch | installed

A case is a list of ways to do the same; the answer to `name count` has the seconds of each, and the driver takes the best.
`torch` uses the forms with `out=`, both memory formats of convolutions and fused steps; `installed` what people write.
"""

import math
import sys
import time

import numpy as np

library = sys.argv[1]
if library != "numpy":
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(1)


def numbers(*shape):
    values = (np.arange(math.prod(shape)) * 7919 % 1009).astype(np.float32) / np.float32(1009) - np.float32(0.5)
    values = values.reshape(shape)
    return values if library == "numpy" else torch.from_numpy(values)


def digest(result):
    if library != "numpy":
        result = result.detach().contiguous().numpy()
    flat = result.reshape(-1).astype(np.float64)
    part = flat[:: len(flat) // 4096 + 1]
    means = part.mean(), (part * np.linspace(-1, 1, len(part))).mean(), np.sqrt((part * part).mean())
    return " ".join(f"{value:.9e}" for value in means)


def repeated(f):
    def run(n):
        for _ in range(n):
            y = f()
        return y

    return run



def product(m, k, n):
    a, b = numbers(m, k), numbers(k, n)

    def run(n):
        for _ in range(n):
            y = a @ b
        return y

    return {"product": [run]}


def batch():
    a, b = numbers(64, 128, 32), numbers(64, 32, 128)
    return {"batch": [repeated(lambda: a @ b)]}


def maps(size):
    x, y, z = numbers(size) * 8, numbers(size) + 0.1, numbers(size) * 2
    if library == "numpy":
        out = np.empty_like(x)

        def muladd():
            np.multiply(x, y, out=out)
            return np.add(out, z, out=out)

        def sigmoid():
            np.negative(x, out=out)
            np.exp(out, out=out)
            np.add(out, 1, out=out)
            return np.reciprocal(out, out=out)

        def gelu_tanh():
            np.multiply(x, x, out=out)
            np.multiply(out, 0.044715, out=out)
            np.add(out, 1, out=out)
            np.multiply(out, x, out=out)
            np.multiply(out, 0.7978845608, out=out)
            np.tanh(out, out=out)
            np.add(out, 1, out=out)
            np.multiply(out, x, out=out)
            return np.multiply(out, 0.5, out=out)

        ways = {
            "muladd": muladd, "relu": lambda: np.maximum(x, 0, out=out), "gelu": None, "gelu_tanh": gelu_tanh,
            "exp": lambda: np.exp(x, out=out), "tanh": lambda: np.tanh(x, out=out), "sigmoid": sigmoid,
        }
    elif library == "torch":
        out = torch.empty_like(x)
        ways = {
            "muladd": lambda: torch.addcmul(z, x, y, out=out), "relu": lambda: torch.clamp_min(x, 0, out=out),
            "gelu": lambda: torch._C._nn.gelu(x, out=out),
            "gelu_tanh": lambda: torch._C._nn.gelu(x, approximate="tanh", out=out),
            "exp": lambda: torch.exp(x, out=out), "tanh": lambda: torch.tanh(x, out=out),
            "sigmoid": lambda: torch.sigmoid(x, out=out),
        }
    else:
        ways = {
            "muladd": lambda: x * y + z, "relu": lambda: torch.relu(x), "gelu": lambda: F.gelu(x),
            "gelu_tanh": lambda: F.gelu(x, approximate="tanh"), "exp": lambda: torch.exp(x),
            "tanh": lambda: torch.tanh(x), "sigmoid": lambda: torch.sigmoid(x),
        }
    return {name: f and [repeated(f)] for name, f in ways.items()}


def rows():
    x = numbers(4096, 4096) * 8
    w, b = numbers(4096), numbers(4096)
    if library == "numpy":
        out = np.empty_like(x)

        def softmax():
            np.subtract(x, x.max(1, keepdims=True), out=out)
            np.exp(out, out=out)
            return np.divide(out, out.sum(1, keepdims=True), out=out)

        def log_softmax():
            np.subtract(x, x.max(1, keepdims=True), out=out)
            return np.subtract(out, np.log(np.exp(out).sum(1, keepdims=True)), out=out)

        def layer_norm():
            np.subtract(x, x.mean(1, keepdims=True), out=out)
            scale = 1 / np.sqrt(np.einsum("ij,ij->i", out, out) / x.shape[1] + 1e-5)
            np.multiply(out, scale[:, None], out=out)
            np.multiply(out, w, out=out)
            return np.add(out, b, out=out)
    elif library == "torch":
        out = torch.empty_like(x)
        mean, scale = torch.empty(4096, 1), torch.empty(4096, 1)

        def softmax():
            return torch.ops.aten._softmax.out(x, -1, False, out=out)

        def log_softmax():
            return torch.ops.aten._log_softmax.out(x, -1, False, out=out)

        def layer_norm():
            return torch.ops.aten.native_layer_norm.out(
                x, [4096], w, b, 1e-5, out0=out, out1=mean, out2=scale)[0]
    else:
        def softmax():
            return torch.softmax(x, -1)

        def log_softmax():
            return torch.log_softmax(x, -1)

        def layer_norm():
            return F.layer_norm(x, (4096,), w, b)
    largest = np.max if library == "numpy" else torch.amax
    sum_, argmax = (np.sum, np.argmax) if library == "numpy" else (torch.sum, torch.argmax)
    ways = {
        "softmax": softmax, "log_softmax": log_softmax, "layer_norm": layer_norm, "sum": lambda: sum_(x),
        "sum_columns": lambda: sum_(x, 0), "sum_rows": lambda: sum_(x, 1), "max": lambda: x.max(),
        "max_columns": lambda: largest(x, 0), "max_rows": lambda: largest(x, 1), "argmax": lambda: argmax(x),
        "argmax_columns": lambda: argmax(x, 0), "argmax_rows": lambda: argmax(x, 1),
    }
    return {name: [repeated(f)] for name, f in ways.items()}


def chain():
    x, w, b = numbers(1048576), numbers(1048576) + 0.1, numbers(1048576) * 2
    relu = (lambda v: np.maximum(v, 0)) if library == "numpy" else torch.relu
    return {name: [repeated(lambda: relu((x * w + b) * x - w) * 0.5)] for name in ("chain", "passes")}


def convolution(n, c, size, o, kernel, groups, padding):
    if library == "numpy":
        return {}
    x, w = numbers(n, c, size, size), numbers(o, c // groups, kernel, kernel)
    side = size + 2 * padding - kernel + 1
    dy = numbers(n, o, side, side)

    def formats(*tensors):
        yield tensors
        if library == "torch":
            yield [t.contiguous(memory_format=torch.channels_last) for t in tensors]

    forward = [
        repeated(lambda x=x, w=w: F.conv2d(x, w, padding=padding, groups=groups)) for x, w in formats(x, w)]

    def gradients(x, w, dy, mask):
        return repeated(lambda: torch.ops.aten.convolution_backward(
            dy, x, w, None, [1, 1], [padding, padding], [1, 1], False, [0, 0], groups, mask)[mask.index(True)])

    def weight(x, w, dy):
        w = w.detach().requires_grad_()

        def run():
            with torch.enable_grad():
                loss = (F.conv2d(x, w, padding=padding, groups=groups) * dy).sum()
                return torch.autograd.grad(loss, w)[0]

        return repeated(run)

    return {
        "forward": forward,
        "input": [gradients(*tensors, [True, False, False]) for tensors in formats(x, w, dy)],
        "weight": [weight(*tensors) for tensors in formats(x, w, dy)],
    }


def small():
    a, b = numbers(8), numbers(8)

    def plain(n):
        for _ in range(n):
            y = a + b
        return y

    if library == "numpy":
        return {"add8": [plain], "add8_recorded": None}

    def inference(n):
        with torch.inference_mode():
            return plain(n)

    def recorded(n):
        leaf = a.detach().requires_grad_()
        with torch.enable_grad():
            for _ in range(n):
                y = leaf + b
        return y

    return {"add8": [plain, inference] if library == "torch" else [plain], "add8_recorded": [recorded]}


GROUPS = {
    "product": product, "batch": batch, "map": maps, "rows": rows, "chain": chain, "convolution": convolution,
    "small": small,
}


def serve():
    cases = {}
    for line in sys.stdin:
        words = line.split()
        if words[0] == "setup":
            cases = {}
            cases = GROUPS[words[1]](*map(int, words[2:]))
            answer = "ready"
        else:
            ways, count = cases.get(words[0]), int(words[1])
            if not ways:
                answer = "none"
            elif count == 0:
                answer = digest(ways[0](1))
                for run in ways[1:]:
                    run(1)
            else:
                times = []
                for run in ways:
                    start = time.perf_counter()
                    run(count)
                    times.append(time.perf_counter() - start)
                answer = " ".join(map(str, times))
        print(answer, flush=True)


if library == "numpy":
    serve()
else:
    with torch.no_grad():
        serve()
