"""An optional extra: the sentence encoder that somebody names, from a folder of this machine or from the Hub.

It needs the package sentence-transformers (`pip install -r requirements-encoder.txt`). Without a name nothing of this
is loaded. Code that comes with a model is never run (`trust_remote_code` stays off).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from data.errors import InputError, Sentence

MOST_DIMENSIONS = 1_024
"""Columns that are kept for an encoder; one with fewer dimensions leaves the last empty."""


def encoded(texts: Sequence[str], name: str) -> npt.NDArray[np.float32]:
    """The encoder's embeddings, texts × `MOST_DIMENSIONS`, of length 1, or 0 for an empty text.

    InputError when the package is missing, when there is no such encoder, or when it has more dimensions.
    """
    found = np.zeros((len(texts), MOST_DIMENSIONS), dtype=np.float32)
    some = [at for at, text in enumerate(texts) if text.strip()]
    if some:
        vectors = _encoder(name).encode(
            [texts[at] for at in some], normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        found[some, : _fitting(vectors.shape[1], name)] = vectors
    return found


def _fitting(dimensions: int, name: str) -> int:
    if dimensions > MOST_DIMENSIONS:
        raise InputError(
            "The encoder “{name}” has {n} dimensions; name one with at most {most}.",
            name=name,
            n=dimensions,
            most=MOST_DIMENSIONS,
        )
    return dimensions


@lru_cache(maxsize=2)
def _encoder(name: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise InputError(
            "The encoder “{name}” needs the package sentence-transformers; install it with “pip install -r "
            "requirements-encoder.txt”, or fit without an encoder.",
            name=name,
        ) from None
    try:
        return SentenceTransformer(name)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:200]
        fault = Sentence("The encoder “{name}” cannot be loaded: {reason} Name a folder, or a model of the Hub.")
        raise InputError(fault, name=name, reason=reason) from None
