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


if __name__ == "__main__":
    a_hessian()
    gradients_of_each_example()
    through_a_map()
    hessian_times_vector()
    gradient_penalty()
    unrolled()
