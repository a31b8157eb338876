"""The functions of nns.h that the checks use, by ctypes."""

import ctypes
import pathlib
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_int64, c_uint64, c_void_p

LIBRARY = pathlib.Path(__file__).resolve().parent.parent.parent / ".build" / "release" / "libnns-c.so"


class Options(ctypes.Structure):
    _fields_ = [
        ("steps", c_int64), ("memory", c_int64), ("depth", c_int64), ("seconds", c_double), ("threads", c_int32),
        ("seed", c_uint64), ("print", c_void_p), ("context", c_void_p), ("readable", POINTER(c_char_p)),
        ("writable", POINTER(c_char_p)),
    ]


def load(path):
    """The library, its functions with their types."""
    nns = ctypes.CDLL(str(path))
    for name, result, arguments in [
        ("create", c_void_p, [POINTER(Options)]), ("destroy", None, [c_void_p]), ("cancel", None, [c_void_p]),
        ("run", c_void_p, [c_void_p, c_char_p, c_char_p]), ("global", c_void_p, [c_void_p, c_char_p]),
        ("call", c_void_p, [c_void_p, c_void_p, c_void_p, ctypes.c_size_t]), ("value_release", None, [c_void_p]),
        ("error_kind", c_char_p, [c_void_p]), ("error_message", c_char_p, [c_void_p]),
        ("error_rendered", c_char_p, [c_void_p]),
    ]:
        function = getattr(nns, "nns_" + name)
        function.restype, function.argtypes = result, arguments
    return nns


def folders(*paths):
    """A list of folders as an option."""
    return (c_char_p * (len(paths) + 1))(*[path.encode() for path in paths], None)
