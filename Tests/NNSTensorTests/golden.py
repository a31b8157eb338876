"""Writes golden.txt: what NumPy and PyTorch give for the ops of the table. Tests read the file and need neither.

    python Tests/NNSTensorTests/golden.py > Tests/NNSTensorTests/golden.txt

A case is a line `case NAME ATTRIBUTES…`, then `in DTYPE SHAPE VALUES…` and `out DTYPE SHAPE VALUES…` lines. Attributes are
written i:3 (int), f:0.5 (float), l:1,2 (ints), s:mean (string), b:1 (bool), d:f64 (dtype), n (none).
"""

import zlib

import numpy as np
import torch
import torch.nn.functional as F

NAMES = {"float32": "f32", "float64": "f64", "int64": "i64", "int32": "i32", "uint8": "u8", "bool": "bool"}
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 30.0, -30.0, 95.0, -110.0, 1e-6, -1e-6, np.inf, -np.inf, np.nan])


def number(value):
    """The shortest text that reads back as the same number."""
    if not np.isfinite(value):
        return repr(float(value))
    plain = np.format_float_positional(value, unique=True, trim="-")
    mantissa, exponent = np.format_float_scientific(value, unique=True, trim="-").split("e")
    return min(plain, f"{mantissa}e{int(exponent)}", key=len)


def text(array):
    array = np.asarray(array)
    shape = ",".join(map(str, array.shape)) or "-"
    flat = array.reshape(-1)
    if array.dtype == bool:
        values = [str(int(v)) for v in flat]
    elif array.dtype.kind == "f":
        values = [number(v) for v in flat]
    else:
        values = [str(int(v)) for v in flat]
    return " ".join([NAMES[str(array.dtype)], shape] + values)


def attribute(value):
    if value is None:
        return "n"
    if isinstance(value, bool):
        return f"b:{int(value)}"
    if isinstance(value, int):
        return f"i:{value}"
    if isinstance(value, float):
        return f"f:{value}"
    if isinstance(value, str):
        return f"s:{value}"
    if isinstance(value, np.dtype):
        return f"d:{NAMES[str(value)]}"
    return "l:" + ",".join(map(str, value))


def case(name, inputs, outputs, *attributes):
    if not isinstance(outputs, (list, tuple)):
        outputs = [outputs]
    print("case", name, *map(attribute, attributes))
    for x in inputs:
        print("in", text(x))
    for y in outputs:
        print("out", text(y.numpy() if isinstance(y, torch.Tensor) else y))


def normal(*shape, dtype=np.float32, low=None):
    x = np.round(rng.normal(size=shape), 3).astype(dtype)
    return x if low is None else (np.abs(x) + low).astype(dtype)


def tensors(*arrays):
    return [torch.from_numpy(np.asarray(a)) for a in arrays]


SHAPES = [(), (1,), (7,), (3, 5), (2, 1, 4), (33,), (0, 3), (2, 3, 4, 2)]


def unary():
    functions = {
        "negate": torch.neg, "abs": torch.abs, "sign": lambda t: torch.from_numpy(np.asarray(np.sign(t.numpy()))), "square": torch.square, "exp": torch.exp,
        "expm1": torch.expm1, "log": torch.log, "log1p": torch.log1p, "log2": torch.log2, "sqrt": torch.sqrt,
        "rsqrt": torch.rsqrt, "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin,
        "acos": torch.acos, "atan": torch.atan, "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh,
        "erf": torch.erf, "floor": torch.floor, "ceil": torch.ceil, "round": torch.round, "relu": F.relu,
        "sigmoid": torch.sigmoid, "selu": F.selu, "gelu": lambda t: F.gelu(t.double()).to(t.dtype), "silu": F.silu, "mish": F.mish,
        "softplus": F.softplus, "hard_swish": F.hardswish, "isnan": torch.isnan, "isinf": torch.isinf,
        "isfinite": torch.isfinite,
    }
    for name, f in functions.items():
        for dtype in (np.float32, np.float64):
            # PyTorch's hard_swish(-inf) is NaN; the limit is 0.
            special = (SPECIAL[:12] if name == "hard_swish" else SPECIAL).astype(dtype)
            case(name, [special], f(torch.from_numpy(special)))
            low = 0.1 if name in ("log", "log2", "sqrt", "rsqrt", "log1p") else None
            for shape in SHAPES[: 8 if dtype == np.float32 else 3]:
                x = normal(*shape, dtype=dtype, low=low)
                if name in ("asin", "acos"):
                    x = np.tanh(x)
                case(name, [x], f(torch.from_numpy(np.asarray(x))))
    for x in (normal(3, 5), SPECIAL.astype(np.float32)):
        t = torch.from_numpy(x)
        case("gelu", [x], F.gelu(t, approximate="tanh"), "tanh")
        case("leaky_relu", [x], F.leaky_relu(t, 0.2), 0.2)
        case("elu", [x], F.elu(t, 0.7), 0.7)
        case("clip", [x], torch.clip(t, -0.5, 0.75), -0.5, 0.75)
        case("clip", [x], torch.clip(t, max=0.25), None, 0.25)
    ints = np.array([-7, -1, 0, 3, 120])
    for name in ("negate", "abs", "sign", "square", "relu", "exp", "sqrt", "floor"):
        if name == "sqrt":
            case(name, [np.abs(ints)], np.sqrt(np.abs(ints)).astype(np.float32))
        elif name == "floor":
            continue
        else:
            f = functions[name]
            y = f(torch.from_numpy(ints.astype(np.float32) if name == "exp" else ints))
            case(name, [ints], y)
    wide = np.array([2**53 + 1, -(2**63), 2**63 - 1, 5])
    for x in (ints, ints.astype(np.int32), wide, np.zeros((2, 0), np.int64)):
        case("clip", [x], np.clip(x, -2, 50), -2, 50)
        case("clip", [x], np.clip(x, None, 0), None, 0)
        case("clip", [x], np.clip(x, 9, -9), 9, -9)
    case("clip", [wide], np.clip(wide, 2**53 + 1, 2**63 - 2), 2**53 + 1, 2**63 - 2)
    case("clip", [ints], np.clip(ints.astype(np.float32), -0.5, 2.5), -0.5, 2.5)
    case("clip", [np.array([1, 200], np.uint8)], np.array([5, 100], np.uint8), 5, 100)
    case("clip", [np.array([1, 200], np.uint8)], np.array([1, 200], np.uint8), -5, 300)
    case("clip", [np.array([1.0, np.nan], np.float32)], np.full(2, np.nan, np.float32), float("nan"), 1)
    case("not", [np.array([True, False])], np.array([False, True]))
    case("not", [ints], ~ints)


PAIRS = [((), ()), ((4,), (4,)), ((3, 4), (4,)), ((3, 1), (1, 5)), ((), (2, 3)), ((2, 3), ()), ((2, 1, 3), (4, 1)), ((0, 3), (3,)), ((2, 3, 4), (2, 3, 4))]


def binary():
    functions = {
        "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "minimum": np.minimum,
        "maximum": np.maximum, "atan2": np.arctan2, "equal": np.equal, "not_equal": np.not_equal, "less": np.less,
        "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal,
        "floor_divide": np.floor_divide, "modulo": np.remainder, "power": np.power,
    }
    ints = ("add", "subtract", "multiply", "minimum", "maximum", "equal", "less", "floor_divide", "modulo", "power")
    a, b = [x.reshape(-1) for x in np.meshgrid(SPECIAL, SPECIAL)]
    with np.errstate(all="ignore"):
        for name, f in functions.items():
            if name not in ("floor_divide", "modulo"):
                case(name, [a, b], f(a, b))
            for dtype in (np.float32, np.float64):
                for p, q in PAIRS[: 9 if dtype == np.float32 else 4]:
                    x, y = normal(*p, dtype=dtype), normal(*q, dtype=dtype)
                    if name == "power":
                        x = np.abs(x) + dtype(0.1)
                    if name in ("equal", "less_equal"):
                        x, y = np.round(x), np.round(y)
                    case(name, [x, y], f(np.asarray(x), np.asarray(y)))
            if name in ints:
                for p, q in PAIRS[:7]:
                    x, y = rng.integers(-9, 10, p), rng.integers(1, 6, q)
                    if name in ("floor_divide", "modulo"):
                        y = y * rng.choice([-1, 1], q)
                    case(name, [x, y], f(x, y))
                    case(name, [x.astype(np.int32), y.astype(np.int32)], f(x.astype(np.int32), y.astype(np.int32)))
        for q in (2.0, 3.0, -1.0, 0.5, 0.0, 1.0, -2.0):
            x = normal(9, low=0.1)
            case("power", [x, np.float32(q)], np.power(x, np.float32(q)))
            x = normal(9)
            if q == int(q):
                case("power", [x, np.float32(q)], np.power(x, np.float32(q)))
        # Dtypes together.
        f32, f64, i64, i32, u8 = (np.array([1, 2, 3]).astype(t) for t in (np.float32, np.float64, np.int64, np.int32, np.uint8))
        for x, y in ((f32, f64), (f32, i64), (f64, i32), (i64, i32), (i32, u8), (u8, f32), (i64, np.array([True, False, True]))):
            wide = (torch.from_numpy(x) + torch.from_numpy(y)).numpy()
            case("add", [x, y], wide)
            case("multiply", [y, x], (torch.from_numpy(x) * torch.from_numpy(y)).numpy())
        case("divide", [i64, i32], (i64 / i32).astype(np.float32))
        flags, more = np.array([True, False, True]), np.array([True, True, False])
        case("add", [flags, more], np.array([2, 1, 1]))
        for name, f in {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}.items():
            case(name, [flags, more], f(flags, more))
            case(name, [i64, i64[::-1].copy()], f(i64, i64[::-1]))


def reductions():
    floats = {
        "sum": np.sum, "mean": np.mean, "variance": np.var, "std": np.std, "max": np.max, "min": np.min, "prod": np.prod,
        "norm": lambda x, axis=None, keepdims=False: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
        "logsumexp": lambda x, axis=None, keepdims=False: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
        "count_nonzero": lambda x, axis=None, keepdims=False: np.asarray(np.count_nonzero(x, axis=axis, keepdims=keepdims), dtype=np.int64),
        "any": np.any, "all": np.all,
    }
    settings = [((), None), ((7,), None), ((3, 5), 0), ((3, 5), 1), ((2, 3, 4), (0, 2)), ((2, 3, 4), (1,)), ((2, 3, 4), None), ((70, 9), 0), ((2, 75), -1), ((2, 3, 4, 2), (0, 3))]
    for name, f in floats.items():
        for dtype in (np.float64, np.float32):
            for n, (shape, axis) in enumerate(settings[: 10 if dtype == np.float32 else 5]):
                for keepdims in (n % 2 == 0,):
                    x = np.asarray(normal(*shape, dtype=dtype))
                    if name in ("any", "all", "count_nonzero"):
                        x = np.asarray(np.where(np.abs(x) < 0.7, dtype(0), x))
                    if name == "prod":
                        x = x * dtype(0.5) + dtype(1)
                    wide = f(x.astype(np.float64), axis=axis, keepdims=keepdims)
                    y = np.asarray(wide)
                    if y.dtype.kind == "f":
                        y = y.astype(dtype)
                    a = list(axis) if isinstance(axis, tuple) else axis
                    case(name, [x], y, a, keepdims)
        if name in ("sum", "prod", "max", "min"):
            x = rng.integers(-4, 5, (3, 4))
            case(name, [x], f(x, axis=1), 1, False)
            case(name, [x.astype(np.int32)], f(x, axis=0).astype(np.int32 if name in ("max", "min") else np.int64), 0, False)
        if name in ("max", "min", "sum"):
            x = np.array([[1.0, np.nan, 2.0], [np.inf, 0.0, 1.0]], dtype=np.float32)
            case(name, [x], f(x, axis=1), 1, False)
    case("sum", [np.array([True, True, False])], np.int64(2), None, False)
    case("mean", [np.array([1, 2, 4])], np.float32(7 / 3), None, False)
    case("variance", [np.arange(6.0).reshape(2, 3)], np.var(np.arange(6.0).reshape(2, 3), axis=1, ddof=1), 1, False, 1)
    case("logsumexp", [np.array([1000.0, 1000.0])], np.float64(1000 + np.log(2)), None, False)
    case("logsumexp", [np.array([-np.inf, -np.inf])], np.float64(-np.inf), None, False)
    x = normal(67, 70)
    case("sum", [x], x.astype(np.float64).sum(0).astype(np.float32), 0, False)
    case("mean", [x], np.float32(x.astype(np.float64).mean()), None, False)
    case("std", [x], x.astype(np.float64).std(1).astype(np.float32), 1, False)
    for name, f in {"argmax": np.argmax, "argmin": np.argmin}.items():
        for shape, axis in [((7,), None), ((3, 5), 0), ((3, 5), 1), ((2, 3, 4), 1), ((2, 100), -1), ((4, 4), None)]:
            x = np.round(normal(*shape) * 2)
            case(name, [x], np.asarray(f(x, axis=axis)), axis, False)
        x = np.array([1.0, np.nan, 5.0, np.nan])
        case(name, [x], np.asarray(f(x)), None, False)
    for name, f in {"cumsum": np.cumsum, "cumprod": np.cumprod}.items():
        for shape, axis in [((5,), 0), ((3, 4), 0), ((3, 4), 1), ((2, 3, 2), -2)]:
            x = normal(*shape, dtype=np.float64)
            case(name, [x], f(x, axis=axis), axis)
        case(name, [np.array([1, 2, 3])], f(np.array([1, 2, 3])), 0)


def shapes():
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    t = torch.from_numpy(x)
    case("reshape", [x], x.reshape(4, 6), [4, -1])
    case("reshape", [x], x.reshape(-1), [-1])
    case("flatten", [x], x.reshape(2, 12), 1)
    case("transpose", [x], x.swapaxes(0, 2), 0, 2)
    case("transpose", [x], x.swapaxes(-1, -2))
    case("permute", [x], x.transpose(2, 0, 1), [2, 0, 1])
    case("squeeze", [x[:, :1]], x[:, 0], None)
    case("squeeze", [x[:1, :1]], x[:1, :1].squeeze(1), 1)
    case("unsqueeze", [x], np.expand_dims(x, -1), -1)
    case("broadcast_to", [x[:, :1]], np.broadcast_to(x[:, :1], (5, 2, 3, 4)), [5, 2, 3, 4])
    case("flip", [x], np.flip(x), None)
    case("flip", [x], np.flip(x, 1), 1)
    case("concat", [x, x[:, :1], x[:, :2]], np.concatenate([x, x[:, :1], x[:, :2]], 1), 1)
    case("concat", [x, x[:0]], x, 0)
    case("concat", [x] * 6, np.concatenate([x] * 6, -1), -1)
    case("stack", [x, x + 1], np.stack([x, x + 1], 1), 1)
    case("stack", [x, x], np.stack([x, x], -1), -1)
    case("split", [x], np.split(x, [1], 1), [1, 2], 1)
    case("split", [x], list(torch.split(t, 3, 2)), 3, 2)
    case("chunk", [x], list(torch.chunk(t, 2, 1)), 2, 1)
    case("roll", [x], np.roll(x, 1, 2), 1, 2)
    case("roll", [x], np.roll(x, -5, 1), -5, 1)
    case("tile", [x], np.tile(x, (2, 1, 2)), [2, 1, 2])
    case("tile", [x[0, 0]], np.tile(x[0, 0], (2, 3)), [2, 3])
    case("tril", [x], np.tril(x), 0)
    case("tril", [x], np.tril(x, -1), -1)
    case("triu", [x], np.triu(x, 1), 1)
    case("where", [x > 5, x, np.float32(0)], np.where(x > 5, x, np.float32(0)))
    case("where", [np.array([True, False, True, False]), x, -x], np.where(np.array([True, False, True, False]), x, -x))
    case("masked_fill", [x, x > 7, np.float32(-1)], np.where(x > 7, np.float32(-1), x))
    ids = rng.integers(0, 4, (2, 3, 2))
    case("gather", [x, ids], torch.gather(t, 2, torch.from_numpy(ids)), 2)
    ids = rng.integers(0, 3, (2, 5, 4))
    case("gather", [x, ids], torch.gather(t, 1, torch.from_numpy(ids)), 1)
    values = normal(2, 5, 4)
    case("scatter_add", [x, ids, values], torch.scatter_add(t, 1, *tensors(ids, values)), 1)
    ids = rng.integers(0, 5, (2, 3))
    table = normal(5, 4)
    case("embedding", [ids, table], table[ids])
    case("one_hot", [ids], np.eye(5, dtype=np.float32)[ids], 5)
    for name in ("zeros_like", "ones_like"):
        case(name, [x], getattr(np, name)(x))
    for source in (np.float32, np.float64, np.int64, np.int32, np.uint8):
        for target in (np.float32, np.float64, np.int64, np.int32, np.uint8, bool):
            v = np.array([0, 1, 2, 200], dtype=source)
            case("to", [v], v.astype(target), np.dtype(target))
    case("to", [np.array([1.9, -1.9, 0.5])], np.array([1, -1, 0]), np.dtype(np.int64))
    case("zeros", [], np.zeros((2, 0, 3), np.float32), [2, 0, 3])
    case("ones", [], np.ones(3, np.int64), [3], np.dtype(np.int64))
    case("full", [], np.full((2,), 2.5, np.float32), [2], 2.5)
    case("eye", [], np.eye(3, 5, dtype=np.float32), 3, 5)
    case("arange", [], np.arange(5), 5)
    case("arange", [], np.arange(5, 0, -2), 5, 0, -2)
    case("arange", [], np.arange(0, 1, 0.3).astype(np.float32), 0, 1, 0.3)
    case("linspace", [], np.linspace(-1, 1, 7).astype(np.float32), -1, 1, 7)


def encode(items):
    """An index as attributes of `index`, and its arrays."""
    ints, arrays = [], []
    for item in items:
        if item is Ellipsis:
            ints.append(2)
        elif item is None:
            ints.append(3)
        elif isinstance(item, slice):
            ints += [1, int(item.start is not None), item.start or 0, int(item.stop is not None), item.stop or 0,
                     1 if item.step is None else item.step]
        elif isinstance(item, int):
            ints += [0, item]
        else:
            ints.append(4)
            arrays.append(np.asarray(item))
    return ints, arrays


def indexing():
    x = spoilt(4, 5, 6)
    s = slice
    i, j = np.array([[0, 3], [-1, 2]]), np.array([1, 4])
    mask = x[..., 0] > 0
    items = [
        (0,), (-1,), (1, 2, 3), (s(None), 2), (s(1, 3), s(None, None, 2)), (s(None, None, -1),), (s(-2, None),),
        (s(10, 2),), (s(4, None, -2), s(5, 0, -3)), (Ellipsis, 0), (0, Ellipsis, -1), (None, 0, None), (s(None), None),
        (i,), (s(None), i), (i, j), (s(None), i, j), (i, s(None), j), (0, s(None), j), (s(None), 0, j), (j - 1, 0),
        (mask,), (x > 0.5,), (s(None), x[0, :, 0] > 0), (mask, 0), (np.array(2),), (Ellipsis, j, s(None)), (None, j - 1),
        (np.zeros(0, np.int64),), (s(1, 1),), (s(0, 4, 3), s(1, 5, 3), s(-1, -5, -2)),
    ]
    for item in items:
        ints, arrays = encode(item)
        y = x[item]
        case("index", [x, *arrays], np.ascontiguousarray(y) if y.ndim else y, ints)
        value = spoilt(*y.shape) if y.size > 3 else normal(*y.shape)
        written = x.copy()
        unique = all(np.unique(a).size == a.size for a in arrays) and not any(a is i for a in item)
        if unique:
            written[item] = value
            case("assign", [x, np.asarray(value), *arrays], written, ints)
            written = x.copy()
            written[item] = 7
            case("assign", [x, np.float32(7), *arrays], written, ints)
        added = np.zeros_like(x)
        np.add.at(added, item, value)
        case("unindex", [np.asarray(value), *arrays], added, ints, list(x.shape))


def products():
    pairs = [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((2, 1, 2, 3), (4, 3, 5)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,)), ((17, 33), (33, 20)), ((1, 64), (64, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 9, 20), (2, 20, 24))]
    for dtype in (np.float32, np.float64):
        for p, q in pairs:
            x, y = normal(*p, dtype=dtype), normal(*q, dtype=dtype)
            case("matmul", [x, y], np.asarray(np.matmul(x.astype(np.float64), y.astype(np.float64))).astype(dtype))
    x, y = rng.integers(-5, 6, (3, 4)), rng.integers(-5, 6, (4, 2))
    case("matmul", [x, y], x @ y)
    case("matmul", [x.astype(np.int32), y.astype(np.int32)], (x @ y).astype(np.int32))
    for shape in [(4, 3), (3,), (2, 4, 3), (0, 3), (70, 3)]:
        x, w, b = normal(*shape), normal(5, 3), normal(5)
        case("linear", [x, w, b], F.linear(*tensors(x, w, b)))
        case("linear", [x, w], F.linear(*tensors(x, w)))
    x, w, b = normal(24, 30), normal(20, 30), normal(20)
    case("linear", [x, w, b], (x.astype(np.float64) @ w.T.astype(np.float64) + b).astype(np.float32))
    a, b = normal(4), normal(4)
    case("dot", [a, b], np.dot(a, b))
    case("outer", [a, normal(3)[:0]], np.zeros((4, 0), np.float32))
    case("outer", [a, b], np.outer(a, b))


def losses():
    for dtype in (np.float32, np.float64):
        for shape in [(4, 3), (1, 1), (2, 3, 7), (3, 33)]:
            x = normal(*shape, dtype=dtype) * dtype(3)
            ids = rng.integers(0, shape[-1], shape[:-1])
            t, k = tensors(x, ids)
            flat, labels = t.reshape(-1, shape[-1]), k.reshape(-1)
            for axis in (-1, 0):
                case("softmax", [x], F.softmax(t, axis), axis)
                case("log_softmax", [x], F.log_softmax(t, axis), axis)
            case("cross_entropy", [x, ids], F.cross_entropy(flat, labels))
            case("cross_entropy", [x, ids], F.cross_entropy(flat, labels, reduction="sum", label_smoothing=0.1), "sum", -100, 0.1)
            none = F.cross_entropy(flat, labels, reduction="none").reshape(shape[:-1])
            case("cross_entropy", [x, ids], none, "none")
            if shape[-1] > 1:
                case("cross_entropy", [x, np.where(ids == 0, -1, ids)], F.cross_entropy(flat, torch.where(labels == 0, -1, labels), ignore_index=-1, label_smoothing=0.2), "mean", -1, 0.2)
            p = F.softmax(torch.from_numpy(normal(*shape, dtype=dtype)), -1)
            case("cross_entropy", [x, p.numpy()], F.cross_entropy(flat, p.reshape(-1, shape[-1]), label_smoothing=0.1), "mean", -100, 0.1)
            logs = F.log_softmax(t, -1)
            case("nll_loss", [logs.numpy(), ids], F.nll_loss(logs.reshape(-1, shape[-1]), labels))
            case("accuracy", [x, ids], (t.argmax(-1) == k).float().mean())
            y = normal(*shape, dtype=dtype)
            u = torch.from_numpy(y)
            for reduction in ("mean", "sum", "none"):
                case("mse_loss", [x, y], F.mse_loss(t, u, reduction=reduction), reduction)
                case("l1_loss", [x, y], F.l1_loss(t, u, reduction=reduction), reduction)
                case("huber_loss", [x, y], F.huber_loss(t, u, reduction=reduction, delta=0.8), reduction, 0.8)
                z = torch.sigmoid(u)
                case("bce_with_logits", [x, z.numpy()], F.binary_cross_entropy_with_logits(t, z, reduction=reduction), reduction)
                case("kl_div", [logs.numpy(), p.numpy()], F.kl_div(logs, p, reduction=reduction), reduction)
    x = np.array([[1e4, -1e4], [np.inf, 0.0], [-np.inf, 1.0]], dtype=np.float32)
    case("softmax", [x], F.softmax(torch.from_numpy(x), -1))
    x = normal(3, 6)
    case("glu", [x], F.glu(torch.from_numpy(x), 1), 1)


def sorting():
    for shape, axis in [((7,), -1), ((3, 5), 0), ((3, 5), 1), ((2, 3, 4), 1), ((0, 3), 0), ((40,), 0)]:
        x = np.round(normal(*shape), 1)
        t = torch.from_numpy(x)
        for descending in (False, True):
            values, places = torch.sort(t, dim=axis, descending=descending, stable=True)
            case("sort", [x], values, axis, descending)
            case("argsort", [x], places, axis, descending)
        x = normal(*shape)
        k = min(2, shape[axis])
        values, places = torch.topk(torch.from_numpy(x), k, axis)
        case("topk", [x], [values, places], k, axis)
        case("nonzero", [np.round(x)], np.argwhere(np.round(x)))
    x = np.array([1.0, np.nan, -np.inf, 3.0, -0.0, 0.0], dtype=np.float32)
    case("sort", [x], np.sort(x))
    case("argsort", [np.array([3, -1, 3, 2])], np.array([1, 3, 0, 2]))


def normalising():
    for dtype in (np.float32, np.float64):
        for shape in [(4,), (3, 5), (2, 3, 70), (1, 1), (5, 33)]:
            x, w, b = normal(*shape, dtype=dtype) * dtype(3), normal(shape[-1], dtype=dtype), normal(shape[-1], dtype=dtype)
            t, u, v = tensors(x, w, b)
            case("layer_norm", [x, w, b], F.layer_norm(t, shape[-1:], u, v))
            case("layer_norm", [x], F.layer_norm(t, shape[-1:], eps=0.1), 0.1)
            case("rms_norm", [x, w], F.rms_norm(t, shape[-1:], u, eps=1e-6))
            case("rms_norm", [x], F.rms_norm(t, shape[-1:], eps=0.1), 0.1)


def updates():
    for dtype in (np.float32, np.float64):
        for decay, decoupled in ((0.0, False), (0.1, False), (0.1, True)):
            p = torch.from_numpy(normal(5, 3, dtype=dtype)).requires_grad_()
            kind = torch.optim.AdamW if decoupled else torch.optim.Adam
            optimizer = kind([p], lr=0.01, betas=(0.8, 0.99), eps=1e-7, weight_decay=decay)
            m, v = np.zeros((5, 3), dtype), np.zeros((5, 3), dtype)
            for step in range(1, 4):
                before, g = p.detach().numpy().copy(), normal(5, 3, dtype=dtype)
                p.grad = torch.from_numpy(g)
                optimizer.step()
                state = optimizer.state[p]
                after = [p.detach().numpy().copy(), state["exp_avg"].numpy().copy(), state["exp_avg_sq"].numpy().copy()]
                case("adam_step", [before, g, m, v], after, step, 0.01, 0.8, 0.99, 1e-7, decay, decoupled)
                m, v = after[1], after[2]
        for momentum, nesterov, decay, dampening in ((0.0, False, 0.1, 0.0), (0.9, False, 0.0, 0.2), (0.9, True, 0.01, 0.0)):
            p = torch.from_numpy(normal(7, dtype=dtype)).requires_grad_()
            optimizer = torch.optim.SGD([p], lr=0.1, momentum=momentum, nesterov=nesterov, weight_decay=decay, dampening=dampening)
            m = np.zeros(7, dtype)
            for step in range(3):
                before, g = p.detach().numpy().copy(), normal(7, dtype=dtype)
                p.grad = torch.from_numpy(g)
                optimizer.step()
                if momentum:
                    after = [p.detach().numpy().copy(), optimizer.state[p]["momentum_buffer"].numpy().copy()]
                    case("sgd_step", [before, g, m], after, 0.1, momentum, dampening, decay, nesterov, step == 0)
                    m = after[1]
                else:
                    case("sgd_step", [before, g], p.detach().numpy().copy(), 0.1, 0.0, 0.0, decay)


def arranging():
    for shape, pairs in [((3,), [(1, 2)]), ((2, 3), [(0, 1), (2, 0)]), ((2, 0, 1), [(1, 1), (0, 2), (0, 0)]), ((2, 3, 2), [(0, 0)] * 3)]:
        for dtype in (np.float32, np.float64):
            x = normal(*shape, dtype=dtype)
            flat = [n for pair in pairs for n in pair]
            case("pad", [x], np.pad(x, pairs), flat)
            case("pad", [x], np.pad(x, pairs, constant_values=-0.5), flat, -0.5)
    case("pad", [np.arange(3)], np.pad(np.arange(3), (1, 0), constant_values=7), [1, 0], 7)
    x = normal(2, 3)
    for repeats, axis in [(2, None), (3, 0), ([2, 0, 1], 1), (0, 0), (1, -1), ([1, 2, 0, 3, 1, 1], None), ([0, 0], 0), (2, 1)]:
        case("repeat_interleave", [x], np.repeat(x, repeats, axis), repeats, axis)
    a, b, c = normal(3), normal(2), normal(4)
    for vectors in ([a], [a, b], [a, b, c], [a, b[:0]], [b, c, a, b], [a, a]):
        for indexing in ("xy", "ij"):
            case("meshgrid", vectors, [np.ascontiguousarray(y) for y in np.meshgrid(*vectors, indexing=indexing)], indexing)
    x = normal(3, 6, 4)
    for axis, size, step in [(0, 2, 1), (1, 3, 2), (2, 4, 1), (-1, 1, 3), (1, 0, 1), (1, 6, 9), (0, 1, 1), (1, 2, 2)]:
        y = torch.from_numpy(x).unfold(axis, size, step)
        case("unfold", [x], y, axis, size, step)
        back = torch.autograd.functional.vjp(lambda t: t.unfold(axis, size, step), torch.from_numpy(x), y)[1]
        case("refold", [y.numpy()], back, axis, size, step, list(x.shape))
    x = normal(3, 4)
    for ids, axis in [([0, 11, -1], None), ([[1, 2], [0, -3]], 0), ([3, 3, 0], 1), (2, 1), ([], 0), ([[5]], None), (-12, None), ([[-4, 0]], -1)]:
        ids = np.asarray(ids, dtype=np.int64)
        case("take", [x, ids], np.asarray(np.take(x, ids, axis)), axis)
    for x in (normal(3), normal(1), normal(0), normal(3, 4), normal(4, 2), normal(3, 3), np.arange(3), normal(0, 2)):
        for k in (0, 1, -2, 5):
            case("diag", [x], np.diag(x, k) if x.ndim == 1 or -x.shape[0] <= k <= x.shape[1] else np.zeros(0, x.dtype), k)
    x = normal(3, 4, 2)
    t = torch.from_numpy(x)
    for axis, shape in [(1, (2, 5, 1)), (0, (1, 4, 2)), (2, (3, 2, 3)), (1, (0, 2, 2)), (1, (3, 1, 2))]:
        ids = rng.integers(0, x.shape[axis], shape)
        case("gather", [x, ids], torch.gather(t, axis, torch.from_numpy(ids)), axis)
        values = normal(*shape)
        case("scatter_add", [x, ids, values], torch.scatter_add(t, axis, *tensors(ids, values)), axis)
    special = np.array([2.0, np.nan, -1.0, 2.0, np.inf, np.nan, -np.inf], dtype=np.float32)
    for x in (np.array([3, 1, 3, -2]), np.round(normal(3, 5)), np.round(normal(17, dtype=np.float64)), special, np.zeros((0, 2), np.float32), np.array([True, True]), np.array(5.0), np.array([2, 1, 2], dtype=np.uint8)):
        values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
        case("unique", [x], values)
        case("unique", [x], [values, inverse.reshape(x.shape), counts], True, True)
        case("unique", [x], [values, counts], False, True)
    for shape, size in [((4,), 7), ((), 5), ((2, 3), 1), ((0,), 3), ((2, 2, 2), 0)]:
        s, v = np.sort(np.round(normal(size), 1)), np.asarray(np.round(normal(*shape), 1))
        for right in (False, True):
            case("searchsorted", [s, v], np.asarray(np.searchsorted(s, v, side="right" if right else "left")), right)
    s, v = np.sort(np.round(normal(3, 6)), -1), np.round(normal(3, 4))
    case("searchsorted", [s, v], torch.searchsorted(*tensors(s, v)), False)
    case("searchsorted", [s, v], torch.searchsorted(*tensors(s, v), right=True), True)
    s = np.array([-np.inf, 0.0, 1.0, np.inf, np.nan])
    case("searchsorted", [s, np.array([np.nan, 0.5, np.inf, -np.inf, 1.0])], np.searchsorted(s, [np.nan, 0.5, np.inf, -np.inf, 1.0]))
    case("searchsorted", [np.array([1, 3, 3, 9]), np.array([3, 10])], np.array([1, 4]))
    for x, axis in [(np.array([1.0, 0.0, 2.0, 0.0]), 0), (np.array([[0.0, 2.0], [3.0, 0.0], [1.5, 4.0]]), 0)]:
        case("cumprod", [x], np.cumprod(x, axis), axis)
    for shape, axis in [((5,), 0), ((3, 4), 0), ((3, 4), 1), ((2, 3, 2), 1), ((1,), 0), ((0, 2), 0), ((2, 0), 0), ((2, 70), -1)]:
        a, b = normal(*shape, dtype=np.float64), normal(*shape, dtype=np.float64)
        u, v = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
        h, rows = np.zeros(v.shape[1:]), []
        for i in range(len(u)):
            h = u[i] * h + v[i]
            rows.append(h)
        case("recurrence", [a, b], np.ascontiguousarray(np.moveaxis(np.stack(rows), 0, axis)) if rows else b, axis)
    x = normal(2, 3, 4)
    ids = rng.integers(0, 4, (2, 3))
    ids[0, 1] = -1
    t, k = torch.from_numpy(x), torch.from_numpy(ids)
    for reduction in ("mean", "sum", "none"):
        y = F.nll_loss(t.reshape(-1, 4), k.reshape(-1), ignore_index=-1, reduction=reduction)
        case("nll_loss", [x, ids], y.reshape(k.shape) if reduction == "none" else y, reduction, -1)


def convolutions():
    wide = lambda *arrays: [None if a is None else torch.from_numpy(a).double() for a in arrays]
    settings = [
        (1, (2, 3, 8), (4, 3, 3), {}), (1, (2, 4, 9), (6, 2, 2), dict(stride=2, padding=1, groups=2)), (1, (3, 5), (2, 3, 1), {}),
        (1, (1, 2, 7), (2, 1, 3), dict(dilation=2, padding=3, groups=2)), (1, (0, 2, 7), (2, 2, 3), {}),
        (2, (2, 3, 7, 6), (4, 3, 3, 3), dict(padding=1)), (2, (2, 3, 7, 6), (4, 3, 3, 2), dict(stride=(2, 3), padding=(1, 0))),
        (2, (1, 4, 9, 8), (6, 2, 2, 3), dict(dilation=(2, 1), groups=2)), (2, (2, 5, 4, 4), (3, 5, 1, 1), {}), (2, (3, 5, 5), (2, 3, 2, 2), {}),
        (2, (2, 4, 6, 20), (4, 1, 3, 3), dict(padding=1, groups=4)), (2, (1, 3, 8, 8), (3, 1, 3, 3), dict(stride=2, padding=2, dilation=2, groups=3)),
        (2, (1, 1, 23, 20), (3, 1, 5, 5), {}), (2, (0, 2, 4, 4), (3, 2, 3, 3), {}), (2, (2, 2, 1, 1), (3, 2, 3, 3), dict(padding=1)),
        (3, (2, 2, 4, 3, 5), (3, 2, 2, 2, 3), {}), (3, (1, 4, 5, 4, 4), (4, 2, 3, 2, 1), dict(stride=(2, 1, 2), padding=(1, 1, 0), groups=2)),
        (3, (2, 3, 3, 3), (2, 2, 2, 2, 2), {}), (3, (1, 2, 4, 4, 4), (2, 2, 2, 2, 2), dict(dilation=2)),
    ]
    for axes, p, q, options in settings:
        f = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
        for dtype in (np.float32, np.float64):
            x, w = normal(*p, dtype=dtype), normal(*q, dtype=dtype)
            for b in (None, normal(q[0], dtype=dtype)):
                y = f(*wide(x, w, b), **options).numpy().astype(dtype)
                lists = [list(v) if isinstance(v, tuple) else v for v in (options.get("stride", 1), options.get("padding", 0), options.get("dilation", 1), options.get("groups", 1))]
                case(f"conv{axes}d", [x, w] if b is None else [x, w, b], y, *lists)
    settings = [
        ((2, 3, 4, 5), (3, 2, 3, 3), {}), ((2, 3, 4, 3), (3, 2, 2, 3), dict(stride=2, padding=1, output_padding=1)), ((1, 4, 3, 3), (4, 2, 3, 2), dict(stride=(2, 3), groups=2)),
        ((3, 4, 4), (3, 2, 1, 1), {}), ((1, 4, 3, 3), (4, 1, 3, 3), dict(groups=4, padding=1)), ((1, 2, 3, 3), (2, 2, 2, 2), dict(dilation=(2, 3), padding=(0, 1))),
        ((0, 2, 3, 3), (2, 2, 2, 2), {}), ((1, 1, 1, 1), (1, 3, 4, 4), dict(stride=4)),
    ]
    for p, q, options in settings:
        for dtype in (np.float32, np.float64):
            x, w = normal(*p, dtype=dtype), normal(*q, dtype=dtype)
            for b in (None, normal(q[1] * options.get("groups", 1), dtype=dtype)):
                y = F.conv_transpose2d(*wide(x, w, b), **options).numpy().astype(dtype)
                lists = [list(v) if isinstance(v, tuple) else v for v in (options.get("stride", 1), options.get("padding", 0), options.get("output_padding", 0), options.get("groups", 1), options.get("dilation", 1))]
                case("conv_transpose2d", [x, w] if b is None else [x, w, b], y, *lists)


def depthwise():
    """A kernel for each channel, and its gradients: rows that fill lanes and rows that do not, rows longer than what is worked
    on at once, more padding than the kernel reaches, planes of several strips, and kernels too large for the fast way."""
    settings = [
        ((2, 3, 9), (2,), dict(stride=2)), ((1, 1, 530), (3,), dict(padding=1)), ((1, 1, 1040), (4,), dict(stride=2, padding=6)),
        ((1, 2, 20), (3,), dict(stride=3, dilation=4, padding=2)), ((1, 1, 40), (1030,), dict(padding=500)),
        ((2, 2, 9, 16), (3, 3), dict(padding=1)), ((1, 2, 7, 33), (5, 2), dict(padding=(4, 3))), ((1, 2, 11, 18), (3, 3), dict(stride=2, padding=1)),
        ((1, 2, 6, 7), (1, 1), dict(stride=(2, 1), padding=1)), ((1, 2, 10, 9), (3, 3), dict(stride=(1, 3), dilation=(2, 1), padding=(2, 0))),
        ((1, 1, 270, 3), (3, 2), dict(padding=(1, 0))), ((2, 2, 3, 5, 4), (2, 3, 2), dict(stride=(1, 2, 1), padding=1)),
        ((1, 2, 4, 4, 6), (2, 2, 3), dict(stride=(2, 1, 2), padding=(0, 2, 1), dilation=(1, 2, 1))),
    ]
    for p, size, options in settings:
        axes = len(size)
        f = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
        lists = [list(v) if isinstance(v, tuple) else [v] * axes for v in (options.get("stride", 1), options.get("padding", 0), options.get("dilation", 1))]
        for dtype in (np.float32, np.float64):
            x, w, b = normal(*p, dtype=dtype), normal(p[1], 1, *size, dtype=dtype), normal(p[1], dtype=dtype)
            wide = [torch.from_numpy(a).double().requires_grad_() for a in (x, w, b)]
            y = f(*wide, groups=p[1], **options)
            dy = normal(*y.shape, dtype=dtype)
            dx, dw, _ = torch.autograd.grad(y, wide, torch.from_numpy(dy).double())
            narrow = lambda t: t.detach().numpy().astype(dtype)
            case(f"conv{axes}d", [x, w, b], narrow(y), *lists, p[1])
            case("conv_input_grad", [dy, w], narrow(dx), *lists, p[1], list(p[2:]))
            case("conv_weight_grad", [x, dy], narrow(dw), *lists, p[1], list(size))


def pooling():
    special = normal(1, 1, 4, 4)
    special[0, 0, 1, 2], special[0, 0, 3, 0], special[0, 0, 2, 3] = np.nan, np.inf, -np.inf
    images = [normal(2, 3, 6, 7), normal(3, 5, 5, dtype=np.float64), normal(1, 2, 9, 4), normal(0, 2, 4, 4), special]
    for x in images:
        t = torch.from_numpy(x)
        for size, stride, padding, dilation in [(2, None, 0, 1), ([3, 2], [2, 1], [1, 0], 1), (3, 1, 1, 1), (2, 2, 1, [1, 2])]:
            y = F.max_pool2d(t, size, stride, padding, dilation)
            case("max_pool2d", [x], y, size, stride, padding, dilation)
            if dilation == 1 and x is not special:
                for count in (True, False):
                    case("avg_pool2d", [x], F.avg_pool2d(t, size, stride, padding, count_include_pad=count), size, stride, padding, count)
        if x is not special:
            for size in (1, [2, 3], 4, [7, 9]):
                case("adaptive_avg_pool2d", [x], F.adaptive_avg_pool2d(t, size), size)
    for x in (normal(2, 3, 9), normal(4, 8, dtype=np.float64), normal(1, 1, 5)):
        for size, stride, padding in [(2, None, 0), (3, 1, 1), (4, 3, 2), (1, 2, 0)]:
            case("max_pool1d", [x], F.max_pool1d(torch.from_numpy(x), size, stride, padding), size, stride, padding, 1)
    for shape, modes in [((2, 3, 5), ("nearest", "linear")), ((2, 2, 4, 5), ("nearest", "bilinear")), ((1, 2, 3, 4, 2), ("nearest", "trilinear"))]:
        for dtype in (np.float32, np.float64):
            x = normal(*shape, dtype=dtype)
            for mode in modes:
                for size, scale in [(7, None), (1, None), ([3] * (len(shape) - 2), None), (None, 2.0), (None, 0.6), (None, 1.7)]:
                    case("interpolate", [x], F.interpolate(torch.from_numpy(x), size, scale, mode=mode), size, scale, mode)


def channels():
    for dtype in (np.float32, np.float64):
        for shape in [(4, 3), (2, 3, 5), (3, 4, 5, 6), (2, 1, 33), (1, 2, 2), (2, 2, 3, 2, 2)]:
            c = shape[1]
            x, w, b = normal(*shape, dtype=dtype) * dtype(3) + dtype(1), normal(c, dtype=dtype), normal(c, dtype=dtype)
            m, v = normal(c, dtype=dtype), normal(c, dtype=dtype, low=0.1)
            t, u, k, p, q = tensors(x, w, b, m, v)
            case("batch_norm", [x, m, v, w, b], F.batch_norm(t, p, q, u, k))
            case("batch_norm", [x, m, v], F.batch_norm(t, p, q, eps=0.1), False, 0.1)
            mean, var = torch.zeros(c, dtype=t.dtype), torch.zeros(c, dtype=t.dtype)
            y = F.batch_norm(t.double(), mean.double(), var.double(), u.double(), k.double(), training=True).to(t.dtype)
            F.batch_norm(t, mean, var, training=True, momentum=1.0)
            absent = np.zeros(c, dtype)
            case("batch_norm", [x, absent, absent, w, b], [y, mean, var], True)
            for groups in (1, c):
                y = F.group_norm(t.double(), groups, u.double(), k.double()).to(t.dtype) if x.size > x.shape[0] * groups else None
                if y is not None:
                    case("group_norm", [x, w, b], y, groups)
                    case("group_norm", [x], F.group_norm(t, groups, eps=0.1), groups, 0.1)
    x, w, b = normal(2, 6, 4), normal(6), normal(6)
    case("group_norm", [x, w, b], F.group_norm(*tensors(x), 3, *tensors(w, b)), 3)


def attending():
    def reference(q, k, v, mask=None, causal=False):
        s = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        if causal:
            s = s.masked_fill(~torch.ones(s.shape[-2:], dtype=torch.bool).tril(), -torch.inf)
        if mask is not None:
            s = s.masked_fill(~mask, -torch.inf)
        return torch.nan_to_num(torch.softmax(s, -1)) @ v

    settings = [((3, 2), (5, 2), (5, 4), None), ((2, 3, 4), (2, 3, 4), (2, 3, 4), (3, 3)), ((1, 2, 66, 2), (1, 2, 33, 2), (1, 2, 33, 1), (1, 1, 66, 33)),
                ((1, 1), (1, 1), (1, 1), None), ((2, 1, 4), (2, 40, 4), (2, 40, 3), (1, 40)), ((0, 3, 2), (0, 4, 2), (0, 4, 2), None),
                ((3, 5, 2), (4, 2), (4, 2), (3, 1, 4)), ((2, 67, 1), (1, 20, 1), (2, 20, 1), (67, 20))]
    for p, q, r, m in settings:
        for dtype in (np.float32, np.float64):
            a = [normal(*shape, dtype=dtype) for shape in (p, q, r)]
            t = [x.double() for x in tensors(*a)]
            case("attention", a, reference(*t).numpy().astype(dtype))
            if m is not None:
                mask = rng.random(m) < 0.6
                mask[(0,) * (len(m) - 1)] = False
                case("attention", a + [mask], reference(*t, torch.from_numpy(mask)).numpy().astype(dtype))
                case("attention", a + [mask], reference(*t, torch.from_numpy(mask), True).numpy().astype(dtype), True)
            case("attention", a + [np.array(True)], reference(*t, None, True).numpy().astype(dtype), True)


def einsums():
    settings = [
        ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ii", (4, 4)), ("ii->i", (4, 4)), ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ij->j", (0, 3)),
        ("i,j->ij", (2,), (3,)), ("i,i", (5,), (5,)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("bhtd,bhsd->bhts", (2, 2, 3, 4), (2, 2, 5, 4)), ("ij,jk,kl,l->i", (2, 3), (3, 4), (4, 2), (2,)),
        ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)), ("...i->...", (2, 3, 4)), ("i...,i->...", (3, 2, 2), (3,)), ("iij->ij", (3, 3, 2)), ("iji,jk->ik", (2, 3, 2), (3, 2)),
        ("ab,bc,ca", (2, 3), (3, 4), (4, 2)), ("ijk,il,jm,kn->lmn", (2, 3, 2), (2, 3), (3, 2), (2, 2)), ("ij,kj->", (2, 3), (4, 3)), ("ij,ij->ij", (2, 3), (2, 3)), (",i->i", (), (3,)),
        ("BA", (2, 3)), ("iiii->i", (2, 2, 2, 2)), ("i j , j k -> k i", (2, 3), (3, 4)),
    ]
    for equation, *shapes in settings:
        a = [normal(*shape, dtype=np.float64) for shape in shapes]
        case("einsum", [np.asarray(x) for x in a], np.ascontiguousarray(np.einsum(equation, *a)) if np.einsum(equation, *a).ndim else np.asarray(np.einsum(equation, *a)), equation.replace(" ", ""))
    x, y = rng.integers(-4, 5, (2, 3)), rng.integers(-4, 5, (3, 2))
    case("einsum", [x, y], x @ y, "ij,jk->ik")
    case("einsum", [x.astype(np.float32), y], (x @ y).astype(np.float32), "ij,jk->ik")


def cells():
    for dtype in (np.float32, np.float64):
        for rows, inputs, units in [(2, 3, 4), (1, 1, 1), (3, 2, 17), (0, 3, 2)]:
            x, h, c = normal(rows, inputs, dtype=dtype), normal(rows, units, dtype=dtype), normal(rows, units, dtype=dtype)
            for biased in (True, False):
                for name, gates, f in (("lstm_cell", 4, torch.lstm_cell), ("gru_cell", 3, torch.gru_cell)):
                    w, u = normal(gates * units, inputs, dtype=dtype), normal(gates * units, units, dtype=dtype)
                    b = [normal(gates * units, dtype=dtype) for _ in range(2 * biased)]
                    state = [h, c] if gates == 4 else [h]
                    wide = [[t.double() for t in tensors(*a)] for a in (state, [w, u], b)]
                    y = f(torch.from_numpy(x).double(), wide[0] if gates == 4 else wide[0][0], *wide[1], *wide[2])
                    y = [t.numpy().astype(dtype) for t in (y if gates == 4 else [y])]
                    case(name, [x, *state, w, u, *b], y)


def algebra():
    for shape in [(1, 1), (3, 3), (4, 2), (2, 5), (0, 0), (3, 0), (2, 3, 3), (2, 1, 3, 4)]:
        for dtype in (np.float32, np.float64, np.int64):
            x = (normal(*shape) * 4).astype(dtype)
            case("trace", [x], np.asarray(np.trace(x, axis1=-2, axis2=-1)))
    case("trace", [np.array([[True, False], [True, True]])], np.int64(2))
    case("trace", [np.array([[np.inf, np.nan], [0.0, -1.0]])], np.float64(np.inf))


def odd(dtype=np.float32):
    """Arrays of odd shapes: rank 0, one element, empty, rank 4, with NaN and infinities, and of whole numbers."""
    special = normal(3, 5, dtype=dtype)
    special[0, 0], special[1, 3], special[2, 4], special[0, 2] = np.nan, np.inf, -np.inf, -0.0
    return [
        normal(dtype=dtype).reshape(()), normal(1, dtype=dtype), normal(7, dtype=dtype), special, normal(2, 0, 3, dtype=dtype),
        normal(2, 3, 1, 4, dtype=dtype), rng.integers(-9, 10, (3, 4)), rng.random((2, 5)) < 0.5,
    ]


def making():
    shapes = [[], [0], [1], [7], [2, 3], [2, 0, 3], [1, 1, 1], [2, 1, 3, 2]]
    for i, shape in enumerate(shapes):
        dtype = [np.float32, np.float64, np.int64, np.int32, np.uint8, bool][i % 6]
        case("zeros", [], np.zeros(shape, np.float32), shape)
        case("zeros", [], np.zeros(shape, dtype), shape, np.dtype(dtype))
        case("ones", [], np.ones(shape, np.float32), shape)
        case("ones", [], np.ones(shape, dtype), shape, np.dtype(dtype))
        case("full", [], np.full(shape, -2.5, np.float32), shape, -2.5)
        case("full", [], np.full(shape, 7), shape, 7)
    for value in (np.nan, np.inf, -np.inf):
        case("full", [], np.full(3, value, np.float32), [3], float(value))
    case("full", [], np.full(2, 3, np.float64), [2], 3, np.dtype(np.float64))
    for n, m in [(0, None), (1, None), (3, None), (2, 5), (5, 2), (0, 3), (3, 0), (1, 4), (33, 2)]:
        case("eye", [], np.eye(n, m, dtype=np.float32), n, m)
    case("eye", [], np.eye(3, dtype=np.int64), 3, None, np.dtype(np.int64))
    for arguments in [(0,), (1,), (33,), (-3,), (2, 9), (9, 2), (9, 2, -3), (-5, 6, 4), (2**53 + 1, 2**53 + 4), (2**63 - 3, 2**63 - 1), (-(2**63), -(2**63) + 3), (2**62, -(2**62), -(2**61))]:
        case("arange", [], np.arange(*arguments), *arguments)
    for arguments in [(1.5,), (0.0, 1.0, 0.1), (1, 0, -0.25), (-1.0, 1.0, 0.4), (0.5, 3), (3.0, 0.5), (1e10, 1e10 + 4)]:
        case("arange", [], np.arange(*arguments).astype(np.float32), *arguments)
    for arguments in [(0, 1, 0), (2, 9, 1), (0, 1, 2), (0, 1, 33), (1, -1, 5), (-2.5, 2.5, 8), (3, 3, 4), (0.0, 1e-3, 6), (1e30, -1e30, 5)]:
        case("linspace", [], np.linspace(*arguments).astype(np.float32), *arguments)
    case("linspace", [], np.linspace(0, 1, 9), 0, 1, 9, np.dtype(np.float64))
    for x in odd() + odd(np.float64)[:4]:
        case("zeros_like", [x], np.zeros_like(x))
        case("ones_like", [x], np.ones_like(x))


def shaping():
    for x in odd() + odd(np.float64)[2:4]:
        n, rank = x.size, x.ndim
        for shape in [[n], [1, n], [n, 1, 1], list(x.shape)] + [[-1, 1]] * (n > 0):
            case("reshape", [x], x.reshape(shape), shape)
        for axis in range(-rank, rank) or [0]:
            case("flatten", [x], x.reshape(*x.shape[: axis % rank], int(np.prod(x.shape[axis % rank :]))) if rank else x.reshape(1), axis)
        for axis in range(-rank - 1, rank + 1):
            case("unsqueeze", [x], np.expand_dims(x, axis), axis)
        for a, b in [(0, -1), (1, 0), (-2, -1)]:
            if rank > 1:
                case("transpose", [x], x.swapaxes(a, b), a, b)
        for _ in range(2):
            order = [int(a) for a in rng.permutation(rank)]
            case("permute", [x], x.transpose(order), order)
            case("permute", [x], x.transpose(order), [a - rank for a in order])
        ones = x.reshape([size for s in x.shape for size in (1, s)])
        case("squeeze", [ones], np.squeeze(ones), None)
        if rank:
            case("squeeze", [ones], ones.squeeze(0), 0)
            case("squeeze", [ones], ones.squeeze(tuple(range(0, 2 * rank, 2))), list(range(0, 2 * rank, 2)))
        case("broadcast_to", [x], np.broadcast_to(x, (2, *x.shape)), [2, *x.shape])
        if n:
            case("broadcast_to", [ones], np.broadcast_to(ones, [size for s in x.shape for size in (2, s)]), [size for s in x.shape for size in (2, s)])
        first, empty = x.reshape(-1)[:1], [3, 0, 1] if n else [3, 0]
        case("broadcast_to", [first], np.broadcast_to(first, empty), empty)
        case("flip", [x], np.flip(x), None)
        for axis in range(rank):
            case("flip", [x], np.flip(x, axis), axis - rank)
            case("roll", [x], np.roll(x, 3, axis), 3, axis)
            case("stack", [x, x], np.stack([x, x], axis), axis)
            case("concat", [x, x, np.take(x, [], axis)], np.concatenate([x, x], axis), axis)
            size = x.shape[axis]
            case("split", [x], list(torch.split(torch.from_numpy(x), 2, axis)), 2, axis)
            case("split", [x], np.split(x, [size // 2, size // 2], axis), [size // 2, 0, size - size // 2], axis - rank)
            case("chunk", [x], list(torch.chunk(torch.from_numpy(x), 3, axis)), 3, axis)
        if rank > 1:
            case("flip", [x], np.flip(x, (0, rank - 1)), [0, -1])
            case("roll", [x], np.roll(x, (1, -2), (0, 1)), [1, -2], [0, 1])
        case("roll", [x], np.roll(x, -2), -2, None)
        case("roll", [x], np.roll(x, 10**6 + 1), 10**6 + 1, None)
        for counts in ([2], [1, 3], [0], [2, 1, 2]):
            case("tile", [x], np.tile(x, counts), counts)
    case("stack", [np.float32(1.5), np.float32(np.nan)], np.array([1.5, np.nan], np.float32), 0)
    x, y = rng.integers(0, 5, 3), normal(2)
    case("concat", [x, y], np.concatenate([x, y]).astype(np.float32), 0)
    case("concat", [x.astype(np.int32), x], np.concatenate([x, x]), -1)


def choosing():
    arrays = [x for x in odd() + odd(np.float64)[2:5]]
    for x in arrays:
        if x.ndim >= 2:
            for k in (0, 1, -2, 9, -9):
                case("tril", [x], np.tril(x, k), k)
                case("triu", [x], np.triu(x, k), k)
        flags = rng.random(x.shape) < 0.5
        case("where", [np.asarray(flags), x, x[..., ::-1].copy() if x.ndim else x], np.asarray(np.where(flags, x, x[..., ::-1] if x.ndim else x)))
        if x.dtype != bool:
            value = x.dtype.type(3)
            case("masked_fill", [x, np.asarray(flags), value], np.asarray(np.where(flags, value, x)))
            row = flags[..., :1] if x.ndim else flags
            case("masked_fill", [x, np.asarray(row), value], np.asarray(np.where(row, value, x)))
            if x.dtype.kind == "f":
                case("masked_fill", [x, np.asarray(flags), x.dtype.type(np.nan)], np.asarray(np.where(flags, x.dtype.type(np.nan), x)))
        for axis in range(x.ndim):
            if x.shape[axis]:
                size = [max(s - 1, 0) if a != axis else 4 for a, s in enumerate(x.shape)]
                ids = rng.integers(0, x.shape[axis], size)
                t, i = tensors(x, ids)
                case("gather", [x, ids], torch.gather(t, axis, i), axis)
                if x.dtype != bool:
                    values = rng.integers(-3, 4, size).astype(x.dtype)
                    case("scatter_add", [x, ids, values], torch.scatter_add(t, axis, i, torch.from_numpy(values)), axis - x.ndim)
    for p, q, r in [((), (3,), (2, 1)), ((2, 1), (), (3,)), ((4,), (2, 1), (1, 4)), ((0, 3), (3,), ()), ((1,), (1,), (1,))]:
        c, a, b = np.asarray(rng.random(p) < 0.5), np.asarray(normal(*q)), np.asarray(normal(*r, dtype=np.float64))
        case("where", [c, a, b], np.asarray(np.where(c, a, b)))
    for shape in [(), (1,), (5,), (0,), (2, 3), (2, 0), (1, 2, 3), (4, 1)]:
        ids = np.asarray(rng.integers(0, 4, shape))
        case("one_hot", [ids], np.eye(4, dtype=np.float32)[ids], 4)
        for table in (normal(4, 3), normal(4, 1, dtype=np.float64), np.array([[np.nan, 1], [np.inf, 2], [-np.inf, 3], [0, -0.0]], np.float32)):
            case("embedding", [ids, table], np.ascontiguousarray(table[ids]))
        case("embedding", [ids.astype(np.int32), normal(4, 0)], np.zeros((*shape, 0), np.float32))


def functions():
    for x in odd()[:6] + odd(np.float64)[2:6]:
        t = torch.from_numpy(np.asarray(x))
        case("elu", [x], F.elu(t))
        case("elu", [x], F.elu(t, 1.7), 1.7)
        case("leaky_relu", [x], F.leaky_relu(t))
        case("leaky_relu", [x], F.leaky_relu(t, 0.3), 0.3)
        case("gelu", [x], F.gelu(t.double(), approximate="tanh").to(t.dtype), "tanh")
        case("clip", [x], torch.clip(t, -0.25, 0.5), -0.25, 0.5)
        case("clip", [x], torch.clip(t, min=0.1), 0.1, None)
        case("clip", [x], torch.clip(t, 1.0, -1.0), 1.0, -1.0)
    for shape, axis in [((4,), 0), ((4,), -1), ((2, 6), -1), ((2, 6), 0), ((3, 4, 2), 1 - 3), ((2, 3, 4), -1), ((0, 2), 1), ((2, 0), 1), ((2, 34), 1)]:
        for dtype in (np.float32, np.float64):
            x = normal(*shape, dtype=dtype)
            case("glu", [x], F.glu(torch.from_numpy(x), axis), axis)
    x = np.array([np.inf, 1, np.nan, -np.inf, 0, 2], np.float32)
    case("glu", [x], F.glu(torch.from_numpy(x), 0))
    for p, q in PAIRS:
        a, b = np.asarray(rng.integers(-9, 10, p)), np.asarray(rng.integers(-9, 10, q))
        for name, f in {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}.items():
            case(name, [a, b], np.asarray(f(a, b)))
            case(name, [a > 0, b > 0], np.asarray(f(a > 0, b > 0)))
            case(name, [a.astype(np.int32), b], np.asarray(f(a, b)))
        case("not", [a], np.asarray(~a))
        case("not", [a > 0], np.asarray(~(a > 0)))
    for dtype in (np.float32, np.float64, np.int64):
        for n, m in [(0, 0), (1, 1), (5, 3), (1, 7), (0, 3), (33, 2), (4, 0), (70, 1)]:
            a, b = (10 * normal(n)).astype(dtype), (10 * normal(m)).astype(dtype)
            case("outer", [a, b], np.outer(a, b))
            c = (10 * normal(n)).astype(dtype)
            case("dot", [a, c], np.asarray(np.dot(a.astype(np.float64), c.astype(np.float64))).astype(dtype))
    special = np.array([1, np.nan, np.inf, -np.inf, 0], np.float32)
    with np.errstate(all="ignore"):
        case("outer", [special, special], np.outer(special, special))
        case("dot", [special, special], np.asarray(np.dot(special, special)))
        case("matmul", [special.reshape(1, 5), np.ones((5, 2), np.float32)], special.reshape(1, 5) @ np.ones((5, 2), np.float32))


def along():
    for x in odd() + odd(np.float64)[2:6] + [np.array([3, 1, 3], np.uint8), np.array([2, -5, 2, -5], np.int32)]:
        for axis in list(range(-x.ndim, x.ndim)) + [None]:
            for name in ("argmax", "argmin"):
                if x.size and (axis is None or x.shape[axis]):
                    case(name, [x], np.asarray(getattr(np, name)(x, axis=axis)), axis, False)
                    case(name, [x], np.asarray(getattr(np, name)(x, axis=axis, keepdims=True)), axis, True)
            if axis is not None:
                for name, f in {"cumsum": np.cumsum, "cumprod": np.cumprod}.items():
                    case(name, [x], np.asarray(f(x, axis=axis, dtype=x.dtype if x.dtype.kind == "f" else np.int64)), axis)
                y = np.sort(x, axis=axis)
                case("sort", [x], y, axis)
                case("sort", [x], torch.sort(torch.from_numpy(x), dim=axis, descending=True, stable=True)[0], axis, True)
                case("argsort", [x], np.asarray(np.argsort(x, axis=axis, kind="stable")), axis)
                if x.shape[axis] and x.dtype != bool and np.unique(x).size == x.size:
                    for k in {0, 1, x.shape[axis]}:
                        case("topk", [x], list(torch.topk(torch.from_numpy(x), k, axis)), k, axis)
                        case("topk", [x], list(torch.topk(torch.from_numpy(x), k, axis, largest=False)), k, axis, False)
            wide = x.astype(np.float64) if x.dtype.kind == "f" else x
            with np.errstate(all="ignore"):
                for name, f in {"any": np.any, "all": np.all, "sum": np.sum, "prod": np.prod, "count_nonzero": np.count_nonzero}.items():
                    y = np.asarray(f(wide, axis=axis, keepdims=True)) if name != "count_nonzero" else np.asarray(np.count_nonzero(x, axis=axis, keepdims=True)).astype(np.int64)
                    if name in ("sum", "prod"):
                        y = y.astype(x.dtype if x.dtype.kind == "f" else np.int64)
                    case(name, [x], y, axis, True)
                if x.dtype.kind == "f" and x.size:
                    for name, f in {"mean": np.mean, "variance": np.var, "std": np.std}.items():
                        if axis is None or x.shape[axis]:
                            case(name, [x], np.asarray(f(wide, axis=axis)).astype(x.dtype), axis, False)
                    t = torch.from_numpy(np.asarray(wide))
                    dims = tuple(range(x.ndim)) if axis is None else (axis,)
                    if dims:
                        case("logsumexp", [x], torch.logsumexp(t, dims).numpy().astype(x.dtype), axis, False)
                        case("norm", [x], torch.linalg.vector_norm(t, dim=dims).numpy().astype(x.dtype), axis, False)
        case("nonzero", [x], np.argwhere(x))


def spoilt(*shape, dtype=np.float32):
    """Numbers with NaN and infinities among them."""
    x = normal(*shape, dtype=dtype)
    flat = x.reshape(-1)
    for place, value in zip(rng.permutation(flat.size), (np.nan, np.inf, -np.inf)):
        flat[place] = value
    return x


def extremes():
    """What most rows do with empty tensors, NaN and infinities."""
    x, v, e = spoilt(3, 5), spoilt(6), np.zeros((0, 3), np.float32)
    t = torch.from_numpy(x)
    special = SPECIAL.astype(np.float32)
    a, b = [np.ascontiguousarray(y).reshape(-1) for y in np.meshgrid(SPECIAL, np.append(SPECIAL[:7], SPECIAL[12:]))]
    with np.errstate(all="ignore"):
        for name, f in {"floor_divide": np.floor_divide, "modulo": np.remainder}.items():
            case(name, [a, b], f(a, b))
    case("hard_swish", [np.array([np.nan, np.inf, -3, 3], np.float32)], np.array([np.nan, np.inf, 0, 3], np.float32))
    # Arranging moves elements, whatever they are.
    case("pad", [x], np.pad(x, [(1, 0), (0, 2)], constant_values=np.nan), [1, 0, 0, 2], float("nan"))
    for y in (x, e, v):
        case("repeat_interleave", [y], np.repeat(y, 2, 0), 2, 0)
        case("to", [y], y.astype(np.float64), np.dtype(np.float64))
        case("to", [y], y != 0, np.dtype(bool))
    case("repeat_interleave", [e], np.repeat(e, 3), 3, None)
    case("meshgrid", [v, v[:2]], [np.ascontiguousarray(y) for y in np.meshgrid(v, v[:2])], "xy")
    for y, axis, size in ((x, 1, 2), (e, 1, 2), (e, 0, 0)):
        windows = torch.from_numpy(y).unfold(axis, size, 1)
        case("unfold", [y], windows, axis, size, 1)
    case("refold", [np.stack([v[:-1], v[1:]], 1)], np.array([v[0], *(v[1:-1] + v[1:-1]), v[-1]]), 0, 2, 1, [6])
    case("take", [x, np.array([4, -1])], x[:, [4, -1]], 1)
    case("diag", [v], np.diag(v, 1), 1)
    case("diag", [x], np.diag(x, -1), -1)
    # Along axes.
    for name, f in {"softmax": F.softmax, "log_softmax": F.log_softmax}.items():
        for y in (x, spoilt(4, 2, dtype=np.float64), e, np.zeros((3, 0), np.float32), np.full((2, 3), -np.inf, np.float32)):
            for axis in (0, 1):
                case(name, [y], f(torch.from_numpy(y), axis), axis)
    for y in (e, np.zeros((2, 0, 4))):
        for axis, keepdims in ((-1, False), (-1, True), ([0], False)):
            t = torch.from_numpy(y)
            dims = axis if isinstance(axis, int) else tuple(axis)
            for name in ("mean", "variance", "std"):
                f = {"mean": torch.mean, "variance": torch.var, "std": torch.std}[name]
                case(name, [y], f(t, dims, keepdim=keepdims, **({} if name == "mean" else {"correction": 0})), axis, keepdims)
            case("norm", [y], torch.linalg.vector_norm(t, dim=dims, keepdim=keepdims), axis, keepdims)
            case("logsumexp", [y], torch.logsumexp(t, dims, keepdim=keepdims), axis, keepdims)
            if axis == -1:
                case("max", [y], np.max(y, -1, keepdims=keepdims), axis, keepdims)
                case("min", [y], np.min(y, -1, keepdims=keepdims), axis, keepdims)
                case("argmax", [y], np.argmax(y, -1, keepdims=keepdims), axis, keepdims)
                case("argmin", [y], np.argmin(y, -1, keepdims=keepdims), axis, keepdims)
    case("recurrence", [v, v[::-1].copy()], np.array([h := v[5]] + [h := v[i] * h + v[5 - i] for i in range(1, 6)]), 0)
    # Products and windows.
    w, k = normal(2, 5), normal(2)
    case("linear", [x, w, k], F.linear(*tensors(x, w, k)))
    case("einsum", [x, w], torch.einsum("ij,kj->ik", *tensors(x, w)), "ij,kj->ik")
    case("einsum", [e, normal(3, 2)], np.zeros((0, 2), np.float32), "ij,jk->ik")
    q, y = normal(3, 2), spoilt(4, 2)
    for parts in ([q, spoilt(4, 2)[:, :2], normal(4, 3)], [q, normal(4, 2), spoilt(4, 3)]):
        if not np.isinf(parts[1]).any():
            case("attention", parts, F.scaled_dot_product_attention(*[p[None].double() for p in tensors(*parts)])[0].float())
    for axes, f in ((1, F.conv1d), (2, F.conv2d), (3, F.conv3d)):
        kernel = normal(2, 2, *[2] * axes)
        for image in (spoilt(2, 2, *[4, 3, 3][:axes]), np.zeros((0, 2, *[3] * axes), np.float32)):
            case(f"conv{axes}d", [image, kernel], f(*tensors(image, kernel), padding=1), 1, 1)
    image, kernel = spoilt(1, 2, 3, 3), normal(2, 2, 2, 2)
    case("conv_transpose2d", [image, kernel], F.conv_transpose2d(*tensors(image, kernel)))
    case("avg_pool2d", [image], F.avg_pool2d(torch.from_numpy(image), 2, 1), 2, 1)
    case("adaptive_avg_pool2d", [image], F.adaptive_avg_pool2d(torch.from_numpy(image), 2), 2)
    for dtype in (np.float32, np.float64):
        rows, empty = spoilt(2, 1, 7, dtype=dtype), np.zeros((0, 2, 5), dtype)
        for y in (rows, empty):
            case("max_pool1d", [y], F.max_pool1d(torch.from_numpy(y), 3, 2, 1), 3, 2, 1)
            case("interpolate", [y], F.interpolate(torch.from_numpy(y), 9), 9)
    bad = normal(1, 1, 4)
    bad[0, 0, 1] = np.nan
    case("interpolate", [bad], F.interpolate(torch.from_numpy(bad), 7, mode="linear"), 7, None, "linear")
    for y in (spoilt(2, 2, 6), spoilt(2, 2, 4, 3)[:, :, ::2].copy()):
        t = torch.from_numpy(y)
        for size, stride, padding in ((2, None, 0), (3, 1, 1)):
            if y.ndim == 3:
                values, ids = F.max_pool1d(t, size, stride, padding, return_indices=True)
                case("max_pool1d", [y], [values, ids], size, stride, padding, 1, True)
    for shape in ((2, 3, 6, 7), (1, 5, 5)):
        y = torch.from_numpy(normal(*shape))
        for size, stride, padding, dilation in ((2, None, 0, 1), ([3, 2], [2, 1], [1, 0], 1), (2, 2, 1, [1, 2])):
            values, ids = F.max_pool2d(y, size, stride, padding, dilation, return_indices=True)
            case("max_pool2d", [y.numpy()], [values, ids], size, stride, padding, dilation, True)
    # Normalising: a row with NaN or an infinity is NaN as a whole.
    u, b = normal(5), normal(5)
    for y in (x, np.zeros((0, 5), np.float32), np.zeros((2, 0, 5), np.float32)):
        case("layer_norm", [y, u, b], F.layer_norm(*tensors(y)[:1], (5,), *tensors(u, b)))
        case("rms_norm", [y, u], F.rms_norm(*tensors(y), (5,), *tensors(u), eps=1e-6))
    case("layer_norm", [np.zeros((2, 0), np.float32)], np.zeros((2, 0), np.float32))
    m, s = normal(5), normal(5, low=0.2)
    for y in (x, np.zeros((0, 5), np.float32), np.zeros((2, 5, 0), np.float32)):
        case("batch_norm", [y, m, s, u, b], F.batch_norm(*tensors(y, m, s, u, b)))
        case("group_norm", [y, u, b], F.group_norm(torch.from_numpy(y), 1, *tensors(u, b)) if y.size else y, 1)
    # Cells and updates.
    y, h, c = spoilt(2, 3), normal(2, 2), normal(2, 2)
    for name, gates, f in (("lstm_cell", 4, torch.lstm_cell), ("gru_cell", 3, torch.gru_cell)):
        wi, wh = normal(gates * 2, 3), normal(gates * 2, 2)
        state = tensors(h, c) if gates == 4 else tensors(h)
        result = f(torch.from_numpy(y), state if gates == 4 else state[0], *tensors(wi, wh))
        case(name, [y, h, c][: 3 if gates == 4 else 2] + [wi, wh], list(result) if gates == 4 else result)
    p, g = normal(4), np.array([np.nan, np.inf, 0.5, -np.inf], np.float32)
    zero = np.zeros(4, np.float32)
    moments = [(np.float32(0.1) * g).astype(np.float32), (np.float32(0.001) * g * g).astype(np.float32)]
    step = np.array([np.nan, np.nan, p[2] - np.float32(0.01), np.nan], np.float32)
    case("adam_step", [p, g, zero, zero], [step, *moments], 1, 0.01)
    case("sgd_step", [p, g], p - np.float32(0.5) * g, 0.5)
    nothing = np.zeros((0, 2), np.float32)
    case("adam_step", [nothing] * 4, [nothing] * 3, 1, 0.01)
    case("sgd_step", [nothing] * 3, [nothing] * 2, 0.5, 0.9)
    # Losses.
    y, u = spoilt(3, 4), normal(3, 4)
    e = np.zeros((0, 4), np.float32)
    for first, second in ((y, u), (u, y), (e, e)):
        t, k = tensors(first, second)
        for reduction in ("mean", "sum", "none"):
            case("mse_loss", [first, second], F.mse_loss(t, k, reduction=reduction), reduction)
            case("l1_loss", [first, second], F.l1_loss(t, k, reduction=reduction), reduction)
            case("huber_loss", [first, second], F.huber_loss(t, k, reduction=reduction), reduction)
            if first is not u:
                z = torch.sigmoid(k)
                case("bce_with_logits", [first, z.numpy()], F.binary_cross_entropy_with_logits(t, z, reduction=reduction), reduction)
                case("kl_div", [first, z.numpy()], F.kl_div(t, z, reduction=reduction), reduction)
    for scores in (y, e):
        ids = rng.integers(0, 4, len(scores))
        t, k = tensors(scores, ids)
        for reduction in ("mean", "sum", "none"):
            case("cross_entropy", [scores, ids], F.cross_entropy(t, k, reduction=reduction), reduction)
            case("nll_loss", [scores, ids], F.nll_loss(t, k, reduction=reduction), reduction)
    all_ignored = np.full(3, -100)
    case("cross_entropy", [u, all_ignored], F.cross_entropy(*tensors(u, all_ignored)))
    case("nll_loss", [u, all_ignored], F.nll_loss(*tensors(u, all_ignored)))
    case("accuracy", [y, np.argmax(y, -1)], np.float32(1))
    case("accuracy", [e, np.zeros(0, np.int64)], np.float32(np.nan))


FAMILIES = (
    unary, binary, reductions, shapes, indexing, products, losses, sorting, normalising, updates, arranging, convolutions, depthwise, pooling, channels, attending, einsums, cells, algebra,
    making, shaping, choosing, functions, along, extremes,
)


def write(families):
    global rng
    for family in families:
        # Each family draws for itself, so that new cases in one leave the others as they are.
        rng = np.random.default_rng(zlib.crc32(family.__name__.encode()))
        torch.manual_seed(1)
        family()


if __name__ == "__main__":
    write(FAMILIES)
