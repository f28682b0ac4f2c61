"""A version of the dataset that was handed over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from data.schemas.base import Name, Schema


class DatasetFile(Schema):
    """One file of a version: its name, its rows and prompts, its size in bytes and the SHA-256 of them."""

    name: Name
    side: str
    rows: Annotated[int, Field(ge=0)]
    prompts: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=0)]
    sha256: str


class DatasetVersion(Schema):
    """An export as it was handed over; it never changes, and can be written again bit for bit.

    `number` counts from 1 in a project; `choice` is everything that was chosen for it; `left_out` maps a reason to a
    number of `unit`; `sha256` is that of the files' own. `note` is what its maker says of it.
    """

    number: Annotated[int, Field(ge=1)]
    format: Name
    unit: Name
    choice: Mapping[str, Any]
    files: tuple[DatasetFile, ...]
    rows: int
    left_out: Mapping[str, int]
    sha256: str
    note: str = ""
    created_by: Name
    created_at: datetime
