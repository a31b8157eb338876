"""Writes golden_index.txt: what NumPy gives for random indices, read and written, in the form of golden.txt.

    python Tests/NNSTensorTests/golden_index.py > Tests/NNSTensorTests/golden_index.txt
"""

import numpy as np

import golden
from golden import case, encode

COUNT = 400


def one(*choices):
    return choices[rng.integers(len(choices))]


def bounds():
    return one(None, None, int(rng.integers(-7, 8)), int(rng.integers(-7, 8)), one(-(2**40), 2**40))


def item(sizes, shape):
    """An item for the first of the axes that are left, and how many it takes."""
    kind = one("int", "slice", "slice", "slice", "array", "array", "mask")
    size = sizes[0]
    if kind == "int" and size > 0:
        return int(rng.integers(-size, size)), 1
    if kind == "array" and size > 0:
        own = tuple(one(n, n, 1) for n in shape[int(rng.integers(len(shape) + 1)):])
        return rng.integers(-size, size, own), 1
    if kind == "mask" and shape == ():
        rank = int(rng.integers(1, len(sizes) + 1))
        return rng.random(sizes[:rank]) < 0.5, rank
    return slice(bounds(), bounds(), one(None, 1, 2, 3, -1, -2, -3, 100, -100)), 1


def index(sizes):
    """A random index into an array of these sizes."""
    # The shape of index arrays together. Masks are drawn where it is (), and stand beside ints and single positions only.
    shape = one((), (2,), (3,), (2, 3), (0,), (2, 1, 2))
    items, axis, dots = [], 0, False
    while axis < len(sizes) and rng.random() < 0.85:
        if rng.random() < 0.15:
            items.append(None)
        elif not dots and rng.random() < 0.15:
            items.append(Ellipsis)
            dots = True
            axis += int(rng.integers(0, len(sizes) - axis + 1))
        else:
            found, taken = item(sizes[axis:], shape)
            items.append(found)
            axis += taken
    return tuple(items)


def indices():
    found = 0
    while found < COUNT:
        sizes = tuple(int(n) for n in rng.choice([1, 2, 3, 4, 5, 0], int(rng.integers(1, 5)), p=[0.15, 0.25, 0.25, 0.2, 0.12, 0.03]))
        if np.prod(sizes) > 60:
            continue
        items = index(sizes)
        dtype = one(np.int64, np.float32, np.bool_, np.uint8)
        x = rng.permutation(int(np.prod(sizes))).reshape(sizes).astype(dtype)
        ints, arrays = encode(items)
        try:
            y = x[items]
        except IndexError:
            # Dots stood before axes that other items have taken, or masks do not fit each other.
            continue
        if y.ndim > 8:
            continue
        found += 1
        case("index", [x, *arrays], np.ascontiguousarray(y) if y.ndim else np.asarray(y), ints)
        shape = tuple(one(n, n, n, 1) for n in y.shape[int(rng.integers(0, y.ndim + 1)) if rng.random() < 0.3 else 0:])
        value = (100 + rng.permutation(int(np.prod(shape)))).reshape(shape).astype(dtype)
        written = x.copy()
        written[items] = value
        case("assign", [x, value, *arrays], written, ints)
        if dtype is np.float32:
            added = np.zeros_like(x)
            np.add.at(added, items, y)
            case("unindex", [np.asarray(y), *arrays], added, ints, list(sizes))


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    indices()
