"""What nns.h promises, seen from Python through ctypes. Prints nothing and ends with 0 where all of it holds.

    interface.py path/to/libnns-c.so
"""

import ctypes
import sys
import tempfile
import threading
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_float, c_int, c_int32, c_int64, c_size_t, c_uint64, c_void_p

PRINT = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)


class Options(ctypes.Structure):
    _fields_ = [
        ("steps", c_int64), ("memory", c_int64), ("depth", c_int64), ("seconds", c_double), ("threads", c_int32),
        ("seed", c_uint64), ("print", PRINT), ("context", c_void_p), ("readable", POINTER(c_char_p)),
        ("writable", POINTER(c_char_p)),
    ]


nns = ctypes.CDLL(sys.argv[1])
for name, result, arguments in [
    ("create", c_void_p, [POINTER(Options)]), ("destroy", None, [c_void_p]),
    ("run", c_void_p, [c_void_p, c_char_p, c_char_p]), ("global", c_void_p, [c_void_p, c_char_p]),
    ("call", c_void_p, [c_void_p, c_void_p, POINTER(c_void_p), c_size_t]), ("cancel", None, [c_void_p]),
    ("error_kind", c_char_p, [c_void_p]), ("error_message", c_char_p, [c_void_p]), ("error_line", c_int64, [c_void_p]),
    ("tensor", c_void_p, [c_void_p, c_int, POINTER(c_int64), c_size_t, c_void_p]), ("value_release", None, [c_void_p]),
    ("text", c_char_p, [c_void_p]), ("to_float", c_bool, [c_void_p, POINTER(c_double)]),
    ("tensor_size", c_size_t, [c_void_p]), ("tensor_elements", c_void_p, [c_void_p]),
]:
    function = getattr(nns, "nns_" + name)
    function.restype, function.argtypes = result, arguments


def folders(*paths):
    return (c_char_p * (len(paths) + 1))(*[path.encode() for path in paths], None)


with tempfile.TemporaryDirectory() as folder:
    lines = []
    options = Options(
        seed=3, memory=256 << 20, print=PRINT(lambda _, text: lines.append(text.decode())),
        readable=folders(folder), writable=folders(folder))
    n = nns.nns_create(byref(options))
    source = f"""
        model Net() {{
          param w = ones(3, 2)
          fn forward(x) = x @ w
        }}
        let net = Net()
        print("ready")
        save(net, "{folder}/net.safetensors")
        load(net, "{folder}/net.safetensors")
        try {{ read_text("/etc/passwd") }} catch err {{ print(err.kind) }}
    """
    assert nns.nns_run(n, source.encode(), b"net.nns"), nns.nns_error_message(n)
    assert lines == ["ready\n", "io\n"], lines
    elements = (c_float * 6)(1, 2, 3, 4, 5, 6)
    x = nns.nns_tensor(n, 0, (c_int64 * 2)(2, 3), 2, elements)
    y = nns.nns_call(n, nns.nns_global(n, b"net"), (c_void_p * 1)(x), 1)
    assert nns.nns_tensor_size(y) == 4
    found = ctypes.cast(nns.nns_tensor_elements(y), POINTER(c_float))
    assert found[:4] == [6, 6, 15, 15], found[:4]
    assert not nns.nns_call(n, nns.nns_global(n, b"net"), (c_void_p * 1)(y), 1)
    assert nns.nns_error_kind(n) == b"shape" and nns.nns_error_line(n) == 4
    number = c_double()
    assert nns.nns_to_float(nns.nns_run(n, b"0.5", b"a.nns"), byref(number)) and number.value == 0.5
    assert not nns.nns_run(n, b"ones(100_000_000)", b"b.nns") and nns.nns_error_kind(n) == b"limit"
    threading.Timer(0.05, nns.nns_cancel, [n]).start()
    assert not nns.nns_run(n, b"while true { }", b"c.nns") and nns.nns_error_kind(n) == b"interrupt"
    nns.nns_value_release(x)
    nns.nns_value_release(y)
    nns.nns_destroy(n)
