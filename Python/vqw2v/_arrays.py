"""Waveforms as they come, and results as NumPy arrays."""

from typing import Any

import numpy as np

from ._library import Ids, library


def samples_of(waveform: Any) -> np.ndarray:
    """One channel of float32 samples side by side in memory: the caller's own where they are that already.

    Raises:
        ValueError: these are no samples, several channels, or numbers whose full scale is not known.
    """
    if getattr(waveform, "requires_grad", False):
        waveform = waveform.detach()
    try:
        array = np.asarray(waveform)
    except Exception as error:
        raise ValueError(
            f"the waveform cannot be read as an array on the CPU: {error}; "
            "give a NumPy array, or a tensor after .float().cpu()"
        ) from error
    if array.dtype.kind in "iub":
        raise ValueError(
            f"the waveform has samples of {array.dtype}: give floats between -1 and 1, as int16 samples / 32768"
        )
    if array.dtype.kind != "f":
        raise ValueError(f"the waveform has samples of {array.dtype}: give floats between -1 and 1")
    if array.ndim == 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 1:
        raise ValueError(
            f"the waveform has the shape {array.shape}: give one channel [N], as the mean of all channels"
        )
    # Values beyond float32 become infinite, which the library refuses.
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


class _Memory:
    """Values that the library has copied out, given back with the last array that shows them."""

    def __init__(self, result: Ids, dtype: np.dtype) -> None:
        self._free, self._address = library.vqw2v_free, result.values
        self.__array_interface__ = {
            "version": 3,
            "typestr": dtype.str,
            "shape": (result.rows, result.columns),
            "data": (result.values, False),
        }

    def __del__(self) -> None:
        self._free(self._address)


def array_of(result: Ids, dtype: type) -> np.ndarray:
    """The array [rows, columns] of a result, without a copy."""
    return np.asarray(_Memory(result, np.dtype(dtype)))
