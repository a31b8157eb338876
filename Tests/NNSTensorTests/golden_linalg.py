"""Writes golden_linalg.txt: linear algebra, ctc_loss and products of bf16, in the form of golden.txt.

    python Tests/NNSTensorTests/golden_linalg.py > Tests/NNSTensorTests/golden_linalg.txt

Expected values are computed in f64 from the very inputs, and rounded once to the dtype of the case.
"""

import numpy as np
import torch

import golden
from golden import attribute, normal, text


def written(x):
    if isinstance(x, torch.Tensor) and x.dtype == torch.bfloat16:
        return "bf16 " + text(x.double().numpy()).split(" ", 1)[1]
    return text(x.numpy() if isinstance(x, torch.Tensor) else x)


def case(name, inputs, outputs, *attributes):
    print("case", name, *map(attribute, attributes))
    for x in inputs:
        print("in", "absent" if x is None else written(x))
    for y in outputs if isinstance(outputs, (list, tuple)) else [outputs]:
        print("out", written(y))


def regular(*shape, dtype=np.float64):
    """Far from singular."""
    return (normal(*shape, dtype=np.float64) + (4 + shape[-1]) * np.eye(shape[-1])).astype(dtype)


BATCHES = [(), (2,), (2, 1), (0,)]


def squares():
    for dtype in (np.float32, np.float64):
        for batch in BATCHES:
            for n in (0, 1, 2, 5, 17):
                x = regular(*batch, n, n, dtype=dtype)
                wide = x.astype(np.float64)
                if n == 17 and batch:
                    continue
                if n < 17 or dtype == np.float64:
                    case("det", [x], np.asarray(np.linalg.det(wide)).astype(dtype))
                case("inv", [x], np.linalg.inv(wide).astype(dtype))
                s = (wide @ np.swapaxes(wide, -1, -2)).astype(dtype)
                case("cholesky", [s], np.linalg.cholesky(s.astype(np.float64)).astype(dtype))
    for x in ([[2, 1], [7, 4]], [[0, 1], [1, 0]], [[1, 2], [2, 4]], [[3]]):
        x = np.array(x)
        case("det", [x], np.float32(round(float(np.linalg.det(x)))))
    for x in ([[2, 1], [7, 4]], [[0, 1], [1, 0]]):
        case("inv", [np.array(x)], np.linalg.inv(np.array(x)).astype(np.float32))
    case("cholesky", [np.array([[4, 2], [2, 5]])], np.array([[2, 0], [1, 2]], np.float32))
    # Permutations, far from the diagonal, and sizes beyond LAPACK's blocks.
    for n in (6, 70):
        p = np.eye(n)[golden.rng.permutation(n)]
        case("inv", [p.astype(np.float32)], p.T.astype(np.float32))
        case("det", [p], np.float64(round(np.linalg.det(p))))
    nan = np.array([[np.nan, 1.0], [1.0, 2.0]])
    case("inv", [nan], np.full((2, 2), np.nan))
    case("inv", [np.array([[np.inf, 0.0], [0.0, 2.0]])], np.array([[0.0, 0.0], [0.0, 0.5]]))
    case("det", [nan], np.float64(np.nan))


def solutions():
    settings = [
        ((3, 3), (3,)), ((3, 3), (3, 2)), ((1, 1), (1,)), ((0, 0), (0,)), ((0, 0), (0, 3)), ((4, 4), (4, 0)), ((2, 3, 3), (3,)), ((2, 3, 3), (3, 4)),
        ((2, 3, 3), (2, 3, 1)), ((2, 1, 3, 3), (4, 3, 2)), ((3, 3), (5, 3, 2)), ((0, 3, 3), (3, 2)), ((20, 20), (20, 7)), ((1, 4, 4), (3, 4, 4)),
    ]
    for dtype in (np.float32, np.float64):
        for shape, right in settings:
            a, b = regular(*shape, dtype=dtype), normal(*right, dtype=dtype)
            case("solve", [a, b], np.linalg.solve(a.astype(np.float64), b.astype(np.float64)).astype(dtype))
    case("solve", [regular(2, 2), np.array([np.nan, 1.0])], np.full(2, np.nan))
    case("solve", [np.array([[2, 0], [0, 4]]), np.array([1, 1])], np.array([0.5, 0.25], np.float32))
    case("solve", [np.array([[2.0, 0], [0, 4]], np.float32), np.array([1.0, 1])], np.array([0.5, 0.25]))
    case("solve", [np.array([[2, 0], [0, 4]]), np.array([1.0, 1], np.float32)], np.array([0.5, 0.25], np.float32))


def decompositions():
    shapes = [(1, 1), (3, 3), (5, 2), (2, 5), (2, 3, 4), (2, 1, 4, 3), (0, 3, 2), (3, 0), (0, 3), (0, 0), (2, 0, 3), (20, 15), (9, 22), (1, 6), (6, 1)]
    for dtype in (np.float32, np.float64):
        for shape in shapes:
            x = normal(*shape, dtype=dtype)
            wide = x.astype(np.float64)
            for mode in ("reduced", "complete"):
                case("qr", [x], [y.astype(dtype) for y in np.linalg.qr(wide, mode)], mode)
            for full in (True, False):
                case("svd", [x], [np.asarray(y).astype(dtype) for y in np.linalg.svd(wide, full_matrices=full)], full)
    case("qr", [np.array([[np.nan]])], np.linalg.qr(np.array([[np.nan]])), "reduced")
    x = golden.rng.integers(-5, 6, (4, 3))
    case("qr", [x], [y.astype(np.float32) for y in np.linalg.qr(x.astype(float))], "reduced")
    case("svd", [x], [y.astype(np.float32) for y in np.linalg.svd(x.astype(float))], True)


def gradients():
    """`case gradient:NAME`: inputs, weights of all outputs, absent where they do not count, and the gradients of the
    weighted sum by the float inputs."""

    def record(name, f, inputs, *attributes, counts=(True,)):
        leaves = [torch.from_numpy(np.asarray(x)) for x in inputs]
        floats = [t for t in leaves if t.is_floating_point()]
        for t in floats:
            t.requires_grad_()
        outputs = f(*leaves)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        weights = [torch.from_numpy(np.asarray(normal(*y.shape, dtype=np.float64))) for y in outputs]
        total = sum((y * w).sum() for y, w in zip(outputs, weights))
        given = iter(weights)
        weights = [next(given) if counted else None for counted in (counts if len(weights) < len(counts) else [True] * len(weights))]
        case("gradient:" + name, [*inputs, *weights], list(torch.autograd.grad(total, floats)), *attributes)

    for shape in [(1, 1), (3, 3), (2, 4, 4), (0, 0), (0, 2, 2)]:
        x = regular(*shape)
        record("det", torch.linalg.det, [x])
        record("inv", torch.linalg.inv, [x])
        s = x @ np.swapaxes(x, -1, -2)
        record("cholesky", torch.linalg.cholesky, [s])
    for x in ([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]], [[1.0, 2], [2, 4]], [[0.0, 0], [0, 1]], [[1.0, 2, 3], [2, 4, 6], [1, 0, 1]]):
        # Singular matrices too: the matrix of cofactors.
        x = np.array(x)
        n = len(x)
        minors = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, 0), j, 1)) for j in range(n)] for i in range(n)]
        case("gradient:det", [x, np.float64(1)], np.array(minors))
    for shape, right in [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 1, 3, 3), (4, 3, 2)), ((2, 2), (5, 2, 3))]:
        record("solve", torch.linalg.solve, [regular(*shape), normal(*right, dtype=np.float64)])
    for shape in [(3, 3), (5, 2), (2, 4, 3)]:
        x = normal(*shape, dtype=np.float64)
        record("qr", lambda t: torch.linalg.qr(t), [x], "reduced")
    for shape in [(3, 3), (5, 2), (2, 5), (2, 4, 3)]:
        x = normal(*shape, dtype=np.float64)
        # The values alone: the signs of the vectors are free.
        record("svd", torch.linalg.svdvals, [x], True, counts=(False, True, False))


def ctc():
    def lengths(values):
        return None if values is None else np.array(values)

    settings = [
        # batch, time, classes, targets, input lengths, target lengths, blank
        (2, 5, 4, [[1, 2], [3, 3]], None, None, 0),
        (3, 7, 5, [[1, 2, 3], [4, 4, 1], [2, 1, 2]], [7, 6, 5], [3, 3, 2], 0),
        (2, 6, 4, [[1, 0, 2], [0, 0, 3]], [6, 6], [3, 2], 3),
        (2, 6, 4, [[0, 1, -7], [1, 1, 99]], [6, 5], [2, 2], 3),
        (1, 3, 3, [[1, 2, 1]], None, None, 0),
        (2, 4, 3, [[1, 1], [1, 2]], [2, 4], [2, 2], 0),
        (2, 4, 3, [[1, 1], [2, 2]], [4, 3], [0, 1], 0),
        (3, 25, 9, golden.rng.integers(1, 9, (3, 8)).tolist(), [25, 21, 17], [8, 5, 1], 0),
        (3, 1, 2, [[1], [1], [1]], [1, 1, 0], [1, 0, 0], 0),
    ]
    for dtype in (np.float32, np.float64):
        for batch, time, classes, targets, steps, counts, blank in settings:
            if any(blank in row[:n] for row, n in zip(targets, counts or [len(targets[0])] * batch)):
                continue
            scores = normal(batch, time, classes, dtype=dtype)
            logs = torch.log_softmax(torch.from_numpy(scores).double(), -1).to(torch.from_numpy(scores).dtype)
            ids = np.array(targets)
            for zeroing in (False, True):
                for reduction in ("none", "mean", "sum") if dtype == np.float32 or not zeroing else ("mean",):
                    y = torch.nn.functional.ctc_loss(
                        logs.double().transpose(0, 1), torch.from_numpy(ids), torch.tensor(steps or [time] * batch),
                        torch.tensor(counts or [ids.shape[1]] * batch), blank, reduction, zeroing)
                    case("ctc_loss", [logs, ids, lengths(steps), lengths(counts)], y.numpy().astype(dtype), reduction, blank, zeroing)
    # One sequence, and labels that lie one after another.
    logs = torch.log_softmax(torch.from_numpy(normal(6, 4)).double(), -1)
    y = torch.nn.functional.ctc_loss(logs[:, None], torch.tensor([[1, 3]]), torch.tensor([6]), torch.tensor([2]), reduction="none")
    case("ctc_loss", [logs, np.array([1, 3]), None, None], y[0], "none")
    case("ctc_loss", [logs, np.array([1, 3]), np.int64(6), np.int64(2)], y[0] / 2, "mean")
    logs = torch.log_softmax(torch.from_numpy(normal(3, 6, 4)).double(), -1)
    ids, counts = np.array([1, 3, 3, 2, 2, 1]), np.array([2, 1, 3])
    y = torch.nn.functional.ctc_loss(logs.transpose(0, 1), torch.from_numpy(ids), torch.tensor([6] * 3), torch.from_numpy(counts), reduction="none")
    case("ctc_loss", [logs, ids, None, counts], y, "none")
    # Nothing to say, and nobody who says it.
    y = -logs[:, :, 0].sum(1)
    case("ctc_loss", [logs, np.zeros((3, 0), np.int64), None, None], y, "none")
    case("ctc_loss", [logs[:0], ids.reshape(2, 3)[:0], None, None], y[:0], "none")
    # Impossible classes.
    with np.errstate(divide="ignore"):
        logs = np.log(np.array([[[0.5, 0.5, 0.0], [0.25, 0.75, 0.0], [0.0, 0.0, 1.0]]]))
    y = torch.nn.functional.ctc_loss(torch.from_numpy(logs).transpose(0, 1), torch.tensor([[1, 2]]), torch.tensor([3]), torch.tensor([2]), reduction="none")
    case("ctc_loss", [logs, np.array([[1, 2]]), None, None], y, "none")

    # Gradients by the scores: PyTorch's gradient by log-probabilities is one that only holds behind log_softmax.
    for batch, time, classes, targets, steps, counts, blank in settings:
        if any(blank in row[:n] for row, n in zip(targets, counts or [len(targets[0])] * batch)):
            continue
        for reduction in ("none", "mean"):
            scores = torch.from_numpy(normal(batch, time, classes, dtype=np.float64)).requires_grad_()
            ids = np.array(targets)
            y = torch.nn.functional.ctc_loss(
                torch.log_softmax(scores, -1).transpose(0, 1), torch.from_numpy(ids), torch.tensor(steps or [time] * batch),
                torch.tensor(counts or [ids.shape[1]] * batch), blank, reduction, True)
            weights = torch.from_numpy(np.asarray(normal(*y.shape, dtype=np.float64)))
            gradient, = torch.autograd.grad((y * weights).sum(), scores)
            case("gradient:ctc_loss", [scores.detach(), ids, lengths(steps), lengths(counts), weights], gradient, reduction, blank, True)


def halves():
    """Products of bf16 accumulate in f32."""
    for shape, other in [((3, 4), (4, 5)), ((1, 1000), (1000, 1)), ((2, 3, 70), (2, 70, 5)), ((5,), (5,)), ((9, 300), (300, 5)), ((0, 3), (3, 2)), ((2, 0), (0, 2)), ((4, 3), (3,))]:
        a, b = (torch.from_numpy(np.asarray(normal(*s))).bfloat16() for s in (shape, other))
        case("matmul", [a, b], (a.double() @ b.double()).bfloat16())
        if len(shape) == 2 and len(other) == 2:
            case("linear", [a, b.T.contiguous(), None], (a.double() @ b.double()).bfloat16())
            case("einsum", [a, b], (a.double() @ b.double()).bfloat16(), "ij,jk->ik")
    # In bf16 a sum of ones would stand still at 256.
    ones = torch.ones(1, 3000).bfloat16()
    case("matmul", [ones, ones.T.contiguous()], torch.tensor([[3000.0]]).bfloat16())
    a = torch.from_numpy(normal(4, 33)).bfloat16()
    b = torch.from_numpy(normal(33)).bfloat16()
    for name, f in (("add", torch.add), ("multiply", torch.mul), ("divide", torch.div), ("maximum", torch.maximum)):
        case(name, [a, b], f(a.double(), b.double()).bfloat16())
    for name, f in (("exp", torch.exp), ("tanh", torch.tanh), ("relu", torch.relu), ("sigmoid", torch.sigmoid)):
        case(name, [a], f(a.double()).bfloat16())
    case("sum", [a], a.double().sum(1).bfloat16(), 1)
    case("mean", [a], a.double().mean(0).bfloat16(), 0)
    case("softmax", [a], torch.softmax(a.double(), -1).bfloat16(), -1)
    case("layer_norm", [a, b, b], torch.nn.functional.layer_norm(a.double(), (33,), b.double(), b.double()).bfloat16())


golden.write((squares, solutions, decompositions, gradients, ctc, halves))
