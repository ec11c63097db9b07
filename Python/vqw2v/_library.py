"""The functions of vqw2v.h, which documents them, by ctypes."""

import ctypes
import os
import re
from pathlib import Path
from typing import Optional, Type

RESAMPLE = 1


class Info(ctypes.Structure):
    """What ids and frames of a model are."""

    sample_rate: int
    groups: int
    codewords: int
    hop: int
    window: int

    _fields_ = [
        (name, ctypes.c_int32) for name in ("sample_rate", "groups", "codewords", "hop", "window")
    ]


class Ids(ctypes.Structure):
    """Ids of a recording, [rows, columns]."""

    _fields_ = [
        ("values", ctypes.c_void_p),
        ("rows", ctypes.c_size_t),
        ("columns", ctypes.c_size_t),
    ]


class Features(Ids):
    """A layer of a recording, likewise."""


def _open() -> ctypes.CDLL:
    """The library within this package; else the one that VQW2V_LIBRARY names, or that is installed in the system."""
    within = Path(__file__).with_name("native") / "libvqw2v.so.0"
    name = str(within) if within.exists() else os.environ.get("VQW2V_LIBRARY", "libvqw2v.so.0")
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise ImportError(
            f"{error}: install the wheel of vqw2v, or let VQW2V_LIBRARY name libvqw2v.so.0"
        ) from error


library = _open()
_text, _pointer = ctypes.c_char_p, ctypes.c_void_p
_samples = [_pointer, ctypes.c_size_t, ctypes.c_int32]
for _name, _result, _arguments in [
    ("open", ctypes.c_int, [_text, _text, ctypes.POINTER(_pointer)]),
    ("close", None, [_pointer]),
    ("get_info", ctypes.c_int, [_pointer, ctypes.POINTER(Info)]),
    ("describe", ctypes.c_int, [_pointer, ctypes.POINTER(_pointer)]),
    ("quantize", ctypes.c_int, [_pointer, *_samples, ctypes.c_uint32, ctypes.POINTER(Ids)]),
    ("quantize_file", ctypes.c_int, [_pointer, _text, ctypes.c_uint32, ctypes.POINTER(Ids)]),
    ("extract", ctypes.c_int, [_pointer, *_samples, _text, ctypes.c_uint32, ctypes.POINTER(Features)]),
    ("extract_file", ctypes.c_int, [_pointer, _text, _text, ctypes.c_uint32, ctypes.POINTER(Features)]),
    ("free", None, [_pointer]),
    ("last_error", _text, []),
    ("threads", ctypes.c_int32, []),
    ("set_threads", None, [ctypes.c_int32]),
    ("version", _text, []),
]:
    _function = getattr(library, f"vqw2v_{_name}")
    _function.restype, _function.argtypes = _result, _arguments

__version__: str = library.vqw2v_version().decode()


def _exception(status: int) -> Type[Exception]:
    """The exception that a status of vqw2v.h becomes."""
    return {1: FileNotFoundError, 2: ValueError, 3: ValueError, 4: OSError}.get(status, RuntimeError)


def check(status: int) -> None:
    """Raises the exception of a call that failed."""
    if status != 0:
        sentence = library.vqw2v_last_error().decode(errors="replace")
        # The remedy in Python's words.
        raise _exception(status)(re.sub(r"\(VQW2V_RESAMPLE\)$", "(resample=True)", sentence))


def path_bytes(path: "os.PathLike[str] | str | bytes | None") -> Optional[bytes]:
    """A path as the system takes it."""
    if path is None:
        return None
    name = os.fsencode(path)
    if b"\0" in name:
        raise ValueError(f"{path!r} is not a path: it contains a zero byte")
    return name


def threads() -> int:
    """Threads that calls use; at first the cores that the process may run on. Results do not depend on it."""
    return int(library.vqw2v_threads())


def set_threads(count: int) -> None:
    """Sets how many threads calls use, for all models.

    Raises:
        ValueError: ``count`` is below 1.
    """
    if not 1 <= count < 1 << 31:
        raise ValueError(f"the number of threads must be at least 1, not {count}")
    library.vqw2v_set_threads(count)
