"""Discrete units of speech: token ids and features of audio, by vq-wav2vec, wav2vec and wav2vec 2.0.

>>> with vqw2v.load(checkpoint) as model:
...     ids = model.quantize(waveform, sample_rate=16000)
>>> ids.shape, ids.dtype.name
((61, 2), 'int32')

Ids are those of the command ``vqw2v quantize``, bit for bit, and errors have its sentences: ``FileNotFoundError`` for a
file that is not there, ``ValueError`` for one that cannot be used and for a waveform that cannot be meant, ``OSError``
where the system refuses. While a call is at work other Python threads run.
"""

from ._library import __version__, set_threads, threads
from ._model import Model, load

__all__ = ["Model", "__version__", "load", "set_threads", "threads"]
