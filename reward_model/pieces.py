"""Numbers that the pieces of a static embedding tell: how unusual the spelling is, how close to the prompt."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from reward_model.embedding import Reading, Vectors, embeddings

PIECES: Mapping[str, str] = {
    "pieces_per_word": "Pieces a word (rare and misspelt words fall into more)",
    "rare_pieces": "Share of rare pieces",
    "like_prompt": "Closeness in meaning to the prompt",
    "ending_like_prompt": "Closeness of its last words to the prompt",
}
"""Name → label; the order is that of the columns."""
ENDING = 200
"""Characters at the end of a response."""


def piece_rows(
    items: Sequence[tuple[str, str]], words: npt.NDArray[np.float64], read: Reading, *, closeness: bool = True
) -> npt.NDArray[np.float64]:
    """The features of `PIECES`, items × 4, for prompts and responses; closeness is 0 unless it is asked for.

    `words` counts the words of each response, `read` is what was read of the responses.
    """
    rows = np.zeros((len(items), len(PIECES)))
    rows[:, 0] = read.pieces / np.maximum(words, 1)
    rows[:, 1] = read.rare / np.maximum(read.pieces, 1)
    if closeness:
        prompts, ends = _each_once([prompt for prompt, _ in items]), [response[-ENDING:] for _, response in items]
        rows[:, 2], rows[:, 3] = _closeness(read.vectors, prompts), _closeness(embeddings(ends), prompts)
    return rows


def _each_once(texts: Sequence[str]) -> Vectors:
    """The embeddings of texts of which many are the same."""
    place = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    return embeddings(list(place))[[place[text] for text in texts]]


def _closeness(some: Vectors, others: Vectors) -> npt.NDArray[np.float32]:
    """The cosine of vectors of length 1 (or 0), row by row."""
    return np.asarray(np.einsum("ij,ij->i", some, others))
