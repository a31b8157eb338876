"""Prints what PyTorch gives for the scripts of this folder whose numbers are not plain from their formulas.

    python Tests/Golden/gradients/reference.py
"""

import torch
import torch.nn.functional as F
from torch.func import grad, hessian, jacrev, jvp, vmap

torch.set_default_dtype(torch.float64)


def show(name, *values):
    print(f"# {name}")
    for value in values:
        print(value.detach().numpy() if isinstance(value, torch.Tensor) else value)


def weights(rows, columns):
    """The same numbers as `sin(arange(rows * columns) * 0.7).reshape(rows, columns)`."""
    return torch.sin(torch.arange(rows * columns) * 0.7).reshape(rows, columns)


def a_hessian():
    x = torch.tensor([0.5, -1.0, 2.0])
    f = lambda x: torch.logsumexp(x * x, 0) + x.prod()
    show("hessian", hessian(f)(x))
    w, b = weights(2, 3), torch.tensor([0.1, -0.2])
    y = torch.tensor([1.0, -1.0])
    loss = lambda w, b: F.softplus(-y * (w @ x + b)).sum()
    show("hessian of a layer: bias bias, weight bias", hessian(loss, 1)(w, b), jacrev(grad(loss, 0), 1)(w, b))


def gradients_of_each_example():
    w, b = weights(2, 3), torch.tensor([0.1, -0.2])
    x, y = weights(4, 3), torch.tensor([0, 1, 1, 0])
    loss = lambda w, b, x, y: F.cross_entropy(w @ x + b, y)
    gw, gb = vmap(grad(loss, (0, 1)), (None, None, 0, 0))(w, b, x, y)
    show("vmap(grad(f))", gb, gw.norm(dim=(1, 2)))


def through_a_map():
    x = weights(3, 2)
    f = lambda x: (vmap(lambda row: row.prod() * row.exp().sum())(x) ** 2).sum()
    show("grad through vmap", grad(f)(x))
    show("grad of vmap of grad", grad(lambda x: (vmap(grad(lambda r: (r**3).sum() * r[0]))(x) ** 2).sum())(x))


def hessian_times_vector():
    x, v = torch.tensor([0.5, -1.0, 2.0]), torch.tensor([1.0, 2.0, -1.0])
    f = lambda x: torch.logsumexp(x * x, 0) + x.prod()
    show("jvp of grad", *jvp(grad(f), (x,), (v,)))


def critic(p, x):
    return torch.tanh(x @ p["w1"].T + p["b1"]) @ p["w2"].T


def gradient_penalty():
    p = {"w1": weights(4, 2), "b1": torch.tensor([0.1, -0.2, 0.3, 0.0]), "w2": weights(1, 4)}
    p = {k: v.clone().requires_grad_() for k, v in p.items()}
    real, fake = weights(3, 2), weights(3, 2) * 2 - 1
    e = torch.tensor([[0.2], [0.5], [0.9]])
    losses = []
    for _ in range(3):
        x = (e * real + (1 - e) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(critic(p, x).sum(), x, create_graph=True)
        loss = critic(p, fake).mean() - critic(p, real).mean() + 10 * ((slope.norm(dim=1) - 1) ** 2).mean()
        g = torch.autograd.grad(loss, list(p.values()))
        with torch.no_grad():
            for parameter, d in zip(p.values(), g):
                parameter -= 0.01 * d
        losses.append(loss.item())
    show("wgan-gp", losses, p["b1"], p["w2"])


def unrolled():
    p = {"w1": weights(3, 1), "b1": torch.tensor([0.1, -0.2, 0.3]), "w2": weights(1, 3), "b2": torch.tensor([0.05])}
    net = lambda p, x: torch.tanh(x @ p["w1"].T + p["b1"]) @ p["w2"].T + p["b2"]
    x = torch.linspace(-1, 1, 5).reshape(5, 1)
    tasks = [((x, torch.sin(x * 2 + k)), (x + 0.1, torch.sin((x + 0.1) * 2 + k))) for k in (0.0, 1.0)]

    def outer(p):
        total = 0
        for (xs, ys), (xq, yq) in tasks:
            fast = p
            for _ in range(2):
                g = grad(lambda q: ((net(q, xs) - ys) ** 2).mean())(fast)
                fast = {k: fast[k] - 0.1 * g[k] for k in fast}
            total = total + ((net(fast, xq) - yq) ** 2).mean()
        return total

    g = grad(outer)(p)
    show("maml", outer(p), g["w1"], g["b1"], g["w2"], g["b2"])


def points_without_a_derivative():
    inf, z, three = float("inf"), [-1.0, 0.0, 1.0], torch.arange(1.0, 4.0)

    def at(name, f, *xs):
        xs = [torch.tensor(x, requires_grad=True) for x in xs]
        show(name, *torch.autograd.grad(f(*xs).sum(), xs))

    for f in (torch.abs, F.relu, F.selu, torch.sign):
        at(f.__name__, f, z)
    at("leaky_relu", lambda x: F.leaky_relu(x, 0.1), z)
    at("elu", lambda x: F.elu(x, 2.0), z)
    at("hard_swish", F.hardswish, [-3.0, 0.0, 3.0])
    at("clip", lambda x: torch.clamp(x, 0.0, 1.0), [-1.0, 0.0, 0.5, 1.0, 2.0])
    for f in (torch.sqrt, torch.rsqrt, torch.log, torch.log2):
        at(f.__name__, f, [0.0, 1.0])
    at("log1p", torch.log1p, [-1.0])
    for f in (torch.asin, torch.acos):
        at(f.__name__, f, [1.0, -1.0])
    for f in (torch.minimum, torch.maximum):
        at(f.__name__, f, [1.0, 2.0], [1.0, 3.0])
    at("max", torch.amax, [2.0, 2.0, 1.0])
    at("min", torch.amin, [2.0, 1.0, 1.0])
    at("norm", torch.linalg.norm, [0.0, 0.0])
    at("std", lambda x: torch.std(x, correction=0), [2.0, 2.0])
    at("variance", lambda x: torch.var(x, correction=0), [2.0, 2.0])
    at("prod", torch.prod, [0.0, 2.0, 3.0])
    at("prod of zeros", torch.prod, [0.0, 0.0, 3.0])
    at("cumprod", lambda x: torch.cumprod(x, 0), [2.0, 0.0, 3.0])
    at("**", torch.pow, [0.0, 0.0, 0.0, 2.0], [0.0, 1.0, 2.0, 0.0])
    at("** of a negative", torch.pow, [-2.0], [2.0])
    at("root of 0", torch.pow, [0.0], [0.5])
    at("atan2", torch.atan2, [0.0], [0.0])
    at("/", torch.div, [1.0, 0.0], [0.0, 0.0])
    at("%", torch.remainder, [4.0, 5.0], [2.0, 2.0])
    at("huber_loss", lambda x: F.huber_loss(x, torch.zeros(3), reduction="none"), z)
    at("l1_loss", lambda x: F.l1_loss(x, torch.zeros(3), reduction="none"), z)
    at("logsumexp", lambda x: torch.logsumexp(x, 0), [0.0, -inf])
    at("logsumexp of nothing", lambda x: torch.logsumexp(x, 0), [-inf, -inf])
    at("max_pool1d", lambda x: F.max_pool1d(x.reshape(1, 1, 4), 2), [1.0, 1.0, 2.0, 2.0])
    at("sort", lambda x: torch.sort(x, stable=True)[0] * three, [2.0, 2.0, 1.0])
    at("topk", lambda x: torch.topk(x, 2)[0] * three[:2], [1.0, 1.0, 1.0])
    at("bce", lambda x: F.binary_cross_entropy_with_logits(x, torch.zeros(3), reduction="none"), z)
    at("where", lambda x: torch.where(x > 0, torch.sqrt(x), torch.zeros(2)), [0.0, 4.0])
    at("softplus", F.softplus, [0.0, 40.0])
    at("relu of nan", F.relu, [float("nan")])
    at("mish", F.mish, [0.0])


if __name__ == "__main__":
    points_without_a_derivative()
    a_hessian()
    gradients_of_each_example()
    through_a_map()
    hessian_times_vector()
    gradient_penalty()
    unrolled()
