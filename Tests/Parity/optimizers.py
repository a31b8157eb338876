"""Ten steps of each optimizer on a small network, and the learning rates of schedules."""

import copy

import torch
import torch.nn as nn

from fixture import draw, random, saved

STEPS = 10


class Lion(torch.optim.Optimizer):
    """Chen et al., 2023, algorithm 2."""

    def __init__(self, parameters, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(parameters, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            a, b = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                way = (a * m + (1 - a) * p.grad).sign()
                p -= group["lr"] * (way + group["weight_decay"] * p)
                m.mul_(b).add_(p.grad, alpha=1 - b)


def make():
    start = draw(nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)))
    xs, ys = random(STEPS, 8, 4), random(STEPS, 8, 3)
    saved(start.state_dict(), "optimizers")
    values = dict(xs=xs, ys=ys)
    plain = lambda make, **settings: (lambda net: make(net.parameters(), **settings))
    cases = dict(
        sgd=plain(torch.optim.SGD, lr=0.1),
        sgd_momentum=plain(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
        sgd_nesterov=plain(torch.optim.SGD, lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.01),
        adam=plain(torch.optim.Adam, lr=0.05),
        adam_decay=plain(torch.optim.Adam, lr=0.05, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1),
        adamw=plain(torch.optim.AdamW, lr=0.05),
        adamw_decay=plain(torch.optim.AdamW, lr=0.05, weight_decay=0.3),
        rmsprop=plain(torch.optim.RMSprop, lr=0.02),
        rmsprop_centered=plain(torch.optim.RMSprop, lr=0.02, alpha=0.9, momentum=0.8, centered=True, weight_decay=0.05),
        adagrad=plain(torch.optim.Adagrad, lr=0.1),
        adagrad_decay=plain(
            torch.optim.Adagrad, lr=0.1, lr_decay=0.1, weight_decay=0.05, initial_accumulator_value=0.2, eps=1e-6),
        lion=plain(Lion, lr=0.02),
        lion_decay=plain(Lion, lr=0.02, betas=(0.8, 0.95), weight_decay=0.2),
        clipped=plain(torch.optim.SGD, lr=0.5),
        scheduled=plain(torch.optim.Adam, lr=0.05),
        accumulated=plain(torch.optim.Adam, lr=0.05),
        average=plain(torch.optim.SGD, lr=0.1),
        frozen=lambda net: torch.optim.SGD(net[2].parameters(), lr=0.1),
        groups=lambda net: torch.optim.SGD(
            [{"params": net[0].parameters(), "lr": 0.01}, {"params": [net[2].weight], "weight_decay": 0.5},
             {"params": [net[2].bias]}], lr=0.1, momentum=0.9),
    )  # fmt: skip
    for name, optimizer in cases.items():
        net = copy.deepcopy(start)
        average = copy.deepcopy(start)
        opt = optimizer(net)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10) if name == "scheduled" else None
        every = 2 if name == "accumulated" else 1
        losses = []
        for i in range(STEPS):
            loss = nn.functional.mse_loss(net(xs[i]), ys[i])
            losses.append(loss.detach())
            (loss / every).backward()
            if (i + 1) % every == 0:
                if name == "clipped":
                    nn.utils.clip_grad_norm_(net.parameters(), 0.3)
                opt.step()
                net.zero_grad()
                if schedule:
                    schedule.step()
            for a, p in zip(average.parameters(), net.parameters()):
                a.data = 0.8 * a.data + 0.2 * p.data
        values[f"{name}.losses"] = torch.stack(losses)
        for key, p in (average if name == "average" else net).state_dict().items():
            values[f"{name}.{key}"] = p
    for name, schedule in schedules().items():
        values[f"schedule.{name}"] = torch.tensor(rates(schedule))
    saved(values, "optimizers.values")


def schedules():
    by = torch.optim.lr_scheduler
    return dict(
        step_decay=lambda o: by.StepLR(o, 7, gamma=0.5),
        cosine=lambda o: by.CosineAnnealingLR(o, 30, eta_min=0.01),
        cosine_warmup=lambda o: by.SequentialLR(
            o, [by.LinearLR(o, 1 / 5, total_iters=4), by.CosineAnnealingLR(o, 25)], milestones=[5]),
        linear_warmup=lambda o: by.LinearLR(o, 1 / 10, total_iters=9),
        one_cycle=lambda o: by.OneCycleLR(o, 0.5, total_steps=31),
        one_cycle_early=lambda o: by.OneCycleLR(
            o, 0.5, total_steps=31, pct_start=0.2, div_factor=10, final_div_factor=100),
    )  # fmt: skip


def rates(make):
    """The learning rate of each of 30 steps."""
    opt = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = make(opt)
    found = []
    for _ in range(30):
        found.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return found
