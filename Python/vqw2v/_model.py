"""Models that are open."""

import ctypes
import json
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Deque, Dict, Iterable, Iterator, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from ._arrays import array_of, samples_of
from ._library import RESAMPLE, Features, Ids, Info, check, library, path_bytes

Path = Union[str, bytes, "os.PathLike[str]"]
IdArray = npt.NDArray[np.int32]
FeatureArray = npt.NDArray[np.float32]


class _Handle:
    """An open model of the library, closed when nothing uses it any more: calls that are at work do."""

    def __init__(self, checkpoint: Optional[Path], clusters: Optional[Path]) -> None:
        self.pointer, self._close = ctypes.c_void_p(), library.vqw2v_close
        check(library.vqw2v_open(path_bytes(checkpoint), path_bytes(clusters), ctypes.byref(self.pointer)))

    def __del__(self) -> None:
        self._close(self.pointer)


class Model:
    """What makes ids and features of audio: a checkpoint, clusters, or both. See :func:`load`.

    Threads may share a model. A process that was forked may use models of its parent, with one thread for each call; a
    model that is sent to another process is opened anew there, from the same paths.
    """

    def __init__(self, checkpoint: Optional[Path] = None, clusters: Optional[Path] = None) -> None:
        self._paths = (checkpoint, clusters)
        self._open: Optional[_Handle] = _Handle(checkpoint, clusters)
        self._info = Info()
        check(library.vqw2v_get_info(self._open.pointer, ctypes.byref(self._info)))

    @property
    def _handle(self) -> _Handle:
        handle = self._open
        if handle is None:
            raise ValueError("the model is closed: load it again")
        return handle

    @property
    def sample_rate(self) -> int:
        """Of recordings, in Hz."""
        return self._info.sample_rate

    @property
    def groups(self) -> int:
        """Ids of each frame, G; 0 for a model without ids."""
        return self._info.groups

    @property
    def codewords(self) -> int:
        """An id is one of 0 ... codewords - 1."""
        return self._info.codewords

    @property
    def hop(self) -> int:
        """Samples between two frames: frame t stands for the samples hop * t ... hop * t + window - 1."""
        return self._info.hop

    @property
    def window(self) -> int:
        """Samples that a frame stands for; a shorter waveform has no frame."""
        return self._info.window

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return self.sample_rate / self.hop

    def describe(self) -> Dict[str, Any]:
        """What ``vqw2v inspect --json`` tells: configuration, parameters, codebook, provenance; and the clusters.

        >>> model.describe()["codebook"]["groups"]
        2
        """
        handle, text = self._handle, ctypes.c_void_p()
        check(library.vqw2v_describe(handle.pointer, ctypes.byref(text)))
        try:
            description: Dict[str, Any] = json.loads(ctypes.string_at(text))
            return description
        finally:
            library.vqw2v_free(text)

    def quantize(self, waveform: Any, sample_rate: int, *, resample: bool = False) -> IdArray:
        """The ids of a recording in memory.

        Args:
            waveform: samples [N] or [1, N] between -1 and 1: an array of NumPy or JAX, a tensor of PyTorch on the CPU,
                or a list. float32 that lies in one piece is read where it is; other floats are converted.
            sample_rate: of the waveform, in Hz.
            resample: converts a waveform of another rate than the model's instead of refusing it.

        Returns:
            int32 [T, G]; frame t stands for the samples ``hop * t`` to ``hop * t + window - 1``.

        Raises:
            ValueError: a waveform that is no such array, empty, not finite, too short for a frame, or of another rate;
                a model without ids, or that is closed.
            OSError: there is no room for temporary files.

        >>> model.quantize(waveform, 16000).shape
        (61, 2)
        >>> model.quantize(waveform, 8000)
        Traceback (most recent call last):
        ...
        ValueError: the waveform is sampled at 8000 Hz, needed are 16000 Hz: convert it, or have it resampled (resample=True)
        """
        handle, samples, ids = self._handle, samples_of(waveform), Ids()
        rate, flags = _rate(sample_rate), RESAMPLE * resample
        pointer = samples.ctypes.data
        check(library.vqw2v_quantize(handle.pointer, pointer, samples.size, rate, flags, ctypes.byref(ids)))
        return array_of(ids, np.int32)

    def quantize_file(self, path: Path, *, resample: bool = False) -> IdArray:
        """The ids of an audio file of any format that the command reads, the mean of its channels.

        Returns:
            int32 [T, G], what ``vqw2v quantize`` prints.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it cannot be used: damaged, silent, too short, of another sample rate.
            OSError: there is no room for temporary files.

        >>> bool((model.quantize_file(recording) == model.quantize(waveform, 16000)).all())
        True
        """
        handle, ids = self._handle, Ids()
        name, flags = path_bytes(path), RESAMPLE * resample
        check(library.vqw2v_quantize_file(handle.pointer, name, flags, ctypes.byref(ids)))
        return array_of(ids, np.int32)

    def quantize_files(
        self, paths: Iterable[Path], *, threads: int = 1, resample: bool = False, errors: str = "raise"
    ) -> Iterator[Union[IdArray, Exception]]:
        """The ids of many audio files, in their order, some files ahead.

        Args:
            paths: of the files; they are taken as results are asked for.
            threads: files at work at once. (Each also has the threads of :func:`set_threads`.)
            resample: as for :meth:`quantize_file`.
            errors: ``"raise"`` ends at the first file that cannot be used; ``"return"`` gives its exception in place
                of its ids, and goes on.

        Returns:
            an iterator of int32 [T, G], one for each file.

        >>> [ids.shape for ids in model.quantize_files([recording, recording], threads=2)]
        [(61, 2), (61, 2)]
        """
        if threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}")
        if errors not in ("raise", "return"):
            raise ValueError(f'errors must be "raise" or "return", not {errors!r}')
        _ = self._handle  # A closed model is refused here, not at the first result.
        return self._results(iter(paths), threads, resample, errors)

    def _results(
        self, paths: Iterator[Path], threads: int, resample: bool, errors: str
    ) -> Iterator[Union[IdArray, Exception]]:
        # One more than are at work: the next one begins while a result is looked at.
        pool = ThreadPoolExecutor(threads, "vqw2v")
        waiting: Deque["Future[IdArray]"] = deque()
        try:
            for path in paths:
                waiting.append(pool.submit(self.quantize_file, path, resample=resample))
                if len(waiting) > threads:
                    yield self._result(waiting.popleft(), errors)
            while waiting:
                yield self._result(waiting.popleft(), errors)
        finally:
            for future in waiting:
                future.cancel()
            pool.shutdown()

    @staticmethod
    def _result(future: "Future[IdArray]", errors: str) -> Union[IdArray, Exception]:
        try:
            return future.result()
        except (OSError, ValueError) as error:
            if errors == "raise":
                raise
            return error

    def extract(self, waveform: Any, sample_rate: int, *, layer: str = "z", resample: bool = False) -> FeatureArray:
        """What a layer computes for a recording in memory, as ``vqw2v extract``.

        Args:
            waveform, sample_rate, resample: as for :meth:`quantize`.
            layer: ``"z"``, the encoder's output; ``"logits"`` of all codewords (Gumbel); ``"quantized"``, the chosen
                codewords; ``"c"``, the output of the aggregator or transformer; ``"layer.N"`` of a transformer, N from
                1 on. What a layer needs stays in memory until the model is closed.

        Returns:
            float32 [T, D].

        Raises:
            ValueError: as for :meth:`quantize`; a layer that the model has not.
            OSError: there is no room for temporary files, or not the memory for the result.

        >>> model.extract(waveform, 16000, layer="z").dtype.name
        'float32'
        """
        handle, samples, features = self._handle, samples_of(waveform), Features()
        rate, flags = _rate(sample_rate), RESAMPLE * resample
        check(
            library.vqw2v_extract(
                handle.pointer, samples.ctypes.data, samples.size, rate, _layer(layer), flags, ctypes.byref(features)
            )
        )
        return array_of(features, np.float32)

    def extract_file(self, path: Path, *, layer: str = "z", resample: bool = False) -> FeatureArray:
        """What a layer computes for an audio file: see :meth:`extract` and :meth:`quantize_file`."""
        handle, features = self._handle, Features()
        name, flags = path_bytes(path), RESAMPLE * resample
        check(
            library.vqw2v_extract_file(handle.pointer, name, _layer(layer), flags, ctypes.byref(features))
        )
        return array_of(features, np.float32)

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._open is None

    def close(self) -> None:
        """Gives back the model's memory, once calls that are at work have returned. Later calls are refused."""
        self._open = None

    def __enter__(self) -> "Model":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Tuple[Any, ...]:
        return (Model, self._paths)

    def __repr__(self) -> str:
        names = ", ".join(repr(os.fspath(path)) for path in self._paths if path is not None)
        return f"<vqw2v.Model of {names}{', closed' if self.closed else ''}>"


def _rate(sample_rate: int) -> int:
    """A rate that fits the library's type."""
    if int(sample_rate) != sample_rate or not 0 < sample_rate < 1 << 31:
        raise ValueError(f"the sample rate must be a positive whole number of Hz, not {sample_rate}")
    return int(sample_rate)


def _layer(name: str) -> bytes:
    """The name of a layer as C takes it."""
    if "\0" in name:
        raise ValueError(f"there is no layer {name!r}")
    return name.encode()


def load(checkpoint: Optional[Path] = None, *, clusters: Optional[Path] = None) -> Model:
    """Opens what makes ids.

    Args:
        checkpoint: a checkpoint of vqw2v (``best.safetensors``, or the folder of a run), of fairseq (``.pt``), or the
            folder of a model of Hugging Face.
        clusters: a file that ``vqw2v cluster`` wrote: its numbers are the ids in place of the model's own. Clusters of
            MFCCs need no checkpoint.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, truncated, or something else than a checkpoint.

    >>> vqw2v.load("nothing.pt")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nothing.pt cannot be read: No such file or directory; check the path; folders must exist already
    """
    return Model(checkpoint, clusters)
