"""What all schemas share: their base, bounded text and names, rankings, fingerprints."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_TEXT = 200_000
"""Characters in one prompt message, response, guideline."""
MAX_NOTE = 5_000


class Schema(BaseModel):
    """What all schemas share: frozen, no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _readable(text: str) -> str:
    """Text that every store and file format can hold; pydantic itself refuses half of a surrogate pair."""
    if "\x00" in text:
        raise ValueError("contains a NUL character; remove it.")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; give it some text.")
    return text


def _short(text: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9-]{0,39}", text):
        raise ValueError("is not a short name; write 1 to 40 of a–z, 0–9 and dashes, a letter first.")
    return text


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_readable)]
FilledText = Annotated[Text, AfterValidator(_not_blank)]
Note = Annotated[str, Field(max_length=MAX_NOTE), AfterValidator(_readable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_readable), AfterValidator(_not_blank)]
Slug = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_short)]
"""The name of a flag, a topic or a criterion in data: a–z, 0–9 and dashes."""
Language = Annotated[str, Field(pattern="^([a-z]{2,3})?$")]
"""A language as ISO 639-1 (or 639-3) names it; empty where it is not known."""
Label = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_readable), AfterValidator(_not_blank)]
Saying = Annotated[str, Field(max_length=1000), AfterValidator(_readable)]
"""A definition or an example."""
Ranking = tuple[tuple[str, ...], ...]
"""Tiers of response ids, best first; two ids in one tier are a tie."""


def compatible(text: str) -> str:
    """The text in form NFKC of Unicode, made piece by piece: a long run of combining marks as a whole takes minutes."""
    return "".join(unicodedata.normalize("NFKC", text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))


_PIECE = 1_000


def fingerprint(parts: Iterable[str]) -> str:
    """32 hexadecimal digits that follow from the parts and their borders (BLAKE2b, 128 bits)."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
