"""Which sources do not let their data be handed on."""

import re
from collections.abc import Sequence

from data.errors import InputError
from data.intake.rows import listed
from data.schemas import Load

_FORBIDS = re.compile(
    r"(?i)\bno[- ]?deriv|\bby(-nc)?-nd\b|all rights reserved|proprietary|confidential|internal use"
    r"|\bno[t]?\b[^.]{0,30}\bredistribut|do not (share|distribute)"
)
"""Words of a licence that forbid to hand the data on, or to hand it on changed."""


def forbidding(loads: Sequence[Load]) -> list[Load]:
    """The loads whose licence does not let their data be handed on in another form."""
    return [load for load in loads if load.rows_used and _FORBIDS.search(load.licence)]


def check_licences(loads: Sequence[Load], confirmed: bool) -> None:
    """Raise InputError where a source forbids to hand its data on, and nobody has confirmed that it may be."""
    found = [] if confirmed else forbidding(loads)
    if found:
        raise InputError(
            "The licence of {files} (“{licence}”) does not let its data be handed on; confirm that you may, or leave "
            "its prompts out.",
            files=listed([load.file for load in found], 1),
            licence=found[0].licence[:80],
        )
