"""Every loss with its settings: values, and gradients by the first argument."""

import torch
import torch.nn.functional as F

from fixture import random, rounded, saved


def focal(x, t, alpha=0.25, gamma=2.0):
    """Lin et al., 2017, as in torchvision."""
    p = x.sigmoid()
    right = p * t + (1 - p) * (1 - t)
    loss = F.binary_cross_entropy_with_logits(x, t, reduction="none") * (1 - right) ** gamma
    return loss if alpha is None else loss * (alpha * t + (1 - alpha) * (1 - t))


def dice(p, t, smooth=1.0):
    """Milletari et al., 2016, without squares."""
    p, t = p.flatten(1), t.flatten(1)
    return 1 - (2 * (p * t).sum(1) + smooth) / (p.sum(1) + t.sum(1) + smooth)


def boxes(n):
    corner = torch.rand(n, 2) * 4
    return rounded(torch.cat([corner, corner + 0.5 + torch.rand(n, 2) * 3], 1))


def overlap(a, b):
    area = lambda x: (x[..., 2] - x[..., 0]) * (x[..., 3] - x[..., 1])
    low, high = torch.max(a[..., :2], b[..., :2]), torch.min(a[..., 2:], b[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    return shared, area(a) + area(b) - shared


def iou(a, b, eps=1e-7):
    shared, joint = overlap(a, b)
    return 1 - shared / (joint + eps)


def giou(a, b, eps=1e-7):
    """Rezatofighi et al., 2019, as in torchvision."""
    shared, joint = overlap(a, b)
    hull = (torch.max(a[..., 2:], b[..., 2:]) - torch.min(a[..., :2], b[..., :2])).prod(-1)
    return 1 - (shared / (joint + eps) - (hull - joint) / (hull + eps))


def make():
    logits, more = random(4, 3, 5), random(4, 3, 5)
    ids = torch.randint(0, 5, (4, 3))
    ids[1, 2] = 3
    shares = rounded(random(4, 3, 5).softmax(-1))
    bits = (torch.rand(4, 3, 5) < 0.5).double()
    far, signs = random(4, 3, 5), torch.where(torch.rand(4, 3) < 0.5, 1, -1)
    a, b = boxes(12), boxes(12)
    weights = torch.tensor([1.0, 0.5, 2.0, 0.25, 3.0], dtype=torch.double)
    values = dict(
        logits=logits, more=more, ids=ids, shares=shares, bits=bits, far=far, signs=signs, boxes=a, others=b,
        logs=rounded(logits.log_softmax(-1)), probabilities=rounded(logits.sigmoid()),
    )  # fmt: skip
    logs, probabilities = rounded(logits.log_softmax(-1)), rounded(logits.sigmoid())
    last = lambda x: x.movedim(-1, 1)
    cross = lambda x, t, **more: F.cross_entropy(last(x), t if t.dtype == torch.int64 else last(t), **more)
    cases = dict(
        cross_entropy=(cross, logits, ids),
        cross_entropy_smooth=(lambda x, t: cross(x, t, ignore_index=3, label_smoothing=0.1), logits, ids),
        cross_entropy_none=(lambda x, t: cross(x, t, reduction="none", ignore_index=3), logits, ids),
        cross_entropy_shares=(lambda x, t: cross(x, t, label_smoothing=0.2), logits, shares),
        cross_entropy_weighted=(lambda x, t: cross(x, t, weight=weights), logits, ids),
        cross_entropy_weighted_smooth=(
            lambda x, t: cross(x, t, weight=weights, ignore_index=3, label_smoothing=0.1), logits, ids),
        cross_entropy_weighted_shares=(
            lambda x, t: cross(x, t, weight=weights, label_smoothing=0.2, reduction="none"), logits, shares),
        mse=(F.mse_loss, logits, more),
        mse_sum=(lambda x, t: F.mse_loss(x, t, reduction="sum"), logits, more),
        l1=(F.l1_loss, logits, more),
        huber=(lambda x, t: F.huber_loss(x, t, delta=0.7), logits, more),
        bce=(F.binary_cross_entropy_with_logits, logits, bits),
        nll=(lambda x, t: F.nll_loss(last(x), t, ignore_index=3), logs, ids),
        kl=(lambda x, t: F.kl_div(x, t, reduction="none").mean(), logs, shares),
        kl_batch=(lambda x, t: F.kl_div(x, t, reduction="batchmean"), logs, shares),
        focal=(lambda x, t: focal(x, t).mean(), logits, bits),
        focal_plain=(lambda x, t: focal(x, t, None, 1.5).sum(), logits, bits),
        triplet=(lambda x, t: F.triplet_margin_loss(x, t, far), logits, more),
        triplet_swap=(
            lambda x, t: F.triplet_margin_loss(x, t, far, margin=2.0, p=3.0, swap=True, reduction="none"),
            logits, more),
        cosine=(lambda x, t: F.cosine_similarity(x, t, dim=-1), logits, more),
        cosine_embedding=(
            lambda x, t: F.cosine_embedding_loss(x.flatten(0, 1), t.flatten(0, 1), signs.flatten(), margin=0.1),
            logits, more),
        dice=(lambda x, t: dice(x, t).mean(), probabilities, bits),
        dice_none=(lambda x, t: dice(x, t, 0.0), probabilities, bits),
        iou=(lambda x, t: iou(x, t).mean(), a, b),
        giou=(lambda x, t: giou(x, t).mean(), a, b),
        giou_none=(giou, a, b),
        box_iou=(lambda x, t: 1 - iou(x[:, None], t[None], 0.0), a, b),
    )  # fmt: skip
    for name, (loss, x, t) in cases.items():
        x = x.clone().requires_grad_()
        y = loss(x, t)
        up = random(*y.shape)
        (y * up).sum().backward()
        values |= {f"{name}.y": y, f"{name}.up": up, f"{name}.dx": x.grad}
    saved(values, "losses")
